//! One layer on maps: kernel values of patches, and their gradient.

use super::SparseMap;
use crate::kernel::{DotProductKernel, exponential};
use crate::network::LayerConfig;
use crate::pooling::Border;
use crate::rows::{LANES, PaddedMatrix, Row, add_outer_products, lane_blocks};
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Anchors of a layer on maps, in the order of a map's patches.
#[derive(Debug, Clone)]
pub(crate) struct MapLayer<S> {
    filters: usize,
    channels: usize,
    width: usize,
    kernel: DotProductKernel,
    border: Border,
    /// `[width · padded channels, filters]`, and its transpose.
    anchors: PaddedMatrix<S>,
    transposed: PaddedMatrix<S>,
}

/// Kernel values of the patches of one map, with what their gradient needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct MapEvaluation<S> {
    /// `k_i(z_t) = ‖z_t‖ κ(⟨z_i, z_t⟩/‖z_t‖)`, `[windows, filters]`; zero for a zero patch.
    pub(crate) values: Vec<Row<S>>,
    norms: Vec<S>,
    /// Squared norms of positions.
    squares: Vec<S>,
    /// `[windows, filters]`.
    cosines: Vec<Row<S>>,
    kappas: Vec<Row<S>>,
    /// Weights of anchors and patches in the gradient, `[windows with a gradient, filters]`.
    slopes: Vec<Row<S>>,
    /// Of the patch itself, `[windows with a gradient]`.
    along: Vec<S>,
    by_patches: Vec<Row<S>>,
}

impl<S: Scalar> MapLayer<S> {
    /// Prepares unit-norm anchors.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the anchors do not fit.
    pub(crate) fn new<T: Scalar>(
        anchors: &[T],
        layer: &LayerConfig,
        channels: usize,
        border: Border,
    ) -> Result<Self, Error> {
        let LayerConfig { filters, width, kernel, .. } = *layer;
        let size = width * lane_blocks(channels) * LANES;
        let (ordered, transposed) = (PaddedMatrix::zeros(size, filters), PaddedMatrix::zeros(filters, size));
        let mut layer = Self { filters, channels, width, kernel, border, anchors: ordered, transposed };
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
    pub(crate) fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        crate::error::check_length("anchor points", self.filters * self.channels * self.width, anchors.len())?;
        for (at, value) in anchors.iter().enumerate() {
            let (filter, place) = self.place(at);
            *self.anchors.slot(place, filter) = S::of(value.wide());
            *self.transposed.slot(filter, place) = S::of(value.wide());
        }
        Ok(())
    }

    /// Rows of a gradient by the anchors, in the order of a map's patches: `[width · padded channels, filters]`.
    pub(crate) fn gradient_rows(&self) -> usize {
        self.patch_rows() * LANES * lane_blocks(self.filters)
    }

    /// A gradient in the order of a map's patches as one by the anchors, `[filters, channels, width]`.
    pub(crate) fn by_anchors(&self, gradient: &[f64]) -> Vec<f64> {
        let columns = lane_blocks(self.filters) * LANES;
        let place = |at| {
            let (filter, place) = self.place(at);
            gradient[place * columns + filter]
        };
        (0..self.filters * self.channels * self.width).map(place).collect()
    }

    /// Filter and place in a map's patch, of a number of the anchors.
    fn place(&self, at: usize) -> (usize, usize) {
        let (rest, position) = (at / self.width, at % self.width);
        let (filter, channel) = (rest / self.channels, rest % self.channels);
        (filter, position * lane_blocks(self.channels) * LANES + channel)
    }

    /// Rows of a patch.
    fn patch_rows(&self) -> usize {
        self.width * lane_blocks(self.channels)
    }

    /// Zero positions that a map needs before and after it.
    pub(crate) fn margins(&self) -> (usize, usize) {
        (self.border.before(self.width), self.border.after(self.width))
    }

