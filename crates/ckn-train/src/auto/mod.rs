//! A model with no knob turned: candidates judged by cross-validation inside the training data, the best few averaged.
//!
//! Three regimes of one kernel are candidates (docs/choosing.md): machines on the exact kernel of whole sequences, networks of
//! many anchor points that stay where k-means puts them, and networks of a few that are learnt. [`search`] tries a fixed
//! list in its order, [`Found::fit`] trains what was chosen on all sequences.

mod candidate;
mod fitted;
mod folds;
mod join;
mod machine;
mod network;
mod reader;
mod subset;

use std::time::{Duration, Instant};

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use serde::Serialize;

pub use self::candidate::{Candidate, default_candidates};
pub use self::fitted::AutoFitted;
use self::join::Choice;
pub use self::reader::FewAnchors;
use self::subset::{Subset, screening};
use crate::{Error, Event, Observer, deal_groups};

/// Two-class sequences to choose on.
#[derive(Debug, Clone, Copy)]
pub struct AutoData<'a> {
    /// The sequences.
    pub view: TokenView<'a>,
    /// Labels 0 or 1, `[sequences]`.
    pub labels: &'a [f64],
    /// Sequences of one number stay in one fold, such as a positive and its shuffles, `[sequences]`.
    pub groups: &'a [usize],
}

/// How [`search`] goes about it.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoSettings {
    /// Candidates, tried in this order.
    pub candidates: Vec<Candidate>,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// Most sequences that cross-validation sees; what was chosen is trained on all.
    pub screening: usize,
    /// Most candidates that are averaged.
    pub members: usize,
    /// Time after which no other candidate is begun.
    pub budget: Option<Duration>,
    /// Root of the random streams.
    pub seed: u64,
    /// Letters of the shortest sequence that the model is to score; those of the data where it is not said.
    pub shortest: Option<usize>,
}

impl AutoSettings {
    /// The default list of candidates for an alphabet, judged by fivefold cross-validation on at most 6,000 sequences.
    pub fn new(letters: usize, has_complement: bool) -> Self {
        Self {
            candidates: default_candidates(letters, has_complement),
            folds: 5,
            screening: 6_000,
            members: 8,
            budget: None,
            seed: 0,
            shortest: None,
        }
    }
}

/// What a candidate was worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AutoTrial {
    /// The trial, counted from 1.
    pub trial: usize,
    /// The candidate, in words.
    pub candidate: String,
    /// Penalty that was best, of machines.
    pub penalty: Option<f64>,
    /// Mean over folds of the AUROC on the fold left out.
    pub auroc: f64,
    /// Its standard deviation over folds.
    pub auroc_sd: f64,
    /// Time that it took.
    pub seconds: f64,
    /// Whether it is a member of the model.
    pub chosen: bool,
}

/// The outcome of a search.
#[derive(Debug, Clone)]
pub struct Found {
    /// Every trial, in order.
    pub trials: Vec<AutoTrial>,
    /// AUROC of the average of the members on the folds left out: mean over folds.
    pub auroc: f64,
    /// Candidates that look at more letters than the shortest sequence has, and were not tried.
    pub too_wide: usize,
    /// Whether the budget or the observer ended the search before its last candidate.
    pub cut_short: bool,
    choices: Vec<Choice>,
    intercept: f64,
    seed: u64,
    /// What cross-validation saw, its folds, and the model's scores of what it had not seen: `[records]`.
    records: Vec<usize>,
    fold_of: Vec<usize>,
    scores: Vec<f64>,
}

