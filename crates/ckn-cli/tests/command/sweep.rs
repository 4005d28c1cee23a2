//! Many trainings, one row each.

use std::fs;

use crate::support::{Bench, read};

const MANIFEST: &str = "# experiments\n\
    name\tpos\tneg\tfilters\twidth\tepochs\tunsupervised\ttest-pos\ttest-neg\n\
    small\tpos.fa\tneg.fa\t4\t8\t5\t\tpos.fa\tneg.fa\n\
    still\tpos.fa\tneg.fa\t8\t8\t\tyes\tpos.fa\tneg.fa\n\
    untested\tpos.fa\tneg.fa\t4\t8\t3\tno\t\t\n\
    broken\tpos.fa\tneg.fa\t4\t999\t3\t\tpos.fa\tneg.fa\n";

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

fn cell(table: &str, row: &str, column: &str) -> String {
    let at = table.lines().next().unwrap().split('\t').position(|name| name == column).unwrap();
    let line = table.lines().find(|line| line.split('\t').next() == Some(row)).unwrap();
    line.split('\t').nth(at).unwrap().to_owned()
}

#[test]
fn rows_are_run_once_and_failures_reported_and_retried() {
    let bench = Bench::new();
    bench.write("m.tsv", MANIFEST);
    let run = bench.run("sweep m.tsv --out r --jobs 2");
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("1 of 4 rows failed (broken)") && run.stderr.contains("--retry"), "{}", run.stderr);
    let table = text(&bench, "r/results.tsv");
    assert_eq!(run.stdout, table);
    for (row, status) in [("small", "done"), ("still", "done"), ("untested", "done"), ("broken", "failed")] {
        assert_eq!(cell(&table, row, "status"), status, "{table}");
    }
    assert!(cell(&table, "broken", "message").contains("the network needs 999"), "{table}");
    assert!(cell(&table, "small", "test_auroc").parse::<f64>().unwrap() > 0.8, "{table}");
    assert_eq!(cell(&table, "untested", "test_auroc"), "NA");
    // What a row trained is what its options train.
    bench.run("train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 5 --out by_hand -q").ok();
    assert_eq!(read(bench.path("by_hand")), read(bench.path("r/small.ckn")));

    // Done is done: the model stays as it is, whatever its file.
    bench.write("r/small.ckn", "untouched");
    let run = bench.run("sweep m.tsv --out r");
    assert!(run.status == 3 && run.stderr.contains("0 of 4 rows to run"), "{}", run.stderr);
    assert_eq!(read(bench.path("r/small.ckn")), b"untouched");
    // Other cells are another experiment; what failed is run again where it is asked for.
    bench.write("m.tsv", MANIFEST.replace("\t4\t8\t5\t", "\t5\t8\t5\t").replace("999", "9"));
    let run = bench.run("sweep m.tsv --out r --retry").ok();
    assert!(run.stderr.contains("2 of 4 rows to run"), "{}", run.stderr);
    assert_ne!(read(bench.path("r/small.ckn")), b"untouched");
    // A row that was killed has no outcome: it is open, and run next time.
    fs::remove_file(bench.path("r/still.row.json")).unwrap();
    let run = bench.run("sweep m.tsv --out r --collect").ok();
    assert_eq!(cell(&run.stdout, "still", "status"), "open");
    bench.run("sweep m.tsv --out r --row still -q").ok();
    assert_eq!(cell(&bench.run("sweep m.tsv --out r --collect").ok().stdout, "still", "status"), "done");
}

#[test]
fn tables_that_are_no_manifest_are_refused_before_anything_runs() {
    let bench = Bench::new();
    let refused = |manifest: &str, says: &[&str]| {
        bench.write("m.tsv", manifest);
        bench.run("sweep m.tsv --out r").refused(3, says);
        assert!(!bench.path("r").exists());
    };
    refused("", &["m.tsv is empty"]);
    refused("name\tpos\n", &["a header and no rows"]);
    refused("pos\npos.fa\n", &["no column `name`"]);
    refused("name\tcolour\na\tred\n", &["the column `colour`", "ckn train"]);
    refused("name\tout\na\tm\n", &["the column `out`"]);
    refused("name\ttest-filters\na\t3\n", &["the column `test-filters`"]);
    refused("name\tpos\tpos\na\tb\tc\n", &["the column `pos` twice"]);
    refused("name\tpos\n../a\tpos.fa\n", &["line 2", "`../a`"]);
    refused("name\tpos\na\tpos.fa\na\tpos.fa\n", &["line 3", "a row named `a` already"]);
    refused("name\tpos\na\tpos.fa\tmore\n", &["line 2 has 3 cells, the header 2"]);
    refused("name\tpos\tauto\na\tpos.fa\tmaybe\n", &["line 2", "takes yes or no"]);
    bench.write("m.tsv", "name\tpos\na\tpos.fa\n");
    bench.run("sweep m.tsv --out r --row b").refused(2, &["no row named `b`"]);
    bench.run("sweep none.tsv --out r").refused(3, &["none.tsv cannot be read"]);
    bench.run("sweep m.tsv --out r --collect --retry").refused(2, &["--collect"]);
    fs::create_dir(bench.path("other")).unwrap();
    bench.write("other/a.ckn", "by hand");
    bench.run("sweep m.tsv --out other").refused(2, &["other has files that are not of a sweep"]);
    assert_eq!(read(bench.path("other/a.ckn")), b"by hand");
    fs::create_dir(bench.path("r")).unwrap();
    bench.write("r/.ckn-sweep", "");
    bench.write("r/results.tsv", "name\tpos\nb\tpos.fa\n");
    bench.run("sweep r/results.tsv --out r").refused(2, &["results.tsv"]);
    bench.run("sweep m.tsv --out pos.fa").refused(2, &["pos.fa cannot be made"]);
}
