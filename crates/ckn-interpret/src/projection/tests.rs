//! Projections on sets of motifs.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, Network, NetworkConfig};
use rand::RngExt;

use super::descent::{Stop, descend};
use super::objective::{Distance, Evaluation, Objective};
use super::*;

const SIGMA: f64 = 0.3;

fn network(anchors: &[f32], filters: usize, width: usize, kernel: DotProductKernel) -> Network {
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-12 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    Network::new(config.check().unwrap(), vec![anchors.to_vec()]).unwrap()
}

/// Anchors between words, matrices and noise: `[filters, letters, width]`.
fn mixed(filters: usize, width: usize, seed: u64) -> Vec<f32> {
    let mut random = Seed(seed).stream("test");
    let mut anchors = vec![0f32; filters * 4 * width];
    for (number, anchor) in anchors.chunks_exact_mut(4 * width).enumerate() {
        for position in 0..width {
            anchor[random.random_range(0..4) * width + position] += 1.0;
        }
        let noise = [0.05, 0.4, 1.0][number % 3];
        anchor.iter_mut().for_each(|value| *value += noise * random.random_range(-0.5..0.5f32));
    }
    anchors
}

/// The same anchors, of letters that have something in common.
fn with_similarity(network: &Network) -> Network {
    let alike = vec![1.0, 0.1, 0.6, 0.2, 0.1, 1.0, 0.2, 0.5, 0.6, 0.2, 1.0, 0.1, 0.2, 0.5, 0.1, 1.0];
    let config = NetworkConfig { letter_similarity: alike, ..(**network.config()).clone() };
    Network::new(config.check().unwrap(), vec![network.layers()[0].anchors().to_vec()]).unwrap()
}

/// The best of many descents from random matrices.
fn best_of_restarts(network: &Network, anchor: usize, restarts: usize) -> f64 {
    let layer = &network.layers()[0];
    let (filters, size) = (layer.filters(), layer.patch_size());
    let anchors = by_position(layer.anchors(), 4, layer.width());
    let metric = square(network.inverse_root(0).unwrap().matrix(), filters);
    let gram = ckn_core::kernel::gram(&anchors, filters, &layer.kernel()).unwrap();
    let target = &gram[anchor * filters..(anchor + 1) * filters];
    let (kernel, distance) = (layer.kernel(), Distance::Normalised);
    let objective = Objective { kernel, distance, products: &anchors, similarity: &[], metric: &metric, target };
    let mut random = Seed(9).stream_at("restarts", anchor as u64);
    let descents = (0..restarts).map(|_| {
        let mut start: Vec<f64> = (0..size).map(|_| random.random::<f64>().powi(4)).collect();
        for column in start.chunks_exact_mut(4) {
            let total: f64 = column.iter().sum();
            column.iter_mut().for_each(|value| *value /= total);
        }
        descend(&objective, start, 4, Stop { iterations: 300, tolerance: 1e-7 }).value
    });
    descents.fold(f64::INFINITY, f64::min)
}

