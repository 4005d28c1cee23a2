//! Networks on a few short sequences: embeddings, and gradients against finite differences.

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{CheckedConfig, NetworkConfig, Prepared, PullBackBuffers};
use ckn_core::{LetterTable, TokenView};

/// A, C, G, T and N.
pub(crate) fn nucleotides() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

pub(crate) fn tokens(sequence: &str) -> Vec<u8> {
    sequence.bytes().map(|letter| "ACGTN".find(letter as char).unwrap() as u8).collect()
}

pub(crate) fn joined(sequences: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let mut offsets = vec![0];
    offsets.extend(sequences.iter().scan(0, |sum, sequence| {
        *sum += sequence.len();
        Some(*sum)
    }));
    (sequences.concat(), offsets)
}

/// Numbers from −1 to 1 that look random, as rows of unit norm.
pub(crate) fn unit_rows(rows: usize, size: usize, salt: f64) -> Vec<f64> {
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

pub(crate) fn embeddings(config: &CheckedConfig, anchors: &[&[f64]], sequences: &[Vec<u8>]) -> Vec<f64> {
    let (table, (tokens, offsets)) = (nucleotides(), joined(sequences));
    let prepared = Prepared::<f64>::new(config, anchors, &table).unwrap();
    let index = config.index(TokenView::new(&tokens, &offsets, &table).unwrap()).unwrap();
    let records: Vec<usize> = (0..sequences.len()).collect();
    let mut out = vec![0.0; records.len() * prepared.row()];
    prepared.embed(&index, &records, &mut out).unwrap();
    out
}

pub(crate) fn assert_close(got: &[f64], want: &[f64], tolerance: f64, place: &str) {
    assert_eq!(got.len(), want.len(), "{place}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < tolerance * (1.0 + want.abs()), "{place}: {got} {want}");
    }
}

/// Checks the gradients by anchors and bandwidths of a network against central differences.
pub(crate) fn check_gradients(config: &NetworkConfig) {
    let sequences = [tokens("ACGTTGCANGTACCA"), tokens("GGGATTTTACCA"), tokens("TACGA")];
    let (table, (letters, offsets)) = (nucleotides(), joined(&sequences));
    let view = TokenView::new(&letters, &offsets, &table).unwrap();
    let place = format!("{config:?}");
    let checked = config.clone().check().unwrap();
    let sizes: Vec<usize> = (0..config.layers.len()).map(|layer| config.patch_size(layer)).collect();
    let layers = config.layers.iter().zip(&sizes).enumerate();
    let start: Vec<Vec<f64>> = layers.map(|(at, (layer, &size))| unit_rows(layer.filters, size, at as f64)).collect();
    let dimension = config.strands.count() * config.dimension();
    let weights = unit_rows(3, dimension, 5.0);
    let value = |anchors: &[Vec<f64>], config: &CheckedConfig| -> f64 {
        let anchors: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
        embeddings(config, &anchors, &sequences).iter().zip(&weights).map(|(a, b)| a * b).sum()
    };
    let slices: Vec<&[f64]> = start.iter().map(Vec::as_slice).collect();
    let prepared = Prepared::<f64>::new(&checked, &slices, &table).unwrap();
    let upstream = |range: std::ops::Range<usize>, _: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(&weights[range.start * dimension..range.end * dimension]);
    };
    let index = checked.index(view).unwrap();
    let gradient = prepared.pull_back(&index, &[0, 1, 2], upstream, &mut PullBackBuffers::default()).unwrap();
    for (layer, &size) in sizes.iter().enumerate() {
        for k in [0, size / 2, start[layer].len() - 1] {
            let moved = |step: f64| {
                let mut moved = start.clone();
                moved[layer][k] += step;
                normalise(&mut moved[layer], size);
                value(&moved, &checked)
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            // Along the sphere: the entry less its share of the radial part.
            let row = k / size * size..(k / size + 1) * size;
            let pairs = start[layer][row.clone()].iter().zip(&gradient.anchors[layer][row]);
            let radial: f64 = pairs.map(|(z, g)| z * g).sum();
            let got = gradient.anchors[layer][k] - radial * start[layer][k];
            assert_close(&[got], &[slope], 1e-6, &format!("layer {layer} of {place}"));
        }
    }
    let with_sigma = |sigma: f64| {
        let mut config = config.clone();
        config.layers.iter_mut().for_each(|layer| layer.kernel = DotProductKernel::Exponential { sigma });
        config.check().unwrap()
    };
    if let DotProductKernel::Exponential { sigma } = config.layers[0].kernel {
        let slope = (value(&start, &with_sigma(sigma + 1e-6)) - value(&start, &with_sigma(sigma - 1e-6))) / 2e-6;
        assert_close(&[gradient.sigma.iter().sum()], &[slope], 1e-6, &format!("sigma of {place}"));
    }
}
