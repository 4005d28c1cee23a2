use std::fmt::Write as _;

use crate::scan::two_bit;
use crate::support::{Bench, Run, gzip, letters, read};

/// Two chromosomes, with CACGTGAC at the summits of the peaks.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut records = Vec::new();
    let (mut genome, mut peaks, mut bed) = (String::new(), String::new(), String::from("# peaks\n"));
    for (name, seed) in [("chr1", 21), ("chr2", 22)] {
        let mut chromosome = letters(seed, 60_000);
        for peak in 0..60 {
            let summit = 600 + 900 * peak;
            chromosome.replace_range(summit - 4..summit + 4, "CACGTGAC");
            let start = summit - 50 - peak;
            writeln!(peaks, "{name}\t{start}\t{}\t.\t0\t.\t9.5\t3\t-1\t{}", start + 200, summit - start).unwrap();
            writeln!(bed, "{name}\t{}\t{}", summit - 30, summit + 30).unwrap();
        }
        write!(genome, ">{name}\n{chromosome}\n").unwrap();
        records.push((name.to_owned(), chromosome));
    }
    bench.write("genome.fa", &genome);
    bench.write("genome.fa.gz", gzip(genome.as_bytes()));
    bench.write("genome.2bit", two_bit(&records));
    bench.write("peaks.narrowPeak", &peaks);
    bench.write("peaks.bed.gz", gzip(bed.as_bytes()));
    bench
}

const WINDOWS: &str = "--bed peaks.narrowPeak --genome genome.fa --window 60";

fn train(bench: &Bench, more: &str) -> Run {
    bench.run(&format!("train --filters 4 --width 8 --epochs 10 {more}"))
}

#[test]
fn a_network_is_trained_on_windows_of_a_genome() {
    let bench = bench();
    let run = train(&bench, &format!("{WINDOWS} --negatives genome --per-positive 2 --out m")).ok();
    assert_eq!((run.cell("positives"), run.cell("negatives")), ("120".into(), "240".into()));
    assert!(run.stderr.contains("drew 240 windows of genome.fa") && run.stderr.contains("mean GC"), "{}", run.stderr);
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert!(record.contains("\"bed\": \"") && record.contains("\"genome\": \""), "{record}");
    // The same letters and the same seed give the same model, whatever the files they come from.
    for genome in ["genome.fa.gz", "genome.2bit"] {
        let words = WINDOWS.replace("genome.fa", genome);
        train(&bench, &format!("-q {words} --negatives genome --per-positive 2 --out n --force")).ok();
        let scores = |model: &str| bench.run(&format!("predict {model} {words}")).ok().stdout;
        assert_eq!(scores("m"), scores("n"), "{genome}");
    }
    train(&bench, &format!("-q {WINDOWS} --out o")).ok();
    train(&bench, "-q --bed peaks.bed.gz --genome genome.fa.gz --out p").ok();
    let scores = |model: &str| bench.run(&format!("predict {model} {WINDOWS}")).ok().stdout;
    assert!(scores("o") == scores("p") && scores("m") != scores("o"));
    assert!(scores("m").starts_with("id\tscore\nchr1:570-630\t"));
    let auroc = |more: &str| {
        let run = bench.run(&format!("evaluate m {WINDOWS} {more}")).ok();
        run.cell("auroc").parse::<f64>().unwrap()
    };
    assert!(auroc("--negatives genome --seed 7") > 0.95);
    assert!(auroc("--negatives shuffle --shuffles 2") > 0.95);
    let far: String = (0..40).map(|at| format!("chr1\t{}\t{}\n", 800 + 900 * at, 860 + 900 * at)).collect();
    bench.write("far.bed", far);
    assert!(auroc("--neg-bed far.bed") > 0.95);
}

