//! Labels as Python has them: numbers, names of classes, or a column of numbers for each task.

use std::collections::HashMap;

use ckn::bio::{ClassNames, EncodedSequences, LabelledSequences};
use ckn_cli::embedded::Input;
use numpy::{PyArrayDescrMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::input;

/// Labels that were given.
pub(crate) enum Labels {
    /// Of two classes, measurements, or numbers of classes.
    Numbers(Vec<f64>),
    /// Names of classes.
    Names(Vec<String>),
    /// Of several tasks, `[sequences, tasks]`; NaN for those that are not known.
    Tasks(Vec<String>, Vec<f64>),
}

impl Labels {
    /// Takes what was given; of several tasks beside their names.
    pub(crate) fn of(given: &Bound<'_, PyAny>, tasks: Option<Vec<String>>) -> PyResult<Self> {
        let py = given.py();
        let array = py.import("numpy")?.call_method1("asarray", (given,));
        let array =
            array.map_err(|error| input(py, format!("the labels are no array of numbers or names: {error}")))?;
        let array = array.cast_into::<PyUntypedArray>()?;
        let (kind, shape) = (array.dtype().kind(), array.shape().to_vec());
        let numbers = matches!(kind, b'b' | b'i' | b'u' | b'f');
        match (tasks, shape.as_slice()) {
            (Some(tasks), &[_, columns]) if numbers && columns == tasks.len() => {
                let rows: PyReadonlyArray2<'_, f64> = as_f64(&array)?.extract()?;
                Ok(Self::Tasks(tasks, rows.as_array().iter().copied().collect()))
            }
            (Some(tasks), shape) => {
                let (dtype, tasks) = (array.dtype(), tasks.len());
                Err(input(
                    py,
                    format!(
                        "labels of {tasks} tasks are numbers of shape [sequences, {tasks}], NaN where they are not known, and not \
                         {dtype} of shape {shape:?}"
                    ),
                ))
            }
            (None, &[_]) if numbers => {
                let labels: PyReadonlyArray1<'_, f64> = as_f64(&array)?.extract()?;
                Ok(Self::Numbers(labels.as_array().iter().copied().collect()))
            }
            (None, &[_]) if matches!(kind, b'U' | b'O' | b'T') => {
                let labels = array.call_method0("tolist")?;
                Self::of_objects(&labels)
            }
            (None, shape) => {
                let dtype = array.dtype();
                Err(input(
                    py,
                    format!(
                        "labels are numbers or names of shape [sequences], and not {dtype} of shape {shape:?}: a column for each of \
                         several tasks goes with task_names"
                    ),
                ))
            }
        }
    }

    fn of_objects(labels: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(names) = labels.extract::<Vec<String>>() {
            return Ok(Self::Names(names));
        }
        let numbers = labels.extract::<Vec<f64>>();
        numbers.map(Self::Numbers).map_err(|_| input(labels.py(), "the labels are neither all numbers nor all names"))
    }

    /// Joins the labels, which may be measurements, to their sequences.
    pub(crate) fn join(self, sequences: EncodedSequences, measured: bool) -> anyhow::Result<LabelledSequences> {
        Ok(match self {
            // Sequences of a file may all be positives; who gives labels means to give both classes.
            Self::Numbers(labels) if !measured && !labels.is_empty() && labels.iter().all(|&label| label == 1.0) => {
                let message = "every label is 1, and there is nothing to tell it from: give others, or no labels, and the sequences are \
                               told from shuffles of themselves";
                return Err(Input(message.into()).into());
            }
            Self::Numbers(labels) => LabelledSequences::new(sequences, labels)?,
            Self::Tasks(tasks, labels) => LabelledSequences::of_tasks(sequences, tasks, labels)?,
            Self::Names(names) => {
                let classes = ClassNames::of(names.iter().cloned()).names().to_vec();
                let number: HashMap<&str, f64> =
                    classes.iter().enumerate().map(|(class, name)| (name.as_str(), class as f64)).collect();
                let labels = names.iter().map(|name| number[name.as_str()]).collect();
                LabelledSequences::of_classes(sequences, labels, classes)?
            }
        })
    }
}

fn as_f64<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyAny>> {
    array.call_method1("astype", ("float64",))
}
