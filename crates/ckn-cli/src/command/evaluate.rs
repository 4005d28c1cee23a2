use std::io::Write;
use std::path::PathBuf;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::metrics::{Metric, accuracy, auprc, auroc, delong, log_loss, pearson, spearman};
use ckn::model::AnyModel;
use clap::Args;

use crate::exit::{self, Usage};
use crate::input::{Mode, Source, check_labels, only_positives};
use crate::output::write_results;
use crate::talk::say;

/// Confidence of the interval of a difference.
const LEVEL: f64 = 0.95;

/// Compare the scores of models with known labels
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table of one row for each model: model, records, positives, negatives, auroc, auprc, accuracy \
(at score 0) and log_loss (nats).\nFor models of measurements (--loss squared): model, records, auroc (if the labels are 0 \
and 1), mean_squared_error, pearson and spearman.\nWhat is not defined, such as the AUROC of one class, is NA.\n\nWith \
several models of two classes there are four columns more, on the row's AUROC less that of the first row: difference, its \
95 % interval (difference_low, difference_high), and p_value, two-sided, of DeLong's test for two AUROCs on the same \
sequences.\n\nExamples:\n  ckn evaluate model.ckn --seq ELK1_B.seq.gz\n  \
ckn evaluate model.ckn --pos test_bound.fa --neg test_unbound.fa\n  \
ckn evaluate baseline.ckn model.ckn --pos test_bound.fa --neg test_unbound.fa"
)]
pub struct Evaluate {
    /// Models, as `ckn train` wrote them
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    /// Accept several sequences of the same name in a file
    #[arg(long)]
    allow_duplicates: bool,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
}

/// A model and what it says of the data.
struct Scored {
    name: String,
    loss: Loss,
    scores: Vec<f64>,
}

impl Evaluate {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let models = self.models.iter().map(|path| AnyModel::load(path)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = models.first() else {
            return Err(Usage("give a model".into()).into());
        };
        let (alphabet, loss) = (super::predict::alphabet_of(first.card())?, first.card().loss);
        for (path, model) in self.models.iter().zip(&models) {
            let card = model.card();
            let of_another_kind = if card.alphabet != first.card().alphabet {
                "alphabet"
            } else if card.loss.is_classification() != loss.is_classification() {
                "kind of labels (classes or measurements)"
            } else {
                continue;
            };
            let (path, first) = (path.display(), self.models[0].display());
            let message = format!("{path} has another {of_another_kind} than {first}: evaluate them one by one");
            return Err(Usage(message).into());
        }
        let data = self.source.read(alphabet, Mode::All, self.allow_duplicates)?;
        check_labels(&data, loss, ", as in the training of this model")?;
        let scored = self.models.iter().zip(&models).map(|(path, model)| {
            let scores = super::predict::scores(model, data.sequences())?;
            Ok(Scored { name: path.display().to_string(), loss: model.card().loss, scores })
        });
        let scored = scored.collect::<anyhow::Result<Vec<_>>>()?;
        if loss == Loss::Squared {
            write_results(None, false, |out| write_measurements(out, &data, &scored))?;
            return Ok(exit::DONE);
        }
        if let Some(reason) = auroc(&scored[0].scores, data.labels()).reason() {
            let missing = if only_positives(&data) { "negatives (ckn shuffle makes some)" } else { "positives" };
            say(format_args!("the AUROC is not defined, {reason}: give {missing}, too"));
        }
        write_results(None, false, |out| write_classes(out, &data, &scored))?;
        Ok(exit::DONE)
    }
}

fn write_classes(out: &mut dyn Write, data: &LabelledSequences, models: &[Scored]) -> anyhow::Result<()> {
    let labels = data.labels();
    let positives = labels.iter().filter(|&&label| label > 0.5).count();
    write!(out, "model\trecords\tpositives\tnegatives\tauroc\tauprc\taccuracy\tlog_loss")?;
    writeln!(out, "{}", if models.len() > 1 { "\tdifference\tdifference_low\tdifference_high\tp_value" } else { "" })?;
    for (row, Scored { name, loss, scores }) in models.iter().enumerate() {
        // Only scores of the logistic loss are log-odds.
        let logarithmic = match loss {
            Loss::Logistic => format!("{:.6}", log_loss(scores, labels)),
            _ => "NA".to_owned(),
        };
        write!(
            out,
            "{name}\t{}\t{positives}\t{}\t{:.6}\t{:.6}\t{:.6}\t{logarithmic}",
            labels.len(),
            labels.len() - positives,
            auroc(scores, labels),
            auprc(scores, labels),
            accuracy(scores, labels, 0.0),
        )?;
        if models.len() > 1 {
            let comparison = if row == 0 { None } else { compare(scores, &models[0].scores, labels) };
            write!(out, "\t{}", comparison.unwrap_or_else(|| "NA\tNA\tNA\tNA".to_owned()))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Cells of a comparison by DeLong's test; `None` if it is not defined.
fn compare(scores: &[f64], first: &[f64], labels: &[f64]) -> Option<String> {
    let compared = delong(scores, first, labels).ok()?;
    let (low, high) = compared.interval(LEVEL)?;
    // Far out in the tail, where fixed decimals would say 0.
    let p = match compared.p_value() {
        Metric::Value(p) if p < 1e-4 => format!("{p:.2e}"),
        p => format!("{p:.6}"),
    };
    Some(format!("{:.6}\t{low:.6}\t{high:.6}\t{p}", compared.difference()))
}

fn write_measurements(out: &mut dyn Write, data: &LabelledSequences, models: &[Scored]) -> anyhow::Result<()> {
    let labels = data.labels();
    let two_classes = labels.iter().all(|&label| label == 0.0 || label == 1.0);
    writeln!(out, "model\trecords\tauroc\tmean_squared_error\tpearson\tspearman")?;
    for Scored { name, scores, .. } in models {
        let curve = if two_classes { format!("{:.6}", auroc(scores, labels)) } else { "NA".to_owned() };
        let squares = scores.iter().zip(labels).map(|(score, label)| (score - label).powi(2));
        writeln!(
            out,
            "{name}\t{}\t{curve}\t{:.6}\t{:.6}\t{:.6}",
            labels.len(),
            squares.sum::<f64>() / labels.len() as f64,
            pearson(scores, labels),
            spearman(scores, labels),
        )?;
    }
    Ok(())
}
