use crate::support::Bench;

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
        ("--epsilon 0", 2, "epsilon"),
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
    ] {
        let run = bench.run(&format!("train {source} --out m {options}"));
        run.refused(2, &[says]);
    }
    assert!(!bench.path("m").exists());
}
