//! The alternating optimiser.

mod judging;
mod keeper;
mod moves;
mod state;

use std::ops::ControlFlow;

use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::solver::Termination;
use ckn_model::{LinearHead, Network};

pub use self::keeper::Keeper;
pub use self::state::TrainerState;
use crate::adam::Adam;
use crate::anchors::place_anchors;
use crate::plateau::Plateau;
use crate::targets::Targets;
use crate::{
    CheckedTrainConfig, Engine, EpochRecord, Error, Event, Fitted, Ignore, Observer, Selection, Split, Start,
    StopReason, TrainingData,
};

/// Alternates between the head (convex, for fixed anchors) and the anchors (one pass of Adam, for a fixed head).
///
/// An epoch is judged by the validation loss of the very pair that is kept ([`Selection`]).
///
/// # Example
/// Twenty records hold out ten others, and training ends when an epoch parts them well enough.
/// ```
/// # use ckn_core::{LetterTable, TokenView};
/// # let table = LetterTable::new(4, &[], None)?;
/// # let letter = |at: usize| if at / 12 % 2 == 0 && at % 12 < 4 { at % 12 } else { at / 7 % 4 };
/// # let tokens: Vec<u8> = (0..40 * 12).map(|at| letter(at) as u8).collect();
/// # let offsets: Vec<usize> = (0..=40).map(|record| record * 12).collect();
/// # let view = TokenView::new(&tokens, &offsets, &table)?;
/// # let labels: Vec<f64> = (0..40).map(|record| f64::from(record % 2 == 0)).collect();
/// # use ckn_core::kernel::DotProductKernel;
/// # use ckn_core::pooling::{Border, Pooling, Strands};
/// # use ckn_core::seed::Seed;
/// # use ckn_core::whitening::Regularisation;
/// # use ckn_model::{LayerConfig, Network, NetworkConfig};
/// # let network = NetworkConfig {
/// #     letters: 4,
/// #     layers: vec![LayerConfig { filters: 4, width: 4, kernel: DotProductKernel::Exponential { sigma: 0.4 }, subsampling: 1 }],
/// #     pooling: Pooling::Max,
/// #     strands: Strands::Forward,
/// #     border: Border::Valid,
/// #     regularisation: Regularisation::Shift { epsilon: 1e-3 },
/// #     gap_decay: 0.0,
/// #     letter_similarity: Vec::new(),
/// # };
/// # let network = Network::random(network.check()?, &mut Seed(0).stream("network"))?;
/// use ckn_train::{Ignore, SliceEngine, Split, StopReason, TrainConfig, Trainer, TrainingData};
///
/// let config = TrainConfig::default().check()?;
/// let mut engine = SliceEngine::new(view, &network)?;
/// let split = Split { training: (0..20).collect(), validation: (20..30).collect() };
/// let data = TrainingData::of_one_task(view, &labels);
/// let mut trainer = Trainer::with_split(config, &mut engine, data, split, network, &mut Ignore)?;
/// while trainer.step(&mut Ignore)?.is_continue() {
///     if trainer.epochs().last().and_then(|epoch| epoch.validation_auroc) > Some(0.9) {
///         break;
///     }
/// }
/// let fitted = trainer.finish()?;
/// assert_eq!(fitted.reason, StopReason::Interrupted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Why there is no next step.
    reason: Option<StopReason>,
}

#[derive(Debug, Clone)]
struct Best {
    epoch: usize,
    network: Network,
    heads: Vec<LinearHead>,
    termination: Termination,
}

impl<'a, E: Engine> Trainer<'a, E> {
    /// Splits the data by [`TrainingData::split`] and places the anchors: the state before the first epoch.
    ///
    /// # Errors
    /// Those of [`TrainingData::split`] and [`Self::with_split`].
    pub fn init(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        network: Network,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let all: Vec<usize> = (0..data.view.len()).collect();
        Self::with_split(config, engine, data, data.split(&config, &all)?, network, observer)
    }

