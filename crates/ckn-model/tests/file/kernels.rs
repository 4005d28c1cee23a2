//! Kernels with weights or places of windows, with an exponential on top, and of estimated words.

use std::path::Path;

use ckn_core::mismatch::Profile;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{Body, CentreWeight, Error, KernelMachine, Model, SequenceKernel};
use serde_json::json;

use crate::support::{Parts, card};

const SUPPORT: [u8; 30] = [0, 1, 2, 3, 0, 0, 1, 4, 2, 3, 1, 3, 0, 3, 3, 1, 0, 2, 2, 1, 0, 3, 1, 2, 0, 1, 1, 3, 2, 0];
const OFFSETS: [usize; 4] = [0, 9, 20, 30];
const COEFFICIENTS: [f64; 3] = [1.5, -0.75, 0.5];
const ESTIMATED: Profile = Profile::EstimatedWords { informative: 2, mismatches: 2, truncated: true };
const CENTRE: CentreWeight = CentreWeight { maximum: 9.0, half_life: 2.5 };

fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

fn kernels() -> Vec<SequenceKernel> {
    let plain = SequenceKernel::new(3, ESTIMATED, true);
    vec![
        plain,
        SequenceKernel { gamma: Some(1.5), ..plain },
        SequenceKernel { centre: Some(CENTRE), ..plain },
        SequenceKernel { centre: Some(CENTRE), gamma: Some(2.0), ..plain },
        SequenceKernel { centre: Some(CENTRE), ..SequenceKernel::new(4, Profile::Exponential { sigma: 0.4 }, false) },
        SequenceKernel { places: Some(0.8), ..plain },
        SequenceKernel { places: Some(6.0), ..SequenceKernel::new(4, Profile::Exponential { sigma: 0.4 }, false) },
        // No table of words.
        SequenceKernel { places: Some(1.5), ..SequenceKernel::new(9, Profile::Exponential { sigma: 0.5 }, true) },
        SequenceKernel { gamma: Some(0.7), ..SequenceKernel::new(13, Profile::Exponential { sigma: 0.5 }, true) },
    ]
}

fn machine(kernel: SequenceKernel, both_strands: bool) -> KernelMachine {
    let table = table();
    let view = TokenView::new(&SUPPORT, &OFFSETS, &table).unwrap();
    KernelMachine::of_vectors(view, both_strands, kernel, COEFFICIENTS.to_vec(), -0.25).unwrap()
}

/// A window of known letters, its weight, and the place of its middle.
type Window = (Vec<u8>, f64, f64);

fn windows(x: &[u8], kernel: &SequenceKernel) -> Vec<Window> {
    let place = |start: usize| start as f64 + 0.5 * kernel.width as f64 - 0.5 * x.len() as f64;
    let weight = |start: usize| match kernel.centre {
        None => 1.0,
        Some(CentreWeight { maximum, half_life }) => {
            (maximum * 0.5f64.powf(place(start).abs() / half_life) + 1.0).floor().min(maximum)
        }
    };
    let known = x.windows(kernel.width).enumerate().filter(|(_, window)| window.iter().all(|&token| token < 4));
    known.map(|(start, window)| (window.to_vec(), weight(start), place(start))).collect()
}

fn raw(x: &[u8], y: &[u8], kernel: &SequenceKernel, both_strands: bool) -> f64 {
    let values = kernel.profile.values(kernel.width).unwrap();
    let mut left = windows(x, kernel);
    if both_strands {
        let turned =
            |(window, weight, place): &Window| (window.iter().rev().map(|token| 3 - token).collect(), *weight, -place);
        left.extend(left.clone().iter().map(turned));
    }
    let right = windows(y, kernel);
    let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
    let worth = |(a, v, here): &Window, (b, w, there): &Window| {
        let near = kernel.places.map_or(1.0, |beta| (-0.5 * ((here - there) / beta).powi(2)).exp());
        near * v * w * values[a.iter().zip(b).filter(|(a, b)| a != b).count()]
    };
    pairs.map(|(left, right)| worth(left, right)).sum()
}

fn score(x: &[u8], kernel: &SequenceKernel, both_strands: bool) -> f64 {
    let raw = |x: &[u8], y: &[u8]| raw(x, y, kernel, both_strands);
    let norm = |x: &[u8]| if kernel.normalised { raw(x, x).sqrt() } else { 1.0 };
    let value = |y: &[u8]| {
        let (above, below) = (raw(x, y), norm(x) * norm(y));
        let value = if below > 0.0 { above / below } else { 0.0 };
        kernel.gamma.map_or(value, |gamma| (gamma * (value - 1.0)).exp())
    };
    let support = OFFSETS.windows(2).map(|ends| &SUPPORT[ends[0]..ends[1]]);
    COEFFICIENTS.iter().zip(support).map(|(coefficient, y)| coefficient * value(y)).sum::<f64>() - 0.25
}

