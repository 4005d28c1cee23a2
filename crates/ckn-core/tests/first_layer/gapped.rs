//! Layers on gapped patches: golden embeddings, finite differences, strands, and the contiguous layer as a limit.

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{LayerConfig, NetworkConfig};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;

use crate::support::{assert_close, check_gradients, embeddings, nucleotides, tokens, unit_rows};

fn config(width: usize, filters: usize, decay: f64, sigma: f64, pooling: Pooling, strands: Strands) -> NetworkConfig {
    let kernel = DotProductKernel::Exponential { sigma };
    NetworkConfig {
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling,
        strands,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        gap_decay: decay,
        ..NetworkConfig::of_one_layer(4, filters, width)
    }
}

#[test]
fn embeddings_are_golden() {
    let text = include_str!("../../../../reference/golden/gapped.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let anchors = numbers(&golden["anchors"]);
    let sequences: Vec<String> = serde_json::from_value(golden["sequences"].clone()).unwrap();
    let sequences: Vec<Vec<u8>> = sequences.iter().map(|sequence| tokens(sequence)).collect();
    for case in golden["cases"].as_array().unwrap() {
        let pooling: Pooling = serde_json::from_value(case["pooling"].clone()).unwrap();
        let (decay, sigma) = (case["decay"].as_f64().unwrap(), golden["sigma"].as_f64().unwrap());
        let config = config(4, 3, decay, sigma, pooling, Strands::Mean).check().unwrap();
        let want: Vec<f64> = case["embeddings"].as_array().unwrap().iter().flat_map(numbers).collect();
        assert_close(&embeddings(&config, &[&anchors], &sequences), &want, 1e-10, &format!("{pooling:?} {decay}"));
    }
}

#[test]
fn gradients_equal_central_differences() {
    for width in [4, 1] {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
            for strands in [Strands::Forward, Strands::Mean] {
                check_gradients(&config(width, 18, 0.4, 0.7, pooling, strands));
            }
        }
    }
    let one = config(3, 18, 0.4, 0.7, Pooling::Mean, Strands::Mean);
    let second = LayerConfig { filters: 3, width: 2, ..one.layers[0] };
    for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
        check_gradients(&NetworkConfig { layers: vec![one.layers[0], second], pooling, ..one.clone() });
    }
}

#[test]
fn a_decay_that_vanishes_is_the_contiguous_layer() {
    let sequences = [tokens("ACGTTGCACGTACCA"), tokens("GGGATTTTACCA"), tokens("TTTTT")];
    for pooling in [Pooling::Mean, Pooling::Max, Pooling::Gmp] {
        let anchors = unit_rows(20, 20, 2.0);
        let of = |decay| {
            let config = config(5, 20, decay, 0.5, pooling, Strands::Max).check().unwrap();
            embeddings(&config, &[&anchors], &sequences)
        };
        assert_close(&of(1e-13), &of(0.0), 1e-9, &format!("{pooling:?}"));
    }
}

#[test]
fn an_unknown_letter_makes_a_patch_smaller_by_its_norm() {
    // One anchor, A: κ of N, whose direction is ½ A + …, is exp((½ − 1)/σ²), and its norm ½.
    let one = config(1, 1, 0.5, 0.8, Pooling::Sum, Strands::Forward);
    let one = NetworkConfig { regularisation: Regularisation::Shift { epsilon: 1e-12 }, ..one }.check().unwrap();
    let got = embeddings(&one, &[&[1.0, 0.0, 0.0, 0.0]], &[tokens("N"), tokens("A")]);
    assert_close(&got, &[0.5 * (-0.5f64 / 0.64).exp(), 1.0], 1e-9, "N and A");
    // Two letters, one of them unknown, far from the beginning of nothing: √2 (1 − λ) · ½ · κ.
    let two = config(2, 1, 0.5, 0.8, Pooling::Sum, Strands::Forward);
    let two = NetworkConfig { regularisation: Regularisation::Shift { epsilon: 1e-12 }, ..two }.check().unwrap();
    let side = 0.5f64.sqrt();
    let anchor = [side, side, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let want = 2f64.sqrt() * 0.5 * 0.5 * (-0.25f64 / 0.64).exp();
    assert_close(&embeddings(&two, &[&anchor], &[tokens("AN")]), &[want], 1e-9, "AN");
}

#[test]
fn strands_change_places_under_the_reverse_complement() {
    let table = nucleotides();
    let sequence = tokens("ACGTTGCANGTACCA");
    let reverse: Vec<u8> = table.reverse_complement(&sequence).unwrap().collect();
    for pooling in [Pooling::Mean, Pooling::Max] {
        let config = config(4, 5, 0.6, 0.5, pooling, Strands::Max).check().unwrap();
        let out = embeddings(&config, &[&unit_rows(5, 16, 3.0)], &[sequence.clone(), reverse.clone()]);
        assert_close(&out[..5], &out[15..], 1e-12, "forward and reverse");
        assert_close(&out[5..10], &out[10..15], 1e-12, "reverse and forward");
    }
}

#[test]
fn settings_that_gapped_patches_do_not_have_are_refused() {
    let refused = |change: fn(&mut NetworkConfig)| {
        let mut config = config(4, 5, 0.5, 0.3, Pooling::Max, Strands::Forward);
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert!(refused(|config| config.gap_decay = 1.0).contains("at most 0.999"));
    assert!(refused(|config| config.gap_decay = f64::NAN).contains("at most 0.999"));
    assert!(refused(|config| config.border = Border::Same).contains("ends of a sequence"));
    assert!(refused(|config| config.layers[0].kernel = DotProductKernel::Linear).contains("not exponential"));
}
