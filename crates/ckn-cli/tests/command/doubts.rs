//! What `ckn train` warns of, and what `ckn evaluate` knows again.

use std::fmt::Write as _;

use crate::support::{Bench, letters, turned};

const QUICK: &str = "--filters 4 --width 8 --epochs 1 --out m --force";

fn fasta(sequences: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    sequences.enumerate().for_each(|(i, letters)| writeln!(text, ">s{i}\n{letters}").unwrap());
    text
}

#[test]
fn one_file_is_not_two_classes() {
    let bench = Bench::new();
    bench
        .run("train --pos pos.fa --neg ./pos.fa --out m")
        .refused(2, &["pos.fa is given as positives and as negatives"]);
    std::fs::copy(bench.path("pos.fa"), bench.path("copy.fa")).unwrap();
    bench.run("train --pos pos.fa --neg copy.fa --out m").refused(2, &["copy.fa", "hold the same", "shuffling"]);
    bench.run("train --task a=pos.fa,neg.fa --task b=pos.fa,copy.fa --out m").refused(2, &["hold the same"]);
    let renamed = String::from_utf8(std::fs::read(bench.path("pos.fa")).unwrap()).unwrap().replace(">p", ">other");
    bench.write("renamed.fa", &renamed);
    bench.run("train --pos pos.fa --neg renamed.fa -q --out m").refused(3, &["every sequence stands in both classes"]);
    bench.write("mixed.fa", fasta((0..60).map(|i| letters(if i < 2 { 5_000 + i } else { 1_000 + i }, 60))));
    bench.write("some.fa", fasta((0..60).map(|i| letters(if i < 2 { 5_000 + i } else { 2_000 + i }, 60))));
    let run = bench.run(&format!("train --pos mixed.fa --neg some.fa {QUICK}")).ok();
    assert!(run.stderr.contains("warning: 4 of 120 sequences (3.3 %) stand in both classes"), "{}", run.stderr);
    let record = std::fs::read_to_string(bench.path("m.run.json")).unwrap();
    assert!(record.contains("stand in both classes"), "{record}");
}

#[test]
fn what_gives_classes_away_is_warned_of_and_sound_data_are_not() {
    let bench = Bench::new();
    let run = bench.run(&format!("train --pos pos.fa --neg neg.fa {QUICK}")).ok();
    let record = std::fs::read_to_string(bench.path("m.run.json")).unwrap();
    assert!(!run.stderr.contains("warning") && !record.contains("warnings"), "{}", run.stderr);
    bench.write("long.fa", fasta((0..60).map(|i| letters(i + 900, 80))));
    let run = bench.run(&format!("train --pos pos.fa --neg long.fa {QUICK}")).ok();
    assert!(run.stderr.contains("warning: length alone separates the classes (AUROC 0.00)"), "{}", run.stderr);
    bench.write("rich.fa", fasta((0..60).map(|i| letters(i + 900, 60).replace('A', "G").replacen('T', "C", 7))));
    let run = bench.run(&format!("train --pos rich.fa --neg neg.fa {QUICK}")).ok();
    assert!(run.stderr.contains("warning: GC content alone separates the classes (AUROC 1.00)"), "{}", run.stderr);
    let quiet = bench.run(&format!("train --pos rich.fa --neg neg.fa -q {QUICK}")).ok();
    assert!(quiet.stderr.is_empty(), "{}", quiet.stderr);
}

#[test]
fn few_sequences_promise_nothing() {
    let bench = Bench::new();
    bench.write("two.fa", fasta((0..2).map(|i| letters(i + 1, 60))));
    let run = bench.run("train --pos two.fa --out m").ok();
    assert!(
        run.stderr.contains("warning: there are 2 positives and") && run.stderr.contains("is chance"),
        "{}",
        run.stderr
    );
    let pair = format!("sequence\tlabel\n{}\tyes\n{}\tno\n", letters(1, 60), letters(2, 60));
    bench.write("pair.tsv", pair);
    bench.run("train --tsv pair.tsv --out n").refused(3, &["class `no` has 1 sequence of 2", "at least 2"]);
}

