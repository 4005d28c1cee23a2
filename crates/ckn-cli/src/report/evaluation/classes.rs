//! Several classes: what each is taken for, and how each stands out of the rest.

use ckn::core::metrics::{Confusion, auroc_rows, odds_rows};
use ckn::core::seed::Seed;

use super::super::Name;
use super::super::figure::Figure;
use super::super::number::{count, percent};
use super::super::tested::Task;
use super::two_classes::curves;
use crate::quoted;

/// Classes of a matrix that can be read, and that have numbers and curves of their own.
pub const MOST: usize = 30;
/// Pairs that are listed of more.
const PAIRS: usize = 20;
/// Classes whose curves are shown unfolded.
const UNFOLDED: usize = 6;

/// What a model makes of several classes.
pub struct SeveralClasses {
    /// Numbers and curves of classes: of more than [`MOST`] those of the lowest AUROC.
    pub classes: Vec<Class>,
    /// Classes that are not among them.
    pub unshown: usize,
    /// The matrix, of up to [`MOST`] classes.
    pub matrix: Option<Matrix>,
    /// Of more classes, those that are taken for one another most.
    pub confused: Vec<Confused>,
    /// Sequences of the largest class, and of all.
    largest: (usize, usize),
}

/// A class against the rest.
pub struct Class {
    pub name: Name,
    pub samples: String,
    pub recall: String,
    pub precision: String,
    pub auroc: String,
    pub auroc_interval: String,
    pub auprc: String,
    pub auprc_interval: String,
    pub figures: Vec<Figure>,
}

/// A matrix of what is taken for what.
pub struct Matrix {
    pub names: Vec<Name>,
    /// A row for each true class.
    pub rows: Vec<Vec<Cell>>,
    /// Whether the columns are many, and narrow.
    pub is_wide: bool,
}

/// Sequences of one class that were taken for one.
pub struct Cell {
    pub count: String,
    /// Share of the row in whole per cent.
    pub percent: usize,
    pub is_right: bool,
}

/// Two classes of which one is taken for the other.
pub struct Confused {
    pub class: Name,
    pub taken_for: Name,
    pub count: String,
    pub share: String,
}

impl SeveralClasses {
    /// `None` where scores and labels do not fit each other.
    pub fn new(task: &Task, seed: Seed) -> Option<Self> {
        let (classes, scores, labels) = (task.outputs, task.scores.as_slice(), task.labels.as_slice());
        let confusion = Confusion::new(scores, classes, labels).ok()?;
        let name = |class: usize| task.classes.get(class).cloned().unwrap_or_else(|| Name::new(class.to_string()));
        let areas = auroc_rows(scores, classes, labels);
        let mut shown: Vec<usize> = (0..classes).collect();
        if classes > MOST {
            // What has no AUROC has no sequence, and nothing to show.
            shown.retain(|&class| areas[class].value().is_some());
            shown.sort_by(|&a, &b| f64::total_cmp(&area(&areas, a), &area(&areas, b)));
            shown.truncate(MOST);
            shown.sort_unstable();
        }
        let of_class = |&class: &usize| {
            let odds = odds_rows(scores, classes, class);
            let is_class: Vec<f64> = labels.iter().map(|&label| f64::from(label == class as f64)).collect();
            let [low, high, least, most, ..] = quoted::two_classes(&odds, &is_class);
            let name = name(class);
            let figures = curves(Some(&name), &odds, &is_class, seed);
            Class {
                samples: count(confusion.samples(class)),
                recall: decimals(confusion.recall(class).value()),
                precision: decimals(confusion.precision(class).value()),
                auroc: decimals(areas[class].value()),
                auroc_interval: between(low, high),
                auprc: decimals(ckn::core::metrics::auprc(&odds, &is_class).value()),
                auprc_interval: between(least, most),
                figures,
                name,
            }
        };
        let is_readable = classes <= MOST;
        Some(Self {
            classes: shown.iter().map(of_class).collect(),
            unshown: classes - shown.len(),
            matrix: is_readable.then(|| Matrix::new(&confusion, (0..classes).map(name).collect())),
            confused: if is_readable { Vec::new() } else { confused(&confusion, name) },
            largest: ((0..classes).map(|class| confusion.samples(class)).max()?, labels.len()),
        })
    }

    /// Share of the largest class: what naming it every time is worth.
    pub fn largest_share(&self) -> Option<String> {
        let (largest, all) = self.largest;
        (all > 0).then(|| format!("{:.3}", largest as f64 / all as f64))
    }

    /// Whether the curves of the classes are folded away: they are many.
    pub fn folds(&self) -> bool {
        self.classes.len() > UNFOLDED
    }
}

