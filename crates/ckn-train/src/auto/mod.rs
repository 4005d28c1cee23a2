//! A model with no knob turned: candidates judged by cross-validation inside the training data, the best few averaged.
//!
//! Two regimes of one kernel are candidates (docs/choosing.md): machines on the exact kernel of whole sequences, and networks of
//! few anchor points that are learnt. [`search`] tries a fixed list in its order, the cheapest first, [`Found::fit`] trains what
//! was chosen on all sequences. Both look at the clock, and at the observer, in their inner loops.

mod candidate;
mod clock;
mod effort;
mod fitted;
mod folds;
mod join;
mod machine;
mod network;
mod subset;

use std::time::{Duration, Instant};

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use serde::Serialize;

pub use self::candidate::{Candidate, Family};
use self::clock::Clock;
pub use self::effort::Effort;
pub use self::fitted::{AutoFitted, AutoMachine, AutoNetwork};
use self::folds::Judged;
use self::join::{Choice, Tried, Verdict};
use self::subset::{Subset, screening, within};
use crate::{Error, Event, LeftOut, Observer, deal_groups};

/// Part of the budget that is kept for the training of what is chosen.
const KEPT: f64 = 0.3;

/// How far below the best a machine's AUROC on the first fold may be: what is further below is given up.
const HOPELESS: f64 = 0.05;

/// How far above it that of a machine must be that gives something up which the best has: windows that are worth the same wherever
/// they stand, so that it scans fast and words have weights, or both strands.
const AHEAD: f64 = 0.005;

/// By how much the best network must be better than the best machine to be trained several times.
const NETWORKS_LEAD: f64 = 0.01;

/// Sequences of a first round, which has one candidate: so that there is a model after a second.
const FIRST: usize = 600;

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
    /// Folds of the cross-validation, fewer where a class has fewer sequences.
    pub folds: usize,
    /// Most sequences that cross-validation sees; what was chosen is trained on all.
    pub screening: usize,
    /// Most letters of these sequences.
    pub screening_letters: usize,
    /// Most letters of the sequences that a machine which was chosen is fitted to.
    pub machine_letters: usize,
    /// Most letters of the sequences that a network which was chosen is trained on.
    pub network_letters: usize,
    /// Penalties that are worse than the best, in a row, after which no weaker one is tried.
    pub worse: usize,
    /// Most members of an average.
    pub members: usize,
    /// Trainings of a chosen network, from different starts, whose scores are averaged: where networks are clearly better than
    /// machines, and one elsewhere.
    pub trainings: usize,
    /// Time of the whole, the training of what is chosen included: whatever is not done by then is left.
    pub budget: Option<Duration>,
    /// Root of the random streams.
    pub seed: u64,
}

impl AutoSettings {
    /// What is tried on sequences of a family.
    pub fn new(effort: Effort, family: Family) -> Self {
        effort.settings(family)
    }
}

/// What a candidate was worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AutoTrial {
    /// The trial, counted from 1.
    pub trial: usize,
    /// The candidate, in words.
    pub candidate: String,
    /// Penalty that was best, of machines.
    pub penalty: Option<f64>,
    /// Mean over folds of the AUROC on the fold left out.
    pub auroc: f64,
    /// Its standard deviation over folds; zero where the candidate was given up after its first fold.
    pub auroc_sd: f64,
    /// Folds that it was judged on.
    pub folds: usize,
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
    /// Candidates that look at more letters than the sequences have, and were not tried.
    pub too_wide: usize,
    /// Whether the budget or the observer ended the search before its last candidate.
    pub cut_short: bool,
    /// Sequences that the candidates were judged on.
    pub judged_on: usize,
    /// Scores of these by the average of the members that had not seen their fold, as log-odds of balanced classes.
    pub left_out: LeftOut,
    choices: Vec<Choice>,
    intercept: f64,
    seed: Seed,
    /// What cross-validation saw.
    records: Vec<usize>,
    limits: Limits,
    deadline: Option<Instant>,
}

/// On how many letters at most what was chosen is trained, and how often networks are.
#[derive(Debug, Clone, Copy)]
struct Limits {
    machine_letters: usize,
    network_letters: usize,
    trainings: usize,
}

/// Candidates that were judged on the same sequences.
struct Round {
    records: Vec<usize>,
    tried: Vec<Tried>,
    trials: Vec<AutoTrial>,
    fold_of: Vec<usize>,
    cut_short: bool,
}

