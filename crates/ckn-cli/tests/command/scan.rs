use std::fmt::Write as _;
use std::fs::File;
use std::process::Command;

use crate::support::{Bench, gzip, letters, read, turned};

/// Records in lower and upper case with runs of N, over more than one tile; one is shorter than a window.
fn genome() -> Vec<(String, String)> {
    let mut long = letters(5, 40_000);
    long.replace_range(10_000..10_007, "NNNNNNN");
    long.replace_range(16_300..16_450, &"N".repeat(150));
    long.replace_range(20_000..20_008, "CACGTGAC");
    long.replace_range(20_030..20_038, "CACGTGAC");
    long.replace_range(33_000..33_100, &"CA".repeat(50));
    vec![
        ("chr1".into(), letters(6, 900).to_lowercase()),
        ("tiny".into(), "ACGT".into()),
        ("chr2".into(), long),
        ("chr3".into(), letters(7, 60)),
    ]
}

fn fasta(records: &[(String, String)], width: usize) -> String {
    let mut text = String::new();
    for (id, sequence) in records {
        writeln!(text, ">{id} some words").unwrap();
        for line in sequence.as_bytes().chunks(width) {
            writeln!(text, "{}", std::str::from_utf8(line).unwrap()).unwrap();
        }
    }
    text
}

fn index(records: &[(String, String)], width: usize) -> String {
    let (mut text, mut byte) = (String::new(), 0);
    for (id, sequence) in records {
        byte += format!(">{id} some words\n").len();
        writeln!(text, "{id}\t{}\t{byte}\t{width}\t{}", sequence.len(), width + 1).unwrap();
        byte += sequence.len() + sequence.len().div_ceil(width);
    }
    text
}

pub(crate) fn two_bit(records: &[(String, String)]) -> Vec<u8> {
    let mut file: Vec<u8> = [0x1a41_2743u32, 0, records.len() as u32, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
    let mut place = 16 + records.iter().map(|(id, _)| 5 + id.len()).sum::<usize>();
    let mut bodies = Vec::new();
    for (id, sequence) in records {
        file.push(id.len() as u8);
        file.extend_from_slice(id.as_bytes());
        file.extend_from_slice(&(place as u32 + bodies.len() as u32).to_le_bytes());
        let upper = sequence.to_uppercase().into_bytes();
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for at in (0..upper.len()).filter(|&at| upper[at] == b'N') {
            match runs.last_mut() {
                Some((start, size)) if *start + *size == at as u32 => *size += 1,
                _ => runs.push((at as u32, 1)),
            }
        }
        let mut numbers = vec![upper.len() as u32, runs.len() as u32];
        numbers.extend(runs.iter().map(|run| run.0).chain(runs.iter().map(|run| run.1)));
        // One run of lower case, and the reserved number.
        numbers.extend([1, 0, 1, 0]);
        bodies.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        for four in upper.chunks(4) {
            let code = |letter: &u8| b"TCAG".iter().position(|known| known == letter).unwrap_or(0) as u8;
            bodies.push(four.iter().enumerate().fold(0, |byte, (i, letter)| byte | code(letter) << (6 - 2 * i)));
        }
    }
    place = file.len();
    assert_eq!(place, 16 + records.iter().map(|(id, _)| 5 + id.len()).sum::<usize>());
    file.extend_from_slice(&bodies);
    file
}

/// A genome in every form: plain, on one line, indexed, compressed, packed.
fn bench() -> Bench {
    let bench = Bench::new();
    let records = genome();
    bench.write("plain.fa", fasta(&records, 70));
    bench.write("lines.fa", fasta(&records, 1_000_000));
    bench.write("indexed.fa", fasta(&records, 61));
    bench.write("indexed.fa.fai", index(&records, 61));
    bench.write("packed.fa.gz", gzip(fasta(&records, 50).as_bytes()));
    bench.write("packed.2bit", two_bit(&records));
    bench.train("--out max").ok();
    bench.train("--out mean --pooling mean --strands max --l2 1e-4").ok();
    bench
}

#[test]
fn every_window_scores_as_predict_scores_it() {
    let bench = bench();
    let records = genome();
    let part = &records[2].1[16_200..16_700];
    let mut windows = String::new();
    for at in 0..=part.len() - 60 {
        writeln!(windows, ">{at}\n{0}\n>{at}r\n{1}", &part[at..at + 60], turned(&part[at..at + 60])).unwrap();
    }
    bench.write("windows.fa", windows);
    for model in ["max", "mean"] {
        let predicted = bench.run(&format!("predict {model} windows.fa")).ok().stdout;
        let predicted: Vec<f64> =
            predicted.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap().parse().unwrap()).collect();
        let words = format!("scan {model} plain.fa -q --threshold -1e9 --format bedgraph --region chr2:16200-16700");
        let mut scores = vec![f64::NAN; part.len()];
        for line in bench.run(&words).ok().stdout.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let place = |cell: &str| cell.parse::<usize>().unwrap() - 16_200 - 30;
            scores[place(cells[1])..place(cells[2])].fill(cells[3].parse().unwrap());
        }
        for (at, both) in predicted.chunks(2).enumerate() {
            let unknown = part[at..at + 60].bytes().filter(|&letter| letter == b'N').count();
            assert_eq!(scores[at].is_nan(), unknown > 30, "{model} {at}");
            let expected = both[0].max(both[1]);
            assert!(
                scores[at].is_nan() || (scores[at] - expected).abs() < 2e-4,
                "{model} {at}: {expected} {}",
                scores[at]
            );
        }
    }
}

