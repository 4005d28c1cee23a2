mod annotation;
mod motifs;
mod pairs;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use ckn::bio::io::{Genome, read_variant_table, read_vcf};
use ckn::bio::{VariantContexts, VariantStatus, variant_contexts};
use ckn::core::TokenView;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::interpret::{Effect, Explainer, NullEffects};
use ckn::model::Model;
use clap::Args;

use self::motifs::MotifArguments;
use super::explained::{load, window_of};
use super::given::{Effects, Given, effects};
use super::table_arguments::TableArguments;
use crate::exit::{self, Usage};
use crate::talk::{counted, say};

/// Score variants of a genome, or pairs of sequences
#[derive(Debug, Args)]
#[command(after_help = "\
Cuts the letters around each variant, with the reference allele and with the alternative one, and scores both, on the strands that \
the model reads. Letters that both alleles share at their ends are no part of the change; the middle of what is left stands in the \
middle of both windows, that of the alternative allele cut from the changed chromosome: both have the same length.

Prints a table with the columns chrom, pos, id, ref and alt, as in the file (pos counted from 1), one row for each alternative \
allele; before, after, difference, effect and p_value; and status:
  ok                  scored; the other columns are NA for all others
  reference_mismatch  the genome has other letters than ref (ambiguous letters agree with those that they may be)
  symbolic            alt is <DEL> or the like, * or a breakend
  no_alternative      alt is .
  unknown_chromosome  the genome does not have it, with chr or without, M or MT
  outside             ref lies before the start or past the end of its chromosome
  near_end            the window reaches over an end of the chromosome

The effect of a model of log-odds (logistic loss) is ln(1 + e^after) - ln(1 + e^before), how much less probable it becomes that \
the sequence is negative: what changes a sequence far below zero into another counts little. For all other models it is the \
difference. To rank variants, take its size.

The p-value compares the size of a difference with --null random substitutions of one letter, each at a random place outside the \
change, in the window of a variant drawn at random: (1 + as large or larger)/(1 + null). It says how large an effect is for a \
substitution in such a place, and not that it matters.

With --ref and --alt there is no genome: the sequences of two files are compared, pair by pair in the order of the files, as they \
stand; a pair need not have one length. The columns are id (that of --ref), before, after, difference, effect and p_value.

With --motifs, the columns motif, motif_before and motif_after follow: of the known motifs with a site at the change, before or \
after it, the one whose best window there gains or loses most, as FACTOR (IDENTIFIER), and its bits before and after.

--annotate copies the VCF of --vcf and adds CKN_DIFFERENCE, CKN_EFFECT and CKN_P to INFO, one number for each alternative allele, a \
point where there is none.

Examples:
  ckn variants model.ckn --vcf calls.vcf.gz --genome hg38.2bit > effects.tsv
  ckn variants model.ckn --tsv snps.tsv --genome genome.fa --window 101 --null 0 --out effects.tsv
  ckn variants model.ckn --vcf calls.vcf --genome hg38.2bit --annotate scored.vcf --out effects.tsv
  ckn variants model.ckn --vcf calls.vcf --genome hg38.2bit --motifs JASPAR.meme --out effects.tsv
  ckn variants model.ckn --ref ref.fa --alt alt.fa --out effects.tsv
