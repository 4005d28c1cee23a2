//! Models that are chosen inside the training data.

use crate::support::{Bench, read, windows_score_as_sequences};

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

#[test]
fn positives_alone_give_a_model_its_trials_and_a_network_of_few_anchors() {
    let bench = Bench::new();
    let run = bench.run("train --auto --pos pos.fa --per-positive 3 --budget 0 --out m --scores s.tsv").ok();
    assert_eq!(
        (run.cell("records"), run.cell("positives"), run.cell("trials")),
        ("240".into(), "60".into(), "1".into())
    );
    assert!(run.stderr.contains("ended before its last candidate"), "{}", run.stderr);
    let trials = text(&bench, "m.trials.tsv");
    assert!(
        trials.starts_with("trial\tcandidate\tpenalty\tauroc\tauroc_sd\tseconds\tchosen\n1\texact kernel"),
        "{trials}"
    );
    let record = text(&bench, "m.run.json");
    assert!(record.contains("\"cut_short\": true") && record.contains("exact kernel, width 11"), "{record}");
    // What the model says is what predict says, and both models can be used as any other.
    let scores = text(&bench, "s.tsv");
    let predicted = bench.run("predict m pos.fa").ok().stdout;
    for line in predicted.lines().skip(1) {
        let (id, score) = line.split_once('\t').unwrap();
        assert!(scores.contains(&format!("{id}\t1\t{score}\n")), "{line}");
    }
    for model in ["m", "m.few.ckn"] {
        let run = bench.run(&format!("evaluate {model} --pos pos.fa --neg neg.fa")).ok();
        assert!(run.cell("auroc").parse::<f64>().unwrap() > 0.9, "{model}: {}", run.stdout);
    }
    bench.run("train --auto --pos pos.fa --out m").refused(2, &["--force"]);
    windows_score_as_sequences(&bench);
}

#[test]
fn the_same_seed_gives_the_same_model_whatever_the_threads() {
    let bench = Bench::new();
    let train = |name: &str, more: &str| {
        bench.run(&format!("train --auto --pos pos.fa --neg neg.fa --budget 0 -q --out {name} {more}")).ok();
        read(bench.path(name))
    };
    let one = train("a", "--threads 1");
    assert_eq!(one, train("b", "--threads 2"));
    assert_ne!(one, train("c", "--seed 1"));
    assert_eq!(read(bench.path("a.few.ckn")), read(bench.path("b.few.ckn")));
}

#[test]
fn labels_of_the_test_cannot_change_the_model() {
    let bench = Bench::new();
    bench.run("split --pos pos.fa --neg neg.fa --by fold --folds 3 --out s").ok();
    let train = |name: &str| {
        bench.run(&format!("train --auto --tsv s.fold1.train.tsv --budget 0 -q --out {name}")).ok();
        bench.run(&format!("evaluate {name} --tsv s.fold1.test.tsv")).ok();
        read(bench.path(name))
    };
    let before = train("a");
    let flipped: String = (text(&bench, "s.fold1.test.tsv").lines())
        .map(|line| match line.rsplit_once('\t') {
            Some((rest, "0")) => format!("{rest}\t1\n"),
            Some((rest, "1")) => format!("{rest}\t0\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    bench.write("s.fold1.test.tsv", flipped);
    assert_eq!(before, train("b"));
}

#[test]
fn trials_are_printed_and_options_that_leave_nothing_to_choose_are_refused() {
    let bench = Bench::new();
    let run = bench.run("tune --pos pos.fa --neg neg.fa --budget 0 -q").ok();
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(run.stdout.contains("\tyes\n"), "{}", run.stdout);
    assert_eq!(bench.files(), ["neg.fa", "pos.fa", "set.seq"]);
    bench.run("train --auto --pos pos.fa --width 8 --out m").refused(2, &["--width is chosen by --auto"]);
    bench.run("train --auto --pos pos.fa --model deepbind --out m").refused(2, &["--model is chosen by --auto"]);
    bench.run("train --pos pos.fa --budget 3 --out m").refused(2, &["--budget", "add --auto"]);
    bench.run("train --auto --budget -1 --pos pos.fa --out m").refused(2, &["at least 0"]);
    bench.write("t.tsv", "sequence\tlabel\nACGTACGTACGTA\t0.5\n");
    bench.run("train --auto --tsv t.tsv --out m").refused(3, &["labels of two classes are 0 and 1"]);
    bench.write("few.fa", ">a\nACGTACGTACGTACGT\n>b\nACGTACGTAAATTTGG\n");
    bench.run("train --auto --pos few.fa --out m").refused(3, &["5 records of each class", "2 positives"]);
}
