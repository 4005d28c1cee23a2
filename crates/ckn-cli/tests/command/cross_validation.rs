//! Training on all folds but one.

use crate::support::{Bench, read};

const QUICK: &str = "--filters 8 --width 8 --epochs 10 -q";

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn every_sequence_is_scored_by_the_model_that_had_not_seen_it() {
    let bench = Bench::new();
    let words = format!("cv --pos pos.fa --neg neg.fa --folds 3 --scores left_out.tsv --out m {QUICK}");
    let run = bench.run(&words).ok();
    let table = rows(&run.stdout);
    assert_eq!(table[0].join(" "), "fold records positives negatives auroc auprc accuracy log_loss seconds");
    let names: Vec<&str> = table[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["1", "2", "3", "mean", "sd"]);
    assert!(table[1..4].iter().all(|row| row[1..4] == ["40", "20", "20"]), "{}", run.stdout);
    let column = |row: usize| table[row][4].parse::<f64>().unwrap();
    let mean = (column(1) + column(2) + column(3)) / 3.0;
    let variance = [1, 2, 3].map(|row| (column(row) - mean).powi(2)).iter().sum::<f64>() / 2.0;
    assert!((column(4) - mean).abs() < 1e-5 && (column(5) - variance.sqrt()).abs() < 1e-5, "{}", run.stdout);
    assert!(mean > 0.9, "{}", run.stdout);

    let left_out = rows(&String::from_utf8(read(bench.path("left_out.tsv"))).unwrap());
    assert_eq!(left_out[0].join(" "), "id fold label score");
    assert_eq!(left_out.len(), 121);
    // The folds of `ckn split` with the same seed, and what its training says of them.
    bench.run("split --pos pos.fa --neg neg.fa --by fold --folds 3 --out s").ok();
    bench.run(&format!("train --tsv s.fold2.train.tsv --out by_hand {QUICK}")).ok();
    let by_hand = rows(&bench.run("predict by_hand s.fold2.test.tsv").ok().stdout);
    let kept = rows(&bench.run("predict m.fold2.ckn s.fold2.test.tsv").ok().stdout);
    assert_eq!(by_hand, kept);
    assert_eq!(by_hand.len(), 41);
    for row in &by_hand[1..] {
        let here = left_out.iter().find(|line| line[0] == row[0]).unwrap();
        assert_eq!((here[1].as_str(), &here[3]), ("2", &row[1]), "{row:?}");
    }
}

#[test]
fn groups_chromosomes_and_tasks_are_divided_as_they_should() {
    let bench = Bench::new();
    let line = |at: usize| {
        let motif = if at % 2 == 1 { "GGTCACGTGACC" } else { "GCATTTAGCATT" };
        let place = format!("chr{}:{}-{}", at % 3, 100 * at, 100 * at + 30);
        format!("{place}\t{}{motif}{}\t{}\tg{}\n", "ACGTT".repeat(1 + at % 3), "TGA".repeat(1 + at % 2), at % 2, at % 4)
    };
    let table: String = (0..120).map(line).collect();
    bench.write("t.tsv", format!("id\tsequence\tlabel\tgroup\n{table}"));
    for (by, folds, modulus) in [("chromosome", 3, 3), ("group", 4, 4)] {
        let words = format!("cv --tsv t.tsv --by {by} --folds {folds} --scores {by}.tsv {QUICK}");
        let run = bench.run(&words).ok();
        assert_eq!(run.stdout.lines().count(), 1 + folds + 2, "{}", run.stdout);
        let scores = rows(&String::from_utf8(read(bench.path(&format!("{by}.tsv")))).unwrap());
        for (at, row) in scores[1..].iter().enumerate() {
            assert_eq!(row[1], scores[1 + at % modulus][1], "{by} {at}");
        }
    }
    let run = bench.run(&format!("cv --task a=pos.fa,neg.fa --task b=pos.fa,neg.fa --folds 2 {QUICK}")).ok();
    let table = rows(&run.stdout);
    assert_eq!(table[0][..2], ["fold", "task"]);
    let names: Vec<String> = table[1..].iter().map(|row| row[..2].join(" ")).collect();
    assert_eq!(names, ["1 a", "1 b", "2 a", "2 b", "mean a", "sd a", "mean b", "sd b"]);
    assert!(table[1..5].iter().all(|row| row[2..5] == ["60", "30", "30"]), "{}", run.stdout);
}

#[test]
fn shuffles_stay_in_the_fold_of_their_originals() {
    let bench = Bench::new();
    bench.run(&format!("cv --pos pos.fa --per-positive 2 --folds 3 --scores s.tsv {QUICK}")).ok();
    let scores = rows(&String::from_utf8(read(bench.path("s.tsv"))).unwrap());
    assert_eq!(scores.len(), 181);
    for row in &scores[1..] {
        let original = row[0].split("_shuffled").next().unwrap();
        let of_original = scores.iter().find(|other| other[0] == original).unwrap();
        assert_eq!(row[1], of_original[1], "{row:?}");
    }
}

#[test]
fn measurements_and_classes_have_their_own_measures() {
    let bench = Bench::new();
    let line = |at: usize| format!("s{at}\t{}ACGTACGT{}\t{}\n", "A".repeat(at % 5), "GATC".repeat(at % 3), at % 3);
    bench.write("t.tsv", format!("id\tsequence\tlabel\n{}", (0..60).map(line).collect::<String>()));
    let run = bench.run(&format!("cv --tsv t.tsv --loss multinomial --folds 2 {QUICK}")).ok();
    assert!(run.stdout.starts_with("fold\trecords\tpositives\tnegatives\taccuracy\tlog_loss\tseconds\n"));
    assert!(run.stdout.contains("1\t30\tNA\tNA\t"), "{}", run.stdout);
    let run = bench.run(&format!("cv --tsv t.tsv --loss squared --folds 2 {QUICK}")).ok();
    assert!(run.stdout.contains("\tauroc\tmean_squared_error\tpearson\tspearman\t"), "{}", run.stdout);
    let run = bench.run("cv --tsv t.tsv --loss squared --folds 2 --model deepbind --calibrations 0 --epochs 2").ok();
    assert!(run.stderr.contains("leak into the folds"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_divided_or_written_is_refused() {
    let bench = Bench::new();
    let data = "--pos pos.fa --neg neg.fa";
    bench.run(&format!("cv {data} --by group")).refused(2, &["--by group", "--tsv"]);
    bench.run("cv --tsv - --by group").refused(2, &["standard input can be read only once"]);
    bench.run(&format!("cv {data} --by chromosome")).refused(3, &["does not say where it lies"]);
    bench.run(&format!("cv {data} --folds 1")).refused(2, &["2..=1000"]);
    bench.run(&format!("cv {data} --folds 500 -q")).refused(3, &["500 folds", "120"]);
    bench.write("t.tsv", "id\tsequence\tlabel\na\tACGTACGTACGTA\t0\n");
    bench.run("cv --tsv t.tsv --by group -q").refused(3, &["no column `group`"]);
    bench.write("m.fold4.ckn", "taken");
    bench.run(&format!("cv {data} --out m {QUICK}")).refused(2, &["m.fold4.ckn", "--force"]);
    bench.run(&format!("cv {data} --scores pos.fa --force {QUICK}")).refused(2, &["pos.fa"]);
    assert_eq!(read(bench.path("m.fold4.ckn")), b"taken");
}
