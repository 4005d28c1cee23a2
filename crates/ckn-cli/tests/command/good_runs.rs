use crate::support::{Bench, gzip, read};

#[test]
fn prediction_repeats_the_scores_of_training_bit_for_bit() {
    let bench = Bench::new();
    for more in [
        "",
        "--pooling mean --strands max",
        "--gap-decay 0.4 --strands max",
        "--letter-similarity transitions:0.5 --strands max",
        "--letter-similarity transitions:0.5 --gap-decay 0.4 --pooling mean",
        "--filters 5,4 --width 6,2 --sigma 0.4,0.5 --epochs 1",
    ] {
        let words = format!(
            "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 3 -q --out m --scores s --force {more}"
        );
        let words =
            if more.contains("--filters") { words.replacen("--filters 4 --width 8 --epochs 3 ", "", 1) } else { words };
        bench.run(&words).ok();
        let training = String::from_utf8(read(bench.path("s"))).unwrap();
        let expected: Vec<(&str, &str)> = training
            .lines()
            .skip(1)
            .map(|line| (line.split('\t').next().unwrap(), line.split('\t').nth(2).unwrap()))
            .collect();
        let mut got = bench.run("predict m pos.fa").ok().stdout;
        got.push_str(bench.run("predict m neg.fa --threads 1").ok().stdout.split_once('\n').unwrap().1);
        let got: Vec<(&str, &str)> = got.lines().skip(1).map(|line| line.split_once('\t').unwrap()).collect();
        assert_eq!(got, expected, "{more}");
    }
}

#[test]
fn a_width_and_a_bandwidth_that_are_chosen_are_those_of_the_lowest_validation_loss() {
    let bench = Bench::new();
    let words = "train --pos pos.fa --neg neg.fa --filters 4 --epochs 3";
    let run = bench.run(&format!("{words} --width auto --sigma auto --out chosen")).ok();
    let kept = "kept the network of width";
    assert!(run.stderr.contains("network 12/12") && run.stderr.contains(kept), "{}", run.stderr);
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("chosen.run.json"))).unwrap();
    let trials = record["grid"].as_array().unwrap();
    assert_eq!(trials.len(), 12);
    let loss = |trial: &serde_json::Value| trial["loss"].as_f64().unwrap();
    let best = trials.iter().min_by(|left, right| loss(left).total_cmp(&loss(right))).unwrap();
    assert_eq!(best["chosen"], true);
    assert_eq!(trials.iter().filter(|trial| trial["chosen"] == true).count(), 1);
    assert_eq!(record["epochs"][best["best_epoch"].as_u64().unwrap() as usize]["validation_loss"], best["loss"]);
    assert_eq!(record["epochs"].as_array().unwrap().len(), record["epoch_seconds"].as_array().unwrap().len());
    // It is the network that these values, given, make.
    let (width, sigma) = (&best["width"], &best["sigma"]);
    bench.run(&format!("{words} --width {width} --sigma {sigma} --out given -q")).ok();
    assert_eq!(read(bench.path("given")), read(bench.path("chosen")));
    // Two layers, and fewer networks where sequences are short.
    bench.run("train --pos pos.fa --neg neg.fa --filters 4,3 --width auto,2 --epochs 1 --out deep -q").ok();
    let cut = |name: &str| String::from_utf8(read(bench.path(name))).unwrap().replace("CACGTGAC", "CA");
    let short = cut("pos.fa").lines().map(|line| &line[..line.len().min(13)]).collect::<Vec<_>>().join("\n");
    bench.write("short.fa", &short);
    let run = bench.run("train --pos short.fa --neg neg.fa --filters 4 --epochs 1 --width auto --out short").ok();
    assert!(run.stderr.contains("enough for 2 of 3 networks") && run.stderr.contains("network 2/2"), "{}", run.stderr);
}

