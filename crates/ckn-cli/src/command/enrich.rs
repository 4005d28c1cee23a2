use std::path::PathBuf;

use ckn::bio::motif::{KnownEnrichment, KnownMotifSettings, Motif, enriched_motifs, read_motifs};
use ckn::bio::{Alphabet, EncodedSequences, GcMatched};
use ckn::core::seed::Seed;
use clap::Args;

use super::given::{Effects, Given, effects};
use super::site_arguments::SiteArguments;
use super::table_arguments::TableArguments;
use crate::exit::{self, Input, Usage};
use crate::input::{LabelledArguments, Unasked, positives_and_negatives};
use crate::motif_reading::table::cell;
use crate::names::StrandsChoice;
use crate::talk::{counted, say};

/// Test which known motifs are enriched in one set of sequences
#[derive(Debug, Args)]
#[command(after_help = "\
Every motif of the file is scanned against all sequences, log-odds against the letters of the negatives. A sequence has a hit if \
its best site reaches the score that a random sequence of the mean length reaches with probability --chance. Negatives should be like \
the positives but for the motifs: of the same length and GC content (--bed with --negatives genome draws such windows of the genome); \
without any, the positives are shuffled with their dinucleotide counts kept.

Prints a table of the motifs up to --max-q, the most significant first:
  motif, name, consensus, width (bp)
  positives, positives_with_hit, negatives, negatives_with_hit
  log2_ratio     of the shares with a hit, half a sequence added to each
  fisher_p       of the numbers with a hit, exact, one-sided
  auroc, rank_sum_p  of the best scores, without a threshold
  p_value        the better of both, doubled
  q_value        false discovery rate among all motifs of the file (Benjamini and Hochberg)
  best_threshold, best_positives, best_negatives
                 bits at which the motif is most enriched, and sequences with such a site
  best_p         exact for the choice of that threshold among all
  centre_bp, centre_p
                 how far from the centres of the positives their hits are, on average, and is that less than by chance

--match-gc draws from given negatives, without replacement: for each positive one of the same GC content, to a hundredth, or as many as all but \
one in a hundred of the positives can have. Positives for which there is none are left out.

Examples:
  ckn enrich JASPAR.meme --pos bound.fa --neg unbound.fa
  ckn enrich JASPAR.meme --bed peaks.narrowPeak --genome hg38.2bit --window 200 --negatives genome --out enriched.tsv
  ckn enrich JASPAR.meme --pos bound.fa --neg open_chromatin.fa --match-gc
  ckn enrich JASPAR.meme --pos bound.fa --neg unbound.fa --max-q 1 --out all.tsv")]
pub struct Enrich {
    /// Known motifs: MEME, JASPAR, TRANSFAC or HOMER, plain or gzipped
    database: PathBuf,
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    /// Draw negatives of the GC content of the positives, without replacement; positives without such negatives are left out
    #[arg(long, help_heading = "Sequences")]
    match_gc: bool,
    #[command(flatten)]
    sites: SiteArguments,
    /// Root of the random streams: shuffles, windows of the genome, negatives that are drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    table: TableArguments,
}

impl Effects for Enrich {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let made = (given.has("pos") && !given.has("neg")) || (given.has("bed") && !given.has("neg_bed"));
        let made = made.then_some("draws from negatives that are given: drop it, or give some");
        effects!(given, self; database, sequences, sites, seed, table; match_gc => made)?;
        self.sites.check_effects(given)?;
        self.table.check_effects(given)?;
        self.sequences.check_effects(given)
    }
}

