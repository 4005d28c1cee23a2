//! Sequences with planted words, and a small network for them.

// Each test file is a crate of its own, and uses a part.
#![allow(dead_code)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, Network, NetworkConfig};

/// Letters of a sequence.
pub(crate) const LENGTH: usize = 24;

/// Sequences of a linear congruential generator, some with a word in them.
pub(crate) fn tokens(records: usize, word: impl Fn(usize) -> Option<[u8; 6]>) -> Vec<u8> {
    let mut state = 1u32;
    let mut tokens: Vec<u8> = (0..records * LENGTH)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30) as u8
        })
        .collect();
    for record in 0..records {
        if let Some(word) = word(record) {
            tokens[record * LENGTH + record % 15..][..6].copy_from_slice(&word);
        }
    }
    tokens
}

/// Where each of the sequences begins.
pub(crate) fn offsets(records: usize) -> Vec<usize> {
    (0..=records).map(|record| record * LENGTH).collect()
}

/// A layer of filters of width 6 with max pooling, its anchors at random.
pub(crate) fn network(filters: usize, seed: u64) -> Network {
    let kernel = DotProductKernel::Exponential { sigma: 0.4 };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters, width: 6, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    Network::random(config.check().unwrap(), &mut Seed(seed).stream("network")).unwrap()
}
