//! Exit codes: one for each kind of trouble.

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
    error.chain().find_map(kind).unwrap_or(INTERNAL)
}

fn kind(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<ckn::bio::Error>() {
        return Some(INPUT);
    }
    if let Some(error) = cause.downcast_ref::<ckn::vision::Error>() {
        use ckn::vision::Error::{NotFinite, Setting, Shape};
        return Some(match error {
            Setting { .. } => USAGE,
            Shape { .. } | NotFinite { .. } => INTERNAL,
            _ => INPUT,
        });
    }
    if let Some(error) = cause.downcast_ref::<ckn::core::Error>() {
        return Some(of_core(error));
    }
    if let Some(error) = cause.downcast_ref::<ckn::model::Error>() {
        use ckn::model::Error::{Config, Core, Exists, Outputs, Unsavable, Vision, WindowLength};
        return Some(match error {
            Config { .. } | Exists { .. } | Outputs { .. } | WindowLength { .. } => USAGE,
            Core(error) => of_core(error),
            Vision(error) => return kind(error),
            Unsavable { .. } => INTERNAL,
            _ => INPUT,
        });
    }
    if cause.is::<NoTensors>() {
        return Some(DEVICE);
    }
    #[cfg(feature = "tensors")]
    if let Some(error) = cause.downcast_ref::<ckn::burn::Error>() {
        return match error {
            ckn::burn::Error::Core(error) => Some(of_core(error)),
            ckn::burn::Error::Model(error) => kind(error),
            _ => Some(DEVICE),
        };
    }
    if let Some(error) = cause.downcast_ref::<ckn::interpret::Error>() {
        use ckn::interpret::Error::{Alphabet, Bio, Model, Output, Range};
        return match error {
            Model(error) => kind(error),
            Bio(_) | Alphabet { .. } => Some(INPUT),
            Output { .. } | Range { .. } => Some(USAGE),
            _ => None,
        };
    }
    if let Some(error) = cause.downcast_ref::<ckn::train::Error>() {
        use ckn::train::Error::{
            Bandwidth, Class, Classes, Core, Folds, Images, Interrupted, Labels, Loss, Model, NoWindow,
            NotDifferentiable, NothingTried, Setting, Task,
        };
        return match error {
            Setting { .. } | Loss { .. } | Bandwidth { .. } | NotDifferentiable => Some(USAGE),
            Images { .. } => Some(INPUT),
            Classes { .. } | Class { .. } | Task { .. } | Folds { .. } | NoWindow { .. } | Labels { .. } => Some(INPUT),
            NothingTried | Interrupted => Some(INTERRUPTED),
            Core(error) => Some(of_core(error)),
            Model(error) => kind(error),
            #[cfg(feature = "tensors")]
            ckn::train::Error::Burn(error) => kind(error),
            _ => None,
        };
    }
    None
}

fn of_core(error: &ckn::core::Error) -> u8 {
    use ckn::core::Error::{
        Blank, Eigen, Empty, NoComplement, NoGradient, NotPositiveDefinite, Parameter, PatchTooLarge, PooledTooFar,
        Token, TooShort,
    };
    match error {
        Parameter { name: "label", .. } | Empty { .. } | TooShort { .. } | Token { .. } | Blank { .. } => INPUT,
        // More regularisation helps.
        Eigen { .. } | NotPositiveDefinite { .. } => USAGE,
        Parameter { .. } | NoComplement | NoGradient | PatchTooLarge { .. } | PooledTooFar { .. } => USAGE,
        _ => INTERNAL,
    }
}
