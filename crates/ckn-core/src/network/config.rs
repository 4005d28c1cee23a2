//! Configuration of a network on sequences and of its layers: stated here, and nowhere else.

use serde::{Deserialize, Serialize};

use crate::error::{check_length, check_size};
use crate::kernel::{DotProductKernel, gram};
use crate::letters::{check_similarity, letter_products};
use crate::pooling::{Border, Pooling, Strands, WindowPooling};
use crate::sequence::KmerIndex;
use crate::whitening::{InverseRoot, Regularisation};
use crate::{Error, LetterSpace, LetterTable, Scalar, TokenView, require_memory};

/// Largest accepted number of anchor points of a layer.
pub const MAX_FILTERS: usize = 65_536;
/// Largest accepted patch width.
pub const MAX_WIDTH: usize = 4_096;
/// Largest accepted number of layers.
pub const MAX_LAYERS: usize = 16;
/// Largest accepted gap decay: nearer to 1 the weights of patches vanish in single precision.
const MAX_DECAY: f64 = 0.999;
/// Largest accepted number of anchor parameters of a network.
pub const MAX_PARAMETERS: usize = 1 << 28;

/// Configuration of a layer: `filters` anchor points of `width` positions under a kernel, then local pooling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LayerConfig {
    /// Number of anchor points `p`.
    pub filters: usize,
    /// Patch width `l`, in letters (first layer) or positions of the map.
    pub width: usize,
    /// Kernel between unit-norm patches.
    pub kernel: DotProductKernel,
    /// Stride of the Gaussian pooling between this layer and the next; 1 for none. The last layer must have 1: it is
    /// pooled globally.
    pub subsampling: usize,
}

/// Configuration of a network from letters to embeddings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Number of letters of the alphabet: the channels of the first layer.
    pub letters: usize,
    /// Layers, the first on the sequence.
    pub layers: Vec<LayerConfig>,
    /// Global pooling over positions.
    pub pooling: Pooling,
    /// Strands that are embedded.
    pub strands: Strands,
    /// Where windows lie, for every layer.
    pub border: Border,
    /// Regularisation of the inverse roots, for every layer.
    pub regularisation: Regularisation,
    /// What each letter between two letters of a patch of the first layer multiplies its weight by, `0 ≤ λ ≤ 0.999`; 0 for
    /// contiguous patches (recurrent kernel networks; Chen, Jacob and Mairal 2019).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gap_decay: f64,
    /// Dot products of the letters in the first layer, from 0 to 1, of unit diagonal, `[letters, letters]`; empty for letters that
    /// have nothing in common.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letter_similarity: Vec<f64>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// A configuration that [`NetworkConfig::check`] accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedConfig(NetworkConfig);

impl std::ops::Deref for CheckedConfig {
    type Target = NetworkConfig;
    fn deref(&self) -> &NetworkConfig {
        &self.0
    }
}

impl CheckedConfig {
    /// Replaces the bandwidth of a layer with an exponential kernel; other kernels have none and stay as they are.
    ///
    /// # Errors
    /// [`Error::Parameter`] if it is not a positive number; the configuration is then unchanged.
    pub fn set_sigma(&mut self, layer: usize, sigma: f64) -> Result<(), Error> {
        let kernel = &mut self.0.layers[layer].kernel;
        if let DotProductKernel::Exponential { .. } = kernel {
            let moved = DotProductKernel::Exponential { sigma };
            moved.check()?;
            *kernel = moved;
        }
        Ok(())
    }

    /// What the tokens of an alphabet stand for in the first layer.
    ///
    /// # Errors
    /// [`Error::Shape`] for an alphabet of another number of letters.
    pub fn letter_space(&self, table: &LetterTable) -> Result<LetterSpace, Error> {
        check_length("letters of the alphabet", self.letters, table.letters())?;
        LetterSpace::new(table, &self.letter_similarity)
    }

    /// The products of every letter with every column of the first layer's anchors: what a letter adds to `⟨z, x⟩`. The anchors
    /// themselves where letters have nothing in common.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]` → the same.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub fn letter_products<T: Scalar>(&self, anchors: &[T]) -> Result<Vec<f64>, Error> {
        let LayerConfig { filters, width, .. } = self.layers[0];
        check_length("anchor points", filters * self.letters * width, anchors.len())?;
        letter_products(&self.letter_similarity, self.letters, anchors, width)
    }

    /// The inverse root of the Gram matrix of a layer's anchors.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`, of unit norm.
    ///
    /// # Errors
    /// Those of [`gram`] and [`InverseRoot::new`].
    pub fn inverse_root<T: Scalar>(&self, layer: usize, anchors: &[T]) -> Result<InverseRoot, Error> {
        let LayerConfig { filters, kernel, .. } = self.layers[layer];
        InverseRoot::new(&gram(anchors, filters, &kernel)?, filters, self.regularisation)
    }

    /// Codes sequences for the first layer.
    ///
    /// # Errors
    /// [`Error::TooShort`] names a sequence that gives the last layer no window.
    pub fn index<'v>(&self, view: TokenView<'v>) -> Result<KmerIndex<'v>, Error> {
        view.check_width(self.shortest_sequence())?;
        KmerIndex::new(view, self.layers[0].width, self.border)
    }
}

impl NetworkConfig {
    /// Configuration of one layer of the paper's bandwidth, σ = 0.3, on the forward strand, with maximum pooling.
    pub fn of_one_layer(letters: usize, filters: usize, width: usize) -> Self {
        let kernel = DotProductKernel::Exponential { sigma: 0.3 };
        Self {
            letters,
            layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
            pooling: Pooling::Max,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
        }
    }

