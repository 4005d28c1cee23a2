//! Networks of any depth: golden embeddings, finite differences, and the layer of one depth that has its own code.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{CheckedConfig, LayerConfig, NetworkConfig, Prepared};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::sequence::{KmerIndex, PullBackBuffers, SequenceLayer};
use ckn_core::stack::{PassBuffers, Stack};
use ckn_core::whitening::Regularisation;
use ckn_core::{Error, LetterTable, TokenView};

const POOLINGS: [Pooling; 4] = [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp];
const STRANDS: [Strands; 3] = [Strands::Forward, Strands::Max, Strands::Mean];
const BORDERS: [Border; 2] = [Border::Valid, Border::Same];

/// A, C, G, T and N.
fn nucleotides() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

/// Numbers from −1 to 1 that look random.
fn scattered(count: usize, salt: f64) -> Vec<f64> {
    (0..count).map(|at| ((at as f64 + salt) * 12.9898).sin()).collect()
}

fn unit_rows(mut values: Vec<f64>, size: usize) -> Vec<f64> {
    for row in values.chunks_exact_mut(size) {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
    }
    values
}

fn config(depth: usize, kernel: DotProductKernel, pooling: Pooling, strands: Strands, border: Border) -> CheckedConfig {
    let layer = |filters, width, subsampling| LayerConfig { filters, width, kernel, subsampling };
    let mut layers = [layer(5, 4, 2), layer(3, 3, 1), layer(4, 2, 1)][..depth].to_vec();
    layers[depth - 1].subsampling = 1;
    let regularisation = Regularisation::Shift { epsilon: 1e-3 };
    NetworkConfig {
        letters: 4,
        layers,
        pooling,
        strands,
        border,
        regularisation,
        ..NetworkConfig::of_one_layer(4, 1, 1)
    }
    .check()
    .unwrap()
}

fn anchors(config: &CheckedConfig) -> Vec<Vec<f64>> {
    let mut channels = 4;
    let mut anchors = Vec::new();
    for (number, layer) in config.layers.iter().enumerate() {
        let size = channels * layer.width;
        anchors.push(unit_rows(scattered(layer.filters * size, number as f64), size));
        channels = layer.filters;
    }
    anchors
}

const TOKENS: [u8; 34] =
    [0, 1, 2, 3, 0, 0, 1, 4, 2, 3, 1, 3, 0, 3, 3, 1, 0, 2, 2, 1, 0, 3, 1, 2, 0, 1, 1, 3, 2, 0, 1, 2, 1, 1];
const OFFSETS: [usize; 4] = [0, 13, 23, 34];

