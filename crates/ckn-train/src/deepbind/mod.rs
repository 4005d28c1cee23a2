//! Training of the network that kernel networks are measured against.
//!
//! Minibatches of Adam on the mean loss with weight decay and dropout; the part held out chooses the epoch. With
//! calibration, random settings are judged first, each by the mean over three folds of the lowest loss on the fold left
//! out, and the best are trained (Alipanahi et al. 2015, online methods; they choose by AUROC among thirty).

mod calibration;
mod engine;
mod settings;

use std::ops::ControlFlow;

use ckn_core::detectors::Detectors;
use ckn_core::loss::Loss;
use ckn_core::metrics::auroc;
use ckn_core::seed::Seed;
use ckn_model::{CheckedDeepBindConfig, DeepBind};
use rand::RngExt;
use rand::seq::SliceRandom;

pub use calibration::Trial;
pub use engine::DeepBindEngine;
pub use settings::{CheckedDeepBindSettings, DeepBindSettings};

use self::engine::Batch;
use crate::adam::Adam;
use crate::plateau::Plateau;
use crate::targets::reported;
use crate::{EpochRecord, Error, Event, Observer, Split, StopReason, TrainingData, split_validation};

/// What a training found.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedDeepBind {
    /// The network of the best epoch.
    pub network: DeepBind,
    /// The settings it was trained with: those given, or the best of the calibration.
    pub settings: CheckedDeepBindSettings,
    /// Every trial of the calibration.
    pub trials: Vec<Trial>,
    /// Every epoch, the random start first.
    pub epochs: Vec<EpochRecord>,
    /// The epoch that is kept: an index of `epochs`.
    pub best: usize,
    /// Why the training stopped.
    pub reason: StopReason,
    /// The records that the epoch was chosen by.
    pub validation: Vec<usize>,
}

/// Calibrates, if that is asked for, and trains.
///
/// # Example
/// ```
/// # use ckn_core::{LetterTable, TokenView};
/// # let table = LetterTable::new(4, &[], None)?;
/// # let letter = |at: usize| if at / 12 % 2 == 0 && at % 12 < 4 { at % 12 } else { at / 7 % 4 };
/// # let tokens: Vec<u8> = (0..40 * 12).map(|at| letter(at) as u8).collect();
/// # let offsets: Vec<usize> = (0..=40).map(|record| record * 12).collect();
/// # let view = TokenView::new(&tokens, &offsets, &table)?;
/// # let labels: Vec<f64> = (0..40).map(|record| f64::from(record % 2 == 0)).collect();
/// use ckn_core::pooling::Strands;
/// use ckn_model::DeepBindConfig;
/// use ckn_train::{DeepBindEngine, DeepBindSettings, Ignore, TrainingData, train_deepbind};
///
/// let settings = DeepBindSettings { epochs: 3, calibrations: 0, ..DeepBindSettings::default() }.check()?;
/// let network = DeepBindConfig { letters: 4, filters: 4, width: 4, strands: Strands::Forward }.check()?;
/// let data = TrainingData::of_one_task(view, &labels);
/// let fitted = train_deepbind(settings, network, &DeepBindEngine::Slices, data, &mut Ignore)?;
/// assert_eq!(fitted.network.scores(view)?.len(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Labels`], [`Error::Classes`]; labels that the loss does not know; a sequence without letters; failures of the
/// device.
pub fn train_deepbind(
    settings: CheckedDeepBindSettings,
    config: CheckedDeepBindConfig,
    engine: &DeepBindEngine,
    data: TrainingData<'_>,
    observer: &mut dyn Observer,
) -> Result<FittedDeepBind, Error> {
    if data.labels.len() != data.view.len() {
        return Err(Error::Labels { labels: data.labels.len(), sequences: data.view.len() });
    }
    for &label in data.labels {
        settings.loss.check_label(label, 2)?;
    }
    data.view.check_width(1)?;
    let classes = settings.loss.is_classification();
    let (positives, negatives) = data.labels.iter().fold((0, 0), |(positives, negatives), &label| {
        if label > 0.5 { (positives + 1, negatives) } else { (positives, negatives + 1) }
    });
    if classes && (positives < 2 || negatives < 2) {
        return Err(Error::Classes { positives, negatives });
    }
    let of = |record: usize| classes && data.labels[record] > 0.5;
    let split = split_validation(data.labels.len(), of, settings.validation, Seed(settings.seed))?;
    let task = Task { config, engine, data };
    let (settings, trials) = calibration::calibrate(settings, task, observer)?;
    // An interruption is seen again at the first epoch, which leaves a usable model.
    let _ = observer.observe(Event::Started {
        engine: &engine.name(),
        training: split.training.len(),
        validation: split.validation.len(),
        epochs: settings.epochs,
    });
    let Run { network, epochs, best, reason } = task.run(settings, &split, observer)?;
    let _ = observer.observe(Event::Finished(reason));
    Ok(FittedDeepBind { network, settings, trials, epochs, best, reason, validation: split.validation })
}

/// What is trained, by what, on what.
#[derive(Clone, Copy)]
struct Task<'a> {
    config: CheckedDeepBindConfig,
    engine: &'a DeepBindEngine,
    data: TrainingData<'a>,
}

/// One training on one split.
struct Run {
    network: DeepBind,
    epochs: Vec<EpochRecord>,
    best: usize,
    reason: StopReason,
}

