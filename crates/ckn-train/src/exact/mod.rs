//! Machines on the exact kernel of whole sequences, by name: every loss, several tasks or classes, a penalty that is given or
//! chosen by cross-validation inside the training data.

mod penalty;
mod problem;

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::loss::Loss;
use ckn_core::mismatch::Profile;
use ckn_model::{KernelMachine, SequenceKernel};
use serde::Serialize;

use self::penalty::Judged;
pub use self::penalty::PenaltyTrial;
use self::problem::Posed;
use crate::kernel_matrix::{MatrixSum, check_written};
use crate::taken::supported;
use crate::targets::Targets;
use crate::{ClassWeight, Error, Event, LeftOut, Observer, StopReason, TrainingData};

/// Distance from the optimum at which the fit on all sequences stops, in units of the slope of a loss.
const TOLERANCE: f64 = 1e-3;

/// Pairs of windows up to which the matrix of one fit is written out: a few seconds.
const PAIRS: f64 = 2e10;

/// Most kernels of a sum.
const MAX_KERNELS: usize = 16;

/// How strongly a machine is penalised: `A` in `Σ losses + (A/2) (‖f‖² + b²)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Penalty {
    /// The best of a path, by cross-validation inside the training data.
    Auto,
    /// This one, above 0.
    Value(f64),
}

/// Settings of [`train_exact`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactSettings {
    /// The kernels; their sum is the machine's.
    pub kernels: Vec<SequenceKernel>,
    /// Whether windows of the reverse complement are compared, too.
    pub both_strands: bool,
    /// Loss of a score and a label.
    pub loss: Loss,
    /// The penalty.
    pub l2: Penalty,
    /// Weights of the classes, for losses of two classes.
    pub class_weight: ClassWeight,
    /// Folds of the cross-validation that chooses the penalty.
    pub folds: usize,
    /// Most sequences that it sees, fewer where they are long; the machine is fitted to all.
    pub screening: usize,
    /// Root of the random streams.
    pub seed: u64,
}