/// Tries the candidates, and chooses which are averaged. The first is tried on a few sequences before anything else, without a look
/// at the budget.
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
/// use ckn_train::auto::{AutoData, AutoSettings, Candidate, Effort, Family, search};
/// use ckn_train::{Ignore, Provenance};
///
/// let kernel = |width| SequenceKernel::new(width, Profile::Exponential { sigma: 0.3 }, true);
/// let machine = |width| Candidate::Machine { kernel: kernel(width), both_strands: false };
/// let candidates = vec![machine(4), machine(5)];
/// let groups: Vec<usize> = (0..40).map(|record| record / 2).collect();
/// let data = AutoData { view, labels: &labels, groups: &groups };
/// let family = Family { letters: 4, both_strands: false, typical: 12, aligned: false };
/// let settings = AutoSettings { candidates, ..AutoSettings::new(Effort::Quick, family) };
/// let found = search(data, &settings, &mut Ignore)?;
/// let files = Default::default();
/// let provenance = Provenance { view, alphabet: "dna", letters: "ACGT", tasks: &[], classes: &[], pad_short: false, files: &files };
/// let card = |part: &str, _auroc: Option<f64>| provenance.card(Loss::Logistic, 0, &part);
/// let model = found.fit(data, &mut Ignore)?.into_model(&found, card)?;
/// assert_eq!(model.scores(view)?.len(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Labels`] and [`Error::Setting`] for data that are not two classes, or fewer than two folds; [`Error::Folds`] for
/// fewer than two sequences of a class; [`ckn_core::Error::TooShort`] if no candidate fits the sequences;
/// [`Error::NothingTried`] if the observer ended it before anything was tried; those of the trainings.
pub fn search(data: AutoData<'_>, settings: &AutoSettings, observer: &mut dyn Observer) -> Result<Found, Error> {
    let started = Instant::now();
    let folds = folds::check(data, settings.folds)?;
    let groups = folds::renumbered(data.groups);
    let data = AutoData { groups: &groups, ..data };
    let candidates = fitting(data.view, &settings.candidates)?;
    let of_all = within(data.view, settings.screening, settings.screening_letters);
    let searched = settings.budget.map(|budget| started + budget.mul_f64(1.0 - KEPT));
    let mut search =
        Search { data, settings, folds, started, searched, clock: Clock::new(observer, None, Duration::ZERO) };
    let mut round = None;
    if data.view.len().min(of_all) > 4 * FIRST {
        round = Some(search.round(&candidates[..1], FIRST, false)?);
    }
    if round.as_ref().is_none_or(|first| !first.cut_short) {
        let main = search.round(&candidates, of_all, round.is_none())?;
        round = match round {
            Some(first) if main.tried.is_empty() => Some(Round { cut_short: true, ..first }),
            _ => Some(main),
        };
    }
    let Some(mut round) = round else { return Err(Error::NothingTried) };
    let subset = Subset::new(data, &round.records);
    let judged = Judged { subset: &subset, fold_of: &round.fold_of, folds, seed: Seed(settings.seed) };
    let joined = join::choose(&round.tried, settings.members, &judged)?;
    joined.members.iter().for_each(|&number| round.trials[number].chosen = true);
    let best = |networks: bool| {
        let of_kind = round.tried.iter().filter(|tried| tried.candidate.is_network() == networks);
        of_kind.map(|tried| tried.auroc).fold(0.0, f64::max)
    };
    let networks_lead = best(true) > best(false) + NETWORKS_LEAD;
    Ok(Found {
        trials: round.trials,
        auroc: joined.auroc,
        cut_short: round.cut_short,
        too_wide: settings.candidates.len() - candidates.len(),
        judged_on: round.records.len(),
        left_out: LeftOut { records: round.records.clone(), scores: joined.left_out },
        choices: joined.choices,
        intercept: joined.intercept,
        seed: Seed(settings.seed),
        records: round.records,
        limits: Limits {
            machine_letters: settings.machine_letters,
            network_letters: settings.network_letters,
            trainings: if networks_lead { settings.trainings.max(1) } else { 1 },
        },
        deadline: settings.budget.map(|budget| started + budget),
    })
}

