//! From images and their classes to networks and a machine.

use std::ops::ControlFlow;

use ckn_core::image::{ImageNetwork, Maps};
use ckn_core::seed::Seed;
use ckn_core::svm::{FeatureMoments, FittedSvm, SvmProblem};
use ckn_model::image::{Branch, LearnedScaling, shape_of};
use ckn_vision::Images;
use rand::seq::SliceRandom;

use super::cost::{CostTrial, Parts, choose, fit};
use super::supervised::Lesson;
use super::{ImageEpoch, ImageEvent, ImageRecipe, ImageTrainConfig, train_layers};
use crate::{Error, Event, Observer};

/// Images embedded between two events.
const BLOCK: usize = 2_000;

/// One image in so many chooses the pass of a training with labels.
const HELD_OUT: usize = 10;

/// Images and their classes.
#[derive(Debug, Clone, Copy)]
pub struct ImageData<'a> {
    /// The images.
    pub images: &'a Images,
    /// Class of every image, from 0.
    pub labels: &'a [u32],
    /// Number of classes.
    pub classes: usize,
}

/// What training found.
#[derive(Debug, Clone)]
pub struct FittedImages {
    /// The networks.
    pub branches: Vec<Branch>,
    /// The machine on their scaled embeddings.
    pub machine: FittedSvm,
    /// Its penalty.
    pub cost: f64,
    /// Penalties that were tried.
    pub trials: Vec<CostTrial>,
    /// Passes with labels, if there were any.
    pub epochs: Vec<ImageEpoch>,
    /// Whether the observer ended the passes.
    pub interrupted: bool,
}

/// Trains networks and a machine.
///
/// # Example
/// ```
/// use ckn_core::image::SpatialPooling;
/// use ckn_core::kernel::DotProductKernel;
/// use ckn_core::pooling::Border;
/// use ckn_model::image::InputMap;
/// use ckn_train::Ignore;
/// use ckn_train::image::{BranchRecipe, EncodingRecipe, ImageData, ImageRecipe, ImageTrainConfig, LayerRecipe, train_images};
/// use ckn_vision::Images;
///
/// // Lying and standing stripes.
/// let pixel = |image: usize, at: usize| if image % 2 == 0 { at / 8 } else { at % 8 } * (image + 9) % 5 * 50;
/// let bytes = (0..40 * 64).map(|at| pixel(at / 64, at % 64) as u8).collect();
/// let images = Images::new(bytes, 8, 8, 1)?;
/// let labels: Vec<u32> = (0..40).map(|image| image % 2).collect();
/// let encoding = EncodingRecipe::Nystrom { kernel: DotProductKernel::Exponential { sigma: 0.6 }, epsilon: 1e-3 };
/// let pooling = SpatialPooling::To(2);
/// let layer = LayerRecipe { patch: 3, filters: 8, border: Border::Valid, centred: true, encoding, pooling };
/// let recipe = ImageRecipe { branch: vec![BranchRecipe { input: InputMap::Pixels, layer: vec![layer] }] };
/// let config = ImageTrainConfig { patches: 500, cost: Some(1.0), ..ImageTrainConfig::default() };
/// let data = ImageData { images: &images, labels: &labels, classes: 2 };
/// let fitted = train_images(data, &recipe, &config, &mut Ignore)?;
/// assert_eq!(fitted.machine.machine.classes(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] and [`Error::Images`] for what does not fit; [`Error::NotDifferentiable`] if labels are to train an
/// expansion; [`Error::Interrupted`] if the observer ends the training before there is a model, which there is from the first pass
/// with labels on; those of the layers and of the machine.
pub fn train_images(
    data: ImageData<'_>,
    recipe: &ImageRecipe,
    config: &ImageTrainConfig,
    observer: &mut dyn Observer,
) -> Result<FittedImages, Error> {
    let ImageData { images, labels, classes } = data;
    if labels.len() != images.len() || classes < 2 || images.len() < 2 {
        return Err(Error::Images { images: images.len(), labels: labels.len(), classes });
    }
    if let Some(&label) = labels.iter().find(|&&label| label as usize >= classes) {
        let expected = "below the number of classes";
        return Err(Error::Setting { name: "label", got: f64::from(label), expected });
    }
    config.check()?;
    recipe.check(shape_of(images))?;
    if config.supervised.is_some() && !recipe.is_differentiable() {
        return Err(Error::NotDifferentiable);
    }
    let seed = Seed(config.seed);
    let rows: Vec<u32> = (0..labels.len() as u32).collect();
    let (mut branches, mut epochs, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    let mut fixed_cost = config.cost;
    let mut observer = Interruptible { observer, ended: false };
    let observer = &mut observer;
    for (at, branch) in recipe.branch.iter().enumerate() {
        let maps = branch.input.maps(images)?;
        let mut network = train_layers(&maps, &branch.layer, config, at, observer)?;
        if let Some(supervised) = config.supervised {
            let mut order = rows.clone();
            order.shuffle(&mut seed.stream("held out"));
            let (held_out, training) = order.split_at((rows.len() / HELD_OUT).max(1));
            let cost = match config.cost {
                Some(cost) => cost,
                None => start_cost(&network, &maps, data, training, seed, observer)?,
            };
            let (maps, class_count, config) = (&maps, classes, supervised);
            let lesson = Lesson { maps, classes: labels, class_count, training, held_out, cost, config, seed };
            let taught = lesson.train(network, observer)?;
            (network, epochs) = (taught.network, taught.epochs);
            if taught.ended.is_break() {
                observer.ended = true;
                fixed_cost = Some(cost);
            }
        }
        let (features, scaling) = scaled(&network, &maps, observer)?;
        branches.push(Branch { input: branch.input, network, scaling });
        blocks.push(features);
    }
    let (features, dimension) = side_by_side(blocks, images.len());
    let moments = &FeatureMoments::of(&features, dimension)?;
    let problem =
        SvmProblem { features: &features, dimension, classes: labels, class_count: classes, rows: &rows, moments };
    let (cost, trials, machine) = match fixed_cost {
        Some(cost) => {
            let start = ckn_core::svm::Svm::zeros(classes, dimension);
            (cost, Vec::new(), fit(problem, cost, &start)?)
        }
        None => {
            let choice = choose(problem, &Parts::of(&rows, seed), observer)?;
            let machine = choice.fit(problem)?;
            (choice.cost, choice.trials, machine)
        }
    };
    // Nothing is left to end.
    let _ = observer.observe(ImageEvent::Fitted { cost, converged: machine.converged }.into());
    let interrupted = observer.ended;
    Ok(FittedImages { branches, machine, cost, trials, epochs, interrupted })
}

/// An observer that is told everything, and heeded until it ends the passes: what follows makes a model of the best of them.
struct Interruptible<'o> {
    observer: &'o mut dyn Observer,
    ended: bool,
}

