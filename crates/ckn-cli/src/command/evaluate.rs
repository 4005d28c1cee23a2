use std::io::Write;
use std::path::{Path, PathBuf};

use ckn::bio::{EncodedSequences, LabelledSequences, Likeness, io, leaks};
use ckn::core::loss::Loss;
use ckn::core::metrics::{Metric, accuracy, auprc, auroc, log_loss, pearson, spearman};
use ckn::model::Model;
use clap::Args;

use crate::exit::{self, Usage};
use crate::input::{Mode, NegativesArguments, Source, Unasked, check_labels, only_positives};
use crate::output::write_results;
use crate::talk::say;

/// Compare a model's scores with known labels
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table of one row: model, records, positives, negatives, auroc, auprc, accuracy (at score 0) \
and log_loss (nats).\nFor a model of measurements (--loss squared): model, records, auroc (if the labels are 0 and 1), \
mean_squared_error, pearson and spearman.\nWhat is not defined, such as the AUROC of one class, is NA.\n\nExamples:\n  \
ckn evaluate model.ckn --seq ELK1_B.seq.gz\n  ckn evaluate model.ckn --pos test_bound.fa --neg test_unbound.fa\n  \
ckn evaluate model.ckn --bed test.bed --genome hg38.2bit --window 101 --negatives genome"
)]
pub struct Evaluate {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    negatives: NegativesArguments,
    /// Root of the random streams of --negatives
    #[arg(long, default_value_t = 0, requires = "negatives")]
    seed: u64,
    /// Sequences of the training (FASTA, FASTQ or table): warns of those that the test data hold, too
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Accept several sequences of the same name in a file
    #[arg(long)]
    allow_duplicates: bool,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
}

impl Evaluate {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        self.source.check()?;
        if self.against.as_deref() == Some(Path::new("-")) && self.source.paths().any(|path| path == Path::new("-")) {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        self.negatives.check(Unasked::Nothing, self.source.intervals.genome.is_some())?;
        let model = Model::load(&self.model)?;
        let loaded = self.source.read(super::predict::alphabet_of(&model)?, Mode::All, self.allow_duplicates)?;
        let loss = model.card().loss;
        check_labels(&loaded.data, loss, ", as in the training of this model")?;
        let loaded = self.negatives.add(loaded, self.seed, Unasked::Nothing)?;
        loaded.notes.iter().for_each(say);
        let data = loaded.data;
        if let Some(path) = &self.against {
            warn_of_leaks(&data, &io::read_sequences(path, data.sequences().alphabet())?, path);
        }
        let scores = super::predict::scores(&model, data.sequences())?;
        match loss {
            Loss::Squared => write_results(None, false, |out| self.write_measurements(out, &data, &scores))?,
            _ => {
                let curve = auroc(&scores, data.labels());
                if let Some(reason) = curve.reason() {
                    let missing =
                        if only_positives(&data) { "negatives (--negatives makes some)" } else { "positives" };
                    say(format_args!("the AUROC is not defined, {reason}: give {missing}, too"));
                }
                write_results(None, false, |out| self.write_classes(out, &data, &scores, curve, loss))?;
            }
        }
        Ok(exit::DONE)
    }

    fn write_classes(
        &self,
        out: &mut dyn Write,
        data: &LabelledSequences,
        scores: &[f64],
        curve: Metric,
        loss: Loss,
    ) -> anyhow::Result<()> {
        let labels = data.labels();
        let positives = labels.iter().filter(|&&label| label > 0.5).count();
        // Only scores of the logistic loss are log-odds.
        let logarithmic = match loss {
            Loss::Logistic => format!("{:.6}", log_loss(scores, labels)),
            _ => "NA".to_owned(),
        };
        writeln!(out, "model\trecords\tpositives\tnegatives\tauroc\tauprc\taccuracy\tlog_loss")?;
        writeln!(
            out,
            "{}\t{}\t{positives}\t{}\t{curve:.6}\t{:.6}\t{:.6}\t{logarithmic}",
            self.model.display(),
            labels.len(),
            labels.len() - positives,
            auprc(scores, labels),
            accuracy(scores, labels, 0.0),
        )?;
        Ok(())
    }

    fn write_measurements(&self, out: &mut dyn Write, data: &LabelledSequences, scores: &[f64]) -> anyhow::Result<()> {
        let labels = data.labels();
        let two_classes = labels.iter().all(|&label| label == 0.0 || label == 1.0);
        let curve = if two_classes { format!("{:.6}", auroc(scores, labels)) } else { "NA".to_owned() };
        let squares = scores.iter().zip(labels).map(|(score, label)| (score - label).powi(2));
        writeln!(out, "model\trecords\tauroc\tmean_squared_error\tpearson\tspearman")?;
        writeln!(
            out,
            "{}\t{}\t{curve}\t{:.6}\t{:.6}\t{:.6}",
            self.model.display(),
            labels.len(),
            squares.sum::<f64>() / labels.len() as f64,
            pearson(scores, labels),
            spearman(scores, labels),
        )?;
        Ok(())
    }
}

/// Says how many of the data the training knew already.
fn warn_of_leaks(data: &LabelledSequences, training: &EncodedSequences, path: &Path) {
    let found = leaks(data.sequences(), training);
    let count = |kind: fn(&Likeness) -> bool| found.iter().filter(|leak| kind(&leak.likeness)).count();
    let identical = count(|kind| matches!(kind, Likeness::Identical));
    let reverse = count(|kind| matches!(kind, Likeness::ReverseComplement));
    let (all, records, path) = (found.len(), data.len(), path.display());
    say(match found.first() {
        None => format!("none of the {records} sequences leaks from {path}"),
        Some(first) => format!(
            "{all} of {records} sequences leak from {path}: {identical} identical, {reverse} reverse complements, {} \
             overlapping, the first of them `{}`: what is measured on them is too good",
            all - identical - reverse,
            data.sequences().ids()[first.record]
        ),
    });
}
