//! Which sequences are shown as examples.

use ckn::core::loss::Loss;
use ckn::core::metrics::odds_rows;

use super::super::number::{count, signed};
use super::super::tested::Task;

/// Why sequences are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Best,
    Mistakes,
}

/// Sequences that are shown for one reason.
#[derive(Debug, PartialEq)]
pub struct Group {
    pub purpose: Purpose,
    pub title: &'static str,
    pub meaning: String,
    pub examples: Vec<Choice>,
}

/// A sequence that is shown.
#[derive(Debug, PartialEq)]
pub struct Choice {
    /// Its place among those of the task.
    pub at: usize,
    /// Outputs whose scores are explained.
    pub outputs: Vec<usize>,
    /// What there is to say of it, with a class by its place.
    pub facts: Vec<(String, Option<usize>)>,
}

/// The best sequences of a task and its worst mistakes, of those that fit the page; none where nothing fits.
pub fn of(task: &Task, loss: Loss, most: usize, fits: impl Fn(usize) -> bool) -> Vec<Group> {
    let fitting: Vec<usize> = (0..task.labels.len()).filter(|&at| fits(task.records[at])).collect();
    let two_classes = task.labels.iter().all(|&label| label == 0.0 || label == 1.0);
    match loss {
        _ if fitting.is_empty() => Vec::new(),
        Loss::Multinomial => classes(task, most, fitting),
        Loss::Squared if !two_classes => measurements(task, most, fitting),
        // A least-squares fit to 0 and 1 calls positive what is above a half.
        Loss::Squared => two(task, most, fitting, 0.5),
        _ => two(task, most, fitting, 0.0),
    }
}

/// The places of the highest values, the highest first; of equals the first.
fn highest(mut places: Vec<usize>, most: usize, value: impl Fn(usize) -> f64) -> Vec<usize> {
    places.sort_by(|&a, &b| value(b).total_cmp(&value(a)).then(a.cmp(&b)));
    places.truncate(most);
    places
}

fn two(task: &Task, most: usize, fitting: Vec<usize>, threshold: f64) -> Vec<Group> {
    let (scores, is_positive) = (&task.scores, |at: usize| task.labels[at] > 0.5);
    let choice = |at: usize, facts: Vec<(String, Option<usize>)>| Choice { at, outputs: vec![task.place], facts };
    let positives: Vec<usize> = fitting.iter().copied().filter(|&at| is_positive(at)).collect();
    let best = highest(positives, most, |at| scores[at]).into_iter().map(|at| choice(at, Vec::new())).collect();
    // How far it is on the wrong side.
    let wrong = |at: usize| if is_positive(at) { threshold - scores[at] } else { scores[at] - threshold };
    let mistaken: Vec<usize> = fitting.into_iter().filter(|&at| wrong(at) > 0.0).collect();
    let number = mistaken.len();
    let mistake = |at: usize| {
        let kind = if is_positive(at) { "a positive taken for a negative" } else { "a negative taken for a positive" };
        choice(at, vec![(kind.to_owned(), None)])
    };
    let mistakes = highest(mistaken, most, wrong).into_iter().map(mistake).collect();
    vec![
        Group {
            purpose: Purpose::Best,
            title: "Highest scores",
            meaning: "The positives of the highest scores.".to_owned(),
            examples: best,
        },
        group_of_mistakes(mistakes, number, "the sequences that are furthest on the wrong side"),
    ]
}

fn classes(task: &Task, most: usize, fitting: Vec<usize>) -> Vec<Group> {
    let classes = task.outputs;
    let odds: Vec<Vec<f64>> = (0..classes).map(|class| odds_rows(&task.scores, classes, class)).collect();
    let class_of = |at: usize| task.labels[at] as usize;
    let row = |at: usize| &task.scores[at * classes..(at + 1) * classes];
    // Of tied classes the first, as accuracy has it.
    let taken_for = |at: usize| {
        let row = row(at);
        (0..classes).fold(0, |best, class| if row[class] > row[best] { class } else { best })
    };
    // The probability, which is never quite 0 or 1.
    let share = |at: usize, class: usize| match 100.0 / (1.0 + (-odds[class][at]).exp()) {
        share if share > 99.0 => "above 99\u{a0}%".to_owned(),
        share if share < 1.0 => "below 1\u{a0}%".to_owned(),
        share => format!("of {share:.0}\u{a0}%"),
    };
    // Of each class the one that is surest, so that the page does not show one class alone.
    let sure = |class: usize| {
        let own = fitting.iter().copied().filter(|&at| class_of(at) == class && taken_for(at) == class).collect();
        highest(own, 1, |at| odds[class][at])
    };
    let mut best = highest((0..classes).flat_map(sure).collect(), most, |at| odds[class_of(at)][at]);
    best.sort_by_key(|&at| class_of(at));
    let best = best.into_iter().map(|at| {
        let class = class_of(at);
        let fact = (format!("given a probability {} for", share(at, class)), Some(class));
        Choice { at, outputs: vec![class], facts: vec![fact] }
    });
    let mistaken: Vec<usize> = fitting.iter().copied().filter(|&at| taken_for(at) != class_of(at)).collect();
    let number = mistaken.len();
    let behind = |at: usize| row(at)[taken_for(at)] - row(at)[class_of(at)];
    let mistakes = highest(mistaken, most, behind).into_iter().map(|at| {
        let (class, taken) = (class_of(at), taken_for(at));
        let facts = vec![
            (format!("given a probability {} for", share(at, taken)), Some(taken)),
            (format!("and one {} for what it is,", share(at, class)), Some(class)),
        ];
        Choice { at, outputs: vec![taken, class], facts }
    });
    let (best, mistakes) = (best.collect(), mistakes.collect());
    vec![
        Group {
            purpose: Purpose::Best,
            title: "Surest of each class",
            meaning: "The sequence of each class that the model is surest of, and rightly.".to_owned(),
            examples: best,
        },
        group_of_mistakes(
            mistakes,
            number,
            "the sequences whose own class lies furthest behind the one they were taken for",
        ),
    ]
}

