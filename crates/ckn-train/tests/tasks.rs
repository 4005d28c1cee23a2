//! Several tasks, several classes, class weights and bandwidths that move.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod support;

use ckn_core::loss::Loss;
use ckn_core::{LetterTable, TokenView};
use ckn_train::{ClassWeight, Error, Fitted, Ignore, SliceEngine, TrainConfig, Trainer, TrainingData};

use crate::support::{network, offsets, tokens};

const RECORDS: usize = 150;
/// Record `i` holds the word of `i % 3`, if there is one.
const WORDS: [[u8; 6]; 2] = [[0, 1, 2, 3, 3, 2], [2, 2, 0, 3, 1, 1]];

fn fit(labels: &[f64], tasks: usize, settings: TrainConfig) -> Result<Fitted, Error> {
    let table = LetterTable::new(4, &[], None).unwrap();
    let (tokens, offsets) = (tokens(RECORDS, |record| WORDS.get(record % 3).copied()), offsets(RECORDS));
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let network = network(6, 1);
    let mut engine = SliceEngine::new(view, &network).unwrap();
    let data = TrainingData { view, labels, tasks };
    let settings = TrainConfig { epochs: settings.epochs.min(12), ..settings };
    Trainer::init(settings.check()?, &mut engine, data, network, &mut Ignore)?.run(&mut Ignore)
}

/// Whether a record holds the word of a task.
fn holds(record: usize, task: usize) -> f64 {
    f64::from(record % 3 == task)
}

#[test]
fn tasks_with_missing_labels_are_learnt_together() {
    // The first task is not labelled on every fifth record, the second on every seventh.
    let labels: Vec<f64> = (0..RECORDS)
        .flat_map(|record| {
            let known = |task: usize, every: usize| if record % every == 0 { f64::NAN } else { holds(record, task) };
            [known(0, 5), known(1, 7)]
        })
        .collect();
    let fitted = fit(&labels, 2, TrainConfig::default()).unwrap();
    assert_eq!(fitted.heads.len(), 2);
    let best = &fitted.epochs[fitted.best];
    assert_eq!(best.task_aurocs.len(), 2);
    assert!(best.task_aurocs.iter().all(|auroc| auroc.unwrap() > 0.9), "{:?}", best.task_aurocs);
}

#[test]
fn two_equal_tasks_are_one_task() {
    let one: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let two: Vec<f64> = one.iter().flat_map(|&label| [label, label]).collect();
    let (single, double) =
        (fit(&one, 1, TrainConfig::default()).unwrap(), fit(&two, 2, TrainConfig::default()).unwrap());
    for (a, b) in single.epochs.iter().zip(&double.epochs) {
        assert!((a.validation_loss - b.validation_loss).abs() < 1e-3, "{} {}", a.validation_loss, b.validation_loss);
    }
    assert_eq!(double.heads[0], double.heads[1]);
}

#[test]
fn classes_are_learnt_by_the_multinomial_loss() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| (record % 3) as f64).collect();
    let settings = TrainConfig { loss: Loss::Multinomial, ..TrainConfig::default() };
    let fitted = fit(&labels, 1, settings).unwrap();
    assert_eq!(fitted.heads.len(), 3);
    assert!(fitted.epochs[fitted.best].validation_loss < 0.5 * 3f64.ln());
}

#[test]
fn bandwidths_move_where_they_are_learnt_and_only_there() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let sigma = |settings| fit(&labels, 1, settings).unwrap().network.layers()[0].kernel().sigma().unwrap();
    assert_eq!(sigma(TrainConfig::default()), 0.4);
    let learnt = sigma(TrainConfig { learn_sigma: true, ..TrainConfig::default() });
    assert!(learnt != 0.4 && (0.05..5.0).contains(&learnt), "{learnt}");
}

#[test]
fn labels_that_cannot_be_learnt_are_named() {
    let one_class: Vec<f64> = (0..RECORDS).flat_map(|record| [holds(record, 0), 1.0]).collect();
    let refused = fit(&one_class, 2, TrainConfig::default()).unwrap_err();
    assert!(matches!(refused, Error::Task { task: 1, positives: RECORDS, negatives: 0 }));
    let missing: Vec<f64> = (0..RECORDS).flat_map(|record| [holds(record, 0), f64::NAN]).collect();
    let refused = fit(&missing, 2, TrainConfig::default()).unwrap_err();
    assert!(matches!(refused, Error::Task { task: 1, positives: 0, negatives: 0 }));
    let gap: Vec<f64> = (0..RECORDS).map(|record| if record % 2 == 0 { 0.0 } else { 2.0 }).collect();
    let settings = TrainConfig { loss: Loss::Multinomial, ..TrainConfig::default() };
    assert!(matches!(fit(&gap, 1, settings), Err(Error::Class { class: 1, records: 0 })));
    assert!(matches!(fit(&[1.0; 3], 1, TrainConfig::default()), Err(Error::Labels { .. })));
    let weightless = TrainConfig { class_weight: ClassWeight::Positives(0.0), ..TrainConfig::default() };
    assert!(matches!(fit(&one_class, 2, weightless), Err(Error::Setting { name: "weight of positives", .. })));
}
