use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a small training set in it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

/// Deterministic letters without a pattern.
pub(crate) fn letters(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length).map(|_| ['A', 'C', 'G', 'T'][(draw() >> 33) as usize % 4]).collect()
}

/// The reverse complement of letters, in upper case.
pub(crate) fn turned(window: &str) -> String {
    let complement = |letter: char| match letter.to_ascii_uppercase() {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        other => other,
    };
    window.chars().rev().map(complement).collect()
}

impl Bench {
    /// 60 positives with CACGTGAC in the middle, 60 negatives without.
    pub(crate) fn new() -> Self {
        Self::of(60)
    }

    /// As many positives, and as many negatives.
    pub(crate) fn of(records: u64) -> Self {
        let bench = Self { folder: TempDir::new().unwrap() };
        let (mut pos, mut neg, mut seq) = (String::new(), String::new(), String::from("FoldID\tEventID\tseq\tBound\n"));
        for i in 0..records {
            let random = letters(i + 1, 60);
            let planted = format!("{}CACGTGAC{}", &random[..20], &random[28..]);
            writeln!(pos, ">p{i}\n{planted}").unwrap();
            writeln!(neg, ">n{i}\n{}", letters(i + 1_000_000, 60)).unwrap();
            writeln!(seq, "A\ts{i}\t{planted}\t1").unwrap();
        }
        bench.write("pos.fa", &pos);
        bench.write("neg.fa", &neg);
        bench.write("set.seq", &seq);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program in the folder; words are split at spaces.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ckn"));
        command.args(words.split_whitespace()).current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, words: &str) -> Run {
        Run::new(self.command(words).output().unwrap())
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn run_with_input(&self, words: &str, input: &[u8]) -> Run {
        let mut child =
            self.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The program may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::new(child.wait_with_output().unwrap())
    }

    /// A trained model of few epochs.
    pub(crate) fn train(&self, more: &str) -> Run {
        self.run(&format!("train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 4 -q {more}"))
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }

    /// Checks the exit code, that standard error says all these words, and that nothing was said or printed in vain.
    pub(crate) fn refused(self, status: i32, says: &[&str]) -> Self {
        assert_eq!(self.status, status, "{}", self.stderr);
        assert!(self.stdout.is_empty(), "{}", self.stdout);
        for word in says {
            assert!(self.stderr.contains(word), "no `{word}` in: {}", self.stderr);
        }
        // One message, and each cause in it once.
        let message = self.stderr.lines().last().unwrap_or_default();
        let parts: Vec<&str> = message.split(": ").collect();
        let repeated = parts.iter().enumerate().any(|(index, part)| parts[..index].contains(part));
        assert!(!repeated && !self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// The cell of a column in the first row.
    pub(crate) fn cell(&self, column: &str) -> String {
        self.cell_of(0, column)
    }

    /// The cell of a column in a row, counted from 0.
    pub(crate) fn cell_of(&self, row: usize, column: &str) -> String {
        let mut lines = self.stdout.lines();
        let at = lines.next().unwrap().split('\t').position(|name| name == column).unwrap();
        lines.nth(row).unwrap().split('\t').nth(at).unwrap().to_owned()
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn read(path: impl AsRef<Path>) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Checks that a scan of the model `m` over records of one window each says what `predict` says of them.
pub(crate) fn windows_score_as_sequences(bench: &Bench) {
    let (predicted, scanned) =
        (bench.run("predict m pos.fa").ok().stdout, bench.run("scan m pos.fa --threshold -1000").ok().stdout);
    let score = |line: &str, column: usize| line.split('\t').nth(column).unwrap().parse::<f64>().unwrap();
    let predicted: Vec<f64> = predicted.lines().skip(1).map(|line| score(line, 1)).collect();
    let scanned: Vec<f64> = scanned.lines().map(|line| score(line, 4)).collect();
    assert_eq!(predicted.len(), scanned.len());
    for (predicted, scanned) in predicted.iter().zip(&scanned) {
        assert!((predicted - scanned).abs() < 2e-4, "{predicted} {scanned}");
    }
}