#[test]
fn gradients_equal_central_differences() {
    for kernel in [DotProductKernel::Exponential { sigma: 0.5 }, DotProductKernel::Polynomial { degree: 3 }] {
        let plain = network(&mixed(5, 4, 1), 5, 4, kernel);
        let similar = with_similarity(&plain);
        for network in [&plain, &similar] {
            let similarity = &network.config().letter_similarity[..];
            let anchors = by_position(network.layers()[0].anchors(), 4, 4);
            let products = by_position(&network.letter_products().unwrap(), 4, 4);
            let metric = square(network.inverse_root(0).unwrap().matrix(), 5);
            let gram = ckn_core::kernel::gram(&anchors, 5, &kernel).unwrap();
            for distance in [Distance::Normalised, Distance::Literal] {
                let objective = Objective {
                    kernel,
                    distance,
                    products: &products,
                    similarity,
                    metric: &metric,
                    target: &gram[..5],
                };
                let mut random = Seed(3).stream("matrix");
                let matrix: Vec<f64> = (0..16).map(|_| random.random_range(0.05..1.0)).collect();
                let mut evaluation = Evaluation::default();
                objective.value(&matrix, &mut evaluation);
                let mut gradient = vec![0.0; 16];
                objective.gradient(&matrix, &evaluation, &mut gradient);
                for at in 0..16 {
                    let moved = |step: f64| {
                        let mut moved = matrix.clone();
                        moved[at] += step;
                        objective.value(&moved, &mut Evaluation::default())
                    };
                    let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    assert!((gradient[at] - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{kernel:?} {distance:?}");
                }
            }
        }
    }
}

/// Letters of a similarity of rank 2 are rows of its square root: S/√2 where two and two are the same.
#[test]
fn a_word_of_similar_letters_is_found_from_its_point() {
    let word = [0usize, 2, 1, 3, 3, 0];
    let same: Vec<f64> = (0..16).map(|at| f64::from((at / 4) % 2 == (at % 4) % 2)).collect();
    let mut anchor = vec![0f32; 24];
    for (position, letter) in word.iter().enumerate() {
        for (other, entry) in same[4 * letter..4 * letter + 4].iter().enumerate() {
            anchor[other * 6 + position] = *entry as f32;
        }
    }
    let kernel = DotProductKernel::Exponential { sigma: SIGMA };
    let config =
        NetworkConfig { letter_similarity: same.clone(), ..(**network(&anchor, 1, 6, kernel).config()).clone() };
    let network = Network::new(config.check().unwrap(), vec![anchor]).unwrap();
    let found = &project(&network, &ProjectionSettings::default()).unwrap()[0];
    // Any share of two letters that are the same is the same point.
    assert!(found.distance < 1e-6 && found.input_distance < 1e-3, "{found:?}");
    for (column, letter) in found.matrix.chunks_exact(4).zip(word) {
        assert!((column[letter] + column[(letter + 2) % 4] - 1.0).abs() < 1e-3, "{found:?}");
    }
}

/// An anchor along a matrix of sharp columns is at distance 0 from it; by the letter of the paper, (√12 − 1)² = 6.07, farther
/// than the flat matrix.
#[test]
fn a_matrix_is_found_from_its_direction_and_blurred_by_the_letter_of_the_paper() {
    let width = 12;
    let word = [0usize, 2, 1, 3, 3, 0, 1, 1, 2, 0, 3, 2];
    let mut anchor = vec![0f32; 4 * width];
    word.iter().enumerate().for_each(|(position, letter)| anchor[letter * width + position] = 1.0);
    let network = network(&anchor, 1, width, DotProductKernel::Exponential { sigma: SIGMA });
    let anchors = by_position(network.layers()[0].anchors(), 4, width);
    let of = |distance, matrix: &[f64]| {
        let kernel = DotProductKernel::Exponential { sigma: SIGMA };
        let objective =
            Objective { kernel, distance, products: &anchors, similarity: &[], metric: &[1.0], target: &[1.0] };
        objective.value(matrix, &mut Evaluation::default())
    };
    let sharp: Vec<f64> =
        word.iter().flat_map(|&best| (0..4).map(move |a| if a == best { 1.0 } else { 0.0 })).collect();
    assert!(of(Distance::Normalised, &sharp) < 1e-12);
    assert!((of(Distance::Literal, &sharp) - (12f64.sqrt() - 1.0).powi(2)).abs() < 1e-4);
    let flat = (3f64.sqrt() * (-0.5 / (SIGMA * SIGMA)).exp() - 1.0).powi(2);
    assert!((of(Distance::Literal, &[0.25; 48]) - flat).abs() < 1e-6);

    let found = project(&network, &ProjectionSettings::default()).unwrap().remove(0);
    assert!(found.distance < 1e-10 && found.input_distance < 1e-5 && found.converged);
    found.matrix.iter().zip(&sharp).for_each(|(got, want)| assert!((got - want).abs() < 1e-4));

    let settings = ProjectionSettings { distance: Distance::Literal, ..ProjectionSettings::default() };
    let blurred = project(&network, &settings).unwrap().remove(0);
    assert!(blurred.distance < 1e-6);
    assert!(blurred.matrix.chunks_exact(4).any(|column| column.iter().all(|&value| value < 0.9)));
}

#[test]
fn an_anchor_that_no_matrix_resembles_is_far_from_all() {
    // Negative throughout: of all matrices' directions the least bad is at an angle of more than 90 degrees.
    let network = network(&[-1.0; 32], 1, 8, DotProductKernel::Exponential { sigma: SIGMA });
    let found = project(&network, &ProjectionSettings::default()).unwrap().remove(0);
    assert!(found.input_distance > std::f64::consts::SQRT_2 && found.distance > 0.99);
    assert!(found.input_distance > 3.0 * SIGMA);
}

#[test]
fn no_random_restart_goes_further_down() {
    let network = network(&mixed(12, 8, 5), 12, 8, DotProductKernel::Exponential { sigma: SIGMA });
    let found = project(&network, &ProjectionSettings::default()).unwrap();
    for anchor in [0, 1, 2, 7] {
        let best = best_of_restarts(&network, anchor, 250);
        let got = found[anchor].distance;
        assert!(got <= 1.01 * best + 1e-6, "anchor {anchor}: {got}, of restarts {best}");
        let columns = found[anchor].matrix.chunks_exact(4);
        columns.for_each(|column| assert!((column.iter().sum::<f64>() - 1.0).abs() < 1e-9));
    }
}

#[test]
fn the_cone_is_projected_on_as_a_fine_search_finds() {
    // Two positions of two letters: matrices are (a, 1 − a, b, 1 − b), directions a grid of them.
    for anchor in [[0.9, 0.1, -0.2, 0.4], [0.5, -0.5, 0.1, 0.7], [0.3, 0.3, 0.3, -0.9]] {
        let found = closest_in_cone(&anchor, 2);
        let cosine = |matrix: &[f64]| {
            let norm = matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
            matrix.iter().zip(&anchor).map(|(a, b)| a * b).sum::<f64>() / norm
        };
        let got = cosine(&found);
        for i in 0..=300 {
            for j in 0..=300 {
                let (a, b) = (f64::from(i) / 300.0, f64::from(j) / 300.0);
                assert!(cosine(&[a, 1.0 - a, b, 1.0 - b]) <= got + 1e-9, "{anchor:?}");
            }
        }
    }
}
