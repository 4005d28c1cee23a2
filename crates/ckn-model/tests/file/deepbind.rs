//! Networks after DeepBind in the same container, with the same suspicion.

use std::path::Path;

use ckn_core::pooling::Strands;
use ckn_core::seed::Random;
use ckn_model::{Body, DeepBind, DeepBindConfig, Error, Model};
use rand::SeedableRng;
use serde_json::json;

use crate::support::{Parts, card, model, split};

fn deepbind() -> Model {
    let config = DeepBindConfig { letters: 4, filters: 3, width: 5, strands: Strands::Max };
    let network = DeepBind::random(config.check().unwrap(), 0.3, &mut Random::seed_from_u64(4)).unwrap();
    let mut parameters = network.parameters().to_vec();
    *parameters.last_mut().unwrap() = -0.0;
    Model::new(network.with_parameters(parameters).unwrap(), card("ACGT")).unwrap()
}

fn read(bytes: &[u8]) -> Result<Model, Error> {
    Model::from_bytes(bytes, Path::new("some.ckn"))
}

fn broken(change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts::of(&deepbind().to_bytes().unwrap());
    change(&mut parts);
    parts.whole()
}

#[test]
fn a_deepbind_model_comes_back_bit_by_bit_and_from_disk() {
    let bytes = deepbind().to_bytes().unwrap();
    let model = read(&bytes).unwrap();
    let Body::Baseline(loaded) = model.body() else { panic!("another kind") };
    assert_eq!(loaded.intercept().to_bits(), (-0.0f32).to_bits());
    assert_eq!(model, deepbind());
    assert_eq!(read(&bytes).unwrap().to_bytes().unwrap(), bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.ckn");
    deepbind().save(&path, false).unwrap();
    assert_eq!(Model::load(&path).unwrap(), deepbind());
    assert!(matches!(deepbind().save(&path, false), Err(Error::Exists { .. })));
}

#[test]
fn either_kind_is_read_by_what_takes_any_and_only_its_own_by_what_takes_one() {
    let (kernel, deep) = (model().to_bytes().unwrap(), deepbind().to_bytes().unwrap());
    assert_eq!(read(&kernel).unwrap(), model());
    let deep = read(&deep).unwrap();
    let error = deep.require_network(Path::new("some.ckn")).unwrap_err();
    assert!(matches!(error, Error::Kind { expected: "CKN", got: "DeepBind", .. }), "{error}");
}

#[test]
fn files_that_are_not_deepbind_models_are_refused_with_their_reason() {
    let at = |offset: usize, value: f32| {
        broken(move |parts| parts.data[offset..offset + 4].copy_from_slice(&value.to_le_bytes()))
    };
    let length = deepbind().to_bytes().unwrap().len();
    let attacks = [
        ("filter of NaN", at(100, f32::NAN), "NaN or infinity"),
        ("infinite bias", at(0, f32::INFINITY), "NaN or infinity"),
        ("no network", broken(|parts| drop(parts.ckn.as_object_mut().unwrap().remove("deepbind"))), "`network`"),
        (
            "two networks",
            broken(|parts| parts.ckn["network"] = Parts::of(&model().to_bytes().unwrap()).ckn["network"].clone()),
            "describe two networks",
        ),
        ("no filters", broken(|parts| parts.ckn["deepbind"]["filters"] = json!(0)), "filters of layer 1 is 0"),
        ("another width", broken(|parts| parts.ckn["deepbind"]["width"] = json!(6)), "says [3, 4, 6]"),
        (
            "beyond memory",
            broken(|parts| {
                parts.ckn["deepbind"]["filters"] = json!(65_536);
                parts.ckn["deepbind"]["width"] = json!(4_096);
            }),
            "number of filter parameters",
        ),
        ("beyond 64 bits", broken(|parts| parts.ckn["deepbind"]["width"] = json!(1e30)), "damaged"),
        ("other letters", broken(|parts| parts.ckn["deepbind"]["letters"] = json!(5)), "its alphabet has 4 letters"),
        ("unknown strands", broken(|parts| parts.ckn["deepbind"]["strands"] = json!("both")), "unknown variant"),
        ("unknown setting", broken(|parts| parts.ckn["deepbind"]["depth"] = json!(2)), "unknown field `depth`"),
        ("double filters", broken(|parts| parts.header["filters"]["dtype"] = json!("F64")), "type F64"),
        (
            "tensor of a kernel network",
            {
                let mut parts = Parts::of(&deepbind().to_bytes().unwrap());
                let filters = parts.header.as_object_mut().unwrap().remove("filters").unwrap();
                parts.header["layer.0.anchors"] = filters;
                parts.whole()
            },
            "a tensor `layer.0.anchors`",
        ),
        ("cut", deepbind().to_bytes().unwrap()[..length - 1].to_vec(), "copy it again"),
    ];
    for (name, bytes, says) in attacks {
        match read(&bytes) {
            Err(Error::Malformed { reason, .. }) => assert!(reason.contains(says), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_header_with_any_byte_changed_is_refused_or_another_sound_model() {
    let bytes = deepbind().to_bytes().unwrap();
    for at in 0..bytes.len() - split(&bytes).1.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            match read(&changed) {
                Ok(model) => assert!(read(&model.to_bytes().unwrap()).is_ok()),
                Err(Error::Malformed { .. } | Error::Version { .. }) => {}
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
    }
}