    fn windows(&self, positions: usize) -> usize {
        (positions + 1).saturating_sub(self.width)
    }

    /// Patches of a map, row after row.
    ///
    /// # Shapes
    /// map `[positions with margins, lane blocks]` → `[windows, width · channels]`, positions first.
    pub(crate) fn patches(&self, map: &[Row<S>]) -> Vec<S> {
        let step = lane_blocks(self.channels);
        let mut patches = Vec::new();
        for window in 0..self.windows(map.len() / step) {
            for position in map[window * step..][..self.patch_rows()].chunks_exact(step) {
                patches.extend_from_slice(&position.as_flattened()[..self.channels]);
            }
        }
        patches
    }

    /// Kernel values at every window.
    ///
    /// # Shapes
    /// map `[positions with margins, lane blocks]`.
    pub(crate) fn evaluate(&self, map: &[Row<S>], evaluation: &mut MapEvaluation<S>) {
        let step = lane_blocks(self.channels);
        let windows = self.windows(map.len() / step);
        let MapEvaluation { values, norms, squares, cosines, kappas, .. } = evaluation;
        self.anchors.apply(map, step, windows, cosines);
        norms.resize(windows, S::zero());
        values.resize(cosines.len(), [S::zero(); LANES]);
        kappas.resize(cosines.len(), [S::zero(); LANES]);
        on_widest_vectors(
            #[inline(always)]
            || {
                squares.clear();
                squares.extend(map.chunks_exact(step).map(squared_norm));
                for (norm, squares) in norms.iter_mut().zip(squares.windows(self.width)) {
                    *norm = squares.iter().copied().sum::<S>().sqrt();
                }
            },
        );
        match self.kernel {
            DotProductKernel::Exponential { sigma } => on_widest_vectors(
                #[inline(always)]
                || evaluate_rows(norms, cosines, kappas, values, |cosine| exponential::value(cosine, sigma)),
            ),
            kernel => on_widest_vectors(
                #[inline(always)]
                || evaluate_rows(norms, cosines, kappas, values, |cosine| kernel.value(cosine)),
            ),
        }
    }

    /// Gradients by the map, overwritten, and by the anchors, added; returns the one by the bandwidth.
    ///
    /// With `û = z/‖z‖` and `c_i = ⟨z_i, û⟩`: `dL/dz_i = Σ_t g_ti κ'(c_ti) z_t`,
    /// `dL/dz_t = Σ_i g_ti (κ'(c_ti) (z_i − c_ti û) + κ(c_ti) û)`.
    ///
    /// # Shapes
    /// upstream `g` over windows, `[filters]` each; by_anchors [`Self::gradient_rows`]; by_map over positions without margins.
    pub(crate) fn pull_back(
        &self,
        evaluation: &mut MapEvaluation<S>,
        map: &[Row<S>],
        upstream: &SparseMap<S>,
        by_anchors: &mut [Row<S>],
        by_map: &mut SparseMap<S>,
    ) -> f64 {
        let (step, filters) = (lane_blocks(self.channels), lane_blocks(self.filters));
        let by_sigma = match self.kernel {
            DotProductKernel::Exponential { .. } => on_widest_vectors(
                #[inline(always)]
                || self.weigh(evaluation, upstream, |cosine, kappa| self.kernel.slopes(cosine, kappa)),
            ),
            kernel => self.weigh(evaluation, upstream, |cosine, kappa| kernel.slopes(cosine, kappa)),
        };
        let MapEvaluation { slopes, along, by_patches, .. } = evaluation;
        let starts = upstream.positions.iter().map(|window| window * step);
        add_outer_products(map, starts, self.patch_rows(), slopes, filters, by_anchors);
        self.transposed.apply(slopes, filters, upstream.positions.len(), by_patches);
        let (before, after) = self.margins();
        let inside = before..map.len() / step - after;
        by_map.clear(inside.len());
        on_widest_vectors(
            #[inline(always)]
            || {
                let patches = by_patches.chunks_exact(self.patch_rows()).zip(&*along);
                for (&window, (by_patch, &along)) in upstream.positions.iter().zip(patches) {
                    for (position, by_position) in (window..).zip(by_patch.chunks_exact(step)) {
                        if !inside.contains(&position) {
                            continue;
                        }
                        let slots = by_map.at(position - before, step).iter_mut();
                        for ((slot, gradient), value) in slots.zip(by_position).zip(&map[position * step..]) {
                            for lane in 0..LANES {
                                slot[lane] += gradient[lane] + along * value[lane];
                            }
                        }
                    }
                }
            },
        );
        by_sigma
    }

