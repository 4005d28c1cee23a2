//! Layers on maps: what comes after the first layer, one sequence at a time.
//!
//! A map is `[positions, lane blocks]`: the channels of a position fill whole rows of lanes, with zeros behind them, so that
//! the patch of `width` positions is one contiguous slice and every loop runs over full rows.

mod layer;
mod local;
mod sparse;

pub(crate) use layer::{MapEvaluation, MapLayer};
pub(crate) use local::{pool_locally, pull_back_local};
pub(crate) use sparse::SparseMap;
