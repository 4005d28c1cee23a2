//! Spherical k-means on windows of sequences, which stay tokens.

use rand::RngExt;
use rayon::prelude::*;

use super::Patches;
use crate::kernel::DotProductKernel;
use crate::network::LayerConfig;
use crate::seed::Random;
use crate::sequence::{AnchorTables, KmerIndex, Orientation};
use crate::{Error, LetterSpace};

/// Patches compared at once.
const TASK: usize = 4096;

/// Windows of known letters of a set of sequences, every one equally likely, never as one-hot vectors.
///
/// # Shapes
/// as patches: `[letters, width]`, the order of anchor points.
#[derive(Debug, Clone)]
pub struct WindowPatches<'a> {
    index: &'a KmerIndex<'a>,
    letters: &'a LetterSpace,
    /// Record and start of each window.
    pub(super) windows: Vec<(u32, u32)>,
}

impl<'a> WindowPatches<'a> {
    /// All windows of known letters of some records, or a sample of `at_most` of them, as patches of a network's first layer.
    pub fn sample(
        index: &'a KmerIndex<'a>,
        letters: &'a LetterSpace,
        records: &[usize],
        at_most: usize,
        random: &mut Random,
    ) -> Self {
        let total: usize = records.iter().flat_map(|&record| index.runs(record)).map(|run| run.len()).sum();
        let mut windows = Vec::with_capacity(total.min(at_most));
        let (mut left, mut wanted) = (total, at_most.min(total));
        for &record in records {
            for start in index.runs(record).iter().cloned().flatten() {
                // Selection sampling (Knuth, algorithm 3.4.2 S): in order, each subset equally likely.
                if wanted == left || random.random_range(0..left) < wanted {
                    windows.push((record as u32, start));
                    wanted -= 1;
                }
                left -= 1;
                if wanted == 0 {
                    return Self { index, letters, windows };
                }
            }
        }
        Self { index, letters, windows }
    }

    fn letters(&self) -> usize {
        self.index.view().table().letters()
    }

    fn tokens(&self, (record, start): (u32, u32)) -> &[u8] {
        &self.index.view().sequence(record as usize)[start as usize..][..self.index.width()]
    }
}

impl Patches for WindowPatches<'_> {
    fn len(&self) -> usize {
        self.windows.len()
    }

    fn dimension(&self) -> usize {
        self.letters() * self.index.width()
    }

    fn patch(&self, index: usize) -> Vec<f64> {
        let width = self.index.width();
        let mut patch = vec![0.0; self.dimension()];
        for (position, &token) in self.tokens(self.windows[index]).iter().enumerate() {
            patch[usize::from(token) * width + position] = 1.0 / (width as f64).sqrt();
        }
        self.letters.products(&patch, width)
    }

    fn assign(&self, centres: &[f64], count: usize) -> Result<Vec<(u32, f32)>, Error> {
        let width = self.index.width();
        // With the linear kernel the tables hold cosines.
        let layer = LayerConfig { filters: count, width, kernel: DotProductKernel::Linear, subsampling: 1 };
        let tables = AnchorTables::<f32>::new(centres, &layer, self.letters, Orientation::Forward)?;
        let mut assignment = vec![(0u32, 0f32); self.windows.len()];
        self.windows.par_chunks(TASK).zip(assignment.par_chunks_mut(TASK)).for_each(|(windows, out)| {
            tables.closest(self.index, windows, out);
        });
        Ok(assignment)
    }

    fn sums(&self, assignment: &[(u32, f32)], count: usize) -> Vec<f64> {
        let (width, dimension) = (self.index.width(), self.dimension());
        let counts = self
            .windows
            .par_chunks(TASK)
            .zip(assignment.par_chunks(TASK))
            .fold(
                || vec![0u32; count * dimension],
                |mut counts, (windows, assignment)| {
                    for (&window, (cluster, _)) in windows.iter().zip(assignment) {
                        let counts = &mut counts[*cluster as usize * dimension..][..dimension];
                        for (position, &token) in self.tokens(window).iter().enumerate() {
                            counts[usize::from(token) * width + position] += 1;
                        }
                    }
                    counts
                },
            )
            // Whole numbers: their sum does not depend on the order.
            .reduce(
                || vec![0u32; count * dimension],
                |mut sum, part| {
                    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                    sum
                },
            );
        let scale = 1.0 / (width as f64).sqrt();
        let sums: Vec<f64> = counts.into_iter().map(|number| f64::from(number) * scale).collect();
        self.letters.products(&sums, width)
    }
}
