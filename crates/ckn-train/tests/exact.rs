//! Machines on exact kernels: what they are, every loss, and the choice of the penalty.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod support;

use std::ops::ControlFlow;

use ckn_core::loss::Loss;
use ckn_core::mismatch::Profile;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{Body, SequenceKernel};
use ckn_train::{
    ClassWeight, Error, Event, ExactSettings, FittedExact, Ignore, LeftOut, Penalty, Provenance, StopReason,
    TrainingData, default_kernel, train_exact,
};

use crate::support::{LENGTH, offsets, tokens};

const RECORDS: usize = 90;
/// Record `i` holds the word of `i % 3`, if there is one.
const WORDS: [[u8; 6]; 2] = [[0, 1, 2, 3, 3, 2], [2, 2, 0, 3, 1, 1]];

fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

fn kernel(width: usize, profile: Profile) -> SequenceKernel {
    SequenceKernel::new(width, profile, true)
}

fn kernels() -> Vec<SequenceKernel> {
    vec![
        kernel(5, Profile::GappedKmer { informative: 3, mismatches: 2 }),
        kernel(4, Profile::Exponential { sigma: 0.4 }),
    ]
}

fn with_sequences<R>(then: impl FnOnce(TokenView<'_>) -> R) -> R {
    let table = table();
    let (tokens, offsets) = (tokens(RECORDS, |record| WORDS.get(record % 3).copied()), offsets(RECORDS));
    then(TokenView::new(&tokens, &offsets, &table).unwrap())
}

fn fit(labels: &[f64], tasks: usize, settings: &ExactSettings) -> Result<FittedExact, Error> {
    with_sequences(|view| train_exact(settings, TrainingData { view, labels, tasks }, &[], &mut Ignore))
}

/// Whether a record holds the word of a task.
fn holds(record: usize, task: usize) -> f64 {
    f64::from(record % 3 == task)
}

/// `Σ h(mismatches)` over all pairs of windows of known letters, both strands of one sequence.
fn kernel_of(x: &[u8], y: &[u8], kernel: &SequenceKernel) -> f64 {
    let values = kernel.profile.values(kernel.width).unwrap();
    let reverse: Vec<u8> = x.iter().rev().map(|&token| if token < 4 { 3 - token } else { 4 }).collect();
    let mut sum = 0.0;
    for left in x.windows(kernel.width).chain(reverse.windows(kernel.width)) {
        for right in y.windows(kernel.width).filter(|right| left.iter().chain(*right).all(|&token| token < 4)) {
            sum += values[left.iter().zip(right).filter(|(a, b)| a != b).count()];
        }
    }
    sum
}

/// The normalised kernel of a sum.
fn normalised(x: &[u8], y: &[u8], kernels: &[SequenceKernel]) -> f64 {
    let of = |kernel| {
        let own = kernel_of(x, x, kernel) * kernel_of(y, y, kernel);
        if own > 0.0 { kernel_of(x, y, kernel) / own.sqrt() } else { 0.0 }
    };
    kernels.iter().map(of).sum()
}

#[test]
fn scores_of_what_was_left_out_have_the_loss_of_the_penalty_that_was_chosen() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let fitted = fit(&labels, 1, &ExactSettings::new(kernels(), true)).unwrap();
    let LeftOut { records, scores } = fitted.left_out.unwrap();
    assert_eq!(records, (0..RECORDS).collect::<Vec<_>>());
    let chosen = fitted.trials.iter().find(|trial| trial.chosen).unwrap();
    let loss: f64 = scores.iter().zip(&labels).map(|(score, label)| Loss::Logistic.value(*score, *label)).sum();
    assert!((loss / RECORDS as f64 - chosen.loss).abs() < 1e-12, "{loss} {}", chosen.loss);
    // Measurements are in their own units.
    let values: Vec<f64> = (0..RECORDS).map(|record| 100.0 + 10.0 * holds(record, 0)).collect();
    let squared = ExactSettings { loss: Loss::Squared, ..ExactSettings::new(kernels(), true) };
    let scores = fit(&values, 1, &squared).unwrap().left_out.unwrap().scores;
    let mean = scores.iter().sum::<f64>() / RECORDS as f64;
    assert!((mean - 100.0 - 10.0 / 3.0).abs() < 1.0, "{mean}");
    let given = ExactSettings { l2: Penalty::Value(0.5), ..ExactSettings::new(kernels(), true) };
    assert!(fit(&labels, 1, &given).unwrap().left_out.is_none());
}

