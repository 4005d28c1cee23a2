//! Machines on exact kernels on the command line.

use std::fmt::Write as _;

use crate::support::{Bench, letters, read};

const TRAIN: &str = "train --pos pos.fa --neg neg.fa --model exact --out m";

#[test]
fn a_machine_is_trained_described_evaluated_and_predicted_with() {
    let bench = Bench::new();
    let run = bench.run(&format!("{TRAIN} --profile gapped:8,6 --scores s")).ok();
    assert!(run.stderr.contains("penalty 1 (") && run.stderr.contains("AUROC"), "{}", run.stderr);
    assert_eq!((run.cell("records"), run.cell("best_epoch")), ("120".to_owned(), "NA".to_owned()));
    assert!(run.cell("validation_auroc").parse::<f64>().unwrap() > 0.9);
    let auroc: f64 = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok().cell("auroc").parse().unwrap();
    assert!(auroc > 0.97, "{auroc}");
    let training = String::from_utf8(read(bench.path("s"))).unwrap();
    let predicted = bench.run("predict m pos.fa").ok().stdout;
    let of = |line: &str, column: usize| line.split('\t').nth(column).unwrap().to_owned();
    assert_eq!(of(training.lines().nth(1).unwrap(), 2), of(predicted.lines().nth(1).unwrap(), 1));
    let info = bench.run("info m").ok().stdout;
    for says in ["kind\tkernel-machine", "gapped-kmer", "informative\t6", "both_strands\tyes", "measured.l2\t"] {
        assert!(info.contains(says), "{says}: {info}");
    }
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("m.run.json"))).unwrap();
    assert_eq!(record["network"]["kernels"][0]["width"], 8);
    assert!(record["penalties"].as_array().unwrap().iter().any(|trial| trial["chosen"] == true));
    assert_eq!(record["training"]["l2"], "auto");
    // Without a window, or without a known letter, the score is the intercept.
    bench.write("odd.fa", ">short\nACG\n>unknown\nNNNNNNNNNNNNNNN\n");
    let odd = bench.run("predict m odd.fa").ok().stdout;
    assert_eq!(of(odd.lines().nth(1).unwrap(), 1), of(odd.lines().nth(2).unwrap(), 1));
    assert_ne!(of(odd.lines().nth(1).unwrap(), 1), of(predicted.lines().nth(1).unwrap(), 1));
}

#[test]
fn the_model_depends_on_profiles_penalty_strands_and_loss_and_not_on_the_threads() {
    let bench = Bench::of(30);
    let model = |out: &str, more: &str| {
        bench.run(&format!("{TRAIN}.{out} --profile gapped:7,5 -q {more}")).ok();
        read(bench.path(&format!("m.{out}")))
    };
    let first = model("a", "--threads 1");
    assert_eq!(first, model("b", "--threads 2"));
    for (out, more) in [
        ("c", "--l2 7"),
        ("d", "--profile exponential:6,0.3"),
        ("e", "--strands forward"),
        ("f", "--loss squared-hinge"),
        ("g", "--class-weight 3"),
    ] {
        assert_ne!(first, model(out, more), "{more}");
    }
    let info = bench.run("info m.d").ok().stdout;
    assert!(info.contains("architecture.kernels.2.profile.sigma\t0.3"), "{info}");
    assert!(bench.run("info m.e").ok().stdout.contains("both_strands\tno"));
    // Where none is named, the profile follows from the sequences.
    let run = bench.run(&format!("{TRAIN} --l2 1")).ok();
    assert!(run.stderr.contains("kernel gapped:11,7"), "{}", run.stderr);
    assert_eq!(run.cell("validation_loss"), "NA");
}

