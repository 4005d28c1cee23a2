//! Training on images: what is learned, that it repeats, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it stands")]

use std::ops::ControlFlow;

use ckn_core::image::{MapShape, SpatialPooling};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::Border;
use ckn_core::seed::Seed;
use ckn_core::svm::Svm;
use ckn_model::image::{ImageCard, ImageModel, InputMap, shape_of};
use ckn_train::image::{
    Augmentation, BranchRecipe, EncodingRecipe, FittedImages, ImageData, ImageRecipe, ImageTrainConfig, LayerRecipe,
    Optimiser, SupervisedConfig, train_images,
};
use ckn_train::{Error, Event};
use ckn_vision::Images;
use rand::RngExt;

const SIDE: usize = 12;

/// Bars in noise: lying, standing, or oblique, at any place.
fn bars(count: usize, seed: u64) -> (Images, Vec<u32>) {
    let mut random = Seed(seed).stream("bars");
    let (mut bytes, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let class = random.random_range(0..3u32);
        let (y0, x0) = (random.random_range(2..SIDE - 2), random.random_range(2..SIDE - 2));
        let mut image: Vec<u8> = (0..SIDE * SIDE).map(|_| random.random_range(0..60)).collect();
        for step in -2i64..=2 {
            let (dy, dx) = [(0, step), (step, 0), (step, step)][class as usize];
            let (y, x) = ((y0 as i64 + dy) as usize, (x0 as i64 + dx) as usize);
            image[y * SIDE + x] = 255;
        }
        bytes.extend(image);
        labels.push(class);
    }
    (Images::new(bytes, SIDE, SIDE, 1).unwrap(), labels)
}

fn layer(patch: usize, filters: usize, encoding: EncodingRecipe, pooling: SpatialPooling) -> LayerRecipe {
    LayerRecipe { patch, filters, border: Border::Valid, centred: false, encoding, pooling }
}

fn nystrom() -> EncodingRecipe {
    EncodingRecipe::Nystrom { kernel: DotProductKernel::Exponential { sigma: 0.6 }, epsilon: 1e-3 }
}

fn expansion() -> EncodingRecipe {
    EncodingRecipe::Expansion { sigma: None, random_start: false }
}

fn recipe(input: InputMap, layer: Vec<LayerRecipe>) -> ImageRecipe {
    ImageRecipe { branch: vec![BranchRecipe { input, layer }] }
}

fn quick() -> ImageTrainConfig {
    ImageTrainConfig { patches: 4000, kmeans_iterations: 20, expansion_iterations: 60, ..ImageTrainConfig::default() }
}

