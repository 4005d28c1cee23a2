//! Tables of sequences, labels and groups.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::{Error, TaskError};
use crate::io::columns::Columns;
use crate::io::delimited::Reader;
use crate::io::label_column::LabelColumn;
use crate::io::record::Record;
use crate::io::source::open;
use crate::labelled::LabelledSequences;
use crate::place::{is_name, shown};

/// Reads a table with one label column ([`Columns::default`]), and its column `group` if there is one: what must not be
/// divided between training and test. Labels are numbers, or the names of classes, as [`read_labelled`](super::read_labelled) says.
///
/// ```
/// use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("families.tsv");
/// std::fs::write(&path, "sequence\tlabel\tgroup\nACGT\t1\tchr1\nTTGA\t0\tchr2\nTTGC\t0\tchr1\n")?;
/// let data = io::read_grouped(&path, Alphabet::Dna)?;
/// assert_eq!(data.labels(), [1.0, 0.0, 0.0]);
/// assert_eq!(data.groups(), Some(&["chr1", "chr2", "chr1"].map(str::to_owned)[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::GroupName`] for a cell that is empty or holds control characters; those of
/// [`read_labelled`](super::read_labelled).
pub fn read_grouped(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<LabelledSequences, Error> {
    let reader = Reader::new(open(path)?, alphabet, &Columns::default())?;
    let column = reader.column("group")?;
    read_rows(reader, alphabet, column)
}

/// Reads rows with one label column, and with a column of groups if there is one.
pub(crate) fn read_rows(
    mut reader: Reader,
    alphabet: Alphabet,
    group: Option<usize>,
) -> Result<LabelledSequences, Error> {
    let task = reader.column("task")?;
    let (label, name) = reader.take_label()?;
    let (mut sequences, mut labels) = (EncodedSequences::new(alphabet), LabelColumn::new(&name));
    let (mut groups, mut record, mut first_task) = (Vec::new(), Record::default(), None);
    while reader.read_record(&mut record)? {
        if let Some(column) = group {
            match std::str::from_utf8(reader.cell(column)) {
                Ok(group) if is_name(group) => groups.push(group.to_owned()),
                _ => return Err(Error::GroupName(record.place(reader.file()))),
            }
        }
        if let Some(column) = task {
            let (first, task) = (first_task.get_or_insert_with(|| reader.cell(column).to_vec()), reader.cell(column));
            if first.as_slice() != task {
                let (at, first, second) = (record.place(reader.file()), shown(first), shown(task));
                return Err(TaskError::SeveralTasks { at, first, second }.into());
            }
        }
        labels.add(reader.cell(label), || record.place(reader.file()))?;
        reader.hold(record.footprint())?;
        record.move_into(reader.file(), &mut sequences);
    }
    if sequences.is_empty() {
        return Err(Error::NoRows(Arc::clone(reader.file())));
    }
    let data = labels.join(sequences)?;
    if group.is_some() { data.with_groups(groups) } else { Ok(data) }
}
