//! Errors as exceptions of the package, one class for each exit code of the command.

use ckn_cli::embedded::{DEVICE, INPUT, INTERRUPTED, Input, USAGE, Usage, message, status};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The exception of an error, with the text that the command says.
pub(crate) fn exception(py: Python<'_>, error: &anyhow::Error) -> PyErr {
    let class = match status(error) {
        USAGE => "SettingError",
        INPUT => "InputError",
        DEVICE => "DeviceError",
        INTERRUPTED => "UnfinishedError",
        _ => "InternalError",
    };
    of_class(py, class, message(error))
}

/// An exception of a class of `ckn._errors`.
fn of_class(py: Python<'_>, class: &str, message: String) -> PyErr {
    let class = py.import("ckn._errors").and_then(|module| module.getattr(class));
    match class.and_then(|class| class.call1((message.as_str(),))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(_) => PyRuntimeError::new_err(message),
    }
}

/// Warns, by a class of `ckn._errors`.
pub(crate) fn warn(py: Python<'_>, class: &str, message: &str) -> PyResult<()> {
    let class = py.import("ckn._errors")?.getattr(class)?;
    // The caller of the function that this module exports, which is no frame of the interpreter.
    py.import("warnings")?.call_method1("warn", (message, class, 1))?;
    Ok(())
}

/// Input that cannot be used.
pub(crate) fn input(py: Python<'_>, message: impl Into<String>) -> PyErr {
    exception(py, &Input(message.into()).into())
}

/// A setting that cannot be used.
pub(crate) fn setting(py: Python<'_>, message: impl Into<String>) -> PyErr {
    exception(py, &Usage(message.into()).into())
}
