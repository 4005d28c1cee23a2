//! Tables of how well models do.

use std::io::Write;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::metrics::{Metric, auroc, delong, measure_names, measures};

use crate::exit::{Input, Usage};
use crate::output::cells;
use crate::quoted;
use crate::talk::say;

/// Confidence of the interval of a difference.
const LEVEL: f64 = 0.95;

/// A model and what it says of the data.
pub struct Scored {
    pub name: String,
    pub loss: Loss,
    /// Names of the outputs; none if there is one only.
    pub outputs: Vec<String>,
    /// `[sequences, outputs]`.
    pub scores: Vec<f64>,
}

impl Scored {
    /// Refuses classes that the model does not know.
    pub fn check_classes(&self, labels: &[f64]) -> anyhow::Result<()> {
        let classes = self.outputs.len();
        match labels.iter().find(|&&label| label >= classes as f64) {
            None => Ok(()),
            Some(label) => {
                let message =
                    format!("there is a sequence of class {label}, and {} knows {classes} classes", self.name);
                Err(Input(message).into())
            }
        }
    }

    /// The scores of one output: the only one, or that of a name.
    pub fn output(&self, wanted: Option<&String>) -> anyhow::Result<Chosen<'_>> {
        let (outputs, name) = (self.outputs.len().max(1), &self.name);
        let place = match (wanted, self.outputs.as_slice()) {
            (_, []) => 0,
            (None, outputs) => {
                let message = format!(
                    "{name} has the outputs {}, and the data are of one task: choose one by --output",
                    outputs.join(", ")
                );
                return Err(Usage(message).into());
            }
            (Some(wanted), outputs) => outputs
                .iter()
                .position(|output| output == wanted)
                .ok_or_else(|| Usage(format!("{name} has no output {wanted}: it has {}", outputs.join(", "))))?,
        };
        let scores = self.scores.iter().skip(place).step_by(outputs).copied().collect();
        Ok(Chosen { name, loss: self.loss, scores })
    }
}

/// A model and the scores of one of its outputs.
pub struct Chosen<'a> {
    name: &'a str,
    loss: Loss,
    scores: Vec<f64>,
}

/// One task: known labels, and scores of the same sequences.
pub struct Task<'a> {
    name: Option<&'a String>,
    labels: Vec<f64>,
    models: Vec<Chosen<'a>>,
}

impl<'a> Task<'a> {
    pub fn new(name: Option<&'a String>, data: &LabelledSequences, task: usize, mut models: Vec<Chosen<'a>>) -> Self {
        let all: Vec<f64> = data.labels().iter().skip(task).step_by(data.task_count()).copied().collect();
        for model in &mut models {
            let known = model.scores.iter().zip(&all).filter(|(_, label)| !label.is_nan());
            model.scores = known.map(|(score, _)| *score).collect();
        }
        Self { name, labels: data.known_labels(task).collect(), models }
    }

    fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label > 0.5).count()
    }

    /// Says why there is no AUROC, if there is none.
    pub fn explain(&self) {
        let reason = self.models.first().and_then(|model| auroc(&model.scores, &self.labels).reason());
        if let Some(reason) = reason {
            let missing = if self.positives() > 0 { "negatives (--negatives makes some)" } else { "positives" };
            let of = self.name.map(|name| format!(" of {name}")).unwrap_or_default();
            say(format_args!("the AUROC{of} is not defined, {reason}: give {missing}, too"));
        }
    }

    fn cell(&self) -> String {
        self.name.map(|name| format!("{name}\t")).unwrap_or_default()
    }
}

fn task_column(tasks: &[Task<'_>]) -> &'static str {
    if tasks.iter().any(|task| task.name.is_some()) { "task\t" } else { "" }
}

pub fn write_two_classes(out: &mut dyn Write, tasks: &[Task<'_>]) -> anyhow::Result<()> {
    let several = tasks.iter().any(|task| task.models.len() > 1);
    let measured = measure_names(Loss::Logistic).join("\t");
    write!(out, "model\t{}records\tpositives\tnegatives\t{measured}", task_column(tasks))?;
    write!(out, "{}", if several { "\tdifference\tdifference_low\tdifference_high\tp_value" } else { "" })?;
    writeln!(out, "\t{}", quoted::TWO_CLASSES.join("\t"))?;
    for task in tasks {
        let (labels, positives) = (&task.labels, task.positives());
        for (row, Chosen { name, loss, scores }) in task.models.iter().enumerate() {
            let (records, measured) = (labels.len(), cells(&measures(*loss, 1, scores, labels)));
            let negatives = records - positives;
            write!(out, "{name}\t{}{records}\t{positives}\t{negatives}\t{measured}", task.cell())?;
            if several {
                let comparison = if row == 0 { None } else { compare(scores, &task.models[0].scores, labels) };
                write!(out, "\t{}", comparison.unwrap_or_else(|| "NA\tNA\tNA\tNA".to_owned()))?;
            }
            writeln!(out, "\t{}", cells(&quoted::two_classes(scores, labels)))?;
        }
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

pub fn write_measurements(out: &mut dyn Write, tasks: &[Task<'_>]) -> anyhow::Result<()> {
    let (measured, quoted) = (measure_names(Loss::Squared).join("\t"), quoted::MEASUREMENTS.join("\t"));
    writeln!(out, "model\t{}records\t{measured}\t{quoted}", task_column(tasks))?;
    for task in tasks {
        for Chosen { name, scores, .. } in &task.models {
            let measured = cells(&measures(Loss::Squared, 1, scores, &task.labels));
            let quoted = cells(&quoted::measurements(scores, &task.labels));
            writeln!(out, "{name}\t{}{}\t{measured}\t{quoted}", task.cell(), task.labels.len())?;
        }
    }
    Ok(())
}

pub fn write_several_classes(out: &mut dyn Write, labels: &[f64], models: &[Scored]) -> anyhow::Result<()> {
    let mut classes: Vec<&String> = Vec::new();
    for name in models.iter().flat_map(|model| &model.outputs) {
        if !classes.contains(&name) {
            classes.push(name);
        }
    }
    write!(out, "model\trecords\tclasses\t{}", measure_names(Loss::Multinomial).join("\t"))?;
    write!(out, "\t{}", quoted::CLASSES.join("\t"))?;
    classes.iter().try_for_each(|class| write!(out, "\tauroc:{class}"))?;
    writeln!(out)?;
    for Scored { name, outputs, scores, .. } in models {
        let count = outputs.len().max(1);
        let measured = cells(&measures(Loss::Multinomial, count, scores, labels));
        let (quoted, areas) = quoted::classes(count, scores, labels);
        let area = |class: &&String| outputs.iter().position(|name| name == *class).and_then(|place| areas[place]);
        let areas = cells(&classes.iter().map(area).collect::<Vec<_>>());
        writeln!(out, "{name}\t{}\t{count}\t{measured}\t{}\t{areas}", labels.len(), cells(&quoted))?;
    }
    Ok(())
}
