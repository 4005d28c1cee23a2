//! The alternating optimiser.

use std::ops::{ControlFlow, Range};

use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::solver::Termination;
use ckn_model::{LinearHead, Network};
use rand::seq::SliceRandom;
use serde::Serialize;

use crate::adam::Adam;
use crate::anchors::place_anchors;
use crate::heads::{FittedHeads, fit_heads};
use crate::judged::Judged;
use crate::plateau::Plateau;
use crate::targets::Targets;
use crate::{
    CheckedTrainConfig, Engine, EpochRecord, Error, Event, Observer, Selection, Split, TrainingData, split_validation,
};

/// Why a training stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not fall for the epochs of `early_stop`.
    EarlyStop,
    /// The observer asked to stop.
    Interrupted,
}

/// What a training found: one consistent pair of anchors and head.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The network of the best epoch.
    pub network: Network,
    /// Its heads: one a task, or one a class.
    pub heads: Vec<LinearHead>,
    /// Every epoch, the k-means start first.
    pub epochs: Vec<EpochRecord>,
    /// The epoch that is kept: an index of `epochs`.
    pub best: usize,
    /// Why the training stopped.
    pub reason: StopReason,
    /// Why the solver of the kept head stopped.
    pub head_termination: Termination,
    /// Penalty of the heads.
    pub l2: f64,
    /// Records held out to choose the epoch, ascending: the anchors were not trained on them.
    pub validation: Vec<usize>,
}

/// Alternates between the head (convex, for fixed anchors) and the anchors (one pass of Adam, for a fixed head).
///
/// An epoch is judged by the validation loss of the very pair that is kept ([`Selection`]).
#[derive(Debug)]
pub struct Trainer<'a, E> {
    config: CheckedTrainConfig,
    engine: &'a mut E,
    targets: Targets<'a>,
    split: Split,
    network: Network,
    heads: Vec<LinearHead>,
    /// Why the solver of the head stopped.
    termination: Termination,
    optimisers: Vec<Adam>,
    /// Of the logarithms of all bandwidths.
    sigma_optimiser: Adam,
    plateau: Plateau,
    learning_rate: f64,
    /// Penalty of the heads: the configured one, or the chosen one.
    l2: f64,
    epochs: Vec<EpochRecord>,
    best: Option<Best>,
}

#[derive(Debug, Clone)]
struct Best {
    epoch: usize,
    network: Network,
    heads: Vec<LinearHead>,
    termination: Termination,
}

impl<'a, E: Engine> Trainer<'a, E> {
    /// Splits the data and places the anchors: the state before the first epoch.
    ///
    /// # Errors
    /// [`Error::Labels`], [`Error::Classes`], [`Error::Task`], [`Error::Class`], [`Error::NoWindow`]; labels that the
    /// loss does not know.
    pub fn init(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        mut network: Network,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let targets = Targets::new(data, config.loss, config.class_weight)?;
        let seed = Seed(config.seed);
        let split = split_validation(targets.records(), |record| targets.pattern(record), config.validation, seed)?;
        // An interruption is seen again at the first epoch, which leaves a usable model.
        let _ = observer.observe(Event::Started {
            engine: &engine.name(),
            training: split.training.len(),
            validation: split.validation.len(),
            epochs: config.epochs,
        });
        let _ = place_anchors(&mut network, data.view, &split.training, config.patches, seed, observer)?;
        let optimisers = network.layers().iter().map(|layer| Adam::new(layer.anchors().len())).collect();
        let head = LinearHead::new(vec![0.0; network.dimension()], 0.0)?;
        let heads = vec![head; targets.outputs()];
        let sigma_optimiser = Adam::new(network.layers().len());
        Ok(Self {
            plateau: Plateau::new(config.patience),
            learning_rate: config.learning_rate,
            l2: config.l2,
            config,
            engine,
            targets,
            split,
            network,
            heads,
            termination: Termination::GradientSmall,
            optimisers,
            sigma_optimiser,
            epochs: Vec::new(),
            best: None,
        })
    }

    /// Fits the head for the present anchors, judges the pair, and unless this was the last epoch moves the anchors.
    ///
    /// `Break` says why there is no next step.
    ///
    /// # Errors
    /// Failures of the inverse root, the head's input, or the device.
    pub fn step(&mut self, observer: &mut dyn Observer) -> Result<ControlFlow<StopReason>, Error> {
        let record = self.judge()?;
        if observer.observe(Event::Epoch(&record)).is_break() {
            return Ok(ControlFlow::Break(StopReason::Interrupted));
        }
        if record.epoch >= self.config.epochs {
            return Ok(ControlFlow::Break(StopReason::Epochs));
        }
        let since_best = record.epoch - self.best.as_ref().map_or(0, |best| best.epoch);
        if self.config.early_stop.is_some_and(|limit| since_best >= limit) {
            return Ok(ControlFlow::Break(StopReason::EarlyStop));
        }
        if record.epoch > 0 || self.config.selection == Selection::Refitted {
            self.learning_rate = self.plateau.after(record.validation_loss, self.learning_rate);
        }
        Ok(match self.move_anchors(record.epoch, observer)? {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(StopReason::Interrupted),
        })
    }