impl Matrix {
    fn new(confusion: &Confusion, names: Vec<Name>) -> Self {
        let cell = |class: usize, taken_for: usize| {
            let found = confusion.count(class, taken_for);
            let share = 100.0 * found as f64 / confusion.samples(class).max(1) as f64;
            Cell { count: count(found), percent: share.round() as usize, is_right: class == taken_for }
        };
        let row = |class: usize| (0..names.len()).map(|taken_for| cell(class, taken_for)).collect();
        Self { rows: (0..names.len()).map(row).collect(), is_wide: names.len() > 8, names }
    }
}

/// The pairs that are mistaken most often.
fn confused(confusion: &Confusion, name: impl Fn(usize) -> Name) -> Vec<Confused> {
    let pair = |[class, taken_for]: [usize; 2]| {
        let found = confusion.count(class, taken_for);
        let share = percent(found, confusion.samples(class));
        Confused { class: name(class), taken_for: name(taken_for), count: count(found), share }
    };
    confusion.confused().into_iter().take(PAIRS).map(pair).collect()
}

fn area(areas: &[ckn::core::metrics::Metric], class: usize) -> f64 {
    areas[class].value().unwrap_or(f64::INFINITY)
}

fn decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

fn between(low: Option<f64>, high: Option<f64>) -> String {
    low.zip(high).map(|(low, high)| format!("{low:.3} to {high:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task whose samples of each class are taken for others as told: `(class, taken for, samples)`.
    fn task(classes: usize, told: &[(usize, usize, usize)]) -> Task {
        let samples = || told.iter().flat_map(|&(class, other, count)| std::iter::repeat_n((class, other), count));
        let score = |of: usize| (0..classes).map(move |class| if class == of { 2.0 } else { 0.0 });
        Task {
            name: None,
            classes: (0..classes).map(|class| Name::new(format!("c{class}"))).collect(),
            place: 0,
            records: (0..samples().count()).collect(),
            labels: samples().map(|(class, _)| class as f64).collect(),
            outputs: classes,
            scores: samples().flat_map(|(_, other)| score(other)).collect(),
        }
    }

    #[test]
    fn the_matrix_has_a_row_for_each_class_and_shares_of_it() {
        let several = SeveralClasses::new(&task(3, &[(0, 0, 3), (0, 1, 1), (1, 1, 2), (2, 0, 5)]), Seed(0)).unwrap();
        let matrix = several.matrix.unwrap();
        let cells: Vec<Vec<(&str, usize)>> = matrix
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| (cell.count.as_str(), cell.percent)).collect())
            .collect();
        assert_eq!(cells[0], [("3", 75), ("1", 25), ("0", 0)]);
        assert_eq!(cells[2], [("5", 100), ("0", 0), ("0", 0)]);
        assert!(matrix.rows[1][1].is_right && !matrix.rows[0][1].is_right && !matrix.is_wide);
        let first = &several.classes[0];
        assert_eq!((first.samples.as_str(), first.recall.as_str(), first.precision.as_str()), ("4", "0.750", "0.375"));
        assert_eq!((several.classes[2].precision.as_str(), several.classes[2].recall.as_str()), ("–", "0.000"));
        let titles: Vec<&str> = first.figures.iter().map(|figure| figure.title).collect();
        assert_eq!(titles, ["ROC curve", "Precision–recall curve"]);
        assert!(first.figures[0].svg.contains("Receiver operating characteristic of c0"));
        assert!(several.confused.is_empty() && several.unshown == 0);
    }

    #[test]
    fn of_very_many_classes_the_worst_are_shown_and_pairs_are_listed() {
        let mut told: Vec<(usize, usize, usize)> = (0..MOST + 10).map(|class| (class, class, 3)).collect();
        told.push((7, 8, 4));
        told.push((30, 2, 2));
        let several = SeveralClasses::new(&task(MOST + 10, &told), Seed(0)).unwrap();
        assert!(several.matrix.is_none() && several.folds());
        assert_eq!((several.classes.len(), several.unshown), (MOST, 10));
        let pairs: Vec<(String, String, &str)> = (several.confused.iter())
            .map(|pair| (pair.class.to_string(), pair.taken_for.to_string(), pair.count.as_str()))
            .collect();
        assert_eq!(pairs, [("c7".into(), "c8".into(), "4"), ("c30".into(), "c2".into(), "2")]);
        assert_eq!(several.confused[0].share, "57\u{a0}%");
        // Classes that were mistaken are among the worst.
        for name in ["c7", "c30"] {
            assert!(several.classes.iter().any(|class| class.name.to_string() == name), "{name}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_shown() {
        let none = Task { labels: Vec::new(), scores: Vec::new(), records: Vec::new(), ..task(3, &[]) };
        assert!(SeveralClasses::new(&none, Seed(0)).is_none());
    }
}