#[test]
fn a_penalty_that_is_chosen_is_written_down_and_is_what_it_would_be_by_hand() {
    let bench = Bench::new();
    let words = "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 3 --pooling mean -q";
    bench.run(&format!("{words} --l2 auto --out chosen")).ok();
    let info = bench.run("info chosen").ok().stdout;
    let l2 = info.lines().find_map(|line| line.strip_prefix("measured.l2\t")).unwrap();
    bench.run(&format!("{words} --l2 {l2} --out given")).ok();
    bench.run(&format!("{words} --out usual")).ok();
    let difference = |model: &str| {
        let scores = |model: &str| -> Vec<f64> {
            let table = bench.run(&format!("predict {model} pos.fa")).ok().stdout;
            table.lines().skip(1).map(|line| line.split_once('\t').unwrap().1.parse().unwrap()).collect()
        };
        scores("chosen").iter().zip(scores(model)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    // Heads of the path start from those of stronger penalties, others from zero: they agree to the solver's tolerance.
    assert!(difference("given") < 1e-3, "{}", difference("given"));
    assert!(difference("usual") > 1.0, "{}", difference("usual"));
}

#[test]
fn the_model_depends_on_the_seed_and_not_on_the_threads() {
    // Enough sequences that there is work for several threads.
    let bench = Bench::of(400);
    for (name, options) in [("one", "--threads 1"), ("two", "--threads 2"), ("other", "--seed 7")] {
        bench.train(&format!("--engine slices {options} --out {name}")).ok();
    }
    assert_eq!(read(bench.path("one")), read(bench.path("two")));
    assert_ne!(read(bench.path("one")), read(bench.path("other")));
    assert!(bench.path("one.run.json").exists());
}

#[test]
fn a_planted_motif_is_learnt_from_every_kind_of_file() {
    let bench = Bench::new();
    bench.write("set.seq.gz", gzip(&read(bench.path("set.seq"))));
    let pos = String::from_utf8(read(bench.path("pos.fa"))).unwrap();
    let neg = String::from_utf8(read(bench.path("neg.fa"))).unwrap();
    let mut table = String::from("sequence\tlabel\n");
    for (text, label) in [(&pos, 1), (&neg, 0)] {
        for line in text.lines().filter(|line| !line.starts_with('>')) {
            table.push_str(&format!("{line}\t{label}\n"));
        }
    }
    bench.write("set.tsv", table);
    for source in ["--seq set.seq", "--seq set.seq.gz --mode top", "--pos pos.fa", "--tsv set.tsv"] {
        let words = format!("train {source} --filters 8 --width 8 --epochs 15 -q --out m --force");
        bench.run(&words).ok();
        let auroc: f64 = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok().cell("auroc").parse().unwrap();
        assert!(auroc > 0.9, "{source}: {auroc}");
    }
}

#[test]
fn the_demo_finds_its_motif() {
    let run = Bench::new().run("demo -q").ok();
    let value = |name: &str| {
        let line = run.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        line.split('\t').nth(1).unwrap().to_owned()
    };
    assert!(value("held_out_auroc").parse::<f64>().unwrap() > 0.9, "{}", run.stdout);
    assert!(value("column_correlation").parse::<f64>().unwrap() > 0.8, "{}", run.stdout);
}

#[test]
fn the_demo_of_two_motifs_shows_what_a_second_layer_sees() {
    let bench = Bench::new();
    let run = bench.run("demo --co-motifs -q --out two.ckn").ok();
    let value = |name: &str| {
        let line = run.stdout.lines().find(|line| line.split('\t').next() == Some(name)).unwrap();
        line.split('\t').nth(1).unwrap().to_owned()
    };
    let number = |name: &str| value(name).parse::<f64>().unwrap();
    assert!(number("one_layer_auroc") < 0.6 && number("two_layers_auroc") > 0.95, "{}", run.stdout);
    assert!(value("found_pair").contains(" 12 bp ") && number("q_value") < 1e-50, "{}", run.stdout);
    assert!(number("expected") < 0.1 * number("positives_arranged"), "{}", run.stdout);
    assert!(bench.path("two.ckn").exists() && !bench.path("ckn_demo").exists());
    bench.run("demo --co-motifs --report r").refused(2, &["--report"]);
}

#[test]
fn the_model_of_the_demo_can_be_kept_and_used() {
    let bench = Bench::new();
    bench.write("demo.ckn", "precious");
    bench.run("demo -q --out demo.ckn").refused(2, &["--force"]);
    bench.run("demo -q --report .").refused(2, &["--force"]);
    let table = bench.run("demo --out demo.ckn --force").ok();
    assert!(table.stderr.contains("seed 0") && table.stderr.contains("engine slices on CPU"), "{}", table.stderr);
    assert_eq!(bench.run("predict demo.ckn pos.fa").ok().stdout.lines().count(), 61);
}

#[test]
fn the_record_of_a_run_says_what_computed_it() {
    let bench = Bench::new();
    let run = bench.run("train --pos pos.fa --filters 4 --width 8 --epochs 2 --seed 5 --threads 1 --out m").ok();
    assert!(run.stderr.starts_with("ckn: engine slices on CPU, threads 1, seed 5\n"), "{}", run.stderr);
    assert!(
        run.stderr.contains("made 60 by shuffling")
            && run.stderr.contains("sequences/s")
            && run.stderr.contains("kept epoch "),
        "{}",
        run.stderr
    );
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    for word in ["\"ckn\": \"0.", "\"cores\"", "\"architecture\"", "\"--filters\"", "\"reading\"", "\"seed\": 5"] {
        assert!(record.contains(word), "no {word} in {record}");
    }
    // Of the positives alone: there was no other file.
    assert!(record.contains("\"pos\": \"") && !record.contains("\"neg\""), "{record}");
}

#[test]
fn every_command_explains_itself_with_examples() {
    let bench = Bench::new();
    for command in ["demo", "train", "predict", "scan", "evaluate", "shuffle", "split", "doctor", "completions"] {
        let help = bench.run(&format!("{command} --help")).ok().stdout;
        assert!(help.contains("Example") && help.contains(&format!("ckn {command}")), "{help}");
    }
    assert!(bench.run("--version").ok().stdout.starts_with("ckn 0."));
    assert_eq!(bench.run("").status, 2);
    assert!(bench.run("completions bash").ok().stdout.contains("_ckn"));
}

#[test]
fn a_shuffle_keeps_letters_and_names() {
    let run = Bench::new().run("shuffle pos.fa --seed 3 --number 2").ok();
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with('>')).count(), 120);
    assert!(run.stdout.starts_with(">p0_shuffled"));
}
