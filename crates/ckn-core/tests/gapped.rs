//! Layers on gapped patches: golden embeddings, finite differences, strands, and the contiguous layer as a limit.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{CheckedConfig, LayerConfig, NetworkConfig, Prepared, PullBackBuffers};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};

/// A, C, G, T and N.
fn nucleotides() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

fn tokens(sequence: &str) -> Vec<u8> {
    sequence.bytes().map(|letter| "ACGTN".find(letter as char).unwrap() as u8).collect()
}

fn joined(sequences: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let mut offsets = vec![0];
    offsets.extend(sequences.iter().scan(0, |sum, sequence| {
        *sum += sequence.len();
        Some(*sum)
    }));
    (sequences.concat(), offsets)
}

fn config(width: usize, filters: usize, decay: f64, sigma: f64, pooling: Pooling, strands: Strands) -> NetworkConfig {
    let kernel = DotProductKernel::Exponential { sigma };
    NetworkConfig {
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling,
        strands,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        gap_decay: decay,
        ..NetworkConfig::of_one_layer(4, filters, width)
    }
}

/// Numbers from −1 to 1 that look random, as rows of unit norm.
fn unit_rows(rows: usize, size: usize, salt: f64) -> Vec<f64> {
    let mut values: Vec<f64> = (0..rows * size).map(|at| ((at as f64 + salt) * 12.9898).sin()).collect();
    normalise(&mut values, size);
    values
}

fn normalise(values: &mut [f64], size: usize) {
    for row in values.chunks_exact_mut(size) {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
    }
}

fn embeddings(config: &CheckedConfig, anchors: &[&[f64]], sequences: &[Vec<u8>]) -> Vec<f64> {
    let (table, (tokens, offsets)) = (nucleotides(), joined(sequences));
    let prepared = Prepared::<f64>::new(config, anchors, &table).unwrap();
    let index = config.index(TokenView::new(&tokens, &offsets, &table).unwrap()).unwrap();
    let records: Vec<usize> = (0..sequences.len()).collect();
    let mut out = vec![0.0; records.len() * prepared.row()];
    prepared.embed(&index, &records, &mut out).unwrap();
    out
}

fn assert_close(got: &[f64], want: &[f64], tolerance: f64, place: &str) {
    assert_eq!(got.len(), want.len(), "{place}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < tolerance * (1.0 + want.abs()), "{place}: {got} {want}");
    }
}

#[test]
fn embeddings_are_golden() {
    let text = include_str!("../../../reference/golden/gapped.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let anchors = numbers(&golden["anchors"]);
    let sequences: Vec<String> = serde_json::from_value(golden["sequences"].clone()).unwrap();
    let sequences: Vec<Vec<u8>> = sequences.iter().map(|sequence| tokens(sequence)).collect();
    for case in golden["cases"].as_array().unwrap() {
        let pooling: Pooling = serde_json::from_value(case["pooling"].clone()).unwrap();
        let (decay, sigma) = (case["decay"].as_f64().unwrap(), golden["sigma"].as_f64().unwrap());
        let config = config(4, 3, decay, sigma, pooling, Strands::Mean).check().unwrap();
        let want: Vec<f64> = case["embeddings"].as_array().unwrap().iter().flat_map(numbers).collect();
        assert_close(&embeddings(&config, &[&anchors], &sequences), &want, 1e-10, &format!("{pooling:?} {decay}"));
    }
}

#[test]
fn gradients_equal_central_differences() {
    let sequences = [tokens("ACGTTGCANGTACCA"), tokens("GGGATTTTACCA"), tokens("TACGA")];
    let (table, (letters, offsets)) = (nucleotides(), joined(&sequences));
    let view = TokenView::new(&letters, &offsets, &table).unwrap();
    for (width, depth) in [(4, 1), (1, 1), (3, 2)] {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
            for strands in [Strands::Forward, Strands::Mean] {
                let at = |sigma: f64| {
                    let mut config = config(width, 18, 0.4, sigma, pooling, strands);
                    let second = LayerConfig { filters: 3, width: 2, ..config.layers[0] };
                    config.layers.extend([second; 1].iter().take(depth - 1));
                    config.check().unwrap()
                };
                let mut start = vec![unit_rows(18, 4 * width, 0.0), unit_rows(3, 36, 1.0)];
                start.truncate(depth);
                let dimension = strands.count() * at(0.7).dimension();
                let weights = unit_rows(3, dimension, 5.0);
                let value = |anchors: &[Vec<f64>], config: &CheckedConfig| -> f64 {
                    let anchors: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
                    embeddings(config, &anchors, &sequences).iter().zip(&weights).map(|(a, b)| a * b).sum()
                };
                let slices: Vec<&[f64]> = start.iter().map(Vec::as_slice).collect();
                let config = at(0.7);
                let prepared = Prepared::<f64>::new(&config, &slices, &table).unwrap();
                let upstream = |range: std::ops::Range<usize>, _: &[f64], gradient: &mut [f64]| {
                    gradient.copy_from_slice(&weights[range.start * dimension..range.end * dimension]);
                };
                let index = config.index(view).unwrap();
                let gradient =
                    prepared.pull_back(&index, &[0, 1, 2], upstream, &mut PullBackBuffers::default()).unwrap();
                let place = format!("width {width}, depth {depth}, {pooling:?}, {strands:?}");
                for layer in 0..depth {
                    let size = [4 * width, 36][layer];
                    for k in [0, size / 2, start[layer].len() - 1] {
                        let moved = |step: f64| {
                            let mut moved = start.clone();
                            moved[layer][k] += step;
                            normalise(&mut moved[layer], size);
                            value(&moved, &config)
                        };
                        let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                        // Along the sphere: the entry less its share of the radial part.
                        let row = k / size * size..(k / size + 1) * size;
                        let pairs = start[layer][row.clone()].iter().zip(&gradient.anchors[layer][row]);
                        let radial: f64 = pairs.map(|(z, g)| z * g).sum();
                        let got = gradient.anchors[layer][k] - radial * start[layer][k];
                        assert_close(&[got], &[slope], 1e-6, &format!("{place}, layer {layer}"));
                    }
                }
                let slope = (value(&start, &at(0.7 + 1e-6)) - value(&start, &at(0.7 - 1e-6))) / 2e-6;
                assert_close(&[gradient.sigma.iter().sum()], &[slope], 1e-6, &format!("{place}, sigma"));
            }
        }
    }
}

