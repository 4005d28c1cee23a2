//! Every option of a training changes what is learnt, or is refused.

use std::collections::BTreeSet;

use crate::images;
use crate::support::{Bench, read};

/// An option and its value.
type Choice = (&'static str, &'static str);

/// Options that say where data come from, what computes and what is written.
const OTHERS: &str = "seq pos neg tsv bed unlabelled anchors genome window drop-unfit neg-bed tasks task mode allow-duplicates alphabet short \
    negatives per-positive shuffles shuffle-k gc-tolerance model auto effort budget engine device threads quiet out scores report \
    database checkpoint resume memory force help images labels limit network supervised lr";

/// Checks that the choices are all options of the command but those others.
fn check_complete(bench: &Bench, command: &str, choices: &[Choice]) {
    let help = bench.run(&format!("{command} --help")).ok().stdout;
    let options = help.split_whitespace().filter_map(|word| word.strip_prefix("--")).map(|word| {
        word.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().unwrap_or_default()
    });
    let known: BTreeSet<&str> = OTHERS.split_whitespace().chain(choices.iter().map(|(name, _)| *name)).collect();
    let unknown: Vec<&str> = options.filter(|name| !name.is_empty() && !known.contains(name)).collect();
    assert!(unknown.is_empty(), "{command}: add to the choices of this test: {unknown:?}");
}

/// Runs with each choice: it is refused with the option's name, or the outcome is another than without it.
fn check_effects(
    context: &str,
    choices: &[Choice],
    outcome: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Vec<&'static str> {
    let without = outcome(context).unwrap();
    let mut refused = Vec::new();
    for (name, value) in choices.iter().filter(|(name, _)| !context.contains(&format!("--{name} "))) {
        match outcome(&format!("{context}--{name} {value}")) {
            Ok(with) => assert!(with != without, "{context}--{name} {value} changes nothing"),
            Err(message) => {
                assert!(message.contains(&format!("--{name}")), "{context}--{name} {value}: {message}");
                refused.push(*name);
            }
        }
    }
    refused
}

const OF_SEQUENCES: [Choice; 32] = [
    ("filters", "5"),
    ("width", "9"),
    ("sigma", "0.5"),
    ("pooling", "mean"),
    ("strands", "mean"),
    ("gap-decay", "0.3"),
    ("letter-similarity", "transitions:0.5"),
    ("kernel", "linear"),
    ("subsampling", "3"),
    ("border", "same"),
    ("regularisation", "reference"),
    ("epsilon", "0.05"),
    ("loss", "squared-hinge"),
    ("l2", "1"),
    ("class-weight", "3"),
    ("learn-sigma", ""),
    ("epochs", "2"),
    ("unsupervised", ""),
    ("batch", "16"),
    ("learning-rate", "0.02"),
    ("patience", "0"),
    ("early-stop", "1"),
    ("validation", "0.4"),
    ("selection", "refitted"),
    ("no-refit", ""),
    ("standardise", ""),
    ("patches", "50"),
    ("calibrations", "1"),
    ("weight-decay", "0.1"),
    ("dropout", "0.5"),
    ("initial-deviation", "0.3"),
    ("profile", "gapped:6,4"),
];