impl ExactSettings {
    /// The logistic loss, and the penalty by fivefold cross-validation on at most 6,000 sequences.
    pub fn new(kernels: Vec<SequenceKernel>, both_strands: bool) -> Self {
        Self {
            kernels,
            both_strands,
            loss: Loss::Logistic,
            l2: Penalty::Auto,
            class_weight: ClassWeight::Positives(1.0),
            folds: 5,
            screening: 6_000,
            seed: 0,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let within = |name, got: f64, fits: bool, expected| {
            if fits { Ok(()) } else { Err(Error::Setting { name, got, expected }) }
        };
        let kernels = self.kernels.len();
        within("number of kernels", kernels as f64, (1..=MAX_KERNELS).contains(&kernels), "between 1 and 16")?;
        for kernel in &self.kernels {
            within("width", kernel.width as f64, (1..=63).contains(&kernel.width), "between 1 and 63")?;
            kernel.profile.values(kernel.width)?;
        }
        if let Penalty::Value(l2) = self.l2 {
            within("l2", l2, l2 > 0.0 && l2.is_finite(), "a finite number above 0")?;
        }
        if let ClassWeight::Positives(weight) = self.class_weight {
            let fits = (1e-9..=1e9).contains(&weight);
            within("weight of positives", weight, fits, "between 1e-9 and 1e9")?;
        }
        within("folds", self.folds as f64, self.folds >= 2, "at least 2")?;
        within("screening", self.screening as f64, self.screening >= 2, "at least 2")
    }
}

/// The kernel where none is named: gapped k-mers of 7 letters in windows of 11 for alphabets of up to four letters, the exponential
/// profile of 4 letters for larger ones; narrower where half of the sequences have no window of so many letters.
///
/// ```
/// use ckn_core::{LetterTable, TokenView};
/// let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// let (tokens, offsets) = (vec![0u8; 200], vec![0, 100, 200]);
/// assert!(ckn_train::default_kernel(TokenView::new(&tokens, &offsets, &table)?).width <= 12);
/// # Ok::<(), ckn_core::Error>(())
/// ```
pub fn default_kernel(view: TokenView<'_>) -> SequenceKernel {
    let mut lengths: Vec<usize> = (0..view.len()).map(|record| view.sequence(record).len()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(1).max(1);
    if view.table().letters() > 4 {
        let profile = Profile::Exponential { sigma: 0.5 };
        return SequenceKernel::new(median.min(4), profile, true);
    }
    let width = median.min(11);
    let informative = (7 * width).div_ceil(11);
    let profile = Profile::GappedKmer { informative, mismatches: width - informative };
    SequenceKernel::new(width, profile, true)
}

/// What a training found.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedExact {
    /// The machine, of one output a task or a class.
    pub machine: KernelMachine,
    /// The settings it was trained with.
    pub settings: ExactSettings,
    /// Its penalty.
    pub l2: f64,
    /// Penalties that were judged; none if it was given.
    pub trials: Vec<PenaltyTrial>,
    /// Scores of the sequences that the penalty was judged on, by the machines of that penalty that had not seen them; `None` if it was given.
    pub left_out: Option<LeftOut>,
    /// Steps of the solver.
    pub steps: usize,
    /// Whether the solver reached its tolerance.
    pub converged: bool,
    /// Why the training ended.
    pub reason: StopReason,
}

/// Chooses the penalty, if that is asked for, and fits a machine to all sequences.
///
/// Measurements are standardised first, each task for itself: the penalty pulls them towards their mean. A sequence without a
/// window of known letters has the intercept as its score.
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
/// use ckn_core::mismatch::Profile;
/// use ckn_model::SequenceKernel;
/// use ckn_train::{ExactSettings, Ignore, Provenance, TrainingData, train_exact};
///
/// let profile = Profile::GappedKmer { informative: 3, mismatches: 1 };
/// let kernel = SequenceKernel::new(4, profile, true);
/// let settings = ExactSettings::new(vec![kernel], false);
/// let fitted = train_exact(&settings, TrainingData::of_one_task(view, &labels), &[], &mut Ignore)?;
/// let model = fitted.into_model(Provenance::of(view, "dna", "ACGT"))?;
/// assert_eq!(model.scores(view)?.len(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// groups `[sequences]`: sequences of one number stay in one fold, such as a positive and its shuffles; empty if each stands
/// alone.
///
/// # Errors
/// [`Error::Setting`] and [`ckn_core::Error::Parameter`] for settings outside their domain; [`Error::Labels`], [`Error::Classes`],
/// [`Error::Task`], [`Error::Class`] and [`ckn_core::Error::Label`] for labels that do not fit the loss; [`Error::Folds`] for too few
/// sequences of a class to choose the penalty; [`Error::Windowless`] if no sequence has a window of known letters;
/// [`Error::Written`] for too many sequences of an alphabet without a table of words; [`Error::Interrupted`] if the observer ended
/// the training before a penalty was judged.
///
/// # Source
/// Kernel ridge, logistic and hinge regression in the representer coefficients (Kimeldorf and Wahba 1971; Chapelle 2007).
pub fn train_exact(
    settings: &ExactSettings,
    data: TrainingData<'_>,
    groups: &[usize],
    observer: &mut dyn Observer,
) -> Result<FittedExact, Error> {
    settings.check()?;
    let records: Vec<usize> = (0..data.view.len()).collect();
    let targets = Targets::new(data, &records, settings.loss, settings.class_weight)?;
    if !groups.is_empty() && groups.len() != records.len() {
        return Err(Error::Labels { labels: groups.len(), sequences: records.len() });
    }
    check_written(data.view, &settings.kernels)?;
    check_windows(data.view, settings)?;
    let Judged { trials, left_out, interrupted } = match settings.l2 {
        Penalty::Value(_) => Judged::default(),
        Penalty::Auto => penalty::search(settings, &targets, data.view, groups, observer)?,
    };
    let l2 = match (settings.l2, trials.iter().find(|trial| trial.chosen)) {
        (Penalty::Value(l2), _) => l2,
        (Penalty::Auto, Some(chosen)) => chosen.l2,
        (Penalty::Auto, None) => return Err(Error::Interrupted),
    };
    let mut go_on = || if interrupted { ControlFlow::Continue(()) } else { observer.observe(Event::Working) };
    let mut matrix = MatrixSum::new(data.view, &settings.kernels, settings.both_strands, PAIRS, &mut go_on)?;
    let posed = Posed::new(&targets, &records);
    let mut stopped = interrupted;
    let fitted = posed.fit(&mut matrix, l2, TOLERANCE, &[], |_, _| {
        // Asked to stop while the penalty was chosen: with what was chosen the fit goes to its end.
        let flow = observer.observe(Event::Working);
        if interrupted {
            return ControlFlow::Continue(());
        }
        stopped = flow.is_break();
        flow
    })?;
    let (coefficients, intercepts) = posed.unstandardised(&fitted);
    let sequences = records.len();
    let scaled: Vec<f64> = coefficients
        .chunks_exact(sequences)
        .flat_map(|output| matrix.scales().iter().flat_map(|scales| output.iter().zip(scales).map(|(c, s)| c * s)))
        .collect();
    let machine = supported(data.view, settings.both_strands, settings.kernels.clone(), &scaled, intercepts)?;
    let reason = if stopped { StopReason::Interrupted } else { StopReason::Epochs };
    let (steps, converged) = (fitted.steps, fitted.converged);
    Ok(FittedExact { machine, settings: settings.clone(), l2, trials, left_out, steps, converged, reason })
}

/// Checks that some sequence has a window of each kernel.
fn check_windows(view: TokenView<'_>, settings: &ExactSettings) -> Result<(), Error> {
    for kernel in &settings.kernels {
        let seen = kernel.scales(view, settings.both_strands)?.iter().any(|&scale| scale > 0.0);
        if !seen {
            let longest = (0..view.len()).map(|record| view.sequence(record).len()).max().unwrap_or(0);
            return Err(Error::Windowless { width: kernel.width, longest });
        }
    }
    Ok(())
}
