//! Kernel machines and ensembles in the same container, with the same suspicion.

use std::path::Path;

use ckn_core::mismatch::Profile;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{Body, Ensemble, Error, KernelMachine, Model, ModelCard, SequenceKernel};
use serde_json::json;

use crate::support::{Parts, card, model, split};

const SUPPORT: [u8; 30] = [0, 1, 2, 3, 0, 0, 1, 4, 2, 3, 1, 3, 0, 3, 3, 1, 0, 2, 2, 1, 0, 3, 1, 2, 0, 1, 1, 3, 2, 0];
const OFFSETS: [usize; 4] = [0, 9, 20, 30];

fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

fn kernels() -> Vec<SequenceKernel> {
    let kernel = SequenceKernel::new;
    vec![
        kernel(3, Profile::Exponential { sigma: 0.4 }, true),
        kernel(4, Profile::GappedKmer { informative: 2, mismatches: 2 }, false),
        // Wider than any table of words.
        kernel(13, Profile::Exponential { sigma: 0.3 }, true),
    ]
}

fn coefficients() -> Vec<f64> {
    (0..9).map(|at| f64::from(at % 4) - 1.3).collect()
}

fn machine() -> Model {
    let table = table();
    let view = TokenView::new(&SUPPORT, &OFFSETS, &table).unwrap();
    let machine = KernelMachine::new(view, true, kernels(), coefficients(), -0.0).unwrap();
    Model::new(machine, card("ACGT")).unwrap()
}

/// A machine of two outputs, the first that of [`machine`].
fn two_outputs() -> Model {
    let table = table();
    let view = TokenView::new(&SUPPORT, &OFFSETS, &table).unwrap();
    let others = coefficients().into_iter().rev().map(|value| 0.3 * value);
    let both = coefficients().into_iter().chain(others).collect();
    let machine = KernelMachine::of_outputs(view, true, kernels(), both, vec![-0.0, 0.75]).unwrap();
    let outputs = vec!["one".to_owned(), "two".to_owned()];
    Model::new(machine, ModelCard { outputs, ..card("ACGT") }).unwrap()
}

fn ensemble() -> Model {
    let joined = Ensemble::new(vec![machine(), model()], vec![1.0, -0.5], 0.25).unwrap();
    Model::new(joined, card("ACGT")).unwrap()
}

fn read(bytes: &[u8]) -> Result<Model, Error> {
    Model::from_bytes(bytes, Path::new("some.ckn"))
}

/// `Σ h(mismatches)` over all pairs of windows of known letters, both strands of one sequence.
fn kernel_of(x: &[u8], y: &[u8], kernel: &SequenceKernel) -> f64 {
    let values = kernel.profile.values(kernel.width).unwrap();
    let reverse: Vec<u8> = x.iter().rev().map(|&token| if token < 4 { 3 - token } else { 4 }).collect();
    let mut sum = 0.0;
    for left in x.windows(kernel.width).chain(reverse.windows(kernel.width)) {
        for right in y.windows(kernel.width) {
            if left.iter().chain(right).all(|&token| token < 4) {
                sum += values[left.iter().zip(right).filter(|(a, b)| a != b).count()];
            }
        }
    }
    sum
}

#[test]
fn scores_are_those_of_the_definition_whatever_else_is_scored() {
    let table = table();
    let tokens: Vec<u8> = (0..60).map(|at| ((at * at + at / 3) % 4) as u8).chain([4; 16]).collect();
    let offsets = [0, 16, 40, 60, 76];
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let machine = machine();
    let scores = machine.scores(view).unwrap();
    for (record, &score) in scores.iter().enumerate() {
        let x = view.sequence(record);
        let mut want = 0.0;
        for (kernel, coefficients) in kernels().iter().zip(coefficients().chunks(3)) {
            let own = kernel_of(x, x, kernel);
            let scale = if !kernel.normalised {
                1.0
            } else if own > 0.0 {
                1.0 / own.sqrt()
            } else {
                0.0
            };
            for (support, coefficient) in OFFSETS.windows(2).zip(coefficients) {
                want += scale * coefficient * kernel_of(&SUPPORT[support[0]..support[1]], x, kernel);
            }
        }
        assert!((score - want).abs() < 1e-5 * (1.0 + want.abs()), "{record}: {score} {want}");
        let own = [0, x.len()];
        let alone = TokenView::new(x, &own, &table).unwrap();
        assert_eq!(machine.scores(alone).unwrap(), [score]);
    }
    assert_eq!(scores[3], 0.0, "no window of known letters");
    let short = TokenView::new(&tokens[..12], &[0, 12], &table).unwrap();
    assert!(matches!(machine.scores(short), Err(Error::Core(ckn_core::Error::TooShort { width: 13, .. }))));
    let joined = ensemble();
    let of_network = model().scores(view).unwrap();
    for (record, score) in joined.scores(view).unwrap().into_iter().enumerate() {
        assert!((score - (0.25 + scores[record] - 0.5 * of_network[record])).abs() < 1e-12);
    }
}

