use crate::support::{Bench, gzip, read};

/// Content of the positives' file, exit code, and what the message must say.
#[test]
fn bad_sequences_are_refused_with_place_and_remedy() {
    let bench = Bench::new();
    let pos = read(bench.path("pos.fa"));
    let zipped = gzip(&pos);
    let duplicate = [&pos[..], b">p0\nACGTACGTACGTACGT\n"].concat();
    let short = [&pos[..], b">tiny\nACG\n"].concat();
    let protein = [&pos[..], b">peptide\nMKLVEFPQ\n"].concat();
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("truncated.fa.gz", zipped[..zipped.len() / 2].to_vec(), &["truncated.fa.gz", "line", "again"]),
        ("wrong.fa.gz", [&zipped[..10], &b"nonsense nonsense"[..]].concat(), &["wrong.fa.gz", "damaged"]),
        ("empty.fa", Vec::new(), &["empty.fa", "empty"]),
        ("headers.fa", b">a\n>b\n".to_vec(), &["headers.fa", "line 1"]),
        ("short.fa", short, &["`tiny` (short.fa, record 61, line 121)", "3 letters", "needs 12", "--width"]),
        ("protein.fa", protein, &["`peptide` (protein.fa, record 61, line 122)", "--alphabet protein"]),
        ("duplicate.fa", duplicate, &["`p0` (duplicate.fa, record 1, line 1)", "record 61, line 121", "rename"]),
        ("binary.fa", vec![0, 159, 146, 150, 0, 1, 2], &["binary.fa"]),
    ];
    for (name, content, says) in cases {
        bench.write(name, content);
        let before = bench.files();
        let run = bench.run(&format!("train --pos {name} --neg neg.fa --epochs 1 -q --out model.ckn"));
        assert_eq!(run.refused(3, says).stderr.lines().count(), 1, "{name}");
        assert_eq!(bench.files(), before, "{name}");
    }
    bench.run("train --pos duplicate.fa --neg neg.fa --epochs 1 --out twice --allow-duplicates").ok();
    bench.run("train --pos nowhere.fa --neg neg.fa --out m").refused(3, &["nowhere.fa", "check its name"]);
    bench.run("train --pos . --neg neg.fa --out m").refused(3, &["directory"]);
}

#[test]
fn bad_labels_and_single_classes_are_refused() {
    let bench = Bench::new();
    bench.write("nan.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t1\nACGTACGTACGTACGA\tNaN\n");
    bench.run("train --tsv nan.tsv --out m").refused(3, &["nan.tsv", "line 3", "NaN", "finite"]);
    bench.write("two.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t1\nACGTACGTACGTACGA\t2\n");
    bench.run("train --tsv two.tsv --out m").refused(3, &["two.tsv", "line 3", "label 2", "--loss squared"]);
    bench.write("rows.tsv", "sequence\tlabel\n");
    bench.run("train --tsv rows.tsv --out m").refused(3, &["rows.tsv", "no rows"]);
    bench.run("train --tsv pos.fa --out m").refused(3, &["without labels"]);
    bench.write("ones.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t0\nACGTACGTACGTACGA\t0\n");
    bench.run("train --tsv ones.tsv --out m").refused(3, &["0 positives and 2 negatives"]);
    bench.run("train --pos pos.fa --shuffles 0 --out m").refused(3, &["60 positives and 0 negatives"]);
    assert!(!bench.files().iter().any(|name| name.starts_with('m')));
    bench.train("--out m").ok();
    let run = bench.run("evaluate m --pos pos.fa").ok();
    assert_eq!(run.cell("auroc"), "NA");
    assert!(run.stderr.contains("not defined") && run.stderr.contains("negatives"), "{}", run.stderr);
    bench.run("evaluate m --tsv two.tsv").refused(3, &["two.tsv", "label 2"]);
}

#[test]
fn broken_models_are_refused() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let good = read(bench.path("m"));
    bench.write("truncated", &good[..good.len() - 9]);
    bench.write("hostile", [&u64::MAX.to_le_bytes()[..], &good[8..]].concat());
    // In bytes: the length in front of the header is not text.
    let format = br#"\"format\":"#;
    let at = good.windows(format.len()).position(|bytes| bytes == format).unwrap() + format.len();
    let mut other = good.clone();
    other[at] = b'9';
    bench.write("other", other);
    bench.write("empty", "");
    for (name, says) in [("truncated", "truncated"), ("hostile", "hostile"), ("other", "format 9"), ("empty", "empty")]
    {
        for words in [format!("predict {name} pos.fa"), format!("evaluate {name} --pos pos.fa --neg neg.fa")] {
            bench.run(&words).refused(3, &[name, says]);
        }
    }
    bench.run("predict nowhere pos.fa").refused(3, &["nowhere", "check its name"]);
    bench.run("predict . pos.fa").refused(3, &["folder"]);
    bench.run("predict pos.fa m").refused(3, &["pos.fa is not a usable model"]);
}