#[test]
fn measurements_that_are_skewed_or_all_the_same_are_warned_of() {
    let bench = Bench::new();
    let table = |label: fn(u64) -> f64| {
        (0..60).fold(String::from("sequence\tlabel\n"), |table, i| {
            table + &format!("{}\t{}\n", letters(i + 1, 60), label(i))
        })
    };
    for (label, says) in [
        (table(|i| (i as f64 / 5.0).exp()), "train on log(label) instead"),
        (table(|i| f64::from(i == 7) * 0.5), "all sequences but 1 is 0: there is next to nothing to learn"),
        (table(|i| i as f64 / 7.0), ""),
    ] {
        bench.write("t.tsv", label);
        let run = bench.run(&format!("train --tsv t.tsv --loss squared {QUICK}")).ok();
        assert_eq!(run.stderr.contains("warning"), !says.is_empty(), "{}", run.stderr);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn test_sequences_that_were_trained_on_are_counted() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let known = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
    assert!(known.stderr.contains("120 of 120 test sequences (100 %) were trained on by m"), "{}", known.stderr);
    // The opposite strand of one, among others that are new.
    let positives = std::fs::read_to_string(bench.path("pos.fa")).unwrap();
    let old = turned(positives.lines().nth(1).unwrap());
    bench.write("new.fa", fasta((0..49).map(|i| letters(i + 7_000, 60))));
    bench.write("turned.fa", fasta((0..50).map(|i| if i == 9 { old.clone() } else { letters(i + 8_000, 60) })));
    let one = bench.run("evaluate m --pos turned.fa --neg new.fa").ok();
    assert!(one.stderr.contains("1 of 99 test sequences (1 %) was trained on by m"), "{}", one.stderr);
    bench.write("others.fa", fasta((0..50).map(|i| letters(i + 9_000, 60))));
    let none = bench.run("evaluate m --pos others.fa --neg new.fa").ok();
    assert!(none.stderr.is_empty(), "{}", none.stderr);
    // Lengthened sequences are those they were.
    bench.write("short.fa", fasta((0..50).map(|i| letters(i + 4_000, 6))));
    bench.run(&format!("train --pos short.fa --neg neg.fa --short pad -q {QUICK}")).ok();
    let padded = bench.run("evaluate m --pos short.fa --neg new.fa").ok();
    assert!(padded.stderr.contains("50 of 99 test sequences (51 %)"), "{}", padded.stderr);
    // No record, nothing to say; a damaged one is named.
    let record = std::fs::read_to_string(bench.path("m.run.json")).unwrap();
    bench.write("m.run.json", record.replace("\"smallest\": \"", "\"smallest\": \"zz"));
    let damaged = bench.run("evaluate m --pos short.fa --neg new.fa").ok();
    assert!(damaged.stderr.contains("m.run.json is damaged: whether"), "{}", damaged.stderr);
    std::fs::remove_file(bench.path("m.run.json")).unwrap();
    assert!(bench.run("evaluate m --pos short.fa --neg new.fa").ok().stderr.is_empty());
}

#[test]
fn evaluations_have_intervals_and_the_coefficient_of_matthews() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.write("others.fa", fasta((0..50).map(|i| letters(i + 9_000, 60))));
    let run = bench.run("evaluate m --pos pos.fa --neg others.fa").ok();
    let header = run.stdout.lines().next().unwrap();
    assert_eq!(
        header,
        "model\trecords\tpositives\tnegatives\tauroc\tauprc\taccuracy\tlog_loss\tauroc_low\tauroc_high\tauprc_low\tauprc_high\t\
         accuracy_low\taccuracy_high\tmcc"
    );
    // By hand, from the scores.
    let above = |file: &str| {
        let scores = bench.run(&format!("predict m {file}")).ok().stdout;
        let is_above = |line: &&str| line.split('\t').nth(1).unwrap().parse::<f64>().unwrap() > 0.0;
        scores.lines().skip(1).filter(is_above).count() as f64
    };
    let (found, wrong) = (above("pos.fa"), above("others.fa"));
    let (missed, right) = (60.0 - found, 50.0 - wrong);
    let by_hand = (found * right - wrong * missed)
        / ((found + wrong) * (found + missed) * (right + wrong) * (right + missed)).sqrt();
    assert!((run.cell("mcc").parse::<f64>().unwrap() - by_hand).abs() < 1e-6, "{} {by_hand}", run.stdout);
    assert!(run.cell("accuracy_low") < run.cell("accuracy") && run.cell("accuracy") <= run.cell("accuracy_high"));
}

#[test]
fn a_network_that_found_next_to_nothing_says_so_and_one_that_did_not_does_not() {
    let bench = Bench::new();
    let mut noise = String::from("id\tsequence\tlabel\n");
    for record in 0..600u64 {
        noise += &format!("r{record}\t{}\t{}\n", letters(record + 31, 40), record % 2);
    }
    bench.write("noise.tsv", noise);
    let run = bench.run("train --tsv noise.tsv --filters 4 --epochs 2 --out n").ok();
    let auroc: f64 = run.cell("validation_auroc").parse().unwrap();
    assert!(auroc < 0.6 && run.stderr.contains("is near chance (0.5)"), "{auroc}: {}", run.stderr);
    let run = bench.run("train --pos pos.fa --neg neg.fa --filters 8 --width 8 --pooling max --epochs 20 --out m").ok();
    let auroc: f64 = run.cell("validation_auroc").parse().unwrap();
    assert!(auroc > 0.6 && !run.stderr.contains("near chance"), "{auroc}: {}", run.stderr);
}
