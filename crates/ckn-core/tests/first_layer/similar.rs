//! Letters that have something in common: golden embeddings, finite differences, strands, and limits.

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{LayerConfig, NetworkConfig};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;
use serde_json::Value;

use crate::support::{assert_close, check_gradients, embeddings, nucleotides, tokens, unit_rows};

/// A with G and C with T, and a little of all.
const ALIKE: [f64; 16] = [1.0, 0.1, 0.6, 0.2, 0.1, 1.0, 0.2, 0.5, 0.6, 0.2, 1.0, 0.1, 0.2, 0.5, 0.1, 1.0];

fn config(width: usize, filters: usize, pooling: Pooling, strands: Strands) -> NetworkConfig {
    let kernel = DotProductKernel::Exponential { sigma: 0.6 };
    NetworkConfig {
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling,
        strands,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        letter_similarity: ALIKE.to_vec(),
        ..NetworkConfig::of_one_layer(4, filters, width)
    }
}

#[test]
fn embeddings_are_golden() {
    let text = include_str!("../../../../reference/golden/similar.json");
    let golden: Value = serde_json::from_str(text).unwrap();
    let numbers = |value: &Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let anchors = numbers(&golden["anchors"]);
    let sequences: Vec<String> = serde_json::from_value(golden["sequences"].clone()).unwrap();
    let sequences: Vec<Vec<u8>> = sequences.iter().map(|sequence| tokens(sequence)).collect();
    for case in golden["cases"].as_array().unwrap() {
        let pooling: Pooling = serde_json::from_value(case["pooling"].clone()).unwrap();
        let border: Border = serde_json::from_value(case["border"].clone()).unwrap();
        let mut config = config(4, 3, pooling, Strands::Mean);
        (config.border, config.gap_decay) = (border, case["decay"].as_f64().unwrap());
        config.letter_similarity = numbers(&golden["similarity"]);
        let want: Vec<f64> = case["embeddings"].as_array().unwrap().iter().flat_map(numbers).collect();
        let got = embeddings(&config.check().unwrap(), &[&anchors], &sequences);
        assert_close(&got, &want, 1e-10, &format!("{pooling:?} {border:?} {}", case["decay"]));
    }
}

#[test]
fn gradients_equal_central_differences() {
    let polynomial = DotProductKernel::Polynomial { degree: 3 };
    for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
        for strands in [Strands::Forward, Strands::Mean] {
            for width in [4, 1] {
                check_gradients(&config(width, 18, pooling, strands));
            }
            let gaps = NetworkConfig { gap_decay: 0.4, ..config(3, 5, pooling, strands) };
            check_gradients(&gaps);
            let mut other = NetworkConfig { border: Border::Same, ..config(3, 5, pooling, strands) };
            other.layers[0].kernel = polynomial;
            check_gradients(&other);
        }
        let mut deep = config(3, 18, pooling, Strands::Mean);
        deep.layers.push(LayerConfig { filters: 3, width: 2, ..deep.layers[0] });
        check_gradients(&deep);
    }
}

#[test]
fn letters_with_nothing_in_common_are_those_of_any_layer() {
    let sequences = [tokens("ACGTTGCACNTACCA"), tokens("GGGATTTTACCA")];
    let anchors = unit_rows(20, 20, 2.0);
    for pooling in [Pooling::Mean, Pooling::Max, Pooling::Gmp] {
        let of = |letter_similarity: &[f64]| {
            let letter_similarity = letter_similarity.to_vec();
            let config = NetworkConfig { letter_similarity, ..config(5, 20, pooling, Strands::Max) };
            embeddings(&config.check().unwrap(), &[&anchors], &sequences)
        };
        let identity: Vec<f64> = (0..16).map(|at| f64::from(at % 5 == 0)).collect();
        assert_close(&of(&identity), &of(&[]), 1e-12, &format!("{pooling:?}"));
    }
}

#[test]
fn letters_that_are_the_same_cannot_be_told_apart() {
    // Purines and pyrimidines: the similarity has rank 2.
    let similarity: Vec<f64> = (0..16).map(|at| f64::from((at / 4) % 2 == (at % 4) % 2)).collect();
    let config = NetworkConfig { letter_similarity: similarity, ..config(4, 6, Pooling::Mean, Strands::Mean) };
    let sequences = [tokens("ACGTTGCACGTACCA"), tokens("GTACCATGTACGTTG")];
    let out = embeddings(&config.check().unwrap(), &[&unit_rows(6, 16, 3.0)], &sequences);
    assert_close(&out[..12], &out[12..], 1e-12, "letters of one class exchanged");
}

#[test]
fn strands_change_places_under_the_reverse_complement() {
    let table = nucleotides();
    let sequence = tokens("ACGTTGCANGTACCA");
    let reverse: Vec<u8> = table.reverse_complement(&sequence).unwrap().collect();
    for (pooling, gap_decay) in [(Pooling::Mean, 0.0), (Pooling::Max, 0.0), (Pooling::Max, 0.5)] {
        let config = NetworkConfig { gap_decay, ..config(4, 5, pooling, Strands::Max) }.check().unwrap();
        let out = embeddings(&config, &[&unit_rows(5, 16, 3.0)], &[sequence.clone(), reverse.clone()]);
        assert_close(&out[..5], &out[15..], 1e-12, "forward and reverse");
        assert_close(&out[5..10], &out[10..15], 1e-12, "reverse and forward");
    }
}
