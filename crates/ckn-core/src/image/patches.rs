//! Square patches of a map as rows of a matrix, and back.

use super::MapShape;
use crate::Scalar;
use crate::pooling::Border;

/// Where the patches of a map lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct PatchGrid {
    pub(super) input: MapShape,
    pub(super) patch: usize,
    pub(super) border: Border,
}

impl PatchGrid {
    pub(super) fn height(&self) -> usize {
        self.border.windows(self.input.height, self.patch)
    }

    pub(super) fn width(&self) -> usize {
        self.border.windows(self.input.width, self.patch)
    }

    pub(super) fn patch_size(&self) -> usize {
        self.patch * self.patch * self.input.channels
    }

    /// Visits every row of every patch as far as it lies inside of the map: its start in the map, its place among the patches.
    #[inline(always)]
    fn slices(&self, mut visit: impl FnMut(usize, std::ops::Range<usize>)) {
        let (before, channels) = (self.border.before(self.patch), self.input.channels);
        let size = self.patch_size();
        for top in 0..self.height() {
            for left in 0..self.width() {
                let at = (top * self.width() + left) * size;
                // Columns of the patch that lie inside.
                let skipped = before.saturating_sub(left);
                let end = (self.input.width + before).saturating_sub(left).min(self.patch);
                for row in 0..self.patch {
                    let Some(y) = (top + row).checked_sub(before).filter(|&y| y < self.input.height) else { continue };
                    let start = (y * self.input.width + left + skipped - before) * channels;
                    let to = at + (row * self.patch + skipped) * channels;
                    visit(start, to..to + (end - skipped) * channels);
                }
            }
        }
    }

    /// Copies all patches, zero beyond the border.
    ///
    /// # Shapes
    /// map as the input; patches `[patches, patch, patch, channels]`, overwritten.
    pub(super) fn copy<S: Scalar>(&self, map: &[S], patches: &mut Vec<S>) {
        let length = self.height() * self.width() * self.patch_size();
        if self.border == Border::Same {
            patches.clear();
        }
        patches.resize(length, S::zero());
        self.slices(|start, to| {
            let numbers = to.len();
            patches[to].copy_from_slice(&map[start..start + numbers]);
        });
    }

    /// The adjoint of [`Self::copy`].
    ///
    /// # Shapes
    /// patches as there; map as the input, overwritten.
    pub(super) fn add_back<S: Scalar>(&self, patches: &[S], map: &mut Vec<S>) {
        map.clear();
        map.resize(self.input.size(), S::zero());
        self.slices(|start, from| {
            let values = &patches[from];
            map[start..start + values.len()].iter_mut().zip(values).for_each(|(slot, &value)| *slot += value);
        });
    }
}

/// Takes the mean of each channel away from every patch: an orthogonal projection, so it is its own adjoint.
///
/// # Shapes
/// patches `[patches, positions, channels]`.
pub(super) fn centre<S: Scalar>(patches: &mut [S], positions: usize, channels: usize) {
    let scale = S::one() / S::of(positions as f64);
    for patch in patches.chunks_exact_mut(positions * channels) {
        for channel in 0..channels {
            let mean = patch.iter().skip(channel).step_by(channels).copied().sum::<S>() * scale;
            patch.iter_mut().skip(channel).step_by(channels).for_each(|value| *value -= mean);
        }
    }
}
