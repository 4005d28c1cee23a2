use crate::support::{Bench, read};

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

fn ids(bench: &Bench, name: &str) -> Vec<String> {
    text(bench, name).lines().skip(1).map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn folds_hold_every_sequence_once_and_can_be_trained_on() {
    let bench = Bench::new();
    let run = bench.run("split --pos pos.fa --neg neg.fa --by fold --folds 3 --out cv").ok();
    assert_eq!(run.stdout.lines().count(), 4);
    assert_eq!(run.stdout.lines().nth(1).unwrap(), "cv.fold1.train.tsv\tcv.fold1.test.tsv\t80\t40\t40\t20\t0\t0");
    let mut tested = Vec::new();
    for fold in 1..=3 {
        let (training, test) =
            (ids(&bench, &format!("cv.fold{fold}.train.tsv")), ids(&bench, &format!("cv.fold{fold}.test.tsv")));
        assert!(training.iter().all(|id| !test.contains(id)));
        assert_eq!(training.len() + test.len(), 120);
        tested.extend(test);
    }
    tested.sort();
    tested.dedup();
    assert_eq!(tested.len(), 120);
    assert!(text(&bench, "cv.fold1.test.tsv").starts_with("id\tsequence\tlabel\n"));
    // The same seed divides alike, another one does not.
    bench.run("split --pos pos.fa --neg neg.fa --by fold --folds 3 --seed 0 --out same").ok();
    bench.run("split --pos pos.fa --neg neg.fa --by fold --folds 3 --seed 1 --out other").ok();
    assert_eq!(text(&bench, "cv.fold2.test.tsv"), text(&bench, "same.fold2.test.tsv"));
    assert_ne!(text(&bench, "cv.fold2.test.tsv"), text(&bench, "other.fold2.test.tsv"));
    bench.run("train --tsv cv.fold1.train.tsv --filters 8 --width 8 --epochs 15 -q --out m").ok();
    let run = bench.run("evaluate m --tsv cv.fold1.test.tsv --against cv.fold1.train.tsv").ok();
    assert!(run.cell("auroc").parse::<f64>().unwrap() > 0.9);
    assert!(run.stderr.contains("none of the 40 sequences leaks"), "{}", run.stderr);
    let run = bench.run("evaluate m --pos pos.fa --neg neg.fa --against cv.fold1.train.tsv").ok();
    assert!(run.stderr.contains("80 of 120 sequences leak") && run.stderr.contains("80 identical"), "{}", run.stderr);
}

#[test]
fn chromosomes_and_groups_are_not_divided() {
    let bench = Bench::new();
    let table: String = (0..30)
        .map(|at| {
            format!(
                "chr{}:{}-{}\t{}\t{}\tg{}\n",
                at % 3,
                100 * at,
                100 * at + 20,
                "ACGT".repeat(5 + at),
                at % 2,
                at % 5
            )
        })
        .collect();
    bench.write("t.tsv", format!("id\tseq\tlabel\tgroup\n{table}"));
    let run = bench.run("split --tsv t.tsv --by chromosome --test chr1,chr2 --out c").ok();
    assert_eq!((run.cell("training_records"), run.cell("test_records")), ("10".into(), "20".into()));
    assert!(ids(&bench, "c.train.tsv").iter().all(|id| id.starts_with("chr0:")));
    assert!(text(&bench, "c.train.tsv").starts_with("id\tsequence\tlabel\tgroup\nchr0:0-20\t"));
    bench.run("split --tsv t.tsv --by group --folds 5 --out g").ok();
    for fold in 1..=5 {
        let test = text(&bench, &format!("g.fold{fold}.test.tsv"));
        let groups: Vec<&str> = test.lines().skip(1).map(|line| line.rsplit('\t').next().unwrap()).collect();
        assert!(groups.len() == 6 && groups.iter().all(|group| *group == groups[0]), "{groups:?}");
    }
    bench.run("split --tsv t.tsv --by chromosome --test chr7 --out x").refused(3, &["chr7", "chr0, chr1, chr2"]);
    bench.run("split --tsv t.tsv --by group --test g0,g1,g2,g3,g4 --out x").refused(3, &["training"]);
    bench.run("split --tsv t.tsv --by group --folds 6 --out x").refused(3, &["6 folds of 5 groups"]);
    bench.run("split --pos pos.fa --by chromosome --folds 2 --out x").refused(3, &["`p0` (pos.fa", "chr1:100-201"]);
    bench.write("plain.tsv", "seq\tlabel\nACGT\t1\nACGA\t0\n");
    bench.run("split --tsv plain.tsv --by group --folds 2 --out x").refused(3, &["no column `group`"]);
    assert!(!bench.files().iter().any(|name| name.starts_with('x')));
}

const LEAKY: &str = "id\tsequence\tlabel\tgroup\nchr1:0-8\tACGTTACG\t1\ta\nx\tGATTACAA\t0\ta\ny\tCCCCAAAA\t0\ta\nz\tTTTTTTTT\t1\ta\n\
    chr1:7-15\tGGGGGGGA\t1\tb\nu\tGATTACAA\t0\tb\nv\tTTTTGGGG\t0\tb\n";

#[test]
fn leaks_are_reported_dropped_or_refused() {
    let bench = Bench::new();
    bench.write("t.tsv", LEAKY);
    let words = "split --tsv t.tsv --by group --test b";
    let run = bench.run(&format!("{words} --leaks leaks.tsv --out r")).ok();
    assert_eq!((run.cell("leaks"), run.cell("dropped")), ("3".into(), "0".into()));
    assert!(
        run.stderr.contains("3 training sequences leak into the test: `chr1:0-8` overlaps `chr1:7-15`"),
        "{}",
        run.stderr
    );
    let expected = "training\tid\ttest_id\tkind\toverlap\nr.train.tsv\tchr1:0-8\tchr1:7-15\toverlap\t1\n\
        r.train.tsv\tx\tu\tidentical\tNA\nr.train.tsv\ty\tv\treverse_complement\tNA\n";
    assert_eq!(text(&bench, "leaks.tsv"), expected);
    let run = bench.run(&format!("{words} --on-leak drop --out d")).ok();
    assert_eq!(
        (run.cell("leaks"), run.cell("dropped"), ids(&bench, "d.train.tsv")),
        ("3".into(), "3".into(), vec!["z".to_owned()])
    );
    assert_eq!(ids(&bench, "d.test.tsv").len(), 3);
    bench
        .run(&format!("{words} --on-leak refuse --out f"))
        .refused(3, &["3 training sequences leak", "--on-leak drop"]);
    assert!(!bench.path("f.train.tsv").exists() && !bench.path("f.test.tsv").exists());
}

#[test]
fn useless_words_and_outputs_in_the_way_are_refused() {
    let bench = Bench::new();
    bench.write("t.tsv", LEAKY);
    for (words, says) in [
        ("--by fold", "--folds"),
        ("--by group", "--test"),
        ("--by fold --folds 2 --test a", "cannot be used with"),
        ("--by fold --test a", "--by chromosome"),
        ("--by fold --folds 1", "2..=1000"),
        ("--by group --test a --seed 3", "--seed has no effect"),
        ("--by group --test a --mode top", "--seq"),
        ("--by group --test a --per-positive 2", "without --negatives"),
        ("--by group --test a --negatives shuffle", "the data have some"),
        ("--by group --test a --leaks x.train.tsv", "named twice"),
    ] {
        bench.run(&format!("split --tsv t.tsv {words} --out x")).refused(2, &[says]);
    }
    bench.run("split --pos pos.fa --by group --folds 2 --out x").refused(2, &["--tsv"]);
    bench.run("split --by fold --folds 2 --out x").refused(2, &["no sequences"]);
    bench.run("split --tsv t.tsv --by group --test a --out nowhere/x").refused(2, &["nowhere"]);
    assert!(!bench.files().iter().any(|name| name.starts_with('x')));
    bench.write("x.test.tsv", "precious");
    bench.run("split --tsv t.tsv --by group --test a --out x").refused(2, &["x.test.tsv", "--force"]);
    assert_eq!(text(&bench, "x.test.tsv"), "precious");
    assert!(!bench.path("x.train.tsv").exists());
    bench.run("split --tsv t.tsv --by group --test a --out x --force -q").ok();
    // Shuffles belong to the group of their original.
    bench.write("p.tsv", "id\tseq\tlabel\tgroup\na\tACGTTGCA\t1\tx\nb\tGGATCCTA\t1\ty\n");
    bench.run("split --tsv p.tsv --by group --test y --negatives shuffle --per-positive 2 --out s").ok();
    assert_eq!(ids(&bench, "s.train.tsv"), ["a", "a_shuffled_1", "a_shuffled_2"]);
    assert_eq!(ids(&bench, "s.test.tsv"), ["b", "b_shuffled_1", "b_shuffled_2"]);
}
