//! `ckn.train`: the training of `ckn train`, of sequences in files or in memory.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences};
use ckn_cli::embedded::{INTERRUPTED, Listener, Outcome, Training};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use crate::compute::compute;
use crate::errors::{setting, warn};
use crate::labels::Labels;
use crate::model::Model;
use crate::options::words;
use crate::sequences::{Sequences, alphabet};

/// Trains a model as `ckn train` does: the same data, options and seed give the same model.
///
/// positives, negatives: the path of a file (FASTA, FASTQ or table, plain or gzipped); a list of str or bytes; an array of bytes, uint8
/// [sequences, letters]; or an array of text [sequences]. Without negatives, positives are shuffled.
/// labels: of all sequences, which are then given as positives: two classes (0 and 1), measurements, or names of classes, [sequences]; or
/// numbers [sequences, tasks], NaN where they are not known, with task_names.
/// alphabet: dna (default), rna or protein.
/// threads: all cores by default; the model does not depend on it.
/// progress: True to write what happens to standard error; or a function of a line, whose exceptions end the training.
/// options: those of `ckn train --help` that say what is trained, on what, and how, with _ for -: effort, budget, seed, model, filters,
/// width, loss, tsv, bed, genome and so on. A list has its values joined by commas, True is an option without a value, and task takes a
/// dict. A file that is named by an option takes the place of positives.
///
/// By default a model is chosen inside the data. Ctrl-C ends a training with the best model so far, twice at once. SettingError for
/// arguments without effect, InputError for data that cannot be used; DataWarning and TrainingWarning for what makes one doubt data or
/// model.
#[pyfunction]
#[pyo3(signature = (positives=None, negatives=None, *, labels=None, task_names=None, alphabet=None, threads=None, progress=None, **options))]
pub(crate) fn train(
    py: Python<'_>,
    positives: Option<Bound<'_, PyAny>>,
    negatives: Option<Bound<'_, PyAny>>,
    labels: Option<Bound<'_, PyAny>>,
    task_names: Option<Vec<String>>,
    alphabet: Option<&str>,
    threads: Option<usize>,
    progress: Option<Bound<'_, PyAny>>,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<Model> {
    let mut words = words(options.as_ref())?;
    words.extend(alphabet.map(|name| format!("--alphabet={name}").into()));
    let data = Data::of(py, positives, negatives, labels, task_names, self::alphabet(py, alphabet.unwrap_or("dna"))?)?;
    let said = Said::new(py, progress)?;
    let (quiet, listener) = (said.progress.is_none(), said.listener(py));
    let flag = Arc::clone(&said.interrupted);
    let outcome = compute(py, threads, Some(Arc::clone(&flag)), move || {
        let memory = data.read(&mut words)?;
        Training::new(words, memory)?.run(flag, quiet, listener())
    });
    let Outcome { model, warnings, status } = said.raised().map_or(outcome, Err)?;
    warnings.iter().try_for_each(|warning| warn(py, "DataWarning", warning))?;
    said.lines().iter().try_for_each(|line| warn(py, "TrainingWarning", line))?;
    if status == INTERRUPTED {
        warn(py, "TrainingWarning", "interrupted: this is the best model so far")?;
    }
    Ok(Model::new(model, PathBuf::from("the model")))
}

/// Sequences and labels that were given.
struct Data {
    positives: Option<Sequences>,
    negatives: Option<Sequences>,
    labels: Option<Labels>,
    alphabet: Alphabet,
}

