//! Sequences as Python has them: names of files, lists of text or bytes, arrays of bytes.

use std::path::PathBuf;

use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn_cli::embedded::check_names;
use numpy::{PyArrayDescrMethods, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods, dtype};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::compute::compute;
use crate::errors::{exception, input};

/// Sequences that were given.
pub(crate) enum Sequences {
    /// The name of their file.
    File(PathBuf),
    /// The sequences.
    Memory(EncodedSequences),
}

impl Sequences {
    /// Takes what was given; sequences without a name are called `NAME_1`, `NAME_2` and so on.
    pub(crate) fn of(given: &Bound<'_, PyAny>, alphabet: Alphabet, name: &str) -> PyResult<Self> {
        let py = given.py();
        if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
            let path: PathBuf = given.extract()?;
            let is_letters = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphabetic());
            if path.to_str().is_some_and(is_letters) && !path.exists() {
                let shown = path.display();
                let message = format!(
                    "there is no file `{shown}`: text is the name of a file, and sequences are given as a list of text"
                );
                return Err(input(py, message));
            }
            return Ok(Self::File(path));
        }
        if given.is_instance_of::<PyBytes>() {
            return Err(input(py, "bytes are one sequence, and several are expected: give a list of it"));
        }
        if given.is_instance_of::<PyDict>() {
            return Err(input(py, "a dict would give its keys for sequences: give its values"));
        }
        let mut adding = Adding { sequences: EncodedSequences::new(alphabet), name };
        match given.cast::<PyUntypedArray>() {
            Ok(array) => adding.array(array)?,
            Err(_) => adding.each(given)?,
        }
        if adding.sequences.is_empty() {
            return Err(input(py, "there are no sequences: give at least one"));
        }
        Ok(Self::Memory(adding.sequences))
    }

    /// The sequences, read from their file if they have one; two of the same name only if that is allowed.
    pub(crate) fn read(self, alphabet: Alphabet, allow_duplicates: bool) -> anyhow::Result<EncodedSequences> {
        let path = match self {
            Self::Memory(sequences) => return Ok(sequences),
            Self::File(path) => path,
        };
        let sequences = io::read_sequences(&path, alphabet)?;
        check_names(&sequences, allow_duplicates)?;
        Ok(sequences)
    }
}

struct Adding<'a> {
    sequences: EncodedSequences,
    name: &'a str,
}

impl Adding<'_> {
    fn add(&mut self, py: Python<'_>, letters: &[u8]) -> PyResult<()> {
        let name = format!("{}_{}", self.name, self.sequences.len() + 1);
        if letters.is_empty() {
            return Err(input(py, format!("record {} has no letters: leave it out", self.sequences.len() + 1)));
        }
        self.sequences.push(&name, letters).map_err(|error| exception(py, &error.into()))
    }

    /// Text or bytes, one after the other.
    fn each(&mut self, given: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = given.py();
        let kind = |of: &Bound<'_, PyAny>| of.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let items = given.try_iter().map_err(|error| match error.is_instance_of::<PyTypeError>(py) {
            true => input(
                py,
                format!(
                    "{} is no set of sequences: give a list of text or bytes, an array of bytes, or a path",
                    kind(given)
                ),
            ),
            false => error,
        })?;
        for item in items {
            let item = item?;
            if let Ok(text) = item.cast::<PyString>() {
                self.add(py, text.to_str()?.as_bytes())?;
            } else if let Ok(bytes) = item.cast::<PyBytes>() {
                self.add(py, bytes.as_bytes())?;
            } else {
                let (record, kind) = (self.sequences.len() + 1, kind(&item));
                return Err(input(py, format!("record {record} is of type {kind}: sequences are text or bytes")));
            }
        }
        Ok(())
    }

    /// An array: `[sequences, letters]` of bytes, or `[sequences]` of text.
    fn array(&mut self, array: &Bound<'_, PyUntypedArray>) -> PyResult<()> {
        let py = array.py();
        let (kind, dimensions) = (array.dtype().kind(), array.ndim());
        match (kind, dimensions) {
            (b'U' | b'O' | b'T', 1) => self.each(&array.call_method0("tolist")?),
            (b'S', 1) => {
                let width = array.dtype().itemsize();
                if width == 0 || array.len() == 0 {
                    return self.each(&array.call_method0("tolist")?);
                }
                let solid = py.import("numpy")?.call_method1("ascontiguousarray", (array,))?;
                let bytes = solid.call_method1("view", ("uint8",))?.call_method1("reshape", ((array.len(), width),))?;
                self.rows(&bytes.extract()?, true)
            }
            (b'u', 2) if array.dtype().is_equiv_to(&dtype::<u8>(py)) => self.rows(&array.extract()?, false),
            _ => {
                let (dtype, shape) = (array.dtype(), array.shape());
                Err(input(
                    py,
                    format!(
                        "an array of type {dtype} and shape {shape:?} holds no sequences: give letters as bytes, uint8 of shape \
                         [sequences, letters], or text of shape [sequences]"
                    ),
                ))
            }
        }
    }

    /// Rows of ASCII letters; of NumPy's text zeros at the end are no part of a row.
    fn rows(&mut self, rows: &PyReadonlyArray2<'_, u8>, ends_in_zeros: bool) -> PyResult<()> {
        let py = rows.py();
        if !ends_in_zeros && rows.as_array().iter().any(|&byte| byte < b' ') {
            let message = "an array of bytes holds the codes of letters, 65 for A, and not their places in the alphabet: index an array \
                           of letters by it, such as numpy.frombuffer(b\"ACGT\", dtype=\"uint8\")";
            return Err(input(py, message));
        }
        for row in rows.as_array().rows() {
            let length = match ends_in_zeros {
                true => row.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1),
                false => row.len(),
            };
            match row.as_slice() {
                Some(letters) => self.add(py, &letters[..length])?,
                None => self.add(py, &row.iter().take(length).copied().collect::<Vec<u8>>())?,
            }
        }
        Ok(())
    }
}

/// The alphabet of a name.
pub(crate) fn alphabet(py: Python<'_>, name: &str) -> PyResult<Alphabet> {
    Alphabet::from_name(name).map_err(|error| crate::errors::setting(py, error.to_string()))
}

/// Names and sequences of a file: FASTA, FASTQ or a table, plain or gzipped.
///
/// InputError for a file that cannot be read.
#[pyfunction]
#[pyo3(signature = (path, *, alphabet="dna"))]
pub(crate) fn read_sequences(py: Python<'_>, path: PathBuf, alphabet: &str) -> PyResult<(Vec<String>, Vec<String>)> {
    let alphabet = self::alphabet(py, alphabet)?;
    compute(py, None, None, move || {
        let sequences = io::read_sequences(&path, alphabet)?;
        let letters = (0..sequences.len()).map(|record| sequences.decode(record)).collect();
        Ok((sequences.ids().to_vec(), letters))
    })
}
