//! Motifs of models without anchor points, on the command line.

use std::fmt::Write as _;

use ckn::bio::simulate::{PlantedStrands, Positions};

use crate::motifs::{bench, likeness, motif};
use crate::support::{Bench, letters, read};

const TEST: &str = "--pos test_pos.fa --neg test_neg.fa";

#[test]
fn a_planted_motif_is_found_in_the_scores_and_in_the_words_of_a_machine() {
    let planted = motif("TGACRTCATG", 0.9);
    let bench = bench(std::slice::from_ref(&planted), PlantedStrands::Both, Positions::Uniform);
    bench.run("train --pos train_pos.fa --neg train_neg.fa --model exact --profile gapped:9,6 --out m -q").ok();
    let run = bench.run(&format!("motifs m {TEST} --out found")).ok();
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    let (correlation, information) = likeness(&bench.found("found")[0], &planted);
    assert!(correlation > 0.95 && (0.8..=1.2).contains(&information), "{correlation} {information}");
    assert_eq!(
        (run.cell("anchors"), run.cell("function"), run.cell("positives")),
        ("NA".into(), "NA".into(), "100".into())
    );
    assert!(run.cell("q_value").parse::<f64>().unwrap() < 1e-20 && run.cell("weight").parse::<f64>().unwrap() > 0.0);
    assert!(run.cell("uniqueness").parse::<f64>().unwrap() > 0.2);
    bench.run(&format!("motifs m {TEST} --out again --threads 1")).ok();
    assert_eq!(read(bench.path("found/motifs.tsv")), read(bench.path("again/motifs.tsv")));

    let run = bench.run("motifs m --out words").ok();
    let (correlation, information) = likeness(&bench.found("words")[0], &planted);
    assert!(correlation > 0.9 && (0.6..=1.4).contains(&information), "{correlation} {information}");
    assert_eq!((run.cell("q_value"), run.cell("sites")), ("NA".into(), "NA".into()));
    bench.run("motifs m --by projection --out no").refused(2, &["kernel-machine", "--by contributions or function"]);
    bench.run(&format!("motifs m {TEST} --by sites --out no")).refused(2, &["without anchor points"]);
    bench.run("motifs m --by contributions --out no").refused(2, &["--by contributions searches sequences"]);

    // A network by what letters add to its scores.
    bench.run("train --pos train_pos.fa --neg train_neg.fa --epochs 15 --out network -q").ok();
    let run = bench.run(&format!("motifs network {TEST} --by contributions --restart m --out letters")).ok();
    let (correlation, _) = likeness(&bench.found("letters")[0], &planted);
    assert!(correlation > 0.95 && run.cell("restarts") == "1/1", "{}", run.stdout);
}

#[test]
fn a_machine_has_no_motif_where_there_is_none() {
    let bench = bench(&[], PlantedStrands::Both, Positions::Uniform);
    bench.run("train --pos train_pos.fa --neg train_neg.fa --model exact --profile gapped:9,6 --out m -q").ok();
    for words in ["motifs m --out a".to_owned(), format!("motifs m {TEST} --out b")] {
        let run = bench.run(&words).ok();
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
        assert!(run.stderr.contains("no motif"), "{}", run.stderr);
    }
}

#[test]
fn reports_on_models_without_anchor_points_show_motifs_and_examples() {
    let bench = Bench::new();
    bench.run("train --auto --pos pos.fa --neg neg.fa --budget 0 -q --out m --report trained").ok();
    bench.run("report m --out bare.html -q").ok();
    let text = |name: &str| String::from_utf8(read(bench.path(name))).unwrap();
    for page in [text("bare.html"), text("trained/report.html")] {
        assert!(page.contains("Logo") || page.contains("motif-1"), "{page}");
    }
    assert!(text("bare.html").contains("Read from what words of letters add to the score"));
    // The training has sequences, which the model knows.
    assert!(text("trained/report.html").contains("p-values of motifs that it shows are too small"));
    let meme = text("trained/motifs.meme");
    assert!(meme.contains("MOTIF motif_1"), "{meme}");
    let (mut pos, mut neg) = (String::new(), String::new());
    for i in 0..60 {
        let random = letters(i + 500, 60);
        writeln!(pos, ">p{i}\n{}CACGTGAC{}", &random[..30], &random[38..]).unwrap();
        writeln!(neg, ">n{i}\n{}", letters(i + 3_000, 60)).unwrap();
    }
    bench.write("test_pos.fa", &pos);
    bench.write("test_neg.fa", &neg);
    bench.run(&format!("report m {TEST} --out r.html -q")).ok();
    let page = text("r.html");
    for known in ["CACGTGAC", "A site adds to the score", "AUROC lost without it", "With the score of unknown letters"]
    {
        assert!(page.contains(known), "{known}");
    }
    assert!(!page.contains("Anchor points"));
}

#[test]
fn machines_of_classes_are_read_output_by_output_and_rna_on_one_strand() {
    let bench = Bench::new();
    let mut table = String::from("sequence\tlabel\n");
    let words = ["CACGTGAC", "TTAGGCAT", "GGATTACA"];
    for i in 0..150usize {
        let random = letters(i as u64 + 1, 50);
        writeln!(table, "{}{}{}\t{}", &random[..20], words[i % 3], &random[28..], i % 3).unwrap();
    }
    bench.write("classes.tsv", &table);
    bench
        .run("train --tsv classes.tsv --loss multinomial --model exact --profile gapped:8,6 --alphabet rna -q --out m")
        .ok();
    for (class, word) in words.iter().enumerate() {
        let run = bench.run(&format!("motifs m --output {class} --out found{class}")).ok();
        let consensus = run.cell("consensus").replace('U', "T");
        assert!(consensus.contains(&word[1..7]), "{class}: {consensus}");
    }
    bench.run("motifs m --out no").refused(2, &["choose one by --output"]);
}
