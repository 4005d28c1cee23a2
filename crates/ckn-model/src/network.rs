//! Anchor points and how they are used: the map from sequences to embeddings.

use ckn_core::head::LinearHead;
use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{CheckedConfig, LayerConfig, Prepared, scores};
use ckn_core::seed::Random;
use ckn_core::whitening::InverseRoot;
use ckn_core::{LetterTable, Scalar, TokenView};
use rand::RngExt;

use crate::Error;

/// One layer: its configuration and its anchor points.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    config: LayerConfig,
    channels: usize,
    anchors: Vec<f32>,
}

impl Layer {
    /// Number of anchor points `p`.
    pub fn filters(&self) -> usize {
        self.config.filters
    }

    /// Patch width `l`.
    pub fn width(&self) -> usize {
        self.config.width
    }

    /// Channels of the layer's input.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Numbers of one anchor: channels × width.
    pub fn patch_size(&self) -> usize {
        self.channels * self.config.width
    }

    /// Stride of the local pooling after this layer; 1 for none.
    pub fn subsampling(&self) -> usize {
        self.config.subsampling
    }

    /// Kernel between patches.
    pub fn kernel(&self) -> DotProductKernel {
        self.config.kernel
    }

    /// Anchor points, each of unit norm.
    ///
    /// # Shapes
    /// `[filters, channels, width]`.
    pub fn anchors(&self) -> &[f32] {
        &self.anchors
    }
}

/// A network from sequences to embeddings: layers, pooling, strands.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    config: CheckedConfig,
    layers: Vec<Layer>,
}

