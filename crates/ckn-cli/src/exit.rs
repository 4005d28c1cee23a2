//! Exit codes: one for each kind of trouble.

use ckn::core::ErrorKind;

/// All went well.
pub const DONE: u8 = 0;
/// Our fault.
pub const INTERNAL: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// The input is bad.
pub const INPUT: u8 = 3;
/// A device is missing or computes wrongly.
pub const DEVICE: u8 = 4;
/// The solver did not converge; the result was written.
pub const NOT_CONVERGED: u8 = 5;
/// Interrupted; the best so far was written.
pub const INTERRUPTED: u8 = 130;

/// A mistake on the command line that only running could show, or an output that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Input that is well-formed, but of no use for the task.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Input(pub String);

/// What only a build with the tensor library can do.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what} computes on tensors, and this build of ckn leaves them out: drop it, or have them with `cargo install --path \
     crates/ckn-cli --features tensors` (`wgpu` in place of `tensors` for graphics cards)"
)]
pub struct NoTensors {
    /// The option or the command.
    pub what: String,
}

/// The exit code of an error.
pub fn status(error: &anyhow::Error) -> u8 {
    // Contexts are no causes of the chain.
    if error.is::<Usage>() {
        return USAGE;
    }
    if error.is::<Input>() {
        return INPUT;
    }
    match error.chain().find_map(kind) {
        Some(ErrorKind::Setting) => USAGE,
        Some(ErrorKind::Input) => INPUT,
        Some(ErrorKind::Device) => DEVICE,
        Some(ErrorKind::Interrupted) => INTERRUPTED,
        Some(ErrorKind::Caller) | None => INTERNAL,
    }
}

/// What an error of a library is called by: its kind is the library's to say.
fn kind(cause: &(dyn std::error::Error + 'static)) -> Option<ErrorKind> {
    let of_core = cause.downcast_ref().map(ckn::core::Error::kind);
    let of_bio = || cause.downcast_ref().map(of_bio);
    let of_model = || cause.downcast_ref().map(ckn::model::Error::kind);
    let of_interpret = || cause.downcast_ref().map(ckn::interpret::Error::kind);
    #[cfg(feature = "tensors")]
    let of_burn = || cause.downcast_ref().map(ckn::burn::Error::kind);
    #[cfg(not(feature = "tensors"))]
    let of_burn = || None;
    let no_tensors = || cause.is::<NoTensors>().then_some(ErrorKind::Device);
    let of_train = || cause.downcast_ref().map(ckn::train::Error::kind);
    // As in a model, which reads images, too.
    let of_vision = || cause.downcast_ref().map(|error: &ckn::vision::Error| ckn::model::kind_of_vision(error));
    of_core
        .or_else(of_bio)
        .or_else(of_model)
        .or_else(of_interpret)
        .or_else(of_burn)
        .or_else(no_tensors)
        .or_else(of_train)
        .or_else(of_vision)
}

fn of_bio(error: &ckn::bio::Error) -> ErrorKind {
    use ckn::bio::IntervalError::{RangeEnd, RangeLength};
    let asked_for = matches!(error, ckn::bio::Error::Interval(RangeEnd { .. } | RangeLength { .. }));
    if asked_for { ErrorKind::Setting } else { ErrorKind::Input }
}

/// What is said of an error: what is wrong, and the option that its advice is followed by.
pub fn message(error: &anyhow::Error) -> String {
    match option(error) {
        Some(option) => format!("{error:#} ({option})"),
        None => format!("{error:#}"),
    }
}

/// Whether an error is that more memory is needed than is allowed; errors that wrap one are none of their causes.
pub fn is_of_memory(cause: &(dyn std::error::Error + 'static)) -> bool {
    use ckn::core::Error::Memory;
    use ckn::model::Error as Model;
    use ckn::train::Error as Train;
    matches!(cause.downcast_ref(), Some(Memory { .. }))
        || matches!(cause.downcast_ref(), Some(Model::Core(Memory { .. })))
        || matches!(cause.downcast_ref(), Some(Train::Core(Memory { .. }) | Train::Model(Model::Core(Memory { .. }))))
}

/// The option that what an error advises is chosen by, for the end of its message.
fn option(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        if is_of_memory(cause) {
            return Some("--memory");
        }
        use ckn::bio::{Error as Bio, IntervalError as Interval, TaskError as Task};
        use ckn::model::Error as Model;
        match cause.downcast_ref() {
            Some(Model::Alphabet { .. }) => return Some("--alphabet"),
            Some(Model::Outputs { .. }) => return Some("--output"),
            Some(Model::Exists { .. }) => return Some("--force"),
            _ => {}
        }
        match cause.downcast_ref() {
            Some(Bio::TooLarge { .. } | Bio::TooManyLetters { .. }) => return Some("--memory"),
            Some(Bio::Label { got, .. }) if got.parse::<f64>().is_err() => {
                return Some("labels are all numbers, or all names of classes");
            }
            Some(Bio::MissingColumn { found, .. }) if found.contains("`label:") => {
                return Some("a table of several tasks is given by --tasks");
            }
            Some(Bio::Task(Task::SeveralTasks { .. })) => return Some("a table of several tasks is given by --tasks"),
            Some(Bio::Task(Task::NoTasks { found, .. })) if found.contains("`label`") => {
                return Some("a table of one task is given by --tsv");
            }
            Some(Bio::Task(Task::TaskLabel { got, .. })) if got.parse::<f64>().is_err() => {
                return Some("of two classes, 0 and 1");
            }
            Some(Bio::Letter { alphabet, letter, .. }) if alphabet.may_be_protein(*letter) => {
                return Some("--alphabet protein");
            }
            Some(Bio::Interval(
                Interval::EmptyInterval { .. }
                | Interval::BeforeChromosome { .. }
                | Interval::OutsideChromosome { .. }
                | Interval::NoChromosome { .. },
            )) => return Some("--drop-unfit"),
            Some(Bio::Interval(Interval::RangeEnd { .. } | Interval::RangeLength { .. })) => return Some("--region"),
            Some(Bio::Division(ckn::bio::DivisionError::NoSuchGroup { .. })) => return Some("--test"),
            _ => {}
        }
        if let Some(ckn::train::Error::Folds { .. }) = cause.downcast_ref() {
            return Some("--calibrations 0, or without --auto");
        }
        #[cfg(feature = "tensors")]
        if let Some(ckn::burn::Error::Failed { .. }) = cause.downcast_ref() {
            return Some("--device");
        }
        None
    })
}