#[test]
fn machines_and_ensembles_come_back_bit_by_bit_and_from_disk() {
    for model in [machine(), ensemble(), two_outputs()] {
        let bytes = model.to_bytes().unwrap();
        let loaded = read(&bytes).unwrap();
        assert_eq!(loaded, model);
        assert_eq!(loaded.to_bytes().unwrap(), bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.ckn");
        model.save(&path, false).unwrap();
        assert_eq!(Model::load(&path).unwrap(), model);
    }
    let loaded = read(&machine().to_bytes().unwrap()).unwrap();
    let Body::Machine(loaded) = loaded.body() else { panic!("another kind") };
    assert_eq!(loaded.intercept().to_bits(), (-0.0f64).to_bits());
}

#[test]
fn outputs_are_scored_side_by_side_and_each_is_a_model_of_its_own() {
    let table = table();
    let view = TokenView::new(&SUPPORT, &[0, 13, 30], &table).unwrap();
    let both = two_outputs();
    let scores = both.scores(view).unwrap();
    let (one, two) = (both.output("one").unwrap(), both.output("two").unwrap());
    assert!(both.output("three").is_none());
    assert_eq!(one.scores(view).unwrap(), machine().scores(view).unwrap());
    for (row, (first, second)) in
        scores.chunks(2).zip(one.scores(view).unwrap().into_iter().zip(two.scores(view).unwrap()))
    {
        assert_eq!(row, [first, second]);
    }
    let Body::Machine(own) = two.body() else { panic!("another kind") };
    assert_eq!((own.intercepts(), own.intercept(), own.coefficients().len()), (&[0.75][..], 0.75, 9));
    // A file of one output says nothing of outputs: it is what it was before there were several.
    assert!(!String::from_utf8_lossy(&one.to_bytes().unwrap()).contains("outputs"));
    let Body::Machine(own) = both.body() else { panic!("another kind") };
    let nameless = Model::new(own.clone(), card("ACGT"));
    assert!(matches!(nameless, Err(Error::Core(ckn_core::Error::Shape { expected: 0, got: 2, .. }))));
}

#[test]
fn members_that_do_not_belong_together_are_refused() {
    let members = || vec![machine()];
    let join = |members, weights, card: ModelCard| {
        Ensemble::new(members, weights, 0.0).and_then(|joined| Model::new(joined, card)).map(|_| ()).unwrap_err()
    };
    assert!(matches!(join(vec![ensemble()], vec![1.0], card("ACGT")), Error::Nested));
    assert!(matches!(join(members(), vec![], card("ACGT")), Error::Core(_)));
    assert!(matches!(join(vec![], vec![], card("ACGT")), Error::Core(_)));
    assert!(matches!(join(members(), vec![f64::NAN], card("ACGT")), Error::Core(_)));
    assert!(matches!(join(members(), vec![1.0], card("TGCA")), Error::Alphabet { .. }));
}

#[test]
fn files_that_are_not_machines_or_ensembles_are_refused_with_their_reason() {
    let broken = |model: Model, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(&model.to_bytes().unwrap());
        change(&mut parts);
        parts.whole()
    };
    let of_machine = |change: &dyn Fn(&mut Parts)| broken(machine(), change);
    let of_ensemble = |change: &dyn Fn(&mut Parts)| broken(ensemble(), change);
    // Tensors stand by type: f64 coefficients (72 bytes) and intercept, then u32 lengths, then u8 tokens.
    let lengths = 8 * 9 + 8;
    let attacks = [
        ("coefficient of NaN", of_machine(&|parts| parts.data[..8].copy_from_slice(&f64::NAN.to_le_bytes())), "NaN"),
        ("lengths beyond the letters", of_machine(&|parts| parts.data[lengths] = 200), "sum of the lengths"),
        (
            "lengths that overflow",
            of_machine(&|parts| parts.data[lengths..lengths + 12].fill(255)),
            "sum of the lengths",
        ),
        (
            "no kernels",
            of_machine(&|parts| parts.ckn["machine"]["kernels"] = json!([])),
            "number of kernels of layer 1 is 0",
        ),
        (
            "no width",
            of_machine(&|parts| parts.ckn["machine"]["kernels"][0]["width"] = json!(0)),
            "width of layer 1 is 0",
        ),
        (
            "a profile outside its domain",
            of_machine(&|parts| parts.ckn["machine"]["kernels"][0]["profile"]["sigma"] = json!(-1.0)),
            "sigma",
        ),
        ("more support", of_machine(&|parts| parts.ckn["machine"]["support"] = json!(4)), "says [4]"),
        (
            "beyond memory",
            of_machine(&|parts| parts.ckn["machine"]["support"] = json!(1u64 << 40)),
            "number of support",
        ),
        (
            "other letters",
            of_machine(&|parts| parts.ckn["machine"]["letters"] = json!(5)),
            "its alphabet has 4 letters",
        ),
        ("unknown setting", of_machine(&|parts| parts.ckn["machine"]["depth"] = json!(2)), "unknown field `depth`"),
        ("more outputs", of_machine(&|parts| parts.ckn["machine"]["outputs"] = json!(2)), "says [2, 3, 3]"),
        ("no outputs", of_machine(&|parts| parts.ckn["machine"]["outputs"] = json!(0)), "number of outputs"),
        ("outputs", of_machine(&|parts| parts.ckn["card"]["outputs"] = json!(["a", "b"])), "2 outputs"),
        (
            "a bandwidth that is next to nothing",
            of_machine(&|parts| parts.ckn["machine"]["kernels"][0]["profile"]["sigma"] = json!(1e-160)),
            "sigma",
        ),
        ("a member cut", of_ensemble(&|parts| parts.ckn["ensemble"]["bytes"][0] = json!(7)), "says [7]"),
        ("a member that is none", of_ensemble(&|parts| parts.data[..8].fill(255)), "does not begin as one"),
        ("no members", of_ensemble(&|parts| parts.ckn["ensemble"]["weights"] = json!([])), "number of members"),
        ("a weight too many", of_ensemble(&|parts| parts.ckn["ensemble"]["weights"] = json!([1, 1, 1])), "members"),
        (
            "an ensemble inside",
            {
                let inner = ensemble().to_bytes().unwrap();
                let mut parts = Parts::of(&ensemble().to_bytes().unwrap());
                parts.ckn["ensemble"]["weights"] = json!([1.0]);
                parts.ckn["ensemble"]["bytes"] = json!([inner.len()]);
                parts.header.as_object_mut().unwrap().remove("member.1");
                parts.header["member.0"]["shape"] = json!([inner.len()]);
                parts.header["member.0"]["data_offsets"] = json!([0, inner.len()]);
                parts.data = inner;
                parts.whole()
            },
            "a member of an ensemble is an ensemble",
        ),
    ];
    for (name, bytes, says) in attacks {
        match read(&bytes) {
            Err(Error::Malformed { reason, .. }) => assert!(reason.contains(says), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn unknown_tokens_of_a_file_are_refused_when_they_are_used() {
    let mut parts = Parts::of(&machine().to_bytes().unwrap());
    *parts.data.last_mut().unwrap() = 77;
    let loaded = read(&parts.whole()).unwrap();
    let table = table();
    let view = TokenView::new(&[0; 20], &[0, 20], &table).unwrap();
    assert!(matches!(loaded.scores(view), Err(Error::Core(ckn_core::Error::Token { token: 77, .. }))));
}

#[test]
fn a_header_with_any_byte_changed_is_refused_or_another_sound_model() {
    for model in [machine(), ensemble()] {
        let bytes = model.to_bytes().unwrap();
        for at in 0..bytes.len() - split(&bytes).1.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            match read(&changed) {
                Ok(model) => assert!(read(&model.to_bytes().unwrap()).is_ok()),
                Err(Error::Malformed { .. } | Error::Version { .. }) => {}
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
    }
}