    /// Runs all steps and keeps the best epoch.
    ///
    /// # Errors
    /// Those of [`Self::step`].
    pub fn run(mut self, observer: &mut dyn Observer) -> Result<Fitted, Error> {
        let reason = loop {
            if let ControlFlow::Break(reason) = self.step(observer)? {
                break reason;
            }
        };
        let _ = observer.observe(Event::Finished(reason));
        self.finish(reason)
    }

    fn finish(mut self, reason: StopReason) -> Result<Fitted, Error> {
        let Some(mut best) = self.best.clone() else {
            return Err(ckn_core::Error::Empty { what: "the list of epochs" }.into());
        };
        if self.config.refit {
            let all: Vec<usize> = (0..self.targets.records()).collect();
            let fitted = self.fit(&best.network, &best.heads, &all)?;
            best.heads = fitted.heads;
            best.termination = fitted.termination;
        }
        Ok(Fitted {
            network: best.network,
            heads: best.heads,
            epochs: self.epochs,
            best: best.epoch,
            reason,
            head_termination: best.termination,
            l2: self.l2,
            validation: self.split.validation,
        })
    }

    fn row(&self) -> usize {
        self.network.dimension() * self.network.config().strands.count()
    }

    fn embed(&mut self, network: &Network, records: &[usize]) -> Result<Vec<f32>, Error> {
        let mut embeddings = vec![0.0; records.len() * self.row()];
        self.engine.embed(network, records, &mut embeddings)?;
        Ok(embeddings)
    }

    /// The heads for some records, from a warm start.
    fn fit(&mut self, network: &Network, start: &[LinearHead], records: &[usize]) -> Result<FittedHeads, Error> {
        let embeddings = self.embed(network, records)?;
        fit_heads(&self.targets, &self.config, strands(network), &embeddings, start, records, self.l2)
    }

    /// Fits the heads for the present anchors and judges the pair that [`Selection`] names.
    fn judge(&mut self) -> Result<EpochRecord, Error> {
        let epoch = self.epochs.len();
        let network = self.network.clone();
        let moved_under = (std::mem::take(&mut self.heads), self.termination);
        let training = std::mem::take(&mut self.split.training);
        let fitted = match self.config.choose_l2 && epoch == 0 {
            true => self.choose_l2(&network, &moved_under.0, &training),
            false => self.fit(&network, &moved_under.0, &training),
        };
        self.split.training = training;
        let fitted = fitted?;
        self.heads = fitted.heads;
        self.termination = fitted.termination;
        let (heads, termination) = match self.config.selection {
            Selection::Moved if epoch > 0 => moved_under,
            Selection::Moved | Selection::Refitted => (self.heads.clone(), self.termination),
        };
        let judged = self.validate(&network, &heads)?;
        let lowest = match (&self.best, self.config.selection) {
            // The k-means start is a candidate only where nothing moved.
            (None, _) | (Some(Best { epoch: 0, .. }), Selection::Moved) => f64::INFINITY,
            (Some(best), _) => self.epochs[best.epoch].validation_loss,
        };
        let best = judged.loss < lowest || self.best.is_none();
        let sigmas = match self.config.learn_sigma {
            true => network.layers().iter().filter_map(|layer| layer.kernel().sigma()).collect(),
            false => Vec::new(),
        };
        if best {
            self.best = Some(Best { epoch, network, heads, termination });
        }
        let record = EpochRecord {
            epoch,
            training_loss: fitted.mean_loss,
            validation_loss: judged.loss,
            validation_auroc: judged.auroc,
            task_aurocs: judged.task_aurocs,
            sigmas,
            learning_rate: self.learning_rate,
            head_iterations: fitted.iterations,
            head_termination: Some(fitted.termination),
            best,
        };
        self.epochs.push(record.clone());
        Ok(record)
    }

    /// Fits under one penalty after the other, from the strongest on, and keeps the one of the lowest validation loss.
    fn choose_l2(&mut self, network: &Network, start: &[LinearHead], training: &[usize]) -> Result<FittedHeads, Error> {
        let validation = self.split.validation.clone();
        let (embeddings, held_out) = (self.embed(network, training)?, self.embed(network, &validation)?);
        let mut best: Option<(f64, f64, FittedHeads)> = None;
        let mut warm = start.to_vec();
        for l2 in L2_GRID {
            let fitted = fit_heads(&self.targets, &self.config, strands(network), &embeddings, &warm, training, l2)?;
            warm.clone_from(&fitted.heads);
            let loss = Judged::new(&self.targets, strands(network), &held_out, &validation, &fitted.heads).loss;
            if best.as_ref().is_none_or(|(lowest, ..)| loss < *lowest) {
                best = Some((loss, l2, fitted));
            }
        }
        let (_, l2, fitted) = best.ok_or(ckn_core::Error::Empty { what: "the grid of penalties" })?;
        self.l2 = l2;
        Ok(fitted)
    }

