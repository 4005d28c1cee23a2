//! Networks by name: the eight of Mairal et al. 2014, table 3, their concatenation, and two of anchor points.

use ckn_core::image::{MapShape, SpatialPooling};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::Border;
use ckn_model::image::InputMap;

use super::{BranchRecipe, EncodingRecipe, ImageRecipe, LayerRecipe};

/// Directions of the gradient in a first layer.
const ORIENTATIONS: usize = 12;

/// A network with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Architecture {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Side and channels of the images it was made for; `None` for any.
    pub images: Option<(usize, usize)>,
    /// Learned filter coefficients on such images, as the paper counts them.
    pub parameters: Option<usize>,
}

/// All of them.
pub const ARCHITECTURES: [Architecture; 11] = [
    paper("gm1", "MNIST, gradient map, 12 and 50 filters", (28, 1), 5_400),
    paper("gm2", "MNIST, gradient map, 12 and 400 filters", (28, 1), 43_200),
    paper("pm1", "MNIST, patch map, 200 filters", (28, 1), 5_000),
    paper("pm2", "MNIST, patch map, 50 and 200 filters", (28, 1), 41_250),
    paper("cifar-gm", "CIFAR-10, gradient map, 12 and 800 filters", (32, 3), 38_400),
    paper("cifar-pm", "CIFAR-10, patch map, 100 and 800 filters", (32, 3), 321_200),
    paper("stl-gm", "STL-10, gradient map, 12 and 800 filters", (96, 3), 86_400),
    paper("stl-pm", "STL-10, patch map, 50 and 800 filters", (96, 3), 361_350),
    Architecture {
        name: "cifar-co",
        description: "cifar-pm and cifar-gm side by side",
        images: Some((32, 3)),
        parameters: Some(359_600),
    },
    Architecture {
        name: "nystrom",
        description: "anchor points: pm2's layers on grey images, 64 and 256 filters after local whitening on others",
        images: None,
        parameters: None,
    },
    Architecture {
        name: "supervised",
        description: "two layers of anchor points that labels train",
        images: None,
        parameters: None,
    },
];

const fn paper(
    name: &'static str,
    description: &'static str,
    images: (usize, usize),
    parameters: usize,
) -> Architecture {
    Architecture { name, description, images: Some(images), parameters: Some(parameters) }
}

/// The network of a name, for images of a shape; `None` if no network has that name.
///
/// # Example
/// ```
/// use ckn_core::image::MapShape;
/// use ckn_train::image::architecture;
///
/// let digits = MapShape { height: 28, width: 28, channels: 1 };
/// assert!(architecture("gm1", digits).is_some_and(|recipe| recipe.branch.len() == 1));
/// assert!(architecture("gm7", digits).is_none());
/// ```
pub fn architecture(name: &str, image: MapShape) -> Option<ImageRecipe> {
    use SpatialPooling::{By, To};
    let branch = match name {
        "gm1" => vec![gradient_map(3, 50, To(4))],
        "gm2" => vec![gradient_map(3, 400, To(3))],
        "pm1" => vec![patch_map(vec![(5, 200, To(4))])],
        "pm2" => vec![patch_map(vec![(5, 50, By(2.0)), (2, 200, To(6))])],
        "cifar-gm" => vec![gradient_map(2, 800, To(4))],
        "cifar-pm" => vec![patch_map(vec![(2, 100, By(2.0)), (2, 800, To(4))])],
        "stl-gm" => vec![gradient_map(3, 800, To(4))],
        "stl-pm" => vec![patch_map(vec![(3, 50, By(2.0)), (3, 800, To(3))])],
        "cifar-co" => {
            let parts = ["cifar-pm", "cifar-gm"].iter().filter_map(|name| architecture(name, image));
            parts.flat_map(|recipe| recipe.branch).collect()
        }
        "nystrom" if image.channels == 1 => {
            let layer = vec![nystrom(5, 50, Border::Valid, By(2.0)), nystrom(2, 200, Border::Valid, To(6))];
            vec![BranchRecipe { input: InputMap::Pixels, layer: centred(layer) }]
        }
        "nystrom" => {
            let strided =
                |patch, filters, stride| nystrom(patch, filters, Border::Same, SpatialPooling::Stride(stride));
            let input = InputMap::LocalWhitening { patch: 3, power: 0.25 };
            vec![BranchRecipe { input, layer: vec![strided(3, 64, 2), strided(3, 256, 6)] }]
        }
        "supervised" => {
            let layer = vec![nystrom(5, 32, Border::Valid, By(2.0)), nystrom(3, 96, Border::Valid, To(4))];
            if image.channels == 1 {
                vec![BranchRecipe { input: InputMap::Pixels, layer: centred(layer) }]
            } else {
                vec![BranchRecipe { input: InputMap::LocalWhitening { patch: 3, power: 0.25 }, layer }]
            }
        }
        _ => return None,
    };
    Some(ImageRecipe { branch })
}

fn gradient_map(patch: usize, filters: usize, pooling: SpatialPooling) -> BranchRecipe {
    let first = LayerRecipe {
        patch: 1,
        filters: ORIENTATIONS,
        border: Border::Valid,
        centred: false,
        encoding: EncodingRecipe::Orientations,
        pooling: SpatialPooling::By(2.0),
    };
    BranchRecipe { input: InputMap::Gradient, layer: vec![first, expansion(patch, filters, pooling)] }
}

fn patch_map(layers: Vec<(usize, usize, SpatialPooling)>) -> BranchRecipe {
    let layer = layers.into_iter().map(|(patch, filters, pooling)| expansion(patch, filters, pooling)).collect();
    BranchRecipe { input: InputMap::Pixels, layer: centred(layer) }
}

/// The mean of each channel is taken away from patches of pixels.
fn centred(mut layers: Vec<LayerRecipe>) -> Vec<LayerRecipe> {
    if let Some(first) = layers.first_mut() {
        first.centred = true;
    }
    layers
}

fn expansion(patch: usize, filters: usize, pooling: SpatialPooling) -> LayerRecipe {
    let encoding = EncodingRecipe::Expansion { sigma: None, random_start: false };
    LayerRecipe { patch, filters, border: Border::Valid, centred: false, encoding, pooling }
}

fn nystrom(patch: usize, filters: usize, border: Border, pooling: SpatialPooling) -> LayerRecipe {
    let encoding = EncodingRecipe::Nystrom { kernel: DotProductKernel::Exponential { sigma: 0.6 }, epsilon: 1e-3 };
    LayerRecipe { patch, filters, border, centred: false, encoding, pooling }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mairal et al. 2014, table 3.
    #[test]
    fn parameters_are_counted_as_in_the_paper() {
        for known in ARCHITECTURES {
            let (side, channels) = known.images.unwrap_or((28, 1));
            let shape = MapShape { height: side, width: side, channels };
            let recipe = architecture(known.name, shape).unwrap();
            recipe.check(shape).unwrap();
            if let Some(parameters) = known.parameters {
                assert_eq!(recipe.parameters(shape).unwrap(), parameters, "{}", known.name);
            }
        }
        assert_eq!(architecture("gm3", MapShape { height: 28, width: 28, channels: 1 }), None);
    }

    #[test]
    fn orientations_belong_to_gradients() {
        let shape = MapShape { height: 28, width: 28, channels: 1 };
        let mut recipe = architecture("gm1", shape).unwrap();
        recipe.branch[0].input = InputMap::Pixels;
        assert!(matches!(recipe.check(shape), Err(crate::Error::Setting { name: "layer of orientations", .. })));
    }
}
