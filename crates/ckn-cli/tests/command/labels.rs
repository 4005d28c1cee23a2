//! Labels that are names, and what is said where a table, an option or a file is another than the one meant.

use std::fmt::Write as _;

use crate::support::{Bench, letters};

/// A table of sequences with a planted word each, by class; the last class has none.
fn table(names: &[&str]) -> String {
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..40 * names.len() {
        let (class, random) = (record % names.len(), letters(record as u64 + 1, 60));
        let word = if class + 1 == names.len() { "" } else { ["CACGTGAC", "GGATTACA"][class] };
        writeln!(table, "r{record}\t{}{word}{}\t{}", &random[..20], &random[20 + word.len()..], names[class]).unwrap();
    }
    table
}

#[test]
fn two_names_are_two_classes_whose_positive_one_is_told() {
    let bench = Bench::new();
    bench.write("two.tsv", table(&["enhancer", "other"]));
    let run = bench.run("train --tsv two.tsv --out m --scores s.tsv").ok();
    assert!(
        run.stderr.contains("labels are names: positive is `enhancer` (40), negative `other` (40)\n"),
        "{}",
        run.stderr
    );
    assert_eq!((run.cell("positives"), run.cell("negatives")), ("40".to_owned(), "40".to_owned()));
    assert!(std::fs::read_to_string(bench.path("s.tsv")).unwrap().contains("\nr1\tother\t"));
    assert!(bench.run("info m").ok().stdout.contains("\nclasses\tother, enhancer\n"));
    // Numbers and names say the same; a model knows its names.
    bench.write("numbers.tsv", table(&["1", "0"]));
    let named = bench.run("evaluate m --tsv two.tsv").ok();
    assert_eq!(named.stdout, bench.run("evaluate m --tsv numbers.tsv").ok().stdout);
    bench.write("unknown.tsv", table(&["enhancer", "promoter"]));
    bench.run("evaluate m --tsv unknown.tsv").refused(3, &["class `promoter`", "`other`, `enhancer`"]);
    // Without names, the file is what it was before there were any.
    bench.run("train --tsv numbers.tsv -q --out n").ok();
    assert!(!bench.run("info n").ok().stdout.contains("classes\t"));

    bench.write("unsure.tsv", table(&["liver", "brain"]));
    let run = bench.run("train --tsv unsure.tsv --filters 4 --width 8 --epochs 1 --out unsure").ok();
    assert!(
        run.stderr.contains("positive is `liver` (40), negative `brain` (40); neither name says"),
        "{}",
        run.stderr
    );
}

#[test]
fn three_names_are_classes_that_predictions_name() {
    let bench = Bench::new();
    bench.write("three.tsv", table(&["enhancer", "promoter", "other"]));
    let run = bench.run("train --tsv three.tsv --out m").ok();
    let says = "names of 3 classes (--loss multinomial): `enhancer` (40), `other` (40), `promoter` (40)";
    assert!(run.stderr.contains(says), "{}", run.stderr);
    let predicted = bench.run("predict m three.tsv").ok().stdout;
    assert!(predicted.starts_with("id\tscore:enhancer\tscore:other\tscore:promoter\n"), "{predicted}");
    let tested = bench.run("evaluate m --tsv three.tsv").ok();
    assert!(
        tested.stdout.lines().next().unwrap().ends_with(
            "log_loss\taccuracy_low\taccuracy_high\tauroc_macro\tauroc:enhancer\tauroc:other\tauroc:promoter"
        )
    );
    assert!(tested.cell("auroc:promoter").parse::<f64>().unwrap() > 0.9, "{}", tested.stdout);
    let mean: f64 = ["enhancer", "other", "promoter"]
        .map(|name| tested.cell(&format!("auroc:{name}")).parse::<f64>().unwrap())
        .iter()
        .sum();
    assert!((tested.cell("auroc_macro").parse::<f64>().unwrap() - mean / 3.0).abs() < 2e-6);
    // A part of the classes is numbered as all are.
    bench.write("part.tsv", table(&["promoter", "other"]));
    assert_eq!(bench.run("evaluate m --tsv part.tsv").ok().cell("auroc:enhancer"), "NA");
    bench.run("train --tsv three.tsv --model exact --out n").refused(2, &["3 classes", "add --loss multinomial"]);
    bench.run("train --tsv three.tsv --loss squared --out n").refused(2, &["`enhancer`", "measurements", "drop it"]);
}

