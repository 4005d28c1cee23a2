//! Convolutional kernels between two images, exactly: what networks on images approximate.
//!
//! The inner products between all positions of two images are carried through the layers (`[positions, positions]` numbers,
//! whatever the number of filters would be): patches are sums of shifted inner products, a kernel acts on cosines, pooling on
//! both sides. Time and memory grow with the square of the number of positions: small images, or tests.

mod cross_gram;
#[cfg(test)]
mod tests;

use cross_gram::{CrossGram, PatchWeights};

use super::{Encoding, ImageLayerSpec, MapShape};
use crate::Error;
use crate::error::check_length;
use crate::kernel::DotProductKernel;
use crate::pooling::Border;

/// Bandwidths of one layer of the hierarchical kernel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bandwidths {
    /// `β > 0`, of the distance of two positions, in positions of the map.
    pub beta: f64,
    /// `σ`, of the distance of two features on the unit sphere.
    pub sigma: f64,
}

/// The patches of pixels that the hierarchical kernel starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelPatches {
    /// Side; 1 for the pixels themselves.
    pub patch: usize,
    /// Whether the mean of each channel is taken away from a patch.
    pub centred: bool,
}

/// A convolutional kernel between images of one shape.
#[derive(Debug, Clone)]
pub struct ExactKernel {
    input: MapShape,
    stages: Vec<Stage>,
    readout: Readout,
}

/// From the positions of a map to those of the next.
#[derive(Debug, Clone)]
struct Stage {
    patch: usize,
    border: Border,
    weights: PatchWeights,
    kernel: DotProductKernel,
    /// Pooling weights of both axes.
    pooling: Option<[Vec<f64>; 2]>,
}

#[derive(Debug, Clone, Copy)]
enum Readout {
    /// Over equal positions.
    Trace,
    /// Over all pairs of positions, with a Gaussian of their distance.
    Gaussian(f64),
}

/// Norms of an image's patches, one vector a stage.
type PatchNorms = Vec<Vec<f64>>;

impl ExactKernel {
    /// The convolutional kernel of several layers, as it is defined.
    ///
    /// Layer `k` compares two patches of features of the layer below,
    /// `K_k = Σ_{z, z' ∈ P_k} ‖φ(z)‖ ‖φ'(z')‖ exp(−‖z − z'‖²/(2β_k²)) exp(−‖φ(z)/‖φ(z)‖ − φ'(z')/‖φ'(z')‖‖²/(2σ_k²))`,
    /// and its own feature of a position is the point of that kernel's Hilbert space which belongs to the patch there. The
    /// last layer compares whole maps; `inner` holds the side of the patches of each layer below it, which lie inside of their
    /// map.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a side of zero or a bandwidth outside of its domain; [`Error::PatchTooLarge`] if no patch fits.
    ///
    /// # Source
    /// Mairal, Koniusz, Harchaoui and Schmid 2014, definitions 1 to 3.
    pub fn hierarchical(
        input: MapShape,
        pixels: PixelPatches,
        inner: &[(usize, Bandwidths)],
        last: Bandwidths,
    ) -> Result<Self, Error> {
        for bandwidths in inner.iter().map(|(_, bandwidths)| bandwidths).chain([&last]) {
            if bandwidths.beta.is_nan() || bandwidths.beta <= 0.0 {
                return Err(Error::Parameter { name: "beta", got: bandwidths.beta, expected: "above 0" });
            }
        }
        let first = if pixels.centred { PatchWeights::Centred } else { PatchWeights::Plain };
        let patches = std::iter::once((pixels.patch, first))
            .chain(inner.iter().map(|(patch, bandwidths)| (*patch, PatchWeights::Gaussian(bandwidths.beta))));
        let sigmas = inner.iter().map(|(_, bandwidths)| bandwidths.sigma).chain([last.sigma]);
        let (mut height, mut width) = (input.height, input.width);
        let mut stages = Vec::with_capacity(inner.len() + 1);
        for ((patch, weights), sigma) in patches.zip(sigmas) {
            if patch == 0 || input.channels == 0 {
                let name = if patch == 0 { "patch" } else { "channels" };
                return Err(Error::Parameter { name, got: 0.0, expected: "at least 1" });
            }
            let kernel = DotProductKernel::Exponential { sigma };
            kernel.check()?;
            if patch > height || patch > width {
                return Err(Error::PatchTooLarge { patch, height, width });
            }
            (height, width) = (height + 1 - patch, width + 1 - patch);
            stages.push(Stage { patch, border: Border::Valid, weights, kernel, pooling: None });
        }
        Ok(Self { input, stages, readout: Readout::Gaussian(last.beta) })
    }

