//! Words that are chosen and tested, on the command line.

use crate::support::{Bench, read};

#[test]
fn the_planted_word_comes_first_and_what_chance_explains_last() {
    let bench = Bench::of(100);
    let run = bench.run("words --pos pos.fa --neg neg.fa --mismatches 0 --permutations 99").ok();
    assert_eq!((run.cell("word").as_str(), run.cell("p_value").as_str()), ("CACGTGAC", "0.010000"), "{}", run.stdout);
    assert_eq!((run.cell("positives"), run.cell("positives_with_site")), ("100".into(), "100".into()));
    let rows: Vec<&str> = run.stdout.lines().skip(1).collect();
    let last: f64 = rows[rows.len() - 1].rsplit('\t').next().unwrap().parse().unwrap();
    assert!(rows.len() < 5 && last > 0.05, "{}", run.stdout);

    let shuffled = bench.run("words --pos pos.fa --permutations 99 --most 1 --width 6").ok();
    assert_eq!(shuffled.cell("p_value"), "0.010000", "{}", shuffled.stdout);
    for (name, threads) in [("one", 1), ("two", 2)] {
        let words = format!("words --pos pos.fa --neg neg.fa --permutations 19 --threads {threads} --out {name}");
        assert!(bench.run(&words).ok().stdout.is_empty());
    }
    assert_eq!(read(bench.path("one")), read(bench.path("two")));

    let refused = |words: &str, status: i32, says: &str| {
        bench.run(&format!("words --pos pos.fa --neg neg.fa {words}")).refused(status, &[says]);
    };
    refused("--out one", 2, "--force");
    refused("--width 11", 2, "--width");
    refused("--mismatches 2", 2, "--mismatches");
    refused("--max-p 0", 2, "p-value");
    refused("--alphabet protein", 2, "proteins");
    bench.write("zeros.tsv", "sequence\tlabel\nACGTACGTACGT\t0\nACGTACGTAGGT\t0\n");
    bench.run("words --tsv zeros.tsv").refused(3, &["no positive sequence"]);
    bench.write("measured.tsv", "sequence\tlabel\nACGTACGTACGT\t1.5\nACGTACGTAGGT\t1\n");
    bench.run("words --tsv measured.tsv").refused(3, &["label 1.5"]);
}
