//! Tables with one sequence per row: TSV and CSV.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::io::columns::{Columns, Found, optional};
use crate::io::record::{Record, most_letters};
use crate::io::rows::Rows;
use crate::io::source::{Source, open};
use crate::labelled::LabelledSequences;
use crate::place::shown;

/// The most bytes of a row, which is held whole: four human chromosomes 1.
pub const MAX_ROW_BYTES: usize = 1 << 30;

/// The most bytes of a row that memory has room for.
pub(crate) fn most_row_bytes() -> usize {
    most_letters().min(MAX_ROW_BYTES)
}

/// Reads a table record by record.
///
/// The first line names the columns; the first of tab, comma and semicolon found in it separates cells. Cells may be quoted
/// (`"`), empty lines are passed over, columns that are not asked for are ignored.
#[derive(Debug)]
pub struct Reader {
    rows: Rows,
    alphabet: Alphabet,
    columns: Found,
}

/// Sequences with the columns of labels that were asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// The sequences.
    pub sequences: EncodedSequences,
    /// Name of each label column.
    pub label_names: Vec<String>,
    /// Each label column, `[label columns][sequences]`.
    pub labels: Vec<Vec<f64>>,
}

/// Reads a table with any number of label columns.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Columns, delimited};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("probes.csv");
/// std::fs::write(&path, "probe,affinity,specificity\nACGT,0.5,1\nTTGA,2,-1\n")?;
/// let columns = Columns::default().sequence("probe").labels(["specificity", "affinity"]);
/// let table = delimited::read(&path, Alphabet::Dna, &columns)?;
/// assert_eq!(table.label_names, ["specificity", "affinity"]);
/// assert_eq!(table.labels, [[1.0, -1.0], [0.5, 2.0]]);
/// assert_eq!((table.sequences.ids()[1].as_str(), table.sequences.decode(1)), ("sequence_2", "TTGA".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`open`], [`Reader::new`] and [`Reader::read_record`]; [`Error::NoRows`].
pub fn read(path: impl AsRef<Path>, alphabet: Alphabet, columns: &Columns) -> Result<Table, Error> {
    Reader::new(open(path)?, alphabet, columns)?.into_table()
}

/// Reads a table with one label column.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Columns, delimited};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("probes.tsv");
/// std::fs::write(&path, "affinity\tspecificity\tsequence\n0.5\t1\tACGT\n2\t-1\tTTGA\n")?;
/// let data = delimited::read_labelled(&path, Alphabet::Dna, &Columns::default().labels(["affinity"]))?;
/// assert_eq!((data.labels(), data.sequences().decode(0)), (&[0.5, 2.0][..], "ACGT".to_owned()));
/// let both = Columns::default().labels(["affinity", "specificity"]);
/// assert!(delimited::read_labelled(&path, Alphabet::Dna, &both).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`read`]; [`Error::NoLabels`] if `columns` does not ask for exactly one label column.
pub fn read_labelled(
    path: impl AsRef<Path>,
    alphabet: Alphabet,
    columns: &Columns,
) -> Result<LabelledSequences, Error> {
    Reader::new(open(path)?, alphabet, columns)?.into_labelled()
}

impl Reader {
    /// Reads the header and finds the columns in it.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::UnknownFormat`] if there is no column of sequences by any of its
    /// usual names, [`Error::MissingColumn`], [`Error::DuplicateColumn`], [`Error::Quote`].
    pub fn new(source: Source, alphabet: Alphabet, columns: &Columns) -> Result<Self, Error> {
        let rows = Rows::new(source)?;
        let columns = match columns.find(rows.names(), rows.header()) {
            Err(Error::MissingColumn { .. }) if columns.is_a_guess() && !columns.any_sequence(rows.names()) => {
                return Err(rows.unknown_format());
            }
            found => found?,
        };
        Ok(Self { rows, alphabet, columns })
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        self.rows.file()
    }

    /// See [`Source::hold`].
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        self.rows.hold(bytes)
    }

    /// Names of the label columns, in the order in which they were asked for.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.columns.labels.iter().map(|(_, name)| name.as_str())
    }

    /// Replaces `record` by the next one; `false` at the end. Without a column of names, records are called `sequence_1`,
    /// `sequence_2` and so on.
    ///
    /// # Errors
    /// [`Error::CellCount`], [`Error::Quote`], [`Error::Label`], [`Error::MissingId`], [`Error::BadId`],
    /// [`Error::EmptyRecord`], [`Error::Letter`], and those of [`Source::read_line`].
    pub fn read_record(&mut self, record: &mut Record) -> Result<bool, Error> {
        if !self.rows.next_row(record)? {
            return Ok(false);
        }
        let file = Arc::clone(self.rows.file());
        match self.columns.id {
            Some(column) => record.set_id(&file, self.rows.cell(column))?,
            None => record.id = format!("sequence_{}", record.number),
        }
        record.set_letters(&file, self.alphabet, self.rows.cell(self.columns.sequence))?;
        for (column, name) in &self.columns.labels {
            let cell = self.rows.cell(*column);
            let label = parse_label(cell).ok_or_else(|| Error::Label {
                at: record.place(&file),
                column: shown(name.as_bytes()),
                got: shown(cell),
            })?;
            record.labels.push(label);
        }
        Ok(true)
    }

    /// The one label column, which is not read as numbers from now on: its index and name.
    pub(crate) fn take_label(&mut self) -> Result<(usize, String), Error> {
        let mut labels = std::mem::take(&mut self.columns.labels);
        match (labels.pop(), labels.is_empty()) {
            (Some(label), true) => Ok(label),
            _ => Err(Error::NoLabels(Arc::clone(self.file()))),
        }
    }

    /// Another column, by its name.
    pub(crate) fn column(&self, name: &str) -> Result<Option<usize>, Error> {
        optional(&[name], self.rows.names(), self.rows.header())
    }

    /// A cell of the last row that was read.
    pub(crate) fn cell(&self, column: usize) -> &[u8] {
        self.rows.cell(column)
    }

    fn into_table(mut self) -> Result<Table, Error> {
        let label_names: Vec<String> = self.label_names().map(str::to_owned).collect();
        let mut table = Table {
            sequences: EncodedSequences::new(self.alphabet),
            labels: vec![Vec::new(); label_names.len()],
            label_names,
        };
        let mut record = Record::default();
        while self.read_record(&mut record)? {
            table.labels.iter_mut().zip(&record.labels).for_each(|(column, &label)| column.push(label));
            self.hold(record.footprint())?;
            record.move_into(self.file(), &mut table.sequences);
        }
        if table.sequences.is_empty() {
            return Err(Error::NoRows(Arc::clone(self.file())));
        }
        Ok(table)
    }

    fn into_labelled(self) -> Result<LabelledSequences, Error> {
        let file = Arc::clone(self.file());
        let mut table = self.into_table()?;
        match (table.labels.pop(), table.labels.is_empty()) {
            (Some(labels), true) => LabelledSequences::new(table.sequences, labels),
            _ => Err(Error::NoLabels(file)),
        }
    }
}

/// A finite number.
pub(crate) fn parse_label(cell: &[u8]) -> Option<f64> {
    std::str::from_utf8(cell).ok()?.parse().ok().filter(|label: &f64| label.is_finite())
}
