//! The pair that a training keeps is the pair that was judged.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod support;

use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use ckn_train::{Fitted, Ignore, Selection, SliceEngine, TrainConfig, Trainer, TrainingData, split_validation};

use crate::support::{network, offsets, tokens};

const RECORDS: usize = 120;
const SEED: u64 = 3;

/// A training, and the validation loss of the pair that it kept.
fn kept(selection: Selection) -> (Fitted, f64) {
    let table = LetterTable::new(4, &[], None).unwrap();
    let word = |record: usize| record.is_multiple_of(2).then_some([0, 1, 2, 3, 3, 2]);
    let (tokens, offsets) = (tokens(RECORDS, word), offsets(RECORDS));
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let labels: Vec<f64> = (0..RECORDS).map(|record| if record % 2 == 0 { 1.0 } else { 0.0 }).collect();
    let network = network(4, SEED);
    let settings = TrainConfig { epochs: 8, selection, refit: false, seed: SEED, ..TrainConfig::default() };
    let settings = settings.check().unwrap();
    let mut engine = SliceEngine::new(view, &network).unwrap();
    let data = TrainingData::of_one_task(view, &labels);
    let fitted = Trainer::init(settings, &mut engine, data, network, &mut Ignore).unwrap().run(&mut Ignore).unwrap();
    let split = split_validation(RECORDS, |record| labels[record] > 0.5, settings.validation, Seed(SEED)).unwrap();
    let prepared = fitted.network.prepared::<f32>(&table).unwrap();
    let mut embeddings = vec![0.0; split.validation.len() * prepared.row()];
    prepared.embed(&prepared.config().index(view).unwrap(), &split.validation, &mut embeddings).unwrap();
    let losses = embeddings.chunks_exact(prepared.row()).zip(&split.validation).map(|(embedding, &record)| {
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
