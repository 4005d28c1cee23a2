use std::fmt::Write as _;

use ckn::interpret::AttributionWay;
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::explained::Explained;
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::talk::counted;

/// Show what each letter of a sequence contributes to its score
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table with the columns id, position (counted from 0, on the strand that the file shows), letter and contribution, one \
row a letter.

What letters are worth depends on the rule (--by):
  matches       a window gives what it adds to the letters that match the anchor points or, of an exact machine, the windows of \
the training sequences: where sites are
  shapley       the mean of what a letter adds, over all orders in which the letters of a window become known, against random \
letters: which letters of a site matter
  gradient      integrated gradients from unknown letters: signs are unreliable; for comparison
  substitution  what the score loses, on average, by another letter
  occlusion     what the score loses if the letter is unknown
By the first three, contributions and the baseline, which a message states, sum to the score. They need a score that is a sum over \
windows: networks of one layer with max, mean or sum pooling (shapley: of the exponential kernel), and, but for gradient, exact \
machines on words of up to 12 letters of DNA or RNA and ensembles of all these. The default is what found planted sites best: \
matches for max pooling, exact machines and ensembles, shapley for mean and sum pooling, occlusion for all other models. Where the \
better strand counts, contributions are those of that strand.

Examples:
  ckn attribute model.ckn peaks.fa > attribution.tsv
  ckn attribute model.ckn peaks.fa.gz --out attribution.tsv
  ckn attribute model.ckn peaks.fa --by substitution
  ckn attribute usf1.ckn peaks.fa --output HepG2")]
pub struct Attribute {
    #[command(flatten)]
    explained: Explained,
    /// What letters are worth [default: what found planted sites best for such a model]
    #[arg(long, value_enum)]
    by: Option<Rule>,
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
        effects!(given, self; explained, by)?;
        self.explained.check_effects(given)
    }
}

impl Attribute {
    pub fn run(self) -> anyhow::Result<u8> {
        let ready = self.explained.ready()?;
        let explainer = ready.explainer()?;
        let way = self.by.map_or(explainer.default_way(), AttributionWay::from);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        self.explained.table.write(|out| {
            writeln!(out, "id\tposition\tletter\tcontribution")?;
            for part in ready.parts() {
                let part = part?;
                let attributions = explainer.attribute_by(part.sequences.view(), way)?;
                let rows = (0..part.sequences.len()).into_par_iter().map(|record| {
                    let (id, tokens) = (&part.sequences.ids()[record], part.sequences.sequence(record));
                    let letters = tokens.iter().zip(&attributions[record].contributions).take(part.lengths[record]);
                    letters.enumerate().fold(String::new(), |mut rows, (position, (&token, contribution))| {
                        let letter = ready.alphabet.decode(token);
                        // Writing to a string cannot fail.
                        let _ = writeln!(rows, "{id}\t{position}\t{letter}\t{contribution}");
                        rows
                    })
                });
                for rows in rows.collect::<Vec<_>>() {
                    out.write_all(rows.as_bytes())?;
                }
                for baseline in attributions.iter().filter_map(|attribution| attribution.baseline) {
                    (lowest, highest) = (lowest.min(baseline), highest.max(baseline));
                }
            }
            Ok(())
        })?;
        let sequences = counted(ready.len(), "sequence");
        let by = way.name();
        self.explained.say(match (way.needs_windows(), highest - lowest < 1e-9) {
            (true, true) => {
                format!("{sequences}, by {by}; contributions and the baseline, {lowest:.6}, sum to the score")
            }
            (true, false) => format!(
                "{sequences}, by {by}; contributions and the baseline, {lowest:.6} to {highest:.6}, sum to the score"
            ),
            (false, _) => format!("{sequences}, by {by}; contributions do not sum to the score"),
        });
        Ok(exit::DONE)
    }
}