    /// The kernel that networks of some layers approximate: the inner product of their last maps for unlimited filters.
    ///
    /// The numbers of filters do not matter. An expansion of the Gaussian kernel of bandwidth `σ` stands for the exponential
    /// kernel of that `σ`: on the unit sphere they are one.
    ///
    /// # Errors
    /// Those of [`ImageLayerSpec::output_shape`].
    ///
    /// # Source
    /// Mairal 2016, equation 1, layer after layer; Bietti 2022 computes it in this way.
    pub fn of_network(input: MapShape, layers: &[ImageLayerSpec]) -> Result<Self, Error> {
        let mut shape = input;
        let mut stages = Vec::with_capacity(layers.len());
        for layer in layers {
            let encoded = layer.encoded_shape(shape)?;
            shape = layer.output_shape(shape)?;
            stages.push(Stage {
                patch: layer.patch,
                border: layer.border,
                weights: if layer.centred { PatchWeights::Centred } else { PatchWeights::Plain },
                kernel: match layer.encoding {
                    Encoding::Nystrom { kernel, .. } => kernel,
                    Encoding::GaussianExpansion { sigma } => DotProductKernel::Exponential { sigma },
                },
                pooling: Some([layer.pooling.weights(encoded.height)?, layer.pooling.weights(encoded.width)?]),
            });
        }
        Ok(Self { input, stages, readout: Readout::Trace })
    }

    /// The kernel of two images.
    ///
    /// # Shapes
    /// images `[height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if an image does not fit.
    pub fn value(&self, left: &[f64], right: &[f64]) -> Result<f64, Error> {
        let (norms, _) = self.own(left)?;
        let (others, _) = self.own(right)?;
        Ok(self.cross((left, &norms), (right, &others)))
    }

    /// The kernel of all pairs of some images.
    ///
    /// # Shapes
    /// images `[height, width, channels]` each → `[images, images]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if an image does not fit.
    pub fn matrix(&self, images: &[&[f64]]) -> Result<Vec<f64>, Error> {
        let own = images.iter().map(|image| self.own(image)).collect::<Result<Vec<_>, _>>()?;
        let mut matrix = vec![0.0; images.len() * images.len()];
        for (row, (norms, square)) in own.iter().enumerate() {
            matrix[row * images.len() + row] = *square;
            for column in 0..row {
                let value = self.cross((images[row], norms), (images[column], &own[column].0));
                matrix[row * images.len() + column] = value;
                matrix[column * images.len() + row] = value;
            }
        }
        Ok(matrix)
    }

    /// Norms of an image's patches, and its kernel with itself.
    fn own(&self, image: &[f64]) -> Result<(PatchNorms, f64), Error> {
        check_length("image", self.input.size(), image.len())?;
        let mut norms = Vec::with_capacity(self.stages.len());
        let mut gram = CrossGram::of_maps(image, image, self.input);
        for stage in &self.stages {
            let mut patches = gram.patches(stage.patch, stage.border, stage.weights);
            let own = patches.norms();
            patches.evaluate(&own, &own, stage.kernel);
            gram = stage.pool(patches);
            norms.push(own);
        }
        Ok((norms, self.readout.of(&gram)))
    }

    fn cross(&self, (left, norms): (&[f64], &PatchNorms), (right, others): (&[f64], &PatchNorms)) -> f64 {
        let mut gram = CrossGram::of_maps(left, right, self.input);
        for (stage, (left, right)) in self.stages.iter().zip(norms.iter().zip(others)) {
            let mut patches = gram.patches(stage.patch, stage.border, stage.weights);
            patches.evaluate(left, right, stage.kernel);
            gram = stage.pool(patches);
        }
        self.readout.of(&gram)
    }
}

impl Stage {
    fn pool(&self, gram: CrossGram) -> CrossGram {
        match &self.pooling {
            Some([rows, columns]) => gram.pool(rows, columns),
            None => gram,
        }
    }
}

impl Readout {
    fn of(self, gram: &CrossGram) -> f64 {
        match self {
            Self::Trace => gram.trace(),
            Self::Gaussian(beta) => gram.gaussian_sum(beta),
        }
    }
}
