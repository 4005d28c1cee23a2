//! Second moments of features, which tell conjugate gradients what the Hessian is like.

use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::cholesky::Cholesky;
use crate::Error;
use crate::error::check_length;

/// Most numbers of a block: moments between blocks are left out.
const MAX_BLOCK: usize = 12_800;

/// No more numbers than samples are worth a block, but so many always are.
const MIN_BLOCK: usize = 512;

/// Columns of a block that one task multiplies.
const TILE: usize = 256;

/// Samples that are looked at: for each number of a block, and at least.
const SAMPLES_PER_NUMBER: usize = 2;
const MIN_SAMPLES: usize = 20_000;

/// What is added to the diagonal, one after the other until rounding leaves a factor.
const SHIFTS: [f64; 5] = [1.0, 1e1, 1e2, 1e3, 1e4];

/// Samples multiplied at once.
const CHUNK: usize = 1024;

/// Second moments `(1/n) Σ x xᵀ` of features, in blocks along the diagonal: labels do not enter, so that one serves all fits on
/// the same features. It changes how fast a fit is, not what it finds.
#[derive(Debug, Clone)]
pub struct FeatureMoments {
    dimension: usize,
    /// First number and size of each block, and its moments, `[size, size]`, of which the lower triangle is filled.
    blocks: Vec<(usize, usize, Vec<f32>)>,
}

impl FeatureMoments {
    /// Moments of features, from some samples evenly among all where there are many.
    ///
    /// # Shapes
    /// features `[samples, dimension]`.
    ///
    /// # Errors
    /// [`Error::Empty`] without features; [`Error::Shape`] if they are not whole samples.
    pub fn of(features: &[f32], dimension: usize) -> Result<Self, Error> {
        if dimension == 0 || features.is_empty() {
            return Err(Error::Empty { what: "the set of features" });
        }
        check_length("features", features.len() / dimension * dimension, features.len())?;
        // Of a few samples, conjugate gradients take a few steps anyway.
        let largest = MAX_BLOCK.min((features.len() / dimension).max(MIN_BLOCK));
        Ok(Self::in_blocks(features, dimension, largest))
    }

    fn in_blocks(features: &[f32], dimension: usize, largest: usize) -> Self {
        let count = dimension.div_ceil(largest);
        let size = dimension.div_ceil(count);
        let blocks = (0..dimension)
            .step_by(size)
            .map(|first| {
                let size = size.min(dimension - first);
                (first, size, moments(features, dimension, first, size))
            })
            .collect();
        Self { dimension, blocks }
    }

    /// Numbers of a sample.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Factors of `1 + weight · moments`; a block without a factor is left to itself.
    pub(super) fn factors(&self, weight: f64) -> Factors {
        let factor = |(first, size, moments): &(usize, usize, Vec<f32>)| {
            let with = |shift: f64| {
                let mut matrix: Vec<f32> = moments.iter().map(|&value| (weight * f64::from(value)) as f32).collect();
                (0..*size).for_each(|at| matrix[at * (size + 1)] += shift as f32);
                Cholesky::of(matrix, *size)
            };
            (*first, *size, SHIFTS.iter().find_map(|&shift| with(shift)))
        };
        Factors { weight, blocks: self.blocks.iter().map(factor).collect() }
    }
}

/// Cholesky factors of the blocks.
pub(super) struct Factors {
    /// The weight of the moments.
    pub(super) weight: f64,
    blocks: Vec<(usize, usize, Option<Cholesky>)>,
}

impl Factors {
    /// Solves in place for the columns of several classes.
    ///
    /// # Shapes
    /// values `[dimension, classes]` at least.
    pub(super) fn solve(&self, values: &mut [f64], classes: usize) {
        for (first, size, factor) in &self.blocks {
            let part = &mut values[first * classes..(first + size) * classes];
            if let Some(factor) = factor {
                let mut narrow: Vec<f32> = part.iter().map(|&value| value as f32).collect();
                factor.solve(&mut narrow, classes);
                part.iter_mut().zip(narrow).for_each(|(slot, value)| *slot = f64::from(value));
            }
        }
    }
}

/// The lower triangle of one block, tiles of columns in parallel.
fn moments(features: &[f32], dimension: usize, first: usize, size: usize) -> Vec<f32> {
    let samples = features.len() / dimension;
    let step = (samples / (SAMPLES_PER_NUMBER * size).max(MIN_SAMPLES)).max(1);
    let used = samples.div_ceil(step);
    let tiles: Vec<(usize, Vec<f32>)> = (0..size)
        .into_par_iter()
        .step_by(TILE)
        .map(|left| {
            let width = TILE.min(size - left);
            let height = size - left;
            let mut tile = vec![0.0f32; height * width];
            let mut rows = Vec::with_capacity(CHUNK * height);
            for start in (0..used).step_by(CHUNK) {
                let count = CHUNK.min(used - start);
                rows.clear();
                for sample in start..start + count {
                    let from = sample * step * dimension + first + left;
                    rows.extend_from_slice(&features[from..from + height]);
                }
                let block = MatRef::from_row_major_slice(&rows, count, height);
                faer::linalg::matmul::matmul(
                    MatMut::from_row_major_slice_mut(&mut tile, height, width),
                    Accum::Add,
                    block.transpose(),
                    block.subcols(0, width),
                    1.0 / used as f32,
                    Par::Seq,
                );
            }
            (left, tile)
        })
        .collect();
    let mut moments = vec![0.0; size * size];
    for (left, tile) in tiles {
        let width = TILE.min(size - left);
        for (row, values) in tile.chunks_exact(width).enumerate() {
            let to = (left + row) * size + left;
            moments[to..to + width].copy_from_slice(values);
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_their_solutions_are_those_by_hand() {
        // Samples (1, 2), (3, −1): moments [[5, −1/2], [−1/2, 5/2]].
        let moments = FeatureMoments::of(&[1.0, 2.0, 3.0, -1.0], 2).unwrap();
        let (_, _, lower) = &moments.blocks[0];
        assert_eq!((lower[0], lower[2], lower[3]), (5.0, -0.5, 2.5));
        // 1 + 2 · moments = [[11, −1], [−1, 6]]; two columns.
        let mut values = [10.0, 21.0, 5.0, 4.0];
        moments.factors(2.0).solve(&mut values, 2);
        for (got, want) in values.iter().zip([1.0, 2.0, 1.0, 1.0]) {
            assert!((got - want).abs() < 1e-6, "{values:?}");
        }
    }

    #[test]
    fn many_numbers_are_cut_into_blocks_and_tiles() {
        let (samples, dimension) = (50, 1100);
        let features: Vec<f32> = (0..samples * dimension).map(|k| ((k % 8191) as f32 * 0.37).sin()).collect();
        let moments = FeatureMoments::in_blocks(&features, dimension, 800);
        assert_eq!(moments.blocks.len(), 2);
        for (first, size, lower) in &moments.blocks {
            for (i, j) in [(0, 0), (7, 3), (size - 1, 0), (size - 1, size - 1), (300, 299), (500, 256)] {
                let want: f64 = features
                    .chunks_exact(dimension)
                    .map(|x| f64::from(x[first + i]) * f64::from(x[first + j]))
                    .sum::<f64>()
                    / samples as f64;
                assert!((f64::from(lower[i * size + j]) - want).abs() < 1e-5, "{i} {j}");
            }
        }
    }
}
