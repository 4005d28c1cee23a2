//! States of a training, kept for one that goes on from them.

use super::TrainerState;
use crate::{Error, Ignore};

/// Keeps the state of a training now and then, for a training that goes on from it.
pub trait Keeper {
    /// Whether states are kept at all.
    fn keeps(&self) -> bool;

    /// Whether it is time to.
    fn is_due(&self) -> bool;

    /// Keeps a state.
    ///
    /// # Errors
    /// Whatever it is that shall end the training.
    fn keep(&mut self, state: &TrainerState) -> Result<(), Error>;
}

impl Keeper for Ignore {
    fn keeps(&self) -> bool {
        false
    }

    fn is_due(&self) -> bool {
        false
    }

    fn keep(&mut self, _state: &TrainerState) -> Result<(), Error> {
        Ok(())
    }
}
