//! Choosing a model inside the training data.

// A step that fails fails the test.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ops::ControlFlow;
use std::time::Duration;

use ckn_core::loss::Loss;
use ckn_core::metrics::auroc;
use ckn_core::mismatch::Profile;
use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use ckn_model::SequenceKernel;
use ckn_train::auto::{AutoData, AutoSettings, AutoTrial, Candidate, Effort, Family, Found, search};
use ckn_train::{Error, Event, Ignore, LeftOut};

use rand::RngExt;
use support::{LENGTH, offsets, tokens};

const RECORDS: usize = 240;

fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

/// The first third holds a word; each positive has two negatives of its group.
fn labels() -> (Vec<f64>, Vec<usize>) {
    let positives = RECORDS / 3;
    let labels = (0..RECORDS).map(|record| f64::from(record < positives)).collect();
    let groups =
        (0..RECORDS).map(|record| if record < positives { record } else { (record - positives) / 2 }).collect();
    (labels, groups)
}

fn planted() -> Vec<u8> {
    tokens(RECORDS, |record| (record < RECORDS / 3).then_some([0, 2, 3, 1, 2, 2]))
}

fn machine(width: usize, sigma: f64) -> Candidate {
    let kernel = SequenceKernel::new(width, Profile::Exponential { sigma }, true);
    Candidate::Machine { kernel, both_strands: true }
}

fn settings() -> AutoSettings {
    let family = Family { letters: 4, both_strands: true, typical: 6, aligned: false };
    let candidates = vec![machine(6, 0.3), machine(14, 0.3), machine(40, 0.3), family.learnt(8, 10)];
    AutoSettings { candidates, folds: 3, ..AutoSettings::new(Effort::Quick, family) }
}

fn find(tokens: &[u8], settings: &AutoSettings) -> Result<Found, Error> {
    let (table, offsets, (labels, groups)) = (table(), offsets(RECORDS), labels());
    let view = TokenView::new(tokens, &offsets, &table).unwrap();
    search(AutoData { view, labels: &labels, groups: &groups }, settings, &mut Ignore)
}

#[test]
fn a_planted_word_is_found_by_what_was_chosen() {
    let (table, offsets, (labels, groups), tokens) = (table(), offsets(RECORDS), labels(), planted());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let data = AutoData { view, labels: &labels, groups: &groups };
    let found = find(&tokens, &settings()).unwrap();
    // A window wider than the sequences is no candidate.
    assert_eq!(found.too_wide, 1);
    let names: Vec<&str> = found.trials.iter().map(|trial| trial.candidate.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].contains("width 6") && names[2].contains("8 filters"), "{names:?}");
    assert!(found.auroc > 0.95 && !found.cut_short, "{found:?}");
    assert!(found.trials.iter().any(|trial| trial.chosen));
    let fitted = found.fit(data, &mut Ignore).unwrap();
    // What a member was worth is what its own trial was.
    let of_machines: Vec<Option<f64>> = fitted.machines.iter().map(|machine| machine.auroc).collect();
    let of_networks: Vec<f64> = fitted.networks.iter().map(|network| network.auroc).collect();
    let chosen = |exact: bool| -> Vec<f64> {
        let of_kind = |trial: &&AutoTrial| trial.chosen && trial.candidate.contains("exact kernel") == exact;
        found.trials.iter().filter(of_kind).map(|trial| trial.auroc).collect()
    };
    assert_eq!(of_networks, chosen(false));
    match chosen(true)[..] {
        [] => assert!(of_machines.is_empty()),
        [only] => assert_eq!(of_machines, [Some(only)]),
        _ => assert_eq!(of_machines, [None]),
    }
    let mut scores = vec![fitted.intercept; RECORDS];
    for member in &fitted.machines {
        scores.iter_mut().zip(member.machine.scores(view).unwrap()).for_each(|(sum, score)| *sum += score);
    }
    for member in fitted.networks {
        let own = member.network.scores(&[member.head], view).unwrap();
        scores.iter_mut().zip(own).for_each(|(sum, score)| *sum += member.weight * score);
    }
    assert!(auroc(&scores, &labels).value().unwrap() > 0.98);
    // Log-odds of balanced classes: positives above 0, negatives below.
    let right = scores.iter().zip(&labels).filter(|(score, label)| (**score > 0.0) == (**label > 0.5)).count();
    assert!(right > RECORDS * 9 / 10, "{right}");
}

