//! What can be wrong with labels of several tasks, and with names of classes.

use thiserror::Error as ThisError;

use crate::place::{Place, shown};

/// What can be wrong with labels of several tasks or named classes, or with the table that holds them.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum TaskError {
    /// A label of a task that is neither missing nor a finite number.
    #[error("{at}: column `{column}` holds `{got}`: write a finite number, or NA where the label is not known")]
    TaskLabel {
        /// Where.
        at: Box<Place>,
        /// The column.
        column: String,
        /// What it holds.
        got: String,
    },
    /// A table without labels of tasks.
    #[error(
        "{at}: no column `label:TASK`, and no columns `task` and `label`, only {found}: name the column of each task \
         `label:` and the name of the task"
    )]
    NoTasks {
        /// Where.
        at: Box<Place>,
        /// The names found.
        found: String,
    },
    /// Several tasks in a table that is read as that of one.
    #[error(
        "{at}: column `task` holds `{second}`, and before it `{first}`: this is a table of several tasks; for one of them, \
         keep its rows alone"
    )]
    SeveralTasks {
        /// Where the second one is.
        at: Box<Place>,
        /// The first task.
        first: String,
        /// The second one.
        second: String,
    },
    /// Names of classes and numbers in one column of labels.
    #[error(
        "{at}: column `{column}` holds `{got}`, and before it names such as `{first}`: write numbers alone, or names alone"
    )]
    MixedLabels {
        /// Where.
        at: Box<Place>,
        /// The column.
        column: String,
        /// What it holds.
        got: String,
        /// The first name.
        first: String,
    },
    /// A class that is not known.
    #[error("{at} is of the class `{}`: known are {}", shown(name.as_bytes()), listed(known))]
    UnknownClass {
        /// Where.
        at: Box<Place>,
        /// The class.
        name: String,
        /// The classes that are known.
        known: Vec<String>,
    },
    /// A task without a name, or with one that would break the tables written from it.
    #[error("{0}: the name of a task is empty or holds control characters: name each task")]
    TaskName(Box<Place>),
    /// Two tasks of one name.
    #[error("{at}: task `{}` is there twice: rename or remove one of them", shown(task.as_bytes()))]
    DuplicateTask {
        /// Where.
        at: Box<Place>,
        /// The name.
        task: String,
    },
    /// Two labels of one sequence for one task.
    #[error("{at} has a second label for task `{}`: remove one of the rows", shown(task.as_bytes()))]
    SecondLabel {
        /// Where the second one is.
        at: Box<Place>,
        /// The task.
        task: String,
    },
    /// A sequence whose rows contradict each other.
    #[error("{at} has another {what} than an earlier row of the same sequence: repair one of them, or rename it")]
    RowsDisagree {
        /// Where the second one is.
        at: Box<Place>,
        /// What differs.
        what: &'static str,
    },
    /// A task of which no label is known.
    #[error("{at}: task `{}` has no label: give it some, or remove the task", shown(task.as_bytes()))]
    TaskWithoutLabels {
        /// The file.
        at: Box<Place>,
        /// The task.
        task: String,
    },
    /// Another number of labels than of sequences times tasks.
    #[error(
        "{sequences} sequences, {tasks} tasks and {labels} labels: give one label per sequence and task, NaN if missing"
    )]
    TaskLabelCount {
        /// Number of sequences.
        sequences: usize,
        /// Number of tasks.
        tasks: usize,
        /// Number of labels.
        labels: usize,
    },
    /// More labels than memory is set aside for.
    #[error("{at}: more than {limit} labels, counting those not known: give fewer tasks or sequences")]
    TooManyLabels {
        /// Where.
        at: Box<Place>,
        /// The most labels.
        limit: usize,
    },
}

/// A few names, quoted.
fn listed(names: &[String]) -> String {
    let few = names.iter().take(12).map(|name| format!("`{}`", shown(name.as_bytes()))).collect::<Vec<_>>();
    few.join(", ") + if names.len() > few.len() { ", ..." } else { "" }
}
