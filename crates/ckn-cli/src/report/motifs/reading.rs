//! The motifs of a model, read for its report: each output alone, with all that the page shows of them.

use ckn::bio::Alphabet;
use ckn::bio::motif::{Background, Motif, write_meme};
use ckn::interpret::{Error, JudgedMotif, MotifReading, MotifSequences, MotifSource, ReadingSettings};

use super::super::download::Download;
use super::super::halves::Contrast;
use super::super::{Material, Name, ReadOutput, number};
use super::pairs::pairs;
use super::sites::ShownSites;
use super::{DatabaseNote, MotifCard, MotifSection};
use crate::motif_reading::sites::write_site;
use crate::motif_reading::table;
use crate::plot::Glyphs;

/// Sites that a page holds at most, of all motifs together: each makes it longer.
const SITES: usize = 4_000;

/// The motifs of a model, for each output that is read, and the letters that their logos are made of; no motifs of a model that must be read from sequences where there are none.
pub fn read_motifs(material: &Material<'_>) -> anyhow::Result<(Vec<MotifSection>, Glyphs)> {
    let source = MotifSource::of(material.model);
    let (mut before, mut glyphs) = (0, Glyphs::default());
    let mut sections = Vec::new();
    for output in &material.outputs {
        if let Some(section) = read_output(material, source, output, before, &mut glyphs)? {
            before += section.cards.len();
            sections.push(section);
        }
    }
    Ok((sections, glyphs))
}

/// The motifs of one output, numbered on the page from those `before` it on.
fn read_output(
    material: &Material<'_>,
    model: MotifSource<'_>,
    output: &ReadOutput,
    before: usize,
    glyphs: &mut Glyphs,
) -> anyhow::Result<Option<MotifSection>> {
    let card = model.card();
    let alphabet = crate::command::predict::alphabet_of(card)?;
    let halves = output.halves.as_ref();
    let reading = MotifReading::new(ReadingSettings::of(output.place, alphabet));
    let found = match (reading.find(Some(model), halves), model, halves) {
        (Err(Error::NoWords { .. }), ..) | (_, MotifSource::Detectors(..), None) => return Ok(None),
        (found, ..) => found?,
    };
    let mut rows = reading.judge(Some(model), &found, halves)?;
    let database = material.known.as_ref().map(|(known, name)| DatabaseNote { name: name.clone(), size: known.len() });
    if let Some((known, _)) = &material.known {
        known.name(&mut rows)?;
    }
    let most = SITES / material.outputs.len().max(1) / rows.len().max(1);
    let both_strands = alphabet == Alphabet::Dna;
    let sites = match halves {
        None => rows.iter().map(|_| None).collect(),
        Some(halves) => rows
            .iter()
            .map(|row| Ok(Some(ShownSites::new(row, halves, both_strands, most)?)))
            .collect::<anyhow::Result<Vec<_>>>()?,
    };
    let downloads = downloads(&rows, &sites, alphabet, card.outputs.get(output.place).map(|_| output.place))?;
    let pairs = halves.map(|halves| pairs(&rows, halves, both_strands)).transpose()?;
    let cards = rows.iter().zip(sites).map(|(row, sites)| MotifCard::new(row, database.as_ref(), sites, glyphs));
    let cards = cards.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Some(MotifSection {
        output: output.place,
        name: card.outputs.get(output.place).map(Name::new),
        rows,
        before,
        cards,
        judged: halves.is_some(),
        by_scores: matches!(model, MotifSource::Scores(_)),
        searched: halves.map(searched),
        contrast: Contrast::of(card.loss),
        is_known: output.is_known,
        database,
        pairs,
        downloads,
    }))
}

/// Sequences that were searched, and positives and negatives that are evidence.
fn searched(halves: &MotifSequences) -> (String, String, String) {
    let count = |sequences: &ckn::bio::EncodedSequences| number::count(sequences.len());
    (count(&halves.searched), count(&halves.positives), count(&halves.negatives))
}

/// The motifs as files; of several outputs each has its number in the names.
fn downloads(
    rows: &[JudgedMotif],
    sites: &[Option<ShownSites>],
    alphabet: Alphabet,
    output: Option<usize>,
) -> anyhow::Result<Vec<Download>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let of_output = output.map(|place| format!("_{}", place + 1)).unwrap_or_default();
    let motifs: Vec<Motif> = rows.iter().map(JudgedMotif::named).collect();
    let mut meme = Vec::new();
    write_meme(&motifs, &Background::uniform(alphabet), alphabet == Alphabet::Dna, &mut meme)?;
    let mut tsv = Vec::new();
    table::write(&mut tsv, rows)?;
    let mut files = vec![
        Download::new(format!("motifs{of_output}.meme"), "matrices in the format of MEME", &meme),
        Download::new(format!("motifs{of_output}.tsv"), "the table of ckn motifs", &tsv),
    ];
    let (mut bed, mut left_out) = (Vec::new(), 0);
    for (row, sites) in rows.iter().zip(sites) {
        let Some(sites) = sites else { continue };
        sites.best.iter().try_for_each(|site| write_site(&mut bed, &row.found.motif.name, site))?;
        left_out += sites.all - sites.best.len();
    }
    if !bed.is_empty() {
        let what = if left_out > 0 { "the strongest sites of each motif" } else { "all sites" };
        files.push(Download::new(format!("sites{of_output}.bed"), what, &bed));
    }
    Ok(files)
}