impl Data {
    fn of(
        py: Python<'_>,
        positives: Option<Bound<'_, PyAny>>,
        negatives: Option<Bound<'_, PyAny>>,
        labels: Option<Bound<'_, PyAny>>,
        task_names: Option<Vec<String>>,
        alphabet: Alphabet,
    ) -> PyResult<Self> {
        if labels.is_some() && negatives.is_some() {
            return Err(setting(py, "labels say which sequences are negatives: drop one of both"));
        }
        if (labels.is_some() || negatives.is_some()) && positives.is_none() {
            return Err(setting(py, "there are no sequences beside the labels or negatives: give them first"));
        }
        if labels.is_none() && task_names.is_some() {
            return Err(setting(py, "task_names are those of the columns of labels: give labels"));
        }
        let name = if labels.is_some() { "sequence" } else { "positive" };
        Ok(Self {
            positives: positives.map(|given| Sequences::of(&given, alphabet, name)).transpose()?,
            negatives: negatives.map(|given| Sequences::of(&given, alphabet, "negative")).transpose()?,
            labels: labels.map(|given| Labels::of(&given, task_names)).transpose()?,
            alphabet,
        })
    }

    /// The labelled sequences; none where all that is given is in files of two classes, which become options.
    fn read(self, words: &mut Vec<OsString>) -> anyhow::Result<Option<LabelledSequences>> {
        let Self { positives, negatives, labels, alphabet } = self;
        let mut option = |name: &str, path: PathBuf| {
            let mut word = OsString::from(name);
            word.push(path);
            words.push(word);
        };
        let Some(positives) = positives else { return Ok(None) };
        let (positives, negatives) = match (positives, negatives, &labels) {
            (Sequences::File(positives), None, None) => {
                option("--pos=", positives);
                return Ok(None);
            }
            (Sequences::File(positives), Some(Sequences::File(negatives)), None) => {
                option("--pos=", positives);
                option("--neg=", negatives);
                return Ok(None);
            }
            (positives, negatives, _) => (positives, negatives),
        };
        let allowed = words.iter().any(|word| word == "--allow-duplicates");
        let positives = positives.read(alphabet, allowed)?;
        if let Some(labels) = labels {
            let measured = words.iter().any(|word| word == "--loss=squared");
            return labels.join(positives, measured).map(Some);
        }
        let negatives = negatives.map(|negatives| negatives.read(alphabet, allowed)).transpose()?;
        let negatives = negatives.unwrap_or_else(|| EncodedSequences::new(alphabet));
        Ok(Some(LabelledSequences::from_classes(&positives, &negatives)?))
    }
}

/// What a training says, and who hears it.
struct Said {
    progress: Option<Py<PyAny>>,
    interrupted: Arc<AtomicBool>,
    /// Lines that nobody asked for: warnings.
    lines: Arc<Mutex<Vec<String>>>,
    /// What the function of the caller raised.
    raised: Arc<Mutex<Option<PyErr>>>,
}

impl Said {
    fn new(py: Python<'_>, progress: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let flag = progress.as_ref().and_then(|progress| progress.cast::<PyBool>().ok()).map(|flag| flag.is_true());
        let progress = match (progress, flag) {
            (_, Some(true)) => Some(py.import("ckn._progress")?.getattr("say")?.unbind()),
            (None, _) | (_, Some(false)) => None,
            (Some(progress), None) if progress.is_callable() => Some(progress.unbind()),
            _ => return Err(setting(py, "progress is True, or a function of a line")),
        };
        Ok(Self { progress, interrupted: Arc::default(), lines: Arc::default(), raised: Arc::default() })
    }

    fn listener(&self, py: Python<'_>) -> impl FnOnce() -> Listener + Send + 'static + use<> {
        let progress = self.progress.as_ref().map(|progress| progress.clone_ref(py));
        let (interrupted, lines, raised) =
            (Arc::clone(&self.interrupted), Arc::clone(&self.lines), Arc::clone(&self.raised));
        move || -> Listener {
            Box::new(move |line| match &progress {
                None => locked(&lines).push(line.to_owned()),
                Some(progress) => {
                    if let Err(error) = Python::attach(|py| progress.call1(py, (line,))) {
                        locked(&raised).get_or_insert(error);
                        interrupted.store(true, Ordering::Relaxed);
                    }
                }
            })
        }
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.lines))
    }

    fn raised(&self) -> Option<PyErr> {
        locked(&self.raised).take()
    }
}

fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
