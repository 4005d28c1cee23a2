use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ckn::bio::Alphabet;
use ckn::bio::motif::compare::{Database, Match};
use ckn::bio::motif::{Motif, MotifFile, read_motifs};
use ckn::bio::simulate::Strand;
use clap::Args;
use rayon::prelude::*;

use super::given::{Effects, Given, effects};
use super::table_arguments::TableArguments;
use crate::exit::{self, Input, Usage};
use crate::names::StrandsChoice;
use crate::talk::counted;

/// Find the known motifs that motifs resemble, as Tomtom does
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Lays every motif of QUERY over every motif of DATABASE at every offset, on both strands, and tells how \
probable it is that a random target is as similar. Files are MEME, JASPAR, TRANSFAC or HOMER, known by their content, plain or \
gzipped. Column scores, p-values and offsets are those of Tomtom with -dist ed (Euclidean distances, complete scores), on a \
grid ten times finer; q-values are those of Benjamini and Hochberg over the targets of one query.

Prints a table, queries in the order of their file, the targets of each by their p-values: query, target, offset (where the \
query's first column lies, in columns from the target's first on that strand), strand (of the target), p_value, q_value, \
e_value (p-value times targets), overlap (columns), query_name and target_name (second names; NA where there are none), \
query_consensus, target_consensus (on that strand). Tomtom lists targets up to a q-value of 0.5; here it is 0.1, or --max-q.

The targets are the null model: p-values mean little where there are fewer than about 50. DNA is compared on both strands \
unless both files say `strands: +`, RNA only if one of them says `strands: + -`.

Examples:
  ckn compare found.meme JASPAR.meme > matches.tsv
  ckn compare found.meme JASPAR.meme --best 1
  ckn compare a.jaspar b.homer.gz --max-q 1 --strands forward --out all.tsv"
)]
pub struct Compare {
    /// Motifs that are asked about; `-` is standard input
    query: PathBuf,
    /// Motifs that are known; `-` is standard input
    database: PathBuf,
    /// Largest q-value of a row
    #[arg(long, value_name = "Q", default_value_t = 0.1, value_parser = parse_q)]
    max_q: f64,
    /// Every target of every query: the same as --max-q 1
    #[arg(long, conflicts_with = "max_q")]
    all: bool,
    /// Most rows for each query
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    best: Option<u64>,
    /// Strands of the targets [default: as the files say; both for DNA where they say nothing, forward for RNA and protein]
    #[arg(long, value_enum)]
    strands: Option<StrandsChoice>,
    #[command(flatten)]
    table: TableArguments,
}

/// Fewest targets whose p-values mean something, as Tomtom has it.
const FEWEST_TARGETS: usize = 50;
/// Queries that are compared before their rows are written, for each thread.
const QUERIES: usize = 8;
const BETWEEN_LINES: Duration = Duration::from_secs(10);

fn parse_q(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(q) if q > 0.0 && q <= 1.0 => Ok(q),
        _ => Err("a q-value is above 0 and at most 1".into()),
    }
}

impl Effects for Compare {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; query, database, max_q, all, best, strands, table)?;
        self.table.check_effects(given)
    }
}

