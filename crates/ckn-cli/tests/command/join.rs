//! `ckn join`: the shards of a scan become the whole, or are refused by name.

use std::fs;

use crate::support::{Bench, letters, read};

const SCAN: &str = "scan model genome.fa -q --threshold -2 --format bedgraph --force";

/// A model, a genome, and `whole`, the hits of all of it.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("genome.fa", format!(">a\n{}\n>b\n{}\n", letters(5, 9_000), letters(6, 700)));
    bench.train("--out model --pooling mean").ok();
    bench.run(&format!("{SCAN} --out whole")).ok();
    bench
}

/// Scans shards, as `p1`, `p2`, ….
fn scan(bench: &Bench, count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|number| format!("p{number}")).collect();
    for (number, name) in (1..).zip(&names) {
        bench.run(&format!("{SCAN} --shard {number}/{count} --out {name}")).ok();
    }
    names.join(" ")
}

fn record(bench: &Bench, name: &str) -> serde_json::Value {
    serde_json::from_slice(&read(bench.path(name))).unwrap()
}

#[test]
fn joined_shards_are_the_whole_in_whatever_order_they_are_named() {
    let bench = bench();
    // More shards than some records have hits: some are empty.
    for count in [1, 2, 7, 40] {
        let names = scan(&bench, count);
        let turned: Vec<&str> = names.split(' ').rev().collect();
        bench.run(&format!("join {} --out joined --force", turned.join(" "))).ok();
        assert_eq!(read(bench.path("joined")), read(bench.path("whole")), "{count}");
        assert_eq!(bench.run(&format!("join {names}")).ok().stdout.as_bytes(), read(bench.path("whole")), "{count}");
        let (joined, whole) = (record(&bench, "joined.run.json"), record(&bench, "whole.run.json"));
        for field in ["windows", "lines", "hits", "threshold", "model", "shard"] {
            assert_eq!(joined[field], whole[field], "{field} of {count}");
        }
    }
    assert!(read(bench.path("whole")).len() > 1000);
}

#[test]
fn what_is_not_all_of_one_scan_is_refused_by_name_and_nothing_is_written() {
    let bench = bench();
    scan(&bench, 3);
    let copy = |from: &str, to: &str| {
        fs::copy(bench.path(from), bench.path(to)).unwrap();
        fs::copy(bench.path(&format!("{from}.run.json")), bench.path(&format!("{to}.run.json"))).unwrap();
    };
    copy("p2", "again");
    copy("p2", "cut");
    bench.write("cut", &read(bench.path("p2"))[1..]);
    fs::copy(bench.path("p2"), bench.path("alone")).unwrap();
    bench.write("alone.run.json", "{}");
    fs::copy(bench.path("p2"), bench.path("bare")).unwrap();
    bench.write("longer.fa", format!(">a\n{}\n>b\n{}\n", letters(5, 9_000), letters(6, 701)));
    bench.train("--out other --pooling mean --seed 9").ok();
    for (name, words) in [
        ("threshold", "scan model genome.fa -q --format bedgraph --threshold -2.5"),
        ("model", "scan other genome.fa -q --format bedgraph --threshold -2"),
        ("genome", "scan model longer.fa -q --format bedgraph --threshold -2"),
        ("format", "scan model genome.fa -q --threshold -2"),
        ("region", "scan model genome.fa -q --format bedgraph --threshold -2 --region a"),
        ("both_strands", "scan model genome.fa -q --format bedgraph --threshold -2 --strands forward"),
        ("window", "scan model genome.fa -q --format bedgraph --threshold -2 --length 59"),
    ] {
        bench.run(&format!("{words} --shard 2/3 --out of_{name}")).ok();
    }
    bench.run(&format!("{SCAN} --shard 2/4 --out fourth")).ok();
    let before = bench.files();
    let cases: &[(&str, &[&str])] = &[
        ("p1 p3", &["3 shards", "no 2"]),
        ("p2", &["3 shards", "no 1, 3"]),
        ("p1 p2 p3 again", &["p2 and again are both shard 2 of 3"]),
        ("p1 cut p3", &["cut is not the file", "cut.run.json"]),
        ("p1 bare p3", &["bare has no record bare.run.json"]),
        ("p1 alone p3", &["alone.run.json is no record"]),
        ("p1 whole p3", &["whole is no shard"]),
        ("p1 nowhere p3", &["nowhere"]),
        ("p1 of_threshold p3", &["of_threshold is of another scan than p1", "-2.5 and -2"]),
        ("p1 of_model p3", &["their model is"]),
        ("p1 of_genome p3", &["their genome is"]),
        ("p1 of_format p3", &["their format is"]),
        ("p1 of_region p3", &["their region is"]),
        ("p1 of_both_strands p3", &["their both_strands is"]),
        ("p1 of_window p3", &["their window is 59 and 60"]),
        ("p1 fourth p3", &["their number of shards is 4 and 3"]),
    ];
    for (names, parts) in cases {
        bench.run(&format!("join {names} --out joined")).refused(3, parts);
    }
    bench.run("join p1 p2 p3 --out p2 --force").refused(2, &["p2 is named twice"]);
    bench.run("join p1 p2 p3 --out whole").refused(2, &["whole exists already"]);
    assert_eq!(bench.files(), before);
}

#[test]
fn a_record_of_a_shard_that_cannot_be_stands_for_no_other() {
    let bench = bench();
    scan(&bench, 2);
    let honest = String::from_utf8(read(bench.path("p2.run.json"))).unwrap();
    for (field, from, to) in [("number", 2, "3"), ("number", 2, "0"), ("count", 2, "18446744073709551615")] {
        let lying = honest.replace(&format!("\"{field}\": {from}"), &format!("\"{field}\": {to}"));
        assert_ne!(lying, honest);
        bench.write("p2.run.json", lying);
        bench.run("join p2 p1").refused(3, &["p2.run.json is damaged", to]);
    }
    // What is only added up cannot end the program.
    let windows = serde_json::from_str::<serde_json::Value>(&honest).unwrap()["windows"].to_string();
    for name in ["p1", "p2"] {
        let lying = honest.replace(&format!("\"windows\": {windows}"), "\"windows\": 18446744073709551615");
        assert_ne!(lying, honest);
        bench
            .write(&format!("{name}.run.json"), lying.replace("\"number\": 2", &format!("\"number\": {}", &name[1..])));
    }
    fs::copy(bench.path("p2"), bench.path("p1")).unwrap();
    bench.run("join p2 p1 --out joined").ok();
}
