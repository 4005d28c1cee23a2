//! Files that are not models.

use std::fs;
use std::path::Path;

use ckn_model::{Error, Model};
use serde_json::json;

use crate::support::{broken, join, model, read, rewritten, split};

/// Files that are not models, each with a part of the message that refuses it.
///
/// Tensors of the model, by offset: `head.intercept` 0..8, `head.weights` 8..32, `layer.0.anchors` 32..512,
/// `layer.1.anchors` 512..656.
fn attacks() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = || model().to_bytes().unwrap();
    let padded = |length: usize| join(&format!("{{{}}}", " ".repeat(length - 2)), &[]);
    let tensors = |count: usize| {
        let entry = |index| format!(r#""{index}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#);
        join(&format!("{{{}}}", (0..count).map(entry).collect::<Vec<_>>().join(",")), &[])
    };
    let float = |at: usize, value: f32| broken(|parts| parts.data[at..at + 4].copy_from_slice(&value.to_le_bytes()));
    let double = |at: usize, value: f64| broken(|parts| parts.data[at..at + 8].copy_from_slice(&value.to_le_bytes()));
    let metadata = |text: &str| broken(|parts| parts.header["__metadata__"] = json!({ "ckn": text }));
    let (brackets, braces) = ("[".repeat(10_000), r#"{"a":"#.repeat(10_000));
    let similar = |entries: &str| {
        rewritten("\\\"letters\\\":4", &format!("\\\"letter_similarity\\\":[{entries}],\\\"letters\\\":4"))
    };
    let third = "1,0,0.9,0,0,1,0.9,0,0.9,0.9,1,0,0,0,0,1";
    vec![
        // Letters that no vectors are.
        ("similarities of too few letters", similar("1,0,0,1"), "letter similarities"),
        ("similarities above 1", similar(&third.replace("0.9", "1.9")), "from 0"),
        ("similarities that no vectors have", similar(third), "no eigenvalue below 0"),
        ("similarities of one side", similar(&third.replacen("0.9", "0.8", 1)), "either order"),
        ("network without its head", rewritten("\\\"network\\\":", "\\\"headless\\\":"), "without a head"),
        // Not a model at all.
        ("empty file", vec![], "too short"),
        ("seven bytes", vec![0; 7], "too short"),
        ("zero file", vec![0; 4_096], "header"),
        ("text file", b">chr1\nACGTACGTACGT\n".to_vec(), "does not begin as one"),
        ("gzip file", [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[7; 100]].concat(), "or is not a model"),
        ("header length of 2^64 - 1", [&u64::MAX.to_le_bytes()[..], &good()[8..]].concat(), "does not begin as one"),
        ("header above 1 MiB", padded((1 << 20) + 1), "does not begin as one"),
        ("header of 1 MiB of spaces", padded(1 << 20), "without the metadata"),
        ("header longer than the file", [&1000u64.to_le_bytes()[..], b"{}"].concat(), "ends after 10 bytes"),
        ("header shorter than its JSON", [&16u64.to_le_bytes()[..], &good()[8..]].concat(), "header is damaged"),
        ("header that is not UTF-8", [&4u64.to_le_bytes()[..], b"{\"\xff\""].concat(), "header is damaged"),
        ("header that is a list", join("[]", &[]), "expected a safetensors header"),
        ("header that is a number", join("1e400", &[]), "header is damaged"),
        ("two JSON values", join("{}{}", &[]), "trailing characters"),
        ("nested brackets", join(&brackets, &[]), "header is damaged"),
        ("nested brackets as a tensor", join(&format!("{{\"a\":{brackets}"), &[]), "header is damaged"),
        ("nested braces", join(&braces, &[]), "header is damaged"),
        ("pickle of another framework", rewritten("\"ckn\":", "\"pt\":"), "unknown field `pt`"),
        ("no metadata", join("{}", &[]), "without the metadata"),
        ("too many tensors", tensors(4_097), "more than 4096 tensors"),
        // Tensors that are not those of the configuration.
        ("as many tensors as allowed", tensors(4_096), "without the metadata"),
        (
            "missing tensor",
            broken(|parts| drop(parts.header.as_object_mut().unwrap().remove("head.weights"))),
            "missing",
        ),
        (
            "missing layer",
            broken(|parts| drop(parts.header.as_object_mut().unwrap().remove("layer.1.anchors"))),
            "missing",
        ),
        (
            "extra tensor",
            broken(|parts| parts.header["extra"] = json!({ "dtype": "U8", "shape": [0], "data_offsets": [656, 656] })),
            "a tensor `extra`",
        ),
        ("name with an escape sequence", rewritten("head.weights", "\\u001b[2J"), "\\u{1b}[2J"),
        ("tensor of a layer too many", rewritten("layer.1.anchors", "layer.2.anchors"), "a tensor `layer.2.anchors`"),
        ("single precision head", broken(|parts| parts.header["head.weights"]["dtype"] = json!("F32")), "type F32"),
        ("integer anchors", broken(|parts| parts.header["layer.0.anchors"]["dtype"] = json!("I32")), "type I32"),
        ("unknown type", broken(|parts| parts.header["layer.0.anchors"]["dtype"] = json!("F128")), "unknown variant"),
        ("type as a number", broken(|parts| parts.header["layer.0.anchors"]["dtype"] = json!(4)), "header is damaged"),
        ("shape turned round", rewritten("[6,4,5]", "[6,5,4]"), "its configuration says [6, 4, 5]"),
        ("flat shape", rewritten("[6,4,5]", "[120]"), "has shape [120]"),
        ("empty shape", rewritten("[6,4,5]", "[]"), "has shape []"),
        ("negative size", rewritten("[6,4,5]", "[-6,4,5]"), "header is damaged"),
        ("fractional size", rewritten("[6,4,5]", "[6.5,4,5]"), "header is damaged"),
        ("shape of 2 GiB", rewritten("[6,4,5]", "[536870912]"), "has shape"),
        ("shape beyond 64 bits", rewritten("[6,4,5]", "[4294967296,4294967296,5]"), "has shape"),
        ("shape of 100,000 ones", rewritten("[6,4,5]", &format!("[{}1]", "1,".repeat(100_000))), "has shape"),
        // Outputs.
        ("outputs without weights", broken(|parts| parts.ckn["card"]["outputs"] = json!(["a", "b"])), "says [2, 3]"),
        (
            "two outputs of a name",
            broken(|parts| parts.ckn["card"]["outputs"] = json!(["a", "a"])),
            "two outputs named",
        ),
        ("an output without a name", broken(|parts| parts.ckn["card"]["outputs"] = json!([""])), "an output is named"),
        (
            "a name with control characters",
            broken(|parts| parts.ckn["card"]["outputs"] = json!(["\u{1b}[2J"])),
            "named",
        ),
        ("too many outputs", broken(|parts| parts.ckn["card"]["outputs"] = json!(vec!["a"; 1025])), "at most 1024"),
        // Places.
        ("overlapping tensors", rewritten("[512,656]", "[480,624]"), "overlaps another"),
        ("same place twice", rewritten("[512,656]", "[32,176]"), "overlaps another"),
        ("gap between tensors", rewritten("[512,656]", "[520,664]"), "overlaps another, follows a gap"),
        ("gap before tensors", rewritten("[0,8]", "[4,12]"), "follows a gap"),
        ("ends before it starts", rewritten("[512,656]", "[512,500]"), "ends before it begins"),
        ("place too small for the shape", rewritten("[512,656]", "[512,652]"), "more or fewer bytes"),
        ("place of 2^64 bytes", rewritten("[512,656]", "[512,18446744073709551615]"), "more or fewer bytes"),
        ("place beyond 64 bits", rewritten("[512,656]", "[512,18446744073709551616]"), "header is damaged"),
        ("place with three ends", rewritten("[512,656]", "[512,600,656]"), "header is damaged"),
        ("bytes after the tensors", [good(), vec![0]].concat(), "copy it again"),
        ("a byte too few", good()[..good().len() - 1].to_vec(), "copy it again"),
        ("same name twice", rewritten("\"head.weights\"", "\"head.intercept\""), "`head.intercept` is there twice"),
        ("metadata twice", rewritten("{", "{\"__metadata__\":{\"ckn\":\"\"},"), "`__metadata__` is there twice"),
        ("field of a tensor twice", rewritten("\"dtype\"", "\"dtype\":\"F64\",\"dtype\""), "duplicate field"),
        ("unknown field of a tensor", rewritten("\"dtype\"", "\"strides\":[1],\"dtype\""), "unknown field `strides`"),
        ("missing field of a tensor", rewritten("\"dtype\":\"F64\",", ""), "missing field `dtype`"),
        // Metadata.
        ("second metadata entry", rewritten("\"ckn\":", "\"more\":\"\",\"ckn\":"), "unknown field `more`"),
        ("metadata entry twice", rewritten("\"ckn\":", "\"ckn\":\"\",\"ckn\":"), "duplicate field"),
        (
            "metadata that is no text",
            broken(|parts| parts.header["__metadata__"] = json!({ "ckn": {} })),
            "header is damaged",
        ),
        ("empty metadata", metadata(""), "metadata are damaged"),
        ("metadata that is a list", metadata("[1]"), "metadata are damaged"),
        ("nested brackets as metadata", metadata(&brackets), "metadata are damaged"),
        (
            "nested brackets as settings",
            metadata(&format!(r#"{{"format":1,"card":{brackets}"#)),
            "metadata are damaged",
        ),
        ("long metadata", metadata(&format!(r#"{{"format":1,"a":[{}0]}}"#, "0,".repeat(70_000))), "at most 131072"),
        (
            "metadata without version",
            broken(|parts| drop(parts.ckn.as_object_mut().unwrap().remove("format"))),
            "`format`",
        ),
        ("version as text", broken(|parts| parts.ckn["format"] = json!("1")), "metadata are damaged"),
        ("version below zero", broken(|parts| parts.ckn["format"] = json!(-1)), "metadata are damaged"),
        ("unknown metadata", broken(|parts| parts.ckn["note"] = json!(1)), "unknown field `note`"),
        ("unknown setting", broken(|parts| parts.ckn["network"]["depth"] = json!(3)), "unknown field `depth`"),
        ("unknown card entry", broken(|parts| parts.ckn["card"]["author"] = json!("")), "unknown field `author`"),
        ("unknown pooling", broken(|parts| parts.ckn["network"]["pooling"] = json!("median")), "unknown variant"),
        (
            "missing card",
            broken(|parts| drop(parts.ckn.as_object_mut().unwrap().remove("card"))),
            "missing field `card`",
        ),
        // Configurations.
        ("no layers", broken(|parts| parts.ckn["network"]["layers"] = json!([])), "number of layers"),
        (
            "no filters",
            broken(|parts| parts.ckn["network"]["layers"][0]["filters"] = json!(0)),
            "filters of layer 1 is 0",
        ),
        (
            "a filter too many",
            broken(|parts| parts.ckn["network"]["layers"][0]["filters"] = json!(7)),
            "has shape [6, 4, 5]",
        ),
        (
            "large declared layers",
            broken(|parts| {
                parts.ckn["network"]["layers"][0]["filters"] = json!(60_000);
                parts.ckn["network"]["layers"][0]["width"] = json!(1_000);
            }),
            "its configuration says [60000, 4, 1000]",
        ),
        (
            "layers beyond memory",
            broken(|parts| {
                for layer in 0..2 {
                    parts.ckn["network"]["layers"][layer]["filters"] = json!(65_536);
                    parts.ckn["network"]["layers"][layer]["width"] = json!(4_096);
                }
            }),
            "number of anchor parameters",
        ),
        (
            "filters beyond 64 bits",
            broken(|parts| parts.ckn["network"]["layers"][0]["filters"] = json!(1e30)),
            "damaged",
        ),
        (
            "negative bandwidth",
            broken(|parts| parts.ckn["network"]["layers"][0]["kernel"]["sigma"] = json!(-1)),
            "sigma",
        ),
        ("bandwidth beyond f64", rewritten("\\\"sigma\\\":0.3", "\\\"sigma\\\":1e999"), "out of range"),
        ("no regularisation", broken(|parts| parts.ckn["network"]["regularisation"]["epsilon"] = json!(0)), "epsilon"),
        // Alphabets.
        ("nameless alphabet", broken(|parts| parts.ckn["card"]["alphabet"] = json!("")), "name of its alphabet"),
        (
            "alphabet with line ends",
            broken(|parts| parts.ckn["card"]["alphabet"] = json!("a\nb")),
            "name of its alphabet",
        ),
        ("alphabet with a long name", broken(|parts| parts.ckn["card"]["alphabet"] = json!("a".repeat(65))), "1 to 64"),
        ("letter twice", broken(|parts| parts.ckn["card"]["letters"] = json!("ACGA")), "the letter 'A' twice"),
        ("letter beyond ASCII", broken(|parts| parts.ckn["card"]["letters"] = json!("ACGÜ")), "printable ASCII"),
        ("space as a letter", broken(|parts| parts.ckn["card"]["letters"] = json!("ACG ")), "printable ASCII"),
        (
            "letter too many",
            broken(|parts| parts.ckn["card"]["letters"] = json!("ACGTU")),
            "has 5 letters, its network 4",
        ),
        ("no letters", broken(|parts| parts.ckn["card"]["letters"] = json!("")), "has 0 letters"),
        // Parameters.
        ("NaN anchor", float(32, f32::NAN), "`layer.0.anchors` holds NaN or infinity at index 0"),
        ("infinite anchor", float(516, f32::NEG_INFINITY), "`layer.1.anchors` holds NaN or infinity at index 1"),
        ("NaN weight", double(8, f64::NAN), "`head.weights` holds NaN"),
        ("infinite intercept", double(0, f64::INFINITY), "`head.intercept` holds NaN"),
        ("long anchor", float(32, 2.0), "anchor 0 of its tensor `layer.0.anchors` has norm"),
        ("zero anchors", broken(|parts| parts.data[512..].fill(0)), "has norm 0.000000, not 1"),
        ("anchor beyond f32 squares", float(32, f32::MAX), "has norm"),
    ]
}

#[test]
fn every_attack_is_refused_with_its_reason() {
    let attacks = attacks();
    assert!(attacks.len() >= 40);
    for (name, bytes, reason) in attacks {
        match read(&bytes) {
            Err(Error::Malformed { path, reason: got }) => {
                assert_eq!(path, Path::new("some.ckn"), "{name}");
                assert!(got.contains(reason), "{name}: {got}");
                assert!(got.chars().count() <= 301 && !got.chars().any(char::is_control), "{name}: {got:?}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn every_attack_is_refused_from_disk_as_well() {
    let folder = tempfile::tempdir().unwrap();
    for (index, (name, bytes, _)) in attacks().into_iter().enumerate() {
        let path = folder.path().join(index.to_string());
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Model::load(&path), Err(Error::Malformed { .. })), "{name}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = model().to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(37).chain([bytes.len() - 1]) {
        assert!(matches!(read(&bytes[..length]), Err(Error::Malformed { .. })), "{length}");
    }
}

#[test]
fn a_header_with_any_byte_changed_is_refused_or_another_sound_model() {
    let bytes = model().to_bytes().unwrap();
    let header = bytes.len() - split(&bytes).1.len();
    for at in 0..header {
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

#[test]
fn a_sparse_file_above_the_largest_model_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.ckn");
    fs::File::create(&path).unwrap().set_len(8 << 30).unwrap();
    assert!(Model::load(&path).unwrap_err().to_string().contains("the largest model has"));
}
