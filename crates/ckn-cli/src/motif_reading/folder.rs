//! The folder that motifs are written to.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ckn::bio::Alphabet;
use ckn::bio::motif::{Background, LogoColours, LogoOptions, Motif, logo_svg, write_meme};
use ckn::interpret::{JudgedMotif, MotifSequences, Neighbourhood, combinations, judged_anchors};
use ckn::model::NetworkView;

use super::sites::write_sites;
use super::table;
use crate::exit::Usage;
use crate::output::write_results;

/// A folder of motifs: `motifs.meme`, `motifs.tsv`, `logos/*.svg`, where there are sequences `sites.bed`, where motifs are known `matches.tsv`, of
/// networks `anchors.tsv`, and of those of several layers `combinations.tsv`.
pub struct MotifFolder<'a> {
    pub path: &'a Path,
    /// Whether the files of an earlier run are replaced.
    pub force: bool,
    pub colours: LogoColours,
    /// How far from its projection an anchor that was read may be.
    pub neighbourhood: Neighbourhood,
    /// Whether the motifs were compared with known ones.
    pub compared: bool,
}

impl MotifFolder<'_> {
    /// Writes all files, for an output of a network or of another model; those of an earlier run that this one has not are removed.
    pub fn write(
        &self,
        rows: &[JudgedMotif],
        network: Option<(NetworkView<'_>, usize)>,
        halves: Option<&MotifSequences>,
        alphabet: Alphabet,
    ) -> anyhow::Result<()> {
        let both_strands = alphabet == Alphabet::Dna;
        let logos = self.path.join("logos");
        fs::create_dir_all(&logos).map_err(|cause| Usage(format!("{} cannot be made: {cause}", logos.display())))?;
        remove_old_logos(&logos)?;
        for row in rows {
            let motif = &row.found.motif;
            let title = row.known().map(|known| format!("{} ({})", motif.name, known.label()));
            let title = title.unwrap_or_else(|| motif.name.clone());
            self.draw(motif, title.clone(), &logos.join(format!("{}.svg", motif.name)))?;
            if both_strands {
                let (turned, title) = (motif.reverse_complement()?, format!("{title}, reverse complement"));
                self.draw(&turned, title, &logos.join(format!("{}.reverse.svg", motif.name)))?;
            }
        }
        let motifs: Vec<Motif> = rows.iter().map(JudgedMotif::named).collect();
        let file = |name: &str| self.path.join(name);
        write_results(Some(&file("motifs.meme")), self.force, |out| {
            Ok(write_meme(&motifs, &Background::uniform(alphabet), both_strands, out)?)
        })?;
        match network {
            None => self.remove_old("anchors.tsv")?,
            Some((network, output)) => {
                let anchors = judged_anchors(network, output, self.neighbourhood)?;
                write_results(Some(&file("anchors.tsv")), self.force, |out| table::write_anchors(out, &anchors))?;
            }
        }
        let combined = network.map(|(network, output)| combinations(network, output)).transpose()?.unwrap_or_default();
        match combined.as_slice() {
            [] => self.remove_old("combinations.tsv")?,
            combined => write_results(Some(&file("combinations.tsv")), self.force, |out| {
                table::write_combinations(out, combined, rows)
            })?,
        }
        match halves {
            None => self.remove_old("sites.bed")?,
            Some(halves) => {
                write_results(Some(&file("sites.bed")), self.force, |out| write_sites(out, rows, halves, both_strands))?
            }
        }
        match self.compared {
            false => self.remove_old("matches.tsv")?,
            true => {
                write_results(Some(&file("matches.tsv")), self.force, |out| table::write_matches(out, rows))?;
            }
        }
        write_results(Some(&file("motifs.tsv")), self.force, |out| table::write(out, rows))
    }

    fn draw(&self, motif: &Motif, title: String, path: &Path) -> anyhow::Result<()> {
        let options = LogoOptions { title: Some(title), colours: self.colours, ..LogoOptions::default() };
        let svg = logo_svg(&motif.probabilities, &options)?;
        write_results(Some(path), self.force, |out| Ok(out.write_all(svg.as_bytes())?))
    }

    fn remove_old(&self, name: &str) -> anyhow::Result<()> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                Err(Usage(format!("{} cannot be removed: {cause}", path.display())).into())
            }
            _ => Ok(()),
        }
    }
}

/// Logos of an earlier run must not stand beside those of this one.
fn remove_old_logos(folder: &Path) -> anyhow::Result<()> {
    let failed = |cause| Usage(format!("{} cannot be emptied: {cause}", folder.display()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("motif_") && name.ends_with(".svg") {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}
