use std::path::PathBuf;

use ckn::bio::motif::{Background, Motif, MotifPair, PairSettings, motif_pairs, read_motifs, write_meme};
use ckn::bio::{Alphabet, EncodedSequences};
use ckn::core::seed::Seed;
use ckn::interpret::{DiscoverySettings, discover_all};
use clap::Args;

use super::given::{Effects, Given, effects};
use super::site_arguments::SiteArguments;
use super::table_arguments::TableArguments;
use crate::exit::{self, Usage};
use crate::input::{LabelledArguments, Unasked, positives_and_negatives};
use crate::motif_reading::table::cell;
use crate::names::{StrandsChoice, alphabet};
use crate::talk::{counted, say};

/// Test which motifs stand in pairs, at a preferred distance and in a preferred direction
#[derive(Debug, Args)]
#[command(after_help = "\
Every two motifs are tested, and each with itself. Of every sequence the two hits count that do not overlap and score best together; \
what is a hit is as for ckn enrich. A pair is an order, a direction of both and a gap, the letters between them (or a range of 3, 9 or \
27 gaps), that more positives have than would if the place of each motif had nothing to do with that of the other: if it were its place in another \
positive of like length. So motifs that gather in the middle of peaks are no pair by that alone.

Without MOTIFS, those are tested that stand in more of all sequences than of their shuffles, whatever the class: motifs of a pair may \
stand in both classes. --found keeps them.

Prints a table of the pairs up to --max-q, the most significant first:
  first, first_name, second, second_name
  arrangement    from left to right, with the direction that each reads in: 1> 2>, 2> 1>, 1> <2 or <1 2>, which are the same from the \
other strand; a palindrome reads as the other motif does
  gap_from, gap_to   letters between both (bp)
  positives, positives_with_both, positives_arranged, expected
  p_value        of so many, exact, times the number of arrangements and gaps that were looked at
  q_value        false discovery rate among all pairs (Benjamini and Hochberg)
  negatives, negatives_arranged
  fisher_p       of the numbers arranged so in positives and negatives, exact, one-sided, not corrected for the choice of the arrangement

Examples:
  ckn pairs --pos bound.fa --neg unbound.fa --found found.meme
  ckn pairs found.meme --pos bound.fa --neg unbound.fa
  ckn pairs known.meme --seq ELK1_B.seq.gz --largest-gap 40 --out pairs.tsv")]
pub struct Pairs {
    /// Motifs, at most 200: MEME, JASPAR, TRANSFAC or HOMER, plain or gzipped; without them, those of the sequences are found
    motifs: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    /// Alphabet of the sequences, where no motifs are given
    #[arg(long, default_value = "dna", value_parser = alphabet(), conflicts_with = "motifs", help_heading = "Sequences")]
    alphabet: Alphabet,
    #[command(flatten)]
    sites: SiteArguments,
    /// Most letters between both sites
    #[arg(long, value_name = "BP", default_value_t = 100, value_parser = largest_gap, help_heading = "Test")]
    largest_gap: usize,
    /// MEME file to write the motifs to that were found in the sequences
    #[arg(long, value_name = "FILE", conflicts_with = "motifs")]
    found: Option<PathBuf>,
    /// Root of the random streams: shuffles, windows of the genome
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    table: TableArguments,
}

/// Motifs of which every two are tested.
const MOST: usize = 200;

fn largest_gap(text: &str) -> Result<usize, String> {
    let within = text.parse().ok().filter(|gap| *gap <= 10_000);
    within.ok_or_else(|| "a gap is at most 10000 letters".to_owned())
}

impl Effects for Pairs {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; motifs, sequences, alphabet, sites, largest_gap, found, seed, table)?;
        self.sites.check_effects(given)?;
        self.table.check_effects(given)?;
        self.sequences.check_effects(given)
    }
}

impl Pairs {
    pub fn run(self) -> anyhow::Result<u8> {
        self.table.prepare(self.sequences.paths().chain(self.motifs.as_deref()))?;
        if let Some(found) = &self.found {
            self.table.prepare_beside(found)?;
        }
        let given = self.motifs.as_deref().map(read_motifs).transpose()?;
        let alphabet = given.as_ref().map_or(self.alphabet, |file| file.alphabet);
        if let Some(file) = given.as_ref().filter(|file| file.motifs.len() > MOST) {
            let message = format!(
                "{} motifs are too many to test every two, at most {MOST}: give those that `ckn enrich` finds",
                file.motifs.len()
            );
            return Err(Usage(message).into());
        }
        let both_strands = StrandsChoice::both(self.sites.strands, alphabet)?.unwrap_or(alphabet == Alphabet::Dna);
        let loaded = self.sequences.read(alphabet, Unasked::Shuffle, self.seed, Ok)?;
        if !self.table.quiet {
            loaded.notes.iter().for_each(say);
        }
        let (positives, negatives) = positives_and_negatives(&loaded.data)?;
        let motifs = match given {
            Some(file) => file.motifs,
            None => self.find(loaded.data.sequences(), both_strands)?,
        };
        let settings = PairSettings {
            both_strands,
            chance: self.sites.chance,
            pseudocount: self.sites.pseudocount,
            largest_gap: self.largest_gap,
        };
        let rows = motif_pairs(&motifs, &positives, &negatives, &settings)?;
        let shown: Vec<&MotifPair> = rows.iter().filter(|row| row.q_value <= self.sites.max_q).collect();
        self.table.write(|out| {
            writeln!(
                out,
                "first\tfirst_name\tsecond\tsecond_name\tarrangement\tgap_from\tgap_to\tpositives\tpositives_with_both\t\
                 positives_arranged\texpected\tp_value\tq_value\tnegatives\tnegatives_arranged\tfisher_p"
            )?;
            let sets = [positives.len(), negatives.len()];
            shown.iter().try_for_each(|row| Ok(writeln!(out, "{}", line(row, &motifs, sets))?))
        })?;
        if !self.table.quiet {
            let (shown, all) = (counted(shown.len(), "pair"), counted(motifs.len(), "motif"));
            say(format_args!("{shown} of {all} at a false discovery rate of {}", self.sites.max_q));
        }
        Ok(exit::DONE)
    }

    /// The motifs of all sequences.
    fn find(&self, sequences: &EncodedSequences, both_strands: bool) -> anyhow::Result<Vec<Motif>> {
        let motifs = discover_all(sequences, &DiscoverySettings::new(both_strands), Seed(self.seed))?;
        if let Some(found) = &self.found {
            let background = Background::uniform(self.alphabet);
            self.table.write_beside(found, |out| Ok(write_meme(&motifs, &background, both_strands, out)?))?;
        }
        Ok(motifs)
    }
}

fn line(row: &MotifPair, motifs: &[Motif], [positives, negatives]: [usize; 2]) -> String {
    let [first, second] = row.motifs.map(|motif| {
        let name = motifs[motif].alternate.as_deref().map_or_else(|| "NA".to_owned(), cell);
        format!("{}\t{name}", cell(&motifs[motif].name))
    });
    format!(
        "{first}\t{second}\t{}\t{}\t{}\t{positives}\t{}\t{}\t{:.4}\t{:.6e}\t{:.6e}\t{negatives}\t{}\t{:.6e}",
        row.arrangement,
        row.gap[0],
        row.gap[1],
        row.positives_with_both,
        row.positives_arranged,
        row.expected,
        row.p_value,
        row.q_value,
        row.negatives_arranged,
        row.fisher_p_value
    )
}