impl Compare {
    pub fn run(self) -> anyhow::Result<u8> {
        let start = Instant::now();
        if [&self.query, &self.database].iter().all(|path| *path == Path::new("-")) {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        self.table.prepare([self.query.as_path(), self.database.as_path()])?;
        let (queries, targets) = (read_motifs(&self.query)?, read_motifs(&self.database)?);
        if queries.alphabet != targets.alphabet {
            return Err(self.unlike(queries.alphabet, targets.alphabet));
        }
        let both = self.both_strands(&queries, &targets)?;
        let database = Database::new(&targets.motifs, both)?;
        if database.len() < FEWEST_TARGETS {
            let number = counted(database.len(), "target");
            self.say(|| format!("{number}: p-values mean little below {FEWEST_TARGETS}, give a larger database"));
        }
        let (rows, without) = self.write(&queries.motifs, &targets.motifs, &database)?;
        self.say(|| {
            let (queries, targets) = (counted(queries.motifs.len(), "motif"), counted(database.len(), "motif"));
            let (rows, seconds) = (counted(rows, "row"), start.elapsed().as_secs_f64());
            let strands = if both { "both strands" } else { "the given strand" };
            format!("{queries} against {targets} on {strands}: {rows} in {seconds:.2} s")
        });
        if without > 0 {
            let resemble = if without == 1 { "resembles" } else { "resemble" };
            let without = counted(without, "motif");
            self.say(|| format!("{without} {resemble} no target (q <= {}): --all shows the nearest", self.max_q));
        }
        Ok(exit::DONE)
    }

    fn say(&self, message: impl FnOnce() -> String) {
        if !self.table.quiet {
            crate::talk::say(message());
        }
    }

    fn unlike(&self, query: Alphabet, database: Alphabet) -> anyhow::Error {
        let (first, second) = (self.query.display(), self.database.display());
        let remedy = "give both of one alphabet";
        Input(format!("{first} holds motifs of {query}, {second} motifs of {database}: {remedy}")).into()
    }

    fn both_strands(&self, queries: &MotifFile, targets: &MotifFile) -> anyhow::Result<bool> {
        let alphabet = targets.alphabet;
        Ok(StrandsChoice::both(self.strands, alphabet)?.unwrap_or_else(|| {
            let both = |file: &MotifFile| file.both_strands.unwrap_or(alphabet == Alphabet::Dna);
            alphabet.has_complement() && (both(queries) || both(targets))
        }))
    }

    /// Writes the table; the number of its rows, and that of queries without any.
    fn write(&self, queries: &[Motif], targets: &[Motif], database: &Database) -> anyhow::Result<(usize, usize)> {
        let max_q = if self.all { 1.0 } else { self.max_q };
        let best = self.best.map_or(usize::MAX, |best| usize::try_from(best).unwrap_or(usize::MAX));
        let (mut rows, mut without) = (0, 0);
        self.table.write(|out| {
            writeln!(
                out,
                "query\ttarget\toffset\tstrand\tp_value\tq_value\te_value\toverlap\tquery_name\ttarget_name\t\
                 query_consensus\ttarget_consensus"
            )?;
            let mut last_line = Instant::now();
            let size = QUERIES * rayon::current_num_threads();
            for (block, first) in queries.chunks(size).zip((0..).step_by(size)) {
                let found: Vec<Vec<Match>> = block
                    .par_iter()
                    .map(|query| {
                        let mut matches = database.search(&query.probabilities)?;
                        matches.retain(|found| found.q_value <= max_q);
                        matches.truncate(best);
                        Ok(matches)
                    })
                    .collect::<Result<_, ckn::bio::Error>>()?;
                for (query, matches) in block.iter().zip(&found) {
                    rows += matches.len();
                    without += usize::from(matches.is_empty());
                    for found in matches {
                        if let Some(target) = targets.get(found.target) {
                            write_row(out, query, target, found)?;
                        }
                    }
                }
                if last_line.elapsed() > BETWEEN_LINES {
                    last_line = Instant::now();
                    self.say(|| format!("{} of {} queries", first + block.len(), queries.len()));
                }
            }
            Ok(())
        })?;
        Ok((rows, without))
    }
}

fn write_row(out: &mut dyn Write, query: &Motif, target: &Motif, found: &Match) -> anyhow::Result<()> {
    let Match { offset, strand, overlap, p_value, e_value, q_value, .. } = found;
    let (sign, target_consensus) = match strand {
        Strand::Forward => ('+', target.probabilities.consensus()),
        Strand::Reverse => ('-', target.probabilities.reverse_complement()?.consensus()),
    };
    let second = |motif: &Motif| motif.alternate.clone().unwrap_or_else(|| "NA".into());
    write!(out, "{}\t{}\t{offset}\t{sign}\t{p_value:.3e}\t{q_value:.3e}\t{e_value:.3e}\t", query.name, target.name)?;
    write!(out, "{overlap}\t{}\t{}\t", second(query), second(target))?;
    let end: io::Result<()> = writeln!(out, "{}\t{target_consensus}", query.probabilities.consensus());
    Ok(end?)
}
