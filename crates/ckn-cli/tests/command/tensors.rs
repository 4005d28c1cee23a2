use crate::support::Bench;
#[cfg(feature = "tensors")]
use crate::support::read;

const TRAIN: &str = "train --pos pos.fa --neg neg.fa --epochs 1 --out m";

#[test]
fn an_engine_without_work_is_refused() {
    let bench = Bench::new();
    for still in ["--unsupervised", "--epochs 0"].map(|still| format!("train --pos pos.fa --out m --force {still}")) {
        bench.run(&format!("{still} --engine reference")).refused(2, &["--engine", "drop it"]);
        bench.run(&format!("{still} --device flex")).refused(2, &["--device", "drop it"]);
        bench.run(&format!("{still} --engine slices --device cpu")).ok();
    }
    bench.run(&format!("{TRAIN} --force --learn-sigma --engine reference")).refused(2, &["--learn-sigma"]);
}

#[cfg(not(feature = "tensors"))]
#[test]
fn what_needs_tensors_says_how_to_have_them() {
    let bench = Bench::new();
    for option in ["--engine reference", "--device flex", "--device gpu", "--engine reference --device cpu"] {
        bench.run(&format!("{TRAIN} {option}")).refused(4, &["tensors", "cargo install", "--features tensors"]);
        bench.run(&format!("{TRAIN} --model deepbind {option}")).refused(4, &["--features tensors"]);
    }
    bench.run("doctor").refused(4, &["ckn doctor", "--features tensors"]);
    bench.run(TRAIN).ok();
    assert!(!std::fs::read_to_string(bench.path("m.run.json")).unwrap().contains("burn"));
}

#[cfg(feature = "tensors")]
#[test]
fn the_doctor_finds_a_device_that_computes_correctly() {
    let table = Bench::new().run("doctor").ok().stdout;
    assert!(table.lines().any(|line| line.starts_with("flex\t") && line.contains("\tok\t")), "{table}");
}

#[cfg(feature = "tensors")]
#[test]
fn the_record_of_a_run_on_tensors_names_them() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} --engine reference --filters 4 --width 8")).ok();
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert!(record.contains("\"engine\": \"reference\"") && record.contains("\"burn\": \"0."), "{record}");
}

#[cfg(feature = "tensors")]
#[test]
fn a_model_from_tensors_depends_on_the_seed_and_not_on_the_threads() {
    let bench = Bench::of(400);
    for (name, options) in [("one", "--threads 1"), ("two", "--threads 2"), ("other", "--seed 7")] {
        bench.train(&format!("--engine reference {options} --out {name}")).ok();
    }
    assert_eq!(read(bench.path("one")), read(bench.path("two")));
    assert_ne!(read(bench.path("one")), read(bench.path("other")));
}
