use std::time::{Duration, Instant};

use ckn::bio::Alphabet;
use ckn::core::seed::Seed;
use ckn::interpret::{SelectedWord, SelectionEvent, SelectionSettings, select_words_observed};
use clap::Args;

use super::given::{Effects, Given, effects};
use super::table_arguments::TableArguments;
use crate::exit::{self, Input, Usage};
use crate::input::{LabelledArguments, Unasked, alike, positives_and_negatives};
use crate::names::{StrandsChoice, alphabet};
use crate::talk::say;

/// Choose the words that tell two sets of sequences apart, with p-values that allow for the choice
#[derive(Debug, Args)]
#[command(after_help = "\
Of all words of --width letters that stand in at least three sequences, the one is chosen that most distinguishes the positives; its sites \
become unknown letters, and the next is chosen. All sequences are used for both, the choice and the test, so none are lost to a second \
half: a word is compared with the best words that permuted labels choose. For the second word and those after it, labels are permuted \
among sequences that hold the same of the words before, and only so that these would have been chosen, too.

Prints a table, the first chosen first:
  word           its letters; of a word and its reverse complement that which comes first in the alphabet
  positives, positives_with_site, negatives, negatives_with_site
  z              how many more positives than by chance, in standard deviations; with --given-gc within sequences of one share of C and G
  naive_p        of the numbers with a site, exact (Fisher), one-sided, as if the word had been given
  p_value        allowing for the choice; a word above --max-p is the last

Examples:
  ckn words --pos bound.fa --neg unbound.fa
  ckn words --pos bound.fa --neg elsewhere.fa --given-gc
  ckn words --seq ELK1_B.seq.gz --width 6 --mismatches 0 --permutations 9999")]
pub struct Words {
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    /// Alphabet of the sequences
    #[arg(long, default_value = "dna", value_parser = alphabet(), help_heading = "Sequences")]
    alphabet: Alphabet,
    /// Strands that sites stand on [default: both of DNA]
    #[arg(long, value_enum, help_heading = "Test")]
    strands: Option<StrandsChoice>,
    /// Letters of a word
    #[arg(long, value_name = "BP", default_value_t = 8, value_parser = clap::value_parser!(u8).range(3..=10), help_heading = "Test")]
    width: u8,
    /// Letters of a site that may differ from the word
    #[arg(long, value_name = "0|1", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=1), help_heading = "Test")]
    mismatches: u8,
    /// Ask what labels have to do with beside the share of C and G: they are permuted among sequences of the same share alone
    #[arg(long, help_heading = "Test")]
    given_gc: bool,
    /// Words that are chosen
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=32), help_heading = "Test")]
    most: u8,
    /// P-value above which a word is the last
    #[arg(long, value_name = "P", default_value_t = 0.05, value_parser = largest, help_heading = "Test")]
    max_p: f64,
    /// Permutations of the labels: the smallest p-value is one over one more
    #[arg(long, default_value_t = 999, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Test")]
    permutations: u32,
    /// Root of the random streams: permutations, shuffles, windows of the genome
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    table: TableArguments,
}

fn largest(text: &str) -> Result<f64, String> {
    let within = text.parse().ok().filter(|p| *p > 0.0 && *p <= 1.0);
    within.ok_or_else(|| "a p-value is above 0, and at most 1".to_owned())
}

impl Effects for Words {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; sequences, alphabet, strands, width, mismatches, given_gc, most, max_p, permutations, seed, table)?;
        self.table.check_effects(given)?;
        self.sequences.check_effects(given)
    }
}

