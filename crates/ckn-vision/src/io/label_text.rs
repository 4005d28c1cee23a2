//! Labels as text: one whole number or one name a line.

use std::collections::BTreeSet;

use super::file_bytes::FileBytes;
use crate::error::Error;
use crate::labels::{Labels, head};

/// Names of a first line that is no label.
const HEADERS: [&str; 2] = ["label", "class"];

/// Labels of a text file: one whole number or one name a line, after a line `label` or `class`, if there is one.
///
/// Classes are the labels that occur: by size if all are whole numbers, otherwise by name.
pub(crate) fn labels(source: FileBytes) -> Result<Labels, Error> {
    let FileBytes { file, bytes } = source;
    let text = std::str::from_utf8(&bytes).map_err(|problem| {
        let line = 1 + bytes[..problem.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Error::LabelLine { file: file.clone(), line, got: "bytes that are not UTF-8".to_owned() }
    })?;
    let mut lines: Vec<(usize, &str)> = text.lines().map(str::trim).enumerate().collect();
    if lines.first().is_some_and(|(_, first)| HEADERS.contains(&first.trim_start_matches('\u{feff}'))) {
        lines.remove(0);
    }
    let bad = |line: &str| line.is_empty() || line.contains([',', ';', '\t']) || line.contains(char::is_control);
    if let Some(&(index, line)) = lines.iter().find(|(_, line)| bad(line)) {
        return Err(Error::LabelLine { file, line: index + 1, got: head(line) });
    }
    if lines.is_empty() {
        return Err(Error::EmptyFile(file));
    }
    let numbers: Option<Vec<u64>> = lines.iter().map(|(_, line)| whole_number(line)).collect();
    match numbers {
        Some(numbers) => numbered(&numbers),
        None => numbered(&lines.iter().map(|&(_, line)| line).collect::<Vec<_>>()),
    }
}

fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn numbered<T: Ord + Copy + ToString>(labels: &[T]) -> Result<Labels, Error> {
    let classes: Vec<T> = labels.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    // Every label is among the classes, which were made from them.
    let values = labels.iter().map(|label| classes.partition_point(|class| class < label) as u32).collect();
    Labels::new(values, classes.iter().map(T::to_string).collect())
}
