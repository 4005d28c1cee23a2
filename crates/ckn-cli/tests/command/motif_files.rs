//! Files of motifs that tests are about: good ones, and what is refused.

use std::fmt::Write as _;

use crate::support::{Bench, letters};

/// A motif that shows a word, in MEME's format: probability 0.91 for each letter, 0.03 for the others.
pub(crate) fn motif(name: &str, word: &str) -> String {
    let mut text = format!("MOTIF {name}\nletter-probability matrix: alength= 4 w= {} nsites= 50 E= 0\n", word.len());
    for letter in word.chars() {
        let row = ['A', 'C', 'G', 'T'].map(|other| if other == letter { "0.91" } else { "0.03" });
        writeln!(text, " {}", row.join(" ")).unwrap();
    }
    text + "\n"
}

pub(crate) const HEAD: &str = "MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n";

/// A MEME file.
pub(crate) fn meme(motifs: &[(&str, &str)]) -> String {
    let text: String = motifs.iter().map(|(name, word)| motif(name, word)).collect();
    format!("{HEAD}{text}")
}

/// Words of 10 letters, called `m0`, `m1` and so on.
pub(crate) fn words(number: u64) -> Vec<(String, String)> {
    (0..number).map(|at| (format!("m{at}"), letters(at + 500, 10))).collect()
}

/// As [`meme`].
pub(crate) fn meme_of(motifs: &[(String, String)]) -> String {
    meme(&motifs.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect::<Vec<_>>())
}

/// Runs commands, in which `BAD` is replaced by a file, on files that are no good, and checks what they say and that nothing
/// is written. Each command has an output.
pub(crate) fn refuse_bad_files(bench: &Bench, commands: &[&str]) {
    let rows = |rows: &str| format!("{HEAD}MOTIF bad\nletter-probability matrix: alength= 4 w= 2\n{rows}");
    let cases: [(&str, String, &[&str]); 12] = [
        ("empty.meme", String::new(), &["empty.meme", "empty"]),
        ("headless.meme", HEAD.into(), &["headless.meme", "no motifs"]),
        ("text.txt", "some words\n".into(), &["text.txt, line 1", "neither MEME"]),
        ("sum.meme", rows("0.5 0.5 0 0\n0.5 0.5 0.5 0\n"), &["sum.meme", "`bad`", "column 2", "1.5"]),
        ("short.meme", rows("0.5 0.5 0 0\n"), &["short.meme", "1 rows, expected 2"]),
        ("row.meme", rows("0.5 0.5 0 0\n0.5 0.5 0\n"), &["row.meme, line 10", "3 numbers, expected 4"]),
        ("word.meme", rows("0.5 0.5 0 0\n0.5 0.5 zero 0\n"), &["word.meme, line 10", "`zero`"]),
        ("negative.meme", rows("1.5 -0.5 0 0\n0.5 0.5 0 0\n"), &["negative.meme", "column 1"]),
        ("width.meme", format!("{HEAD}MOTIF bad\nletter-probability matrix: alength= 4 w= 0\n"), &["width.meme"]),
        ("klingon.meme", "MEME version 5\n\nALPHABET= XYZ\n".into(), &["klingon.meme, line 3", "`XYZ`"]),
        ("rows.jaspar", ">bad\nA [ 1 2 ]\nC [ 1 2 3 ]\nG [ 1 2 ]\nT [ 1 2 ]\n".into(), &["rows.jaspar, line 3"]),
        ("zeros.jaspar", ">bad\nA [ 1 0 ]\nC [ 1 0 ]\nG [ 1 0 ]\nT [ 1 0 ]\n".into(), &["zeros.jaspar", "column 2"]),
    ];
    for (name, content, _) in &cases {
        bench.write(name, content);
    }
    let before = bench.files();
    for (name, _, says) in &cases {
        for command in commands {
            let run = bench.run(&command.replace("BAD", name)).refused(3, says);
            assert_eq!(run.stderr.lines().count(), 1, "{command} {name}: {}", run.stderr);
            assert_eq!(bench.files(), before, "{command} {name}");
        }
    }
    for command in commands {
        bench.run(&command.replace("BAD", "nowhere.meme")).refused(3, &["nowhere.meme", "check its name"]);
        bench.run(&command.replace("BAD", ".")).refused(3, &["directory"]);
    }
    assert_eq!(bench.files(), before);
}