    /// Places the anchors on records of the training part, unless they are given: the state before the first epoch. Records of neither part are not
    /// looked at, so that chromosomes, or a fold, can be held out without a copy of the data.
    ///
    /// # Errors
    /// [`Error::Labels`], [`Error::Split`], [`Error::Classes`], [`Error::Task`], [`Error::Class`], [`Error::NoWindow`]; labels
    /// that the loss does not know.
    pub fn with_split(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        split: Split,
        mut network: Network,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let records = split.records(data.view.len())?;
        let targets = Targets::new(data, &records, config.loss, config.class_weight)?;
        let seed = Seed(config.seed);
        // An interruption is seen again at the first epoch, which leaves a usable model.
        let _ = observer.observe(Event::Started {
            engine: &engine.name(),
            training: split.training.len(),
            validation: split.validation.len(),
            epochs: config.epochs,
        });
        if config.start == Start::KMeans {
            let _ = place_anchors(&mut network, data.view, &split.training, config.patches, seed, observer)?;
        }
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
            reason: None,
        })
    }

    /// Fits the head for the present anchors, judges the pair, and unless this was the last epoch moves the anchors.
    ///
    /// `Break` says why there is no next step; a step after it says so again, and does nothing.
    ///
    /// # Errors
    /// Failures of the inverse root, the head's input, or the device.
    pub fn step(&mut self, observer: &mut dyn Observer) -> Result<ControlFlow<StopReason>, Error> {
        if let Some(reason) = self.reason {
            return Ok(ControlFlow::Break(reason));
        }
        let next = self.next(observer)?;
        self.reason = next.break_value();
        Ok(next)
    }

    fn next(&mut self, observer: &mut dyn Observer) -> Result<ControlFlow<StopReason>, Error> {
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
    pub fn run(self, observer: &mut dyn Observer) -> Result<Fitted, Error> {
        self.run_and_keep(observer, &mut Ignore)
    }

    /// As [`Self::run`], and hands out states that the training can go on from ([`Self::resume`]): when the keeper says that it is
    /// time, and the last one if the training is interrupted.
    ///
    /// # Errors
    /// Those of [`Self::step`] and of the keeper.
    pub fn run_and_keep(mut self, observer: &mut dyn Observer, keeper: &mut dyn Keeper) -> Result<Fitted, Error> {
        let mut last: Option<(TrainerState, usize)> = None;
        while self.step(observer)?.is_continue() {
            if keeper.keeps() {
                // The list of epochs only grows: it is copied where a state is kept, and not after each of a million epochs.
                let (state, done) = last.insert((self.state_but_epochs(), self.epochs.len()));
                if keeper.is_due() {
                    state.set_epochs(&self.epochs[..*done]);
                    keeper.keep(state)?;
                }
            }
        }
        if let (Some(StopReason::Interrupted), Some((mut state, done))) = (self.reason, last) {
            state.set_epochs(&self.epochs[..done]);
            keeper.keep(&state)?;
        }
        if let Some(reason) = self.reason {
            let _ = observer.observe(Event::Finished(reason));
        }
        self.finish()
    }

    /// Every epoch so far, the k-means start first.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.epochs
    }

    /// The best epoch so far, an index of [`Self::epochs`]; `None` before the first step.
    pub fn best(&self) -> Option<usize> {
        self.best.as_ref().map(|best| best.epoch)
    }

    /// The network as it is now; its anchors have moved since the last epoch was judged.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Ends the training with the best epoch so far, whether or not there is a next step
    /// ([`StopReason::Interrupted`] if there is).
    ///
    /// # Errors
    /// [`ckn_core::Error::Empty`] before the first step; failures of the inverse root or the head's solver.
    pub fn finish(mut self) -> Result<Fitted, Error> {
        let Some(mut best) = self.best.take() else {
            return Err(ckn_core::Error::Empty { what: "the list of epochs" }.into());
        };
        if self.config.refit {
            let all = self.split.records(self.targets.records())?;
            let fitted = self.fit(&best.network, &best.heads, &all)?;
            best.heads = fitted.heads;
            best.termination = fitted.termination;
        }
        Ok(Fitted {
            network: best.network,
            heads: best.heads,
            epochs: self.epochs,
            best: best.epoch,
            reason: self.reason.unwrap_or(StopReason::Interrupted),
            head_termination: best.termination,
            l2: self.l2,
            validation: self.split.validation,
        })
    }
}

fn strands(network: &Network) -> Strands {
    network.config().strands
}