#[test]
fn labels_that_cannot_be_learnt_say_why() {
    let bench = Bench::new();
    let two = table(&["enhancer", "other"]);
    for (table, says) in [
        (two.replace("other", "enhancer"), &["every sequence is `enhancer`", "--pos"][..]),
        (two.replacen("enhancer", "typo", 1), &["class `typo` has 1 sequence of 80", "at least 2"]),
        (two.replacen("other", "7", 1), &["line 3", "`7`", "`enhancer`", "names alone"]),
        (two.replacen("enhancer", "7", 1), &["line 3", "`other`", "all names of classes"]),
        (two.replacen("other", "NA", 1), &["line 3", "`NA`", "all names of classes"]),
        (two.replace("enhancer", "0,5").replace("other", "0,7"), &["`0,5`", "finite number"]),
    ] {
        bench.write("bad.tsv", table);
        bench.run("train --tsv bad.tsv -q --out m").refused(3, says);
    }
    bench.write("two.tsv", two);
    bench.run("train --tsv two.tsv --loss squared -q --out m").refused(2, &["--loss squared", "`other`"]);
}

#[test]
fn tables_of_tasks_and_of_one_task_are_told_apart() {
    let bench = Bench::new();
    bench.write("one.tsv", table(&["1", "0"]));
    bench.run("train --tasks one.tsv --out m").refused(3, &["one.tsv", "(a table of one task is given by --tsv)"]);
    bench.write("wide.tsv", "sequence\tlabel:a\tlabel:b\nACGTACGTACGT\t1\t0\n");
    let tasks = "(a table of several tasks is given by --tasks)";
    bench.run("train --tsv wide.tsv --out m").refused(3, &["no column `label`", tasks]);
    bench.write("long.tsv", "sequence\ttask\tlabel\nACGTACGTACGT\ta\t1\nACGTACGTACGT\tb\t0\n");
    bench.run("train --tsv long.tsv --out m").refused(3, &["line 3", "`b`", "`a`", tasks]);
    bench.write("words.tsv", "sequence\tlabel:a\nACGTACGTACGT\tyes\n");
    bench.run("train --tasks words.tsv --out m").refused(3, &["`yes`", "0 and 1"]);
}

#[test]
fn files_in_each_others_place_are_told_by_what_they_look_like() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let swapped = ["pos.fa is not a usable model file", "looks like FASTA", "m like a model", "the model first"];
    bench.run("predict pos.fa m").refused(3, &swapped);
    bench.run("evaluate pos.fa --pos m").refused(3, &swapped);
    bench.run("predict set.seq pos.fa").refused(3, &["set.seq is not a usable model", "a table", "--out"]);
    bench.run("predict m m").refused(3, &["m looks like a model, where sequences are expected"]);
    bench.run("info pos.fa").refused(3, &["looks like FASTA"]);
}

#[test]
fn an_option_of_a_network_says_that_nothing_is_chosen() {
    let bench = Bench::new();
    let run = bench.run("train --pos pos.fa --neg neg.fa --lr 0.05 --out m").ok();
    assert!(run.stderr.contains("--learning-rate is an option of networks: one is trained"), "{}", run.stderr);
    assert!(run.stdout.contains("best_epoch"), "{}", run.stdout);
    let run = bench.run("train --pos pos.fa --neg neg.fa --model network --epochs 1 --out n").ok();
    assert!(!run.stderr.contains("option of networks"), "{}", run.stderr);
}
