//! Training sequences that the test set holds, too.

use std::io::Write;

use ckn::bio::{EncodedSequences, LabelledSequences, Likeness, leaks};
use clap::ValueEnum;

use super::Part;
use super::division::Division;

/// What is done about leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnLeak {
    /// Count them
    Report,
    /// Leave them out of the training
    Drop,
    /// Write nothing
    Refuse,
}

/// A training record, and the test record that it is like.
#[derive(Debug)]
pub struct Pair {
    pub training: usize,
    pub test: usize,
    pub likeness: Likeness,
}

/// The training records that leak, in ascending order.
pub fn find(sequences: &EncodedSequences, division: &Division) -> anyhow::Result<Vec<Pair>> {
    let (training, test) = (sequences.select(&division.training)?, sequences.select(&division.test)?);
    let pair = |leak: ckn::bio::Leak| Pair {
        training: division.training[leak.record],
        test: division.test[leak.other],
        likeness: leak.likeness,
    };
    Ok(leaks(&training, &test).into_iter().map(pair).collect())
}

/// What a likeness is called, and the letters of an overlap.
pub fn words(likeness: Likeness) -> (&'static str, u64) {
    match likeness {
        Likeness::Identical => ("identical", 0),
        Likeness::ReverseComplement => ("reverse_complement", 0),
        Likeness::Overlap { letters } => ("overlap", letters),
        _ => ("alike", 0),
    }
}

impl Pair {
    /// The pair in a message.
    pub fn shown(&self, sequences: &EncodedSequences) -> String {
        let (one, other) = (&sequences.ids()[self.training], &sequences.ids()[self.test]);
        match self.likeness {
            Likeness::Identical => format!("`{one}` is `{other}`"),
            Likeness::ReverseComplement => format!("`{one}` is the reverse complement of `{other}`"),
            _ => format!("`{one}` overlaps `{other}`"),
        }
    }
}

/// Writes the table of all leaks.
pub fn write(out: &mut dyn Write, data: &LabelledSequences, parts: &[Part]) -> anyhow::Result<()> {
    let ids = data.sequences().ids();
    writeln!(out, "training\tid\ttest_id\tkind\toverlap")?;
    for part in parts {
        for pair in &part.leaks {
            let (kind, overlap) = words(pair.likeness);
            let overlap = if overlap > 0 { overlap.to_string() } else { "NA".to_owned() };
            writeln!(
                out,
                "{}\t{}\t{}\t{kind}\t{overlap}",
                part.training.display(),
                ids[pair.training],
                ids[pair.test]
            )?;
        }
    }
    Ok(())
}