/// Tries the candidates, and chooses how many of the best are averaged.
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
/// use ckn_core::loss::Loss;
/// use ckn_core::mismatch::Profile;
/// use ckn_model::SequenceKernel;
/// use ckn_train::auto::{AutoData, AutoSettings, Candidate, search};
/// use ckn_train::{Ignore, Provenance};
///
/// let kernel = |width| SequenceKernel::new(width, Profile::Exponential { sigma: 0.3 }, true);
/// let candidates = vec![Candidate::Machine(kernel(4)), Candidate::Machine(kernel(5))];
/// let groups: Vec<usize> = (0..40).map(|record| record / 2).collect();
/// let data = AutoData { view, labels: &labels, groups: &groups };
/// let found = search(data, &AutoSettings { candidates, ..AutoSettings::new(4, false) }, &mut Ignore)?;
/// let files = Default::default();
/// let provenance = Provenance { view, alphabet: "dna", letters: "ACGT", tasks: &[], pad_short: false, files: &files };
/// let card = |part: &str, _auroc: Option<f64>| provenance.card(Loss::Logistic, 0, &part);
/// let model = found.fit(data, &mut Ignore)?.into_model(&found, card)?;
/// assert_eq!(model.scores(view)?.len(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Labels`] and [`Error::Setting`] for data that are not two classes, or fewer than two folds; [`Error::Folds`] for
/// fewer sequences of a class than folds; [`ckn_core::Error::TooShort`] if no candidate fits the shortest sequence;
/// [`Error::NothingTried`] if none was done before the search was ended; those of the trainings.
pub fn search(data: AutoData<'_>, settings: &AutoSettings, observer: &mut dyn Observer) -> Result<Found, Error> {
    let started = Instant::now();
    let seed = Seed(settings.seed);
    folds::check(data, settings.folds)?;
    let groups = folds::renumbered(data.groups);
    let data = AutoData { groups: &groups, ..data };
    let chosen = screening(data, settings.screening, seed);
    let subset = Subset::new(data, &chosen);
    let fold_of = deal_groups(&subset.groups, &subset.labels, settings.folds, seed)?;
    let problem = folds::Judged { subset: &subset, fold_of: &fold_of, folds: settings.folds, seed };
    let lengths = (0..data.view.len()).map(|record| (data.view.sequence(record).len(), record));
    let (length, record) = lengths.min().unwrap_or((0, 0));
    let shortest = settings.shortest.map_or(length, |shortest| shortest.min(length));
    let candidates: Vec<&Candidate> = settings.candidates.iter().filter(|one| one.shortest() <= shortest).collect();
    if let (true, Some(width)) = (candidates.is_empty(), settings.candidates.iter().map(Candidate::shortest).min()) {
        return Err(ckn_core::Error::TooShort { record, length: shortest, width }.into());
    }
    let mut tried: Vec<join::Tried> = Vec::new();
    let mut trials: Vec<AutoTrial> = Vec::new();
    let mut cut_short = false;
    for (number, candidate) in candidates.iter().enumerate() {
        if number > 0 && settings.budget.is_some_and(|budget| started.elapsed() >= budget) {
            cut_short = true;
            break;
        }
        let begun = Instant::now();
        let outcome = match candidate {
            Candidate::Machine(kernel) => machine::try_out(kernel, &problem)?,
            Candidate::Network { network, learning, .. } => {
                match network::try_out(network, learning, &problem, observer)? {
                    Some(outcome) => outcome,
                    None => {
                        cut_short = true;
                        break;
                    }
                }
            }
        };
        let (auroc, auroc_sd) = problem.auroc(&outcome.scores);
        trials.push(AutoTrial {
            trial: number + 1,
            candidate: candidate.to_string(),
            penalty: outcome.penalty,
            auroc,
            auroc_sd,
            seconds: begun.elapsed().as_secs_f64(),
            chosen: false,
        });
        tried.push(join::Tried { candidate: (*candidate).clone(), outcome, auroc });
        let best = trials.iter().map(|trial| trial.auroc).fold(0.0, f64::max);
        let left = settings.budget.map(|budget| budget.saturating_sub(started.elapsed()).as_secs_f64());
        let event = Event::Trial { trial: &trials[number], of: candidates.len(), best, left };
        if observer.observe(event).is_break() {
            cut_short = number + 1 < candidates.len();
            break;
        }
    }
    let joined = join::choose(&tried, settings.members, &problem)?;
    for (trial, _) in trials.iter_mut().zip(0..).filter(|(_, number)| joined.members.contains(number)) {
        trial.chosen = true;
    }
    Ok(Found {
        trials,
        auroc: joined.auroc,
        cut_short,
        too_wide: settings.candidates.len() - candidates.len(),
        choices: joined.choices,
        intercept: joined.intercept,
        seed: settings.seed,
        records: chosen,
        scores: joined.scores,
        fold_of,
    })
}

impl Found {
    /// Mean over folds of the AUROC on the fold left out, of the members of [`AutoFitted`]: of its machine, where that is one
    /// candidate and no sum of several, and of each of its networks.
    pub fn member_aurocs(&self) -> (Option<f64>, Vec<f64>) {
        join::aurocs(&self.choices)
    }

    /// Trains the chosen candidates: machines on all sequences, networks on those that they were judged on.
    ///
    /// # Errors
    /// Those of the trainings.
    pub fn fit(&self, data: AutoData<'_>, observer: &mut dyn Observer) -> Result<AutoFitted, Error> {
        let groups = folds::renumbered(data.groups);
        let data = AutoData { groups: &groups, ..data };
        join::fit(&self.choices, self.intercept, data, &self.records, Seed(self.seed), observer)
    }
}
