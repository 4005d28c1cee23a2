//! Every file of `attacks/` is refused, as its README says.

use std::path::Path;

use crate::support::{Bench, letters};

/// A row of the table: a file, a command, and what the message says.
fn rows(table: &str) -> Vec<(String, String, String)> {
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = table.lines().filter(|line| line.starts_with("| `")).map(cells);
    let code = |cell: &str| cell.trim_matches('`').trim().to_owned();
    rows.map(|cells| {
        assert_eq!(cells.len(), 4, "{cells:?}");
        // A word in double backticks holds backticks of its own.
        let says = cells[3].strip_prefix("`` ").and_then(|word| word.strip_suffix(" ``"));
        (code(&cells[0]), code(&cells[2]), says.map_or_else(|| code(&cells[3]), str::to_owned))
    })
    .collect()
}

#[test]
fn every_attack_is_refused_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../attacks");
    let rows = rows(&std::fs::read_to_string(folder.join("README.md")).unwrap());
    assert!(rows.len() >= 60, "{}", rows.len());
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.write("genome.fa", format!(">a\n{}\n", letters(1, 300)));
    let mut left: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        std::fs::copy(folder.join(&name), bench.path(&name)).unwrap();
        left.push(name);
    }
    for (file, command, says) in &rows {
        let before = bench.files();
        bench.run(command).refused(3, &[file, says]);
        assert_eq!(bench.files(), before, "{command} left something");
        left.retain(|name| name != file);
    }
    left.sort();
    assert_eq!(left, ["README.md", "labels.idx", "make.py", "whole.idx"], "files that no command of the table reads");
}