where snps.tsv has the columns chrom, pos, ref, alt and, if there are names, id.")]
pub struct Variants {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Variants as VCF, plain or gzipped; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present_any = ["tsv", "ref"], conflicts_with = "tsv")]
    vcf: Option<PathBuf>,
    /// Variants as a table with the columns chrom, pos (counted from 1), ref, alt and perhaps id
    #[arg(long, value_name = "FILE")]
    tsv: Option<PathBuf>,
    /// Genome: FASTA, plain or gzipped, or 2bit
    #[arg(long, value_name = "FILE", required_unless_present = "ref")]
    genome: Option<PathBuf>,
    /// Sequences as they are, in place of variants and genome: FASTA, FASTQ or table; needs --alt
    #[arg(long, value_name = "FILE", requires = "alt", conflicts_with_all = ["vcf", "tsv", "genome", "window"])]
    r#ref: Option<PathBuf>,
    /// The same sequences, changed, in the same order
    #[arg(long, value_name = "FILE", requires = "ref")]
    alt: Option<PathBuf>,
    /// VCF to write: that of --vcf with the numbers of each variant in INFO
    #[arg(long, value_name = "FILE", requires = "vcf")]
    annotate: Option<PathBuf>,
    /// Letters of a window [default: those of the training sequences, if they have one length]
    #[arg(long, value_name = "BP", value_parser = super::scan::parse_length)]
    window: Option<usize>,
    /// Random substitutions that effects are compared with; 0 for no p-values
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    null: u32,
    /// Root of the random stream of --null
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The output whose scores count, of a model of several tasks or classes
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    #[command(flatten)]
    known: MotifArguments,
    #[command(flatten)]
    table: TableArguments,
}

impl Effects for Variants {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; model, vcf, tsv, genome, r#ref, alt, annotate, window, null, output, known, table; seed => (self.null == 0).then_some("is the root of the random stream of --null, which is 0: drop it"))?;
        self.known.check_effects(given)?;
        self.table.check_effects(given)
    }
}

impl Variants {
    pub fn run(self) -> anyhow::Result<u8> {
        let pairs = self.r#ref.as_deref().zip(self.alt.as_deref());
        let Some((file, other)) = pairs.or(self.vcf.as_deref().or(self.tsv.as_deref()).zip(self.genome.as_deref()))
        else {
            return Err(Usage("no variants: give --vcf or --tsv with --genome, or --ref with --alt".into()).into());
        };
        if [file, other].iter().all(|path| *path == Path::new("-")) {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        self.table.prepare([file, other, self.model.as_path()])?;
        self.check_annotation([file, other, self.model.as_path()])?;
        let model = load(&self.model, self.output.as_deref())?;
        let alphabet = super::predict::alphabet_of(model.card())?;
        if pairs.is_some() {
            self.run_pairs(&model, alphabet, (file, other))?;
            return Ok(exit::DONE);
        }
        let (window, shortest) = (window_of(model.card(), self.window, "--window")?, model.shortest_sequence());
        if window < shortest {
            return Err(ckn::model::Error::WindowLength { got: window, shortest }.into());
        }
        let (explainer, known) = (Explainer::new(&model, alphabet)?, self.known.read(alphabet)?);
        let variants = if self.vcf.is_some() { read_vcf(file, alphabet)? } else { read_variant_table(file, alphabet)? };
        let genome = Genome::open(other, alphabet)?;
        let contexts = variant_contexts(&genome, &variants, window)?;
        let offsets: Vec<usize> = (0..=contexts.changed.len()).map(|context| context * window).collect();
        let view = |tokens| TokenView::new(tokens, &offsets, alphabet.table());
        let (before, after) = (view(&contexts.before)?, view(&contexts.after)?);
        let effects = explainer.effects(before, after)?;
        let scores: Vec<f64> = effects.iter().map(|effect| effect.before).collect();
        let null = explainer.null_effects(before, &contexts.changed, &scores, self.null as usize, Seed(self.seed))?;
        let rows = rows(&contexts, &effects, Some(&null).filter(|null| !null.is_empty()), of_log_odds(&model));
        let pairs = contexts.before.chunks_exact(window).zip(contexts.after.chunks_exact(window)).collect();
        let known = known.map(|set| motifs::cells(&set, pairs));
        self.table.write(|out| write(out, &variants, &contexts, &rows, known.as_deref()))?;
        self.annotate(file, &variants, &rows)?;
        if !self.table.quiet {
            summarise(&contexts, &genome);
        }
        Ok(exit::DONE)
    }
}

/// Whether a score is the logarithm of odds.
pub fn of_log_odds(model: &Model) -> bool {
    model.card().loss == Loss::Logistic
}

/// What a change does, as it is written.
struct Row {
    change: Effect,
    effect: f64,
    p_value: Option<f64>,
}

impl Row {
    fn new(change: Effect, null: Option<&NullEffects>, of_log_odds: bool) -> Self {
        let effect = if of_log_odds { change.of_log_odds() } else { change.difference() };
        Self { change, effect, p_value: null.map(|null| null.p_value(change)) }
    }

