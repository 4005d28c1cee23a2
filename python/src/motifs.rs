//! The motifs of a model, and of sequences without one.

use std::path::PathBuf;
use std::sync::Arc;

use ckn::bio::motif::{LogoOptions, logo_svg};
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::{Alphabet, LabelledSequences};
use ckn::core::seed::Seed;
use ckn::interpret::{
    JudgedMotif, MAX_Q, MotifDirection, MotifOrigin, MotifReading, MotifSequences, MotifSource, ProjectionSettings,
    ReadingSettings,
};
use ckn::model::Model;
use ckn_cli::embedded::{Usage, output_of, read_known};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::compute::compute;
use crate::errors::{exception, setting};
use crate::sequences::{Sequences, alphabet};

/// Letters of the shortest sequence that motifs are looked for in, where no model says.
const SHORTEST: usize = 8;

/// What is asked about motifs.
pub(crate) struct MotifQuestion {
    /// The model that is read, and the name of its output.
    pub(crate) model: Option<(Arc<Model>, Option<String>)>,
    pub(crate) alphabet: Alphabet,
    pub(crate) model_only: bool,
    pub(crate) database: Option<PathBuf>,
    pub(crate) max_q: Option<f64>,
    pub(crate) seed: u64,
    pub(crate) allow_duplicates: bool,
}

impl MotifQuestion {
    /// The motifs, the best first.
    pub(crate) fn ask(
        self,
        py: Python<'_>,
        threads: Option<usize>,
        positives: Option<Bound<'_, PyAny>>,
        negatives: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Motif>> {
        if positives.is_none() && (negatives.is_some() || self.model_only || self.max_q.is_some()) {
            return Err(setting(py, "negatives, model_only and max_q have no effect without positives: give some"));
        }
        if self.max_q.is_some_and(|q| !(q > 0.0 && q <= 1.0)) {
            return Err(setting(py, "a false discovery rate is above 0, and at most 1"));
        }
        let of = |given: Option<Bound<'_, PyAny>>, name| {
            given.map(|given| Sequences::of(&given, self.alphabet, name)).transpose()
        };
        let (positives, negatives) = (of(positives, "positive")?, of(negatives, "negative")?);
        let found = compute(py, threads, None, move || self.find(positives, negatives))?;
        found.into_iter().map(|motif| Motif::new(py, motif)).collect()
    }

    fn find(self, positives: Option<Sequences>, negatives: Option<Sequences>) -> anyhow::Result<Vec<JudgedMotif>> {
        let source = self.model.as_ref().map(|(model, _)| MotifSource::of(model));
        let output = match &self.model {
            Some((model, name)) => output_of(model.card(), name.as_deref())?,
            None => 0,
        };
        if let (Some(MotifSource::Detectors(..)), None) = (source, &positives) {
            let message = "the detectors of a network after DeepBind are read from sequences only: give positives";
            return Err(Usage(message.into()).into());
        }
        let database = self.database.as_deref().map(|path| read_known(path, self.alphabet)).transpose()?;
        let halves = positives.map(|positives| self.halves(source, positives, negatives)).transpose()?;
        let settings = ReadingSettings {
            projection: ProjectionSettings { seed: Seed(self.seed), ..ProjectionSettings::default() },
            ..ReadingSettings::of(output, self.alphabet)
        };
        let max_q = self.max_q.unwrap_or(MAX_Q);
        let reading = MotifReading { discover: !self.model_only, max_q, ..MotifReading::new(settings) };
        let motifs = reading.find(source, halves.as_ref())?;
        let mut judged = reading.judge(source, &motifs, halves.as_ref())?;
        if let Some(database) = &database {
            database.name(&mut judged)?;
        }
        Ok(judged)
    }

    /// Half of each class is searched, the other half is evidence.
    fn halves(
        &self,
        source: Option<MotifSource<'_>>,
        positives: Sequences,
        negatives: Option<Sequences>,
    ) -> anyhow::Result<MotifSequences> {
        let read = |given: Sequences| given.read(self.alphabet, self.allow_duplicates);
        let positives = read(positives)?;
        let data = match negatives {
            Some(negatives) => LabelledSequences::from_classes(&positives, &read(negatives)?)?,
            None => {
                let shuffles = shuffled_negatives(&positives, 2, 1, Seed(self.seed))?;
                LabelledSequences::from_classes(&positives, &shuffles)?
            }
        };
        Ok(MotifSequences::split(&data, source.map_or(SHORTEST, MotifSource::width), Seed(self.seed))?)
    }
}

/// The motifs that stand in more of the positives than of the negatives, without a model, the best first.
///
/// Arguments are those of Model.motifs.
#[pyfunction]
#[pyo3(signature = (positives, negatives=None, *, alphabet="dna", database=None, max_q=None, seed=0, allow_duplicates=false, threads=None))]
pub(crate) fn find_motifs(
    py: Python<'_>,
    positives: Bound<'_, PyAny>,
    negatives: Option<Bound<'_, PyAny>>,
    alphabet: &str,
    database: Option<PathBuf>,
    max_q: Option<f64>,
    seed: u64,
    allow_duplicates: bool,
    threads: Option<usize>,
) -> PyResult<Vec<Motif>> {
    let alphabet = self::alphabet(py, alphabet)?;
    let question = MotifQuestion { model: None, alphabet, model_only: false, database, max_q, seed, allow_duplicates };
    question.ask(py, threads, Some(positives), negatives)
}

