//! Names of files, made of names from anywhere.

use std::collections::{HashMap, HashSet};

/// Most bytes of a name before its number and its extension: file systems have room for 255.
const LONGEST: usize = 100;

/// One file name for each of the names, with an extension.
///
/// Names come out of files that others wrote. A file name holds letters and digits of ASCII and `_`, `-`, `+`, `.`; a run of
/// anything else is one `_`. It is no path, no hidden file, no option and no device of Windows, and not longer than 100
/// bytes and its ending. No two are the same, also where upper and lower case are: later ones get a number, `_2` and so on.
pub fn unique_file_names(names: &[&str], extension: &str) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut last_number: HashMap<String, usize> = HashMap::new();
    let mut unique = |name: &&str| {
        let stem = safe_stem(name);
        let mut candidate = stem.clone();
        // Each stem goes on where it was: many equal names take no longer than as many different ones.
        let number = last_number.entry(stem.to_ascii_lowercase()).or_insert(1);
        while !taken.insert(candidate.to_ascii_lowercase()) {
            *number += 1;
            candidate = format!("{stem}_{number}");
        }
        format!("{candidate}.{extension}")
    };
    names.iter().map(&mut unique).collect()
}

/// The part of a file name before its extension.
fn safe_stem(name: &str) -> String {
    let mut stem = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || "-+._".contains(letter) {
            stem.push(letter);
        } else if !stem.ends_with('_') {
            stem.push('_');
        }
        if stem.len() >= LONGEST {
            break;
        }
    }
    let stem = stem.trim_start_matches(['.', '-']).trim_end_matches('.');
    if stem.bytes().all(|byte| !byte.is_ascii_alphanumeric()) {
        return "unnamed".to_owned();
    }
    if is_device(stem) { format!("_{stem}") } else { stem.to_owned() }
}

/// Whether Windows takes a name for that of a device, whatever follows its first dot.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let port = |kind: &str| first.strip_prefix(kind).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    ["con", "prn", "aux", "nul"].contains(&first.as_str()) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_kept_and_others_made_safe() {
        let long = "a".repeat(65_536);
        let cases = [
            ("MA0079.3", "MA0079.3.svg"),
            ("Ahr::Arnt", "Ahr_Arnt.svg"),
            ("SP1/Homer(Zf)", "SP1_Homer_Zf_.svg"),
            ("../../etc/passwd", "_.._etc_passwd.svg"),
            ("/absolute", "_absolute.svg"),
            ("C:\\windows", "C_windows.svg"),
            (".hidden", "hidden.svg"),
            ("--force", "force.svg"),
            ("..", "unnamed.svg"),
            ("", "unnamed_2.svg"),
            ("\u{202e}\0\n", "unnamed_3.svg"),
            ("con", "_con.svg"),
            ("AUX.1", "_AUX.1.svg"),
            ("lpt9", "_lpt9.svg"),
            ("control", "control.svg"),
            ("dot.", "dot.svg"),
            ("α-site", "_-site.svg"),
            (&long, &format!("{}.svg", "a".repeat(100))),
        ];
        let names: Vec<&str> = cases.iter().map(|case| case.0).collect();
        let expected: Vec<&str> = cases.iter().map(|case| case.1).collect();
        assert_eq!(unique_file_names(&names, "svg"), expected);
    }

    #[test]
    fn names_that_only_differ_in_case_or_in_unsafe_letters_stay_apart() {
        let names = ["a", "A", "a_2", "a", "x:y", "x/y", "X y"];
        let expected = ["a.svg", "A_2.svg", "a_2_2.svg", "a_3.svg", "x_y.svg", "x_y_2.svg", "X_y_3.svg"];
        assert_eq!(unique_file_names(&names, "svg"), expected);
    }

    #[test]
    fn many_equal_names_take_no_longer_than_many_different_ones() {
        let names = vec!["same"; 200_000];
        let unique: HashSet<String> = unique_file_names(&names, "svg").into_iter().collect();
        assert_eq!(unique.len(), names.len());
    }
}
