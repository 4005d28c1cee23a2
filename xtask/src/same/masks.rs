//! What must vary from run to run, and is hidden before outputs are compared. Nothing else may differ.

use std::borrow::Cow;

const RECORDS: &str = ".json";
const PAGES: &str = ".html";
const TABLES: &str = "";
const MESSAGES: &str = "stderr";

/// What a mask hides.
#[derive(Debug, Clone, Copy)]
enum Varies {
    /// The value of a key of JSON that ends so, one key a line.
    Key(&'static str),
    /// The first value of an array of JSON.
    FirstOf(&'static str),
    /// Cells below a header that holds this, tab-separated.
    Column(&'static str),
    /// Cells beside a name in the first column, tab-separated.
    Row(&'static str),
    /// A line that holds this.
    Line(&'static str),
    /// A number before a word, or before any word that ends so if it begins with a slash.
    Unit(&'static str),
}

/// Files whose names end so, what varies in them, and why.
const MASKS: [(&str, Varies, &str); 13] = [
    (RECORDS, Varies::Key("versions"), "the program's own version"),
    (RECORDS, Varies::Key("host"), "the machine"),
    (RECORDS, Varies::Key("threads"), "all cores by default"),
    (RECORDS, Varies::FirstOf("command"), "where the program lies"),
    (RECORDS, Varies::Key("seconds"), "durations"),
    (TABLES, Varies::Column("seconds"), "durations"),
    (TABLES, Varies::Row("seconds"), "a duration"),
    (TABLES, Varies::Column("_per_s"), "speeds"),
    (TABLES, Varies::Column("roofline_ratio"), "a ratio of speeds"),
    (PAGES, Varies::Line("<dt>Training</dt>"), "a duration"),
    (MESSAGES, Varies::Unit("s"), "a duration"),
    (MESSAGES, Varies::Unit("/s"), "a speed"),
    (MESSAGES, Varies::Unit("threads"), "all cores by default"),
];

/// An output without what must vary; `name` is the file's, or `stdout` or `stderr`.
pub(super) fn masked<'a>(name: &str, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Cow::Borrowed(bytes) };
    let masks = MASKS.iter().filter(|(files, ..)| name.ends_with(files));
    let masked = masks.fold(text.to_owned(), |text, (_, varies, _)| match varies {
        Varies::Key(key) => without_key(&text, key),
        Varies::FirstOf(key) => without_first(&text, key),
        Varies::Column(column) => without_column(&text, column),
        Varies::Row(row) => each_line(&text, |line| match line.split_once('\t') {
            Some((first, _)) if first == *row => format!("{first}\t*"),
            _ => line.to_owned(),
        }),
        Varies::Line(part) => {
            each_line(&text, |line| if line.contains(part) { part.to_string() } else { line.to_owned() })
        }
        Varies::Unit(unit) => each_line(&text, |line| without_quantity(line, unit)),
    });
    Cow::Owned(masked.into_bytes())
}

/// The text with every line changed, its ends of lines as they are.
fn each_line(text: &str, change: impl FnMut(&str) -> String) -> String {
    text.split('\n').map(change).collect::<Vec<_>>().join("\n")
}

/// Hides the value of a key: the rest of its line and, of an object or array, all lines up to its end.
fn without_key(text: &str, key: &str) -> String {
    let ending = format!("{key}\": ");
    let mut end: Option<String> = None;
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    for line in text.split('\n') {
        if let Some(last) = &end {
            if line.trim_end_matches(',') == last {
                end = None;
            }
            continue;
        }
        let indentation = &line[..line.len() - line.trim_start().len()];
        let place = line.find(&ending).map(|place| place + ending.len());
        let Some((named, value)) = place.map(|place| line.split_at(place)) else {
            kept.push(Cow::Borrowed(line));
            continue;
        };
        kept.push(Cow::Owned(format!("{named}*")));
        end = match value {
            "{" => Some(format!("{indentation}}}")),
            "[" => Some(format!("{indentation}]")),
            _ => None,
        };
    }
    kept.join("\n")
}

fn without_first(text: &str, key: &str) -> String {
    let opening = format!("\"{key}\": [");
    let mut is_first = false;
    each_line(text, |line| {
        let hidden = is_first;
        is_first = line.ends_with(&opening);
        if hidden { "*".to_owned() } else { line.to_owned() }
    })
}

fn without_column(text: &str, column: &str) -> String {
    let header: Vec<&str> = text.lines().next().unwrap_or("").split('\t').collect();
    let varies = |place: usize| header.get(place).is_some_and(|name| name.contains(column));
    if header.len() < 2 || !(0..header.len()).any(varies) {
        return text.to_owned();
    }
    let mut is_header = true;
    each_line(text, |line| {
        if std::mem::replace(&mut is_header, false) {
            return line.to_owned();
        }
        let cells = line.split('\t').enumerate().map(|(place, cell)| if varies(place) { "*" } else { cell });
        cells.collect::<Vec<_>>().join("\t")
    })
}

/// Hides the word before a unit.
fn without_quantity(line: &str, unit: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let is_unit = |word: &&str| {
        let word = word.trim_end_matches([',', '.', ';', ')']);
        word == unit || unit.starts_with('/') && word.ends_with(unit)
    };
    let word = |(place, word): (usize, &&str)| match words.get(place + 1).is_some_and(is_unit) {
        true if word.ends_with(|last: char| last.is_ascii_digit()) => "*".to_owned(),
        _ => (*word).to_owned(),
    };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked_text(name: &str, text: &str) -> String {
        String::from_utf8(masked(name, text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn durations_are_hidden_and_their_neighbours_are_not() {
        let record =
            "{\n  \"seconds\": {\n    \"a\": 1\n  },\n  \"seed\": 0,\n  \"command\": [\n    \"x\",\n    \"y\"\n  ]\n}";
        let hidden = "{\n  \"seconds\": *\n  \"seed\": 0,\n  \"command\": [\n*\n    \"y\"\n  ]\n}";
        assert_eq!(masked_text("m.run.json", record), hidden);
        assert_eq!(masked_text("stdout", "auroc\tseconds\n0.5\t1.2\n"), "auroc\tseconds\n0.5\t*\n");
        assert_eq!(masked_text("stderr", "loss 0.3, 12 s, 7 sequences/s"), "loss 0.3, * s, * sequences/s");
        assert_eq!(masked_text("stdout", "loss 0.3, 12 s"), "loss 0.3, 12 s");
    }
}
