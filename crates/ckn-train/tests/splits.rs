//! Whoever trains says what is held out, and when it ends; what is told of it is what an evaluation would say.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod support;

use ckn_core::loss::Loss;
use ckn_core::{LetterTable, TokenView};
use ckn_train::{
    Error, Fitted, Ignore, SliceEngine, Split, StopReason, TrainConfig, Trainer, TrainingData, cross_validate,
};

use crate::support::{network, offsets, tokens};

const RECORDS: usize = 80;

/// Sequences of which every second holds a word, and their labels.
struct Set {
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    labels: Vec<f64>,
    table: LetterTable,
}

impl Set {
    fn of(records: usize) -> Self {
        let word = |record: usize| record.is_multiple_of(2).then_some([0, 1, 2, 3, 3, 2]);
        Self {
            tokens: tokens(records, word),
            offsets: offsets(records),
            labels: (0..records).map(|record| if record % 2 == 0 { 1.0 } else { 0.0 }).collect(),
            table: LetterTable::new(4, &[], None).unwrap(),
        }
    }

    fn data(&self) -> TrainingData<'_> {
        TrainingData::of_one_task(TokenView::new(&self.tokens, &self.offsets, &self.table).unwrap(), &self.labels)
    }
}

fn quick() -> TrainConfig {
    TrainConfig { epochs: 3, ..TrainConfig::default() }
}

fn trained(set: &Set, config: TrainConfig, split: Split) -> Result<Fitted, Error> {
    let (data, network) = (set.data(), network(4, 1));
    let mut engine = SliceEngine::new(data.view, &network)?;
    Trainer::with_split(config.check()?, &mut engine, data, split, network, &mut Ignore)?.run(&mut Ignore)
}

fn begun<'a, 'b>(set: &'a Set, engine: &'a mut SliceEngine<'b>) -> Trainer<'a, SliceEngine<'b>> {
    Trainer::init(quick().check().unwrap(), engine, set.data(), network(4, 1), &mut Ignore).unwrap()
}

#[test]
fn records_of_neither_part_change_nothing() {
    // The first 40 sequences, alone and as a part of all.
    let (few, all) = (Set::of(RECORDS / 2), Set::of(RECORDS));
    let records: Vec<usize> = (0..RECORDS / 2).collect();
    let split = few.data().split(&quick().check().unwrap(), &records).unwrap();
    assert_eq!(split, all.data().split(&quick().check().unwrap(), &records).unwrap());
    assert_eq!(trained(&few, quick(), split.clone()).unwrap(), trained(&all, quick(), split).unwrap());
}

#[test]
fn a_split_that_is_none_is_refused() {
    let set = Set::of(RECORDS);
    let split = |training: &[usize], validation: &[usize]| Split {
        training: training.to_vec(),
        validation: validation.to_vec(),
    };
    for (broken, record) in [(split(&[0, 1, 2], &[2, 3]), 2), (split(&[0, 1, 2], &[3, RECORDS]), RECORDS)] {
        assert!(matches!(trained(&set, quick(), broken), Err(Error::Split { record: got, .. }) if got == record));
    }
    assert!(matches!(trained(&set, quick(), split(&[0, 1, 2, 3], &[])), Err(Error::Core(_))));
}

#[test]
fn a_training_can_be_ended_after_any_step() {
    let set = Set::of(RECORDS);
    let mut engine = SliceEngine::new(set.data().view, &network(4, 1)).unwrap();
    assert!(matches!(begun(&set, &mut engine).finish(), Err(Error::Core(_))));
    let mut trainer = begun(&set, &mut engine);
    assert_eq!((trainer.best(), trainer.epochs().len()), (None, 0));
    assert!(trainer.step(&mut Ignore).unwrap().is_continue());
    assert!(trainer.step(&mut Ignore).unwrap().is_continue());
    let best = trainer.best();
    let ended = trainer.finish().unwrap();
    assert_eq!((ended.reason, ended.epochs.len(), Some(ended.best)), (StopReason::Interrupted, 2, best));
    // A step after the last does nothing.
    let mut trainer = begun(&set, &mut engine);
    while trainer.step(&mut Ignore).unwrap().is_continue() {}
    assert_eq!(trainer.step(&mut Ignore).unwrap().break_value(), Some(StopReason::Epochs));
    assert_eq!(trainer.epochs().len(), 4);
    let by_steps = trainer.finish().unwrap();
    assert_eq!(by_steps, begun(&set, &mut engine).run(&mut Ignore).unwrap());
}

#[test]
fn an_epoch_of_measurements_tells_the_mean_squared_error() {
    let set = Set::of(RECORDS);
    let config = TrainConfig { loss: Loss::Squared, refit: false, ..quick() };
    let records: Vec<usize> = (0..RECORDS).collect();
    let split = set.data().split(&config.check().unwrap(), &records).unwrap();
    let fitted = trained(&set, config, split.clone()).unwrap();
    let scores = fitted.network.scores(&fitted.heads, set.data().view).unwrap();
    let error = |records: &[usize]| {
        records.iter().map(|&record| (scores[record] - set.labels[record]).powi(2)).sum::<f64>() / records.len() as f64
    };
    let best = &fitted.epochs[fitted.best];
    assert!((best.validation_loss - error(&split.validation)).abs() < 1e-4, "{best:?} {}", error(&split.validation));
    // The head of the k-means start was fitted to that start.
    let start = TrainConfig { epochs: 0, ..config };
    let fitted = trained(&set, start, split.clone()).unwrap();
    let scores = fitted.network.scores(&fitted.heads, set.data().view).unwrap();
    let errors = split.training.iter().map(|&record| (scores[record] - set.labels[record]).powi(2));
    let error = errors.sum::<f64>() / split.training.len() as f64;
    assert!((fitted.epochs[0].training_loss - error).abs() < 1e-4, "{} {error}", fitted.epochs[0].training_loss);
}

#[test]
fn folds_are_scored_by_networks_that_had_not_seen_them() {
    let set = Set::of(RECORDS);
    let fold_of: Vec<usize> = (0..RECORDS).map(|record| record / 2 % 4).collect();
    let network = network(4, 1).config().clone();
    let folds = cross_validate(&network, quick().check().unwrap(), set.data(), &fold_of, &mut Ignore).unwrap();
    assert_eq!(folds.len(), 4);
    for (number, fold) in folds.iter().enumerate() {
        assert!(fold.records.iter().all(|&record| fold_of[record] == number));
        assert!(fold.fitted.validation.iter().all(|&record| fold_of[record] != number));
        assert_eq!((fold.records.len(), fold.scores.len()), (RECORDS / 4, RECORDS / 4));
    }
}
