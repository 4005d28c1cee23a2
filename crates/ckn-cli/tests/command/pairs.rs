//! Motifs that stand in pairs, on the command line.

use std::fmt::Write as _;

use crate::support::{Bench, letters, read};

#[test]
fn motifs_that_stand_at_a_distance_are_a_pair_and_others_are_none() {
    let bench = Bench::new();
    let sequences = |name: &str, gap: Option<usize>| {
        let mut text = String::new();
        for record in 0..150u64 {
            let between = gap.unwrap_or((record as usize * 37) % 50);
            let start = (record as usize * 29) % 40;
            let (before, after) = (letters(record * 3 + 1, start), letters(record * 3 + 2, 110 - start - between));
            let gap = letters(record * 3 + 900_000, between);
            writeln!(text, ">{name}{record}\n{before}AGATAAGG{gap}CATTCCAG{after}").unwrap();
        }
        text
    };
    bench.write("together.fa", sequences("t", Some(12)));
    bench.write("apart.fa", sequences("a", None));
    let run = bench.run("pairs --pos together.fa --neg apart.fa --found found.meme").ok();
    assert!(run.stderr.contains("1 pair of 2 motifs"), "{}", run.stderr);
    let cell = |name: &str| run.cell(name);
    assert_eq!((cell("gap_from"), cell("gap_to"), cell("positives")), ("12".into(), "12".into(), "150".into()));
    assert!(cell("q_value").parse::<f64>().unwrap() < 1e-50 && cell("fisher_p").parse::<f64>().unwrap() < 1e-20);

    // The same motifs, given.
    let given = bench.run("pairs found.meme --pos together.fa --neg apart.fa --largest-gap 40 --out pairs.tsv -q").ok();
    assert!(given.stdout.is_empty() && given.stderr.is_empty());
    let table = String::from_utf8(read(bench.path("pairs.tsv"))).unwrap();
    assert_eq!(table.lines().nth(1).unwrap().split('\t').nth(5), Some("12"), "{table}");
    let near = bench.run("pairs found.meme --pos together.fa --neg apart.fa --largest-gap 5 -q").ok();
    assert_eq!(near.stdout.lines().count(), 1, "{}", near.stdout);
    let none = bench.run("pairs found.meme --pos apart.fa --neg together.fa -q").ok();
    assert_eq!(none.stdout.lines().count(), 1, "{}", none.stdout);

    let refused = |words: &str, status: i32, says: &str| {
        bench.run(&format!("pairs {words}")).refused(status, &[says]);
    };
    refused("found.meme --pos together.fa --neg apart.fa --found other.meme", 2, "--found");
    refused("found.meme --pos together.fa --neg apart.fa --alphabet rna", 2, "--alphabet");
    refused("found.meme --pos together.fa --neg apart.fa --out pairs.tsv", 2, "--force");
    refused("--pos together.fa --neg apart.fa --found found.meme", 2, "--force");
    refused("--pos together.fa --neg apart.fa --largest-gap 20000", 2, "10000");
    refused("together.fa --pos together.fa --neg apart.fa", 3, "together.fa");
    let one = read(bench.path("found.meme"));
    let (head, motifs) =
        String::from_utf8(one).unwrap().split_once("MOTIF").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let motif = motifs.split("MOTIF").next().unwrap().split_once('\n').unwrap().1.to_owned();
    bench.write("many.meme", (0..201).fold(head, |text, number| text + &format!("MOTIF m{number}\n{motif}")));
    refused("many.meme --pos together.fa --neg apart.fa", 2, "201 motifs");
}