#[test]
fn each_option_of_a_training_changes_the_scores_or_is_refused() {
    let bench = Bench::of(40);
    check_complete(&bench, "train", &[&OF_SEQUENCES[..], &[("seed", "1")]].concat());
    let outcome = |options: &str| {
        let run = bench.run(&format!("train --pos pos.fa --neg neg.fa -q --force --out m --scores s {options}"));
        if run.status == 2 {
            return Err(run.stderr);
        }
        run.ok();
        // An epoch that is not the best leaves no trace in the model.
        let record: serde_json::Value = serde_json::from_slice(&read(bench.path("m.run.json"))).unwrap();
        Ok([read(bench.path("s")), record["epochs"].to_string().into_bytes()].concat())
    };
    let refused = check_effects("--filters 4 --width 8 --epochs 12 --learning-rate 2 ", &OF_SEQUENCES, outcome);
    let of_others = ["calibrations", "weight-decay", "dropout", "initial-deviation", "profile"];
    assert_eq!(refused, [&["subsampling", "unsupervised"][..], &of_others].concat());
    let refused = check_effects("--filters 4,4 --width 8,3 --unsupervised ", &OF_SEQUENCES, outcome);
    let of_passes = ["learn-sigma", "epochs", "batch", "learning-rate", "patience", "early-stop", "selection"];
    assert_eq!(refused, [&of_passes[..], &of_others].concat());
    let deepbind = "--model deepbind --calibrations 0 --filters 4 --width 8 --epochs 12 --learning-rate 0.5 ";
    let of_kernels = "sigma pooling gap-decay letter-similarity kernel subsampling border regularisation epsilon l2 class-weight learn-sigma unsupervised \
                      selection no-refit standardise patches profile";
    let refused = check_effects(deepbind, &OF_SEQUENCES, outcome);
    assert_eq!(refused, of_kernels.split_whitespace().collect::<Vec<_>>());
    let of_machines = ["loss", "l2", "class-weight", "profile"];
    let refused = check_effects("--model exact --l2 3 ", &OF_SEQUENCES, outcome);
    assert!(OF_SEQUENCES.iter().all(|(name, _)| of_machines.contains(name) != refused.contains(name)), "{refused:?}");
}

#[test]
fn a_search_leaves_no_option_of_a_model() {
    let bench = Bench::of(40);
    for command in ["train --auto --out m", "tune", "cv --auto"] {
        for (name, value) in OF_SEQUENCES {
            let run = bench.run(&format!("{command} --pos pos.fa --neg neg.fa --{name} {value}"));
            run.refused(2, &[&format!("--{name} is chosen by --auto")]);
        }
    }
}

const OF_IMAGES: [Choice; 10] = [
    ("cost", "0.001"),
    ("patches", "60"),
    ("iterations", "3"),
    ("epochs", "1"),
    ("batch", "8"),
    ("optimiser", "sgd"),
    ("learning-rate", "0.1"),
    ("all-images", ""),
    ("shift", "2"),
    ("flip", ""),
];

#[test]
fn each_option_of_a_training_on_images_changes_the_scores_or_is_refused() {
    let bench = images::bench();
    // Without a lower error for so many passes, which few images do not show.
    check_complete(&bench, "image train", &[&OF_IMAGES[..], &[("seed", "1"), ("patience", "1")]].concat());
    let train = "image train --images train-images --labels train-labels";
    let outcome = |options: &str| {
        let run = bench.run(&format!("{train} --force --out m.ckn {options}"));
        if run.status == 2 {
            return Err(run.stderr);
        }
        // A pass that is no better than the start is put back.
        let passes = run.ok().stderr.lines().filter(|line| line.contains("objective")).collect::<String>();
        let scores = bench.run("image predict m.ckn --images test-images --scores").ok().stdout;
        Ok((passes + &scores).into_bytes())
    };
    let with_labels = ["epochs", "batch", "optimiser", "learning-rate", "all-images", "shift", "flip"];
    assert_eq!(check_effects("--network small.toml ", &OF_IMAGES, outcome), with_labels);
    assert_eq!(
        check_effects("--network points.toml ", &OF_IMAGES, outcome),
        [&["iterations"][..], &with_labels].concat()
    );
    let supervised = "--network points.toml --supervised --epochs 2 ";
    assert_eq!(check_effects(supervised, &OF_IMAGES, outcome), ["iterations"]);
    for none in ["--supervised --epochs 0", "--patience 2", "--supervised --epochs 0 --flip"] {
        assert!(outcome(&format!("--network points.toml {none}")).is_err(), "{none}");
    }
    bench.run("image evaluate m.ckn --images train-images --seed 1").refused(2, &["--seed", "--limit"]);
}
