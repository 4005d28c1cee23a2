//! Layers one after the other, from patches of what the layers before them make of images (Mairal et al. 2014, algorithm 1).

use ckn_core::image::{
    Encoding, ExpansionConfig, ImageLayerSpec, ImageNetwork, LayerParameters, Maps, PatchPairs, PatchSampling,
    sample_patches,
};
use ckn_core::kmeans::{DensePatches, KMeansConfig, spherical_kmeans};
use ckn_core::seed::Seed;
use ckn_core::solver::Lbfgs;
use ckn_core::whitening::Regularisation;
use rand::RngExt;

use super::{EncodingRecipe, ImageEvent, ImageTrainConfig, LayerRecipe};
use crate::{Error, Observer};

/// Relative decrease of an expansion's error at which its solver stops.
const SETTLED: f64 = 1e-5;

/// How fast an expansion's weights move from k-means, and from filters that start anywhere.
const WEIGHT_RATE: f64 = 1.0;
const RANDOM_WEIGHT_RATE: f64 = 0.025;

/// Relative rise of the mean cosine at which k-means stops.
const KMEANS_TOLERANCE: f64 = 1e-5;

/// The layer, with a bandwidth for an expansion whose own is still to be found.
pub(super) fn settled(layer: &LayerRecipe, sigma: f64) -> ImageLayerSpec {
    layer.with_encoding(match layer.encoding {
        EncodingRecipe::Orientations => {
            Encoding::GaussianExpansion { sigma: 2.0 * std::f64::consts::PI / layer.filters.max(1) as f64 }
        }
        EncodingRecipe::Expansion { sigma: given, .. } => Encoding::GaussianExpansion { sigma: given.unwrap_or(sigma) },
        EncodingRecipe::Nystrom { kernel, epsilon } => {
            Encoding::Nystrom { kernel, regularisation: Regularisation::Shift { epsilon } }
        }
    })
}

/// Learns the filters of all layers of a branch without labels.
///
/// ```
/// use ckn_core::image::{MapSet, MapShape, SpatialPooling};
/// use ckn_core::{kernel::DotProductKernel, pooling::Border};
/// use ckn_train::Ignore;
/// use ckn_train::image::{EncodingRecipe, ImageTrainConfig, LayerRecipe, train_layers};
///
/// // A map that grows to the right, and one that grows downwards.
/// let shape = MapShape { height: 4, width: 4, channels: 1 };
/// let value = |at: usize| if at < 16 { at % 4 } else { at / 4 } as f32;
/// let maps = MapSet::new(shape, (0..32).map(value).collect())?;
/// let encoding = EncodingRecipe::Nystrom { kernel: DotProductKernel::Exponential { sigma: 0.6 }, epsilon: 1e-3 };
/// let pooling = SpatialPooling::To(1);
/// let layer = LayerRecipe { patch: 2, filters: 2, border: Border::Valid, centred: true, encoding, pooling };
/// let config = ImageTrainConfig { patches: 20, ..ImageTrainConfig::default() };
/// let network = train_layers(&maps, &[layer], &config, 0, &mut Ignore)?;
/// let mut filters: Vec<&[f32]> = network.parameters()[0].filters.chunks_exact(4).collect();
/// filters.sort_by(|a, b| a[1].total_cmp(&b[1]));
/// let expected = [-0.5, -0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5];
/// assert!(filters.concat().iter().zip(expected).all(|(value, expected)| (value - expected).abs() < 1e-6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`sample_patches`] and of the layers; [`Error::Interrupted`] if the observer ends the training.
pub fn train_layers(
    maps: &impl Maps,
    layers: &[LayerRecipe],
    config: &ImageTrainConfig,
    branch: usize,
    observer: &mut dyn Observer,
) -> Result<ImageNetwork<f32>, Error> {
    let mut network = ImageNetwork::new(maps.shape(), Vec::new())?;
    for (at, recipe) in layers.iter().enumerate() {
        let seed = Seed(config.seed);
        let name = format!("branches/{branch}/layers/{at}");
        let (parameters, event) = match recipe.encoding {
            EncodingRecipe::Orientations => (orientations(recipe), None),
            _ => {
                let sampling = PatchSampling { patch: recipe.patch, centred: recipe.centred, count: config.patches };
                let drawn = sample_patches(maps, &network, sampling, seed.child(&name))?;
                let size = settled(recipe, 0.5).patch_size(network.output().channels);
                let (parameters, errors) = learn(recipe, &drawn, size, config, seed.child(&name))?;
                (parameters, Some((drawn.len() / size, errors)))
            }
        };
        let sigma = match parameters.spec.encoding {
            Encoding::GaussianExpansion { sigma } => Some(sigma),
            Encoding::Nystrom { kernel, .. } => kernel.sigma(),
        };
        let mut all = network.parameters().to_vec();
        all.push(parameters);
        network = ImageNetwork::new(maps.shape(), all)?;
        if let Some((patches, errors)) = event {
            let event = ImageEvent::Layer { branch: branch + 1, layer: at + 1, patches, sigma, errors };
            if observer.observe(event.into()).is_break() {
                return Err(Error::Interrupted);
            }
        }
    }
    Ok(network)
}

