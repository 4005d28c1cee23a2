//! Spherical k-means on patches held as rows of a matrix.

use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::Patches;
use crate::Error;

/// Patches compared at once.
const TASK: usize = 1024;

/// Patches as rows of a matrix: those of maps.
#[derive(Debug, Clone)]
pub struct DensePatches {
    dimension: usize,
    rows: Vec<f32>,
}

impl DensePatches {
    /// Scales the rows to unit norm and drops zero rows.
    ///
    /// # Shapes
    /// rows `[patches, dimension]`.
    pub fn new(rows: &[f32], dimension: usize) -> Self {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows.chunks_exact(dimension.max(1)) {
            let norm = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
            if norm > 1e-6 {
                kept.extend(row.iter().map(|&x| (f64::from(x) / norm) as f32));
            }
        }
        Self { dimension, rows: kept }
    }
}

impl Patches for DensePatches {
    fn len(&self) -> usize {
        self.rows.len() / self.dimension.max(1)
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn patch(&self, index: usize) -> Vec<f64> {
        self.rows[index * self.dimension..][..self.dimension].iter().map(|&x| f64::from(x)).collect()
    }

    fn assign(&self, centres: &[f64], count: usize) -> Result<Vec<(u32, f32)>, Error> {
        let centres: Vec<f32> = centres.iter().map(|&x| x as f32).collect();
        let tasks = self.rows.par_chunks(TASK * self.dimension);
        Ok(tasks
            .flat_map_iter(|rows| {
                let patches = rows.len() / self.dimension;
                let mut cosines = vec![0.0f32; patches * count];
                faer::linalg::matmul::matmul(
                    MatMut::from_row_major_slice_mut(&mut cosines, patches, count),
                    Accum::Replace,
                    MatRef::from_row_major_slice(rows, patches, self.dimension),
                    MatRef::from_row_major_slice(&centres, count, self.dimension).transpose(),
                    1.0,
                    Par::Seq,
                );
                let best: Vec<(u32, f32)> = cosines.chunks_exact(count).map(largest).collect();
                best
            })
            .collect())
    }

    fn sums(&self, assignment: &[(u32, f32)], count: usize) -> Vec<f64> {
        let mut sums = vec![0.0; count * self.dimension];
        for (row, (cluster, _)) in self.rows.chunks_exact(self.dimension).zip(assignment) {
            let sum = &mut sums[*cluster as usize * self.dimension..][..self.dimension];
            sum.iter_mut().zip(row).for_each(|(slot, &value)| *slot += f64::from(value));
        }
        sums
    }
}

/// Index and value of the largest entry, the first of equals.
pub(super) fn largest(values: &[f32]) -> (u32, f32) {
    let mut best = (0u32, f32::NEG_INFINITY);
    for (index, &value) in values.iter().enumerate() {
        if value > best.1 {
            best = (index as u32, value);
        }
    }
    best
}