#[test]
fn every_form_of_a_genome_gives_the_same_hits_in_any_number_of_threads() {
    let bench = bench();
    for format in ["bed", "bedgraph"] {
        let words = |file: &str| format!("scan mean {file} -q --threshold -1.5 --format {format}");
        let expected = bench.run(&words("plain.fa")).ok().stdout;
        assert!(expected.lines().count() > 2, "{expected}");
        for file in
            ["lines.fa", "indexed.fa", "packed.fa.gz", "packed.2bit", "plain.fa --threads 1", "plain.fa --threads 3"]
        {
            assert_eq!(bench.run(&words(file)).ok().stdout, expected, "{file}");
        }
        let piped = Command::new(env!("CARGO_BIN_EXE_ckn"))
            .args(words("-").split(' '))
            .current_dir(bench.folder.path())
            .stdin(File::open(bench.path("packed.fa.gz")).unwrap())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(piped.stdout).unwrap(), expected);
    }
}

#[test]
fn shards_and_regions_together_are_the_whole() {
    let bench = bench();
    // So low that some hits reach over the bounds of shards.
    for (threshold, format) in [("-0.5", "bed"), ("-0.5", "bedgraph"), ("2", "bed"), ("-1e9", "bed")] {
        let words = format!("scan mean plain.fa -q --threshold {threshold} --format {format} --out whole --force");
        bench.run(&words).ok();
        let whole = String::from_utf8(read(bench.path("whole"))).unwrap();
        assert!(bench.path("whole.run.json").exists());
        for (file, count) in [("plain.fa", 2), ("indexed.fa", 3), ("packed.2bit", 5), ("packed.fa.gz", 7)] {
            let mut joined = String::new();
            for number in 1..=count {
                let words =
                    format!("scan mean {file} -q --threshold {threshold} --format {format} --shard {number}/{count}");
                joined.push_str(&bench.run(&words).ok().stdout);
            }
            assert_eq!(joined, whole, "{threshold} {format} {file} in {count}");
        }
        for file in ["plain.fa", "indexed.fa", "packed.2bit"] {
            let mut joined = String::new();
            for region in ["chr1", "chr2:0-40,000", "chr3:0-60"] {
                let words = format!("scan mean {file} -q --threshold {threshold} --format {format} --region {region}");
                joined.push_str(&bench.run(&words).ok().stdout);
            }
            assert_eq!(joined, whole, "{threshold} {format} {file}");
        }
    }
}

#[test]
fn bed_lines_join_overlapping_hits_around_the_best() {
    let bench = bench();
    let scores = bench.run("scan max indexed.fa -q --threshold 1 --format bedgraph --region chr2").ok().stdout;
    let scores: Vec<(u64, f64)> = scores
        .lines()
        .flat_map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let (start, end): (u64, u64) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
            let score = cells[3].parse().unwrap();
            (start..end).map(move |at| (at - 30, score))
        })
        .collect();
    let groups = scores.chunk_by(|a, b| b.0 < a.0 + 60).map(|group| {
        let best = group.iter().map(|hit| hit.1).fold(f64::NEG_INFINITY, f64::max);
        format!("chr2\t{}\t{}\t.\t{best:.4}\t", group[0].0, group.last().unwrap().0 + 60)
    });
    let bed = bench.run("scan max indexed.fa -q --threshold 1 --region chr2").ok().stdout;
    assert_eq!(bed.lines().count(), groups.clone().count());
    for (line, start) in bed.lines().zip(groups) {
        assert!(line.starts_with(&start), "{line} {start}");
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(["+", "-"].contains(&cells[5]) && cells.len() == 8, "{line}");
        let (thick, end): (u64, u64) = (cells[6].parse().unwrap(), cells[7].parse().unwrap());
        assert_eq!(end, thick + 60);
        assert!(scores.iter().any(|(at, score)| *at == thick && format!("{score:.4}") == cells[4]), "{line}");
    }
    assert!(bed.lines().any(|line| line.starts_with("chr2\t199")), "{bed}");
}

