//! Gradients of layers on images.
//!
//! With `G` the gradient by the output, `I` the pooled kernel values and `R` the inverse root: `B = GᵀI` is the gradient by `R`
//! (its adjoint by the Gram matrix follows once a minibatch, by the erratum), `H = Q (G R)` that by the kernel values, and with
//! `D = κ'(cos) ∘ H` the gradient by the anchors is `DᵀP`, that by a patch `Zᵀ D_i + (x_i/‖x_i‖) Σ_l H_il (κ_il − κ'_il cos_il)`
//! (Mairal 2016, section 3, with the erratum).

use faer::Accum;

use super::elementwise;
use super::layer::{Evaluation, FeatureMap, Layer, Transposed, accumulate, product};
use super::patches::centre;
use crate::kernel::gram_pull_back;
use crate::{Error, Scalar};

/// Sums over images, from which the gradient of one layer follows.
#[derive(Debug, Clone)]
pub(super) struct LayerSums<S> {
    /// `Σ DᵀP`, `[filters, patch, patch, channels]`.
    by_anchors: Vec<S>,
    /// `Σ GᵀI`, `[filters, filters]`.
    by_root: Vec<S>,
    by_sigma: f64,
}

/// Scratch of one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch<S> {
    by_pooled: Vec<S>,
    half: Vec<S>,
    by_values: Vec<S>,
    radial: Vec<S>,
    by_patches: Vec<S>,
    /// Gradient by the input map.
    pub(super) by_map: Vec<S>,
}

/// Gradient of a function of the embeddings by the learned numbers of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerGradient {
    /// By the anchors, as if they were free, `[filters, patch, patch, channels]`.
    pub anchors: Vec<f64>,
    /// By the bandwidth `σ`; zero for kernels without one.
    pub sigma: f64,
}

/// Sums over some images, from which the gradient of a network follows.
#[derive(Debug, Clone)]
pub struct NetworkGradient<S> {
    pub(super) layers: Vec<LayerSums<S>>,
}

impl<S: Scalar> NetworkGradient<S> {
    pub(super) fn zeros(layers: &[Layer<S>]) -> Self {
        Self { layers: layers.iter().map(LayerSums::zeros).collect() }
    }

    /// Adds the sums of other images.
    pub fn add(&mut self, other: &Self) {
        for (sums, others) in self.layers.iter_mut().zip(&other.layers) {
            sums.by_anchors.iter_mut().zip(&others.by_anchors).for_each(|(slot, &value)| *slot += value);
            sums.by_root.iter_mut().zip(&others.by_root).for_each(|(slot, &value)| *slot += value);
            sums.by_sigma += others.by_sigma;
        }
    }

    /// Forgets all images.
    pub fn clear(&mut self) {
        for sums in &mut self.layers {
            sums.by_anchors.fill(S::zero());
            sums.by_root.fill(S::zero());
            sums.by_sigma = 0.0;
        }
    }
}

impl<S: Scalar> LayerSums<S> {
    fn zeros(layer: &Layer<S>) -> Self {
        let filters = layer.filters;
        Self {
            by_anchors: vec![S::zero(); layer.anchors.len()],
            by_root: vec![S::zero(); filters * filters],
            by_sigma: 0.0,
        }
    }

    /// The gradient, with the way through the Gram matrix.
    pub(super) fn finish(&self, layer: &Layer<S>) -> Result<LayerGradient, Error> {
        let FeatureMap::Nystrom { kernel, root, .. } = &layer.map else {
            return Err(Error::NoGradient);
        };
        let by_root: Vec<f64> = self.by_root.iter().map(|value| value.wide()).collect();
        let by_gram = root.training_adjoint(&by_root)?;
        let mut anchors: Vec<f64> = self.by_anchors.iter().map(|value| value.wide()).collect();
        let through_gram = gram_pull_back(&layer.anchors, layer.filters, kernel, &by_gram, &mut anchors)?;
        Ok(LayerGradient { anchors, sigma: self.by_sigma + through_gram })
    }
}

impl<S: Scalar> Layer<S> {
    /// Adds one map's part of the gradient; [`Scratch::by_map`] is computed if asked for.
    ///
    /// # Shapes
    /// upstream as the output; evaluation of [`Layer::forward`] with what it keeps.
    pub(super) fn pull_back(
        &self,
        evaluation: &Evaluation<S>,
        upstream: &[S],
        sums: &mut LayerSums<S>,
        scratch: &mut Scratch<S>,
        through: bool,
    ) -> Result<(), Error> {
        let FeatureMap::Nystrom { kernel, matrix, .. } = &self.map else {
            return Err(Error::NoGradient);
        };
        let (filters, size) = (self.filters, self.grid.patch_size());
        let pooled = upstream.len() / filters;
        let Scratch { by_pooled, half, by_values, radial, by_patches, by_map } = scratch;
        let square = (filters, pooled, filters);
        accumulate(upstream, &evaluation.pooled, &mut sums.by_root, square, Transposed::Left, Accum::Add);
        by_pooled.resize(upstream.len(), S::zero());
        product(upstream, matrix, by_pooled, (pooled, filters, filters), Transposed::No);
        if self.pool.is_identity() {
            by_values.clone_from(by_pooled);
        } else {
            self.pool.pull_back(by_pooled, half, by_values);
        }
        let (norms, positions) = (&evaluation.norms, evaluation.norms.len());
        let kept = (&evaluation.cosines[..], &evaluation.kappas[..]);
        sums.by_sigma += elementwise::weigh(*kernel, norms, filters, kept, by_values, radial);
        let sizes = (filters, positions, size);
        accumulate(by_values, &evaluation.patches, &mut sums.by_anchors, sizes, Transposed::Left, Accum::Add);
        if through {
            by_patches.resize(positions * size, S::zero());
            product(by_values, &self.anchors, by_patches, (positions, filters, size), Transposed::No);
            let patches = evaluation.patches.chunks_exact(size).zip(by_patches.chunks_exact_mut(size));
            for (&along, (patch, by_patch)) in radial.iter().zip(patches) {
                by_patch.iter_mut().zip(patch).for_each(|(slot, &value)| *slot += along * value);
            }
            if self.centred {
                centre(by_patches, self.grid.patch * self.grid.patch, self.grid.input.channels);
            }
            self.grid.add_back(by_patches, by_map);
        }
        Ok(())
    }
}
