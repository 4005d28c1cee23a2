//! Negatives, where only positives are given.

use std::path::Path;

use ckn::bio::LabelledSequences;
use ckn::bio::background::{Matching, matched_windows};
use ckn::bio::shuffle::shuffled_negatives;
use ckn::core::seed::Seed;
use clap::{Args, ValueEnum};

use super::{Loaded, only_positives};
use crate::command::given::{Given, effects};
use crate::exit::Usage;

/// How negatives are made.
#[derive(Debug, Clone, Args)]
pub struct NegativesArguments {
    /// How to make negatives where only positives are given; `ckn train` shuffles unless told otherwise
    #[arg(long, value_enum)]
    negatives: Option<Kind>,
    /// Negatives made for each positive [default: 1]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1000))]
    per_positive: Option<u32>,
    /// Shuffles of each positive: the same as --per-positive
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1000), conflicts_with = "per_positive")]
    shuffles: Option<u32>,
    /// Letters of the words whose counts shuffles keep [default: 2]
    #[arg(long, value_name = "LETTERS", value_parser = clap::value_parser!(u8).range(1..=12))]
    shuffle_k: Option<u8>,
    /// The most by which the GC content of a window of the genome may differ from its positive's [default: 0.02]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    gc_tolerance: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Shuffles of the positives that keep their dinucleotide counts
    Shuffle,
    /// Windows of the genome of --bed, outside all its intervals, as long and with as much GC as each positive
    Genome,
}

/// What a command does where nothing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    Shuffle,
    /// Each so often, as long as they are so many in all; once at least. They cost nothing but time.
    ShuffleOften {
        each: usize,
        all: usize,
    },
    Nothing,
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is between 0 and 1".into()),
    }
}

impl NegativesArguments {
    /// The first of the options that was given.
    fn first(&self) -> Option<&'static str> {
        let Self { negatives, per_positive, shuffles, shuffle_k, gc_tolerance } = self;
        let given = [
            ("--negatives", negatives.is_some()),
            ("--per-positive", per_positive.is_some()),
            ("--shuffles", shuffles.is_some()),
            ("--shuffle-k", shuffle_k.is_some()),
            ("--gc-tolerance", gc_tolerance.is_some()),
        ];
        given.into_iter().find_map(|(name, given)| given.then_some(name))
    }

    /// Whether negatives were asked for.
    pub fn is_asked(&self) -> bool {
        self.negatives.is_some()
    }

    /// Refuses options without effect before anything is read: where negatives are not asked for, of a genome or not, and for
    /// the reason given.
    pub fn check(
        &self,
        given: &Given,
        unasked: Unasked,
        has_genome: bool,
        idle: Option<&'static str>,
    ) -> Result<(), Usage> {
        let without = "has no effect without --negatives: add it, or drop both";
        let idle_unasked = idle.or((unasked == Unasked::Nothing && self.negatives.is_none()).then_some(without));
        let none = match (self.per_positive, self.shuffles) {
            (Some(0), _) => Some("has no effect with --per-positive 0: drop one of them"),
            (_, Some(0)) => Some("has no effect with --shuffles 0: drop one of them"),
            _ => None,
        };
        let of_genome = self.negatives == Some(Kind::Genome);
        let no_genome = "genome draws windows of the genome of --bed: give --bed and --genome";
        let without_genome = (of_genome && !has_genome).then_some(no_genome);
        let on_genome = of_genome.then_some("has no effect on --negatives genome: drop it, or say --per-positive");
        let on_shuffles = "has no effect on --negatives shuffle: add --negatives genome, or drop it";
        effects!(given, self; ;
            negatives => idle.or(without_genome).or(none);
            per_positive => idle_unasked;
            shuffles => idle_unasked.or(on_genome);
            shuffle_k => idle_unasked.or(none).or(on_genome);
            gc_tolerance => idle_unasked.or(none).or((!of_genome).then_some(on_shuffles)))
    }

    /// Adds negatives where there are none, and says so in the notes.
    pub fn add(&self, loaded: Loaded, seed: u64, unasked: Unasked) -> anyhow::Result<Loaded> {
        if !only_positives(&loaded.data) {
            return match self.first() {
                None => Ok(loaded),
                Some(name) => {
                    let message =
                        format!("{name} makes negatives where there are none, but the data have some: drop it");
                    Err(Usage(message).into())
                }
            };
        }
        if self.negatives.is_none()
            && unasked == Unasked::Nothing
            && let Some(name) = self.first()
        {
            return Err(Usage(format!("{name} has no effect without --negatives: add it, or drop {name}")).into());
        }
        let asked = self.per_positive.or(self.shuffles).map(|count| count as usize);
        let often = match unasked {
            Unasked::ShuffleOften { each, all } if self.negatives != Some(Kind::Genome) => {
                (all / loaded.data.len().max(1)).clamp(1, each)
            }
            _ => 1,
        };
        let per_positive = asked.unwrap_or(often);
        if per_positive == 0 || (self.negatives.is_none() && unasked == Unasked::Nothing) {
            return Ok(loaded);
        }
        let Loaded { data, peaks, mut notes, .. } = loaded;
        let data = match (self.negatives, &peaks) {
            (Some(Kind::Genome), Some(peaks)) => {
                if !peaks.genome.is_file() {
                    let message = "a pipe, such as standard input, is read once: --negatives genome needs a file";
                    return Err(Usage(message.into()).into());
                }
                let tolerance = self.gc_tolerance.unwrap_or(Matching::default().tolerance);
                let matching = Matching { per_positive, tolerance };
                let found = matched_windows(&peaks.genome, &peaks.bed, &peaks.cut, matching, Seed(seed))?;
                let genome = Path::new(peaks.genome.file().as_ref());
                let genome = genome.file_name().unwrap_or(genome.as_os_str()).to_string_lossy();
                notes.push(format!(
                    "no negatives: drew {} windows of {genome} outside the intervals; mean GC content {:.4}, of the \
                     positives {:.4}; each within {tolerance} of its positive",
                    found.sequences.len(),
                    found.negative_gc,
                    found.positive_gc
                ));
                if found.missing > 0 {
                    notes.push(format!(
                        "{} windows of {} were not found: allow more by --gc-tolerance, or ask for fewer by \
                         --per-positive",
                        found.missing,
                        found.missing + found.sequences.len()
                    ));
                }
                LabelledSequences::from_classes(data.sequences(), &found.sequences)?
            }
            _ => {
                let k = usize::from(self.shuffle_k.unwrap_or(2));
                let (count, kept) = (per_positive * data.len(), if k == 2 { "dinucleotide" } else { "k-let" });
                notes.push(format!(
                    "no negatives: made {count} by shuffling the positives, with their {kept} counts kept"
                ));
                data.with_shuffles(&shuffled_negatives(data.sequences(), k, per_positive, Seed(seed))?)?
            }
        };
        Ok(Loaded { data, peaks, notes })
    }
}