/// Fixed directions of the gradient, all of the weight that makes the expansion best: `√(2/π)` for many of them.
fn orientations(recipe: &LayerRecipe) -> LayerParameters {
    let directions = (0..recipe.filters).flat_map(|direction| {
        let angle = 2.0 * std::f64::consts::PI * direction as f64 / recipe.filters as f64;
        [angle.cos() as f32, angle.sin() as f32]
    });
    let weight = std::f64::consts::FRAC_2_PI.sqrt() as f32;
    let expansion_weights = vec![weight; recipe.filters];
    LayerParameters { spec: settled(recipe, 0.5), filters: directions.collect(), expansion_weights }
}

/// Filters of one layer, and the errors of an expansion.
fn learn(
    recipe: &LayerRecipe,
    patches: &[f32],
    size: usize,
    config: &ImageTrainConfig,
    seed: Seed,
) -> Result<(LayerParameters, Option<(f64, f64)>), Error> {
    let kmeans = || {
        let seen = patches.len().min(config.kmeans_patches * size);
        let settings = KMeansConfig {
            centres: recipe.filters,
            max_iterations: config.kmeans_iterations,
            tolerance: KMEANS_TOLERANCE,
        };
        spherical_kmeans(&DensePatches::new(&patches[..seen], size), &settings, &mut seed.stream("anchors"))
    };
    let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
    match recipe.encoding {
        EncodingRecipe::Expansion { sigma, random_start } => {
            let pairs = PatchPairs::new(patches, size)?;
            let sigma = sigma.unwrap_or_else(|| pairs.bandwidth());
            let start = if random_start { random_directions(recipe.filters, size, seed) } else { kmeans()?.centres };
            let solver = Lbfgs {
                history: 20,
                max_iterations: config.expansion_iterations,
                gradient_tolerance: 0.0,
                value_tolerance: SETTLED,
            };
            let weight_rate = if random_start { RANDOM_WEIGHT_RATE } else { WEIGHT_RATE };
            let fitted = pairs.fit(&start, &ExpansionConfig { sigma, weight_rate, solver })?;
            let (filters, expansion_weights) = (narrow(&fitted.filters), narrow(&fitted.weights));
            Ok((LayerParameters { spec: settled(recipe, sigma), filters, expansion_weights }, Some(fitted.errors)))
        }
        _ => {
            let filters = narrow(&kmeans()?.centres);
            Ok((LayerParameters { spec: settled(recipe, 0.5), filters, expansion_weights: Vec::new() }, None))
        }
    }
}

/// Directions with equal chances, from sums of twelve uniform numbers, near enough to a Gaussian.
fn random_directions(count: usize, size: usize, seed: Seed) -> Vec<f64> {
    let mut random = seed.stream("directions");
    let mut rows: Vec<f64> =
        (0..count * size).map(|_| (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>()).collect();
    for row in rows.chunks_exact_mut(size) {
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter_mut().for_each(|x| *x /= norm);
    }
    rows
}
