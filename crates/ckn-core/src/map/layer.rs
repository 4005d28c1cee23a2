//! One layer on maps: kernel values of patches, and their gradient.

use faer::{Accum, MatRef};

use super::multiply;
use crate::kernel::DotProductKernel;
use crate::pooling::Border;
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Anchors of a layer on maps, in the order of a map's patches.
#[derive(Debug, Clone)]
pub struct MapLayer<S> {
    filters: usize,
    channels: usize,
    width: usize,
    kernel: DotProductKernel,
    border: Border,
    /// `[width · channels, filters]`.
    anchors: Vec<S>,
}

/// Kernel values of the patches of one map, with what their gradient needs.
#[derive(Debug, Clone, Default)]
pub struct MapEvaluation<S> {
    /// `k_i(z_t) = ‖z_t‖ κ(⟨z_i, z_t⟩/‖z_t‖)`, `[windows, filters]`; zero for a zero patch.
    pub values: Vec<S>,
    /// `[windows, width · channels]`.
    patches: Vec<S>,
    norms: Vec<S>,
    /// Squared norms of positions.
    squares: Vec<S>,
    /// `[windows, filters]`.
    cosines: Vec<S>,
    kappas: Vec<S>,
    /// Weights of anchors and patches in the gradient, `[windows, filters]`.
    slopes: Vec<S>,
    by_patches: Vec<S>,
}

impl<S: Scalar> MapLayer<S> {
    /// Prepares unit-norm anchors.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the anchors do not fit; [`Error::Parameter`] for a size of zero, or a kernel outside of its
    /// domain.
    pub fn new<T: Scalar>(
        anchors: &[T],
        filters: usize,
        channels: usize,
        width: usize,
        kernel: DotProductKernel,
        border: Border,
    ) -> Result<Self, Error> {
        kernel.check()?;
        for (name, size) in [("filters", filters), ("channels", channels), ("width", width)] {
            if size == 0 {
                return Err(Error::Parameter { name, got: 0.0, expected: "at least 1" });
            }
        }
        let ordered = vec![S::zero(); filters * channels * width];
        let mut layer = Self { filters, channels, width, kernel, border, anchors: ordered };
        layer.set_anchors(anchors)?;
        Ok(layer)
    }

