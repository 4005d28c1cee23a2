use std::path::{Path, PathBuf};

use crate::motif_files::{HEAD, meme, meme_of, motif, refuse_bad_files, words};
use crate::support::{Bench, Run, gzip, read, turned};

const COLUMNS: &str = "query\ttarget\toffset\tstrand\tp_value\tq_value\te_value\toverlap\tquery_name\ttarget_name\t\
                       query_consensus\ttarget_consensus";

/// 60 known motifs, and three queries: a part of `m3`, one of `m8` on the opposite strand, and nothing known.
fn bench() -> Bench {
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    let known = words(60);
    bench.write("known.meme", meme_of(&known));
    let (part, opposite) = (known[3].1[3..].to_owned(), turned(&known[8].1[..8]));
    let queries = [("part", part), ("turned", opposite), ("flat", "AAA".into())];
    bench.write("queries.meme", meme_of(&queries.map(|(name, word)| (name.to_owned(), word))));
    bench
}

fn column(run: &Run, name: &str) -> Vec<String> {
    (0..run.stdout.lines().count() - 1).map(|row| run.cell_of(row, name)).collect()
}

fn numbers(run: &Run, name: &str) -> Vec<f64> {
    column(run, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn known_motifs_are_found_where_and_how_they_lie() {
    let bench = bench();
    let known = words(60);
    let run = bench.run("compare queries.meme known.meme").ok();
    assert_eq!(run.stdout.lines().next().unwrap(), COLUMNS);
    let best = bench.run("compare queries.meme known.meme --all --best 1 -q").ok();
    assert_eq!(column(&best, "query"), ["part", "turned", "flat"]);
    assert_eq!(column(&best, "target")[..2], ["m3", "m8"]);
    // The query's columns are the target's from 3 on; turned, the first 8 of 10 start at 2.
    assert_eq!((best.cell_of(0, "offset"), best.cell_of(0, "strand")), ("3".into(), "+".into()));
    assert_eq!((best.cell_of(1, "offset"), best.cell_of(1, "strand")), ("2".into(), "-".into()));
    assert_eq!(column(&best, "overlap")[..2], ["7", "8"]);
    assert_eq!(
        (best.cell_of(0, "query_consensus"), best.cell_of(0, "target_consensus")),
        (known[3].1[3..].into(), known[3].1.clone())
    );
    assert_eq!(best.cell_of(1, "target_consensus"), turned(&known[8].1));
    assert_eq!(best.cell_of(0, "target_name"), "NA");
    for row in 0..2 {
        let [p, q, e] = ["p_value", "q_value", "e_value"].map(|name| best.cell_of(row, name).parse::<f64>().unwrap());
        assert!(p > 0.0 && p < 1e-3 && p <= q && q <= e * 1.001 && (e / p - 60.0).abs() < 0.1, "{p} {q} {e}");
    }
}

#[test]
fn rows_follow_the_queries_and_then_the_p_values() {
    let bench = bench();
    let all = bench.run("compare queries.meme known.meme --all").ok();
    assert_eq!(all.stdout.lines().count(), 1 + 3 * 60);
    let (queries, p, q) = (column(&all, "query"), numbers(&all, "p_value"), numbers(&all, "q_value"));
    for (at, query) in ["part", "turned", "flat"].iter().enumerate() {
        let rows = at * 60..(at + 1) * 60;
        assert!(queries[rows.clone()].iter().all(|name| name == query));
        assert!(p[rows.clone()].is_sorted() && q[rows].is_sorted());
    }
    assert!(p.iter().all(|&p| p > 0.0 && p <= 1.0));
    assert_eq!(bench.run("compare queries.meme known.meme --max-q 1").ok().stdout, all.stdout);
    let within = |limit: f64| q.iter().filter(|&&q| q <= limit).count();
    for (words, limit) in [("", 0.1), ("--max-q 0.5", 0.5), ("--max-q 1e-9", 1e-9)] {
        let run = bench.run(&format!("compare queries.meme known.meme {words}")).ok();
        assert_eq!(run.stdout.lines().count(), 1 + within(limit), "{words}");
    }
    let none = bench.run("compare queries.meme known.meme --max-q 1e-9").ok();
    assert!(none.stderr.contains("3 motifs resemble no target"), "{}", none.stderr);
    assert_eq!(bench.run("compare queries.meme known.meme --all --best 2").ok().stdout.lines().count(), 7);
    assert!(bench.run("compare queries.meme known.meme --all -q").ok().stderr.is_empty());
    for threads in [1, 3] {
        let run = bench.run(&format!("compare queries.meme known.meme --all --threads {threads}")).ok();
        assert_eq!(run.stdout, all.stdout);
    }
}

#[test]
fn strands_are_those_of_the_files_or_as_asked() {
    let bench = bench();
    let forward = |name: &str| {
        let text = String::from_utf8(read(bench.path(name))).unwrap();
        bench.write(&format!("forward_{name}"), text.replace("strands: + -", "strands: +"));
        bench.write(&format!("silent_{name}"), text.replace("strands: + -\n", ""));
    };
    forward("queries.meme");
    forward("known.meme");
    let strands = |words: &str| {
        let run = bench.run(&format!("compare {words} --all")).ok();
        column(&run, "strand").contains(&"-".to_owned())
    };
    assert!(strands("queries.meme known.meme") && strands("forward_queries.meme known.meme"));
    assert!(strands("silent_queries.meme silent_known.meme") && strands("forward_queries.meme silent_known.meme"));
    assert!(!strands("forward_queries.meme forward_known.meme"));
    assert!(strands("forward_queries.meme forward_known.meme --strands both"));
    assert!(!strands("queries.meme known.meme --strands forward"));
    let rna = |strands: &str| HEAD.replace("ACGT", "ACGU").replace("strands: + -", strands) + &motif("r", "ACGGAC");
    bench.write("rna.meme", rna(""));
    bench.write("both.meme", rna("strands: + -"));
    let says = |words: &str| bench.run(&format!("compare {words} --all")).ok().stderr;
    assert!(says("rna.meme rna.meme").contains("the given strand"));
    assert!(says("rna.meme both.meme").contains("both strands"));
}

#[test]
fn files_of_all_formats_are_compared_also_compressed_or_from_a_pipe() {
    let bench = bench();
    let expected = bench.run("compare queries.meme known.meme --all -q").ok().stdout;
    let known = read(bench.path("known.meme"));
    bench.write("known.gz", gzip(&known));
    assert_eq!(bench.run("compare queries.meme known.gz --all -q").ok().stdout, expected);
    assert_eq!(bench.run_with_input("compare queries.meme - --all -q", &known).ok().stdout, expected);
    assert_eq!(bench.run_with_input("compare queries.meme - --all -q", &gzip(&known)).ok().stdout, expected);
    for format in ["jaspar", "transfac", "homer"] {
        bench.run(&format!("convert known.meme --to {format} --out {format}")).ok();
        let run = bench.run(&format!("compare queries.meme {format} --best 1 -q")).ok();
        assert_eq!(column(&run, "target")[..2], ["m3", "m8"], "{format}");
    }
    bench.run("compare - -").refused(2, &["standard input"]);
}

#[test]
fn small_databases_are_remarked_upon_and_equal_names_kept() {
    let bench = bench();
    bench.write("one.meme", meme(&[("only", "ACGTACGG")]));
    let run = bench.run("compare one.meme one.meme").ok();
    assert!(run.stderr.contains("1 target: p-values mean little below 50"), "{}", run.stderr);
    assert_eq!(run.cell("target"), "only");
    bench.write("twice.meme", meme(&[("same", "ACGTACGG"), ("same", "ACGTACGG"), ("same", "TTTTCCCC")]));
    let run = bench.run("compare one.meme twice.meme --all").ok();
    assert_eq!(column(&run, "target"), ["same"; 3]);
    let p = numbers(&run, "p_value");
    assert!(p[0] == p[1] && p[1] < p[2], "{p:?}");
    assert!(!bench.run("compare queries.meme known.meme").ok().stderr.contains("mean little"));
}

#[test]
fn what_cannot_be_compared_is_refused_and_nothing_is_written() {
    let bench = bench();
    refuse_bad_files(&bench, &["compare BAD known.meme --out o", "compare queries.meme BAD --out o"]);
    bench.write("rna.meme", HEAD.replace("ACGT", "ACGU").replace("strands: + -", "") + &motif("r", "ACGGAC"));
    bench
        .run("compare rna.meme known.meme --out o")
        .refused(3, &["rna.meme", "RNA", "known.meme", "DNA", "one alphabet"]);
    let row = "0.05 ".repeat(20);
    bench.write(
        "protein.meme",
        format!("MEME version 5\n\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n\nMOTIF p\nletter-probability matrix: alength= 20 w= 2\n{row}\n{row}\n"),
    );
    bench.run("compare protein.meme protein.meme --strands both").refused(2, &["protein", "opposite strand"]);
    bench.run("compare protein.meme protein.meme --all -q").ok();
    for (more, says) in [
        ("--max-q 0", "above 0"),
        ("--max-q 1.5", "at most 1"),
        ("--max-q NaN", "at most 1"),
        ("--best 0", "best"),
        ("--all --max-q 0.5", "--max-q"),
        ("--threads 0", "threads"),
        ("--strands reverse", "forward"),
        ("--out missing/o", "missing"),
        ("--out .", "folder"),
        ("--out known.meme --force", "twice"),
    ] {
        bench.run(&format!("compare queries.meme known.meme {more}")).refused(2, &[says]);
    }
    bench.write("o", "precious");
    bench.run("compare queries.meme known.meme --out o").refused(2, &["o exists already", "--force"]);
    assert_eq!(read(bench.path("o")), b"precious");
    let run = bench.run("compare queries.meme known.meme --out o --force").ok();
    assert!(run.stdout.is_empty());
    assert!(String::from_utf8(read(bench.path("o"))).unwrap().starts_with(COLUMNS));
}

#[test]
fn a_motif_of_a_real_database_finds_itself_first() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("motifs/JASPAR2020_CORE_vertebrates.meme");
    if !path.is_file() {
        println!("skipped: {} does not exist (set CKN_DATA)", path.display());
        return;
    }
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    let text = std::fs::read_to_string(&path).unwrap();
    let mut parts = text.split("MOTIF ");
    let head = parts.next().unwrap();
    let some: Vec<&str> = parts.step_by(100).collect();
    bench.write("some.meme", format!("{head}{}", some.iter().map(|part| format!("MOTIF {part}")).collect::<String>()));
    let run = bench.run(&format!("compare some.meme {} -q", path.display())).ok();
    let (queries, targets, q) = (column(&run, "query"), column(&run, "target"), numbers(&run, "q_value"));
    for part in &some {
        let name = part.split_whitespace().next().unwrap();
        let first = queries.iter().position(|query| query == name).unwrap();
        assert_eq!(targets[first], name);
        let rivals = (0..queries.len()).filter(|&row| queries[row] == name && targets[row] != name);
        assert!(q[first] > 0.0 && rivals.into_iter().all(|row| q[row] > q[first]), "{name}");
    }
}