impl Enrich {
    pub fn run(self) -> anyhow::Result<u8> {
        self.table.prepare(self.sequences.paths().chain([self.database.as_path()]))?;
        let known = read_motifs(&self.database)?;
        let alphabet = known.alphabet;
        let both_strands = StrandsChoice::both(self.sites.strands, alphabet)?.unwrap_or(alphabet == Alphabet::Dna);
        // Shuffles have the GC content of the positives: there would be nothing to draw.
        let unasked = if self.match_gc { Unasked::Nothing } else { Unasked::Shuffle };
        let loaded = self.sequences.read(alphabet, unasked, self.seed, Ok)?;
        if !self.table.quiet {
            loaded.notes.iter().for_each(say);
        }
        let (mut positives, mut negatives) = positives_and_negatives(&loaded.data)?;
        if self.match_gc {
            (positives, negatives) = self.matched(&positives, &negatives)?;
        }
        let settings =
            KnownMotifSettings { both_strands, chance: self.sites.chance, pseudocount: self.sites.pseudocount };
        let rows = enriched_motifs(&known.motifs, &positives, &negatives, settings)?;
        let shown: Vec<&KnownEnrichment> = rows.iter().filter(|row| row.q_value <= self.sites.max_q).collect();
        self.table.write(|out| {
            writeln!(
                out,
                "motif\tname\tconsensus\twidth\tpositives\tpositives_with_hit\tnegatives\tnegatives_with_hit\tlog2_ratio\t\
                 fisher_p\tauroc\trank_sum_p\tp_value\tq_value\tbest_threshold\tbest_positives\tbest_negatives\tbest_p\tcentre_bp\t\
                 centre_p"
            )?;
            shown.iter().try_for_each(|row| Ok(writeln!(out, "{}", line(row, &known.motifs))?))
        })?;
        if !self.table.quiet {
            let (shown, all, q) = (shown.len(), rows.len(), self.sites.max_q);
            say(format_args!("{shown} of {all} motifs are enriched at a false discovery rate of {q}"));
        }
        Ok(exit::DONE)
    }

    /// Positives and negatives of the same GC content.
    fn matched(&self, positives: &EncodedSequences, negatives: &EncodedSequences) -> anyhow::Result<Classes> {
        if positives.alphabet() == Alphabet::Protein {
            return Err(Usage("--match-gc is for DNA and RNA: proteins have no GC content".into()).into());
        }
        let matched = GcMatched::new(positives, negatives, Seed(self.seed))?;
        if matched.negatives.is_empty() {
            return Err(Input("no negative has the GC content of a positive: give others".into()).into());
        }
        if !self.table.quiet {
            let (kept, all, each) = (matched.negatives.len(), negatives.len(), matched.per_positive);
            let [of_positives, of_negatives] = matched.content;
            let with = counted(matched.positives.len(), "positive");
            say(format_args!(
                "kept {kept} of {all} negatives, {each} for each of {with}: mean GC content {of_negatives:.4} and {of_positives:.4}"
            ));
            let without = positives.len() - matched.positives.len();
            if without > 0 {
                let without = counted(without, "positive");
                say(format_args!("left out {without} for which there is no negative of the same GC content"));
            }
        }
        Ok((positives.select(&matched.positives)?, negatives.select(&matched.negatives)?))
    }
}

/// Positives and negatives.
type Classes = (EncodedSequences, EncodedSequences);

fn line(row: &KnownEnrichment, motifs: &[Motif]) -> String {
    let (motif, test) = (&motifs[row.motif], &row.enrichment);
    let (identifier, consensus) = (cell(&motif.name), motif.probabilities.consensus());
    let name = motif.alternate.as_deref().map_or_else(|| "NA".to_owned(), cell);
    let counts = [test.positives, test.positives_with_hit, test.negatives, test.negatives_with_hit];
    let counts = counts.map(|count| count.to_string()).join("\t");
    let best = &row.best;
    let threshold = if best.threshold.is_finite() { format!("{:.3}", best.threshold) } else { "NA".to_owned() };
    let distance = row.centrality.distance.map_or_else(|| "NA".to_owned(), |distance| format!("{distance:.1}"));
    format!(
        "{identifier}\t{name}\t{consensus}\t{}\t{counts}\t{:.3}\t{:.10e}\t{:.4}\t{:.10e}\t{:.10e}\t{:.10e}\t{threshold}\t{}\t{}\t{:.10e}\t{distance}\t{:.10e}",
        motif.probabilities.width(),
        test.log2_ratio,
        test.fisher_p_value,
        test.auroc,
        test.rank_sum_p_value,
        row.p_value,
        row.q_value,
        best.positives_with_hit,
        best.negatives_with_hit,
        best.p_value,
        row.centrality.p_value
    )
}