#[test]
fn tasks_classes_and_measurements_are_learnt() {
    let bench = Bench::new();
    let mut tasks = String::from("id\tsequence\tlabel:word\tlabel:none\n");
    let (mut classes, mut values) = (String::from("id\tsequence\tlabel\n"), String::from("id\tsequence\tlabel\n"));
    for record in 0..90u64 {
        let random = letters(record + 7, 50);
        let class = record % 3;
        let word = ["", "CACGTGAC", "TTAACCGG"][class as usize];
        let sequence = format!("{}{word}{}", &random[..20], &random[20 + word.len()..]);
        let missing = if record % 4 == 0 { "NA".to_owned() } else { u8::from(class == 0).to_string() };
        writeln!(tasks, "r{record}\t{sequence}\t{}\t{missing}", u8::from(class == 1)).unwrap();
        writeln!(classes, "r{record}\t{sequence}\t{class}").unwrap();
        writeln!(values, "r{record}\t{sequence}\t{}", 100.0 + 5.0 * class as f64).unwrap();
    }
    bench.write("tasks.tsv", tasks);
    bench.write("classes.tsv", classes);
    bench.write("values.tsv", values);
    let options = "--model exact --profile gapped:8,6 -q --force --out m";
    let trained = bench.run(&format!("train --tasks tasks.tsv {options}")).ok();
    assert_eq!((trained.cell_of(0, "task"), trained.cell_of(1, "records")), ("word".to_owned(), "67".to_owned()));
    assert!(trained.cell_of(0, "validation_auroc").parse::<f64>().unwrap() > 0.8);
    let tested = bench.run("evaluate m --tasks tasks.tsv").ok();
    for row in 0..2 {
        assert!(tested.cell_of(row, "auroc").parse::<f64>().unwrap() > 0.9, "{}", tested.stdout);
    }
    assert!(bench.run("predict m pos.fa").ok().stdout.starts_with("id\tscore:word\tscore:none\n"));
    let single = bench.run("evaluate m --pos pos.fa --neg neg.fa --output word").ok();
    assert!(single.cell("auroc").parse::<f64>().unwrap() > 0.9);
    assert!(bench.run("info m").ok().stdout.contains("outputs\tword, none"));

    bench.run(&format!("train --tsv classes.tsv --loss multinomial {options}")).ok();
    let tested = bench.run("evaluate m --tsv classes.tsv").ok();
    assert!(tested.cell("accuracy").parse::<f64>().unwrap() > 0.9, "{}", tested.stdout);

    bench.run(&format!("train --tsv values.tsv --loss squared {options}")).ok();
    let tested = bench.run("evaluate m --tsv values.tsv").ok();
    assert!(tested.cell("pearson").parse::<f64>().unwrap() > 0.9, "{}", tested.stdout);
    let folds =
        bench.run("cv --tsv values.tsv --loss squared --model exact --profile gapped:8,6 --l2 0.1 --folds 3 -q");
    assert_eq!(folds.ok().stdout.lines().count(), 6);
}

#[test]
fn proteins_are_compared_by_a_written_matrix() {
    let bench = Bench::new();
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..60u64 {
        let random = letters(record + 3, 12);
        let (word, label) = if record % 2 == 0 { ("KWLLK", 1) } else { ("DEPSD", 0) };
        writeln!(table, "r{record}\t{}{word}{}\t{label}", &random[..4], &random[4..]).unwrap();
    }
    table.push_str("short\tKW\t1\n");
    bench.write("peptides.tsv", table);
    let run = bench.run("train --tsv peptides.tsv --alphabet protein --model exact --out m").ok();
    assert!(run.stderr.contains("kernel exponential:4,0.5") && run.stderr.contains("1 sequences are shorter"));
    let auroc: f64 = bench.run("evaluate m --tsv peptides.tsv").ok().cell("auroc").parse().unwrap();
    assert!(auroc > 0.95, "{auroc}");
}