fn train(images: &Images, labels: &[u32], recipe: &ImageRecipe, config: &ImageTrainConfig) -> FittedImages {
    let data = ImageData { images, labels, classes: 3 };
    train_images(data, recipe, config, &mut |_: Event<'_>| ControlFlow::Continue(())).unwrap()
}

fn error_of(fitted: &FittedImages, images: &Images, labels: &[u32]) -> f64 {
    let card = ImageCard {
        seed: 0,
        images: images.len(),
        data: Default::default(),
        training: Default::default(),
        measured: Default::default(),
    };
    let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
    let machine = fitted.machine.machine.clone();
    let model = ImageModel::new(shape_of(images), fitted.branches.clone(), machine, classes, card).unwrap();
    let scores = model.scores(images).unwrap();
    let wrong = scores.chunks_exact(3).zip(labels).filter(|(scores, label)| Svm::largest(scores) != **label).count();
    wrong as f64 / labels.len() as f64
}

#[test]
fn networks_of_both_kinds_and_side_by_side_learn_bars() {
    let ((images, labels), (test, test_labels)) = (bars(400, 1), bars(300, 2));
    let orientations = layer(1, 12, EncodingRecipe::Orientations, SpatialPooling::By(2.0));
    let gradient = vec![orientations, layer(2, 16, expansion(), SpatialPooling::To(2))];
    let pixels = vec![layer(3, 16, expansion(), SpatialPooling::To(3))];
    let points = vec![layer(3, 16, nystrom(), SpatialPooling::By(2.0)), layer(2, 16, nystrom(), SpatialPooling::To(2))];
    let mut both = recipe(InputMap::Gradient, gradient.clone());
    both.branch.push(BranchRecipe { input: InputMap::Pixels, layer: pixels.clone() });
    for (name, recipe) in [
        ("gradient", recipe(InputMap::Gradient, gradient)),
        ("patches", recipe(InputMap::Pixels, pixels)),
        ("anchor points", recipe(InputMap::Pixels, points)),
        ("both", both),
    ] {
        let fitted = train(&images, &labels, &recipe, &quick());
        let error = error_of(&fitted, &test, &test_labels);
        assert!(error < 0.06, "{name}: {error}");
        let chosen = fitted.trials.iter().find(|trial| trial.cost == fitted.cost).unwrap();
        assert!(fitted.trials.iter().all(|trial| trial.error >= chosen.error), "{name}");
    }
}

#[test]
fn labels_lower_the_objective_and_equal_seeds_repeat() {
    let ((images, labels), (test, test_labels)) = (bars(500, 3), bars(400, 4));
    // Few anchors, so that placing them matters.
    let layers = vec![layer(3, 4, nystrom(), SpatialPooling::By(2.0)), layer(2, 6, nystrom(), SpatialPooling::To(1))];
    let recipe = recipe(InputMap::Pixels, layers);
    let unsupervised = train(&images, &labels, &recipe, &quick());
    for optimiser in [Optimiser::Adam, Optimiser::Sgd] {
        let supervised = SupervisedConfig {
            epochs: 8,
            batch: 32,
            optimiser,
            learning_rate: if optimiser == Optimiser::Adam { 0.01 } else { 0.05 },
            patience: 8,
            ..SupervisedConfig::default()
        };
        let config = ImageTrainConfig { supervised: Some(supervised), ..quick() };
        let fitted = train(&images, &labels, &recipe, &config);
        let (first, last) = (fitted.epochs[0], fitted.epochs[fitted.epochs.len() - 1]);
        assert!(last.training_objective < 0.8 * first.training_objective, "{optimiser:?} {first:?} {last:?}");
        let (before, after) = (error_of(&unsupervised, &test, &test_labels), error_of(&fitted, &test, &test_labels));
        assert!(after < before, "{optimiser:?}: {before} {after}");
        let again = train(&images, &labels, &recipe, &config);
        assert_eq!(again.machine, fitted.machine);
        assert_eq!(again.epochs, fitted.epochs);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (images, labels) = bars(300, 5);
    let recipe = recipe(InputMap::Pixels, vec![layer(3, 5, nystrom(), SpatialPooling::To(2))]);
    let augmentation = Augmentation { shift: 1, flip: false };
    let supervised = SupervisedConfig { epochs: 2, batch: 50, augmentation, ..SupervisedConfig::default() };
    let config = ImageTrainConfig { supervised: Some(supervised), ..quick() };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train(&images, &labels, &recipe, &config))
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.machine, three.machine);
    assert_eq!(one.branches[0].network.parameters(), three.branches[0].network.parameters());
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let (images, labels) = bars(50, 6);
    let attempt = |images: &Images, labels: &[u32], recipe: &ImageRecipe, config: &ImageTrainConfig| {
        let data = ImageData { images, labels, classes: 3 };
        train_images(data, recipe, config, &mut |_: Event<'_>| ControlFlow::Continue(())).unwrap_err()
    };
    let simple = recipe(InputMap::Pixels, vec![layer(3, 4, nystrom(), SpatialPooling::To(1))]);
    assert!(matches!(attempt(&images, &labels[1..], &simple, &quick()), Error::Images { images: 50, labels: 49, .. }));
    let mut wrong = labels.clone();
    wrong[7] = 3;
    assert!(matches!(attempt(&images, &wrong, &simple, &quick()), Error::Setting { name: "label", .. }));
    let large = recipe(InputMap::Pixels, vec![layer(13, 4, nystrom(), SpatialPooling::None)]);
    let MapShape { height, width, .. } = shape_of(&images);
    let refused = attempt(&images, &labels, &large, &quick()).to_string();
    assert_eq!(refused, format!("patches of 13 x 13 do not fit into a map of {height} x {width}"));
    let expanding = recipe(InputMap::Pixels, vec![layer(3, 4, expansion(), SpatialPooling::To(1))]);
    let config = ImageTrainConfig { supervised: Some(SupervisedConfig::default()), ..quick() };
    assert!(matches!(attempt(&images, &labels, &expanding, &config), Error::NotDifferentiable));
    let blank = Images::new(vec![0; 50 * SIDE * SIDE], SIDE, SIDE, 1).unwrap();
    let refused = attempt(&blank, &labels, &simple, &quick()).to_string();
    assert!(refused.contains("are the images blank"), "{refused}");
    let data = ImageData { images: &images, labels: &labels, classes: 3 };
    let stopped = train_images(data, &simple, &quick(), &mut |_: Event<'_>| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(Error::Interrupted)));
}