#[test]
fn scores_are_those_of_the_definition_at_its_optimum() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    for loss in [Loss::Logistic, Loss::SquaredHinge] {
        let l2 = 0.5;
        let settings = ExactSettings {
            l2: Penalty::Value(l2),
            class_weight: ClassWeight::Positives(2.0),
            loss,
            ..ExactSettings::new(kernels(), true)
        };
        let fitted = fit(&labels, 1, &settings).unwrap();
        assert!(fitted.converged && fitted.trials.is_empty() && fitted.l2 == l2);
        let machine = &fitted.machine;
        let table = table();
        let support = machine.support(&table).unwrap();
        with_sequences(|view| {
            let scores = machine.scores(view).unwrap();
            let mut support_seen = 0;
            for record in 0..RECORDS {
                let (x, weight) = (view.sequence(record), 1.0 + labels[record]);
                // A c = −w L'(f) of every sequence, with f by the definition.
                let mut want = machine.intercept();
                for place in 0..support.len() {
                    let y = support.sequence(place);
                    let scale = 1.0 / kernel_of(y, y, &kernels()[0]).sqrt();
                    let coefficient = machine.coefficients()[place] / scale;
                    want += coefficient * normalised(x, y, &kernels());
                    if x == y {
                        support_seen += 1;
                        let slope = weight * loss.derivative(scores[record], labels[record]);
                        assert!((l2 * coefficient + slope).abs() < 2.1e-3 * weight, "{record}: {coefficient} {slope}");
                    }
                }
                assert!((scores[record] - want).abs() < 1e-4, "{loss:?} {record}: {} {want}", scores[record]);
            }
            assert!(support_seen >= support.len());
        });
        let outside = support.len() < RECORDS;
        assert_eq!(outside, loss == Loss::SquaredHinge, "sequences beyond the margin are not kept");
    }
}

#[test]
fn sequences_without_a_window_have_the_intercept_as_their_score() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let settings = ExactSettings { l2: Penalty::Value(0.1), ..ExactSettings::new(kernels(), false) };
    let table = table();
    let (mut tokens, mut offsets) = (tokens(RECORDS, |record| WORDS.get(record % 3).copied()), offsets(RECORDS));
    // One sequence is shorter than a window, one has no known letter.
    tokens.extend([[0, 1, 2].as_slice(), &[4; 20]].concat());
    offsets.extend([RECORDS * LENGTH + 3, RECORDS * LENGTH + 23]);
    assert_eq!(offsets.len(), RECORDS + 3);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let labels = [labels, vec![1.0, 0.0]].concat();
    let fitted = train_exact(&settings, TrainingData::of_one_task(view, &labels), &[], &mut Ignore).unwrap();
    let intercept = fitted.machine.intercept();
    let model = fitted.into_model(Provenance::of(view, "dna", "ACGT")).unwrap();
    let scores = model.scores(view).unwrap();
    assert_eq!(scores[RECORDS..], [intercept; 2]);
    let narrow = ExactSettings::new(vec![kernel(60, Profile::Exponential { sigma: 0.3 })], false);
    let refused = train_exact(&narrow, TrainingData::of_one_task(view, &labels), &[], &mut Ignore);
    assert!(matches!(refused, Err(Error::Windowless { width: 60, longest: LENGTH })));
}

