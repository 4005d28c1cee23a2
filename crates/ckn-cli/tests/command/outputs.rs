use std::fs::File;
use std::process::Stdio;

use crate::support::{Bench, Run, read};

#[test]
fn outputs_are_never_overwritten_unasked_nor_left_half_written() {
    let bench = Bench::new();
    bench.write("m", "precious");
    let before = bench.files();
    let run = bench.train("--out m");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(read(bench.path("m")), b"precious");
    let run = bench.train("--out missing/m");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("missing"), "{}", run.stderr);
    assert_eq!(bench.train("--out .").status, 2);
    assert_eq!(bench.files(), before);
    bench.train("--out m --force").ok();
    assert_eq!(bench.run("predict m pos.fa --out pos.fa").status, 2);
}

#[test]
fn no_output_replaces_what_the_command_reads_or_writes_otherwise() {
    let bench = Bench::new();
    let before = read(bench.path("pos.fa"));
    bench.train("--out ./pos.fa --force").refused(2, &["pos.fa", "twice"]);
    bench.train("--out m --scores m").refused(2, &["twice"]);
    bench.train("--out m --scores m.run.json").refused(2, &["twice"]);
    bench.write("m.run.json", "precious");
    bench.train("--out m").refused(2, &["m.run.json", "--force"]);
    bench.run("shuffle pos.fa --out pos.fa --force").refused(2, &["twice"]);
    assert_eq!((read(bench.path("pos.fa")), read(bench.path("m.run.json"))), (before, b"precious".to_vec()));
    bench.train("--out m --force").ok();
    bench.run("predict m pos.fa --out m --force").refused(2, &["twice"]);
}

#[test]
#[cfg(unix)]
fn files_are_as_readable_as_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let mode = |name: &str| std::fs::metadata(bench.path(name)).unwrap().permissions().mode();
    bench.train("--out m --scores s").ok();
    bench.run("predict m pos.fa --out p").ok();
    for name in ["m", "m.run.json", "s", "p"] {
        assert_eq!(mode(name), mode("pos.fa"), "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn places_that_cannot_be_written_are_a_mistake_of_the_command_line() {
    let bench = Bench::new();
    bench.train("--out /proc/m").refused(2, &["/proc/m cannot be written", "elsewhere"]);
    bench.train("--out /dev/full").refused(2, &["device"]);
    bench.train("--out m --scores /dev/full").refused(2, &["/dev/full cannot be written", "No space left"]);
    // Written before the scores were, and whole.
    bench.run("predict m pos.fa --out p").ok();
    bench.run("predict m pos.fa --out /dev/full").refused(2, &["/dev/full cannot be written", "make space"]);
    bench.run("predict m pos.fa --out /dev/null").ok();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for words in ["predict m pos.fa", "evaluate m --pos pos.fa --neg neg.fa", "shuffle pos.fa", "completions bash"] {
        let run = Run::new(bench.command(words).stdout(full()).output().unwrap());
        run.refused(2, &["standard output cannot be written", "No space left"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_has_to_listen() {
    let bench = Bench::new();
    let words = "train --pos pos.fa --filters 4 --width 8 --epochs 2 --force --out m";
    let full = Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    assert_eq!(bench.command(words).stderr(full).output().unwrap().status.code(), Some(0));
    let script = format!("exec {} {words} 2>&- >&-", env!("CARGO_BIN_EXE_ckn"));
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", &script]).current_dir(bench.folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let mut child = bench.command("predict m pos.fa").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output);
}