#[test]
fn intervals_that_do_not_fit_are_refused_or_left_out() {
    let bench = bench();
    train(&bench, &format!("-q {WINDOWS} --out m")).ok();
    for (line, status, says) in [
        ("chr1\t59990\t60010\n", 3, "runs past the end of its chromosome, which has 60000 letters"),
        ("chr1\t0\t20\n", 3, "starts before chr1"),
        ("2\t600\t700\n", 3, "it has `chr2`"),
        ("chr1\t700\t600\n", 3, "start 700 is not before end 600"),
        ("chr1\t-700\t600\n", 3, "column 2 holds `-700`"),
        ("chr1\t700\n", 3, "2 columns"),
    ] {
        bench.write("odd.bed", format!("chr1\t500\t600\n{line}"));
        let words = "--bed odd.bed --genome genome.fa --window 60";
        for command in [format!("predict m {words} --out s"), format!("train {words} --epochs 1 -q --out s")] {
            bench.run(&command).refused(status, &["odd.bed", "line 2", says]);
            assert!(!bench.path("s").exists());
        }
        if !says.contains("column") {
            let run = bench.run(&format!("predict m {words} --drop-unfit")).ok();
            assert_eq!(run.stdout.lines().count(), 2, "{line}");
            assert!(run.stderr.contains("left out 1 of 2 intervals"), "{}", run.stderr);
        }
    }
    bench.write("twice.bed", "chr1\t500\t600\nchr1\t500\t600\n");
    let run = bench.run("predict m --bed twice.bed --genome genome.fa");
    run.refused(3, &["`chr1:500-600` (twice.bed, record 1, line 1)", "line 2", "--allow-duplicates"]);
    bench.write("one.bed", "chr1\t0\t59999\nchr2\t0\t59999\n");
    let run = bench.run("train --bed one.bed --genome genome.fa --negatives genome --epochs 1 -q --out s");
    run.refused(3, &["genome.fa", "no window", "--gc-tolerance"]);
}

#[test]
fn useless_words_about_intervals_and_negatives_are_refused() {
    let bench = bench();
    for (words, says) in [
        ("--bed peaks.narrowPeak", "--genome"),
        ("--genome genome.fa", "--bed"),
        ("--pos pos.fa --window 60", "--bed"),
        ("--pos pos.fa --drop-unfit", "--bed"),
        ("--pos pos.fa --bed peaks.narrowPeak --genome genome.fa", "cannot be used with"),
        ("--pos pos.fa --negatives genome", "give --bed and --genome"),
        ("--bed - --genome -", "only once"),
        ("--pos pos.fa --gc-tolerance 0.1", "--negatives genome"),
        ("--pos pos.fa --gc-tolerance 2", "between 0 and 1"),
        ("--pos pos.fa --per-positive 0 --negatives shuffle", "--per-positive 0"),
        ("--pos pos.fa --per-positive 2 --shuffles 2", "cannot be used with"),
        ("--pos pos.fa --neg neg.fa --per-positive 2", "the data have some"),
    ] {
        bench.run(&format!("train {words} --out m")).refused(2, &[says]);
    }
    for (options, says) in [("--shuffles 2", "--per-positive"), ("--shuffle-k 3", "--shuffle-k has no effect")] {
        bench.run(&format!("train {WINDOWS} --negatives genome {options} --out m")).refused(2, &[says]);
    }
    bench.train("--out m").ok();
    bench.run("evaluate m --pos pos.fa --per-positive 2").refused(2, &["without --negatives"]);
    bench.run("evaluate m --pos pos.fa --seed 2").refused(2, &["--negatives"]);
    bench.run("predict m pos.fa --bed peaks.narrowPeak --genome genome.fa").refused(2, &["cannot be used with"]);
    bench.run("predict m").refused(2, &["FILE"]);
    let run =
        bench.run_with_input("train --bed peaks.narrowPeak --genome - --negatives genome --out g", b">chr1\nACGT\n");
    assert!(run.status == 2 || run.status == 3, "{}", run.stderr);
}
