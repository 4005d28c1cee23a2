//! Anchor points without labels, and trainings that begin with them.

use ckn::model::{HeadlessNetwork, Model};

use crate::support::{Bench, read};

fn anchors(model: &Model) -> &[f32] {
    model.network().unwrap().network().layers()[0].anchors()
}

#[test]
fn anchor_points_are_fitted_to_any_files_and_trainings_begin_with_them() {
    let bench = Bench::new();
    let words = "train --unlabelled pos.fa set.seq --filters 5 --width 8 --patches 500";
    let table = bench.run(&format!("{words} --out filters -q")).ok().stdout;
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["anchors", "sequences", "windows", "kept", "mean_cosine", "seconds"]);
    // 60 and 60 sequences of 60 letters.
    assert_eq!(rows[1][..4], ["filters", "120", "6360", "500"]);
    let filters = HeadlessNetwork::load(&bench.path("filters")).unwrap();
    let fitted = filters.network().layers()[0].anchors();

    bench.run(&format!("{words} --out again -q --threads 1")).ok();
    assert_eq!(read(bench.path("again")), read(bench.path("filters")), "whatever the threads");
    bench.run(&format!("{words} --out other -q --seed 1")).ok();
    assert_ne!(read(bench.path("other")), read(bench.path("filters")));

    let labelled = "train --pos pos.fa --neg neg.fa --anchors filters -q";
    bench.run(&format!("{labelled} --unsupervised --out still")).ok();
    assert_eq!(anchors(&Model::load(&bench.path("still")).unwrap()), fitted);
    bench.run(&format!("{labelled} --epochs 2 --strands max --pooling mean --out moved")).ok();
    let moved = Model::load(&bench.path("moved")).unwrap();
    assert!(anchors(&moved) != fitted && anchors(&moved).len() == fitted.len());
    let described = bench.run("info moved").ok().stdout;
    for says in ["architecture.strands\tmax", "architecture.pooling\tmean", "data.anchors\t", "training.start\tgiven"] {
        assert!(described.contains(says), "{says}: {described}");
    }
    bench.run("predict moved pos.fa").ok();

    // Of a model, too, whose labels they have seen, and in cross-validation.
    let run = bench.run("train --pos pos.fa --neg neg.fa --anchors moved --unsupervised --out further -q").ok();
    assert!(run.stderr.contains("moved is a model"), "{}", run.stderr);
    assert_eq!(anchors(&Model::load(&bench.path("further")).unwrap()), anchors(&moved));
    let run = bench.run("cv --pos pos.fa --neg neg.fa --anchors filters --epochs 1 --folds 2 -q").ok();
    assert!(!run.stderr.contains("is a model"), "{}", run.stderr);
}

#[test]
fn several_layers_are_fitted_to_windows_that_the_last_one_sees() {
    let bench = Bench::new();
    let words = "train --unlabelled pos.fa --filters 5,3 --width 6,2 --subsampling 2 --border same --out filters -q";
    let table = bench.run(words).ok().stdout;
    // A window of the second layer sees 6 + 2 letters: 53 windows a sequence.
    assert!(table.lines().nth(1).unwrap().starts_with("filters\t60\t3180\t3180\t"), "{table}");
    bench.run("train --pos pos.fa --neg neg.fa --anchors filters --epochs 1 --out m -q").ok();
}

#[test]
fn what_does_not_go_with_unlabelled_sequences_or_given_anchors_is_refused() {
    let bench = Bench::new();
    bench.run("train --unlabelled pos.fa --filters 4 --width 8 --out filters -q").ok();
    for (options, says) in [
        ("--loss squared", "--loss has no effect on --unlabelled"),
        ("--pos pos.fa", "--pos"),
        ("--report r", "--report"),
        ("--checkpoint 1", "--checkpoint"),
        ("--model exact", "--model"),
        ("--effort quick", "--effort"),
        ("--anchors filters", "--anchors"),
        ("--gap-decay 0.3 --width 1", "--gap-decay"),
        ("--width auto", "auto chooses by labels"),
        ("--patches 0", "patches"),
        ("--unlabelled neg.fa", "neg.fa is named twice"),
    ] {
        bench.run(&format!("train --unlabelled neg.fa --out m {options}")).refused(2, &[says]);
    }
    for (options, says) in [
        ("--width 9", "--width is stated by the file of --anchors"),
        ("--filters 4", "--filters"),
        ("--letter-similarity transitions:0.5", "--letter-similarity"),
        ("--patches 9", "--patches is of k-means"),
        ("--model exact", "--anchors"),
        ("--alphabet protein --epochs 1", "filters has anchor points of dna"),
    ] {
        bench.run(&format!("train --pos pos.fa --neg neg.fa --anchors filters --out m {options}")).refused(2, &[says]);
    }
    bench.run("train --unlabelled pos.fa --out pos.fa --force").refused(2, &["pos.fa is named twice"]);
    bench.run("train --unlabelled pos.fa --out filters").refused(2, &["filters"]);
    // The record of a model does not stay beside what takes its place.
    bench.run("train --pos pos.fa --neg neg.fa --epochs 1 --out was -q").ok();
    bench.run("train --unlabelled pos.fa --out was --force -q").ok();
    assert!(!bench.path("was.run.json").exists());
    bench.run("train --pos pos.fa --neg neg.fa --anchors filters --out filters --force").refused(2, &["named twice"]);
    bench.run("train --unlabelled pos.fa --width 61 --out m").refused(3, &["60 sequences", "61 known letters"]);
    bench.run("train --pos pos.fa --neg neg.fa --anchors pos.fa --out m").refused(3, &["pos.fa"]);
    let described = bench.run("info filters").ok().stdout;
    for says in ["kind\theadless", "alphabet\tdna", "architecture.layers.1.filters\t4", "measured.windows\t3180"] {
        assert!(described.contains(says), "{says}: {described}");
    }
    bench.run("predict filters pos.fa").refused(3, &["filters", "without a head", "ckn train --anchors"]);
    bench.run("train --pos pos.fa --neg neg.fa --model exact --l2 1 --out exact -q").ok();
    bench.run("train --pos pos.fa --neg neg.fa --anchors exact --out m").refused(3, &["exact", "no anchor points"]);
    // A damaged file is one, and no model.
    let whole = read(bench.path("filters"));
    std::fs::write(bench.path("cut"), &whole[..whole.len() - 9]).unwrap();
    bench.run("info cut").refused(3, &["cut is not a usable model file"]);
    assert!(!bench.path("m").exists());
}