/// The candidates that sequences are wide enough for: networks need a window of each, machines of one.
fn fitting<'a>(view: TokenView<'_>, candidates: &'a [Candidate]) -> Result<Vec<&'a Candidate>, Error> {
    let lengths = || (0..view.len()).map(|record| view.sequence(record).len());
    let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    let room = |candidate: &Candidate| if candidate.is_network() { shortest } else { longest };
    let fitting: Vec<&Candidate> = candidates.iter().filter(|one| one.shortest() <= room(one)).collect();
    match candidates.iter().map(Candidate::shortest).min() {
        Some(width) if fitting.is_empty() => {
            let record = lengths().position(|length| length == longest).unwrap_or(0);
            Err(ckn_core::Error::TooShort { record, length: longest, width }.into())
        }
        _ => Ok(fitting),
    }
}

/// A search on its way.
struct Search<'a, 'o> {
    data: AutoData<'a>,
    settings: &'a AutoSettings,
    folds: usize,
    started: Instant,
    /// When what was found is to be trained.
    searched: Option<Instant>,
    clock: Clock<'o>,
}

impl Search<'_, '_> {
    /// Judges candidates on at most so many sequences until the time is up; the first, where it `must` be done, without a look at
    /// the budget.
    fn round(&mut self, candidates: &[&Candidate], most: usize, must: bool) -> Result<Round, Error> {
        let (settings, seed) = (self.settings, Seed(self.settings.seed));
        let records = screening(self.data, most, seed);
        let subset = Subset::new(self.data, &records);
        let fold_of = deal_groups(&subset.groups, &subset.labels, self.folds, seed)?;
        let judged = Judged { subset: &subset, fold_of: &fold_of, folds: self.folds, seed };
        let (mut tried, mut trials, mut cut_short) = (Vec::new(), Vec::<AutoTrial>::new(), false);
        for (number, candidate) in candidates.iter().enumerate() {
            let is_first = candidates.len() == 1 || (must && number == 0);
            self.clock.set_deadline(if is_first { None } else { self.searched });
            let begun = Instant::now();
            let best = tried.iter().max_by(|one: &&Tried, other| one.auroc.total_cmp(&other.auroc));
            let Some(verdict) = self.try_out(candidate, &judged, best)? else {
                cut_short = true;
                break;
            };
            let (penalty, (auroc, auroc_sd), folds) = match &verdict {
                Verdict::Judged(outcome) => (outcome.penalty, judged.auroc(&outcome.scores), self.folds),
                Verdict::GivenUp(auroc) => (None, (*auroc, 0.0), 1),
            };
            trials.push(AutoTrial {
                trial: number + 1,
                candidate: candidate.to_string(),
                penalty,
                auroc,
                auroc_sd,
                folds,
                seconds: begun.elapsed().as_secs_f64(),
                chosen: false,
            });
            if let Verdict::Judged(outcome) = verdict {
                tried.push(Tried { trial: number, candidate: (*candidate).clone(), outcome, auroc });
            }
            let best = trials.iter().map(|trial| trial.auroc).fold(0.0, f64::max);
            let left = settings.budget.map(|budget| budget.saturating_sub(self.started.elapsed()).as_secs_f64());
            // A first round says nothing of what comes after it.
            if candidates.len() > 1 || settings.candidates.len() == 1 {
                self.clock.tell(Event::Trial { trial: &trials[number], of: candidates.len(), best, left });
            }
        }
        Ok(Round { records, tried, trials, fold_of, cut_short })
    }

    fn try_out(
        &mut self,
        candidate: &Candidate,
        judged: &Judged<'_>,
        best: Option<&Tried>,
    ) -> Result<Option<Verdict>, Error> {
        if self.clock.is_over() {
            return Ok(None);
        }
        match candidate {
            Candidate::Machine { kernel, both_strands } => {
                let needed = best.and_then(|best| {
                    let gives_up = (best.candidate.reads_both_strands() && !both_strands)
                        || (!best.candidate.has_places() && kernel.places.is_some());
                    let lead = if gives_up { AHEAD } else { -HOPELESS };
                    judged.auroc_of(0, &best.outcome.scores).map(|auroc| auroc + lead)
                });
                machine::try_out(kernel, *both_strands, judged, self.settings.worse, needed, &mut self.clock)
            }
            Candidate::Network { network, learning } => network::try_out(network, learning, judged, &mut self.clock),
        }
    }
}
