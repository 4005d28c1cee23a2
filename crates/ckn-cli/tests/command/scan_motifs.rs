use std::fmt::Write as _;
use std::fs::File;
use std::process::Command;

use crate::motif_files::{HEAD, meme, motif, refuse_bad_files};
use crate::support::{Bench, gzip, letters, read, turned};

const P: f64 = 0.01;
/// In the file, and of both strands together.
const BACKGROUND: [f64; 4] = [0.3, 0.2, 0.1, 0.4];
const AVERAGED: [f64; 4] = [0.35, 0.15, 0.15, 0.35];
const NAMES: [&str; 3] = ["long", "tiny", "middle"];
const ALTERNATES: [Option<&str>; 3] = [Some("LONG1"), None, None];
const SITES: f64 = 10.0;

/// Matrices without a pattern; widths 6, 4 and 5.
fn matrices() -> Vec<Vec<[f64; 4]>> {
    let column = |seed: u64| {
        let words = letters(seed, 20);
        let share = |letter| words.chars().filter(|&other| other == letter).count() as f64 / 20.0;
        ['A', 'C', 'G', 'T'].map(share)
    };
    [6, 4, 5].iter().map(|&width| (0..width).map(|at| column(100 * width + at)).collect()).collect()
}

fn motif_file() -> String {
    let [a, c, g, t] = BACKGROUND;
    let mut text = format!("{HEAD}Background letter frequencies\nA {a} C {c} G {g} T {t}\n\n");
    for ((matrix, name), alternate) in matrices().iter().zip(NAMES).zip(ALTERNATES) {
        let width = matrix.len();
        let head = "letter-probability matrix: alength= 4";
        writeln!(text, "MOTIF {name} {}\n{head} w= {width} nsites= {SITES} E= 0", alternate.unwrap_or("")).unwrap();
        for [a, c, g, t] in matrix {
            writeln!(text, " {a} {c} {g} {t}").unwrap();
        }
    }
    text
}

/// More letters than a piece has, in lower and upper case, with N and a mixture; records shorter than motifs.
fn genome() -> Vec<(&'static str, String)> {
    let mut long = letters(5, 100_000);
    long.replace_range(32_760..32_768, "nnnnnnnn");
    long.replace_range(70_000..70_001, "R");
    vec![("chr1", letters(6, 900).to_lowercase()), ("three", "ACG".into()), ("five", letters(8, 5)), ("chr2", long)]
}

fn fasta() -> String {
    genome().iter().fold(String::new(), |mut text, (id, letters)| {
        writeln!(text, ">{id} words\n{letters}").unwrap();
        text
    })
}

fn bench() -> Bench {
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    bench.write("motifs.meme", motif_file());
    bench.write("genome.fa", fasta());
    bench
}

/// Log-odds of a matrix in steps of 1/1024 bit.
fn levels(matrix: &[[f64; 4]], background: [f64; 4]) -> Vec<[f64; 4]> {
    let share = 0.1 / SITES;
    let score = |at: usize, value: f64| ((value + share * background[at]) / ((1.0 + share) * background[at])).log2();
    let level = |column: &[f64; 4]| [0, 1, 2, 3].map(|at| (score(at, column[at]) * 1024.0).round());
    matrix.iter().map(level).collect()
}

/// The level of every word, with its probability, best first.
fn enumerated(levels: &[[f64; 4]], background: [f64; 4]) -> Vec<(f64, f64)> {
    let mut words = vec![(0.0, 1.0)];
    for column in levels {
        let longer = |&(level, p): &(f64, f64)| [0, 1, 2, 3].map(|at| (level + column[at], p * background[at]));
        words = words.iter().flat_map(longer).collect();
    }
    words.sort_by(|a, b| b.0.total_cmp(&a.0));
    words
}

type Line = (String, usize, usize, usize, char, f64, f64, String);

