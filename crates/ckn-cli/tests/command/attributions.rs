//! Forms of what letters contribute.

use crate::support::{Bench, letters, read};

fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

#[test]
fn what_other_letters_would_contribute_is_what_they_contribute_where_they_stand() {
    let bench = Bench::new();
    bench.train("--out net --strands max").ok();
    bench.run("train --pos pos.fa --neg neg.fa --model exact --profile gapped:5,4 -q --out machine").ok();
    let sequence = "ACGTTGACACGTGACGTTAACGGT";
    bench.write("some.fa", format!(">a\n{sequence}\n"));
    for (model, by) in [
        ("net", "matches"),
        ("machine", "matches"),
        ("machine", "shapley"),
        ("net", "substitution"),
        ("machine", "occlusion"),
    ] {
        let run = bench.run(&format!("attribute {model} some.fa --by {by} --hypothetical -q")).ok();
        let header =
            "id\tposition\tletter\tcontribution\thypothetical_A\thypothetical_C\thypothetical_G\thypothetical_T";
        assert_eq!(run.stdout.lines().next(), Some(header));
        let found = rows(&run.stdout);
        for row in &found {
            let own = "ACGT".find(row[2]).unwrap();
            assert!((number(row[3]) - number(row[4 + own])).abs() < 1e-9, "{model} {by} {row:?}");
        }
        for (position, letter) in [(0, 2), (9, 0), (23, 1)] {
            let mut changed = sequence.to_owned();
            changed.replace_range(position..=position, &"ACGT"[letter..=letter]);
            bench.write("changed.fa", format!(">a\n{changed}\n"));
            let run = bench.run(&format!("attribute {model} changed.fa --by {by} -q")).ok();
            let want = number(rows(&run.stdout)[position][3]);
            assert!((number(found[position][4 + letter]) - want).abs() < 1e-9, "{model} {by} {position}");
        }
    }
}

#[test]
fn contributions_of_intervals_lie_on_their_genome() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let chromosome = letters(5, 90);
    bench.write("genome.fa", format!(">chr1\n{chromosome}\n"));
    bench.write("peaks.bed", "chr1\t10\t34\tx\t0\t+\nchr1\t40\t60\ty\t0\t-\n");
    let tracks = bench.run("attribute m --bed peaks.bed --genome genome.fa --format bedgraph").ok();
    let table = bench.run("attribute m --bed peaks.bed --genome genome.fa -q").ok();
    let (tracks, table): (Vec<Vec<&str>>, _) =
        (tracks.stdout.lines().map(|line| line.split('\t').collect()).collect(), rows(&table.stdout));
    assert_eq!((tracks.len(), table.len(), table[0][0], table[24][0]), (44, 44, "chr1:10-34", "chr1:40-60(-)"));
    for (place, track) in tracks.iter().enumerate() {
        let start = if place < 24 { 10 + place } else { 40 + place - 24 };
        assert_eq!(track[..3], ["chr1", &start.to_string(), &(start + 1).to_string()]);
        // The reverse strand is read from its end.
        let row = &table[if place < 24 { place } else { 24 + 43 - place }];
        assert_eq!(track[3], row[3]);
    }
    let windows = bench.run("mutagenesis m --bed peaks.bed --genome genome.fa --window 11 -q").ok();
    assert_eq!(rows(&windows.stdout).len(), 2 * 11 * 3);
    // Other sequences are chromosomes of their own.
    bench.write("some.fa", ">a\nACGTTGACACGTG\n");
    let own = bench.run("attribute m some.fa --format bedgraph -q").ok();
    assert!(own.stdout.starts_with("a\t0\t1\t") && own.stdout.lines().count() == 13);
    bench.run("attribute m --bed peaks.bed").refused(2, &["--genome"]);
    bench.run("attribute m some.fa --bed peaks.bed --genome genome.fa").refused(2, &["--bed"]);
    bench.run("attribute m").refused(2, &["FILE"]);
}

/// The array of an archive that holds one, uncompressed: its shape as it is written, and its numbers.
fn array(bytes: &[u8]) -> (String, Vec<f32>) {
    let start = bytes.windows(6).position(|window| window == b"\x93NUMPY").unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[start + 8], bytes[start + 9]]));
    let header = std::str::from_utf8(&bytes[start + 10..start + 10 + length]).unwrap();
    let shape = header.split("'shape': ").nth(1).unwrap().split(", }").next().unwrap();
    let count: usize = shape.trim_matches(['(', ')']).split(", ").map(|size| size.parse::<usize>().unwrap()).product();
    let values = bytes[start + 10 + length..].as_chunks::<4>().0;
    (shape.to_owned(), values[..count].iter().map(|&value| f32::from_le_bytes(value)).collect())
}

#[test]
fn arrays_hold_what_letters_would_contribute_and_which_stand_there() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.write("some.fa", format!(">a\n{}\n>b\n{}N\n", letters(6, 20), letters(7, 19)));
    bench.run("attribute m some.fa --format npz --out some.npz").ok();
    let table = bench.run("attribute m some.fa --hypothetical -q").ok();
    let table = rows(&table.stdout);
    let (shape, hypothetical) = array(&read(bench.path("some.npz")));
    let (same, one_hot) = array(&read(bench.path("some.onehot.npz")));
    assert_eq!((shape.as_str(), same.as_str()), ("(2, 4, 20)", "(2, 4, 20)"));
    assert!(read(bench.path("some.npz")).windows(9).any(|name| name == b"arr_0.npy"));
    for (at, row) in table.iter().enumerate() {
        let (record, position) = (at / 20, at % 20);
        for letter in 0..4 {
            let place = (record * 4 + letter) * 20 + position;
            let stands = "ACGT".find(row[2]) == Some(letter);
            assert!((f64::from(hypothetical[place]) - number(row[4 + letter])).abs() < 1e-6, "{row:?}");
            assert_eq!(one_hot[place], f32::from(u8::from(stands)), "{row:?}");
        }
    }
    bench.run("attribute m some.fa --format npz").refused(2, &["--out"]);
    bench.run("attribute m some.fa --format npz --out some.npz").refused(2, &["--force"]);
    bench.run("attribute m some.fa --format npz --hypothetical --out x.npz").refused(2, &["--hypothetical"]);
    bench.write("two.fa", ">a\nACGTTGACACGTG\n>b\nACGTTGACACGTGA\n");
    bench.run("attribute m two.fa --format npz --out x.npz").refused(3, &["record 1 has 13 letters, record 2 has 14"]);
}