impl Observer for Interruptible<'_> {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        let asked = self.observer.observe(event);
        if self.ended { ControlFlow::Continue(()) } else { asked }
    }
}

/// The penalty that is best at the start, on the part that is learned from.
fn start_cost(
    network: &ImageNetwork<f32>,
    maps: &impl Maps,
    data: ImageData<'_>,
    training: &[u32],
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<f64, Error> {
    let (features, _) = scaled(network, maps, observer)?;
    let (dimension, class_count) = (network.output().size(), data.classes);
    let moments = &FeatureMoments::of(&features, dimension)?;
    let problem =
        SvmProblem { features: &features, dimension, classes: data.labels, class_count, rows: training, moments };
    Ok(choose(problem, &Parts::of(training, seed), observer)?.cost)
}

/// Scaled embeddings of all maps, and their scaling.
fn scaled(
    network: &ImageNetwork<f32>,
    maps: &impl Maps,
    observer: &mut dyn Observer,
) -> Result<(Vec<f32>, LearnedScaling), Error> {
    let mut features = embed(network, maps, observer)?;
    let scaling = LearnedScaling::of(&features, network.output().size());
    scaling.apply(&mut features);
    Ok((features, scaling))
}

/// Embeddings of all maps, in blocks with an event after each.
pub(super) fn embed(
    network: &ImageNetwork<f32>,
    maps: &impl Maps,
    observer: &mut dyn Observer,
) -> Result<Vec<f32>, Error> {
    let (dimension, of) = (network.output().size(), maps.len());
    let mut features = vec![0.0; of * dimension];
    let indices: Vec<usize> = (0..of).collect();
    let mut report = |done| match observer.observe(ImageEvent::Embedded { done, of }.into()) {
        ControlFlow::Break(()) => Err(Error::Interrupted),
        ControlFlow::Continue(()) => Ok(()),
    };
    report(0)?;
    for (indices, block) in indices.chunks(BLOCK).zip(features.chunks_mut(BLOCK * dimension)) {
        network.embed(maps, indices, block)?;
        report(indices.last().map_or(0, |last| last + 1))?;
    }
    Ok(features)
}

/// Embeddings of several networks as one row an image.
fn side_by_side(mut blocks: Vec<Vec<f32>>, images: usize) -> (Vec<f32>, usize) {
    let dimension = blocks.iter().map(|block| block.len() / images).sum();
    if blocks.len() == 1 {
        return (blocks.swap_remove(0), dimension);
    }
    let mut features = vec![0.0; images * dimension];
    let mut first = 0;
    for block in blocks {
        let size = block.len() / images;
        for (row, from) in features.chunks_exact_mut(dimension).zip(block.chunks_exact(size)) {
            row[first..first + size].copy_from_slice(from);
        }
        first += size;
    }
    (features, dimension)
}