impl Task<'_> {
    fn run(&self, settings: CheckedDeepBindSettings, split: &Split, observer: &mut dyn Observer) -> Result<Run, Error> {
        let seed = Seed(settings.seed);
        let mut network = self.start(&settings, split)?;
        let mut detectors = network.detectors(self.data.view.table())?;
        let mut optimiser = Adam::new(network.parameters().len());
        let (mut plateau, mut rate) = (Plateau::new(settings.patience), settings.learning_rate);
        let mut run = Run { network: network.clone(), epochs: Vec::new(), best: 0, reason: StopReason::Epochs };
        let mut training_loss = self.mean_loss(&settings, &network, &detectors, &split.training)?.0;
        loop {
            let epoch = run.epochs.len();
            let (validation_loss, validation_auroc) =
                self.mean_loss(&settings, &network, &detectors, &split.validation)?;
            let best = run.epochs.get(run.best).is_none_or(|best| validation_loss < best.validation_loss);
            if best {
                (run.best, run.network) = (epoch, network.clone());
            }
            rate = plateau.after(validation_loss, rate);
            let record = EpochRecord {
                epoch,
                training_loss,
                validation_loss,
                validation_auroc,
                task_aurocs: Vec::new(),
                sigmas: Vec::new(),
                learning_rate: rate,
                head_iterations: 0,
                head_termination: None,
                best,
            };
            run.epochs.push(record.clone());
            let stop = match observer.observe(Event::Epoch(&record)) {
                ControlFlow::Break(()) => Some(StopReason::Interrupted),
                ControlFlow::Continue(()) if epoch >= settings.epochs => Some(StopReason::Epochs),
                ControlFlow::Continue(()) => {
                    settings.early_stop.filter(|&limit| epoch - run.best >= limit).map(|_| StopReason::EarlyStop)
                }
            };
            if let Some(reason) = stop {
                run.reason = reason;
                return Ok(run);
            }
            let mut order = split.training.clone();
            order.shuffle(&mut seed.stream_at("batches", epoch as u64));
            let masks = masks(&settings, order.len() * self.config.filters, epoch);
            let (mut losses, mut done) = (0.0, 0);
            let batches = order.chunks(settings.batch).zip(masks.chunks(settings.batch * self.config.filters));
            for (records, masks) in batches {
                let batch = Batch { data: self.data, loss: settings.loss, records, masks };
                let mut pass = self.engine.pass(&network, &detectors, batch)?;
                losses += pass.losses;
                self.decay(settings.weight_decay as f32, &network, &mut pass.gradient);
                let mut parameters = network.parameters().to_vec();
                optimiser.step(&mut parameters, &pass.gradient, rate);
                network = network.with_parameters(parameters)?;
                detectors.set(network.filters(), network.biases())?;
                done += records.len();
                if observer.observe(Event::Batch { done, of: order.len() }).is_break() {
                    run.reason = StopReason::Interrupted;
                    return Ok(run);
                }
            }
            training_loss = reported(settings.loss, losses / order.len() as f64);
        }
    }

    /// A random network; with measurements, one that starts from their mean.
    fn start(&self, settings: &CheckedDeepBindSettings, split: &Split) -> Result<DeepBind, Error> {
        let mut random = Seed(settings.seed).stream("network");
        let network = DeepBind::random(self.config, settings.initial_deviation, &mut random)?;
        if settings.loss != Loss::Squared {
            return Ok(network);
        }
        let mean = split.training.iter().map(|&record| self.data.labels[record]).sum::<f64>();
        let mut parameters = network.parameters().to_vec();
        if let Some(intercept) = parameters.last_mut() {
            *intercept = (mean / split.training.len() as f64) as f32;
        }
        Ok(network.with_parameters(parameters)?)
    }

    /// Gradient of `(d/2) (‖F‖² + ‖w‖²)`, added.
    fn decay(&self, decay: f32, network: &DeepBind, gradient: &mut [f32]) {
        let (filters, weights) = (self.config.filter_numbers(), self.config.filter_numbers() + self.config.filters);
        for range in [0..filters, weights..weights + self.config.filters] {
            let parameters = &network.parameters()[range.clone()];
            gradient[range].iter_mut().zip(parameters).for_each(|(slot, parameter)| *slot += decay * parameter);
        }
    }

    /// Mean loss on some records, and the AUROC where labels are classes.
    fn mean_loss(
        &self,
        settings: &CheckedDeepBindSettings,
        network: &DeepBind,
        detectors: &Detectors,
        records: &[usize],
    ) -> Result<(f64, Option<f64>), Error> {
        let scores = network.scores_of(detectors, self.data.view, records)?;
        let labels: Vec<f64> = records.iter().map(|&record| self.data.labels[record]).collect();
        let losses = scores.iter().zip(&labels).map(|(&score, &label)| settings.loss.value(score, label));
        let loss = reported(settings.loss, losses.sum::<f64>() / labels.len() as f64);
        Ok((loss, if settings.loss.is_classification() { auroc(&scores, &labels).value() } else { None }))
    }
}

/// Factors of the responses of an epoch: 0 for what is dropped, and the rest so much larger.
fn masks(settings: &CheckedDeepBindSettings, count: usize, epoch: usize) -> Vec<f32> {
    if settings.dropout == 0.0 {
        return vec![1.0; count];
    }
    let mut random = Seed(settings.seed).stream_at("dropout", epoch as u64);
    let kept = 1.0 / (1.0 - settings.dropout) as f32;
    (0..count).map(|_| if random.random_bool(settings.dropout) { 0.0 } else { kept }).collect()
}