/// Every hit, by looking at every window.
fn brute_force(background: [f64; 4], both: bool, limit: f64) -> Vec<Line> {
    let scored: Vec<_> = matrices()
        .into_iter()
        .map(|matrix| {
            let levels = levels(&matrix, background);
            let words = enumerated(&levels, background);
            (levels, words)
        })
        .collect();
    let mut lines = Vec::new();
    for (id, record) in genome() {
        let record = record.to_uppercase();
        let mut found = Vec::new();
        for (motif, (levels, words)) in scored.iter().enumerate() {
            let width = levels.len();
            // Of each level, the probability of it or a higher one.
            let mut tails: Vec<(f64, f64)> = Vec::new();
            let mut tail = 0.0;
            for tied in words.chunk_by(|a, b| a.0 == b.0) {
                tail += tied.iter().map(|word| word.1).sum::<f64>();
                tails.push((tied[0].0, tail.min(1.0)));
            }
            for start in 0..=record.len().saturating_sub(width) {
                let Some(window) = record.get(start..start + width) else { continue };
                let both_ways = [('+', window.to_owned()), ('-', turned(window))];
                for (strand, word) in both_ways.into_iter().take(if both { 2 } else { 1 }) {
                    let places: Option<Vec<usize>> = word.chars().map(|letter| "ACGT".find(letter)).collect();
                    let Some(places) = places else { continue };
                    let level: f64 = places.iter().zip(levels).map(|(&at, column)| column[at]).sum();
                    let at = tails.binary_search_by(|(other, _)| level.total_cmp(other)).unwrap();
                    if tails[at].1 <= limit {
                        found.push((
                            id.to_owned(),
                            start,
                            start + width,
                            motif,
                            strand,
                            level / 1024.0,
                            tails[at].1,
                            word,
                        ));
                    }
                }
            }
        }
        found.sort_by_key(|line| (line.1, line.2, line.3, line.4));
        lines.extend(found);
    }
    lines
}

fn check(text: &str, expected: &[Line]) {
    assert_eq!(text.lines().count(), expected.len());
    for (line, (id, start, end, motif, strand, score, p, word)) in text.lines().zip(expected) {
        let cells: Vec<&str> = line.split('\t').collect();
        let strand = strand.to_string();
        let (start, end) = (start.to_string(), end.to_string());
        let alternate = ALTERNATES[*motif].unwrap_or(".");
        let known = [id.as_str(), &start, &end, NAMES[*motif], &strand, alternate, word];
        assert_eq!([cells[0], cells[1], cells[2], cells[3], cells[5], cells[7], cells[8]], known, "{line}");
        assert!((cells[4].parse::<f64>().unwrap() - score).abs() < 1e-3, "{line} {score}");
        assert!((cells[6].parse::<f64>().unwrap() / p - 1.0).abs() < 1e-3, "{line} {p}");
        assert_eq!(cells.len(), 9);
    }
}

#[test]
fn hits_are_those_of_a_look_at_every_window() {
    let bench = bench();
    let run = bench.run(&format!("scan --motifs motifs.meme genome.fa --p-value {P}")).ok();
    let expected = brute_force(AVERAGED, true, P);
    assert!(expected.len() > 2000);
    check(&run.stdout, &expected);
    assert!(run.stderr.contains("3 motifs on 100908 letters"), "{}", run.stderr);
    let run = bench.run(&format!("scan --motifs motifs.meme genome.fa --p-value {P} --strands forward -q")).ok();
    check(&run.stdout, &brute_force(BACKGROUND, false, P));
    assert!(run.stderr.is_empty());
    let run = bench.run(&format!("scan --motifs motifs.meme genome.fa --p-value {P} --background uniform -q")).ok();
    check(&run.stdout, &brute_force([0.25; 4], true, P));
    // Of so many hits that pieces become small.
    let run = bench.run("scan --motifs motifs.meme genome.fa --p-value 1 -q").ok();
    check(&run.stdout, &brute_force(AVERAGED, true, 1.0));
}