    /// Validates every number.
    ///
    /// # Errors
    /// [`Error::Size`] or [`Error::Parameter`] with the field, its value and what it must be; [`Error::Memory`] for more filters
    /// than memory has room for.
    pub fn check(self) -> Result<CheckedConfig, Error> {
        check_size("letters", 0, self.letters, 254)?;
        check_size("number of layers", 0, self.layers.len(), MAX_LAYERS)?;
        self.regularisation.check()?;
        let mut total = 0usize;
        for (index, layer) in self.layers.iter().enumerate() {
            check_size("filters", index, layer.filters, MAX_FILTERS)?;
            check_size("width", index, layer.width, MAX_WIDTH)?;
            let last = index + 1 == self.layers.len();
            check_size("subsampling", index, layer.subsampling, if last { 1 } else { 64 })?;
            layer.kernel.check()?;
            require_memory("the inverse root of a layer's anchors", InverseRoot::bytes(layer.filters))?;
            // Limits above bound each factor, so that this product fits 64 bits.
            total = total.saturating_add(layer.filters * self.channels(index) * layer.width);
        }
        self.check_gaps()?;
        check_similarity(&self.letter_similarity, self.letters)?;
        check_size("number of anchor parameters", self.layers.len() - 1, total, MAX_PARAMETERS)?;
        Ok(CheckedConfig(self))
    }

    /// How windows are pooled one by one, without the map of a sequence: by networks of one layer of contiguous patches whose
    /// pooling allows it.
    pub fn by_windows(&self) -> Option<WindowPooling> {
        if self.layers.len() == 1 && !self.has_gaps() { self.pooling.by_windows() } else { None }
    }

    /// Whether embeddings need no map.
    pub fn is_windowed(&self) -> bool {
        self.by_windows().is_some()
    }

    /// Whether patches of the first layer may leave letters out.
    pub fn has_gaps(&self) -> bool {
        self.gap_decay != 0.0
    }

    /// Whether letters of the first layer have something in common.
    pub fn has_letter_similarity(&self) -> bool {
        !self.letter_similarity.is_empty()
    }

    fn check_gaps(&self) -> Result<(), Error> {
        if !(0.0..=MAX_DECAY).contains(&self.gap_decay) {
            let expected = "at least 0 (contiguous patches) and at most 0.999";
            return Err(Error::Parameter { name: "gap decay", got: self.gap_decay, expected });
        }
        if !self.has_gaps() {
            return Ok(());
        }
        let expected = |expected| Err(Error::Parameter { name: "gap decay", got: self.gap_decay, expected });
        match (self.layers[0].kernel, self.border) {
            (DotProductKernel::Exponential { .. }, Border::Valid) => Ok(()),
            (DotProductKernel::Exponential { .. }, Border::Same) => {
                expected("0 where windows hang over the ends of a sequence: gapped patches lie inside")
            }
            (_, _) => expected("0 for kernels that are not exponential"),
        }
    }

    /// Channels that a layer sees: letters, or the filters of the layer before it.
    pub fn channels(&self, layer: usize) -> usize {
        if layer == 0 { self.letters } else { self.layers.get(layer - 1).map_or(0, |before| before.filters) }
    }

    /// Numbers of one anchor of a layer: channels × width.
    pub fn patch_size(&self, layer: usize) -> usize {
        self.channels(layer) * self.layers[layer].width
    }

    /// Numbers of an embedding of one strand: filters of the last layer.
    pub fn dimension(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.filters)
    }

    /// Shortest sequence that every layer can see, in letters: 1 where borders are padded.
    pub fn shortest_sequence(&self) -> usize {
        match self.border {
            Border::Same => 1,
            Border::Valid => self.receptive_field(),
        }
    }

    /// Letters that a window of the last layer sees.
    pub fn receptive_field(&self) -> usize {
        self.layers.iter().rev().fold(1, |needed, layer| {
            // A map of `needed` positions after pooling needs (needed − 1)·s + 1 before it, then a window each.
            (needed - 1) * layer.subsampling + layer.width
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_layers() -> NetworkConfig {
        let layer = |filters, width, subsampling| LayerConfig {
            filters,
            width,
            kernel: DotProductKernel::Exponential { sigma: 0.3 },
            subsampling,
        };
        NetworkConfig {
            letters: 4,
            layers: vec![layer(64, 12, 2), layer(16, 3, 1)],
            pooling: Pooling::Mean,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
        }
    }

    #[test]
    fn shortest_sequence_gives_the_last_layer_exactly_one_window() {
        // 16 letters: 5 windows of 12, every second of them: 3 positions, one window of 3.
        assert_eq!(two_layers().shortest_sequence(), 16);
    }

    #[test]
    fn numbers_outside_their_limits_are_refused_with_the_layer() {
        assert!(two_layers().check().is_ok());
        let broken = |change: fn(&mut NetworkConfig)| {
            let mut config = two_layers();
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert!(broken(|c| c.layers[1].filters = 0).contains("filters of layer 2"));
        assert!(broken(|c| c.layers[1].subsampling = 2).contains("subsampling"));
        assert!(broken(|c| c.layers.clear()).contains("number of layers"));
        assert!(broken(|c| c.layers[0].kernel = DotProductKernel::Exponential { sigma: -1.0 }).contains("sigma"));
        assert!(broken(|c| c.regularisation = Regularisation::Shift { epsilon: 0.0 }).contains("epsilon"));
    }

    #[test]
    fn unknown_fields_are_refused() {
        let mut json = serde_json::to_value(two_layers()).unwrap();
        json["depth"] = 3.into();
        assert!(serde_json::from_value::<NetworkConfig>(json).is_err());
    }
}
