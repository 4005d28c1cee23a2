//! Configuration of networks on images and of their training.

use ckn_core::image::{ImageLayerSpec, MapShape};
use ckn_core::kernel::DotProductKernel;
use ckn_model::image::{BranchConfig, InputMap};
use serde::{Deserialize, Serialize};

use super::Augmentation;
use super::unsupervised::settled;
use crate::Error;

/// Networks on images before they are trained; what a TOML file of `ckn image train --network` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageRecipe {
    /// Networks whose embeddings stand side by side.
    pub branch: Vec<BranchRecipe>,
}

/// One network before it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchRecipe {
    /// What it sees of an image.
    pub input: InputMap,
    /// Its layers.
    pub layer: Vec<LayerRecipe>,
}

/// Configuration of a layer whose encoding is still to be learned.
pub type LayerRecipe = ImageLayerSpec<EncodingRecipe>;

/// How a patch becomes numbers, before anything is learned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EncodingRecipe {
    /// Fixed directions of the gradient, `w_l = (cos 2πl/p, sin 2πl/p)` and `σ = 2π/p`: the first layer on a gradient map.
    Orientations,
    /// The expansion of the Gaussian kernel, learned from pairs of patches.
    Expansion {
        /// Bandwidth `σ`; the 0.1 quantile of the distances of pairs if it is not given.
        #[serde(default)]
        sigma: Option<f64>,
        /// Start from random directions in place of k-means; weights then move slowly, so that every filter learns.
        #[serde(default)]
        random_start: bool,
    },
    /// The projection on anchor points, placed by k-means.
    Nystrom {
        /// The kernel `κ`.
        kernel: DotProductKernel,
        /// `ε` of the inverse root `(A + εI)^(-1/2)`.
        #[serde(default = "epsilon")]
        epsilon: f64,
    },
}

fn epsilon() -> f64 {
    1e-3
}

/// Settings of [`super::train_images`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageTrainConfig {
    /// Root of the random streams.
    pub seed: u64,
    /// Patches that filters are learned from; an expansion takes them in pairs.
    pub patches: usize,
    /// Patches among them that k-means sees.
    pub kmeans_patches: usize,
    /// Most iterations of k-means.
    pub kmeans_iterations: usize,
    /// Most iterations of an expansion's solver.
    pub expansion_iterations: usize,
    /// Penalty `C` of the machine; chosen on images held out if it is not given.
    pub cost: Option<f64>,
    /// Training of all anchors with labels; without it they stay where k-means put them.
    pub supervised: Option<SupervisedConfig>,
}

impl Default for ImageTrainConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            patches: 200_000,
            kmeans_patches: 100_000,
            kmeans_iterations: 50,
            expansion_iterations: 200,
            cost: None,
            supervised: None,
        }
    }
}

/// How anchors move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimiser {
    /// Stochastic gradient descent with momentum 0.9.
    Sgd,
    /// Adam.
    Adam,
}

/// Settings of the training with labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupervisedConfig {
    /// Most passes over the data.
    pub epochs: usize,
    /// Images of a minibatch.
    pub batch: usize,
    /// How anchors move.
    pub optimiser: Optimiser,
    /// Learning rate of the first pass; halved, and the anchors put back, where the training objective rose.
    pub learning_rate: f64,
    /// Leave out images that no class's loss depends on, all but one in ten of them.
    pub active_set: bool,
    /// Passes without a lower error on images held out, after which training ends.
    pub patience: usize,
    /// Changes of the images of a pass.
    pub augmentation: Augmentation,
}

impl Default for SupervisedConfig {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch: 128,
            optimiser: Optimiser::Adam,
            learning_rate: 0.003,
            active_set: true,
            patience: 5,
            augmentation: Augmentation::default(),
        }
    }
}

impl ImageRecipe {
    /// Checks that all layers fit images of a shape.
    ///
    /// # Errors
    /// [`Error::Setting`] for networks or layers that are missing, or orientations that are not those of a gradient; those of
    /// [`BranchConfig::output_shape`].
    pub fn check(&self, image: MapShape) -> Result<(), Error> {
        if self.branch.is_empty() || self.branch.iter().any(|branch| branch.layer.is_empty()) {
            let expected = "1 at least, in each of 1 or more branches";
            return Err(Error::Setting { name: "number of layers", got: 0.0, expected });
        }
        for branch in &self.branch {
            for (at, layer) in branch.layer.iter().enumerate() {
                let of_gradient = at == 0 && branch.input == InputMap::Gradient && layer.patch == 1;
                if layer.encoding == EncodingRecipe::Orientations && !of_gradient {
                    let (name, got) = ("layer of orientations", (at + 1) as f64);
                    let expected = "the first one, on `input = \"gradient\"`, with patches of 1";
                    return Err(Error::Setting { name, got, expected });
                }
            }
            // The bandwidth, if still to be found, changes no shape.
            let layers = branch.layer.iter().map(|layer| settled(layer, 0.5)).collect();
            BranchConfig { input: branch.input, layers, scale: 1.0 }.output_shape(image)?;
        }
        Ok(())
    }

    /// Number of learned filter coefficients on images of a shape.
    ///
    /// # Errors
    /// Those of [`BranchConfig::parameters`].
    pub fn parameters(&self, image: MapShape) -> Result<usize, Error> {
        let mut count = 0;
        for branch in &self.branch {
            let layers = branch.layer.iter().map(|layer| settled(layer, 0.5)).collect();
            count += BranchConfig { input: branch.input, layers, scale: 1.0 }.parameters(image)?;
        }
        Ok(count)
    }

    /// Whether all layers have gradients, so that labels can train them.
    pub fn is_differentiable(&self) -> bool {
        let layers = self.branch.iter().flat_map(|branch| &branch.layer);
        self.branch.len() == 1 && layers.clone().all(|layer| matches!(layer.encoding, EncodingRecipe::Nystrom { .. }))
    }
}

/// Most pixels that an image is shifted by, the longest side of one.
const MAX_SHIFT: usize = 4096;

impl ImageTrainConfig {
    /// Checks all settings.
    ///
    /// # Errors
    /// [`Error::Setting`] with the name, the value and its domain.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |name, got, expected| Err(Error::Setting { name, got, expected });
        for (name, value) in [
            ("patches", self.patches),
            ("patches of k-means", self.kmeans_patches),
            ("iterations of k-means", self.kmeans_iterations),
            ("iterations of an expansion", self.expansion_iterations),
        ] {
            if value < 2 {
                return refuse(name, value as f64, "2 at least");
            }
        }
        if let Some(cost) = self.cost
            && !(cost > 0.0 && cost.is_finite())
        {
            return refuse("C", cost, "a finite number above 0");
        }
        match self.supervised {
            Some(SupervisedConfig { batch: 0, .. }) => refuse("images of a minibatch", 0.0, "1 at least"),
            Some(SupervisedConfig { augmentation: Augmentation { shift, .. }, .. }) if shift > MAX_SHIFT => {
                refuse("shift", shift as f64, "at most 4096 pixels")
            }
            Some(SupervisedConfig { learning_rate, .. }) if !(learning_rate > 0.0 && learning_rate <= 10.0) => {
                refuse("learning rate", learning_rate, "above 0 and at most 10")
            }
            _ => Ok(()),
        }
    }
}
