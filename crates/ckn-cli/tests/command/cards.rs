//! Training on a graphics card, a simulated one if need be.

use std::fmt::Write as _;

use crate::support::{Bench, letters, read};

/// Whether there is a card; without one, `CKN_REQUIRE_WGPU=1` makes that a failure.
fn card(bench: &Bench) -> bool {
    let found = bench.run("doctor").ok().stdout.lines().any(|line| line.starts_with("gpu:0\t"));
    assert!(found || std::env::var("CKN_REQUIRE_WGPU").as_deref() != Ok("1"), "no wgpu adapter");
    found
}

fn auroc(bench: &Bench, model: &str) -> f64 {
    bench.run(&format!("evaluate {model} --pos pos.fa --neg neg.fa")).ok().cell("auroc").parse().unwrap()
}

#[test]
fn a_network_learns_on_a_card_what_it_learns_on_the_cpu() {
    let bench = Bench::of(200);
    if !card(&bench) {
        return;
    }
    for pooling in ["max", "mean"] {
        let options = format!("--pooling {pooling} --force");
        bench.train(&format!("{options} --out cpu")).ok();
        bench.train(&format!("{options} --device gpu --out card")).ok();
        bench.train(&format!("{options} --engine kernels --device gpu:0 --out again")).ok();
        let (cpu, card) = (auroc(&bench, "cpu"), auroc(&bench, "card"));
        assert!((cpu - card).abs() < 0.005, "{pooling}: {cpu} on the CPU, {card} on a card");
        assert_eq!(read(bench.path("card")), read(bench.path("again")), "{pooling}");
        let record = String::from_utf8(read(bench.path("card.run.json"))).unwrap();
        assert!(record.contains("\"engine\": \"kernels\"") && record.contains("wgpu"), "{record}");
    }
}

#[test]
fn tasks_classes_and_measurements_are_learnt_on_a_card() {
    let bench = Bench::of(100);
    if !card(&bench) {
        return;
    }
    let (mut tasks, mut classes, mut measured) = (
        String::from("id\tsequence\tlabel:a\tlabel:b\n"),
        String::from("id\tsequence\tlabel\n"),
        String::from("id\tsequence\tlabel\n"),
    );
    for record in 0..240u64 {
        let (random, class) = (letters(record + 7, 50), record as usize % 3);
        let word = ["CACGTGAC", "TTAATTAA", "GGGCGGGG"][class];
        let planted = format!("{}{word}{}", &random[..20], &random[28..]);
        writeln!(
            tasks,
            "r{record}\t{planted}\t{}\t{}",
            u8::from(class == 0),
            if record % 2 == 0 { "NA" } else { ["0", "1", "0"][class] }
        )
        .unwrap();
        writeln!(classes, "r{record}\t{planted}\t{class}").unwrap();
        writeln!(measured, "r{record}\t{planted}\t{}", class as f64 - 0.5).unwrap();
    }
    bench.write("tasks.tsv", tasks);
    bench.write("classes.tsv", classes);
    bench.write("measured.tsv", measured);
    let train = "train --filters 8 --width 8 --epochs 5 -q --device gpu --force --out m";
    bench.run(&format!("{train} --tasks tasks.tsv")).ok();
    let tested = bench.run("evaluate m --tasks tasks.tsv").ok();
    assert!((0..2).all(|row| tested.cell_of(row, "auroc").parse::<f64>().unwrap() > 0.95), "{}", tested.stdout);
    bench.run(&format!("{train} --tsv classes.tsv --loss multinomial")).ok();
    let tested = bench.run("evaluate m --tsv classes.tsv").ok();
    assert!(tested.cell("accuracy").parse::<f64>().unwrap() > 0.9, "{}", tested.stdout);
    bench.run(&format!("{train} --tsv measured.tsv --loss squared")).ok();
    let tested = bench.run("evaluate m --tsv measured.tsv").ok();
    assert!(tested.cell("pearson").parse::<f64>().unwrap() > 0.8, "{}", tested.stdout);
}

#[test]
fn what_a_card_has_no_kernels_for_goes_through_tensors_or_is_refused() {
    let bench = Bench::of(30);
    bench.train("--engine kernels --out m").refused(2, &["--engine kernels", "--device"]);
    bench.train("--engine kernels --device flex --out m").refused(2, &["flex", "graphics cards"]);
    bench.train("--device gpu:77 --out m").refused(4, &["gpu:77"]);
    if !card(&bench) {
        return;
    }
    bench
        .train("--engine kernels --device gpu --pooling gmp --out m")
        .refused(2, &["generalised max pooling", "reference"]);
    bench.train("--device gpu --learn-sigma --out m").refused(2, &["--learn-sigma"]);
    bench.train("--device gpu --pooling gmp --out m").ok();
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert!(record.contains("\"engine\": \"reference\""), "{record}");
}

#[test]
fn a_card_is_measured_beside_the_cpu() {
    let bench = Bench::of(30);
    bench.run("bench --batch 64").refused(2, &["--batch", "--device"]);
    bench.run("bench --device flex --records 64").refused(2, &["graphics cards"]);
    if !card(&bench) {
        return;
    }
    bench.run("bench --device gpu --genome 1000").refused(2, &["--genome"]);
    let table = bench.run("bench --device gpu --records 100 --filters 4 --batch 32 --repeats 1 -q").ok();
    let ways = [0, 1, 2].map(|row| table.cell_of(row, "way"));
    assert_eq!(ways, ["kernels", "tensors", "cpu"], "{}", table.stdout);
    let counted = ["launches_per_minibatch", "waits", "device_bytes"].map(|column| table.cell_of(0, column));
    assert!(counted[0] == "8" && counted[1] == "2" && counted[2] != "NA", "{}", table.stdout);
    // The order of 100 records, labels and weights, a head of four weights, anchors and two moments of 4 x 4 x 12 numbers.
    assert_eq!(table.cell_of(0, "uploaded"), (4 * (100 + 200 + 5 + 3 * 192)).to_string());
    assert_eq!(table.cell_of(0, "downloaded"), (4 * 3 * 192).to_string());
}
