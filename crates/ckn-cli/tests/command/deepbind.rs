use crate::support::{Bench, read, windows_score_as_sequences};

const TRAIN: &str = "train --pos pos.fa --neg neg.fa --model deepbind --width 10 --filters 8 -q";

#[test]
fn a_deepbind_model_is_trained_evaluated_and_predicted_with() {
    let bench = Bench::of(200);
    let run = bench.run(&format!("{TRAIN} --calibrations 2 --epochs 15 --out m --scores s")).ok();
    assert_eq!(run.cell("records"), "400");
    let auroc: f64 = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok().cell("auroc").parse().unwrap();
    assert!(auroc > 0.9, "{auroc}");
    let training = String::from_utf8(read(bench.path("s"))).unwrap();
    let expected: Vec<String> = training
        .lines()
        .skip(1)
        .take(200)
        .map(|line| format!("{}\t{}", line.split('\t').next().unwrap(), line.split('\t').nth(2).unwrap()))
        .collect();
    let got = bench.run("predict m pos.fa --threads 1").ok().stdout;
    assert_eq!(got.lines().skip(1).collect::<Vec<_>>(), expected);
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert_eq!(record.matches("\"dropout\"").count(), 3, "two trials and the training");
    assert!(record.contains("\"filters\": 8") && record.contains("\"strands\": \"max\""));
    // Shorter than a detector.
    bench.write("short.fa", ">a\nACG\n");
    assert_eq!(bench.run("predict m short.fa").ok().stdout.lines().count(), 2);
}

#[test]
fn the_model_depends_on_the_seed_and_not_on_the_threads() {
    let bench = Bench::of(100);
    for (out, more) in [("a", "--threads 1"), ("b", "--threads 2"), ("c", "--seed 7")] {
        bench.run(&format!("{TRAIN} --calibrations 2 --epochs 3 --out {out} {more}")).ok();
    }
    assert_eq!(read(bench.path("a")), read(bench.path("b")));
    assert_ne!(read(bench.path("a")), read(bench.path("c")));
}

#[test]
fn windows_of_a_genome_are_scored_as_sequences_are() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} --calibrations 0 --epochs 1 --out m")).ok();
    windows_score_as_sequences(&bench);
}

#[test]
fn options_of_the_other_kind_are_refused() {
    let bench = Bench::new();
    for (options, says) in [
        ("--pooling mean", "--pooling"),
        ("--sigma 0.4", "--sigma"),
        ("--l2 1e-3", "--weight-decay"),
        ("--unsupervised", "--unsupervised"),
        ("--no-refit", "--no-refit"),
        ("--filters 8,8", "one layer"),
        ("--learning-rate 0.1", "--calibrations 0"),
        ("--dropout 0.1", "--calibrations 0"),
        ("--calibrations 0 --dropout 1", "dropout"),
        ("--calibrations 0 --weight-decay -1", "weight decay"),
        ("--filters 0", "filters"),
        ("--alphabet protein --strands max", "complement"),
    ] {
        let words = format!("train --pos pos.fa --neg neg.fa --model deepbind --out m {options}");
        bench.run(&words).refused(2, &[says]);
    }
    for option in ["--calibrations 3", "--weight-decay 1", "--dropout 0.1", "--initial-deviation 0.1"] {
        bench.run(&format!("train --pos pos.fa --neg neg.fa --out m {option}")).refused(2, &["--model deepbind"]);
    }
    assert!(!bench.path("m").exists());
}
