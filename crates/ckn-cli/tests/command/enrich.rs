//! Known motifs in two sets of sequences.

use std::fmt::Write as _;

use crate::motif_files::meme;
use crate::motif_matches::rows;
use crate::support::{Bench, letters};

/// Sequences of letters, as a FASTA file.
fn fasta(name: &str, sequences: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for (at, letters) in sequences.enumerate() {
        writeln!(text, ">{name}{at}\n{letters}").unwrap();
    }
    text
}

/// Letters at random, of which so many in a hundred become C or G.
fn rich(seed: u64, length: usize, percent: usize) -> String {
    let (first, second) = (letters(2 * seed, length), letters(2 * seed + 1, length));
    let turn = |(at, (letter, coin)): (usize, (char, char))| match (at % 10 < percent / 10, coin) {
        (true, 'A' | 'C') => 'C',
        (true, _) => 'G',
        (false, _) => letter,
    };
    first.chars().zip(second.chars()).enumerate().map(turn).collect()
}

#[test]
fn the_best_threshold_and_the_distance_from_the_centre_are_those_of_the_hits() {
    let bench = Bench::new();
    // A site at place 40 of 80 in three positives of four, a nearly whole one in the others, and none in negatives.
    let site = |at: u64, word: &str| {
        let around = letters(at, 72);
        format!("{}{word}{}", &around[..36], &around[36..])
    };
    let positives = (0..80).map(|at| site(at, if at % 4 > 0 { "CACGTGAC" } else { "CACGTTAC" }));
    bench.write("pos.fa", fasta("p", positives));
    bench.write("neg.fa", fasta("n", (100..180).map(|at| letters(at, 80))));
    bench.write("known.meme", meme(&[("planted", "CACGTGAC"), ("other", "TTGGCCAT")]));
    let run = bench.run("enrich known.meme --pos pos.fa --neg neg.fa --max-q 1").ok();
    let table = rows(&run.stdout);
    let (planted, other) = (&table[0], &table[1]);
    let number = |row: &std::collections::BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    assert_eq!(planted["motif"], "planted");
    // At the best threshold, a whole site: all have one, or all but those of the other word.
    assert!(number(planted, "best_positives") >= 60.0 && number(planted, "best_negatives") <= 4.0, "{}", run.stdout);
    // No threshold that is given is better, and the choice of it costs at most a factor of the positives.
    assert!(number(planted, "best_p") < 80.0 * number(planted, "fisher_p"));
    assert!(number(planted, "centre_bp") < 5.0 && number(planted, "centre_p") < 1e-12);
    assert!(number(other, "centre_p") > 1e-4 && number(other, "best_p") > 1e-4, "{}", run.stdout);
}

#[test]
fn negatives_are_drawn_of_the_gc_content_of_the_positives() {
    let bench = Bench::new();
    bench.write("pos.fa", fasta("p", (0..150).map(|at| rich(at, 100, 60))));
    let mixed = (1000..1600).map(|at| rich(at, 100, if at % 3 == 0 { 60 } else { 0 }));
    bench.write("neg.fa", fasta("n", mixed));
    bench.write("known.meme", meme(&[("rich", "CCGCGGCG"), ("poor", "TTAATTAA")]));
    let command = "enrich known.meme --pos pos.fa --neg neg.fa --max-q 1";
    let all = bench.run(command).ok();
    let matched = bench.run(&format!("{command} --match-gc")).ok();
    let p_value = |stdout: &str, motif: &str| {
        let table = rows(stdout);
        table.iter().find(|row| row["motif"] == motif).unwrap()["p_value"].parse::<f64>().unwrap()
    };
    assert!(p_value(&all.stdout, "rich") < 1e-6, "{}", all.stdout);
    assert!(p_value(&matched.stdout, "rich") > 1e-3, "{}", matched.stdout);
    assert!(matched.stderr.contains("of 600 negatives") && matched.stderr.contains("GC content"), "{}", matched.stderr);
    // What was kept was counted, and a seed draws the same.
    let kept = matched.stderr.split("kept ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert_eq!(rows(&matched.stdout)[0]["negatives"], kept);
    assert_eq!(bench.run(&format!("{command} --match-gc")).ok().stdout, matched.stdout);
    assert_ne!(bench.run(&format!("{command} --match-gc --seed 1")).ok().stdout, matched.stdout);
    bench.run("enrich known.meme --pos pos.fa --match-gc").refused(2, &["--match-gc", "negatives that are given"]);
    bench.write("poor.fa", fasta("q", (0..5).map(|_| "AT".repeat(50))));
    bench.run("enrich known.meme --pos pos.fa --neg poor.fa --match-gc").refused(3, &["GC content"]);
}