#[test]
fn poolings_and_strands_are_golden() {
    let text = include_str!("../../../reference/golden/pooling.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let anchors = numbers(&golden["anchors"]);
    let (mut tokens, mut offsets) = (Vec::new(), vec![0]);
    for sequence in golden["sequences"].as_array().unwrap() {
        tokens.extend(sequence.as_str().unwrap().bytes().map(|letter| "ACGTN".find(letter as char).unwrap() as u8));
        offsets.push(tokens.len());
    }
    let table = nucleotides();
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let width = golden["width"].as_u64().unwrap() as usize;
    for case in golden["cases"].as_array().unwrap() {
        let pooling = serde_json::from_value(case["pooling"].clone()).unwrap();
        let border = serde_json::from_value(case["border"].clone()).unwrap();
        let kernel = DotProductKernel::Exponential { sigma: golden["sigma"].as_f64().unwrap() };
        let config = NetworkConfig {
            letters: 4,
            layers: vec![LayerConfig { filters: 3, width, kernel, subsampling: 1 }],
            pooling,
            strands: Strands::Mean,
            border,
            regularisation: Regularisation::Shift { epsilon: golden["epsilon"].as_f64().unwrap() },
            ..NetworkConfig::of_one_layer(4, 1, 1)
        };
        let stack = Stack::<f64>::new(&[&anchors], &config.check().unwrap(), &table).unwrap();
        let index = KmerIndex::new(view, width, border).unwrap();
        let mut embeddings = vec![0.0; 3 * stack.row()];
        stack.embed(&index, &[0, 1, 2], &mut embeddings).unwrap();
        let expected = case["embeddings"].as_array().unwrap().iter().flat_map(numbers);
        for (got, want) in embeddings.iter().zip(expected) {
            assert!((got - want).abs() < 1e-10 * (1.0 + want.abs()), "{pooling:?} {border:?}: {got} {want}");
        }
    }
}

#[test]
fn gradients_equal_central_differences_for_every_combination() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let records = [2, 0, 1];
    for depth in 1..=3 {
        for (pooling, strands, border) in combinations() {
            let at = |sigma: f64| config(depth, DotProductKernel::Exponential { sigma }, pooling, strands, border);
            let index = KmerIndex::new(view, 4, border).unwrap();
            let weights = scattered(3 * strands.count() * at(0.6).layers[depth - 1].filters, 5.0);
            let value = |anchors: &[Vec<f64>], config: CheckedConfig| -> f64 {
                let anchors: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
                let stack = Stack::<f64>::new(&anchors, &config, &table).unwrap();
                let mut embeddings = vec![0.0; records.len() * stack.row()];
                stack.embed(&index, &records, &mut embeddings).unwrap();
                embeddings.iter().zip(&weights).map(|(a, b)| a * b).sum()
            };
            let start = anchors(&at(0.6));
            let slices: Vec<&[f64]> = start.iter().map(Vec::as_slice).collect();
            let stack = Stack::<f64>::new(&slices, &at(0.6), &table).unwrap();
            let row = stack.row();
            let gradient = stack
                .pass(
                    &index,
                    &records,
                    |range, _, gradient| gradient.copy_from_slice(&weights[range.start * row..range.end * row]),
                    &mut PassBuffers::default(),
                )
                .unwrap();
            let place = format!("depth {depth}, {pooling:?}, {strands:?}, {border:?}");
            for layer in 0..depth {
                let size = start[layer].len() / at(0.6).layers[layer].filters;
                for k in [0, 7, start[layer].len() - 1] {
                    let moved = |step: f64| {
                        let mut moved = start.clone();
                        moved[layer][k] += step;
                        moved[layer] = unit_rows(moved[layer].clone(), size);
                        value(&moved, at(0.6))
                    };
                    let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    // Along the sphere: the entry less its share of the radial part.
                    let row = k / size * size..(k / size + 1) * size;
                    let radial: f64 =
                        start[layer][row.clone()].iter().zip(&gradient.anchors[layer][row]).map(|(z, g)| z * g).sum();
                    let got = gradient.anchors[layer][k] - radial * start[layer][k];
                    assert!((got - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{place}, layer {layer}: {got} {slope}");
                }
            }
            let slope = (value(&start, at(0.6 + 1e-6)) - value(&start, at(0.6 - 1e-6))) / 2e-6;
            let got = gradient.sigma.iter().sum::<f64>();
            assert!((got - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{place}, sigma: {got} {slope}");
        }
    }
}

#[test]
fn a_stack_of_one_layer_is_the_sequence_layer() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for kernel in [DotProductKernel::Exponential { sigma: 0.5 }, DotProductKernel::Polynomial { degree: 3 }] {
        for (pooling, strands, border) in combinations().into_iter().filter(|combination| combination.0 != Pooling::Gmp)
        {
            let config = config(1, kernel, pooling, strands, border);
            let anchors = anchors(&config);
            let index = KmerIndex::new(view, 4, border).unwrap();
            let layer = SequenceLayer::<f64>::new(&anchors[0], &config, &table).unwrap();
            let stack = Stack::<f64>::new(&[&anchors[0]], &config, &table).unwrap();
            let weights = scattered(3 * stack.row(), 1.0);
            let forward = layer.forward(&index, &[0, 1, 2]);
            let mut embeddings = vec![0.0; 3 * stack.row()];
            stack.embed(&index, &[0, 1, 2], &mut embeddings).unwrap();
            let close = |left: &[f64], right: &[f64]| {
                assert_eq!(left.len(), right.len());
                for (a, b) in left.iter().zip(right) {
                    assert!((a - b).abs() < 1e-11 * (1.0 + a.abs()), "{pooling:?} {strands:?} {border:?}: {a} {b}");
                }
            };
            close(&forward.embeddings, &embeddings);
            let buffers = &mut PullBackBuffers::default();
            let by_layer = layer.pull_back(&index, &[0, 1, 2], &forward, &weights, buffers).unwrap();
            let row = stack.row();
            let upstream = |range: std::ops::Range<usize>, _: &[f64], gradient: &mut [f64]| {
                gradient.copy_from_slice(&weights[range.start * row..range.end * row]);
            };
            let by_stack = stack.pass(&index, &[0, 1, 2], upstream, &mut PassBuffers::default()).unwrap();
            close(&by_layer.anchors[0], &by_stack.anchors[0]);
            close(&by_layer.sigma, &by_stack.sigma);
        }
    }
}

#[test]
fn the_sequence_layer_refuses_what_tables_do_not_give() {
    let config = config(1, DotProductKernel::Linear, Pooling::Gmp, Strands::Forward, Border::Valid);
    let refused = SequenceLayer::<f64>::new(&anchors(&config)[0], &config, &nucleotides()).unwrap_err();
    assert_eq!(refused, Error::WholeMap { pooling: Pooling::Gmp });
    let gaps = NetworkConfig { gap_decay: 0.3, ..NetworkConfig::of_one_layer(4, 5, 4) }.check().unwrap();
    let refused = SequenceLayer::<f64>::new(&unit_rows(scattered(80, 0.0), 16), &gaps, &nucleotides()).unwrap_err();
    assert!(refused.to_string().contains("gap decay"), "{refused}");
}

#[test]
fn other_anchors_and_used_buffers_change_nothing() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let kernel = DotProductKernel::Exponential { sigma: 0.5 };
    let config = config(2, kernel, Pooling::Gmp, Strands::Max, Border::Same);
    let index = KmerIndex::new(view, 4, Border::Same).unwrap();
    let anchors = anchors(&config);
    let slices: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
    let fresh = Stack::<f32>::new(&slices, &config, &table).unwrap();
    // Not their negatives, which have the same Gram matrix.
    let others: Vec<Vec<f64>> = (anchors.iter().zip(&config.layers))
        .map(|(values, layer)| unit_rows(scattered(values.len(), 99.0), values.len() / layer.filters))
        .collect();
    let other_slices: Vec<&[f64]> = others.iter().map(Vec::as_slice).collect();
    let mut used = Stack::<f32>::new(&other_slices, &config, &table).unwrap();
    let upstream = |_: std::ops::Range<usize>, embedding: &[f32], gradient: &mut [f32]| {
        gradient.copy_from_slice(embedding);
    };
    let mut buffers = PassBuffers::default();
    used.pass(&index, &[0, 1, 2], upstream, &mut buffers).unwrap();
    used.set_anchors(&slices).unwrap();
    let again = used.pass(&index, &[0, 1, 2], upstream, &mut buffers).unwrap();
    assert_eq!(again, fresh.pass(&index, &[0, 1, 2], upstream, &mut PassBuffers::default()).unwrap());
}

#[test]
fn a_network_that_refused_anchors_computes_the_earlier_ones_again() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for (depth, pooling) in [(1, Pooling::Mean), (1, Pooling::Max), (1, Pooling::Gmp), (2, Pooling::Max)] {
        let kernel = DotProductKernel::Exponential { sigma: 0.5 };
        let config = config(depth, kernel, pooling, Strands::Max, Border::Valid);
        let (anchors, index) = (anchors(&config), config.index(view).unwrap());
        let mut broken = anchors.clone();
        // No root: the eigendecomposition refuses what is not finite.
        broken[depth - 1][0] = f64::NAN;
        let good: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
        let bad: Vec<&[f64]> = broken.iter().map(Vec::as_slice).collect();
        let embed = |prepared: &Prepared<f64>| {
            let mut embeddings = vec![0.0; 3 * prepared.row()];
            prepared.embed(&index, &[0, 1, 2], &mut embeddings).unwrap();
            embeddings
        };
        let mut prepared = Prepared::<f64>::new(&config, &good, &table).unwrap();
        let before = embed(&prepared);
        for _ in 0..2 {
            assert!(prepared.update(&config, &bad).is_err(), "{depth} {pooling:?}");
        }
        prepared.update(&config, &good).unwrap();
        assert_eq!(embed(&prepared), before, "{depth} {pooling:?}");
    }
}

fn combinations() -> Vec<(Pooling, Strands, Border)> {
    let mut combinations = Vec::new();
    for pooling in POOLINGS {
        for strands in STRANDS {
            combinations.extend(BORDERS.map(|border| (pooling, strands, border)));
        }
    }
    combinations
}
