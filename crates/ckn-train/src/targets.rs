//! What sequences are labelled with: one task, several tasks with missing labels, or classes.

use ckn_core::loss::Loss;

use crate::{Error, TrainingData};

/// Labels and losses of all tasks.
///
/// `(1/T) Σ_t (1/n_t) Σ_i L(y_it, f_t(x_i))` over the labels that are there (CKN-seq, section 2.3: every task counts
/// alike, however many labels it has).
#[derive(Debug, Clone)]
pub(crate) struct Targets<'a> {
    labels: &'a [f64],
    tasks: usize,
    /// Linear functions: one a task, or one a class.
    outputs: usize,
    loss: Loss,
    /// Weight of positives, by task.
    positive_weights: Vec<f64>,
}

/// Most classes of the multinomial loss.
const MAX_CLASSES: usize = 1024;

/// How much is made of a class.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeight {
    /// Positives count so much, negatives 1.
    Positives(f64),
    /// Positives and negatives of a task count alike as a whole: positives weigh negatives/positives.
    Balanced,
}

impl<'a> Targets<'a> {
    /// Checks the labels.
    pub(crate) fn new(
        data: TrainingData<'a>,
        records: &[usize],
        loss: Loss,
        class_weight: ClassWeight,
    ) -> Result<Self, Error> {
        let tasks = data.tasks;
        let expected = data.view.len() * tasks;
        if data.labels.len() != expected || tasks == 0 {
            return Err(Error::Labels { labels: data.labels.len(), sequences: expected });
        }
        if let Some(&record) = records.iter().find(|&&record| record >= data.view.len()) {
            return Err(Error::Split { record, records: data.view.len() });
        }
        let of_task = |task: usize| records.iter().map(move |&record| data.labels[record * tasks + task]);
        let classes = match loss {
            Loss::Multinomial if tasks == 1 => of_task(0).fold(0.0, f64::max) as usize + 1,
            Loss::Multinomial => {
                return Err(Error::Setting {
                    name: "tasks",
                    got: tasks as f64,
                    expected: "1 with the multinomial loss, whose classes are labels of one task",
                });
            }
            _ => 1,
        };
        if classes > MAX_CLASSES {
            let expected = "at most 1024: labels of classes are numbered from 0";
            return Err(Error::Setting { name: "classes", got: classes as f64, expected });
        }
        let labels = records.iter().flat_map(|&record| &data.labels[record * tasks..][..tasks]);
        for &label in labels.filter(|label| tasks == 1 || !label.is_nan()) {
            loss.check_label(label, classes.max(2))?;
        }
        let mut targets = Self {
            labels: data.labels,
            tasks,
            outputs: if loss == Loss::Multinomial { classes } else { tasks },
            loss,
            positive_weights: Vec::new(),
        };
        for task in 0..tasks {
            let present =
                |positive: bool| of_task(task).filter(|label| !label.is_nan() && (*label > 0.5) == positive).count();
            let (positives, negatives) = (present(true), present(false));
            if positives + negatives < 2 {
                return Err(Error::Task { task, positives, negatives });
            }
            if targets.is_binary() && (positives < 2 || negatives < 2) {
                return Err(match tasks {
                    1 => Error::Classes { positives, negatives },
                    _ => Error::Task { task, positives, negatives },
                });
            }
            targets.positive_weights.push(match class_weight {
                // Other losses know no positives.
                _ if !targets.is_binary() => 1.0,
                ClassWeight::Positives(weight) => weight,
                ClassWeight::Balanced => negatives as f64 / positives as f64,
            });
        }
        if loss == Loss::Multinomial {
            for class in 0..classes {
                let records = of_task(0).filter(|&label| label == class as f64).count();
                if records < 2 {
                    return Err(Error::Class { class, records });
                }
            }
        }
        Ok(targets)
    }

    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    pub(crate) fn loss(&self) -> Loss {
        self.loss
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn records(&self) -> usize {
        self.labels.len() / self.tasks
    }

    /// Whether labels are two classes.
    pub(crate) fn is_binary(&self) -> bool {
        matches!(self.loss, Loss::Logistic | Loss::SquaredHinge)
    }

    /// A record's label for a task; `None` if it is missing.
    pub(crate) fn label(&self, record: usize, task: usize) -> Option<f64> {
        let label = self.labels[record * self.tasks + task];
        (!label.is_nan()).then_some(label)
    }

    /// What records must have in common to be split alike: of each task whether there is a label, and its class.
    pub(crate) fn pattern(&self, record: usize) -> Vec<u32> {
        let class = |label: Option<f64>| match (label, self.loss) {
            (None, _) => 0,
            (Some(label), Loss::Multinomial) => label as u32 + 1,
            (Some(_), Loss::Squared) => 1,
            (Some(label), _) => 1 + u32::from(label > 0.5),
        };
        (0..self.tasks).map(|task| class(self.label(record, task))).collect()
    }

    pub(crate) fn positive_weight(&self, task: usize) -> f64 {
        self.positive_weights[task]
    }

    /// Adds each task's loss on one record to its sum and its count.
    pub(crate) fn add_losses(&self, record: usize, scores: &[f64], sums: &mut [(f64, usize)]) {
        if self.loss == Loss::Multinomial {
            let label = self.labels[record];
            sums[0].0 += self.loss.value_row(scores, label as usize);
            sums[0].1 += 1;
            return;
        }
        for (task, (sum, score)) in sums.iter_mut().zip(scores).enumerate() {
            if let Some(label) = self.label(record, task) {
                sum.0 += self.weight(task, label) * self.loss.value(*score, label);
                sum.1 += 1;
            }
        }
    }

    /// `∂/∂f` of a record's losses, each times the share of its task.
    pub(crate) fn slopes(&self, record: usize, scores: &[f64], shares: &[f64], slopes: &mut [f64]) {
        if self.loss == Loss::Multinomial {
            self.loss.gradient_row(scores, self.labels[record] as usize, slopes);
            slopes.iter_mut().for_each(|slope| *slope *= shares[0]);
            return;
        }
        for (task, (slope, score)) in slopes.iter_mut().zip(scores).enumerate() {
            *slope = match self.label(record, task) {
                Some(label) => shares[task] * self.weight(task, label) * self.loss.derivative(*score, label),
                None => 0.0,
            };
        }
    }

    /// A mean of losses as [`reported`] of this loss.
    pub(crate) fn reported(&self, mean: f64) -> f64 {
        reported(self.loss, mean)
    }

    /// Weight of the loss of a label.
    pub(crate) fn weight(&self, task: usize, label: f64) -> f64 {
        if label > 0.5 { self.positive_weights[task] } else { 1.0 }
    }
}

/// What a mean of losses is told as: squared losses as the mean squared error, which is twice the mean of `½ (f − y)²`, the
/// number that an evaluation gives. Twice is exact: no choice between epochs depends on it.
pub(crate) fn reported(loss: Loss, mean: f64) -> f64 {
    if loss == Loss::Squared { 2.0 * mean } else { mean }
}

/// The mean over tasks of their mean losses, tasks without a label left out.
pub(crate) fn mean_loss(sums: &[(f64, usize)]) -> f64 {
    let means: Vec<f64> = sums.iter().filter(|(_, count)| *count > 0).map(|(sum, count)| sum / *count as f64).collect();
    means.iter().sum::<f64>() / means.len() as f64
}
