//! Tables of sequences, labels and groups.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::io::columns::Columns;
use crate::io::delimited::Reader;
use crate::io::record::Record;
use crate::io::source::open;
use crate::labelled::LabelledSequences;
use crate::place::is_name;

/// Reads a table with one label column ([`Columns::default`]), and its column `group` if there is one: what must not be
/// divided between training and test.
///
/// # Errors
/// [`Error::GroupName`] for a cell that is empty or holds control characters; those of
/// [`delimited::read_labelled`](crate::io::delimited::read_labelled).
pub fn read_grouped(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<LabelledSequences, Error> {
    let mut reader = Reader::new(open(path)?, alphabet, &Columns::default())?;
    let column = reader.column("group")?;
    let (mut sequences, mut labels) = (EncodedSequences::new(alphabet), Vec::new());
    let (mut groups, mut record) = (Vec::new(), Record::default());
    while reader.read_record(&mut record)? {
        if let Some(column) = column {
            match std::str::from_utf8(reader.cell(column)) {
                Ok(group) if is_name(group) => groups.push(group.to_owned()),
                _ => return Err(Error::GroupName(record.place(reader.file()))),
            }
        }
        labels.extend_from_slice(&record.labels);
        record.move_into(reader.file(), &mut sequences);
    }
    if sequences.is_empty() {
        return Err(Error::NoRows(Arc::clone(reader.file())));
    }
    let data = LabelledSequences::new(sequences, labels)?;
    if column.is_some() { data.with_groups(groups) } else { Ok(data) }
}