fn measurements(task: &Task, most: usize, fitting: Vec<usize>) -> Vec<Group> {
    let in_words = |at: usize| {
        let fact = format!("predicted {}, measured {}", signed(task.scores[at], 3), signed(task.labels[at], 3));
        Choice { at, outputs: vec![task.place], facts: vec![(fact, None)] }
    };
    let best = highest(fitting.clone(), most, |at| task.scores[at]).into_iter().map(in_words).collect();
    let error = |at: usize| (task.scores[at] - task.labels[at]).abs();
    let worst = highest(fitting, most, error).into_iter().map(in_words).collect();
    vec![
        Group {
            purpose: Purpose::Best,
            title: "Highest predictions",
            meaning: "The sequences of the highest predictions.".to_owned(),
            examples: best,
        },
        Group {
            purpose: Purpose::Mistakes,
            title: "Worst mistakes",
            meaning: "The sequences whose prediction is furthest from what was measured.".to_owned(),
            examples: worst,
        },
    ]
}

fn group_of_mistakes(examples: Vec<Choice>, number: usize, which: &str) -> Group {
    let meaning = match number {
        0 => "No sequence is on the wrong side.".to_owned(),
        1 => "The only sequence on the wrong side.".to_owned(),
        _ => format!("Of {} mistakes {which}.", count(number)),
    };
    Group { purpose: Purpose::Mistakes, title: "Worst mistakes", meaning, examples }
}

#[cfg(test)]
mod tests {
    use super::super::super::Name;
    use super::*;

    fn task(labels: &[f64], scores: &[f64]) -> Task {
        let outputs = scores.len() / labels.len();
        let classes = (0..outputs).map(|class| Name::new(class.to_string())).collect();
        let records = (0..labels.len()).collect();
        Task { name: None, classes, place: 0, records, labels: labels.to_vec(), outputs, scores: scores.to_vec() }
    }

    fn places(group: &Group) -> Vec<usize> {
        group.examples.iter().map(|one| one.at).collect()
    }

    #[test]
    fn of_two_classes_the_best_are_positives_and_mistakes_are_of_both() {
        let two = task(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.0], &[0.5, 3.0, -2.0, 1.0, -4.0, 2.5]);
        let groups = of(&two, Loss::Logistic, 2, |_| true);
        assert_eq!((places(&groups[0]), places(&groups[1])), (vec![1, 0], vec![5, 2]));
        assert!(groups[1].examples[0].facts[0].0.contains("a negative taken"), "{groups:?}");
        assert!(groups[1].meaning.contains("3 mistakes"), "{groups:?}");
        // What does not fit the page is not shown.
        let some = of(&two, Loss::Logistic, 2, |record| record != 5);
        assert_eq!(places(&some[1]), [2, 3]);
        // Squared losses of 0 and 1 divide at a half.
        let fitted = of(&task(&[1.0, 0.0], &[0.6, 0.4]), Loss::Squared, 2, |_| true);
        assert!(places(&fitted[1]).is_empty() && fitted[1].meaning.contains("No sequence"));
        assert!(of(&two, Loss::Logistic, 2, |_| false).is_empty());
    }

    #[test]
    fn of_classes_each_has_its_best_and_mistakes_are_explained_for_both_classes() {
        let scores = [2.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 1.0, 0.0, 9.0, 0.0];
        let groups = of(&task(&[0.0, 0.0, 1.0, 2.0, 2.0], &scores), Loss::Multinomial, 6, |_| true);
        assert_eq!(places(&groups[0]), [1, 2]);
        assert_eq!(places(&groups[1]), [4, 3]);
        assert_eq!(groups[1].examples[1].outputs, [0, 2]);
        // e³/(e³ + 1 + e) = 0.8438.
        assert_eq!(groups[1].examples[1].facts[0], ("given a probability of 84\u{a0}% for".to_owned(), Some(0)));
        // Of 9 and two zeros it is e⁻⁹ that is left.
        assert_eq!(groups[1].examples[0].facts[1].0, "and one below 1\u{a0}% for what it is,");
    }

    #[test]
    fn of_measurements_mistakes_are_the_largest_errors() {
        let groups = of(&task(&[1.5, 2.5, 9.0], &[1.0, 3.5, 3.0]), Loss::Squared, 2, |_| true);
        assert_eq!((places(&groups[0]), places(&groups[1])), (vec![1, 2], vec![2, 1]));
        assert_eq!(groups[1].examples[0].facts[0].0, "predicted 3.000, measured 9.000");
    }
}
