//! What can go wrong on a device.

use burn::tensor::{DType, DataError, ExecutionError};
use ckn_core::ErrorKind;
use thiserror::Error as ThisError;

/// What can go wrong on a device.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The mathematics refused.
    #[error(transparent)]
    Core(#[from] ckn_core::Error),
    /// The network's description refused.
    #[error(transparent)]
    Model(#[from] ckn_model::Error),
    /// A tensor does not have the size that the module asks for.
    #[error("{what}: expected {expected}, got {got}")]
    Size {
        /// The dimension.
        what: &'static str,
        /// Its size by the module.
        expected: usize,
        /// Its size in the tensor.
        got: usize,
    },
    /// A sequence is said to be longer than its map.
    #[error("sequence {record} (0-based) has length {length}, but its map holds only {limit} positions")]
    Length {
        /// 0-based index in the batch.
        record: usize,
        /// The length given.
        length: usize,
        /// Positions of the map.
        limit: usize,
    },
    /// A record that the set of sequences does not have was asked for.
    #[error("record {record} (0-based) does not exist: there are {records} sequences")]
    Record {
        /// The record.
        record: usize,
        /// Number of sequences.
        records: usize,
    },
    /// A token of a batch has no meaning in its letter table.
    #[error("token {token} at position {position} of sequence {record} (0-based): the alphabet has the tokens 0 to {}", known - 1)]
    Token {
        /// The token.
        token: i64,
        /// 0-based index in the batch.
        record: usize,
        /// 0-based place in the sequence.
        position: usize,
        /// Number of known tokens.
        known: usize,
    },
    /// Numbers of a type that layers do not compute with.
    #[error("numbers of type {got:?}: layers compute in F32 or F64")]
    NumberType {
        /// The type.
        got: DType,
    },
    /// A network that tensors do not compute.
    #[error("{what} are not computed by tensors: the engine on slices computes them")]
    NotTensors {
        /// What it is about.
        what: &'static str,
    },
    /// Gradients were asked of a module that does not track them.
    #[error("the module does not track gradients: create it on `device.autodiff()`")]
    NotTracked,
    /// A device is unknown, not compiled in, or not present.
    #[error("there is no device `{got}` here: choose one of {choices}")]
    Device {
        /// What was asked for.
        got: String,
        /// What there is.
        choices: String,
    },
    /// A device stopped working.
    #[error("device {device} failed: {reason}; choose another")]
    Failed {
        /// The device.
        device: String,
        /// What it said.
        reason: String,
    },
    /// A device whose self-test failed.
    #[error(
        "device {device} computes wrongly: values are off by {value:.1e}, gradients by {gradient:.1e} (at most \
         {tolerance:.0e} is right); choose another, and tell the makers of its driver"
    )]
    Inaccurate {
        /// The device.
        device: String,
        /// Largest relative error of a value.
        value: f64,
        /// Largest relative error of a gradient.
        gradient: f64,
        /// Largest error that passes.
        tolerance: f64,
    },
    /// A network, a device or a training that the kernels for graphics cards are not written for.
    #[error("{what} are not computed by the kernels for graphics cards: tensors or the CPU compute them")]
    NotResident {
        /// What it is about.
        what: &'static str,
    },
    /// More than a device holds at once.
    #[error(
        "{what} take {bytes} bytes, and the device holds {limit} in one piece: train on fewer records, or on the CPU"
    )]
    DeviceMemory {
        /// What takes it.
        what: &'static str,
        /// Bytes that it takes.
        bytes: u64,
        /// Bytes that a buffer of the device holds.
        limit: u64,
    },
    /// A result could not be read back from the device.
    #[error("reading from the device failed")]
    Execution(#[from] ExecutionError),
    /// A result came back from the device in a shape or type that cannot be read.
    #[error("reading from the device failed")]
    Data(#[from] DataError),
}

/// Checks one size.
pub(crate) fn check_size(what: &'static str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got { Ok(()) } else { Err(Error::Size { what, expected, got }) }
}

impl Error {
    /// Class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Core(error) => error.kind(),
            Self::Model(error) => error.kind(),
            Self::Size { .. }
            | Self::Length { .. }
            | Self::Record { .. }
            | Self::Token { .. }
            | Self::NumberType { .. }
            | Self::NotTensors { .. }
            | Self::NotTracked
            | Self::Device { .. }
            | Self::Failed { .. }
            | Self::Inaccurate { .. }
            | Self::NotResident { .. }
            | Self::DeviceMemory { .. }
            | Self::Execution(_)
            | Self::Data(_) => ErrorKind::Device,
        }
    }
}
