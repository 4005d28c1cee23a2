//! The pair that a training keeps is the pair that was judged.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{LayerConfig, Network, NetworkConfig};
use ckn_train::{Fitted, Ignore, Selection, SliceEngine, TrainConfig, Trainer, TrainingData, split_validation};

const RECORDS: usize = 120;
const LENGTH: usize = 24;
const SEED: u64 = 3;

/// Sequences of a linear congruential generator; every second one holds the word 0 1 2 3 3 2.
fn tokens() -> Vec<u8> {
    let mut state = 1u32;
    let mut tokens: Vec<u8> = (0..RECORDS * LENGTH)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30) as u8
        })
        .collect();
    for record in (0..RECORDS).step_by(2) {
        tokens[record * LENGTH + record % 15..][..6].copy_from_slice(&[0, 1, 2, 3, 3, 2]);
    }
    tokens
}

/// A training, and the validation loss of the pair that it kept.
fn kept(selection: Selection) -> (Fitted, f64) {
    let table = LetterTable::new(4, &[], None).unwrap();
    let (tokens, offsets) = (tokens(), (0..=RECORDS).map(|record| record * LENGTH).collect::<Vec<_>>());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let labels: Vec<f64> = (0..RECORDS).map(|record| if record % 2 == 0 { 1.0 } else { 0.0 }).collect();
    let kernel = DotProductKernel::Exponential { sigma: 0.4 };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters: 4, width: 6, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
    };
    let network = Network::random(config.check().unwrap(), &mut Seed(SEED).stream("network")).unwrap();
    let settings = TrainConfig { epochs: 8, selection, refit: false, seed: SEED, ..TrainConfig::default() };
    let settings = settings.check().unwrap();
    let mut engine = SliceEngine::new(view, &network).unwrap();
    let data = TrainingData::of_one_task(view, &labels);
    let fitted = Trainer::init(settings, &mut engine, data, network, &mut Ignore).unwrap().run(&mut Ignore).unwrap();
    let split = split_validation(RECORDS, |record| labels[record] > 0.5, settings.validation, Seed(SEED)).unwrap();
    let encoder = fitted.network.encoder(&table).unwrap();
    let mut embeddings = vec![0.0; split.validation.len() * encoder.row()];
    encoder.embed(&encoder.index(view).unwrap(), &split.validation, &mut embeddings).unwrap();
    let losses = embeddings.chunks_exact(encoder.row()).zip(&split.validation).map(|(embedding, &record)| {
        Loss::Logistic.value(fitted.heads[0].score(embedding, Strands::Forward), labels[record])
    });
    let loss = losses.sum::<f64>() / split.validation.len() as f64;
    (fitted, loss)
}

#[test]
fn the_kept_pair_has_the_lowest_validation_loss_that_was_measured() {
    for selection in [Selection::Moved, Selection::Refitted] {
        let (fitted, loss) = kept(selection);
        let best = &fitted.epochs[fitted.best];
        assert!((best.validation_loss - loss).abs() < 1e-12, "{selection:?}: {} {loss}", best.validation_loss);
        // Under the authors' rule the k-means start is not a candidate.
        let first = if selection == Selection::Moved { 1 } else { 0 };
        assert!(fitted.best >= first, "{selection:?}");
        assert!(fitted.epochs[first..].iter().all(|epoch| epoch.validation_loss >= best.validation_loss));
    }
}

#[test]
fn the_two_rules_judge_different_pairs() {
    let (moved, refitted) = (kept(Selection::Moved).0, kept(Selection::Refitted).0);
    assert_eq!(moved.epochs[0].validation_loss, refitted.epochs[0].validation_loss);
    assert_ne!(moved.epochs[1].validation_loss, refitted.epochs[1].validation_loss);
}
