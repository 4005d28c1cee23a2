//! Trainings that go on after a break.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::images;
use crate::support::{Bench, letters, read};

const TRAIN: &str = "train --pos pos.fa --neg neg.fa --filters 6 --width 8 --pooling mean --batch 8 --patience 2 --early-stop 100000 \
    --learn-sigma --strands max --epochs";

/// Runs until a line says something, and sends a signal.
fn end_at(bench: &Bench, words: &str, said: &str, signal: &str) -> Child {
    let mut child = bench.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(said) {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it said `{said}`");
    }
    std::thread::sleep(Duration::from_millis(150));
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    // Whoever writes to a pipe that nobody reads is ended by another signal.
    std::io::copy(&mut lines, &mut std::io::sink()).unwrap();
    child
}

#[test]
fn a_training_that_was_interrupted_ends_as_if_it_had_not_been() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} 400 --out whole")).ok();
    assert!(!bench.path("whole.checkpoint").exists());
    let status = end_at(&bench, &format!("{TRAIN} 400 --out m"), "k-means", "-INT").wait().unwrap();
    assert_eq!(status.code(), Some(130));
    // Its best so far can be used, and is another model.
    assert_ne!(read(bench.path("m")), read(bench.path("whole")));
    let run = bench.run(&format!("{TRAIN} 400 --out m --resume")).ok();
    assert!(run.stderr.contains("going on after epoch"), "{}", run.stderr);
    assert_eq!(read(bench.path("m")), read(bench.path("whole")));
    assert!(!bench.path("m.checkpoint").exists());
}

#[test]
fn a_training_that_was_killed_ends_as_if_it_had_not_been() {
    let bench = Bench::new();
    bench.run(&format!("{TRAIN} 400 --out whole")).ok();
    let often = format!("{TRAIN} 400 --checkpoint 0.001 --out m");
    for _ in 0..2 {
        end_at(&bench, &format!("{often} --resume"), "k", "-KILL").wait().unwrap();
        assert!(!bench.path("m").exists() && bench.path("m.checkpoint").exists());
    }
    bench.run(&format!("{often} --resume")).ok();
    assert_eq!(read(bench.path("m")), read(bench.path("whole")));
    let left: Vec<String> = bench.files().into_iter().filter(|name| name.contains("checkpoint")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_training_from_given_anchor_points_goes_on_from_these_alone() {
    let bench = Bench::new();
    for (seed, name) in ["filters", "others"].iter().enumerate() {
        bench.run(&format!("train --unlabelled pos.fa --filters 4 --width 8 --seed {seed} --out {name} -q")).ok();
    }
    let train = "train --pos pos.fa --neg neg.fa --anchors filters --early-stop 100000 --out m --epochs";
    end_at(&bench, &format!("{train} 1000000"), "to fit on", "-INT").wait().unwrap();
    let run = bench.run(&format!("{train} 1 --resume").replace("filters", "others"));
    assert!(run.status == 3 && run.stderr.contains("other data or settings"), "{}", run.stderr);
    bench.run(&format!("{train} 1 --resume")).ok();
}

#[test]
fn what_is_no_checkpoint_of_this_training_is_refused() {
    let bench = Bench::new();
    let train = format!("{TRAIN} 30 --out m");
    end_at(&bench, &format!("{TRAIN} 1000000 --out m"), "k-means", "-INT").wait().unwrap();
    // Not silently over it, and not from it with other settings or data.
    let run = bench.run(&train);
    assert!(run.status == 2 && run.stderr.contains("--resume"), "{}", run.stderr);
    let run = bench.run(&format!("{train} --resume --l2 0.5"));
    assert!(run.status == 3 && run.stderr.contains("other data or settings"), "{}", run.stderr);
    let other: String = (0..60).map(|i| format!(">n{i}\n{}\n", letters(i + 5_000, 60))).collect();
    bench.write("other.fa", other);
    let run = bench.run(&format!("{train} --resume").replace("neg.fa", "other.fa"));
    assert!(run.status == 3 && run.stderr.contains("other data or settings"), "{}", run.stderr);

    let whole = read(bench.path("m.checkpoint"));
    for cut in [0, 3, 16, 40, 79, 80, whole.len() / 2, whole.len() - 1] {
        bench.write("m.checkpoint", &whole[..cut]);
        let run = bench.run(&format!("{train} --resume"));
        assert!(run.status == 3 && run.stderr.contains("m.checkpoint"), "{cut}: {} {}", run.status, run.stderr);
    }
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        bench.write("m.checkpoint", damaged);
        let run = bench.run(&format!("{train} --resume"));
        assert!(run.status == 3 && run.stderr.contains("m.checkpoint"), "{at}: {} {}", run.status, run.stderr);
    }
    bench.run(&format!("{train} --force")).ok();
    // Where there is none, from the beginning; where there can be none, not at all.
    let run = bench.run(&format!("{} --resume", train.replace("--out m", "--out n"))).ok();
    assert!(run.stderr.contains("from the beginning"), "{}", run.stderr);
    assert_eq!(read(bench.path("m")), read(bench.path("n")));
    for words in ["--auto", "--model exact", "--model deepbind", "--filters 4 --width 8 --unsupervised"] {
        let run = bench.run(&format!("train --pos pos.fa --neg neg.fa --out x --resume {words}"));
        assert!(run.status == 2 && run.stderr.contains("--resume"), "{words}: {}", run.stderr);
    }
}

#[test]
fn passes_over_images_that_are_interrupted_leave_the_best() {
    let bench = images::bench();
    let train = "image train --images train-images --labels train-labels --patches 4000 --network points.toml --supervised \
        --patience 100000 --epochs 100000 --out s.ckn";
    let status = end_at(&bench, train, "pass 2: objective", "-INT").wait().unwrap();
    assert_eq!(status.code(), Some(130));
    bench.run("image evaluate s.ckn --images test-images --labels test-labels").ok();
}