#[test]
fn every_form_of_a_genome_and_any_number_of_threads_give_the_same_hits() {
    let bench = bench();
    let words = |genome: &str| format!("scan --motifs motifs.meme {genome} -q --p-value {P}");
    let expected = bench.run(&words("genome.fa")).ok().stdout;
    bench.write("genome.fa.gz", gzip(fasta().as_bytes()));
    let records: Vec<(String, String)> =
        genome().into_iter().map(|(id, letters)| (id.to_owned(), letters.replace('R', "N"))).collect();
    bench.write("genome.2bit", crate::scan::two_bit(&records));
    for genome in ["genome.fa.gz", "genome.2bit", "genome.fa --threads 1", "genome.fa --threads 3"] {
        assert_eq!(bench.run(&words(genome)).ok().stdout, expected, "{genome}");
    }
    let piped = Command::new(env!("CARGO_BIN_EXE_ckn"))
        .args(words("-").split(' '))
        .current_dir(bench.folder.path())
        .stdin(File::open(bench.path("genome.fa.gz")).unwrap())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), expected);
    let run = bench.run(&words("genome.fa --out hits")).ok();
    assert!(run.stdout.is_empty());
    assert_eq!(read(bench.path("hits")), expected.as_bytes());
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("hits.run.json"))).unwrap();
    assert_eq!(record["lines"].as_u64(), Some(expected.lines().count() as u64));
    assert_eq!((record["motifs"].as_u64(), record["p_value"].as_f64()), (Some(3), Some(P)));
}

#[test]
fn backgrounds_and_pseudocounts_are_as_asked() {
    let bench = bench();
    let background = |more: &str| {
        bench.run(&format!("scan --motifs motifs.meme genome.fa -q --p-value {P} --out o --force {more}")).ok();
        let record: serde_json::Value = serde_json::from_slice(&read(bench.path("o.run.json"))).unwrap();
        let numbers: Vec<f64> = record["background"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        numbers
    };
    assert!(background("").iter().zip(AVERAGED).all(|(a, b)| (a - b).abs() < 1e-12));
    assert_eq!(background("--strands forward"), BACKGROUND);
    assert_eq!(background("--background uniform"), [0.25; 4]);
    bench.write("rich.fa", format!(">a\n{}\n", "GGGGGGGGGC".repeat(1000)));
    let found = bench
        .run("scan --motifs motifs.meme rich.fa -q --p-value 1 --background genome --strands forward --out o --force");
    found.ok();
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("o.run.json"))).unwrap();
    let expected = [1.0, 1001.0, 9001.0, 1.0].map(|count| count / 10_004.0);
    assert!((0..4).all(|at| (record["background"][at].as_f64().unwrap() - expected[at]).abs() < 1e-12));
    bench.run_with_input("scan --motifs motifs.meme - --background genome", fasta().as_bytes()).refused(2, &["pipe"]);
    // A letter that was never seen costs less where more sites are added.
    bench.write("one.meme", meme(&[("one", "ACGTAC")]));
    bench.write("off.fa", ">a\nACGTAG\n");
    let score = |more: &str| -> f64 {
        let words = format!("scan --motifs one.meme off.fa -q --p-value 1 --strands forward {more}");
        bench.run(&words).ok().stdout.split('\t').nth(4).unwrap().parse().unwrap()
    };
    let by_hand = |sites: f64| {
        let share = sites / 50.0;
        let bits = |value: f64| ((value + share * 0.25) / ((1.0 + share) * 0.25)).log2();
        5.0 * bits(0.91) + bits(0.03)
    };
    assert!((score("") - by_hand(0.1)).abs() < 0.004 && (score("--pseudocount 25") - by_hand(25.0)).abs() < 0.004);
}

