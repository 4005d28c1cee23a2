//! What each letter contributes to the scores of some sequences: of the best, and of the worst mistakes.

mod chosen;

use std::collections::BTreeMap;

use ckn::bio::EncodedSequences;
use ckn::core::loss::Loss;
use ckn::interpret::{Attribution, Explainer};
use ckn::model::Model;

use self::chosen::{Choice, Group, Purpose};
use super::number::signed;
use super::tested::{Origin, Task, Tested};
use super::{Name, OUTPUTS};
use crate::plot::track;

/// Sequences of a kind that are shown, and of each of several tasks.
const SHOWN: usize = 6;
const SHOWN_OF_EACH: usize = 3;
/// Letters of the longest that is shown, and of all tracks together: a letter is more than a hundred bytes.
const LONGEST: usize = 1_000;
const LETTERS: usize = 6_000;

/// Sequences that have something in common.
pub struct ExampleGroup {
    /// The task, of several.
    pub task: Option<Name>,
    pub title: &'static str,
    pub meaning: String,
    pub examples: Vec<Example>,
}

/// A sequence with its scores, and tracks of contributions to them.
pub struct Example {
    pub name: Name,
    /// What there is to say about its scores.
    pub facts: Vec<Fact>,
    pub tracks: Vec<Track>,
}

impl Example {
    /// The score, where there is one that needs no name of a class.
    pub fn only_score(&self) -> Option<&str> {
        match self.tracks.as_slice() {
            [Track { class: None, score, .. }] => Some(score),
            _ => None,
        }
    }
}

/// A word or two about a score, in which a class may be named.
pub struct Fact {
    pub text: String,
    pub class: Option<Name>,
}

/// What each letter contributes to one score.
pub struct Track {
    /// The class whose score it is, of several.
    pub class: Option<Name>,
    pub score: String,
    pub svg: String,
}

/// All examples of a page.
#[derive(Default)]
pub struct Examples {
    pub groups: Vec<ExampleGroup>,
    /// Whether the letters of an example contribute all of its score.
    pub sums: bool,
}

impl Examples {
    /// The best sequences of each task that was tested and its worst mistakes; of a model of one output that was not tested, the positives
    /// of the highest scores.
    pub fn new(model: &Model, tested: Option<&Tested>, positives: Option<&EncodedSequences>) -> anyhow::Result<Self> {
        let mut examples = Self::default();
        if let Some(tested) = tested {
            let (loss, several) = (model.card().loss, tested.tasks.len() > 1);
            let most = if several { SHOWN_OF_EACH } else { SHOWN };
            for task in tested.tasks.iter().take(OUTPUTS) {
                // Of several classes a mistake has two tracks.
                let share = LETTERS / tested.tasks.len().clamp(1, OUTPUTS) / if task.outputs > 1 { 3 } else { 2 };
                let mut groups =
                    chosen::of(task, loss, most, |record| is_shown(model, &tested.sequences, record, share));
                groups.iter_mut().for_each(|group| {
                    let mut letters = 0;
                    group.examples.retain(|one| {
                        letters += tested.sequences.sequence(task.records[one.at]).len();
                        letters <= share
                    });
                });
                let explained = Explained { model, sequences: &tested.sequences, task, origin: tested.origin };
                explained.add(groups, several, &mut examples)?;
            }
        } else if let Some(positives) = positives.filter(|_| model.card().outputs.is_empty()) {
            let fitting: Vec<usize> =
                (0..positives.len()).filter(|&record| is_shown(model, positives, record, LONGEST)).collect();
            let fitting = positives.select(&fitting)?;
            let scores = Explainer::new(model, fitting.alphabet())?.scores(fitting.view())?;
            let records = (0..fitting.len()).collect();
            let labels = vec![1.0; fitting.len()];
            let task = Task { name: None, classes: Vec::new(), place: 0, records, labels, outputs: 1, scores };
            let mut groups = chosen::of(&task, Loss::Logistic, SHOWN, |_| true);
            groups.retain(|group| group.purpose == Purpose::Best);
            let explained = Explained { model, sequences: &fitting, task: &task, origin: Origin::Known };
            explained.add(groups, false, &mut examples)?;
        }
        Ok(examples)
    }
}

/// Whether a sequence is neither too short for the model nor too long for the page.
fn is_shown(model: &Model, sequences: &EncodedSequences, record: usize, longest: usize) -> bool {
    (model.shortest_sequence()..=LONGEST.min(longest)).contains(&sequences.sequence(record).len())
}

/// What examples of one task are made of.
struct Explained<'a> {
    model: &'a Model,
    sequences: &'a EncodedSequences,
    task: &'a Task,
    origin: Origin,
}

impl Explained<'_> {
    fn add(&self, groups: Vec<Group>, several: bool, examples: &mut Examples) -> anyhow::Result<()> {
        // Each output is made ready once, for all of its sequences.
        let mut asked: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for one in groups.iter().flat_map(|group| &group.examples) {
            for &output in &one.outputs {
                asked.entry(output).or_default().push(self.task.records[one.at]);
            }
        }
        let mut found: BTreeMap<(usize, usize), Attribution> = BTreeMap::new();
        for (output, records) in asked {
            let name = self.model.card().outputs.get(output);
            let one = name.and_then(|name| self.model.output(name));
            let explainer = Explainer::new(one.as_ref().unwrap_or(self.model), self.sequences.alphabet())?;
            examples.sums = explainer.is_sum_over_windows();
            let attributions = explainer.attribute(self.sequences.select(&records)?.view())?;
            found.extend(records.into_iter().map(|record| (output, record)).zip(attributions));
        }
        for group in groups {
            let shown = group.examples.iter().map(|one| self.example(one, &found)).collect();
            examples.groups.push(ExampleGroup {
                task: self.task.name.clone().filter(|_| several),
                title: group.title,
                meaning: group.meaning,
                examples: shown,
            });
        }
        Ok(())
    }

    fn example(&self, one: &Choice, found: &BTreeMap<(usize, usize), Attribution>) -> Example {
        let record = self.task.records[one.at];
        let letters = self.sequences.decode(record);
        let class_of = |output: usize| self.task.classes.get(output).cloned();
        let track_of = |&output: &usize| {
            let attribution = found.get(&(output, record))?;
            Some(Track {
                class: class_of(output),
                score: signed(attribution.score, 2),
                svg: track(self.sequences.alphabet(), &letters, &attribution.contributions),
            })
        };
        let mut facts: Vec<Fact> = one
            .facts
            .iter()
            .map(|(text, class)| Fact { text: text.clone(), class: class.and_then(class_of) })
            .collect();
        if self.origin == Origin::LeftOut && self.task.outputs == 1 {
            let score = signed(self.task.scores[one.at], 2);
            facts.push(Fact { text: format!("{score} by models that had not seen it"), class: None });
        }
        Example {
            name: Name::new(&self.sequences.ids()[record]),
            facts,
            tracks: one.outputs.iter().filter_map(track_of).collect(),
        }
    }
}