impl Words {
    pub fn run(self) -> anyhow::Result<u8> {
        self.table.prepare(self.sequences.paths())?;
        let alphabet = self.alphabet;
        if alphabet == Alphabet::Protein {
            return Err(Usage("words of proteins are not tested: --alphabet dna or rna".into()).into());
        }
        let both_strands = StrandsChoice::both(self.strands, alphabet)?.unwrap_or(alphabet == Alphabet::Dna);
        let loaded = self.sequences.read(alphabet, Unasked::Shuffle, self.seed, Ok)?;
        if !self.table.quiet {
            loaded.notes.iter().for_each(say);
        }
        let (positives, negatives) = positives_and_negatives(&loaded.data)?;
        if positives.is_empty() || negatives.is_empty() {
            let which = if positives.is_empty() { "positive" } else { "negative" };
            return Err(Input(format!("there is no {which} sequence: there is nothing to tell apart")).into());
        }
        let settings = SelectionSettings {
            width: usize::from(self.width),
            mismatches: usize::from(self.mismatches),
            both_strands,
            most: usize::from(self.most),
            largest_p_value: self.max_p,
            draws: self.permutations as usize,
            seed: Seed(self.seed),
        };
        let (sequences, labels) = (loaded.data.sequences(), loaded.data.labels());
        let (given, note) = alike(sequences, labels, self.given_gc)?;
        note.filter(|_| !self.table.quiet).iter().for_each(say);
        let mut progress = Progress::new(BETWEEN_LINES);
        let words = select_words_observed(sequences, labels, &given, &settings, &mut |event| {
            if let Some(line) = progress.line(&event).filter(|_| !self.table.quiet) {
                say(line);
            }
        })?;
        self.table.write(|out| {
            writeln!(out, "word\tpositives\tpositives_with_site\tnegatives\tnegatives_with_site\tz\tnaive_p\tp_value")?;
            let sets = [positives.len(), negatives.len()];
            words.iter().try_for_each(|word| Ok(writeln!(out, "{}", line(word, sets))?))
        })?;
        Ok(exit::DONE)
    }
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// What is said of a test that takes long.
struct Progress {
    between: Duration,
    last_line: Instant,
    /// When the test of the present word began.
    began: Instant,
    rank: usize,
}

impl Progress {
    fn new(between: Duration) -> Self {
        let now = Instant::now();
        Self { between, last_line: now, began: now, rank: 0 }
    }

    /// A line, now and then, of a word that is not done.
    fn line(&mut self, event: &SelectionEvent) -> Option<String> {
        if event.rank != self.rank {
            (self.rank, self.began) = (event.rank, Instant::now());
        }
        if event.done >= event.of || self.last_line.elapsed() < self.between {
            return None;
        }
        self.last_line = Instant::now();
        let left = self.began.elapsed().as_secs_f64() * (event.of - event.done) as f64 / event.done.max(1) as f64;
        let SelectionEvent { word, done, of, .. } = event;
        let number = event.rank + 1;
        Some(format!("word {number}, {word}: {done} of {of} permutations, {left:.0} s left"))
    }
}

fn line(word: &SelectedWord, [positives, negatives]: [usize; 2]) -> String {
    let [with, without] = word.with_site;
    format!(
        "{}\t{positives}\t{with}\t{negatives}\t{without}\t{:.3}\t{:.6e}\t{:.6}",
        word.word, word.z, word.naive_p_value, word.p_value
    )
}

#[cfg(test)]
mod tests {
    use ckn::bio::EncodedSequences;
    use ckn::interpret::Strata;

    use super::*;

    #[test]
    fn long_tests_say_how_far_they_are_and_short_ones_nothing() {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        for at in 0..8 {
            sequences.push(&format!("s{at}"), if at < 4 { b"AACGTA" } else { b"TTTTTT" }).unwrap();
        }
        let labels: Vec<f64> = (0..8).map(|at| f64::from(at < 4)).collect();
        let settings = SelectionSettings {
            width: 3,
            mismatches: 0,
            both_strands: false,
            most: 1,
            largest_p_value: 1.0,
            draws: 150,
            seed: Seed(0),
        };
        let said = |between: u64| {
            let (mut progress, mut lines) = (Progress::new(Duration::from_secs(between)), Vec::new());
            let mut hear = |event: SelectionEvent| lines.extend(progress.line(&event));
            select_words_observed(&sequences, &labels, &Strata::one(8), &settings, &mut hear).unwrap();
            lines
        };
        // Of 64, 128 and 150 permutations the last needs no line.
        let lines = said(0);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("word 1, ") && lines[0].contains(": 64 of 150 permutations, "), "{lines:?}");
        assert!(said(3600).is_empty());
    }
}
