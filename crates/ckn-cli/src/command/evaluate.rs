use std::path::PathBuf;

use ckn::core::metrics::{accuracy, auprc, auroc, log_loss};
use ckn::model::Model;
use clap::Args;

use crate::exit;
use crate::input::{Mode, Source};
use crate::output::write_results;

/// Compare a model's scores with known labels
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table of one row: model, records, positives, negatives, auroc, auprc, accuracy (at score 0) \
and log_loss (nats). What is not defined, such as the AUROC of one class, is NA.\n\nExamples:\n  \
ckn evaluate model.ckn --seq ELK1_B.seq.gz\n  ckn evaluate model.ckn --pos test_bound.fa --neg test_unbound.fa"
)]
pub struct Evaluate {
    /// The model, as `ckn train` wrote it
    model: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
}

impl Evaluate {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let model = Model::load(&self.model)?;
        let data = self.source.read(super::predict::alphabet_of(&model)?, Mode::All, None)?;
        let scores = super::predict::scores(&model, data.sequences())?;
        let labels = data.labels();
        let positives = labels.iter().filter(|&&label| label > 0.5).count();
        let curve = auroc(&scores, labels);
        if let Some(reason) = curve.reason() {
            eprintln!("ckn: the AUROC is not defined: {reason}");
        }
        write_results(None, false, |out| {
            writeln!(out, "model\trecords\tpositives\tnegatives\tauroc\tauprc\taccuracy\tlog_loss")?;
            writeln!(
                out,
                "{}\t{}\t{positives}\t{}\t{curve:.6}\t{:.6}\t{:.6}\t{:.6}",
                self.model.display(),
                labels.len(),
                labels.len() - positives,
                auprc(&scores, labels),
                accuracy(&scores, labels, 0.0),
                log_loss(&scores, labels)
            )?;
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}
