//! Pairs of sequences in place of variants of a genome.

use std::ops::Range;
use std::path::Path;

use ckn::bio::motif::changed;
use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn::core::seed::Seed;
use ckn::interpret::Explainer;
use ckn::model::Model;

use super::{Row, Variants, motifs, of_log_odds};
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
        let (explainer, known) = (Explainer::new(model, alphabet)?, self.known.read(alphabet)?);
        let effects = explainer.effects(references.view(), alternatives.view())?;
        let pairs = references.iter().zip(alternatives.iter());
        let changed: Vec<Range<usize>> =
            pairs.map(|(reference, alternative)| changed(reference, alternative)).collect();
        let scores: Vec<f64> = effects.iter().map(|effect| effect.before).collect();
        let null = explainer.null_effects(references.view(), &changed, &scores, self.null as usize, Seed(self.seed))?;
        let known = known.map(|set| motifs::cells(&set, references.iter().zip(alternatives.iter()).collect()));
        self.table.write(|out| {
            write!(out, "id\tbefore\tafter\tdifference\teffect\tp_value")?;
            writeln!(
                out,
                "{}{}",
                if known.is_some() { "\t" } else { "" },
                known.as_ref().map_or("", |_| motifs::HEADER)
            )?;
            let null = Some(&null).filter(|null| !null.is_empty());
            for (record, (id, effect)) in references.ids().iter().zip(&effects).enumerate() {
                write!(out, "{id}\t{}", Row::new(*effect, null, of_log_odds(model)).cells())?;
                match known.as_ref().and_then(|known| known.get(record)) {
                    Some(cells) => writeln!(out, "\t{cells}")?,
                    None => writeln!(out)?,
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
