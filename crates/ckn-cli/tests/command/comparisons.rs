use crate::support::Bench;

#[test]
fn several_models_are_compared_with_the_first() {
    let bench = Bench::new();
    bench.train("--out good").ok();
    bench.run("train --pos pos.fa --neg neg.fa --filters 1 --width 3 --unsupervised -q --out bad").ok();
    let run = bench.run("evaluate good bad good --pos pos.fa --neg neg.fa").ok();
    assert_eq!(run.stdout.lines().count(), 4);
    let number = |row, column: &str| run.cell_of(row, column).parse::<f64>().unwrap();
    assert_eq!((run.cell_of(0, "model").as_str(), run.cell_of(0, "difference").as_str()), ("good", "NA"));
    assert!((number(1, "difference") - (number(1, "auroc") - number(0, "auroc"))).abs() < 1e-5);
    assert!(number(1, "difference_high") < 0.0 && number(1, "p_value") < 0.05);
    // The same model: no difference, and no variance to test it by.
    assert_eq!((number(2, "difference"), run.cell_of(2, "p_value").as_str()), (0.0, "NA"));
    let one = bench.run("evaluate good --pos pos.fa --neg neg.fa").ok();
    assert!(!one.stdout.contains("difference"));
    let positives = bench.run("evaluate good bad --pos pos.fa").ok();
    assert_eq!(positives.cell_of(1, "difference"), "NA");
}

#[test]
fn models_that_cannot_be_compared_are_named() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.train("--loss squared --out s").ok();
    bench.run("evaluate m s --pos pos.fa --neg neg.fa").refused(2, &["s has another kind of labels", "than m"]);
    let run = bench.run("evaluate s s --pos pos.fa --neg neg.fa").ok();
    assert_eq!(run.cell_of(0, "pearson"), run.cell_of(1, "pearson"));
    bench.run("evaluate --pos pos.fa").refused(2, &["MODEL"]);
}

#[test]
fn columns_are_compared_over_rows() {
    let bench = Bench::new();
    let table = "set\ta\tb\nx\t0.9\t0.8\ny\t0.8\t0.79\n\nz\t0.95\t0.9\nu\t0.7\t0.5\nv\t0.85\t0.84\n";
    bench.write("t.tsv", table);
    let run = bench.run("wilcoxon t.tsv --first a --second b").ok();
    assert_eq!(
        (run.cell("rows"), run.cell("statistic"), run.cell("p_value")),
        ("5".into(), "15".into(), "0.031250".into())
    );
    assert_eq!((run.cell("exact"), run.cell("median_difference")), ("true".into(), "0.050000".into()));
    let run = bench.run_with_input("wilcoxon - --first b --second a", table.as_bytes()).ok();
    assert_eq!(run.cell("p_value"), "1.000000");
    bench.run("wilcoxon t.tsv --first a --second c").refused(2, &["no column `c`", "set, a, b"]);
    bench.run("wilcoxon t.tsv --first a --second set").refused(3, &["line 2", "`x`"]);
    bench.run("wilcoxon t.tsv --first a --second a").refused(3, &["all differences are zero"]);
    bench.run("wilcoxon none.tsv --first a --second b").refused(3, &["none.tsv"]);
    bench.write("e.tsv", "");
    bench.run("wilcoxon e.tsv --first a --second b").refused(3, &["empty"]);
}
