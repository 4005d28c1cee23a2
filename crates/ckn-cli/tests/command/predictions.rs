use crate::support::{Bench, gzip, read};

#[test]
fn scores_do_not_depend_on_the_format_of_the_file() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let fasta = read(bench.path("pos.fa"));
    let expected = bench.run("predict m pos.fa").ok().stdout;
    let (mut fastq, mut table, mut commas) =
        (String::new(), String::from("id\tsequence\n"), String::from("name,seq\n"));
    let text = String::from_utf8(fasta.clone()).unwrap();
    for record in text.split('>').skip(1) {
        let (id, letters) = record.trim_end().split_once('\n').unwrap();
        fastq.push_str(&format!("@{id}\n{letters}\n+\n{}\n", "I".repeat(letters.len())));
        table.push_str(&format!("{id}\t{letters}\n"));
        commas.push_str(&format!("{id},{}\n", letters.to_lowercase()));
    }
    bench.write("p.fq", &fastq);
    bench.write("p.tsv", &table);
    bench.write("p.csv", &commas);
    bench.write("p.fa.gz", gzip(&fasta));
    bench.write("p.windows.fa", text.replace('\n', "\r\n"));
    for file in ["p.fq", "p.tsv", "p.csv", "p.fa.gz", "p.windows.fa"] {
        assert_eq!(bench.run(&format!("predict m {file}")).ok().stdout, expected, "{file}");
    }
    for input in [fasta.clone(), gzip(&fasta), fastq.into_bytes(), table.into_bytes()] {
        assert_eq!(bench.run_with_input("predict m -", &input).ok().stdout, expected);
    }
    // The DeepBind table has the same sequences under other names.
    let scores =
        |table: &str| table.lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(scores(&bench.run("predict m set.seq").ok().stdout), scores(&expected));
}

#[test]
fn what_cannot_be_scored_is_named() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.write("short.fa", ">long\nACGTACGTAC\n>tiny\nACGTACG\n>tinier\nAC\n");
    bench.run("predict m short.fa").refused(3, &["`tiny` (short.fa, record 2, line 3)", "7 letters", "1 more", "8"]);
    bench.write("twice.fa", ">a\nACGTACGTAC\n>a\nACGTACGTAC\n");
    bench.run("predict m twice.fa").refused(3, &["record 1", "record 2", "rename", "--allow-duplicates"]);
    assert_eq!(bench.run("predict m twice.fa --allow-duplicates").ok().stdout.matches("\na\t").count(), 2);
    // An exact machine has a score for them, and says what it is worth.
    bench.run("train --pos pos.fa --neg neg.fa --model exact --profile gapped:8,6 -q --out exact").ok();
    let run = bench.run("predict exact short.fa").ok();
    assert!(run.stderr.contains("2 of 3 sequences are shorter than 8 letters"), "{}", run.stderr);
    bench.run_with_input("predict m -", b"").refused(3, &["standard input", "empty"]);
    bench.run_with_input("predict m -", b">a\nACGTXACGTA\n").refused(3, &["standard input", "letter 5"]);
    assert_eq!(bench.run("predict m short.fa --out s").status, 3);
    assert!(!bench.path("s").exists());
}

#[test]
fn the_same_name_may_stand_in_both_classes() {
    let bench = Bench::new();
    let neg = String::from_utf8(read(bench.path("neg.fa"))).unwrap();
    bench.write("neg.fa", neg.replace(">n", ">p"));
    bench.train("--out m").ok();
}

#[test]
fn measurements_are_fitted_and_judged_as_such() {
    let bench = Bench::new();
    let mut table = String::from("sequence\tlabel\n");
    for (file, level) in [("pos.fa", 3.0), ("neg.fa", -1.0)] {
        let text = String::from_utf8(read(bench.path(file))).unwrap();
        for (index, line) in text.lines().filter(|line| !line.starts_with('>')).enumerate() {
            table.push_str(&format!("{line}\t{}\n", level + 0.01 * index as f64));
        }
    }
    bench.write("measured.tsv", table);
    let words = "train --tsv measured.tsv --loss squared --filters 8 --width 8 --epochs 5 -q --out m";
    let run = bench.run(words).ok();
    assert_eq!((run.cell("positives"), run.cell("validation_auroc")), ("NA".to_owned(), "NA".to_owned()));
    let run = bench.run("evaluate m --tsv measured.tsv").ok();
    let value = |column: &str| run.cell(column).parse::<f64>().unwrap();
    assert_eq!(run.cell("auroc"), "NA");
    assert!(value("pearson") > 0.8 && value("spearman") > 0.7 && value("mean_squared_error") < 1.5, "{}", run.stdout);
    // Two classes are measurements, too.
    let auroc: f64 = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok().cell("auroc").parse().unwrap();
    assert!(auroc > 0.9, "{auroc}");
}
