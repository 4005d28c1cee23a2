//! Models that are chosen inside the training data.

use std::fmt::Write as _;

use crate::support::{Bench, read, turned, windows_score_as_sequences};

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

#[test]
fn positives_alone_give_a_model_and_its_trials() {
    let bench = Bench::new();
    let run = bench.run("train --auto --pos pos.fa --per-positive 3 --budget 0 --out m --scores s.tsv").ok();
    assert_eq!(
        (run.cell("records"), run.cell("positives"), run.cell("trials")),
        ("240".into(), "60".into(), "1".into())
    );
    assert!(run.stderr.contains("ended before its last candidate"), "{}", run.stderr);
    let trials = text(&bench, "m.trials.tsv");
    assert!(
        trials.starts_with("trial\tcandidate\tpenalty\tauroc\tauroc_sd\tseconds\tchosen\tfolds\n1\texact kernel"),
        "{trials}"
    );
    let record = text(&bench, "m.run.json");
    assert!(record.contains("\"cut_short\": true") && record.contains("exact kernel, width 10"), "{record}");
    // What the model says is what predict says, and it can be used as any other.
    let scores = text(&bench, "s.tsv");
    let predicted = bench.run("predict m pos.fa").ok().stdout;
    for line in predicted.lines().skip(1) {
        let (id, score) = line.split_once('\t').unwrap();
        assert!(scores.contains(&format!("{id}\t1\t{score}\n")), "{line}");
    }
    let run = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
    assert!(run.cell("auroc").parse::<f64>().unwrap() > 0.9, "{}", run.stdout);
    bench.run("train --auto --pos pos.fa --out m").refused(2, &["--force"]);
    windows_score_as_sequences(&bench);
}

#[test]
fn without_an_option_of_a_model_one_is_chosen() {
    let bench = Bench::new();
    let run = bench.run("train --pos pos.fa --neg neg.fa --out m").ok();
    assert!(run.stderr.contains("chose ") && run.stderr.contains("left-out folds of 120"), "{}", run.stderr);
    // Sequences of one length: machines with places are tried, too.
    assert_eq!(run.cell("trials"), "6");
    assert_eq!(bench.files(), ["m", "m.run.json", "neg.fa", "pos.fa", "set.seq"]);
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("m.run.json"))).unwrap();
    let names: Vec<&str> =
        record["trials"].as_array().unwrap().iter().map(|trial| trial["candidate"].as_str().unwrap()).collect();
    assert!(
        names[..5].iter().all(|name| name.starts_with("exact kernel")) && names[5].starts_with("network"),
        "{names:?}"
    );
    assert!(names[1].contains("places within 0.5") && !names[0].contains("places"), "{names:?}");
    // Of both strands.
    let sequence = text(&bench, "pos.fa").lines().nth(1).unwrap().to_owned();
    bench.write("both.fa", format!(">a\n{sequence}\n>b\n{}\n", turned(&sequence)));
    let scores: Vec<f64> = (bench.run("predict m both.fa").ok().stdout.lines().skip(1))
        .map(|line| line.split('\t').nth(1).unwrap().parse().unwrap())
        .collect();
    assert!((scores[0] - scores[1]).abs() < 1e-6 && scores[0] > 0.0, "{scores:?}");
    // The threads do not matter.
    bench.run("train --pos pos.fa --neg neg.fa -q --threads 1 --out one").ok();
    assert_eq!(read(bench.path("m")), read(bench.path("one")));
    // An option of networks asks for a network, the one that --model network makes.
    bench.run("train --pos pos.fa --neg neg.fa -q --epochs 2 --out by_option").ok();
    bench.run("train --pos pos.fa --neg neg.fa -q --epochs 2 --model network --out by_name").ok();
    assert_eq!(read(bench.path("by_option")), read(bench.path("by_name")));
    assert!(bench.run("info by_option").ok().stdout.contains("CKN"));
}

#[test]
fn labels_of_other_kinds_are_not_searched_on_and_trained_on_all_the_same() {
    let bench = Bench::of(20);
    let mut values = String::from("id\tsequence\tlabel\n");
    for (record, line) in text(&bench, "pos.fa").lines().filter(|line| !line.starts_with('>')).enumerate() {
        writeln!(values, "r{record}\t{line}\t{}", record as f64 / 8.0).unwrap();
    }
    bench.write("values.tsv", &values);
    let run = bench.run("train --tsv values.tsv --out v").ok();
    assert!(run.stderr.contains("measurements") && run.stderr.contains("--model network"), "{}", run.stderr);
    bench.run("evaluate v --tsv values.tsv").ok().cell("pearson");
    let whole = |text: &str| text.replace(".125", "").replace(".25", "").replace(".375", "").replace(".5", "");
    bench.write("whole.tsv", whole(&values).replace(".625", "").replace(".75", "").replace(".875", ""));
    let says = ["whole.tsv", "label 2", "--loss squared", "--loss multinomial"];
    bench.run("train --tsv whole.tsv --out w").refused(3, &says);
    let run = bench.run("train --tsv whole.tsv --loss multinomial --out w").ok();
    assert!(run.stderr.contains("several classes: one exact kernel"), "{}", run.stderr);
    let run = bench.run("train --task a=pos.fa,neg.fa --task b=pos.fa,neg.fa --allow-duplicates --out t").ok();
    assert!(run.stderr.contains("several tasks: one exact kernel"), "{}", run.stderr);
    bench.write("words.tsv", "sequence\tlabel\nACGTACGTACGTACGT\tbound\n");
    bench.run("train --tsv words.tsv --out x").refused(3, &["every sequence is `bound`", "--pos"]);
    // Too few to choose by: a network.
    bench.write("few.fa", ">a\nACGTACGTACGTACGT\n>b\nACGTACGTAAATTTGG\n");
    let run = bench.run("train --pos few.fa --out f").ok();
    assert!(run.stderr.contains("too few sequences of a class"), "{}", run.stderr);
    // Shorter than every window.
    bench.write("short.fa", format!("{}>short\nACG\n", text(&bench, "pos.fa")));
    let run = bench.run("train --pos short.fa --neg neg.fa --out s").ok();
    assert!(run.stderr.contains("1 sequences are shorter than 12 letters"), "{}", run.stderr);
    bench.run("predict s short.fa").ok();
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
    assert!(run.stdout.contains("\tyes\t"), "{}", run.stdout);
    assert_eq!(bench.files(), ["neg.fa", "pos.fa", "set.seq"]);
    bench.run("train --auto --pos pos.fa --width 8 --out m").refused(2, &["--width is chosen by --auto"]);
    bench.run("train --auto --pos pos.fa --model deepbind --out m").refused(2, &["--model is chosen by --auto"]);
    bench.run("train --pos pos.fa --width 8 --budget 3 --out m").refused(2, &["--budget", "add --auto"]);
    bench.run("train --pos pos.fa --width 8 --effort quick --out m").refused(2, &["--width is chosen by"]);
    bench.run("train --auto --budget -1 --pos pos.fa --out m").refused(2, &["at least 0"]);
    bench.write("few.fa", ">a\nACGTACGTACGTACGT\n>b\nACGTACGTAAATTTGG\n");
    bench.run("tune --pos few.fa").refused(3, &["two classes", "at least 4"]);
}
