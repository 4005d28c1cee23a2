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
        ("truncated.fa.gz", zipped[..zipped.len() / 2].to_vec(), &["truncated.fa.gz"]),
        ("wrong.fa.gz", [&zipped[..10], &b"nonsense nonsense"[..]].concat(), &["wrong.fa.gz"]),
        ("empty.fa", Vec::new(), &["empty.fa", "empty"]),
        ("headers.fa", b">a\n>b\n".to_vec(), &["headers.fa", "line 1"]),
        ("short.fa", short, &["tiny", "3"]),
        ("protein.fa", protein, &["peptide", "protein"]),
        ("duplicate.fa", duplicate, &["p0"]),
        ("binary.fa", vec![0, 159, 146, 150, 0, 1, 2], &["binary.fa"]),
    ];
    for (name, content, says) in cases {
        bench.write(name, content);
        let run = bench.run(&format!("train --pos {name} --neg neg.fa --epochs 1 -q --out model.ckn"));
        assert_eq!(run.status, 3, "{name}: {}", run.stderr);
        for word in says {
            assert!(run.stderr.contains(word), "{name}: {}", run.stderr);
        }
        assert!(run.stdout.is_empty() && run.stderr.lines().count() <= 3, "{name}: {}", run.stderr);
        assert!(!bench.path("model.ckn").exists() && !bench.path("model.ckn.run.json").exists(), "{name}");
    }
    let missing = bench.run("train --pos nowhere.fa --neg neg.fa --out model.ckn");
    assert_eq!(missing.status, 3);
    assert!(missing.stderr.contains("nowhere.fa"), "{}", missing.stderr);
}

#[test]
fn bad_labels_and_single_classes_are_refused() {
    let bench = Bench::new();
    bench.write("nan.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t1\nACGTACGTACGTACGA\tNaN\n");
    let run = bench.run("train --tsv nan.tsv --out m");
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("line 3"), "{}", run.stderr);
    bench.write("two.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t1\nACGTACGTACGTACGA\t2\n");
    assert_eq!(bench.run("train --tsv two.tsv --out m").status, 3);
    bench.write("ones.tsv", "sequence\tlabel\nACGTACGTACGTACGT\t0\nACGTACGTACGTACGA\t0\n");
    let run = bench.run("train --tsv ones.tsv --out m");
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("0 positives and 2 negatives"), "{}", run.stderr);
    let run = bench.run("train --pos pos.fa --shuffles 0 --out m");
    assert_eq!(run.status, 3, "{}", run.stderr);
    bench.train("--out m").ok();
    let run = bench.run("evaluate m --pos pos.fa").ok();
    assert_eq!(run.cell("auroc"), "NA");
    assert!(run.stderr.contains("not defined"), "{}", run.stderr);
}

#[test]
fn broken_models_are_refused() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let good = read(bench.path("m"));
    bench.write("truncated", &good[..good.len() - 9]);
    bench.write("hostile", [&u64::MAX.to_le_bytes()[..], &good[8..]].concat());
    let text = String::from_utf8_lossy(&good).into_owned();
    let at = text.find("\\\"format\\\":1").unwrap() + "\\\"format\\\":".len();
    let mut other = good.clone();
    other[at] = b'9';
    bench.write("other", other);
    bench.write("empty", "");
    for (name, says) in [("truncated", "truncated"), ("hostile", "hostile"), ("other", "format 9"), ("empty", "empty")]
    {
        for words in [format!("predict {name} pos.fa"), format!("evaluate {name} --pos pos.fa --neg neg.fa")] {
            let run = bench.run(&words);
            assert_eq!(run.status, 3, "{words}: {}", run.stderr);
            assert!(run.stderr.contains(says), "{words}: {}", run.stderr);
        }
    }
    let run = bench.run("predict nowhere pos.fa");
    assert_eq!(run.status, 3);
}

#[test]
fn outputs_are_never_overwritten_unasked_nor_left_half_written() {
    let bench = Bench::new();
    bench.write("m", "precious");
    let before = bench.files();
    let run = bench.train("--out m");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(read(bench.path("m")), b"precious");
    let run = bench.train("--out missing/m");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("missing"), "{}", run.stderr);
    assert_eq!(bench.train("--out .").status, 2);
    assert_eq!(bench.files(), before);
    bench.train("--out m --force").ok();
    assert_eq!(bench.run("predict m pos.fa --out pos.fa").status, 2);
}

#[test]
fn mistakes_on_the_command_line_are_named() {
    let bench = Bench::new();
    for (more, status, says) in [
        ("--device quantum", 4, "quantum"),
        ("--device gpu:77 --engine reference", 4, "gpu:77"),
        ("--filters 0", 2, "filters"),
        ("--sigma 0", 2, "sigma"),
        ("--sigma -1", 2, "sigma"),
        ("--filters 4,4", 2, "--width"),
        ("--l2 -1", 2, "l2"),
        ("--l2 NaN", 2, "l2"),
        ("--validation 2", 2, "validation"),
        ("--threads 0", 2, "threads"),
        ("--pooling median", 2, "max, mean, sum"),
        ("--alphabet klingon", 2, "klingon"),
        ("--alphabet protein --strands max", 2, "complement"),
        ("--mode top", 2, "--seq"),
    ] {
        let words = format!("train --pos pos.fa --neg neg.fa --epochs 1 --out m {more}");
        let run = bench.run(&words);
        assert_eq!(run.status, status, "{more}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{more}: {}", run.stderr);
        assert!(!bench.path("m").exists(), "{more}");
    }
    assert_eq!(bench.run("train --out m").status, 2);
}
