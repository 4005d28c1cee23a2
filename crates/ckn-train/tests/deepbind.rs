//! The network after DeepBind learns what it should, and the same whatever computes it.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use ckn_core::loss::Loss;
use ckn_core::metrics::{auroc, pearson};
use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{CheckedDeepBindConfig, DeepBindConfig};
use ckn_train::{
    DeepBindEngine, DeepBindSettings, Error, Event, FittedDeepBind, Ignore, Observer, StopReason, TrainingData,
    train_deepbind,
};
use rand::RngExt;

const LENGTH: usize = 60;
const MOTIF: [u8; 8] = [0, 1, 2, 3, 3, 1, 0, 0];

struct Data {
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    labels: Vec<f64>,
    table: LetterTable,
}

/// Random sequences; every second one holds the motif, on either strand.
fn planted(records: usize, seed: u64) -> Data {
    let mut random = Seed(seed).stream("planted");
    let mut tokens: Vec<u8> = (0..records * LENGTH).map(|_| random.random_range(0..4)).collect();
    for record in (0..records).step_by(2) {
        let place = record * LENGTH + random.random_range(0..LENGTH - MOTIF.len());
        let mut motif = MOTIF;
        if random.random_bool(0.5) {
            motif.reverse();
            motif.iter_mut().for_each(|letter| *letter = 3 - *letter);
        }
        tokens[place..][..MOTIF.len()].copy_from_slice(&motif);
    }
    Data {
        tokens,
        offsets: (0..=records).map(|record| record * LENGTH).collect(),
        labels: (0..records).map(|record| if record % 2 == 0 { 1.0 } else { 0.0 }).collect(),
        table: LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap(),
    }
}

impl Data {
    fn view(&self) -> TokenView<'_> {
        TokenView::new(&self.tokens, &self.offsets, &self.table).unwrap()
    }

    fn fit(&self, settings: DeepBindSettings, engine: &DeepBindEngine, observer: &mut dyn Observer) -> FittedDeepBind {
        let data = TrainingData::of_one_task(self.view(), &self.labels);
        train_deepbind(settings.check().unwrap(), config(), engine, data, observer).unwrap()
    }
}

fn config() -> CheckedDeepBindConfig {
    DeepBindConfig { letters: 4, filters: 8, width: 12, strands: Strands::Max }.check().unwrap()
}

fn quick() -> DeepBindSettings {
    DeepBindSettings { epochs: 40, calibrations: 0, seed: 2, ..DeepBindSettings::default() }
}

#[test]
fn a_planted_motif_is_learnt_with_and_without_calibration() {
    let (training, test) = (planted(600, 1), planted(400, 2));
    for calibrations in [0, 4] {
        let fitted = training.fit(DeepBindSettings { calibrations, ..quick() }, &DeepBindEngine::Slices, &mut Ignore);
        let auroc = auroc(&fitted.network.scores(test.view()).unwrap(), &test.labels).value().unwrap();
        assert!(auroc > 0.9, "{calibrations}: {auroc}");
        assert_eq!(fitted.trials.len(), calibrations);
        let best = fitted.epochs[fitted.best].validation_loss;
        assert!(fitted.epochs.iter().all(|epoch| epoch.validation_loss >= best));
        if calibrations > 0 {
            let lowest = fitted.trials.iter().map(|trial| trial.loss).fold(f64::INFINITY, f64::min);
            assert!(fitted.trials.iter().any(|trial| trial.settings == fitted.settings && trial.loss == lowest));
        }
    }
}

#[test]
fn the_network_depends_on_the_seed_and_not_on_the_threads() {
    let data = planted(120, 3);
    let settings = DeepBindSettings { epochs: 3, calibrations: 3, ..quick() };
    let on = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| data.fit(DeepBindSettings { seed, ..settings }, &DeepBindEngine::Slices, &mut Ignore))
    };
    assert_eq!(on(1, 5), on(3, 5));
    assert_ne!(on(1, 5).network, on(1, 6).network);
}

#[cfg(feature = "tensors")]
#[test]
fn tensors_learn_what_slices_learn() {
    let data = planted(120, 4);
    let device = "cpu".parse::<ckn_burn::DeviceChoice>().unwrap().open().unwrap();
    // In few steps, while rounding has not grown yet.
    let settings = DeepBindSettings { epochs: 2, ..quick() };
    let slices = data.fit(settings, &DeepBindEngine::Slices, &mut Ignore);
    let tensors = data.fit(settings, &DeepBindEngine::Tensors(device), &mut Ignore);
    for (a, b) in slices.epochs.iter().zip(&tensors.epochs) {
        assert!((a.validation_loss - b.validation_loss).abs() < 1e-3, "{a:?} {b:?}");
    }
}

#[test]
fn measurements_are_fitted_by_squares() {
    let (mut training, mut test) = (planted(400, 5), planted(200, 6));
    for data in [&mut training, &mut test] {
        data.labels.iter_mut().for_each(|label| *label = 7.0 + 0.5 * *label);
    }
    let settings = DeepBindSettings { loss: Loss::Squared, ..quick() };
    let fitted = training.fit(settings, &DeepBindEngine::Slices, &mut Ignore);
    let scores = fitted.network.scores(test.view()).unwrap();
    assert!(pearson(&scores, &test.labels).value().unwrap() > 0.7);
    assert_eq!(fitted.epochs[0].validation_auroc, None);
}

#[test]
fn an_interruption_leaves_the_best_network_so_far() {
    let data = planted(120, 7);
    let mut stop = |event: Event<'_>| match event {
        Event::Epoch(record) if record.epoch == 2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let fitted = data.fit(quick(), &DeepBindEngine::Slices, &mut stop);
    assert_eq!((fitted.reason, fitted.epochs.len()), (StopReason::Interrupted, 3));
    let mut at_once = |_: Event<'_>| ControlFlow::Break(());
    let fitted = data.fit(DeepBindSettings { calibrations: 9, ..quick() }, &DeepBindEngine::Slices, &mut at_once);
    assert_eq!((fitted.trials.len(), fitted.epochs.len()), (1, 1));
}

#[test]
fn data_that_cannot_be_trained_on_are_refused() {
    let data = planted(8, 8);
    let fit = |labels: &[f64], calibrations| {
        let settings = DeepBindSettings { calibrations, ..quick() }.check().unwrap();
        let data = TrainingData::of_one_task(data.view(), labels);
        train_deepbind(settings, config(), &DeepBindEngine::Slices, data, &mut Ignore).unwrap_err()
    };
    assert!(matches!(fit(&[1.0; 7], 0), Error::Labels { .. }));
    assert!(matches!(fit(&[1.0; 8], 0), Error::Classes { .. }));
    assert!(matches!(fit(&[0.5; 8], 0), Error::Core(_)));
    assert!(matches!(fit(&[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 3), Error::Folds { positives: 2, .. }));
}
