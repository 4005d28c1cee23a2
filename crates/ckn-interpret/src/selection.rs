//! Words that tell two sets of sequences apart, with p-values that allow for their having been chosen on the same sequences.
//!
//! Of all words of a width, the one is chosen whose sequences have labels that are most surprising; its sites are masked, and the next is chosen.
//! A test that forgets the choice is too sure: the best of thousands is surprising by chance. So the score of the chosen word is compared with that of
//! the word that other labels would choose; and these are labels *under which the words before it would have been chosen, too*: they are drawn by a
//! random walk of exchanges of two labels that never leaves that set (`walk`), as hit-and-run sampling does where labels are normal (L. Slim,
//! C. Chatelain, C.-A. Azencott, J.-P. Vert: kernelPSI, 2019; A. Villié, P. Veber, Y. de Castro, L. Jacob: SEISM, 2022). The walks begin with one
//! back from the labels as they are, so that p-values are exact however far they go (J. Besag and P. Clifford, Biometrika 76, 1989).

mod grid;
mod walk;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::stratified_fisher_exact;
use ckn_core::seed::Seed;
use rayon::prelude::*;

use self::grid::{Best, Grid, Masked};
use self::walk::{Event, Walker};
use crate::{Error, Strata};

/// How words are chosen and tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionSettings {
    /// Letters of a word, 3 to 10.
    pub width: usize,
    /// Letters of a site that may differ from the word: 0 or 1.
    pub mismatches: usize,
    /// Whether sites may stand on either strand.
    pub both_strands: bool,
    /// Words that are chosen, at most.
    pub most: usize,
    /// P-value above which a word is the last.
    pub largest_p_value: f64,
    /// Other labels that those of the data are compared with: the smallest p-value is one over one more.
    pub draws: usize,
    /// Root of the random streams.
    pub seed: Seed,
}

/// A word that was chosen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SelectedWord {
    /// Its letters; on both strands, those that come first in the alphabet.
    pub word: String,
    /// Positives with a site, and negatives with a site.
    pub with_site: [usize; 2],
    /// Positives and negatives that hold it more often than labels by chance would make it, in standard deviations.
    pub z: f64,
    /// P-value that forgets that the word was chosen: [`stratified_fisher_exact`], one-sided.
    pub naive_p_value: f64,
    /// How often other labels, under which the words before would have been chosen, too, choose a word of such a score; where the scores are the
    /// same, those of the other words decide.
    pub p_value: f64,
}

/// What happens while words are tested: permutations of the labels that are done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectionEvent {
    /// The word that is tested.
    pub word: String,
    /// Its place among the words chosen, counted from 0.
    pub rank: usize,
    /// Permutations that are done.
    pub done: usize,
    /// All permutations.
    pub of: usize,
}

/// Permutations between two events.
const BETWEEN_EVENTS: usize = 64;
/// Scores that differ by less are the same.
const TIE: f64 = 1e-9;
/// Steps of a walk, for each sequence; half of them find two labels that are the same.
const STEPS: usize = 4;
/// Steps of a walk, at most: p-values are exact all the same, and large sets need no longer.
const MOST_STEPS: usize = 20_000;

/// Chooses words, the most surprising first, and tests each given that it, and those before it, were chosen.
///
/// The score of a word is `z = (k − K n₊/n)/√(K (1 − K/n) n₊ n₋/(n (n − 1)))` of `k` positives among `K` sequences with a site: the
/// hypergeometric number in its standard deviations. Where sequences are `given` in groups, labels are exchanged within these alone, and means and
/// variances are sums over groups (N. Mantel and W. Haenszel 1959). The null hypothesis of a word: labels have nothing to do with the sequences, but for
/// the words before it, so that labels of sequences that hold the same of these may be exchanged. A word that chance explains is the last:
/// labels that choose it are few, and walks among them short.
///
/// ```
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_bio::LabelledSequences;
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{SelectionSettings, Strata, select_words};
/// let bound = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 50, 60) }.run(Seed(0))?.sequences;
/// let data = LabelledSequences::from_classes(&bound, &Simulation::new("random", 50, 60).run(Seed(0))?.sequences)?;
/// let (both_strands, largest_p_value, seed) = (true, 0.05, Seed(0));
/// let settings = SelectionSettings { width: 6, mismatches: 0, both_strands, most: 1, largest_p_value, draws: 99, seed };
/// let words = select_words(data.sequences(), data.labels(), &Strata::one(100), &settings)?;
/// assert_eq!((words[0].word.as_str(), words[0].p_value), ("CACGTG", 0.01));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ckn_core::Error::Parameter`] for settings out of range, and for an alphabet that has not four letters; [`ckn_core::Error::Shape`]
/// unless there is a label a sequence; [`ckn_core::Error::Label`] for one that is neither 0 nor 1; [`ckn_core::Error::Memory`] for more
/// words than memory is allowed for.
pub fn select_words(
    sequences: &EncodedSequences,
    labels: &[f64],
    given: &Strata,
    settings: &SelectionSettings,
) -> Result<Vec<SelectedWord>, Error> {
    select_words_observed(sequences, labels, given, settings, &mut |_| {})
}