    /// Weights of anchors and of patches in the gradient; returns the one by the bandwidth.
    #[inline(always)]
    fn weigh(
        &self,
        evaluation: &mut MapEvaluation<S>,
        upstream: &SparseMap<S>,
        slopes_of: impl Fn(S, S) -> (S, S),
    ) -> f64 {
        let MapEvaluation { norms, cosines, kappas, slopes, along, .. } = evaluation;
        let filters = lane_blocks(self.filters);
        slopes.resize(upstream.rows.len(), [S::zero(); LANES]);
        along.clear();
        let mut by_sigma = 0.0;
        let rows = upstream.rows.chunks_exact(filters).zip(slopes.chunks_exact_mut(filters));
        for (&window, (upstream, slopes)) in upstream.positions.iter().zip(rows) {
            let norm = norms[window];
            // A zero patch has no direction, and no gradient.
            let there = if norm > S::zero() { S::one() } else { S::zero() };
            let (mut bandwidth, mut radial) = ([S::zero(); LANES], [S::zero(); LANES]);
            for block in 0..filters {
                let (cosines, kappas) = (&cosines[window * filters + block], &kappas[window * filters + block]);
                for lane in 0..LANES {
                    let (by_cosine, by_bandwidth) = slopes_of(cosines[lane], kappas[lane]);
                    let slope = there * upstream[block][lane] * by_cosine;
                    slopes[block][lane] = slope;
                    bandwidth[lane] += upstream[block][lane] * by_bandwidth;
                    radial[lane] += upstream[block][lane] * kappas[lane] - slope * cosines[lane];
                }
            }
            by_sigma += (norm * bandwidth.into_iter().sum::<S>()).wide();
            along.push(if norm > S::zero() { radial.into_iter().sum::<S>() / norm } else { S::zero() });
        }
        by_sigma
    }
}

#[inline(always)]
fn squared_norm<S: Scalar>(position: &[Row<S>]) -> S {
    let mut sums = [S::zero(); LANES];
    for row in position {
        for lane in 0..LANES {
            sums[lane] += row[lane] * row[lane];
        }
    }
    sums.into_iter().sum()
}

/// Scales products to cosines, and applies the kernel.
///
/// # Shapes
/// norms `[windows]`, the others `[windows, lane blocks]`.
#[inline(always)]
fn evaluate_rows<S: Scalar>(
    norms: &[S],
    cosines: &mut [Row<S>],
    kappas: &mut [Row<S>],
    values: &mut [Row<S>],
    kernel: impl Fn(S) -> S,
) {
    if norms.is_empty() {
        return;
    }
    let filters = values.len() / norms.len();
    for (window, norm) in norms.iter().enumerate() {
        // A zero patch has no direction; its values are zero whatever its cosines.
        let scale = if *norm > S::zero() { S::one() / *norm } else { S::zero() };
        for row in window * filters..(window + 1) * filters {
            for lane in 0..LANES {
                let cosine = num_traits::clamp(scale * cosines[row][lane], -S::one(), S::one());
                let kappa = kernel(cosine);
                cosines[row][lane] = cosine;
                kappas[row][lane] = kappa;
                values[row][lane] = *norm * kappa;
            }
        }
    }
}
