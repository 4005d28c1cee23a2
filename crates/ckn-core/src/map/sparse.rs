//! A map that is zero at most positions: the gradient of a maximum.

use crate::Scalar;
use crate::rows::{LANES, Row};

/// Rows of the positions where a map is not zero.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseMap<S> {
    /// Positions, ascending.
    pub(crate) positions: Vec<usize>,
    /// `[positions, lane blocks]`.
    pub(crate) rows: Vec<Row<S>>,
    /// Place among `positions`, of each position of the map; [`NOWHERE`] for none.
    places: Vec<usize>,
}

const NOWHERE: usize = usize::MAX;

impl<S: Scalar> SparseMap<S> {
    /// A map of zeros.
    pub(crate) fn clear(&mut self, positions: usize) {
        self.positions.clear();
        self.rows.clear();
        self.places.clear();
        self.places.resize(positions, NOWHERE);
    }

    /// Makes a position one of those with rows; those that are new must come after all others.
    pub(crate) fn touch(&mut self, position: usize, lane_blocks: usize) {
        self.at(position, lane_blocks);
    }

    /// The rows of a position; those that are new must come after all others.
    #[inline(always)]
    pub(crate) fn at(&mut self, position: usize, lane_blocks: usize) -> &mut [Row<S>] {
        if self.places[position] == NOWHERE {
            self.places[position] = self.positions.len();
            self.positions.push(position);
            self.rows.resize(self.positions.len() * lane_blocks, [S::zero(); LANES]);
        }
        &mut self.rows[self.places[position] * lane_blocks..][..lane_blocks]
    }

    /// The rows of a position, if it has any.
    #[inline(always)]
    pub(crate) fn get(&self, position: usize, lane_blocks: usize) -> Option<&[Row<S>]> {
        let place = *self.places.get(position)?;
        self.rows.get(place.checked_mul(lane_blocks)?..)?.get(..lane_blocks)
    }
}