impl Network {
    /// A network with given anchor points, one slice a layer, scaled to unit norm.
    ///
    /// # Shapes
    /// each slice `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`ckn_core::Error`] if a slice has the wrong length, holds NaN or infinity, or an anchor is zero.
    ///
    /// # Example
    /// ```
    /// use ckn_model::{LinearHead, Network, NetworkConfig};
    /// # use ckn_core::{LetterTable, TokenView};
    ///
    /// // "AC" and "GT", as one-hot columns of A, C, G and T.
    /// let anchors = [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]].concat();
    /// let network = Network::new(NetworkConfig::of_one_layer(4, 2, 2).check()?, vec![anchors])?;
    /// let table = LetterTable::new(4, &[], None)?;
    /// let head = LinearHead::new(vec![1.0, -1.0], 0.0)?;
    /// // AACA and GGTG.
    /// let scores = network.scores(&[head], TokenView::new(&[0, 0, 1, 0, 2, 2, 3, 2], &[0, 4, 8], &table)?)?;
    /// assert!(scores[0] > 0.0 && scores[1] < 0.0);
    /// # Ok::<(), ckn_model::Error>(())
    /// ```
    pub fn new(config: CheckedConfig, anchors: Vec<Vec<f32>>) -> Result<Self, Error> {
        if anchors.len() != config.layers.len() {
            return Err(shape("layers of anchor points", config.layers.len(), anchors.len()));
        }
        let layers = anchors
            .into_iter()
            .enumerate()
            .map(|(index, values)| {
                let layer = config.layers[index];
                let channels = config.channels(index);
                let expected = layer.filters * channels * layer.width;
                if values.len() != expected {
                    return Err(shape("anchor points", expected, values.len()));
                }
                Ok(Layer { config: layer, channels, anchors: values })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let mut network = Self { config, layers };
        for index in 0..network.layers.len() {
            network.project(index)?;
        }
        Ok(network)
    }

    /// A network with random anchor points, uniform on the unit sphere up to the cube's corners.
    ///
    /// # Errors
    /// None for a checked configuration, short of a random anchor that is zero.
    pub fn random(config: CheckedConfig, random: &mut Random) -> Result<Self, Error> {
        let anchors = (0..config.layers.len())
            .map(|index| {
                let layer = config.layers[index];
                (0..layer.filters * config.channels(index) * layer.width)
                    .map(|_| random.random_range(-1.0f32..1.0))
                    .collect()
            })
            .collect();
        Self::new(config, anchors)
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedConfig {
        &self.config
    }

    /// Layers, the first on the sequence.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Numbers of an embedding of one strand.
    pub fn dimension(&self) -> usize {
        self.config.dimension()
    }

    /// Replaces the anchor points of a layer, scaling each to unit norm.
    ///
    /// # Errors
    /// [`ckn_core::Error`] if the slice has the wrong length, holds NaN or infinity, or an anchor is zero; the network
    /// is then unchanged.
    pub fn set_anchors(&mut self, layer: usize, anchors: &[f32]) -> Result<(), Error> {
        let before = self.layers[layer].anchors.clone();
        if before.len() != anchors.len() {
            return Err(shape("anchor points", before.len(), anchors.len()));
        }
        self.layers[layer].anchors.copy_from_slice(anchors);
        self.project(layer).inspect_err(|_| self.layers[layer].anchors = before)
    }

    /// Replaces the bandwidth of a layer with an exponential kernel; other kernels have none and stay as they are.
    ///
    /// # Errors
    /// [`ckn_core::Error::Parameter`] if it is not a positive number; the network is then unchanged.
    pub fn set_sigma(&mut self, layer: usize, sigma: f64) -> Result<(), Error> {
        self.config.set_sigma(layer, sigma)?;
        self.layers[layer].config = self.config.layers[layer];
        Ok(())
    }

    /// The inverse root of a layer's Gram matrix.
    ///
    /// # Errors
    /// Those of [`InverseRoot::new`].
    pub fn inverse_root(&self, layer: usize) -> Result<InverseRoot, Error> {
        Ok(self.config.inverse_root(layer, &self.layers[layer].anchors)?)
    }

    /// The products of every letter with every column of the first layer's anchor points ([`CheckedConfig::letter_products`]): what
    /// reads anchor points as letters reads these.
    ///
    /// # Shapes
    /// `[filters, letters, width]`.
    ///
    /// # Errors
    /// Those of [`CheckedConfig::letter_products`].
    pub fn letter_products(&self) -> Result<Vec<f64>, Error> {
        Ok(self.config.letter_products(self.layers[0].anchors())?)
    }

    /// The network made ready for sequences of an alphabet.
    ///
    /// # Errors
    /// Those of [`Prepared::new`].
    pub fn prepared<S: Scalar>(&self, table: &LetterTable) -> Result<Prepared<S>, Error> {
        Ok(Prepared::new(&self.config, &self.anchors(), table)?)
    }

    /// Scores of sequences by some heads, on all threads ([`ckn_core::network::scores`]).
    ///
    /// # Shapes
    /// `[sequences, heads]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window; those of [`Self::prepared`].
    pub fn scores(&self, heads: &[LinearHead], view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        Ok(scores(&self.config, &self.anchors(), heads, view)?)
    }

    /// Anchor points of every layer.
    ///
    /// # Shapes
    /// one `[filters, channels, width]` a layer.
    pub fn anchors(&self) -> Vec<&[f32]> {
        self.layers.iter().map(Layer::anchors).collect()
    }

    /// Scales every anchor of a layer to unit norm. An anchor whose norm is 1 up to rounding is left as it is, so that
    /// writing a model and reading it back gives the same bits.
    fn project(&mut self, index: usize) -> Result<(), Error> {
        let size = self.layers[index].patch_size();
        let anchors = &mut self.layers[index].anchors;
        if let Some(first) = anchors.iter().position(|value| !value.is_finite()) {
            let count = anchors.iter().filter(|value| !value.is_finite()).count();
            return Err(ckn_core::Error::NotFinite { what: "anchor points", count, first }.into());
        }
        for anchor in anchors.chunks_exact_mut(size) {
            let norm = anchor.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
            if norm < 1e-12 {
                return Err(ckn_core::Error::Parameter {
                    name: "norm of an anchor point",
                    got: norm,
                    expected: "above zero",
                }
                .into());
            }
            if (norm - 1.0).abs() > 1e-7 {
                anchor.iter_mut().for_each(|value| *value = (f64::from(*value) / norm) as f32);
            }
        }
        Ok(())
    }
}

fn shape(what: &'static str, expected: usize, got: usize) -> Error {
    ckn_core::Error::Shape { what, expected, got }.into()
}