    /// Loss on the validation part, and AUROCs where labels are two classes.
    fn validate(&mut self, network: &Network, heads: &[LinearHead]) -> Result<Judged, Error> {
        let validation = std::mem::take(&mut self.split.validation);
        let embeddings = self.embed(network, &validation);
        self.split.validation = validation;
        Ok(Judged::new(&self.targets, strands(network), &embeddings?, &self.split.validation, heads))
    }

    /// One pass of Adam over minibatches, the heads fixed.
    fn move_anchors(&mut self, epoch: usize, observer: &mut dyn Observer) -> Result<ControlFlow<()>, Error> {
        let mut order = self.split.training.clone();
        order.shuffle(&mut Seed(self.config.seed).stream_at("batches", epoch as u64));
        let shares = self.shares(order.len());
        let mut done = 0;
        for batch in order.chunks(self.config.batch) {
            let (heads, targets, shares) = (&self.heads, &self.targets, &shares);
            let strands = self.network.config().strands;
            let upstream = |range: Range<usize>, embeddings: &[f32], gradient: &mut [f32]| {
                let row = embeddings.len() / range.len();
                let (mut scores, mut slopes) = (vec![0.0; heads.len()], vec![0.0; heads.len()]);
                let records = embeddings.chunks_exact(row).zip(gradient.chunks_exact_mut(row));
                for ((embedding, gradient), &record) in records.zip(&batch[range]) {
                    scores.iter_mut().zip(heads).for_each(|(score, head)| *score = head.score(embedding, strands));
                    targets.slopes(record, &scores, shares, &mut slopes);
                    for (head, slope) in heads.iter().zip(&slopes) {
                        add_by_embedding(head, embedding, strands, slope / batch.len() as f64, gradient);
                    }
                }
            };
            let gradient = self.engine.pull_back(&self.network, batch, &upstream)?;
            for (layer, gradient) in gradient.anchors.iter().enumerate() {
                let mut anchors = self.network.layers()[layer].anchors().to_vec();
                self.optimisers[layer].step(&mut anchors, gradient, self.learning_rate);
                self.network.set_anchors(layer, &anchors)?;
            }
            if self.config.learn_sigma {
                let by_sigma = gradient.sigma.ok_or_else(|| Error::Bandwidth { engine: self.engine.name() })?;
                self.move_sigmas(&by_sigma)?;
            }
            done += batch.len();
            if observer.observe(Event::Batch { done, of: order.len() }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What a label of each task counts in a batch: every task counts alike.
    fn shares(&self, records: usize) -> Vec<f64> {
        let tasks = self.targets.tasks();
        let count = |task: usize| {
            self.split.training.iter().filter(|&&record| self.targets.label(record, task).is_some()).count().max(1)
        };
        (0..tasks).map(|task| records as f64 / (tasks * count(task)) as f64).collect()
    }

    /// A step of Adam on the logarithms of the bandwidths, which keeps them positive.
    fn move_sigmas(&mut self, by_sigma: &[f64]) -> Result<(), Error> {
        let sigmas: Vec<f64> =
            self.network.layers().iter().map(|layer| layer.kernel().sigma().unwrap_or(1.0)).collect();
        let gradient: Vec<f32> = by_sigma.iter().zip(&sigmas).map(|(slope, sigma)| (slope * sigma) as f32).collect();
        let mut logarithms: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        self.sigma_optimiser.step(&mut logarithms, &gradient, SIGMA_RATE * self.learning_rate);
        for (layer, logarithm) in logarithms.iter().enumerate() {
            let sigma = f64::from(*logarithm).exp().clamp(SIGMA_RANGE.0, SIGMA_RANGE.1);
            self.network.set_sigma(layer, sigma)?;
        }
        Ok(())
    }
}

/// Penalties to choose from, the strongest first.
const L2_GRID: [f64; 10] = [1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/// Learning rate of the bandwidths' logarithms, as a part of that of the anchors.
const SIGMA_RATE: f64 = 0.1;
/// Bandwidths that are learnt stay inside: below, a kernel sees equal patches only; above, nothing but their norms.
const SIGMA_RANGE: (f64, f64) = (0.05, 5.0);

fn strands(network: &Network) -> Strands {
    network.config().strands
}

/// Adds the gradient of `slope · f` by a record's embeddings `[strands, dimension]`.
fn add_by_embedding(head: &LinearHead, embedding: &[f32], strands: Strands, slope: f64, gradient: &mut [f32]) {
    let dimension = head.weights().len();
    let shares: [f64; 2] = match strands {
        Strands::Forward => [1.0, 0.0],
        Strands::Mean => [0.5, 0.5],
        Strands::Max => {
            let (forward, reverse) = embedding.split_at(dimension);
            if head.strand_score(reverse) > head.strand_score(forward) { [0.0, 1.0] } else { [1.0, 0.0] }
        }
    };
    for (strand, share) in gradient.chunks_exact_mut(dimension).zip(shares) {
        for (slot, weight) in strand.iter_mut().zip(head.weights()) {
            *slot += (slope * share * weight) as f32;
        }
    }
}