#[test]
fn options_that_have_no_effect_or_lie_outside_their_domain_are_refused() {
    let bench = Bench::of(20);
    for (options, says) in [
        ("--filters 8", "--filters belongs to networks"),
        ("--width 8", "--width"),
        ("--sigma 0.3", "--sigma"),
        ("--pooling mean", "--pooling"),
        ("--epochs 3", "--epochs"),
        ("--unsupervised", "--unsupervised"),
        ("--validation 0.3", "--validation"),
        ("--batch 3", "--batch"),
        ("--engine slices", "--engine"),
        ("--device cpu", "--device"),
        ("--weight-decay 1", "--weight-decay belongs to --model deepbind"),
        ("--short pad", "--short has no effect"),
        ("--strands max", "--strands joins"),
        ("--l2 0", "--l2 0"),
        ("--l2 -1", "--l2"),
        ("--profile spectrum:5", "--profile"),
        ("--profile exponential:10,0", "sigma"),
        ("--profile gapped:61,7", "--profile gapped:61,7"),
        ("--loss squared --class-weight 2", "--class-weight"),
        ("--auto", "--model"),
    ] {
        bench.run(&format!("{TRAIN} {options}")).refused(2, &[says]);
    }
    bench.run("train --pos pos.fa --out m --profile gapped:8,6").refused(2, &["--profile", "--model exact"]);
    bench.run("tune --pos pos.fa --profile gapped:8,6").refused(2, &["--profile is chosen"]);
    bench.write("odd.tsv", "id\tsequence\tlabel\na\tACGTACGTACGT\t0.5\nb\tACGTACGTACGG\t1\n");
    bench.run("train --tsv odd.tsv --model exact --out m").refused(3, &["label 0.5", "--loss squared"]);
    assert!(!bench.path("m").exists());
}

#[test]
fn places_are_chosen_where_they_matter_and_such_a_model_is_read_and_scanned() {
    let bench = Bench::new();
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..160u64 {
        let random = letters(record + 5, 40);
        let place = if record % 2 == 0 { 16 } else { [10, 12, 14, 18, 20, 22][record as usize % 6] };
        writeln!(table, "r{record}\t{}CACGTTAC{}\t{}", &random[..place], &random[place + 8..], 1 - record % 2).unwrap();
    }
    bench.write("placed.tsv", &table);
    let run = bench.run("train --tsv placed.tsv --out m").ok();
    assert!(
        run.stderr.contains("chose exact kernel, width 6") && run.stderr.contains("places within 0.5"),
        "{}",
        run.stderr
    );
    let auroc: f64 = run.cell("validation_auroc").parse().unwrap();
    assert!(auroc > 0.9, "{auroc}");
    let named = bench.run("train --tsv placed.tsv --out n --model exact --profile gapped:6,4@0.5 --l2 1").ok();
    assert_eq!(named.cell("records"), "160");
    assert!(bench.run("info n").ok().stdout.contains("architecture.kernels.1.places\t0.5"));
    bench.run("kmers n --out k").refused(3, &["weighs windows by their place"]);
    // The score of a changed sequence, and of a window, is that of `predict`.
    let sequence = table.lines().nth(1).unwrap().split('\t').nth(1).unwrap().to_owned();
    let other = format!("T{}", &sequence[1..]);
    bench.write("one.fa", format!(">a\n{sequence}\n>b\n{other}\n>c\nACGT{sequence}GG\n"));
    let predicted = bench.run("predict n one.fa").ok().stdout;
    let score =
        |line: usize| -> f64 { predicted.lines().nth(line).unwrap().split('\t').nth(1).unwrap().parse().unwrap() };
    let scanned = bench.run("scan n one.fa -q --threshold -1e9 --format bedgraph").ok().stdout;
    let window = scanned.lines().find(|line| line.starts_with("a\t")).unwrap();
    let of_window: f64 = window.split('\t').nth(3).unwrap().parse().unwrap();
    assert!((of_window - score(1)).abs() < 2e-4, "{scanned} {predicted}");
    assert!(scanned.contains("\nc\t") && score(1) != score(2) && score(1) > 0.0, "{predicted}");
    bench.run("mutagenesis n one.fa --out mutants.tsv").ok();
    let mutants = String::from_utf8(read(bench.path("mutants.tsv"))).unwrap();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    let changed = mutants.lines().map(cells).find(|cells| cells[0] == "a" && cells[3] == "T").unwrap();
    let difference: f64 = changed[6].parse().unwrap();
    assert!((difference - (score(2) - score(1))).abs() < 2e-4, "{changed:?}");
    bench.run("attribute n one.fa --out letters.tsv").ok();
}
