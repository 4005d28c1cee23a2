//! Classes that labels call by their names.

/// Words that say by themselves that a class is the negative one, in lower case.
const NEGATIVE: &[&str] = &[
    "neg",
    "negative",
    "negatives",
    "no",
    "n",
    "false",
    "f",
    "control",
    "controls",
    "ctrl",
    "background",
    "unbound",
    "inactive",
    "absent",
    "none",
    "other",
    "others",
    "rest",
    "random",
    "shuffle",
    "shuffled",
    "decoy",
    "-",
];

/// Words that say by themselves that a class is the positive one, in lower case.
const POSITIVE: &[&str] =
    &["pos", "positive", "positives", "yes", "y", "true", "t", "case", "cases", "bound", "active", "present", "+"];

/// The names of classes in the order of their numbers.
///
/// Two are negative and positive: where a name says which (`no` and `yes`, `control`, `other`, `non-enhancer` beside `enhancer`),
/// that counts, and else the second by the alphabet is positive. Other numbers of classes follow the alphabet.
///
/// ```
/// use ckn_bio::ClassNames;
///
/// let known = ClassNames::of(["Positive".to_owned(), "negative".to_owned()]);
/// assert_eq!((known.names()[1].as_str(), known.are_by_alphabet()), ("Positive", false));
/// let unknown = ClassNames::of(["liver".to_owned(), "brain".to_owned()]);
/// assert_eq!((unknown.names()[1].as_str(), unknown.are_by_alphabet()), ("liver", true));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassNames {
    names: Vec<String>,
    by_alphabet: bool,
}

impl ClassNames {
    /// Orders names, each of which counts once.
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let first_is_positive = match names.as_slice() {
            [first, second] => is_positive_beside(first, second),
            _ => None,
        };
        if first_is_positive == Some(true) {
            names.reverse();
        }
        Self { names, by_alphabet: first_is_positive.is_none() }
    }

    /// The names: class `i` is the `i`-th, counted from 0.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether nothing but the alphabet says which class comes first.
    pub fn are_by_alphabet(&self) -> bool {
        self.by_alphabet
    }
}

/// Whether a name is the positive one of two; `None` if neither says.
fn is_positive_beside(name: &str, other: &str) -> Option<bool> {
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    if negates(&name, &other) {
        return Some(false);
    }
    if negates(&other, &name) {
        return Some(true);
    }
    let says = |name: &str| match (NEGATIVE.contains(&name), POSITIVE.contains(&name)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    };
    match (says(&name), says(&other)) {
        (Some(first), Some(second)) => (first != second).then_some(first),
        (first, second) => first.or(second.map(|second| !second)),
    }
}

/// Whether a name says that it is not the other: `non-enhancer` beside `enhancer`.
fn negates(name: &str, other: &str) -> bool {
    let rest = ["non", "not", "no"].iter().find_map(|word| name.strip_prefix(word)?.strip_suffix(other));
    rest.is_some_and(|between| matches!(between, "" | "-" | "_" | " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_classes_the_positive_is_the_one_that_says_so() {
        for (negative, positive) in [
            ("neg", "pos"),
            ("Negative", "POSITIVE"),
            ("no", "yes"),
            ("FALSE", "TRUE"),
            ("control", "case"),
            ("other", "enhancer"),
            ("background", "CTCF"),
            ("non-enhancer", "enhancer"),
            ("not bound", "bound"),
            ("unbound", "bound"),
            ("zebrafish", "yes"),
            ("-", "+"),
        ] {
            for names in [[negative, positive], [positive, negative]] {
                let classes = ClassNames::of(names.map(str::to_owned));
                assert_eq!(classes.names(), [negative, positive]);
                assert!(!classes.are_by_alphabet(), "{negative} {positive}");
            }
        }
    }

    #[test]
    fn names_that_say_nothing_follow_the_alphabet() {
        for names in [&["liver", "brain"][..], &["yes", "true"], &["b", "c", "a"], &["one"]] {
            let classes = ClassNames::of(names.iter().map(|&name| name.to_owned()));
            assert!(classes.are_by_alphabet() && classes.names().is_sorted(), "{names:?}");
        }
    }
}
