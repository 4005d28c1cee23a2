//! Arguments of Python as options of the command: `learning_rate=0.1` is `--learning-rate=0.1`.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};

use crate::errors::setting;

/// The words of options: `True` is an option without a value, `False` and `None` are none, and a list has its values joined.
pub(crate) fn words(options: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<OsString>> {
    let mut words = Vec::new();
    for (name, value) in options.into_iter().flatten() {
        let name: String = name.extract()?;
        if name == "quiet" {
            return Err(setting(value.py(), "the module says nothing by itself: what it would say goes to progress"));
        }
        let option = format!("--{}", name.replace('_', "-"));
        if let Ok(tasks) = value.cast::<PyDict>() {
            for (task, files) in tasks {
                let mut word = OsString::from(format!("{option}={}=", task.str()?.to_str()?));
                word.push(text(&files)?);
                words.push(word);
            }
        } else if let Ok(flag) = value.cast::<PyBool>() {
            words.extend(flag.is_true().then(|| option.into()));
        } else if !value.is_none() {
            let mut word = OsString::from(option + "=");
            word.push(text(&value)?);
            words.push(word);
        }
    }
    Ok(words)
}

/// A value as it is typed.
fn text(value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let mut joined = OsString::new();
        for (place, item) in value.try_iter()?.enumerate() {
            joined.push(if place > 0 { "," } else { "" });
            joined.push(text(&item?)?);
        }
        return Ok(joined);
    }
    if value.is_instance_of::<PyString>() || value.hasattr("__fspath__")? {
        return value.extract().map(PathBuf::into_os_string);
    }
    Ok(value.str()?.to_str()?.into())
}
