//! Whether two sets differ, on the command line.

use std::fmt::Write as _;

use crate::support::{Bench, letters, read};

#[test]
fn sets_that_differ_are_told_from_sets_that_do_not() {
    let bench = Bench::of(100);
    let found = bench.run("differ --pos pos.fa --neg neg.fa").ok();
    assert_eq!(found.cell("p_value"), "0.001000", "{}", found.stdout);
    assert_eq!((found.cell("positives"), found.cell("negatives")), ("100".into(), "100".into()));
    assert!(found.cell("mmd").parse::<f64>().unwrap() > 0.001 && found.cell("kernel") == "gapped:10,6");

    let mut other = String::new();
    (0..100u64).for_each(|i| writeln!(other, ">o{i}\n{}", letters(i + 5_000_000, 60)).unwrap());
    bench.write("other.fa", other);
    let null = bench.run("differ --pos other.fa --neg neg.fa").ok();
    assert!(null.cell("p_value").parse::<f64>().unwrap() > 0.01, "{}", null.stdout);

    for (name, threads) in [("one", 1), ("two", 2)] {
        bench.run(&format!("differ --pos pos.fa --neg neg.fa --threads {threads} --out {name} --permutations 19")).ok();
    }
    assert_eq!(read(bench.path("one")), read(bench.path("two")));
    bench.run("differ --pos pos.fa --neg neg.fa --out one").refused(2, &["--force"]);
}

#[test]
fn proteins_and_measurements_are_tested_and_what_cannot_be_is_refused() {
    let bench = Bench::new();
    let (mut measured, mut proteins) = (String::from("sequence\tlabel\n"), [String::new(), String::new()]);
    for record in 0..80u64 {
        let sequence = letters(record + 3, 40);
        let share = sequence.matches('G').count() as f64;
        writeln!(measured, "{sequence}\t{share}").unwrap();
        let class = record as usize % 2;
        writeln!(proteins[class], ">r{record}\n{}{}", ["WWWKLM", "AGIKLM"][class], &sequence[..20]).unwrap();
    }
    bench.write("measured.tsv", &measured);
    bench.write("a.fa", &proteins[0]);
    bench.write("b.fa", &proteins[1]);
    let found = bench.run("differ --tsv measured.tsv --profile gapped:1,1 --strands forward --permutations 99").ok();
    assert_eq!((found.cell("p_value"), found.cell("mmd")), ("0.010000".into(), "NA".into()), "{}", found.stdout);
    let found = bench.run("differ --pos a.fa --neg b.fa --alphabet protein --permutations 99").ok();
    assert_eq!(found.cell("p_value"), "0.010000", "{}", found.stdout);

    bench.run("differ --pos a.fa --neg b.fa --alphabet protein --strands both").refused(2, &["--strands both"]);
    bench.run("differ --pos pos.fa --neg neg.fa --profile gapped:6,4@2").refused(2, &["@PLACES"]);
    bench.run("differ --pos pos.fa --neg neg.fa --profile gapped:62,4").refused(2, &["62 letters", "60"]);
    let one = bench.run("differ --pos pos.fa --neg neg.fa --permutations 1").ok();
    assert_eq!((one.cell("z"), one.cell("p_value")), ("NA".into(), "0.500000".into()), "{}", one.stdout);
    bench.run("differ --pos pos.fa --neg neg.fa --permutations 0").refused(2, &["permutations"]);
    let alike = measured.lines().skip(1).map(|line| format!("{}\t2\n", line.split('\t').next().unwrap()));
    bench.write("alike.tsv", alike.fold("sequence\tlabel\n".to_owned(), |text, line| text + &line));
    bench.run("differ --tsv alike.tsv").refused(3, &["label 2"]);
}

#[test]
fn given_the_share_of_c_and_g_a_difference_of_it_is_none() {
    let bench = Bench::new();
    let mut sets = [String::new(), String::new()];
    for record in 0..400u64 {
        let sequence = letters(record + 9, 60);
        let share = sequence.matches(['C', 'G']).count();
        // Positives are those that happen to have more, but for one in five.
        let class = usize::from((share > 30) == (record % 5 == 0));
        writeln!(sets[class], ">r{record}\n{sequence}").unwrap();
    }
    bench.write("rich.fa", &sets[0]);
    bench.write("poor.fa", &sets[1]);
    for command in ["differ --profile gapped:6,4", "words --width 5 --mismatches 0 --most 1 --max-p 1"] {
        let words = format!("{command} --pos rich.fa --neg poor.fa --permutations 99");
        let alone = bench.run(&words).ok();
        assert!(alone.cell("p_value").parse::<f64>().unwrap() <= 0.05, "{}", alone.stdout);
        let given = bench.run(&format!("{words} --given-gc")).ok();
        assert!(given.cell("p_value").parse::<f64>().unwrap() > 0.1, "{}", given.stdout);
        assert!(given.stderr.contains("of 400 sequences have another beside them"), "{}", given.stderr);
    }
    bench.write("c.fa", ">c\nCCCCCCCCCCCC\n");
    bench.write("a.fa", ">a\nAAAAAAAAAAAA\n");
    bench.run("differ --pos c.fa --neg a.fa --profile gapped:6,4 --given-gc").refused(3, &["nothing is left"]);
    bench.run("words --pos c.fa --neg a.fa --width 5 --given-gc").refused(3, &["nothing is left"]);
    bench.write("p.fa", ">p\nWWWKLMWWWKLM\n");
    let protein = "differ --pos p.fa --neg a.fa --alphabet protein --profile exponential:3,0.5 --given-gc";
    bench.run(protein).refused(2, &["no share of C and G"]);
}
