//! Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::{Bench, read};

#[test]
fn an_interrupted_training_leaves_its_best_epoch() {
    let bench = Bench::new();
    let words = "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 1000000 --out m";
    let mut child = bench.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    // The training has begun once the anchors are placed.
    while !line.contains("k-means") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it began");
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest}");
    assert!(rest.contains("interrupted"), "{rest}");
    assert!(String::from_utf8(output.stdout).unwrap().lines().count() == 2);
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert!(record.contains("\"stopped\": \"interrupted\""), "{record}");
    bench.run("predict m pos.fa").ok();
}

#[test]
fn a_search_that_is_told_to_end_leaves_the_best_of_what_it_tried() {
    let bench = Bench::new();
    let words = "train --auto --pos pos.fa --neg neg.fa --out m";
    let mut child = bench.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    // The second candidate is a network.
    while !line.contains("trial 1/") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it began");
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{rest}");
    assert!(rest.contains("ended before its last candidate") && rest.contains("chose exact kernel"), "{rest}");
    let record = String::from_utf8(read(bench.path("m.run.json"))).unwrap();
    assert!(record.contains("\"stopped\": \"interrupted\"") && record.contains("\"trials\""), "{record}");
    bench.run("predict m pos.fa").ok();
}
