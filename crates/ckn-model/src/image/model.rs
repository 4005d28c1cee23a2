use ckn_core::image::{ImageNetwork, LayerParameters};
use ckn_core::svm::Svm;
use ckn_vision::Images;
use rayon::prelude::*;

use super::{BranchConfig, ImageCard, ImageConfig, InputMap, LearnedScaling, shape_of};
use crate::Error;

/// Images scored at once: their embeddings are kept.
const BLOCK: usize = 1000;

/// A network and the scaling of its embeddings.
#[derive(Debug, Clone)]
pub struct Branch {
    /// What it sees of an image.
    pub input: InputMap,
    /// The network.
    pub network: ImageNetwork<f32>,
    /// Of its embeddings.
    pub scaling: LearnedScaling,
}

/// A trained model of images: predicts from a file alone.
#[derive(Debug, Clone)]
pub struct ImageModel {
    config: ImageConfig,
    branches: Vec<Branch>,
    machine: Svm,
    card: ImageCard,
}

impl Branch {
    fn config(&self) -> BranchConfig {
        let layers = self.network.parameters().iter().map(|layer| layer.spec).collect();
        BranchConfig { input: self.input, layers, scale: self.scaling.scale }
    }

    /// Numbers of an embedding.
    pub fn dimension(&self) -> usize {
        self.network.output().size()
    }

    /// Embeddings of images, not scaled yet.
    ///
    /// # Shapes
    /// `[images, dimension]`.
    ///
    /// # Errors
    /// Those of [`InputMap::maps`] and [`ImageNetwork::embed`].
    pub fn embed(&self, images: &Images) -> Result<Vec<f32>, Error> {
        let maps = self.input.maps(images)?;
        let mut embeddings = vec![0.0; images.len() * self.dimension()];
        let all: Vec<usize> = (0..images.len()).collect();
        self.network.embed(&maps, &all, &mut embeddings)?;
        Ok(embeddings)
    }
}

impl LearnedScaling {
    /// The scaling that gives embeddings zero mean and unit norm on average.
    ///
    /// # Shapes
    /// embeddings `[images, dimension]`.
    pub fn of(embeddings: &[f32], dimension: usize) -> Self {
        let count = (embeddings.len() / dimension.max(1)).max(1);
        // Blocks of fixed size, whose sums are added in order.
        let parts: Vec<Vec<f64>> = embeddings
            .par_chunks(BLOCK * dimension.max(1))
            .map(|block| {
                let mut sum = vec![0.0; dimension];
                for row in block.chunks_exact(dimension) {
                    sum.iter_mut().zip(row).for_each(|(slot, &value)| *slot += f64::from(value));
                }
                sum
            })
            .collect();
        let mut mean = vec![0.0; dimension];
        for part in parts {
            mean.iter_mut().zip(part).for_each(|(slot, value)| *slot += value);
        }
        let mean: Vec<f32> = mean.into_iter().map(|sum| (sum / count as f64) as f32).collect();
        let norms: Vec<f64> = embeddings
            .par_chunks_exact(dimension.max(1))
            .map(|row| row.iter().zip(&mean).map(|(&x, &m)| f64::from(x - m).powi(2)).sum::<f64>().sqrt())
            .collect();
        let total: f64 = norms.iter().sum();
        Self { mean, scale: if total > 0.0 { count as f64 / total } else { 1.0 } }
    }

    /// Scales embeddings in place.
    ///
    /// # Shapes
    /// embeddings `[images, dimension]`.
    pub fn apply(&self, embeddings: &mut [f32]) {
        let scale = self.scale as f32;
        embeddings.par_chunks_exact_mut(self.mean.len().max(1)).for_each(|row| {
            row.iter_mut().zip(&self.mean).for_each(|(slot, &mean)| *slot = (*slot - mean) * scale);
        });
    }
}

impl ImageModel {
    /// Joins networks, a machine on their embeddings, names of its classes, and a card.
    ///
    /// # Errors
    /// Those of [`ImageConfig::check`]; [`ckn_core::Error::Shape`] if parts do not fit each other.
    pub fn new(
        image: ckn_core::image::MapShape,
        branches: Vec<Branch>,
        machine: Svm,
        classes: Vec<String>,
        card: ImageCard,
    ) -> Result<Self, Error> {
        let config = ImageConfig { image, branches: branches.iter().map(Branch::config).collect(), classes };
        config.check()?;
        let check = |what, expected, got| {
            if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what, expected, got }) }
        };
        for branch in &branches {
            check("map", branch.input.shape(image).size(), branch.network.input().size())?;
            check("mean of embeddings", branch.dimension(), branch.scaling.mean.len())?;
        }
        check("intercepts", config.classes.len(), machine.intercepts.len())?;
        check("weights", config.classes.len() * config.dimension()?, machine.weights.len())?;
        Ok(Self { config, branches, machine, card })
    }

    pub(crate) fn with_parameters(
        config: &ImageConfig,
        layers: Vec<Vec<LayerParameters>>,
        means: Vec<Vec<f32>>,
        machine: Svm,
        card: ImageCard,
    ) -> Result<Self, Error> {
        let parts = config.branches.iter().zip(layers).zip(means);
        let branches = parts.map(|((branch, layers), mean)| {
            let network = ImageNetwork::new(branch.input.shape(config.image), layers)?;
            Ok(Branch { input: branch.input, network, scaling: LearnedScaling { mean, scale: branch.scale } })
        });
        let branches = branches.collect::<Result<Vec<_>, Error>>()?;
        Self::new(config.image, branches, machine, config.classes.clone(), card)
    }

    /// What the model is, without its learned numbers.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// Its networks.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The machine on scaled embeddings.
    pub fn machine(&self) -> &Svm {
        &self.machine
    }

    /// Where it comes from.
    pub fn card(&self) -> &ImageCard {
        &self.card
    }

    /// Scaled embeddings, those of all branches side by side.
    ///
    /// # Shapes
    /// `[images, dimension]`.
    ///
    /// # Errors
    /// [`Error::ImageShape`] for images of another shape; those of [`Branch::embed`].
    pub fn features(&self, images: &Images) -> Result<Vec<f32>, Error> {
        let (expected, got) = (self.config.image, shape_of(images));
        if expected != got {
            return Err(Error::ImageShape { expected, got });
        }
        let dimension = self.machine.dimension();
        let mut features = vec![0.0; images.len() * dimension];
        let mut first = 0;
        for branch in &self.branches {
            let mut embeddings = branch.embed(images)?;
            branch.scaling.apply(&mut embeddings);
            let rows = embeddings.chunks_exact(branch.dimension()).zip(features.chunks_exact_mut(dimension));
            rows.for_each(|(from, to)| to[first..first + from.len()].copy_from_slice(from));
            first += branch.dimension();
        }
        Ok(features)
    }

    /// Scores of all classes, on all threads; the result depends neither on their number nor on the other images.
    ///
    /// # Shapes
    /// `[images, classes]`.
    ///
    /// # Errors
    /// Those of [`Self::features`].
    pub fn scores(&self, images: &Images) -> Result<Vec<f32>, Error> {
        let mut scores = Vec::with_capacity(images.len() * self.config.classes.len());
        for first in (0..images.len()).step_by(BLOCK) {
            let block: Vec<usize> = (first..images.len().min(first + BLOCK)).collect();
            let features = self.features(&images.select(&block)?)?;
            let rows: Vec<u32> = (0..block.len() as u32).collect();
            scores.extend(self.machine.scores(&features, &rows)?);
        }
        Ok(scores)
    }
}