#[test]
fn the_search_depends_on_the_seed_and_not_on_the_threads() {
    let tokens = planted();
    let one = |threads: usize, seed: u64| {
        let settings = AutoSettings { seed, ..settings() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| find(&tokens, &settings)).unwrap();
        found.trials.iter().map(|trial| trial.auroc.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(one(1, 0), one(3, 0));
    assert_ne!(one(1, 0), one(1, 1));
}

#[test]
fn folds_are_judged_by_models_that_have_not_seen_them() {
    // Without anything to learn, no candidate ranks what it has not seen better than chance; one that had seen it would.
    let mut random = Seed(5).stream("letters");
    let tokens: Vec<u8> = (0..RECORDS * LENGTH).map(|_| random.random_range(0..4)).collect();
    let found = find(&tokens, &settings()).unwrap();
    for trial in &found.trials {
        assert!((0.35..0.65).contains(&trial.auroc), "{trial:?}");
    }
}

#[test]
fn scores_of_what_was_left_out_are_kept_on_the_scale_of_the_model() {
    let found = find(&planted(), &settings()).unwrap();
    let LeftOut { records, scores } = &found.left_out;
    assert!(records.len() == found.judged_on && scores.len() == records.len());
    assert!(records.windows(2).all(|pair| pair[0] < pair[1]));
    let (labels, _) = labels();
    let labels: Vec<f64> = records.iter().map(|&record| labels[record]).collect();
    // Folds together are ranked about as well as each by itself.
    assert!((auroc(scores, &labels).value().unwrap() - found.auroc).abs() < 0.03);
    // Log-odds of balanced classes: a regression on them has the intercept 0, and no smaller slope. A larger one fits better than the penalty allows.
    let (positives, negatives) = (labels.iter().sum::<f64>(), labels.iter().map(|label| 1.0 - label).sum::<f64>());
    let loss = |slope: f64, intercept: f64| {
        let each = scores.iter().zip(&labels).map(|(score, &label)| {
            let weight = if label > 0.5 { 1.0 } else { positives / negatives };
            weight * Loss::Logistic.value(slope * score + intercept, label)
        });
        each.sum::<f64>()
    };
    let best = loss(1.0, 0.0);
    for (slope, intercept) in [(0.8, 0.0), (1.0, 0.3), (1.0, -0.3)] {
        assert!(loss(slope, intercept) > best, "{slope} {intercept}");
    }
}

#[test]
fn a_search_can_be_ended_early_and_keeps_what_it_has() {
    let tokens = planted();
    let found = find(&tokens, &AutoSettings { budget: Some(Duration::ZERO), ..settings() }).unwrap();
    assert!(found.cut_short && found.trials.len() == 1 && found.trials[0].chosen);
    let (table, offsets, (labels, groups)) = (table(), offsets(RECORDS), labels());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let data = AutoData { view, labels: &labels, groups: &groups };
    // No time is left for a fit: the model is that of the folds.
    let fitted = found.fit(data, &mut Ignore).unwrap();
    assert_eq!(fitted.of_folds, 1);
    let scores = fitted.machines[0].machine.scores(view).unwrap();
    assert!(auroc(&scores, &labels).value().unwrap() > 0.98);
    let mut stop_at_second = |event: Event<'_>| match event {
        Event::Trial { trial, .. } if trial.trial == 2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let found = search(data, &settings(), &mut stop_at_second).unwrap();
    assert!(found.cut_short && found.trials.len() == 2);
}

#[test]
fn the_observer_is_asked_inside_of_a_candidate() {
    let tokens = planted();
    let (table, offsets, (labels, groups)) = (table(), offsets(RECORDS), labels());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let data = AutoData { view, labels: &labels, groups: &groups };
    let mut asked = 0;
    let mut stop_at_third = |event: Event<'_>| {
        asked += usize::from(matches!(event, Event::Working));
        if asked < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    // Before the first candidate is judged there is nothing.
    assert!(matches!(search(data, &settings(), &mut stop_at_third), Err(Error::NothingTried)));
    let (mut tried, mut after) = (0, 0);
    let mut stop_in_network = |event: Event<'_>| {
        tried += usize::from(matches!(event, Event::Trial { .. }));
        after += usize::from(tried == 2 && matches!(event, Event::Working));
        if after < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let found = search(data, &settings(), &mut stop_in_network).unwrap();
    assert!(found.cut_short && found.trials.len() == 2, "{:?}", found.trials);
    assert_eq!(after, 5);
}

#[test]
fn efforts_try_the_same_first_candidates_and_narrow_ones_for_short_sequences() {
    let names = |effort: Effort, typical: usize| -> Vec<String> {
        let family = Family { letters: 4, both_strands: true, typical, aligned: false };
        AutoSettings::new(effort, family).candidates.iter().map(Candidate::to_string).collect()
    };
    let (quick, standard, thorough) =
        (names(Effort::Quick, 101), names(Effort::Standard, 101), names(Effort::Thorough, 101));
    assert!(quick.len() == 2 && standard.starts_with(&quick) && thorough.starts_with(&standard), "{thorough:?}");
    let narrow = names(Effort::Thorough, 7);
    assert!(narrow[0].contains("width 7, gapped k-mers of 5, 2 mismatches") && narrow.len() < thorough.len());
}

#[test]
fn data_that_cannot_be_searched_on_are_refused() {
    let (table, offsets, (labels, groups), tokens) = (table(), offsets(RECORDS), labels(), planted());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let refused = |labels: &[f64], groups: &[usize], settings: &AutoSettings| {
        search(AutoData { view, labels, groups }, settings, &mut Ignore).map(|_| ()).unwrap_err()
    };
    assert!(matches!(refused(&labels[1..], &groups, &settings()), Error::Labels { .. }));
    assert!(matches!(refused(&[1.0; RECORDS], &groups, &settings()), Error::Folds { negatives: 0, .. }));
    assert!(matches!(refused(&[0.5; RECORDS], &groups, &settings()), Error::Setting { name: "a label", .. }));
    let too_wide = AutoSettings { candidates: vec![machine(30, 0.3)], ..settings() };
    let short = refused(&labels, &groups, &too_wide);
    assert!(matches!(short, Error::Core(ckn_core::Error::TooShort { length: LENGTH, width: 30, .. })), "{short}");
    let one = |record: usize| f64::from(record == 0);
    let single: Vec<f64> = (0..RECORDS).map(one).collect();
    assert!(matches!(refused(&single, &groups, &settings()), Error::Folds { positives: 1, .. }));
    let one_fold = AutoSettings { folds: 1, ..settings() };
    assert!(matches!(refused(&labels, &groups, &one_fold), Error::Setting { name: "folds", .. }));
}

/// A word that every sequence holds: positives in their middle, negatives a little before or after it.
fn placed_words() -> Vec<u8> {
    let mut tokens = tokens(RECORDS, |_| None);
    for (record, sequence) in tokens.chunks_exact_mut(LENGTH).enumerate() {
        let place = if record < RECORDS / 3 { 9 } else { [5, 6, 7, 8, 10, 11, 12, 13][record % 8] };
        sequence[place..place + 6].copy_from_slice(&[0, 2, 3, 1, 2, 2]);
    }
    tokens
}

#[test]
fn places_count_where_they_tell_classes_apart_and_hopeless_candidates_are_given_up() {
    let family = Family { letters: 4, both_strands: true, typical: LENGTH, aligned: true };
    let settings = AutoSettings::new(Effort::Quick, family);
    let found = find(&placed_words(), &settings).unwrap();
    let with_places: Vec<&AutoTrial> =
        found.trials.iter().filter(|trial| trial.candidate.contains("places within 0.5")).collect();
    assert_eq!(with_places.len(), 2, "{:?}", found.trials);
    assert!(with_places.iter().any(|trial| trial.chosen && trial.auroc > 0.95), "{:?}", found.trials);
    assert!(found.trials[0].auroc < 0.75 && !found.trials[0].chosen, "{:?}", found.trials);
    let (table, offsets, (labels, groups), tokens) = (table(), offsets(RECORDS), labels(), placed_words());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let fitted = found.fit(AutoData { view, labels: &labels, groups: &groups }, &mut Ignore).unwrap();
    assert!(fitted.machines.iter().any(|member| member.machine.config().kernels[0].places == Some(0.5)));
    // The other way round, where a word tells them apart wherever it stands, a narrower one does not.
    let candidates = vec![machine(6, 0.3), machine(1, 0.3)];
    let found = find(&planted(), &AutoSettings { candidates, folds: 3, ..settings }).unwrap();
    let [best, hopeless] = &found.trials[..] else { panic!("{:?}", found.trials) };
    assert!(best.folds == 3 && best.chosen, "{best:?}");
    assert!(hopeless.folds == 1 && !hopeless.chosen && hopeless.auroc_sd == 0.0, "{hopeless:?}");
}

#[test]
fn networks_that_lead_are_trained_several_times_where_that_is_asked_for() {
    let (table, offsets, (labels, groups), tokens) = (table(), offsets(RECORDS), labels(), planted());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let data = AutoData { view, labels: &labels, groups: &groups };
    let family = Family { letters: 4, both_strands: true, typical: 6, aligned: false };
    let of = |candidates: Vec<Candidate>| {
        let found = find(&tokens, &AutoSettings { candidates, trainings: 3, ..settings() }).unwrap();
        found.fit(data, &mut Ignore).unwrap()
    };
    let led = of(vec![machine(1, 0.3), family.learnt(8, 10)]);
    assert!(led.machines.is_empty() && led.networks.len() == 3, "{}", led.networks.len());
    assert!(led.networks.iter().all(|member| member.weight == led.networks[0].weight));
    assert_ne!(led.networks[0].network, led.networks[1].network);
    // A machine that is as good: once.
    assert!(of(vec![machine(6, 0.3), family.learnt(8, 10)]).networks.len() <= 1);
}
