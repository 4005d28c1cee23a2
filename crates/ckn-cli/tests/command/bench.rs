use crate::support::Bench;

const TINY: &str = "bench --records 64 --length 30 --width 6 --genome 20000 --repeats 1";
const STAGES: [&str; 8] = ["roofline", "encode", "backward", "epoch", "head", "k-means", "training", "scan"];

#[test]
fn every_stage_of_every_network_has_a_row_of_numbers() {
    let run = Bench::new().run(&format!("{TINY} --filters 4,17 --pooling mean,max --threads 2")).ok();
    let host = run.stderr.lines().next().unwrap();
    assert!(host.contains("host ") && host.contains("cores ") && host.contains("threads 2"), "{host}");

    let mut lines = run.stdout.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|cell| *cell == name).unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let networks = [("4", "mean"), ("17", "mean"), ("4", "max"), ("17", "max")];
    let expected = networks.into_iter().flat_map(|network| STAGES.map(|stage| (stage, network)));
    let found = rows.iter().map(|row| (row[column("stage")], (row[column("filters")], row[column("pooling")])));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());

    for row in &rows {
        let number = |name: &str| -> f64 { row[column(name)].parse().unwrap_or(f64::NAN) };
        for name in
            ["sequences_per_s", "mbp_per_s", "gb_per_s", "roofline_ratio", "seconds", "seconds_min", "seconds_max"]
        {
            // The roofline has no sequences, and a head reads no tables.
            let undefined = match row[column("stage")] {
                "roofline" => ["sequences_per_s", "mbp_per_s"].contains(&name),
                "head" => ["gb_per_s", "roofline_ratio"].contains(&name),
                _ => false,
            };
            let sound =
                if undefined { row[column(name)] == "NA" } else { number(name) > 0.0 && number(name).is_finite() };
            assert!(sound, "{name} of {row:?}");
        }
        // One repeat is its own median, and letters are counted as the sequences are.
        assert!(number("seconds_min") == number("seconds") && number("seconds") == number("seconds_max"), "{row:?}");
        if !["roofline", "scan"].contains(&row[column("stage")]) {
            let letters = 1e6 * number("mbp_per_s") / number("sequences_per_s");
            assert!((letters - 30.0).abs() < 1.0, "{row:?}");
        }
    }
}

#[test]
fn tasks_follow_from_the_seed() {
    let tasks = |more: &str| -> Vec<String> {
        let run = Bench::new().run(&format!("{TINY} --filters 4 -q {more}")).ok();
        assert!(run.stderr.is_empty(), "{}", run.stderr);
        run.stdout.lines().filter_map(|line| line.split('\t').nth(3)).skip(2).map(str::to_owned).collect()
    };
    assert_eq!(tasks("--threads 1"), tasks("--threads 2"));
    assert_ne!(tasks("--seed 1"), tasks("--seed 2"));
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let bench = Bench::new();
    for (more, says) in [
        ("--length 11", "--width 12"),
        ("--genome 50", "--length 101"),
        ("--records 3", "between 16 and"),
        ("--repeats 0", "between 1 and"),
        ("--filters 0", "between 1 and"),
        ("--pooling median", "max, mean, sum"),
    ] {
        bench.run(&format!("bench {more}")).refused(2, &[says]);
    }
}
