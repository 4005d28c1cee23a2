//! Training sequences that the test set holds, too.

use std::io::Write;

use ckn::bio::{EncodedSequences, LabelledSequences, Leak, Likeness};
use clap::ValueEnum;

use super::Part;

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

/// A leak in a message.
pub fn shown(leak: &Leak, sequences: &EncodedSequences) -> String {
    let (one, other) = (&sequences.ids()[leak.record], &sequences.ids()[leak.other]);
    match leak.likeness {
        Likeness::Identical => format!("`{one}` is `{other}`"),
        Likeness::ReverseComplement => format!("`{one}` is the reverse complement of `{other}`"),
        _ => format!("`{one}` overlaps `{other}`"),
    }
}

/// Writes the table of all leaks.
pub fn write(out: &mut dyn Write, data: &LabelledSequences, parts: &[Part]) -> anyhow::Result<()> {
    let ids = data.sequences().ids();
    writeln!(out, "training\tid\ttest_id\tkind\toverlap")?;
    for Part { training, leaks, .. } in parts {
        for leak in leaks {
            let overlap = match leak.likeness {
                Likeness::Overlap { letters } => letters.to_string(),
                _ => "NA".to_owned(),
            };
            let (id, test_id, kind) = (&ids[leak.record], &ids[leak.other], leak.likeness.name());
            writeln!(out, "{}\t{id}\t{test_id}\t{kind}\t{overlap}", training.display())?;
        }
    }
    Ok(())
}
