//! Inner loops of the sequence layer: 101 bp, width 12, both poolings, 16 and 128 anchors, on one thread and on two.
//!
//! `cargo bench -p ckn-core`

// A step that fails ends the benchmark.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{CheckedConfig, LayerConfig, NetworkConfig};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::sequence::{Forward, KmerIndex, PullBackBuffers, SequenceLayer};
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const LENGTH: usize = 101;
const WIDTH: usize = 12;
const RECORDS: usize = 2048;
const THREADS: [usize; 2] = [1, 2];

fn main() {
    divan::main();
}

/// A linear congruential generator: any stream does.
fn draws(seed: u64) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(seed), |state| {
        Some(state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407))
    })
    .map(|state| (state >> 33) as u32)
}

fn anchors(filters: usize) -> Vec<f64> {
    let mut anchors: Vec<f64> = draws(1).take(filters * 4 * WIDTH).map(|draw| f64::from(draw % 1000)).collect();
    for anchor in anchors.chunks_exact_mut(4 * WIDTH) {
        let norm = anchor.iter().map(|value| value * value).sum::<f64>().sqrt();
        anchor.iter_mut().for_each(|value| *value /= norm);
    }
    anchors
}

fn config(filters: usize, pooling: Pooling) -> CheckedConfig {
    let kernel = DotProductKernel::Exponential { sigma: 0.3 };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters, width: WIDTH, kernel, subsampling: 1 }],
        pooling,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    config.check().unwrap()
}

fn with_layer(
    bencher: Bencher<'_, '_>,
    (filters, pooling, threads): (usize, Pooling, usize),
    run: impl Fn(&SequenceLayer<f32>, &KmerIndex<'_>, &[usize], &mut Buffers) + Sync,
) {
    let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
    let tokens: Vec<u8> = draws(2).take(RECORDS * LENGTH).map(|draw| (draw % 4) as u8).collect();
    let offsets: Vec<usize> = (0..=RECORDS).map(|record| record * LENGTH).collect();
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let index = KmerIndex::new(view, WIDTH, Border::Valid).unwrap();
    let config = config(filters, pooling);
    let layer = SequenceLayer::<f32>::new(&anchors(filters), &config, &table).unwrap();
    let records: Vec<usize> = (0..RECORDS).collect();
    let mut buffers = Buffers {
        embeddings: vec![0.0; RECORDS * filters],
        upstream: vec![0.5; RECORDS * filters],
        ..Buffers::default()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    bencher.counter(ItemsCount::new(RECORDS)).bench_local(|| {
        pool.install(|| run(black_box(&layer), black_box(&index), &records, &mut buffers));
    });
}

#[derive(Default)]
struct Buffers {
    embeddings: Vec<f32>,
    upstream: Vec<f32>,
    forward: Forward<f32>,
    pull_back: PullBackBuffers<f32>,
}

fn cases() -> impl Iterator<Item = (usize, Pooling, usize)> {
    [16, 128].into_iter().flat_map(|filters| {
        [Pooling::Mean, Pooling::Max]
            .into_iter()
            .flat_map(move |pooling| THREADS.map(|threads| (filters, pooling, threads)))
    })
}

#[divan::bench(args = cases())]
fn forward(bencher: Bencher<'_, '_>, case: (usize, Pooling, usize)) {
    with_layer(bencher, case, |layer, index, records, buffers| {
        layer.embed(index, records, &mut buffers.embeddings).unwrap();
    });
}

#[divan::bench(args = cases())]
fn forward_and_backward(bencher: Bencher<'_, '_>, case: (usize, Pooling, usize)) {
    with_layer(bencher, case, |layer, index, records, buffers| {
        layer.forward_into(index, records, &mut buffers.forward);
        let Buffers { forward, upstream, pull_back, .. } = buffers;
        black_box(layer.pull_back(index, records, forward, upstream, pull_back).unwrap());
    });
}

/// Everything that depends on the anchors: tables, Gram matrix, inverse root.
#[divan::bench(args = [16, 128])]
fn set_anchors(bencher: Bencher<'_, '_>, filters: usize) {
    let other = anchors(filters);
    let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
    let config = config(filters, Pooling::Mean);
    let mut layer = SequenceLayer::<f32>::new(&other, &config, &table).unwrap();
    bencher.bench_local(|| layer.set_anchors(black_box(&other)).unwrap());
}
