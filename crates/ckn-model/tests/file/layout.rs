//! What stands where in a file, and what else is read or not written.

use ckn_model::{Error, FORMAT_VERSION, ModelCard};
use serde_json::{Value, json};

use crate::support::{Parts, broken, card, config, model, model_of, read};

#[test]
fn another_version_is_named_even_if_everything_else_has_changed() {
    for metadata in [json!({ "format": 7 }), json!({ "format": 7, "network": [1, { "x": 2 }], "license": "none" })] {
        let bytes = broken(|parts| {
            parts.header = json!({ "a": { "dtype": "BF16", "shape": [2], "data_offsets": [0, 4] } });
            parts.ckn = metadata;
        });
        let error = read(&bytes).unwrap_err();
        assert!(matches!(error, Error::Version { expected: FORMAT_VERSION, got: 7, .. }), "{error}");
        assert!(error.to_string().contains("some.ckn has model format 7"), "{error}");
    }
}

#[test]
fn the_layout_is_the_documented_one() {
    let bytes = model().to_bytes().unwrap();
    let Parts { header, ckn, data } = Parts::of(&bytes);
    let tensor =
        |dtype: &str, shape: Value, offsets: Value| json!({ "dtype": dtype, "shape": shape, "data_offsets": offsets });
    let expected = json!({
        "head.intercept": tensor("F64", json!([1]), json!([0, 8])),
        "head.weights": tensor("F64", json!([3]), json!([8, 32])),
        "layer.0.anchors": tensor("F32", json!([6, 4, 5]), json!([32, 512])),
        "layer.1.anchors": tensor("F32", json!([3, 6, 2]), json!([512, 656])),
    });
    assert_eq!(header, expected);
    assert_eq!(ckn["format"], json!(FORMAT_VERSION));
    assert_eq!(data[..8], (-0.1f64).to_le_bytes());
    assert_eq!(data[32..36], model().network().unwrap().network().layers()[0].anchors()[0].to_le_bytes());
    // Other readers of the format agree.
    assert_eq!(safetensors::SafeTensors::deserialize(&bytes).unwrap().len(), 4);
}

#[test]
fn tensors_in_another_order_are_read_too() {
    let bytes = broken(|parts| {
        for (name, offsets) in [
            ("layer.1.anchors", [0, 144]),
            ("layer.0.anchors", [144, 624]),
            ("head.weights", [624, 648]),
            ("head.intercept", [648, 656]),
        ] {
            parts.header[name]["data_offsets"] = json!(offsets);
        }
        let data = &parts.data;
        parts.data = [&data[512..], &data[32..512], &data[8..32], &data[..8]].concat();
    });
    assert_eq!(read(&bytes).unwrap(), model());
}

#[test]
fn anchors_of_unit_norm_in_single_precision_are_accepted_and_scaled() {
    let bytes = broken(|parts| {
        for value in parts.data[32..].chunks_exact_mut(4) {
            let scaled = f32::from_le_bytes((&*value).try_into().unwrap()) * 1.0005;
            value.copy_from_slice(&scaled.to_le_bytes());
        }
    });
    let anchors = read(&bytes).unwrap().network().unwrap().network().layers()[1].anchors().to_vec();
    for anchor in anchors.chunks_exact(12) {
        let norm = anchor.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 1.0).abs() < 1e-6, "{norm}");
    }
}

#[test]
fn a_model_that_could_not_be_read_again_is_not_written() {
    let refused = |change: fn(&mut ModelCard)| {
        let mut card = card("ACGT");
        change(&mut card);
        let error = model_of(config(), card, 1).to_bytes().unwrap_err();
        assert!(matches!(error, Error::Unsavable { .. }), "{error}");
        error.to_string()
    };
    let nan = refused(|card| card.measured.extend([("auprc".to_owned(), f64::NAN)]));
    assert!(nan.contains("`auprc` is NaN"), "{nan}");
    assert!(refused(|card| card.alphabet.clear()).contains("name of its alphabet"));
    assert!(refused(|card| card.letters = "AAGT".to_owned()).contains("twice"));
    assert!(refused(|card| card.training = json!("x".repeat(200_000))).contains("at most 131072"));
    assert!(refused(|card| card.training = json!("x".repeat(2_000_000))).contains("header"));
    let deep = refused(|card| card.training = (0..200).fold(json!(0), |inner, _| json!([inner])));
    assert!(deep.contains("recursion limit"), "{deep}");
}