#[test]
fn tasks_with_missing_labels_and_classes_and_measurements_are_learnt() {
    let labels: Vec<f64> = (0..RECORDS)
        .flat_map(|record| {
            let known = |task: usize, every: usize| if record % every == 0 { f64::NAN } else { holds(record, task) };
            [known(0, 5), known(1, 7)]
        })
        .collect();
    let fitted = fit(&labels, 2, &ExactSettings::new(kernels(), true)).unwrap();
    let chosen = fitted.trials.iter().find(|trial| trial.chosen).unwrap();
    assert_eq!((fitted.machine.config().outputs, chosen.task_aurocs.len()), (2, 2));
    assert!(chosen.auroc.unwrap() > 0.8, "{chosen:?}");
    // Each task is the machine that it would be alone.
    let alone: Vec<f64> = labels.iter().skip(1).step_by(2).copied().collect();
    let known: Vec<usize> = (0..RECORDS).filter(|&record| !alone[record].is_nan()).collect();
    let settings = ExactSettings { l2: Penalty::Value(0.3), ..ExactSettings::new(kernels(), true) };
    let both = fit(&labels, 2, &settings).unwrap().machine;
    with_sequences(|view| {
        let tokens: Vec<u8> = known.iter().flat_map(|&record| view.sequence(record)).copied().collect();
        let offsets: Vec<usize> = (0..=known.len()).map(|place| place * LENGTH).collect();
        let part = TokenView::new(&tokens, &offsets, view.table()).unwrap();
        let labels: Vec<f64> = known.iter().map(|&record| alone[record]).collect();
        let data = TrainingData::of_one_task(part, &labels);
        let one = train_exact(&settings, data, &[], &mut Ignore).unwrap().machine.scores(view).unwrap();
        let two = both.scores(view).unwrap();
        one.iter().zip(two.chunks(2)).for_each(|(one, two)| assert!((one - two[1]).abs() < 2e-2, "{one} {}", two[1]));
    });

    let classes: Vec<f64> = (0..RECORDS).map(|record| (record % 3) as f64).collect();
    let settings = ExactSettings { loss: Loss::Multinomial, ..ExactSettings::new(kernels(), true) };
    let fitted = fit(&classes, 1, &settings).unwrap();
    let chosen = fitted.trials.iter().find(|trial| trial.chosen).unwrap();
    assert!(chosen.loss < 0.8 * 3f64.ln(), "{chosen:?}");
    with_sequences(|view| {
        let model = fitted.clone().into_model(Provenance::of(view, "dna", "ACGT")).unwrap();
        assert_eq!(model.card().outputs, ["0", "1", "2"]);
        assert!(model.card().measured["l2"] == fitted.l2 && matches!(model.body(), Body::Machine(_)));
        let scores = model.scores(view).unwrap();
        let right =
            scores.chunks(3).enumerate().filter(|(record, row)| (0..3).all(|class| row[class] <= row[record % 3]));
        assert!(right.count() > RECORDS * 9 / 10);
    });

    // Far from zero and of another unit: standardised inside.
    let measured: Vec<f64> = (0..RECORDS).map(|record| 5000.0 + 400.0 * holds(record, 1)).collect();
    let settings = ExactSettings { loss: Loss::Squared, ..ExactSettings::new(kernels(), true) };
    let fitted = fit(&measured, 1, &settings).unwrap();
    let chosen = fitted.trials.iter().find(|trial| trial.chosen).unwrap();
    let variance = 400.0 * 400.0 * 2.0 / 9.0;
    assert!(chosen.loss < 0.7 * variance && chosen.auroc.is_none(), "{chosen:?}");
    assert!((fitted.machine.intercept() - 5133.0).abs() < 200.0, "{}", fitted.machine.intercept());
}

#[test]
fn the_choice_is_the_same_for_the_same_seed_and_groups_stay_together() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let settings = ExactSettings { screening: 60, ..ExactSettings::new(kernels(), true) };
    let fitted = fit(&labels, 1, &settings).unwrap();
    assert_eq!(fitted, fit(&labels, 1, &settings).unwrap());
    assert_ne!(fitted.trials, fit(&labels, 1, &ExactSettings { seed: 1, ..settings.clone() }).unwrap().trials);
    // Doubles in other folds would make it look good; in one group they do not.
    with_sequences(|view| {
        let records: Vec<usize> = (0..RECORDS).chain(0..RECORDS).collect();
        let tokens: Vec<u8> = records.iter().flat_map(|&record| view.sequence(record)).copied().collect();
        let offsets: Vec<usize> = (0..=2 * RECORDS).map(|place| place * LENGTH).collect();
        let doubled = TokenView::new(&tokens, &offsets, view.table()).unwrap();
        // Labels that say nothing of the sequence.
        let labels: Vec<f64> = records.iter().map(|&record| f64::from(record * record % 7 < 3)).collect();
        let data = TrainingData::of_one_task(doubled, &labels);
        let settings = ExactSettings::new(kernels(), true);
        let auroc = |groups: &[usize]| {
            let fitted = train_exact(&settings, data, groups, &mut Ignore).unwrap();
            fitted.trials.iter().find(|trial| trial.chosen).unwrap().auroc.unwrap()
        };
        assert!(auroc(&[]) > 0.9 && auroc(&records) < 0.8);
    });
}

