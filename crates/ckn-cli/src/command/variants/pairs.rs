//! Pairs of sequences in place of variants of a genome.

use std::ops::Range;
use std::path::Path;

use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn::core::seed::Seed;
use ckn::interpret::Explainer;
use ckn::model::Model;

use super::Variants;
use crate::exit::Input;
use crate::input::check_lengths;
use crate::talk::{counted, say};

impl Variants {
    /// Scores the sequences of two files, pair by pair.
    pub(super) fn run_pairs(&self, model: &Model, alphabet: Alphabet, files: (&Path, &Path)) -> anyhow::Result<()> {
        let (references, alternatives) = (self.read(model, alphabet, files.0)?, self.read(model, alphabet, files.1)?);
        if references.len() != alternatives.len() {
            return Err(Input(format!(
                "{} has {} and {} has {}: give as many, in the same order",
                files.0.display(),
                counted(references.len(), "sequence"),
                files.1.display(),
                counted(alternatives.len(), "sequence"),
            ))
            .into());
        }
        let explainer = Explainer::new(model, alphabet)?;
        let effects = explainer.effects(references.view(), alternatives.view())?;
        let pairs = references.iter().zip(alternatives.iter());
        let changed: Vec<Range<usize>> =
            pairs.map(|(reference, alternative)| changed(reference, alternative)).collect();
        let scores: Vec<f64> = effects.iter().map(|effect| effect.before).collect();
        let null = explainer.null_effects(references.view(), &changed, &scores, self.null as usize, Seed(self.seed))?;
        self.table.write(|out| {
            writeln!(out, "id\tbefore\tafter\tdifference\tp_value")?;
            for (id, effect) in references.ids().iter().zip(&effects) {
                write!(out, "{id}\t{}\t{}\t{}\t", effect.before, effect.after, effect.difference())?;
                match null.is_empty() {
                    true => writeln!(out, "NA")?,
                    false => writeln!(out, "{:.6}", null.p_value(*effect))?,
                }
            }
            Ok(())
        })?;
        if !self.table.quiet {
            let equal = changed.iter().filter(|range| range.is_empty()).count();
            let same = if equal > 0 { format!(", {equal} of the same letters") } else { String::new() };
            say(format_args!("{} of sequences{same}", counted(effects.len(), "pair")));
        }
        Ok(())
    }

    fn read(&self, model: &Model, alphabet: Alphabet, path: &Path) -> anyhow::Result<EncodedSequences> {
        let sequences = io::read_sequences(path, alphabet)?;
        let shortest = model.shortest_sequence();
        if model.card().pad_short {
            return Ok(sequences.padded(shortest));
        }
        check_lengths(&sequences, shortest)?;
        Ok(sequences)
    }
}

/// The letters of a sequence between those that another shares with it at both ends.
fn changed(reference: &[u8], alternative: &[u8]) -> Range<usize> {
    let shared = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(left, right)| left == right).count();
    let before = shared(&mut reference.iter().zip(alternative));
    let after = shared(&mut reference[before..].iter().rev().zip(alternative[before..].iter().rev()));
    before..reference.len() - after
}
