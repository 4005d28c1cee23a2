//! Several tasks and several classes on the command line.

use std::fmt::Write as _;

use crate::support::{Bench, letters};

const TRAIN: &str = "train --filters 4 --width 8 --epochs 4 -q --out m";

/// A table of two tasks: the first is that of the planted word, the second of its absence, known of every other record.
fn table(bench: &Bench) -> String {
    let mut table = String::from("id\tsequence\tlabel:word\tlabel:none\n");
    for class in ["pos", "neg"] {
        let text = std::fs::read_to_string(bench.path(&format!("{class}.fa"))).unwrap();
        let records = text.split('>').skip(1).map(|record| record.split_once('\n').unwrap());
        for (number, (id, sequence)) in records.enumerate() {
            let word = u8::from(class == "pos");
            let none = if number % 2 == 0 { (1 - word).to_string() } else { "NA".to_owned() };
            writeln!(table, "{id}\t{}\t{word}\t{none}", sequence.trim()).unwrap();
        }
    }
    table
}

#[test]
fn tasks_of_a_table_have_a_row_and_a_score_each() {
    let bench = Bench::new();
    bench.write("tasks.tsv", table(&bench));
    let trained = bench.run(&format!("{TRAIN} --tasks tasks.tsv --class-weight balanced")).ok();
    assert_eq!((trained.cell_of(0, "task"), trained.cell_of(1, "task")), ("word".to_owned(), "none".to_owned()));
    assert_eq!((trained.cell_of(0, "records"), trained.cell_of(1, "records")), ("120".to_owned(), "60".to_owned()));
    let scores = bench.run("predict m pos.fa").ok().stdout;
    assert!(scores.starts_with("id\tscore:word\tscore:none\n"), "{scores}");
    let tested = bench.run("evaluate m --tasks tasks.tsv").ok();
    for row in 0..2 {
        assert!(tested.cell_of(row, "auroc").parse::<f64>().unwrap() > 0.8, "{}", tested.stdout);
    }
    let single = bench.run("evaluate m --pos pos.fa --neg neg.fa --output word").ok();
    assert_eq!(single.cell("auroc"), tested.cell_of(0, "auroc"));
    bench.write("odd.tsv", table(&bench).replace("\t1\tNA", "\t0.3\tNA"));
    bench.run("evaluate m --tasks odd.tsv").refused(3, &["task word has the label 0.3"]);
    bench.run("evaluate m --pos pos.fa --neg neg.fa").refused(2, &["word, none", "--output"]);
    bench.run("evaluate m --pos pos.fa --neg neg.fa --output nothing").refused(2, &["no output nothing"]);
    bench.run("scan m pos.fa --out hits").refused(2, &["2 outputs", "word or none"]);
    bench.run("scan m pos.fa --out hits --output nothing").refused(2, &["no output nothing"]);
    bench.run("scan m pos.fa --out hits --output word").ok();
}

#[test]
fn data_sets_that_share_nothing_are_tasks_of_one_network() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} --task a=pos.fa,neg.fa --task b=neg.fa --allow-duplicates")).ok();
    let tested = bench.run("evaluate m --task a=pos.fa,neg.fa --task b=pos.fa,neg.fa --allow-duplicates").ok();
    assert!(tested.cell_of(0, "auroc").parse::<f64>().unwrap() > 0.8, "{}", tested.stdout);
}

#[test]
fn classes_are_scored_each_and_judged_together() {
    let bench = Bench::new();
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..150u64 {
        let random = letters(record + 1, 60);
        let word = ["CACGTGAC", "GGATTACA", ""][record as usize % 3];
        writeln!(table, "r{record}\t{}{word}{}\t{}", &random[..20], &random[20 + word.len()..], record % 3).unwrap();
    }
    bench.write("classes.tsv", &table);
    bench.run(&format!("{TRAIN} --tsv classes.tsv --loss multinomial")).ok();
    assert!(bench.run("predict m pos.fa").ok().stdout.starts_with("id\tscore:0\tscore:1\tscore:2\n"));
    let tested = bench.run("evaluate m --tsv classes.tsv").ok();
    assert_eq!(tested.cell("classes"), "3");
    bench.write("more.tsv", table.replace("\t2\n", "\t7\n"));
    bench.run("evaluate m --tsv more.tsv").refused(3, &["class 7", "3 classes"]);
    bench.run("evaluate m --tasks classes.tsv").refused(2, &["no tasks"]);
    assert!(tested.cell("accuracy").parse::<f64>().unwrap() > 0.6, "{}", tested.stdout);
    let gap = table.replace("\t1\n", "\t3\n");
    bench.write("gap.tsv", gap);
    bench.run("train --tsv gap.tsv --loss multinomial -q --out n").refused(3, &["class 1 has 0 records"]);
    bench.write("huge.tsv", table.replace("\t1\n", "\t1000000000\n"));
    bench.run("train --tsv huge.tsv --loss multinomial -q --out n").refused(2, &["classes", "at most 1024"]);
}

#[test]
fn tasks_that_cannot_be_learnt_are_named() {
    let bench = Bench::new();
    let good = table(&bench);
    for (name, table, status, says) in [
        (
            "one.tsv",
            good.replace("\t0\t1\n", "\t1\t1\n").replace("\t0\tNA\n", "\t1\tNA\n"),
            3,
            "task word has 120 positives",
        ),
        ("none.tsv", good.replace("\t0\n", "\tNA\n").replace("\t1\n", "\t\n"), 3, "none"),
        ("word.tsv", good.replace("\t1\tNA", "\tyes\tNA"), 3, "yes"),
    ] {
        bench.write(name, table);
        bench.run(&format!("{TRAIN} --tasks {name}")).refused(status, &[says]);
    }
    bench.write("tasks.tsv", good);
    bench.run(&format!("{TRAIN} --tasks tasks.tsv --class-weight 0")).refused(2, &["between 1e-9"]);
    bench.run(&format!("{TRAIN} --tasks tasks.tsv --shuffles 2")).refused(2, &["--shuffles"]);
    bench.run(&format!("{TRAIN} --task a=pos.fa")).refused(2, &["at least twice"]);
    bench.run(&format!("{TRAIN} --task pos.fa --task neg.fa")).refused(2, &["NAME=POSITIVES"]);
    bench.run(&format!("{TRAIN} --tasks tasks.tsv --model deepbind")).refused(2, &["--tasks"]);
}

#[test]
fn short_sequences_are_lengthened_where_asked_and_the_model_remembers() {
    let bench = Bench::new();
    let short = format!("{}>short\nACGT\n", std::fs::read_to_string(bench.path("pos.fa")).unwrap());
    bench.write("short.fa", short);
    bench.run(&format!("{TRAIN} --pos short.fa --neg neg.fa")).refused(3, &["4 letters", "--short pad"]);
    bench.run(&format!("{TRAIN} --pos short.fa --neg neg.fa --short pad")).ok();
    assert!(bench.run("predict m short.fa").ok().stdout.contains("\nshort\t"));
}

#[test]
fn penalties_and_bandwidths_are_learnt_where_asked() {
    let bench = Bench::new();
    let words =
        "train --pos pos.fa --neg neg.fa --filters 32 --width 8 -q --out m --unsupervised --standardise --l2 auto";
    bench.run(words).ok();
    bench.run(&format!("{TRAIN} --force --pos pos.fa --neg neg.fa --learn-sigma")).ok();
    let record = std::fs::read_to_string(bench.path("m.run.json")).unwrap();
    assert!(record.contains("\"sigmas\""), "{record}");
}