#[test]
fn a_decay_that_vanishes_is_the_contiguous_layer() {
    let sequences = [tokens("ACGTTGCACGTACCA"), tokens("GGGATTTTACCA"), tokens("TTTTT")];
    for pooling in [Pooling::Mean, Pooling::Max, Pooling::Gmp] {
        let anchors = unit_rows(20, 20, 2.0);
        let of = |decay| {
            let config = config(5, 20, decay, 0.5, pooling, Strands::Max).check().unwrap();
            embeddings(&config, &[&anchors], &sequences)
        };
        assert_close(&of(1e-13), &of(0.0), 1e-9, &format!("{pooling:?}"));
    }
}

#[test]
fn an_unknown_letter_makes_a_patch_smaller_by_its_norm() {
    // One anchor, A: κ of N, whose direction is ½ A + …, is exp((½ − 1)/σ²), and its norm ½.
    let one = config(1, 1, 0.5, 0.8, Pooling::Sum, Strands::Forward);
    let one = NetworkConfig { regularisation: Regularisation::Shift { epsilon: 1e-12 }, ..one }.check().unwrap();
    let got = embeddings(&one, &[&[1.0, 0.0, 0.0, 0.0]], &[tokens("N"), tokens("A")]);
    assert_close(&got, &[0.5 * (-0.5f64 / 0.64).exp(), 1.0], 1e-9, "N and A");
    // Two letters, one of them unknown, far from the beginning of nothing: √2 (1 − λ) · ½ · κ.
    let two = config(2, 1, 0.5, 0.8, Pooling::Sum, Strands::Forward);
    let two = NetworkConfig { regularisation: Regularisation::Shift { epsilon: 1e-12 }, ..two }.check().unwrap();
    let side = 0.5f64.sqrt();
    let anchor = [side, side, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let want = 2f64.sqrt() * 0.5 * 0.5 * (-0.25f64 / 0.64).exp();
    assert_close(&embeddings(&two, &[&anchor], &[tokens("AN")]), &[want], 1e-9, "AN");
}

#[test]
fn strands_change_places_under_the_reverse_complement() {
    let table = nucleotides();
    let sequence = tokens("ACGTTGCANGTACCA");
    let reverse: Vec<u8> = table.reverse_complement(&sequence).unwrap().collect();
    for pooling in [Pooling::Mean, Pooling::Max] {
        let config = config(4, 5, 0.6, 0.5, pooling, Strands::Max).check().unwrap();
        let out = embeddings(&config, &[&unit_rows(5, 16, 3.0)], &[sequence.clone(), reverse.clone()]);
        assert_close(&out[..5], &out[15..], 1e-12, "forward and reverse");
        assert_close(&out[5..10], &out[10..15], 1e-12, "reverse and forward");
    }
}

#[test]
fn settings_that_gapped_patches_do_not_have_are_refused() {
    let refused = |change: fn(&mut NetworkConfig)| {
        let mut config = config(4, 5, 0.5, 0.3, Pooling::Max, Strands::Forward);
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert!(refused(|config| config.gap_decay = 1.0).contains("at most 0.999"));
    assert!(refused(|config| config.gap_decay = f64::NAN).contains("at most 0.999"));
    assert!(refused(|config| config.border = Border::Same).contains("ends of a sequence"));
    assert!(refused(|config| config.layers[0].kernel = DotProductKernel::Linear).contains("not exponential"));
}