    /// Prepares the layer for other anchors.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the anchors do not fit.
    pub fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        crate::error::check_length("anchor points", self.anchors.len(), anchors.len())?;
        for (filter, channel, position, at) in self.places() {
            self.anchors[at] = S::of(anchors[(filter * self.channels + channel) * self.width + position].wide());
        }
        Ok(())
    }

    /// Numbers of the anchors.
    pub(crate) fn parameters(&self) -> usize {
        self.anchors.len()
    }

    /// A gradient in the order of a map's patches as one by the anchors, `[filters, channels, width]`.
    pub(crate) fn by_anchors(&self, gradient: &[f64]) -> Vec<f64> {
        let mut anchors = vec![0.0; gradient.len()];
        for (filter, channel, position, at) in self.places() {
            anchors[(filter * self.channels + channel) * self.width + position] = gradient[at];
        }
        anchors
    }

    /// Filter, channel, position, and their place in the order of a map's patches.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize, usize)> + use<S> {
        let (filters, channels, width) = (self.filters, self.channels, self.width);
        (0..filters * channels * width).map(move |at| {
            let (rest, filter) = (at / filters, at % filters);
            (filter, rest % channels, rest / channels, at)
        })
    }

    /// Patches of a map, row after row, with zero positions where the border is padded.
    ///
    /// # Shapes
    /// map `[positions, channels]` → `[windows, width · channels]`.
    pub fn patches(&self, map: &[S]) -> Vec<S> {
        let mut patches = Vec::new();
        self.patches_into(map, &mut patches);
        patches
    }

    fn patches_into(&self, map: &[S], patches: &mut Vec<S>) {
        patches.clear();
        let windows = self.border.windows(map.len() / self.channels, self.width);
        for window in 0..windows {
            let (before, inside) = self.inside(window, map.len());
            patches.resize(window * self.width * self.channels + before, S::zero());
            patches.extend_from_slice(&map[inside]);
        }
        patches.resize(windows * self.width * self.channels, S::zero());
    }

    /// Zeros before a window's part of the map, and that part.
    fn inside(&self, window: usize, length: usize) -> (usize, std::ops::Range<usize>) {
        let start = (window * self.channels) as i64 - (self.border.before(self.width) * self.channels) as i64;
        let end = (start + (self.width * self.channels) as i64).min(length as i64);
        ((-start).max(0) as usize, start.max(0) as usize..end.max(0) as usize)
    }

    /// Kernel values at every window.
    ///
    /// # Shapes
    /// map `[positions, channels]`.
    pub fn evaluate(&self, map: &[S], evaluation: &mut MapEvaluation<S>) {
        let size = self.width * self.channels;
        let MapEvaluation { values, patches, norms, squares, cosines, kappas, .. } = evaluation;
        self.patches_into(map, patches);
        let windows = patches.len() / size;
        cosines.resize(windows * self.filters, S::zero());
        values.resize(windows * self.filters, S::zero());
        norms.resize(windows, S::zero());
        multiply(
            cosines,
            Accum::Replace,
            MatRef::from_row_major_slice(patches, windows, size),
            MatRef::from_row_major_slice(&self.anchors, size, self.filters),
        );
        on_widest_vectors(
            #[inline(always)]
            || self.squared_norms(map, squares, norms),
        );
        kappas.resize(cosines.len(), S::zero());
        let rows = values.chunks_exact_mut(self.filters).zip(kappas.chunks_exact_mut(self.filters));
        for ((norm, cosines), (values, kappas)) in
            norms.iter_mut().zip(cosines.chunks_exact_mut(self.filters)).zip(rows)
        {
            *norm = norm.sqrt();
            // A zero patch has no direction; its values are zero whatever its cosines.
            let scale = if *norm > S::zero() { S::one() / *norm } else { S::zero() };
            for ((value, kappa), cosine) in values.iter_mut().zip(kappas).zip(cosines) {
                *cosine = num_traits::clamp(scale * *cosine, -S::one(), S::one());
                *kappa = self.kernel.value(*cosine);
                *value = *norm * *kappa;
            }
        }
    }

    /// `‖z_t‖²` of every window, from the squared norms of positions.
    #[inline(always)]
    fn squared_norms(&self, map: &[S], squares: &mut Vec<S>, norms: &mut [S]) {
        squares.clear();
        squares.resize(map.len() / self.channels, S::zero());
        for (square, position) in squares.iter_mut().zip(map.chunks_exact(self.channels)) {
            let mut sums = [S::zero(); 16];
            let mut chunks = position.chunks_exact(16);
            for chunk in &mut chunks {
                for lane in 0..16 {
                    sums[lane] += chunk[lane] * chunk[lane];
                }
            }
            let rest: S = chunks.remainder().iter().map(|value| *value * *value).sum();
            *square = sums.iter().copied().sum::<S>() + rest;
        }
        for (window, norm) in norms.iter_mut().enumerate() {
            let (_, inside) = self.inside(window, map.len());
            let positions = inside.start / self.channels..inside.end / self.channels;
            *norm = squares[positions].iter().copied().sum();
        }
    }

    /// Gradients by the map and by the anchors, the latter added; returns the one by the bandwidth.
    ///
    /// With `û = z/‖z‖` and `c_i = ⟨z_i, û⟩`: `dL/dz_i = Σ_t g_ti κ'(c_ti) z_t`,
    /// `dL/dz_t = Σ_i g_ti (κ'(c_ti) (z_i − c_ti û) + κ(c_ti) û)`.
    ///
    /// # Shapes
    /// upstream `g` `[windows, filters]`, by_anchors `[width · channels, filters]`, by_map `[positions, channels]`.
    pub(crate) fn pull_back(
        &self,
        evaluation: &mut MapEvaluation<S>,
        upstream: &[S],
        by_anchors: &mut [S],
        by_map: &mut [S],
    ) -> f64 {
        let (size, filters) = (self.width * self.channels, self.filters);
        let MapEvaluation { patches, norms, cosines, kappas, slopes, by_patches, .. } = evaluation;
        let windows = norms.len();
        slopes.resize(windows * filters, S::zero());
        by_patches.resize(windows * size, S::zero());
        let mut by_sigma = 0.0;
        let rows = slopes.chunks_exact_mut(filters).zip(upstream.chunks_exact(filters)).zip(&*norms);
        let evaluated = cosines.chunks_exact(filters).zip(kappas.chunks_exact(filters));
        for (((slopes, upstream), norm), (cosines, kappas)) in rows.zip(evaluated) {
            let mut sum = S::zero();
            let there = if *norm > S::zero() { S::one() } else { S::zero() };
            for (((slope, upstream), cosine), kappa) in slopes.iter_mut().zip(upstream).zip(cosines).zip(kappas) {
                let (by_cosine, by_bandwidth) = self.kernel.slopes(*cosine, *kappa);
                *slope = there * *upstream * by_cosine;
                sum += *upstream * by_bandwidth;
            }
            by_sigma += (*norm * sum).wide();
        }
        let slope_rows = MatRef::from_row_major_slice(slopes, windows, filters);
        let patch_rows = MatRef::from_row_major_slice(patches, windows, size);
        let anchors = MatRef::from_row_major_slice(&self.anchors, size, filters);
        multiply(by_anchors, Accum::Add, patch_rows.transpose(), slope_rows);
        multiply(by_patches, Accum::Replace, slope_rows, anchors.transpose());
        on_widest_vectors(
            #[inline(always)]
            || self.add_patches(evaluation, upstream, by_map),
        );
        by_sigma
    }

    /// Adds the gradients by patches to the positions that they cover.
    #[inline(always)]
    fn add_patches(&self, evaluation: &MapEvaluation<S>, upstream: &[S], by_map: &mut [S]) {
        let (size, filters) = (self.width * self.channels, self.filters);
        let MapEvaluation { patches, norms, cosines, kappas, slopes, by_patches, .. } = evaluation;
        by_map.fill(S::zero());
        for window in 0..norms.len() {
            if norms[window] == S::zero() {
                continue;
            }
            let row = window * filters..(window + 1) * filters;
            let mut along = S::zero();
            let radial = upstream[row.clone()].iter().zip(&kappas[row.clone()]);
            for ((upstream, kappa), (slope, cosine)) in radial.zip(slopes[row.clone()].iter().zip(&cosines[row])) {
                along += *upstream * *kappa - *slope * *cosine;
            }
            along *= S::one() / norms[window];
            let (before, inside) = self.inside(window, by_map.len());
            let from = window * size + before;
            let rows = by_patches[from..].iter().zip(&patches[from..]);
            for (slot, (by_patch, value)) in by_map[inside].iter_mut().zip(rows) {
                *slot += *by_patch + along * *value;
            }
        }
    }
}
