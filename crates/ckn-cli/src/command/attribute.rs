mod arrays;
mod lines;

use std::ffi::OsString;
use std::path::PathBuf;

use ckn::interpret::{Attribution, AttributionWay, Explainer};
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use self::arrays::Arrays;
use self::lines::Lines;
use super::explained::{Explained, Part, Ready};
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::talk::counted;

/// Show what each letter of a sequence contributes to its score
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table with the columns id, position (counted from 0, on the strand that the file shows), letter and contribution, one \
row a letter; with --hypothetical also hypothetical_A, hypothetical_C, …: what this letter would contribute if it stood there and \
nothing else changed. Other forms (--format):
  bedgraph      chrom, start, end (0-based and half-open) and contribution, on the forward strand of the genome, for intervals of \
--bed and for sequences that are called chrom:start-end; of all others, chrom is the name of the sequence
  npz           NumPy arrays of f32, for sequences of one length: FILE.npz holds the hypothetical contributions and \
FILE.onehot.npz the letters that stand there, each [sequences, letters, length] under the name arr_0, as TF-MoDISco reads them

What letters are worth depends on the rule (--by):
  matches       a window gives what it adds to the letters that match the anchor points or, of an exact machine, the windows of \
the training sequences: where sites are
  shapley       the mean of what a letter adds, over all orders in which the letters of a window become known, against random \
letters: which letters of a site matter
  gradient      integrated gradients from unknown letters: signs are unreliable; for comparison
  substitution  what the score loses, on average, by another letter
  occlusion     what the score loses if the letter is unknown
By the first three, contributions and the baseline, which a message states, sum to the score. They need a score that is a sum over \
windows: networks of one layer without gaps with max, mean or sum pooling (shapley: of the exponential kernel), and, but for gradient, exact \
machines on words of up to 12 letters of DNA or RNA and ensembles of all these. The default is what found planted sites best: \
matches for max pooling, exact machines and ensembles, shapley for mean and sum pooling, occlusion for all other models. Where the \
better strand counts, contributions are those of that strand.

Examples:
  ckn attribute model.ckn peaks.fa > attribution.tsv
  ckn attribute model.ckn peaks.fa.gz --out attribution.tsv
  ckn attribute model.ckn peaks.fa --by substitution
  ckn attribute model.ckn --bed peaks.narrowPeak --genome hg38.2bit --window 101 --format bedgraph --out peaks.bedgraph
  ckn attribute model.ckn peaks.fa --format npz --out peaks.npz
  ckn attribute usf1.ckn peaks.fa --output HepG2")]
pub struct Attribute {
    #[command(flatten)]
    explained: Explained,
    /// What letters are worth [default: what found planted sites best for such a model]
    #[arg(long, value_enum)]
    by: Option<Rule>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Tsv)]
    format: Format,
    /// What the letters would contribute that do not stand there, too (npz has nothing else)
    #[arg(long)]
    hypothetical: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Tsv,
    Bedgraph,
    Npz,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rule {
    Matches,
    Shapley,
    Gradient,
    Substitution,
    Occlusion,
}

impl From<Rule> for AttributionWay {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Matches => Self::Matches,
            Rule::Shapley => Self::Shapley,
            Rule::Gradient => Self::Gradient,
            Rule::Substitution => Self::Substitution,
            Rule::Occlusion => Self::Occlusion,
        }
    }
}

impl Effects for Attribute {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; explained, by, format;
            hypothetical => (self.format != Format::Tsv).then_some("adds columns to a table: drop it, or --format"))?;
        self.explained.check_effects(given)
    }
}

/// The smallest and the largest baseline of the sequences; none where contributions sum to nothing, and of arrays.
#[derive(Default)]
struct Baselines(Option<(f64, f64)>);

impl Attribute {
    pub fn run(self) -> anyhow::Result<u8> {
        let one_hot = self.one_hot()?;
        let ready = self.explained.ready()?;
        let explainer = ready.explainer()?;
        let way = self.by.map_or(explainer.default_way(), AttributionWay::from);
        let mut baselines = Baselines::default();
        match one_hot {
            Some(one_hot) => {
                let mut arrays = Arrays::new(&ready)?;
                for part in ready.parts() {
                    let part = part?;
                    arrays.push(&part, &explainer.hypothetical(part.sequences.view(), way)?);
                }
                self.explained.table.write(|out| arrays.write(&arrays.hypothetical, out))?;
                self.explained.table.write_beside(&one_hot, |out| arrays.write(&arrays.one_hot, out))?;
            }
            None => self.write_lines(&ready, &explainer, way, &mut baselines)?,
        }
        self.explained.say(baselines.message(&counted(ready.len(), "sequence"), way));
        Ok(exit::DONE)
    }

    /// The file of the letters that stand in the sequences, beside that of arrays.
    fn one_hot(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.format != Format::Npz {
            return Ok(None);
        }
        let Some(out) = self.explained.table.out() else {
            return Err(
                Usage("--format npz writes two files: give the name of the first by --out FILE.npz".into()).into()
            );
        };
        let mut name = OsString::from(out.with_extension("onehot"));
        name.push(".npz");
        let one_hot = PathBuf::from(name);
        self.explained.table.prepare_beside(&one_hot)?;
        Ok(Some(one_hot))
    }

    fn write_lines(
        &self,
        ready: &Ready,
        explainer: &Explainer<'_>,
        way: AttributionWay,
        baselines: &mut Baselines,
    ) -> anyhow::Result<()> {
        let lines = match self.format {
            Format::Bedgraph => Lines::Bedgraph,
            Format::Tsv | Format::Npz => Lines::Table { alphabet: ready.alphabet, hypothetical: self.hypothetical },
        };
        self.explained.table.write(|out| {
            out.write_all(lines.header().as_bytes())?;
            for part in ready.parts() {
                let part: Part = part?;
                let attributions = explainer.attribute_by(part.sequences.view(), way)?;
                let hypothetical = match self.hypothetical {
                    true => explainer.hypothetical(part.sequences.view(), way)?,
                    false => Vec::new(),
                };
                let of_record = |record: usize| {
                    let hypothetical = hypothetical.get(record).map(Vec::as_slice);
                    lines.of(&part, record, &attributions[record].contributions, hypothetical)
                };
                let lines: Vec<String> = (0..part.sequences.len()).into_par_iter().map(of_record).collect();
                lines.iter().try_for_each(|lines| out.write_all(lines.as_bytes()))?;
                baselines.take(&attributions);
            }
            Ok(())
        })
    }
}

impl Baselines {
    fn take(&mut self, attributions: &[Attribution]) {
        for baseline in attributions.iter().filter_map(|attribution| attribution.baseline) {
            let (lowest, highest) = self.0.unwrap_or((baseline, baseline));
            self.0 = Some((lowest.min(baseline), highest.max(baseline)));
        }
    }

    fn message(&self, sequences: &str, way: AttributionWay) -> String {
        let by = way.name();
        match self.0 {
            Some((lowest, highest)) if highest - lowest < 1e-9 => {
                format!("{sequences}, by {by}; contributions and the baseline, {lowest:.6}, sum to the score")
            }
            Some((lowest, highest)) => format!(
                "{sequences}, by {by}; contributions and the baseline, {lowest:.6} to {highest:.6}, sum to the score"
            ),
            None if way.needs_windows() => format!("{sequences}, by {by}"),
            None => format!("{sequences}, by {by}; contributions do not sum to the score"),
        }
    }
}
