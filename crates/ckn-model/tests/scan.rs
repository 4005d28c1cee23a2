//! Scores of sliding windows against the scores of the same windows, one by one.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::mismatch::Profile;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{
    Ensemble, KernelMachine, LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig, ScannedStrands,
    Scanner, SequenceKernel, WindowScores,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// A, C, G, T, N.
fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

fn model(config: NetworkConfig, seed: u64) -> Model {
    let network = Network::random(config.check().unwrap(), &mut Seed(seed).stream("network")).unwrap();
    let weights = (0..network.dimension()).map(|i| (1.0 + i as f64) * if i % 2 == 0 { 0.5 } else { -0.4 }).collect();
    let card = ModelCard {
        alphabet: "dna".into(),
        letters: "ACGT".into(),
        loss: Loss::Logistic,
        outputs: Vec::new(),
        classes: Vec::new(),
        pad_short: false,
        seed,
        data: Default::default(),
        lengths: None,
        training: serde_json::Value::Null,
        measured: Default::default(),
        held_out: None,
    };
    Model::of_network(network, vec![LinearHead::new(weights, -0.3).unwrap()], card).unwrap()
}

/// The definition: each window, and its reverse complement, as sequences of their own.
fn by_window(model: &Model, tokens: &[u8], length: usize, strands: ScannedStrands) -> Vec<(f64, bool)> {
    let table = table();
    let score = |window: &[u8]| {
        let offsets = [0, window.len()];
        model.scores(TokenView::new(window, &offsets, &table).unwrap()).unwrap()[0]
    };
    let one_strand = model.strands() == Strands::Forward;
    let windows = tokens.windows(length).map(|window| {
        if 2 * window.iter().filter(|&&token| token > 3).count() > length {
            return (f64::NAN, false);
        }
        let forward = score(window);
        if strands == ScannedStrands::Forward || !one_strand {
            return (forward, false);
        }
        let turned: Vec<u8> =
            window.iter().rev().map(|&token| table.complement().unwrap()[usize::from(token)]).collect();
        let reverse = score(&turned);
        (forward.max(reverse), reverse > forward)
    });
    windows.collect()
}

#[derive(Debug, Clone)]
struct Case {
    config: NetworkConfig,
    tokens: Vec<u8>,
    longer: usize,
    strands: ScannedStrands,
}

fn cases() -> impl Strategy<Value = Case> {
    let kernel = prop_oneof![
        3 => (0.2f64..1.0).prop_map(|sigma| DotProductKernel::Exponential { sigma }),
        1 => Just(DotProductKernel::ArcCosine { order: 1 }),
    ];
    let layer = (1usize..40, 1usize..14, kernel);
    let pooling = prop_oneof![Just(Pooling::Mean), Just(Pooling::Sum), Just(Pooling::Max)];
    let strands = prop_oneof![2 => Just(Strands::Forward), 1 => Just(Strands::Max), 1 => Just(Strands::Mean)];
    let deep = (prop::bool::weighted(0.2), prop_oneof![4 => Just(Border::Valid), 1 => Just(Border::Same)]);
    let alike = vec![1.0, 0.1, 0.6, 0.2, 0.1, 1.0, 0.2, 0.5, 0.6, 0.2, 1.0, 0.1, 0.2, 0.5, 0.1, 1.0];
    let similarity = prop_oneof![3 => Just(Vec::new()), 1 => Just(alike)];
    let decay = (prop_oneof![4 => Just(0.0), 1 => 0.1f64..0.9], similarity);
    // Runs of letters, of which every fourth or so is a run of N.
    let run = prop_oneof![
        4 => prop::collection::vec(0u8..4, 1..60),
        1 => (1usize..50).prop_map(|length| vec![4u8; length]),
        1 => Just(vec![4u8]),
    ];
    let tokens = prop::collection::vec(run, 1..5).prop_map(|runs| runs.concat());
    let both = prop_oneof![Just(ScannedStrands::Both), Just(ScannedStrands::Forward)];
    (layer, pooling, strands, (deep, decay), tokens, 0usize..40, both).prop_map(
        |(
            (filters, width, kernel),
            pooling,
            strands,
            ((deep, border), (decay, letter_similarity)),
            tokens,
            longer,
            both,
        )| {
            let mut layers = vec![LayerConfig { filters, width, kernel, subsampling: if deep { 2 } else { 1 } }];
            if deep {
                layers.push(LayerConfig { filters: 3, width: 2, kernel, subsampling: 1 });
            }
            // More anchors than the kernel's rank: the root multiplies rounding by 1/ε.
            let regularisation = Regularisation::Shift { epsilon: 0.1 };
            let may_have_gaps = border == Border::Valid && matches!(kernel, DotProductKernel::Exponential { .. });
            let gap_decay = if may_have_gaps { decay } else { 0.0 };
            let config = NetworkConfig {
                letters: 4,
                layers,
                pooling,
                strands,
                border,
                regularisation,
                gap_decay,
                letter_similarity,
            };
            Case { config, tokens, longer, strands: both }
        },
    )
}

