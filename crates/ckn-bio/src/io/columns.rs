//! Which columns of a table to read.

use crate::error::Error;
use crate::place::{Place, shown};

/// The columns of a table that hold the sequence, its name and its labels.
///
/// Each is asked for by one name, or by several of which the first found counts. Names are compared without regard to case.
///
/// | | by default | if missing |
/// |---|---|---|
/// | sequence | `sequence`, `seq` | error |
/// | name | `id`, `name`, `EventID` | records are numbered |
/// | label | `label`, `Bound` | error |
///
/// ```
/// use ckn_bio::io::Columns;
///
/// let two_tasks = Columns::default().sequence("probe").labels(["affinity", "specificity"]);
/// let for_prediction = Columns::default().labels::<&str>([]);
/// # assert_ne!(two_tasks, for_prediction);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    sequence: Vec<String>,
    id: Vec<String>,
    id_required: bool,
    labels: Vec<Vec<String>>,
}

/// Columns that were asked for, by their 0-based index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) sequence: usize,
    pub(crate) id: Option<usize>,
    pub(crate) labels: Vec<(usize, String)>,
}

const SEQUENCE: [&str; 2] = ["sequence", "seq"];
const ID: [&str; 3] = ["id", "name", "EventID"];
const LABEL: [&str; 2] = ["label", "Bound"];

impl Default for Columns {
    fn default() -> Self {
        Self { sequence: owned(SEQUENCE), id: owned(ID), id_required: false, labels: vec![owned(LABEL)] }
    }
}

impl Columns {
    /// The columns of DeepBind's `.seq` tables (Alipanahi et al. 2015): `EventID`, `seq`, `Bound`, all required.
    pub fn seq_table() -> Self {
        Self { sequence: owned(["seq"]), id: owned(["EventID"]), id_required: true, labels: vec![owned(["Bound"])] }
    }

    /// Reads sequences from this column.
    #[must_use]
    pub fn sequence(mut self, name: impl Into<String>) -> Self {
        self.sequence = vec![name.into()];
        self
    }

    /// Reads names from this column.
    #[must_use]
    pub fn id(mut self, name: impl Into<String>) -> Self {
        self.id = vec![name.into()];
        self.id_required = true;
        self
    }

    /// Reads labels from these columns; none to read sequences alone.
    #[must_use]
    pub fn labels<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.labels = names.into_iter().map(|name| vec![name.into()]).collect();
        self
    }

    /// Whether the sequence column was left to be guessed.
    pub(crate) fn is_a_guess(&self) -> bool {
        self.sequence == SEQUENCE
    }

    pub(crate) fn any_sequence(&self, header: &[String]) -> bool {
        self.sequence.iter().any(|wanted| header.iter().any(|name| name.eq_ignore_ascii_case(wanted)))
    }

    pub(crate) fn find(&self, header: &[String], at: &Place) -> Result<Found, Error> {
        let sequence = required(&self.sequence, header, at)?;
        let id = if self.id_required { Some(required(&self.id, header, at)?) } else { first(&self.id, header, at)? };
        let mut labels = Vec::with_capacity(self.labels.len());
        for wanted in &self.labels {
            let column = required(wanted, header, at)?;
            labels.push((column, header[column].clone()));
        }
        Ok(Found { sequence, id, labels })
    }
}

fn owned<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// A column of one of these names.
pub(crate) fn required(wanted: &[String], header: &[String], at: &Place) -> Result<usize, Error> {
    let list = |names: &[String], between: &str| {
        names.iter().map(|name| format!("`{}`", shown(name.as_bytes()))).collect::<Vec<_>>().join(between)
    };
    first(wanted, header, at)?.ok_or_else(|| {
        // Tables of thousands of columns exist; their names are no help in a message.
        let head = &header[..header.len().min(12)];
        let more = if head.len() < header.len() { ", ..." } else { "" };
        Error::MissingColumn { at: Box::new(at.clone()), wanted: list(wanted, " or "), found: list(head, ", ") + more }
    })
}

/// A column of one of these names, if there is one.
pub(crate) fn optional(wanted: &[&str], header: &[String], at: &Place) -> Result<Option<usize>, Error> {
    first(wanted, header, at)
}

fn first(wanted: &[impl AsRef<str>], header: &[String], at: &Place) -> Result<Option<usize>, Error> {
    for name in wanted {
        let name = name.as_ref();
        let mut columns = (0..header.len()).filter(|&column| header[column].eq_ignore_ascii_case(name));
        match (columns.next(), columns.next()) {
            (Some(_), Some(_)) => {
                return Err(Error::DuplicateColumn { at: Box::new(at.clone()), name: shown(name.as_bytes()) });
            }
            (Some(column), None) => return Ok(Some(column)),
            (None, _) => {}
        }
    }
    Ok(None)
}
