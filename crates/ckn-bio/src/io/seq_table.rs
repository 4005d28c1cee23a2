//! The `.seq` tables of DeepBind (Alipanahi et al. 2015): `FoldID`, `EventID`, `seq`, `Bound`, separated by tabs.

use std::path::Path;

use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::io::columns::Columns;
use crate::io::delimited;
use crate::labelled::LabelledSequences;

/// Reads a `.seq` table: names from `EventID`, sequences from `seq`, labels from `Bound`.
///
/// Columns are found by name, others (`FoldID` among them) are ignored. One class alone is fine: DeepBind's own training
/// files hold positives only.
///
/// # Errors
/// [`Error::MissingColumn`] for a table of another kind; those of [`delimited::read`].
pub fn read(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<LabelledSequences, Error> {
    delimited::read_labelled(path, alphabet, &Columns::seq_table())
}