#[test]
fn motifs_that_are_too_short_are_said_and_refused_if_all_are() {
    let bench = bench();
    bench.write("mixed.meme", meme(&[("short", "ACGT"), ("long", "ACGGATCTTG")]));
    bench.write("sites.fa", ">a\nTTTTACGGATCTTGTTTTT\n");
    let run = bench.run("scan --motifs mixed.meme sites.fa").ok();
    assert!(run.stderr.contains("1 motifs are too short for any p-value of 0.0001"), "{}", run.stderr);
    let cells: Vec<&str> = run.stdout.lines().next().unwrap().split('\t').collect();
    assert_eq!((&cells[..4], cells[5]), (&["a", "4", "14", "long"][..], "+"));
    bench.write("short.meme", meme(&[("short", "ACGT")]));
    bench.run("scan --motifs short.meme sites.fa").refused(2, &["too short", "--p-value"]);
    bench.write("tiny.fa", ">a\nACGTACG\n");
    bench.run("scan --motifs mixed.meme tiny.fa").refused(3, &["tiny.fa", "10"]);
}

#[test]
fn what_cannot_be_scanned_with_motifs_is_refused_and_nothing_is_written() {
    let bench = bench();
    refuse_bad_files(&bench, &["scan --motifs BAD genome.fa --out o"]);
    bench.write("protein.fa", ">a\nMKLVEFPQ\n");
    bench.write("rna.meme", HEAD.replace("ACGT", "ACGU").replace("strands: + -", "") + &motif("r", "ACGGAC"));
    let before = bench.files();
    let cases: [(&str, i32, &[&str]); 20] = [
        ("genome.fa", 2, &["MODEL"]),
        ("model genome.fa --motifs motifs.meme", 2, &["--motifs"]),
        ("model genome.fa --p-value 0.1", 2, &["--p-value"]),
        ("model genome.fa --background uniform", 2, &["--background"]),
        ("model genome.fa --pseudocount 1", 2, &["--pseudocount"]),
        ("genome.fa --motifs motifs.meme --threshold 3", 2, &["--threshold"]),
        ("genome.fa --motifs motifs.meme --fpr 0.1", 2, &["--fpr"]),
        ("genome.fa --motifs motifs.meme --format bed", 2, &["--format"]),
        ("genome.fa --motifs motifs.meme --region chr1", 2, &["--region"]),
        ("genome.fa --motifs motifs.meme --shard 1/2", 2, &["--shard"]),
        ("genome.fa --motifs motifs.meme --seed 1", 2, &["--seed"]),
        ("genome.fa --motifs motifs.meme --p-value 0", 2, &["above 0"]),
        ("genome.fa --motifs motifs.meme --p-value 2", 2, &["at most 1"]),
        ("genome.fa --motifs motifs.meme --pseudocount 0", 2, &["pseudocount"]),
        ("genome.fa --motifs motifs.meme --out missing/o", 2, &["missing"]),
        ("genome.fa --motifs motifs.meme --out genome.fa --force", 2, &["twice"]),
        ("genome.fa --motifs motifs.meme --out motifs.meme --force", 2, &["twice"]),
        ("nowhere.fa --motifs motifs.meme", 3, &["nowhere.fa"]),
        ("protein.fa --motifs motifs.meme --out o", 3, &["protein.fa", "line 2"]),
        ("- --motifs -", 2, &["standard input"]),
    ];
    for (words, status, says) in cases {
        let run = bench.run(&format!("scan {words}"));
        assert_eq!(run.status, status, "{words}: {}", run.stderr);
        says.iter().for_each(|word| assert!(run.stderr.contains(word), "{words}: {}", run.stderr));
        assert_eq!(bench.files(), before, "{words}");
    }
    bench.run("scan --motifs motifs.meme genome.fa --out o -q").ok();
    bench.run("scan --motifs motifs.meme genome.fa --out o -q").refused(2, &["--force"]);
    // T is read as U.
    bench.write("rna.fa", ">a\nTTTACGGACTTTGTCCGTTT\n");
    let run = bench.run("scan --motifs rna.meme rna.fa --p-value 0.001 -q").ok();
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    let run = bench.run("scan --motifs rna.meme rna.fa --p-value 0.001 --strands both -q").ok();
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(run.stdout.ends_with("ACGGAC\n"), "{}", run.stdout);
}