proptest! {
    #![proptest_config(Config { cases: 120, failure_persistence: None, ..Config::default() })]
    #[test]
    fn sliding_windows_score_as_windows_do(case in cases(), seed in 0u64..1000) {
        let Case { config, tokens, longer, strands } = case;
        let length = config.layers[0].width + config.layers.len() * 4 + longer;
        let model = model(config, seed);
        let table = table();
        let scanner = Scanner::new(&model, &table, length, strands).unwrap();
        let mut got = WindowScores::default();
        scanner.score(&tokens, &mut got).unwrap();
        let expected = by_window(&model, &tokens, length, strands);
        prop_assert_eq!(got.scores.len(), expected.len());
        prop_assert_eq!(got.reverse.len(), expected.len());
        // Scores are differences of larger terms, in f32: errors are relative to those.
        let scale = 1.0 + expected.iter().map(|(score, _)| score.abs()).filter(|score| !score.is_nan()).fold(0.0, f64::max);
        for (at, (score, reverse)) in expected.into_iter().enumerate() {
            prop_assert_eq!(score.is_nan(), got.scores[at].is_nan(), "window {}", at);
            prop_assert!(score.is_nan() || (score - got.scores[at]).abs() < 1e-5 * scale, "{} {} {}", at, score, got.scores[at]);
            if model.network().unwrap().network().config().strands == Strands::Forward && got.reverse[at] != reverse && !score.is_nan() {
                // Palindromes, and other ties up to rounding.
                let turned = tokens[at..at + length].iter().rev().map(|&token| if token < 4 { 3 - token } else { 4 });
                let claimed: Vec<u8> = if got.reverse[at] { turned.collect() } else { tokens[at..at + length].to_vec() };
                let claimed = by_window(&model, &claimed, length, ScannedStrands::Forward)[0].0;
                prop_assert!((claimed - score).abs() < 3e-5 * scale, "strand of window {}", at);
            }
        }
    }
}

#[test]
fn windows_too_short_for_the_network_are_refused() {
    let layers = vec![LayerConfig { filters: 2, width: 8, kernel: DotProductKernel::Linear, subsampling: 1 }];
    let regularisation = Regularisation::Shift { epsilon: 1e-2 };
    let (pooling, strands, border) = (Pooling::Mean, Strands::Forward, Border::Valid);
    let model = model(
        NetworkConfig {
            letters: 4,
            layers,
            pooling,
            strands,
            border,
            regularisation,
            ..NetworkConfig::of_one_layer(4, 1, 1)
        },
        1,
    );
    let table = table();
    let message = Scanner::new(&model, &table, 7, ScannedStrands::Both).unwrap_err().to_string();
    assert!(message.contains("at least 8"), "{message}");
    let one_strand = LetterTable::new(4, &[], None).unwrap();
    assert!(Scanner::new(&model, &one_strand, 8, ScannedStrands::Both).is_err());
    let scanner = Scanner::new(&model, &one_strand, 8, ScannedStrands::Forward).unwrap();
    let mut scores = WindowScores::default();
    scanner.score(&[0; 7], &mut scores).unwrap();
    assert!(scores.scores.is_empty());
}

/// A machine of a few support sequences, on kernels of several widths.
fn machine(both: bool, widths: &[usize]) -> Model {
    let table = table();
    let tokens: Vec<u8> = (0..120u32).map(|at| (at * at / 7 % 4) as u8).collect();
    let offsets = [0, 40, 75, 120];
    let support = TokenView::new(&tokens, &offsets, &table).unwrap();
    let profiles = [Profile::Exponential { sigma: 0.4 }, Profile::GappedKmer { informative: 3, mismatches: 2 }];
    let kernel = |(at, &width)| SequenceKernel::new(width, profiles[at % 2], at != 1);
    let kernels: Vec<_> = widths.iter().enumerate().map(kernel).collect();
    let coefficients = (0..3 * widths.len()).map(|at| 0.7 - 0.3 * at as f64).collect();
    let machine = KernelMachine::new(support, both, kernels, coefficients, 0.2).unwrap();
    Model::new(machine, ModelCard::new("dna", "ACGT", Loss::SquaredHinge)).unwrap()
}

