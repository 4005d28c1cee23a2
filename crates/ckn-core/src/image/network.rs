//! Several layers on images: embeddings, and gradients by all anchors.

use rayon::prelude::*;

use super::gradient::{LayerGradient, NetworkGradient, Scratch};
use super::layer::{Evaluation, FeatureMap, Layer};
use super::{LayerParameters, MapShape, Maps};
use crate::error::check_length;
use crate::{Error, Scalar};

/// Layers, ready for maps of one shape. Without layers it is the identity.
#[derive(Debug, Clone)]
pub struct ImageNetwork<S> {
    input: MapShape,
    parameters: Vec<LayerParameters>,
    layers: Vec<Layer<S>>,
}

/// What a network computed from one map; its buffers serve one map after the other.
#[derive(Debug, Clone, Default)]
pub struct ImageTape<S> {
    input: Vec<S>,
    layers: Vec<Evaluation<S>>,
    scratch: Vec<Scratch<S>>,
}

impl<S: Scalar> ImageTape<S> {
    /// The embedding of the last map, `[height, width, filters]` of the last layer.
    pub fn output(&self) -> &[S] {
        self.layers.last().map_or(&self.input, |last| &last.output)
    }

    /// Gradient by the last map, if [`ImageNetwork::pull_back_to_map`] was called.
    pub fn by_map(&self) -> &[S] {
        self.scratch.first().map_or(&[], |first| &first.by_map)
    }
}

impl<S: Scalar> ImageNetwork<S> {
    /// Prepares layers.
    ///
    /// # Errors
    /// Those of [`super::ImageLayerSpec::output_shape`]; [`Error::Shape`] if filters or weights do not fit; those of the
    /// inverse root.
    pub fn new(input: MapShape, parameters: Vec<LayerParameters>) -> Result<Self, Error> {
        let mut layers: Vec<Layer<S>> = Vec::with_capacity(parameters.len());
        for layer in &parameters {
            let shape = layers.last().map_or(input, Layer::output);
            layers.push(Layer::new(layer, shape)?);
        }
        Ok(Self { input, parameters, layers })
    }

    /// Shape of the maps it takes.
    pub fn input(&self) -> MapShape {
        self.input
    }

    /// Shape of its embeddings.
    pub fn output(&self) -> MapShape {
        self.layers.last().map_or(self.input, Layer::output)
    }

    /// Its layers' learned numbers.
    pub fn parameters(&self) -> &[LayerParameters] {
        &self.parameters
    }

    /// Gives a layer of anchor points other ones.
    ///
    /// # Shapes
    /// anchors `[filters, patch, patch, channels]`, of unit norm.
    ///
    /// # Errors
    /// [`Error::Shape`] if they do not fit or there is no such layer; [`Error::NoGradient`] for an expansion.
    pub fn set_anchors<T: Scalar>(&mut self, layer: usize, anchors: &[T]) -> Result<(), Error> {
        let (layers, known) = (self.layers.len(), self.parameters.get_mut(layer).zip(self.layers.get_mut(layer)));
        let (parameters, ready) = known.ok_or(Error::Shape { what: "layers", expected: layer + 1, got: layers })?;
        check_length("filters of an image layer", parameters.filters.len(), anchors.len())?;
        if matches!(ready.map, FeatureMap::Expansion { .. }) {
            return Err(Error::NoGradient);
        }
        parameters.filters.iter_mut().zip(anchors).for_each(|(slot, value)| *slot = value.wide() as f32);
        ready.anchors.iter_mut().zip(anchors).for_each(|(slot, value)| *slot = S::of(value.wide()));
        ready.map = FeatureMap::nystrom(parameters.spec.encoding, &ready.anchors, parameters.spec.filters)?;
        Ok(())
    }

    /// Computes the embedding of one map, and keeps what a gradient needs.
    ///
    /// # Shapes
    /// map as the input; the embedding is [`ImageTape::output`].
    ///
    /// # Errors
    /// [`Error::Shape`] if the map does not fit.
    pub fn forward(&self, map: &[S], tape: &mut ImageTape<S>) -> Result<(), Error> {
        self.run(map, tape, true)
    }

