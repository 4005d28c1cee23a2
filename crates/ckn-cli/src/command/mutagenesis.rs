use std::fmt::Write as _;

use clap::Args;
use rayon::prelude::*;

use super::explained::Explained;
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::talk::counted;

/// Score every substitution of one letter
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table with the columns id, position (counted from 0), ref, alt, before, after and difference: the score of the sequence \
as it is, with this letter in place of the other, and what that changes. Where a letter is unknown (N), all letters are put in its \
place.

Models of one layer without gaps with max, mean or sum pooling compute only the windows that cover the letter, others score each changed \
sequence.

Examples:
  ckn mutagenesis model.ckn peaks.fa --out mutants.tsv
  zcat peaks.fa.gz | ckn mutagenesis model.ckn - | sort -t $'\\t' -k 7,7g | head")]
pub struct Mutagenesis {
    #[command(flatten)]
    explained: Explained,
}

impl Effects for Mutagenesis {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; explained)?;
        self.explained.check_effects(given)
    }
}

impl Mutagenesis {
    pub fn run(self) -> anyhow::Result<u8> {
        let ready = self.explained.ready()?;
        let explainer = ready.explainer()?;
        let mut count = 0;
        self.explained.table.write(|out| {
            writeln!(out, "id\tposition\tref\talt\tbefore\tafter\tdifference")?;
            for part in ready.parts() {
                let part = part?;
                let mutants = explainer.mutagenesis(part.sequences.view())?;
                let rows = mutants.par_iter().enumerate().map(|(record, mutants)| {
                    let id = &part.sequences.ids()[record];
                    let (mut rows, mut written) = (String::new(), 0usize);
                    for mutant in mutants.effects().filter(|mutant| mutant.position < part.lengths[record]) {
                        let letter = |token| ready.alphabet.decode(token);
                        let (from, to) = (letter(mutant.reference), letter(mutant.alternative));
                        let (position, effect) = (mutant.position, mutant.effect);
                        let (before, after, difference) = (effect.before, effect.after, effect.difference());
                        // Writing to a string cannot fail.
                        let _ = writeln!(rows, "{id}\t{position}\t{from}\t{to}\t{before}\t{after}\t{difference}");
                        written += 1;
                    }
                    (rows, written)
                });
                for (rows, written) in rows.collect::<Vec<_>>() {
                    out.write_all(rows.as_bytes())?;
                    count += written;
                }
            }
            Ok(())
        })?;
        let (count, sequences) = (counted(count, "substitution"), counted(ready.len(), "sequence"));
        self.explained.say(format_args!("{count} in {sequences}"));
        Ok(exit::DONE)
    }
}