    /// before, after, difference, effect and p_value.
    fn cells(&self) -> String {
        let (Effect { before, after }, difference) = (self.change, self.change.difference());
        let p_value = self.p_value.map_or("NA".to_owned(), |p_value| format!("{p_value:.6}"));
        format!("{before}\t{after}\t{difference}\t{}\t{p_value}", self.effect)
    }
}

/// One row a variant; none where it has no score.
fn rows(
    contexts: &VariantContexts,
    effects: &[Effect],
    null: Option<&NullEffects>,
    of_log_odds: bool,
) -> Vec<Option<Row>> {
    let mut effects = effects.iter();
    let mut row = |status: &VariantStatus| {
        let effect = if *status == VariantStatus::Ok { effects.next() } else { None };
        effect.map(|effect| Row::new(*effect, null, of_log_odds))
    };
    contexts.status.iter().map(&mut row).collect()
}

fn write(
    out: &mut dyn Write,
    variants: &ckn::bio::io::Variants,
    contexts: &VariantContexts,
    rows: &[Option<Row>],
    known: Option<&[String]>,
) -> anyhow::Result<()> {
    write!(out, "chrom\tpos\tid\tref\talt\tbefore\tafter\tdifference\teffect\tp_value\tstatus")?;
    writeln!(out, "{}{}", if known.is_some() { "\t" } else { "" }, known.map_or("", |_| motifs::HEADER))?;
    let mut known_cells = known.unwrap_or_default().iter();
    for ((variant, status), row) in variants.records().iter().zip(&contexts.status).zip(rows) {
        let (chromosome, position, id) = (&variant.chromosome, variant.position, &variant.id);
        let cells = row.as_ref().map_or("NA\tNA\tNA\tNA\tNA".to_owned(), Row::cells);
        let (reference, alternative, status) = (&variant.reference, &variant.alternative, status.name());
        write!(out, "{chromosome}\t{position}\t{id}\t{reference}\t{alternative}\t{cells}\t{status}")?;
        let of_motifs = if row.is_some() { known_cells.next().map(String::as_str) } else { None };
        match known {
            Some(_) => writeln!(out, "\t{}", of_motifs.unwrap_or(motifs::NONE))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// Says what became of the variants.
fn summarise(contexts: &VariantContexts, genome: &Genome) {
    let mut counts: BTreeMap<VariantStatus, usize> = BTreeMap::new();
    contexts.status.iter().for_each(|status| *counts.entry(*status).or_default() += 1);
    let listed: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    say(format_args!("{}: {}", counted(contexts.status.len(), "variant"), listed.join(", ")));
    if !contexts.renamed.is_empty() {
        let shown = |name: &str| name.escape_debug().to_string();
        let names: Vec<String> =
            contexts.renamed.iter().take(3).map(|(from, to)| format!("`{}` is `{}`", shown(from), shown(to))).collect();
        let more = if contexts.renamed.len() > names.len() { ", ..." } else { "" };
        say(format_args!("chromosomes are named otherwise in {}: {}{more}", genome.file(), names.join(", ")));
    }
    let count = |status| counts.get(&status).copied().unwrap_or(0);
    if count(VariantStatus::ReferenceMismatch) > count(VariantStatus::Ok) {
        say("most reference alleles are not those of the genome: is it the genome of the variants?");
    }
}