    pub(super) fn run(&self, map: &[S], tape: &mut ImageTape<S>, keep: bool) -> Result<(), Error> {
        check_length("map", self.input.size(), map.len())?;
        tape.layers.resize(self.layers.len(), Evaluation::default());
        tape.scratch.resize(self.layers.len(), Scratch::default());
        if self.layers.is_empty() {
            tape.input.clear();
            tape.input.extend_from_slice(map);
        }
        for (at, layer) in self.layers.iter().enumerate() {
            let (before, rest) = tape.layers.split_at_mut(at);
            let input = before.last().map_or(map, |before| &before.output);
            layer.forward(input, &mut rest[0], keep);
        }
        Ok(())
    }

    /// Embeds maps, in parallel.
    ///
    /// # Shapes
    /// embeddings `[maps, dimension]`, overwritten; dimension is the size of [`Self::output`].
    ///
    /// # Errors
    /// [`Error::Shape`] if the maps have another shape than the network takes, or the embeddings do not fit.
    pub fn embed(&self, maps: &impl Maps, indices: &[usize], embeddings: &mut [S]) -> Result<(), Error> {
        let dimension = self.output().size();
        check_length("embeddings", indices.len() * dimension, embeddings.len())?;
        check_length("map", self.input.size(), maps.shape().size())?;
        let start = || (vec![0f32; self.input.size()], vec![S::zero(); self.input.size()], ImageTape::default());
        embeddings.par_chunks_exact_mut(dimension).zip(indices).try_for_each_init(
            start,
            |(narrow, map, tape), (embedding, &index)| {
                maps.write_map(index, narrow);
                map.iter_mut().zip(&*narrow).for_each(|(slot, &value)| *slot = S::of(f64::from(value)));
                self.run(map, tape, false)?;
                embedding.copy_from_slice(tape.output());
                Ok(())
            },
        )
    }

    /// A gradient of no image yet.
    pub fn zero_gradient(&self) -> NetworkGradient<S> {
        NetworkGradient::zeros(&self.layers)
    }

    /// Adds the last map's part of the gradient by all anchors.
    ///
    /// # Shapes
    /// upstream: gradient by the embedding.
    ///
    /// # Errors
    /// [`Error::Shape`] if the gradient does not fit; [`Error::NoGradient`] if a layer is an expansion.
    pub fn pull_back(
        &self,
        tape: &mut ImageTape<S>,
        upstream: &[S],
        gradient: &mut NetworkGradient<S>,
    ) -> Result<(), Error> {
        self.walk_back(tape, upstream, gradient, false)
    }

    /// The same, down to the map: [`ImageTape::by_map`].
    ///
    /// # Errors
    /// Those of [`Self::pull_back`].
    pub fn pull_back_to_map(
        &self,
        tape: &mut ImageTape<S>,
        upstream: &[S],
        gradient: &mut NetworkGradient<S>,
    ) -> Result<(), Error> {
        self.walk_back(tape, upstream, gradient, true)
    }

    fn walk_back(
        &self,
        tape: &mut ImageTape<S>,
        upstream: &[S],
        gradient: &mut NetworkGradient<S>,
        to_map: bool,
    ) -> Result<(), Error> {
        check_length("gradient by an embedding", self.output().size(), upstream.len())?;
        check_length("layers of a tape", self.layers.len(), tape.layers.len())?;
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let (scratch, above) = tape.scratch.split_at_mut(at + 1);
            let upstream = above.first().map_or(upstream, |above| &above.by_map);
            let sums = &mut gradient.layers[at];
            layer.pull_back(&tape.layers[at], upstream, sums, &mut scratch[at], to_map || at > 0)?;
        }
        Ok(())
    }

    /// The gradient by the anchors and bandwidths of every layer, from sums over images.
    ///
    /// # Errors
    /// [`Error::NoGradient`] if a layer is an expansion; those of the inverse root.
    pub fn finish(&self, gradient: &NetworkGradient<S>) -> Result<Vec<LayerGradient>, Error> {
        self.layers.iter().zip(&gradient.layers).map(|(layer, sums)| sums.finish(layer)).collect()
    }
}