#[test]
fn windows_of_machines_and_of_ensembles_score_as_sequences_do() {
    let tokens: Vec<u8> = (0..300u32).map(|at| if at / 12 % 6 == 1 { 4 } else { (at * at / 5 % 4) as u8 }).collect();
    let layers = vec![LayerConfig { filters: 2, width: 8, kernel: DotProductKernel::Linear, subsampling: 1 }];
    let regularisation = Regularisation::Shift { epsilon: 1e-2 };
    let (pooling, border) = (Pooling::Mean, Border::Valid);
    let network = |strands| {
        model(
            NetworkConfig {
                letters: 4,
                layers: layers.clone(),
                pooling,
                strands,
                border,
                regularisation,
                ..NetworkConfig::of_one_layer(4, 1, 1)
            },
            1,
        )
    };
    let many = |pooling, strands| {
        let kernel = DotProductKernel::Exponential { sigma: 0.4 };
        let layers = vec![LayerConfig { filters: 70, width: 6, kernel, subsampling: 1 }];
        let regularisation = Regularisation::Shift { epsilon: 0.1 };
        model(
            NetworkConfig {
                letters: 4,
                layers,
                pooling,
                strands,
                border,
                regularisation,
                ..NetworkConfig::of_one_layer(4, 1, 1)
            },
            2,
        )
    };
    let joint = |members: Vec<Model>| {
        let weights = (0..members.len()).map(|at| 0.5 + at as f64).collect();
        let ensemble = Ensemble::new(members, weights, -0.1).unwrap();
        Model::new(ensemble, ModelCard::new("dna", "ACGT", Loss::SquaredHinge)).unwrap()
    };
    let models = [
        machine(true, &[5, 4, 5, 7]),
        machine(false, &[6, 3]),
        // No table of words: every window is scored on its own.
        machine(true, &[13, 4]),
        joint(vec![machine(true, &[5, 4]), network(Strands::Max), network(Strands::Mean)]),
        joint(vec![machine(false, &[7]), network(Strands::Forward)]),
        joint(vec![machine(true, &[5]), many(Pooling::Mean, Strands::Mean)]),
        joint(vec![machine(false, &[5]), many(Pooling::Sum, Strands::Forward)]),
        // Tables of one width side by side, of machines of different strands and networks.
        joint(vec![machine(true, &[6, 5, 6]), many(Pooling::Mean, Strands::Mean), machine(false, &[6])]),
    ];
    let known: Vec<u8> = tokens.iter().map(|token| token % 4).collect();
    let table = table();
    for (number, model) in models.iter().enumerate() {
        for strands in [ScannedStrands::Both, ScannedStrands::Forward] {
            let scanner = Scanner::new(model, &table, 30, strands).unwrap();
            let one_strand = model.strands() == Strands::Forward;
            assert_eq!(scanner.is_stranded(), one_strand && strands == ScannedStrands::Both);
            let mut got = WindowScores::default();
            // In the same memory.
            for tokens in [&tokens, &known] {
                scanner.score(tokens, &mut got).unwrap();
                let want = by_window(model, tokens, 30, strands);
                assert_eq!((got.scores.len(), got.reverse.len()), (want.len(), want.len()));
                let scale =
                    want.iter().map(|(score, _)| score.abs()).filter(|score| !score.is_nan()).fold(1.0, f64::max);
                for (at, (score, reverse)) in want.into_iter().enumerate() {
                    let (near, what) = (got.scores[at], format!("model {number}, {strands:?}, window {at}"));
                    let close = score.is_nan() && near.is_nan() || (score - near).abs() < 1e-6 * scale;
                    assert!(close, "{what}: {score} {near}");
                    assert_eq!(got.reverse[at], reverse, "{what}");
                }
                // Above a floor, scores are the same to the bit.
                let all = got.scores.clone();
                let mut sorted: Vec<f64> = all.iter().copied().filter(|score| !score.is_nan()).collect();
                sorted.sort_by(f64::total_cmp);
                for floor in [0, 1, 2, 3].map(|quarter| sorted[(sorted.len() - 1) * quarter / 3]) {
                    scanner.score_above(tokens, floor, &mut got).unwrap();
                    for (at, (&score, &above)) in all.iter().zip(&got.scores).enumerate() {
                        let same = score.to_bits() == above.to_bits() || score.is_nan() && above.is_nan();
                        let left_out = above == f64::NEG_INFINITY && score <= floor;
                        assert!(
                            same || left_out,
                            "model {number}, {strands:?}, floor {floor}, window {at}: {score} {above}"
                        );
                    }
                }
            }
        }
    }
}