#[test]
fn a_false_positive_rate_holds_on_random_letters_and_follows_the_seed() {
    let bench = bench();
    bench.write("random.fa", format!(">r\n{}\n", letters(99, 60_000)));
    let run = bench.run("scan mean random.fa --fpr 0.01 --format bedgraph --out a").ok();
    assert!(run.stderr.contains("threshold"), "{}", run.stderr);
    let text = String::from_utf8(read(bench.path("a"))).unwrap();
    let hits: u64 = text
        .lines()
        .map(|line| {
            let cells: Vec<u64> = line.split('\t').skip(1).take(2).map(|cell| cell.parse().unwrap()).collect();
            cells[1] - cells[0]
        })
        .sum();
    // 600 are expected; neighbours are alike.
    assert!((300..1000).contains(&hits), "{hits}");
    bench.run("scan mean random.fa --fpr 0.01 --format bedgraph --out b --threads 1").ok();
    assert_eq!(read(bench.path("a")), read(bench.path("b")));
    let threshold = |name: &str| {
        let record: serde_json::Value = serde_json::from_slice(&read(bench.path(name))).unwrap();
        record["threshold"].as_f64().unwrap()
    };
    bench.run("scan mean random.fa --fpr 0.01 --seed 8 --out c").ok();
    assert_ne!(threshold("a.run.json"), threshold("c.run.json"));
    assert!((threshold("a.run.json") - threshold("c.run.json")).abs() < 0.3);
}

#[test]
fn what_cannot_be_scanned_is_refused_and_nothing_is_written() {
    let bench = bench();
    let packed = read(bench.path("packed.fa.gz"));
    bench.write("cut.fa.gz", &packed[..packed.len() / 2]);
    let two_bit = read(bench.path("packed.2bit"));
    bench.write("cut.2bit", &two_bit[..two_bit.len() - 100]);
    bench.write("huge.2bit", [&two_bit[..8], &[0xff; 4], &two_bit[12..]].concat());
    bench.write("protein.fa", ">a\nMKLVEFPQ\n");
    bench.write("short.fa", ">a\nACGTACGTACGT\n");
    bench.write("stale.fa", fasta(&genome(), 70));
    bench.write("stale.fa.fai", index(&genome(), 61));
    bench.write("shifted.fa", fasta(&genome(), 61));
    bench.write("shifted.fa.fai", index(&genome(), 61).replacen("chr2\t40000\t9", "chr2\t40000\t8", 1));
    let pos = String::from_utf8(read(bench.path("pos.fa"))).unwrap();
    bench.write("ragged.fa", format!("{pos}>longer\n{}\n", letters(3, 70)));
    bench.run("train --pos ragged.fa --neg neg.fa --filters 4 --width 8 --epochs 1 -q --out ragged").ok();
    let before = bench.files();
    let cases: [(&str, i32, &[&str]); 17] = [
        ("max nowhere.fa", 3, &["nowhere.fa"]),
        ("max cut.fa.gz", 3, &["cut.fa.gz"]),
        ("max cut.2bit", 3, &["cut.2bit"]),
        ("max huge.2bit", 3, &["huge.2bit"]),
        ("max protein.fa", 3, &["protein.fa", "line 2", "protein"]),
        ("max short.fa", 3, &["short.fa", "60"]),
        ("max stale.fa --region chr3", 3, &["stale.fa.fai", "samtools"]),
        ("max shifted.fa --region chr2", 3, &["shifted.fa.fai", "line 3"]),
        ("max plain.fa --region chr9", 3, &["chr9", "chr1"]),
        ("max plain.fa --region chr3:0-61", 2, &["chr3", "60 letters"]),
        ("max plain.fa --region chr3:0-59", 2, &["shorter than a window"]),
        ("max plain.fa --length 7", 2, &["at least 8"]),
        ("max plain.fa --shard 4/3", 2, &["shard"]),
        ("max - --fpr 0.1", 2, &["standard input"]),
        ("max plain.fa --fpr 0.9", 2, &["between"]),
        ("mean plain.fa --strands forward", 2, &["--strands"]),
        ("ragged plain.fa", 2, &["60 to 70", "--length"]),
    ];
    for (words, status, says) in cases {
        let run = bench.run(&format!("scan {words} --out hits"));
        assert_eq!(run.status, status, "{words}: {}", run.stderr);
        says.iter().for_each(|word| assert!(run.stderr.contains(word), "{words}: {}", run.stderr));
        assert_eq!(bench.files(), before, "{words}");
    }
    bench.run("scan ragged plain.fa --length 60 --out hits -q").ok();
    assert_eq!(bench.run("scan ragged plain.fa --length 60 --out hits -q").status, 2);
}
