//! One layer on images: from a map to a map.

use faer::{Accum, MatMut, MatRef, Par};

use super::patches::{PatchGrid, centre};
use super::pooling::Pool;
use super::{Encoding, LayerParameters, MapShape, elementwise};
use crate::error::check_length;
use crate::kernel::{DotProductKernel, gram};
use crate::whitening::InverseRoot;
use crate::{Error, Scalar};

/// A layer, ready for maps of one shape.
#[derive(Debug, Clone)]
pub(super) struct Layer<S> {
    pub(super) grid: PatchGrid,
    pub(super) centred: bool,
    pub(super) filters: usize,
    /// `[filters, patch, patch, channels]`.
    pub(super) anchors: Vec<S>,
    pub(super) map: FeatureMap<S>,
    pub(super) pool: Pool<S>,
}

/// What is done with products of patches and filters.
#[derive(Debug, Clone)]
pub(super) enum FeatureMap<S> {
    Nystrom {
        kernel: DotProductKernel,
        root: InverseRoot,
        /// `R`, `[filters, filters]`.
        matrix: Vec<S>,
    },
    Expansion {
        /// `2/σ²`.
        slope: S,
        /// `½ log η_l − (1 + ‖w_l‖²)/σ²`.
        offsets: Vec<S>,
    },
}

/// What a layer computed from one map; the buffers serve one map after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Evaluation<S> {
    pub(super) patches: Vec<S>,
    pub(super) norms: Vec<S>,
    /// Kept for a gradient only, as `kappas`.
    pub(super) cosines: Vec<S>,
    pub(super) kappas: Vec<S>,
    values: Vec<S>,
    pub(super) half: Vec<S>,
    pub(super) pooled: Vec<S>,
    pub(super) output: Vec<S>,
}

impl<S: Scalar> Layer<S> {
    pub(super) fn new(parameters: &LayerParameters, input: MapShape) -> Result<Self, Error> {
        let spec = &parameters.spec;
        let encoded = spec.encoded_shape(input)?;
        let size = spec.patch_size(input.channels);
        check_length("filters of an image layer", spec.filters * size, parameters.filters.len())?;
        let anchors: Vec<S> = parameters.filters.iter().map(|&value| S::of(f64::from(value))).collect();
        let map = match spec.encoding {
            Encoding::Nystrom { .. } => {
                check_length("weights of an expansion", 0, parameters.expansion_weights.len())?;
                FeatureMap::nystrom(spec.encoding, &anchors, spec.filters)?
            }
            Encoding::GaussianExpansion { sigma } => {
                check_length("weights of an expansion", spec.filters, parameters.expansion_weights.len())?;
                let alpha = 1.0 / (sigma * sigma);
                let offset = |(filter, &weight): (&[S], &f32)| {
                    let square: f64 = filter.iter().map(|x| x.wide() * x.wide()).sum();
                    S::of(0.5 * f64::from(weight).ln() - alpha * (1.0 + square))
                };
                let offsets = anchors.chunks_exact(size).zip(&parameters.expansion_weights).map(offset).collect();
                FeatureMap::Expansion { slope: S::of(2.0 * alpha), offsets }
            }
        };
        let pool = Pool::new(spec.pooling, encoded)?;
        let grid = PatchGrid { input, patch: spec.patch, border: spec.border };
        Ok(Self { grid, centred: spec.centred, filters: spec.filters, anchors, map, pool })
    }

    pub(super) fn output(&self) -> MapShape {
        self.pool.output()
    }

    /// Computes [`Evaluation::output`]; what a gradient needs is kept if asked for.
    ///
    /// # Shapes
    /// map as the input.
    pub(super) fn forward(&self, map: &[S], evaluation: &mut Evaluation<S>, keep: bool) {
        let Evaluation { patches, norms, cosines, kappas, values, half, pooled, output } = evaluation;
        let size = self.grid.patch_size();
        self.grid.copy(map, patches);
        if self.centred {
            centre(patches, self.grid.patch * self.grid.patch, self.grid.input.channels);
        }
        elementwise::norms(patches, size, norms);
        let (positions, filters) = (norms.len(), self.filters);
        let sizes = (positions, size, filters);
        values.resize(positions * filters, S::zero());
        match &self.map {
            FeatureMap::Nystrom { kernel, .. } if keep => {
                cosines.resize(positions * filters, S::zero());
                kappas.resize(positions * filters, S::zero());
                product(patches, &self.anchors, cosines, sizes, Transposed::Right);
                elementwise::evaluate(*kernel, norms, filters, cosines, kappas, values);
            }
            FeatureMap::Nystrom { kernel, .. } => {
                product(patches, &self.anchors, values, sizes, Transposed::Right);
                elementwise::evaluate_in_place(*kernel, norms, filters, values);
            }
            FeatureMap::Expansion { slope, offsets } => {
                product(patches, &self.anchors, values, sizes, Transposed::Right);
                elementwise::expand_in_place(*slope, offsets, norms, values);
            }
        }
        if self.pool.is_identity() {
            std::mem::swap(values, pooled);
        } else {
            self.pool.apply(values, half, pooled);
        }
        match &self.map {
            // The root is linear: after pooling there are fewer positions to multiply.
            FeatureMap::Nystrom { matrix, .. } => {
                output.resize(pooled.len(), S::zero());
                product(pooled, matrix, output, (pooled.len() / filters, filters, filters), Transposed::No);
            }
            FeatureMap::Expansion { .. } => std::mem::swap(pooled, output),
        }
    }
}

impl<S: Scalar> FeatureMap<S> {
    pub(super) fn nystrom(encoding: Encoding, anchors: &[S], filters: usize) -> Result<Self, Error> {
        let Encoding::Nystrom { kernel, regularisation } = encoding else {
            return Err(Error::Empty { what: "the set of anchor points" });
        };
        let root = InverseRoot::new(&gram(anchors, filters, &kernel)?, filters, regularisation)?;
        let matrix = root.matrix().iter().map(|&value| S::of(value)).collect();
        Ok(Self::Nystrom { kernel, root, matrix })
    }
}

/// Which factor of a product is given transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transposed {
    No,
    Left,
    Right,
}

/// `out = a b`, on one thread.
///
/// # Shapes
/// a `[rows, inner]`, b `[inner, columns]`, or `[inner, rows]` and `[columns, inner]` where they are given transposed.
pub(super) fn product<S: Scalar>(
    a: &[S],
    b: &[S],
    out: &mut [S],
    sizes: (usize, usize, usize),
    transposed: Transposed,
) {
    accumulate(a, b, out, sizes, transposed, Accum::Replace);
}

/// `out = a b` or `out += a b`.
pub(super) fn accumulate<S: Scalar>(
    a: &[S],
    b: &[S],
    out: &mut [S],
    (rows, inner, columns): (usize, usize, usize),
    transposed: Transposed,
    accum: Accum,
) {
    let a = match transposed {
        Transposed::Left => MatRef::from_row_major_slice(a, inner, rows).transpose(),
        _ => MatRef::from_row_major_slice(a, rows, inner),
    };
    let b = match transposed {
        Transposed::Right => MatRef::from_row_major_slice(b, columns, inner).transpose(),
        _ => MatRef::from_row_major_slice(b, inner, columns),
    };
    let out = MatMut::from_row_major_slice_mut(out, rows, columns);
    faer::linalg::matmul::matmul(out, accum, a, b, S::one(), Par::Seq);
}
