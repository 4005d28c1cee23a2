use crate::support::{Bench, letters, read};

#[test]
fn mistakes_on_the_command_line_are_named() {
    let bench = Bench::new();
    for (more, status, says) in [
        ("--device quantum", 4, "quantum"),
        ("--device gpu:77 --engine reference", 4, if cfg!(feature = "tensors") { "gpu:77" } else { "tensors" }),
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
        ("--epsilon 0", 2, "epsilon"),
        ("--width 8,auto --filters 4,4", 2, "--width: auto is for the first layer"),
        ("--sigma 0.3,auto --filters 4,4 --width 8,3", 2, "--sigma: auto is for the first layer"),
        ("--width auto --checkpoint 10", 2, "--checkpoint belongs to one training"),
        ("--sigma auto --kernel linear", 2, "--sigma is the bandwidth"),
        ("--width auto --model deepbind", 2, "--width auto belongs to kernel networks"),
        ("--width wide", 2, "or `auto`"),
        ("--width auto --short pad", 2, "--short pad goes with a width that is given"),
        ("--letter-similarity blosum62", 2, "is of other letters than DNA"),
        ("--letter-similarity transitions:2", 2, "above 0 and at most 1"),
        ("--letter-similarity transitions:0.5 --engine reference", 2, "drop it, or --letter-similarity"),
        ("--gap-decay 1", 2, "gap decay = 1: it must be at least 0 (contiguous patches) and at most 0.999"),
        ("--gap-decay 0.3 --border same", 2, "gapped patches lie inside"),
        ("--gap-decay 0.3 --kernel linear", 2, "not exponential"),
        ("--gap-decay 0.3 --engine reference", 2, "drop it, or --gap-decay"),
        ("--learning-rate 0", 2, "learning rate"),
        ("--batch 0", 2, "batch"),
        ("--kernel gaussian", 2, "arc-cosine"),
        ("--device gpu:77 --engine slices", 2, "slices"),
    ] {
        let words = format!("train --pos pos.fa --neg neg.fa --epochs 1 --out m {more}");
        bench.run(&words).refused(status, &[says]);
        assert!(!bench.path("m").exists(), "{more}");
    }
    bench.run("train --out m").refused(2, &["--pos"]);
    bench.run("train --pos - --neg - --out m").refused(2, &["standard input"]);
}

#[test]
fn options_without_effect_are_refused() {
    let bench = Bench::new();
    let negatives = "--pos pos.fa --neg neg.fa";
    for (source, options, says) in [
        (negatives, "--unsupervised --batch 8", "--batch"),
        (negatives, "--unsupervised --patience 8", "--patience"),
        (negatives, "--epochs 0 --learning-rate 0.01", "--learning-rate"),
        (negatives, "--epochs 0 --early-stop 3", "--early-stop"),
        (negatives, "--epochs 3 --unsupervised", "--unsupervised"),
        (negatives, "--shuffles 2", "--shuffles"),
        (negatives, "--shuffle-k 3", "--shuffle-k"),
        ("--pos pos.fa", "--shuffles 0 --shuffle-k 3", "--shuffle-k"),
        (negatives, "--subsampling 2", "--subsampling"),
        (negatives, "--kernel linear --sigma 0.5", "--sigma"),
        (negatives, "--mode all", "--mode"),
        (negatives, "--unsupervised --engine reference", "--engine"),
        (negatives, "--unsupervised --device flex", "--device"),
        (negatives, "--learn-sigma --engine reference", "--learn-sigma"),
        (negatives, "--learn-sigma --kernel linear", "--learn-sigma"),
        (negatives, "--width 8 --budget 3", "--budget"),
        (negatives, "--model exact --gap-decay 0.3", "--gap-decay"),
        (negatives, "--model exact --letter-similarity transitions:0.5", "--letter-similarity"),
        ("--task a=pos.fa --task b=neg.fa", "--mode top", "--mode"),
        ("--task a=pos.fa --task b=neg.fa", "--per-positive 2", "--per-positive"),
    ] {
        let run = bench.run(&format!("train {source} --out m {options}"));
        run.refused(2, &[says]);
    }
    assert!(!bench.path("m").exists());
    bench.train("--out model").ok();
    for (words, says) in [
        ("scan model pos.fa --seed 1", "--fpr"),
        ("scan model pos.fa --p-value 0.1", "--motifs"),
        ("scan --motifs m.meme pos.fa --length 9", "--length"),
        ("evaluate model --pos pos.fa --neg neg.fa --shuffles 2", "--negatives"),
        ("motifs model --shuffles 2 --out found", "without sequences"),
        ("report model --allow-duplicates --out page", "without sequences"),
        ("variants model --vcf a --genome pos.fa --null 0 --seed 1", "--null"),
        ("split --pos pos.fa --neg neg.fa --by chromosome --test chr1 --seed 1 --out s", "--seed"),
    ] {
        bench.run(words).refused(2, &[says]);
    }
}

#[test]
fn deeper_layers_have_a_bandwidth_of_their_own() {
    let bench = Bench::new();
    for (options, sigmas) in [("", [0.3, 0.6]), ("--sigma 0.4", [0.4, 0.6]), ("--sigma 0.4,0.5", [0.4, 0.5])] {
        let train = "train --pos pos.fa --neg neg.fa --filters 4,4 --width 8,3 --epochs 1 -q --force --out m";
        bench.run(&format!("{train} {options}")).ok();
        let record: serde_json::Value = serde_json::from_slice(&read(bench.path("m.run.json"))).unwrap();
        let layers = record["network"]["layers"].as_array().unwrap();
        let found: Vec<f64> = layers.iter().map(|layer| layer["kernel"]["sigma"].as_f64().unwrap()).collect();
        assert_eq!(found, sigmas, "{options}");
    }
}

#[test]
fn peptides_shorter_than_a_filter_are_trained_on_or_named() {
    let bench = Bench::new();
    let mut table = String::from("sequence\tlabel\nKWKL\t1\nGGAV\t0\n");
    for record in 0..30u64 {
        let random = letters(record + 1, 12);
        table += &format!("{}KWKL{random}\t1\n{random}{random}\t0\n", &random[..4]);
    }
    bench.write("four.tsv", &table);
    let train = "--alphabet protein -q --out m";
    bench.run(&format!("train --tsv four.tsv --width 6 --border same --epochs 1 {train}")).ok();
    bench.run("predict m four.tsv").ok();
    bench.write("two.tsv", table.replace("GGAV", "GG"));
    // A kernel of four letters sees no window of it, a network with windows around every letter does.
    bench.run(&format!("train --auto --budget 0 --tsv two.tsv --force {train}")).ok();
    bench.run("predict m two.tsv").ok();
}
