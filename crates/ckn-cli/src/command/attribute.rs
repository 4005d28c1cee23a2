use std::fmt::Write as _;

use clap::Args;
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

A model of one layer with max, mean or sum pooling scores by a sum over windows; what a window adds is shared among its letters: \
by how well they match the anchor points (max pooling, above unknown letters), or by Shapley values against random letters \
(mean and sum pooling with the exponential kernel). With the baseline, the score of such letters, contributions sum to the score. \
Where the better strand counts, they are those of that strand. For all other models, a contribution is what the score loses when \
the letter is unknown; these do not sum to the score.

Examples:
  ckn attribute model.ckn peaks.fa > attribution.tsv
  ckn attribute model.ckn peaks.fa.gz --out attribution.tsv
  ckn attribute usf1.ckn peaks.fa --output HepG2")]
pub struct Attribute {
    #[command(flatten)]
    explained: Explained,
}

impl Effects for Attribute {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; explained)?;
        self.explained.check_effects(given)
    }
}

impl Attribute {
    pub fn run(self) -> anyhow::Result<u8> {
        let ready = self.explained.ready()?;
        let explainer = ready.explainer()?;
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        self.explained.table.write(|out| {
            writeln!(out, "id\tposition\tletter\tcontribution")?;
            for part in ready.parts() {
                let part = part?;
                let attributions = explainer.attribute(part.sequences.view())?;
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
        self.explained.say(match (explainer.is_sum_over_windows(), highest - lowest < 1e-9) {
            (true, true) => format!("{sequences}; contributions and the baseline, {lowest:.6}, sum to the score"),
            (true, false) => {
                format!("{sequences}; contributions and the baseline, {lowest:.6} to {highest:.6}, sum to the score")
            }
            (false, _) => format!(
                "{sequences}; the score of a {} model is no sum over windows: contributions are what it loses by an \
                 unknown letter",
                ready.model.kind()
            ),
        });
        Ok(exit::DONE)
    }
}