#[test]
fn scores_are_those_of_the_definition() {
    let table = table();
    let tokens: Vec<u8> = (0..60).map(|at| ((at * at + at / 3) % 4) as u8).chain([4; 16]).collect();
    let view = TokenView::new(&tokens, &[0, 16, 40, 60, 76], &table).unwrap();
    for kernel in kernels() {
        for both_strands in [true, false] {
            let machine = machine(kernel, both_strands);
            let scores = machine.scores(view).unwrap();
            for (record, got) in scores.iter().enumerate() {
                let want = score(view.sequence(record), &kernel, both_strands);
                let tolerance = if kernel.width > 8 {
                    1e-6
                } else if kernel.places.is_some() {
                    1e-8
                } else {
                    1e-12
                };
                assert!((got - want).abs() < tolerance * (1.0 + want.abs()), "{kernel:?}, {record}: {got} {want}");
                let alone = [0, view.sequence(record).len()];
                let alone = TokenView::new(view.sequence(record), &alone, &table).unwrap();
                assert_eq!(machine.scores(alone).unwrap(), [*got]);
            }
        }
    }
}

#[test]
fn words_have_weights_where_a_score_is_their_sum() {
    let table = table();
    let is_sum: Vec<bool> = kernels().iter().map(|kernel| kernel.is_window_sum(4)).collect();
    assert!(is_sum[0] && is_sum[1..].iter().all(|is_sum| !is_sum), "{is_sum:?}");
    assert!(!kernels()[0].is_window_sum(20));
    for kernel in kernels() {
        let weights = machine(kernel, true).word_weights(0, &table).unwrap();
        assert_eq!(weights.is_some(), kernel.is_window_sum(4));
        let Some(weights) = weights else { continue };
        // Of AGC and its reverse complement GCT: the sum over the windows of a sequence of three letters.
        assert!((weights[0b00_10_01] - weights[0b10_01_11]).abs() < 1e-12);
        let own = raw(&[0, 2, 1], &[0, 2, 1], &kernel, true).sqrt();
        let want = (score(&[0, 2, 1], &kernel, true) + 0.25) * own;
        assert!((weights[0b00_10_01] - want).abs() < 1e-12, "{} {want}", weights[0b00_10_01]);
    }
    assert_eq!(machine(kernels()[0], true).word_weights(1, &table).unwrap(), None);
}

#[test]
fn files_hold_what_is_new_and_nothing_where_there_is_none() {
    for kernel in kernels() {
        let model = Model::new(machine(kernel, true), card("ACGT")).unwrap();
        let bytes = model.to_bytes().unwrap();
        assert_eq!(Model::from_bytes(&bytes, Path::new("some.ckn")).unwrap(), model);
        let written = &Parts::of(&bytes).ckn["machine"]["kernels"][0];
        assert_eq!(
            ["gamma", "centre", "places"].map(|key| written.get(key).is_some()),
            [kernel.gamma.is_some(), kernel.centre.is_some(), kernel.places.is_some()]
        );
    }
    let attack = |kernel: usize, change: &dyn Fn(&mut serde_json::Value)| {
        let mut parts =
            Parts::of(&Model::new(machine(kernels()[kernel], true), card("ACGT")).unwrap().to_bytes().unwrap());
        change(&mut parts.ckn["machine"]["kernels"][0]);
        match Model::from_bytes(&parts.whole(), Path::new("some.ckn")) {
            Err(Error::Malformed { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(attack(1, &|kernel| kernel["gamma"] = json!(-1.0)).contains("gamma"));
    assert!(attack(1, &|kernel| kernel["normalised"] = json!(false)).contains("gamma"));
    assert!(attack(2, &|kernel| kernel["centre"]["half_life"] = json!(0.0)).contains("half-life"));
    assert!(attack(2, &|kernel| kernel["centre"]["maximum"] = json!(1e9)).contains("weight of the middle"));
    assert!(attack(4, &|kernel| kernel["width"] = json!(13)).contains("weights"));
    assert!(attack(0, &|kernel| kernel["places"] = json!(0.0)).contains("bandwidth of places"));
    assert!(attack(1, &|kernel| kernel["places"] = json!(1.0)).contains("gamma"));
    assert!(attack(0, &|kernel| kernel["profile"]["informative"] = json!(4)).contains("informative"));
    let Body::Machine(machine) = Model::new(machine(kernels()[0], true), card("ACGT")).unwrap().body().clone() else {
        panic!("another kind")
    };
    assert_eq!(machine.config().kernels, [kernels()[0]]);
}