#[test]
fn an_observer_ends_the_choice_with_the_best_so_far_or_without_a_result() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let settings = ExactSettings::new(kernels(), true);
    let until = |last: usize| {
        with_sequences(|view| {
            let mut seen = 0;
            let mut observer = |event: Event<'_>| {
                if let Event::Penalty { trial, of } = event {
                    assert!(trial.trial <= of);
                    seen = trial.trial;
                }
                if seen >= last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            train_exact(&settings, TrainingData::of_one_task(view, &labels), &[], &mut observer)
        })
    };
    let fitted = until(2).unwrap();
    assert_eq!((fitted.trials.len(), fitted.reason, fitted.converged), (2, StopReason::Interrupted, true));
    assert!(matches!(until(0), Err(Error::Interrupted)));
    assert_eq!(fit(&labels, 1, &settings).unwrap().reason, StopReason::Epochs);
}

#[test]
fn settings_and_labels_that_do_not_fit_are_refused() {
    let labels: Vec<f64> = (0..RECORDS).map(|record| holds(record, 0)).collect();
    let good = ExactSettings::new(kernels(), true);
    let refused = |settings: ExactSettings| fit(&labels, 1, &settings).unwrap_err().to_string();
    for (settings, says) in [
        (ExactSettings { l2: Penalty::Value(0.0), ..good.clone() }, "l2 = 0"),
        (ExactSettings { l2: Penalty::Value(f64::NAN), ..good.clone() }, "l2"),
        (ExactSettings { kernels: vec![], ..good.clone() }, "number of kernels"),
        (ExactSettings { kernels: vec![kernel(4, Profile::Exponential { sigma: 0.0 })], ..good.clone() }, "sigma"),
        (ExactSettings { kernels: vec![kernel(64, Profile::Exponential { sigma: 0.3 })], ..good.clone() }, "width"),
        (ExactSettings { folds: 1, ..good.clone() }, "folds"),
        (ExactSettings { class_weight: ClassWeight::Positives(0.0), ..good.clone() }, "weight of positives"),
    ] {
        assert!(refused(settings).contains(says), "{says}");
    }
    let odd: Vec<f64> = labels.iter().map(|label| label + 0.5).collect();
    assert!(matches!(fit(&odd, 1, &good), Err(Error::Core(ckn_core::Error::Label { .. }))));
    let few: Vec<f64> = (0..RECORDS).map(|record| f64::from(record < 3)).collect();
    assert!(matches!(fit(&few, 1, &good), Err(Error::Folds { positives: 3, .. })));
    assert!(fit(&few, 1, &ExactSettings { l2: Penalty::Value(1.0), ..good.clone() }).is_ok());
    assert!(matches!(fit(&labels[1..], 1, &good), Err(Error::Labels { .. })));
}

#[test]
fn the_default_kernel_is_as_wide_as_most_sequences_allow() {
    let table = table();
    let width = |lengths: &[usize]| {
        let offsets: Vec<usize> = [0]
            .into_iter()
            .chain(lengths.iter().scan(0, |end, length| {
                *end += length;
                Some(*end)
            }))
            .collect();
        let tokens = vec![0u8; *offsets.last().unwrap()];
        default_kernel(TokenView::new(&tokens, &offsets, &table).unwrap())
    };
    let gapped =
        |width, informative| kernel(width, Profile::GappedKmer { informative, mismatches: width - informative });
    assert_eq!(width(&[101, 101, 3]), gapped(11, 7));
    assert_eq!(width(&[8, 8, 8, 200]), gapped(8, 6));
    assert_eq!(width(&[1]), gapped(1, 1));
}