/// [`select_words`], telling now and then how far it is.
///
/// ```
/// use ckn_bio::LabelledSequences;
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{SelectionSettings, Strata, select_words_observed};
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 50, 60) };
/// let (bound, random) = (simulation.run(Seed(0))?.sequences, Simulation::new("random", 50, 60).run(Seed(0))?.sequences);
/// let data = LabelledSequences::from_classes(&bound, &random)?;
/// let (both_strands, largest_p_value, seed) = (true, 0.05, Seed(0));
/// let settings = SelectionSettings { width: 6, mismatches: 0, both_strands, most: 1, largest_p_value, draws: 99, seed };
/// let mut done = Vec::new();
/// let words = select_words_observed(data.sequences(), data.labels(), &Strata::one(100), &settings, &mut |event| {
///     done.push((event.word, event.done, event.of));
/// })?;
/// assert_eq!(words[0].word, "CACGTG");
/// assert_eq!(done, [("CACGTG".to_owned(), 64, 99), ("CACGTG".to_owned(), 99, 99)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`select_words`].
pub fn select_words_observed(
    sequences: &EncodedSequences,
    labels: &[f64],
    given: &Strata,
    settings: &SelectionSettings,
    observer: &mut dyn FnMut(SelectionEvent),
) -> Result<Vec<SelectedWord>, Error> {
    settings.check(sequences, labels, given)?;
    let positive: Vec<bool> = labels.iter().map(|&label| label > 0.5).collect();
    let mut masked = Masked::new(sequences, settings)?;
    // The group that is given, and behind it a bit for each word before.
    let mut strata: Vec<(usize, u32)> = given.of().iter().map(|&group| (group, 0)).collect();
    let mut events: Vec<Event> = Vec::new();
    let mut chosen = Vec::new();
    for rank in 0..settings.most {
        let grid = Grid::new(&masked, &positive, given);
        let Some(best) = grid.best() else { break };
        let (word, sites) = (grid.word(best), grid.holders(best));
        let with_site = [true, false].map(|class| sites.iter().filter(|&&site| positive[site] == class).count());
        let observed = grid.best_scores(&positive);
        let groups = Strata::new(&strata);
        // From the labels as they are to one place, and from there to all others: each of them could as well have been the first.
        let (steps, stream) = ((STEPS * sequences.len()).min(MOST_STEPS), settings.seed.child("select"));
        let mut hub = Walker::new(&events, &groups, &positive);
        hub.walk(steps, &mut stream.stream_at("back", rank as u64));
        let reached_by = |draw: &usize| {
            let mut walker = hub.clone();
            walker.walk(steps, &mut stream.stream_at(&format!("forth/{rank}"), *draw as u64));
            reaches(&grid.best_scores(walker.labels()), &observed)
        };
        let letters = masked.letters(word);
        let mut reached = 0;
        for first in (0..settings.draws).step_by(BETWEEN_EVENTS) {
            let done = (first + BETWEEN_EVENTS).min(settings.draws);
            reached += (first..done).into_par_iter().filter(reached_by).count();
            observer(SelectionEvent { word: letters.clone(), rank, done, of: settings.draws });
        }
        chosen.push(SelectedWord {
            word: letters,
            with_site,
            z: observed[0],
            naive_p_value: naive(&sites, &positive, given)?,
            p_value: (1 + reached) as f64 / (1 + settings.draws) as f64,
        });
        if (1 + reached) as f64 > settings.largest_p_value * (1 + settings.draws) as f64 {
            break;
        }
        sites.iter().for_each(|&site| strata[site].1 |= 1 << rank);
        masked.mask(word);
        events.push(Event::new(grid, best));
    }
    Ok(chosen)
}

/// Whether scores are at least as large as others: the first of them that are not the same decide.
fn reaches(scores: &Best, others: &Best) -> bool {
    let apart = scores.iter().zip(others).find(|(score, other)| (*score - *other).abs() > TIE);
    apart.is_none_or(|(score, other)| score > other)
}

/// Fisher's exact test of one word, within the groups that are given.
fn naive(sites: &[usize], positive: &[bool], given: &Strata) -> Result<f64, Error> {
    let mut tables = vec![[[0u32; 2]; 2]; given.members().len()];
    if u32::try_from(positive.len()).is_err() {
        return Err(out_of_range("sequences", positive.len(), "below 4294967296"));
    }
    let row = |record: usize| usize::from(!positive[record]);
    given.of().iter().enumerate().for_each(|(record, &group)| tables[group][row(record)][1] += 1);
    for &site in sites {
        let table = &mut tables[given.of()[site]][row(site)];
        table[0] += 1;
        table[1] -= 1;
    }
    Ok(stratified_fisher_exact(&tables))
}

fn out_of_range(name: &'static str, got: usize, expected: &'static str) -> Error {
    ckn_core::Error::Parameter { name, got: got as f64, expected }.into()
}

impl SelectionSettings {
    fn check(&self, sequences: &EncodedSequences, labels: &[f64], given: &Strata) -> Result<(), Error> {
        let (expected, got) = (sequences.len(), labels.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "labels", expected, got }.into());
        }
        if given.of().len() != expected {
            return Err(ckn_core::Error::Shape { what: "strata", expected, got: given.of().len() }.into());
        }
        if let Some(&got) = labels.iter().find(|&&label| label != 0.0 && label != 1.0) {
            return Err(ckn_core::Error::Label { got, expected: "0 or 1" }.into());
        }
        if !(self.largest_p_value > 0.0 && self.largest_p_value <= 1.0) {
            let (name, got, expected) = ("largest p-value", self.largest_p_value, "above 0, and at most 1");
            return Err(ckn_core::Error::Parameter { name, got, expected }.into());
        }
        let letters = sequences.alphabet().letter_count();
        for (name, got, fits, expected) in [
            ("letters", letters, letters == 4, "4"),
            ("width", self.width, (3..=10).contains(&self.width), "between 3 and 10"),
            ("mismatches", self.mismatches, self.mismatches <= 1, "0 or 1"),
            ("words", self.most, (1..=32).contains(&self.most), "between 1 and 32"),
            ("draws", self.draws, (1..=1_000_000).contains(&self.draws), "between 1 and 1000000"),
        ] {
            if !fits {
                return Err(out_of_range(name, got, expected));
            }
        }
        Ok(())
    }
}
