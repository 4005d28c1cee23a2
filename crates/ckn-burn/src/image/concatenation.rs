//! Several networks as one.

use burn::module::Module;
use burn::tensor::Tensor;

use super::ImageCkn;
use crate::Error;
use crate::error::check_size;

/// The embeddings of several networks after each other, each times its own factor: the inverse of their mean norm on the
/// training images, so that all weigh the same.
///
/// # Source
/// Mairal et al. 2014, CKN-CO: a network on patches beside one on gradients.
#[derive(Module, Debug)]
pub struct Concatenation {
    /// The networks.
    pub networks: Vec<ImageCkn>,
    #[module(skip)]
    factors: Vec<f64>,
}

impl Concatenation {
    /// Networks with their factors.
    ///
    /// # Errors
    /// [`ckn_core::Error::Empty`] without networks; [`ckn_core::Error::Parameter`] for a factor that is not above zero.
    pub fn new(networks: impl IntoIterator<Item = (ImageCkn, f64)>) -> Result<Self, Error> {
        let (networks, factors): (Vec<_>, Vec<_>) = networks.into_iter().unzip();
        if networks.is_empty() {
            return Err(ckn_core::Error::Empty { what: "the concatenation" }.into());
        }
        match factors.iter().find(|factor| !(factor.is_finite() && **factor > 0.0)) {
            Some(&got) => {
                let expected = "finite and above zero";
                Err(ckn_core::Error::Parameter { name: "factor of a network", got, expected }.into())
            }
            None => Ok(Self { networks, factors }),
        }
    }

    /// Numbers of an embedding.
    pub fn dimension(&self) -> usize {
        self.networks.iter().map(|network| network.output().size()).sum()
    }

    /// Embeddings of images, given to each network in its own form (pixels, gradients).
    ///
    /// # Shapes
    /// one `[batch, channels, height, width]` a network → `[batch, dimension]`.
    ///
    /// # Errors
    /// [`Error::Size`] if the networks are given different numbers of images, or not one batch each; those of
    /// [`ImageCkn::embed`].
    pub fn embed(&self, images: Vec<Tensor<4>>) -> Result<Tensor<2>, Error> {
        check_size("batches of a concatenation", self.networks.len(), images.len())?;
        let batch = images[0].dims()[0];
        let mut embeddings = Vec::with_capacity(images.len());
        for ((network, &factor), images) in self.networks.iter().zip(&self.factors).zip(images) {
            check_size("images of a batch", batch, images.dims()[0])?;
            embeddings.push(network.embed(images)?.mul_scalar(factor));
        }
        Ok(Tensor::cat(embeddings, 1))
    }
}
