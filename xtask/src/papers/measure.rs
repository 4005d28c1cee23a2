//! Results of trainings: those that are there already, and those that are made now.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::cache::{Cache, Entry, Key, Maker};
use crate::compare::runs::{Measured, Program, Run};
use crate::schedule;

/// Where results come from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) maker: Maker,
    /// The program that makes what is missing; without one, what is missing stays so.
    pub(crate) program: Option<Program>,
    pub(crate) at_a_time: usize,
}

/// A training that results are written down of: what decides it, beside the program.
pub(crate) trait Subject: Sync {
    /// The part of the data that is trained on.
    fn part(&self) -> String;
    /// Names of the sets.
    fn sets(&self) -> String;
    /// Options of the training.
    fn options(&self) -> String;
    /// Its seed.
    fn seed(&self) -> u64;
}

impl Subject for Run {
    fn part(&self) -> String {
        self.prefix.to_owned()
    }

    fn sets(&self) -> String {
        let names: Vec<&str> = self.tasks.iter().map(|(name, _)| *name).collect();
        names.join(" + ")
    }

    fn options(&self) -> String {
        self.options.join(" ")
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}

/// Something that is measured of a training.
struct Job<'a, S> {
    key: Key,
    subject: &'a S,
}

impl<S> fmt::Display for Job<'_, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key { quantity, part, sets, options, seed, .. } = &self.key;
        write!(out, "{quantity} of {sets}, {part}, {options}, seed {seed}")
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(|value| format!("{value:.4}")).collect();
        write!(out, "{}, {:.1} s", values.join(" "), self.seconds)
    }
}

impl Source<'_> {
    /// AUROCs of trainings.
    pub(crate) fn aurocs(&self, runs: &[Run]) -> anyhow::Result<Vec<Option<Measured>>> {
        let entries = self.all("auroc", runs, |run, program| {
            let Measured { aurocs, seconds } = run.measure(program)?;
            Ok(Entry { seconds, values: aurocs })
        })?;
        let measured = |entry: Entry| Measured { aurocs: entry.values, seconds: entry.seconds };
        Ok(entries.into_iter().map(|entry| entry.map(measured)).collect())
    }

    /// A quantity of trainings: what is missing is measured, and written down one by one.
    pub(crate) fn all<S: Subject>(
        &self,
        quantity: &str,
        subjects: &[S],
        measure: impl Fn(&S, &Program) -> anyhow::Result<Entry> + Sync,
    ) -> anyhow::Result<Vec<Option<Entry>>> {
        if let Some(program) = &self.program {
            let jobs = subjects.iter().map(|subject| Job { key: self.key(quantity, subject), subject });
            let missing: Vec<Job<'_, S>> = jobs.filter(|job| self.cache.get(&job.key).is_none()).collect();
            schedule::run_all(&missing, self.at_a_time, |job| {
                let entry = measure(job.subject, program)?;
                self.cache.put(job.key.clone(), entry.clone())?;
                Ok(entry)
            })?;
        }
        Ok(subjects.iter().map(|subject| self.cache.get(&self.key(quantity, subject))).collect())
    }

    fn key(&self, quantity: &str, subject: &impl Subject) -> Key {
        Key {
            maker: self.maker.clone(),
            quantity: quantity.to_owned(),
            part: subject.part(),
            sets: subject.sets(),
            options: subject.options(),
            seed: subject.seed(),
        }
    }
}

/// The first letters of the digest of a program: a version says too little of what is being worked on.
pub(crate) fn digest(program: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    Ok(Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
