//! What matrices of a model look like: information, zeros, and anchor points that no matrix is near to.

use std::fs;
use std::process::Command;

use anyhow::Context;

use super::cache::Entry;
use crate::compare::runs::{Program, Run, TEST, column};
use crate::compare::statistics::{deviation, mean};
use crate::reproduce::job::check;

/// How motifs are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Anchor points are projected on matrices of probabilities: the paper's second way, without sequences.
    Projection,
    /// Sites in the test sequences are counted: the paper's first way, and DeepBind's.
    Sites,
}

impl Way {
    /// Name of what is measured.
    pub(crate) fn quantity(self) -> &'static str {
        match self {
            Self::Projection => "motifs by projection",
            Self::Sites => "motifs by sites",
        }
    }
}

/// The matrices of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Motifs {
    pub(crate) count: f64,
    /// Mean bits of a matrix.
    pub(crate) information: f64,
    /// Bits of all matrices over their columns.
    pub(crate) per_letter: f64,
    /// Share of probabilities below 0.001.
    pub(crate) zeros: f64,
    /// Share of anchor points that are far from all matrices; NaN without anchor points.
    pub(crate) far: f64,
    /// Their mean absolute weight, over that of the others.
    pub(crate) far_weight: f64,
}

impl Motifs {
    /// As numbers of the table of results.
    fn values(self) -> Vec<f64> {
        vec![self.count, self.information, self.per_letter, self.zeros, self.far, self.far_weight]
    }

    /// From numbers of the table of results.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let [count, information, per_letter, zeros, far, far_weight] = *values else { return None };
        Some(Self { count, information, per_letter, zeros, far, far_weight })
    }
}

/// Means over models, in words.
pub(crate) fn said(models: &[Motifs]) -> String {
    let numbers = |number: fn(&Motifs) -> f64| {
        let numbers = models.iter().map(number).filter(|number| number.is_finite());
        numbers.collect::<Vec<f64>>()
    };
    let of = |number: fn(&Motifs) -> f64| mean(&numbers(number));
    let spread = deviation(&numbers(|model| model.per_letter));
    let spread = spread.map_or(String::new(), |deviation| format!(" (deviation {deviation:.2} over models)"));
    let far = of(|model| model.far);
    let weight = of(|model| model.far_weight);
    let anchors = match (far.is_nan(), weight.is_nan()) {
        (true, _) => String::new(),
        (false, true) => "; no anchor point is far from all matrices".to_owned(),
        (false, false) => format!(
            "; {:.1} % of the anchor points are far from all matrices, with {weight:.2} times the weight of the others",
            100.0 * far
        ),
    };
    format!(
        "{} models, {:.1} motifs each, {:.1} bits a motif, {:.2} bits a letter{spread}, {:.0} % zeros{anchors}",
        models.len(),
        of(|model| model.count),
        of(|model| model.information),
        of(|model| model.per_letter),
        100.0 * of(|model| model.zeros)
    )
}

/// Trains a model, and reads its motifs.
pub(crate) fn measure(run: &Run, program: &Program, way: Way) -> anyhow::Result<Entry> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (model, out) = (scratch.path().join("model.ckn"), scratch.path().join("motifs"));
    let seconds = run.train(program, &model)?.seconds;
    let mut command = Command::new(&program.path);
    command.arg("motifs").arg(&model).arg("--out").arg(&out).args([
        "--quiet",
        "--threads",
        &program.threads.to_string(),
    ]);
    match way {
        Way::Projection => command.args(["--by", "projection"]),
        Way::Sites => command.args(["--by", "sites", "--model-only"]).args(run.data(program, TEST)),
    };
    let found = command.output()?;
    check(&found).with_context(|| format!("motifs of {run}"))?;
    let table = String::from_utf8_lossy(&found.stdout);
    let numbers = |name| column(&table, name).with_context(|| format!("motifs of {run}: no {name} in\n{table}"));
    let (widths, information) = (numbers("width")?, numbers("information")?);
    let meme = fs::read_to_string(out.join("motifs.meme")).context("motifs.meme")?;
    let anchors = fs::read_to_string(out.join("anchors.tsv")).unwrap_or_default();
    let (far, far_weight) = far_anchors(&anchors);
    let per_letter = information.iter().sum::<f64>() / widths.iter().sum::<f64>();
    let (count, zeros) = (widths.len() as f64, zeros(&meme));
    let motifs = Motifs { count, information: mean(&information), per_letter, zeros, far, far_weight };
    Ok(Entry { seconds, values: motifs.values() })
}

/// Share of the probabilities of MEME matrices that are next to nothing.
fn zeros(meme: &str) -> f64 {
    let row = |line: &str| line.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>().ok();
    let probabilities: Vec<f64> = meme.lines().filter_map(row).filter(|row| row.len() == 4).flatten().collect();
    probabilities.iter().filter(|&&probability| probability < 0.001).count() as f64 / probabilities.len() as f64
}

/// Share of anchor points far from all matrices, and their mean absolute weight over that of the others.
fn far_anchors(table: &str) -> (f64, f64) {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let place = |name: &str| header.iter().position(|column| *column == name);
    let (Some(weight), Some(verdict)) = (place("weight"), place("verdict")) else { return (f64::NAN, f64::NAN) };
    let (mut far, mut near) = (Vec::new(), Vec::new());
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let size = cells.get(weight).and_then(|weight| weight.parse::<f64>().ok()).map_or(f64::NAN, f64::abs);
        let side = if cells.get(verdict) == Some(&"far from all matrices") { &mut far } else { &mut near };
        side.push(size);
    }
    (far.len() as f64 / (far.len() + near.len()) as f64, mean(&far) / mean(&near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_of_matrices_are_counted() {
        let meme = "MEME version 5\nA 0.25 C 0.25 G 0.25 T 0.25\nMOTIF a\n 0 0 0 1\n0.5 0.5 0 0\n";
        assert_eq!(zeros(meme), 5.0 / 8.0);
        assert!(zeros("").is_nan());
    }

    #[test]
    fn anchors_far_from_all_matrices_are_compared_with_the_others() {
        let table = "anchor\tweight\tverdict\n0\t-1\tfar from all matrices\n1\t3\tread\n2\t-5\ttells nothing apart\n";
        assert_eq!(far_anchors(table), (1.0 / 3.0, 0.25));
        assert!(far_anchors("").0.is_nan());
    }

    #[test]
    fn numbers_of_motifs_are_read_back() {
        let motifs = Motifs { count: 3.0, information: 12.0, per_letter: 1.0, zeros: 0.5, far: 0.25, far_weight: 0.1 };
        assert_eq!(Motifs::of(&motifs.values()), Some(motifs));
        assert_eq!(Motifs::of(&[1.0]), None);
    }
}