/// A motif: probabilities of letters, and what speaks for it.
#[pyclass(frozen, module = "ckn")]
pub(crate) struct Motif {
    judged: JudgedMotif,
    matrix: Py<PyArray2<f64>>,
}

impl Motif {
    fn new(py: Python<'_>, judged: JudgedMotif) -> PyResult<Self> {
        let probabilities = &judged.found.motif.probabilities;
        let values: Vec<f64> = probabilities.columns().flatten().copied().collect();
        let shape = [probabilities.width(), probabilities.alphabet().letter_count()];
        let matrix = PyArray1::from_vec(py, values).reshape(shape)?.unbind();
        Ok(Self { judged, matrix })
    }
}

#[pymethods]
impl Motif {
    /// Its name: motif_1 and so on.
    #[getter]
    fn name(&self) -> &str {
        &self.judged.found.motif.name
    }

    /// Probabilities of letters, float64 [width, letters].
    #[getter]
    fn matrix(&self, py: Python<'_>) -> Py<PyArray2<f64>> {
        self.matrix.clone_ref(py)
    }

    /// The letters of the alphabet, in the order of the columns.
    #[getter]
    fn letters(&self) -> &'static str {
        self.judged.found.motif.probabilities.alphabet().letters()
    }

    /// The most probable letters.
    #[getter]
    fn consensus(&self) -> String {
        self.judged.found.motif.probabilities.consensus()
    }

    /// What it was found by: model or sequences.
    #[getter]
    fn found_in(&self) -> &'static str {
        match self.judged.found.origin {
            MotifOrigin::Model => "model",
            MotifOrigin::Sequences => "sequences",
        }
    }

    /// Which sequences have more of it: enriched in the positives, or depleted.
    #[getter]
    fn direction(&self) -> &'static str {
        match self.judged.found.direction {
            MotifDirection::Enriched => "enriched",
            MotifDirection::Depleted => "depleted",
        }
    }

    /// Number of sites that the probabilities were counted from; None where it is not known.
    #[getter]
    fn sites(&self) -> Option<f64> {
        self.judged.found.motif.sites
    }

    /// False discovery rate at which it is found, in sequences that were not searched; None without sequences.
    #[getter]
    fn q_value(&self) -> Option<f64> {
        self.judged.evidence.as_ref().map(|evidence| evidence.q_value)
    }

    /// What sequences that were not searched say; `None` without sequences.
    #[getter]
    fn evidence<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(evidence) = &self.judged.evidence else { return Ok(None) };
        let (test, columns) = (&evidence.enrichment, PyDict::new(py));
        for (name, count) in [
            ("positives", test.positives),
            ("positives_with_hit", test.positives_with_hit),
            ("negatives", test.negatives),
            ("negatives_with_hit", test.negatives_with_hit),
        ] {
            columns.set_item(name, count)?;
        }
        for (name, value) in [
            ("log2_ratio", test.log2_ratio),
            ("fisher_p", test.fisher_p_value),
            ("auroc", test.auroc),
            ("rank_sum_p", test.rank_sum_p_value),
            ("p_value", evidence.p_value),
            ("q_value", evidence.q_value),
            ("e_value", evidence.e_value),
        ] {
            columns.set_item(name, value)?;
        }
        columns.set_item("shuffled_p", evidence.shuffled_p_value)?;
        Ok(Some(columns))
    }

    /// Name, other name and false discovery rate of the known motif that it is like; None if it is like none.
    #[getter(r#match)]
    fn known(&self) -> Option<(&str, Option<&str>, f64)> {
        let known = self.judged.known()?;
        Some((&known.motif.name, known.motif.alternate.as_deref(), known.found.q_value))
    }

    /// Name, other name and false discovery rate of every known motif that it is like, five at most, the closest first.
    #[getter]
    fn matches(&self) -> Vec<(&str, Option<&str>, f64)> {
        let matches = self.judged.matches.iter();
        matches
            .map(|known| (known.motif.name.as_str(), known.motif.alternate.as_deref(), known.found.q_value))
            .collect()
    }

    fn __repr__(&self) -> String {
        let q_value = self.q_value().map_or_else(String::new, |q_value| format!(", q {q_value:.1e}"));
        format!("<ckn.Motif: {}, {}{q_value}>", self.name(), self.consensus())
    }

    /// Its logo.
    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<String> {
        let options = LogoOptions { title: Some(self.consensus()), ..LogoOptions::default() };
        logo_svg(&self.judged.found.motif.probabilities, &options).map_err(|error| exception(py, &error.into()))
    }
}
