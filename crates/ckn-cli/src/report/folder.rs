//! A report with its motifs beside it.

use std::fs;
use std::path::{Path, PathBuf};

use ckn::bio::motif::LogoColours;
use ckn::interpret::Neighbourhood;

use super::{Report, multiqc};
use crate::exit::Usage;
use crate::motif_reading::MotifFolder;
use crate::output::{check_apart, check_folder, write_results};

/// A folder of `report.html`, `ckn_mqc.tsv` for MultiQC, and of a network of one output `motifs.meme`, `motifs.tsv` and
/// `logos/*.svg`.
pub struct ReportFolder<'a> {
    pub path: &'a Path,
    /// Whether the files of an earlier run are replaced.
    pub force: bool,
}

const PAGE: &str = "report.html";
const MULTIQC: &str = "ckn_mqc.tsv";

impl ReportFolder<'_> {
    /// Checks, before any work, that the folder can be made or is empty, and that none of its files is used otherwise.
    pub fn check<'p>(&self, others: impl Iterator<Item = &'p Path> + Clone) -> anyhow::Result<()> {
        check_folder(self.path, self.force)?;
        let of_motifs = ["motifs.meme", "motifs.tsv", "matches.tsv", "combinations.tsv", "anchors.tsv", "sites.bed"];
        for name in [PAGE, MULTIQC].into_iter().chain(of_motifs) {
            check_apart(&self.path.join(name), others.clone())?;
        }
        Ok(())
    }

    /// Writes all files; returns the path of the page.
    pub fn write(&self, report: &Report<'_>) -> anyhow::Result<PathBuf> {
        let failed = |cause| Usage(format!("{} cannot be made: {cause}", self.path.display()));
        fs::create_dir_all(self.path).map_err(failed)?;
        // Of several outputs, motifs of the same names would be mixed: the page says how to write those of each.
        if let [section] = report.motifs.as_slice() {
            let model = report.material.model;
            let alphabet = crate::command::predict::alphabet_of(model.card())?;
            let folder = MotifFolder {
                path: self.path,
                force: self.force,
                colours: LogoColours::Classic,
                neighbourhood: Neighbourhood::default(),
                compared: section.database.is_some(),
            };
            let network = model.network().map(|network| (network, section.output));
            let halves = report.material.outputs.first().and_then(|output| output.halves.as_ref());
            folder.write(&section.rows, network, halves, alphabet)?;
        }
        let table = self.path.join(MULTIQC);
        write_results(Some(&table), self.force, |out| multiqc::write(out, report))?;
        let page = self.path.join(PAGE);
        report.write(&page, self.force)?;
        Ok(page)
    }
}
