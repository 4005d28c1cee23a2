//! `ckn.Model`: a trained model.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ckn::bio::EncodedSequences;
use ckn_cli::embedded::{alphabet_of, load_model, no_output, scores};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::attribution::Attribution;
use crate::compute::compute;
use crate::errors::exception;
use crate::html::html_of;
use crate::motifs::{Motif, MotifQuestion};
use crate::scan::ScanQuestion;
use crate::sequences::Sequences;
use crate::variants::VariantQuestion;

/// A trained model: of `ckn.train`, or of a file that it or the command wrote.
#[pyclass(frozen, module = "ckn", eq)]
pub(crate) struct Model {
    pub(crate) model: Arc<ckn::model::Model>,
    /// What messages call it.
    pub(crate) path: PathBuf,
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model
    }
}

impl Model {
    pub(crate) fn new(model: ckn::model::Model, path: PathBuf) -> Self {
        Self { model: Arc::new(model), path }
    }

    /// The sequences that were given, in the alphabet of the model.
    fn sequences(&self, given: &Bound<'_, PyAny>) -> PyResult<Sequences> {
        let alphabet = alphabet_of(self.model.card()).map_err(|error| exception(given.py(), &error))?;
        Sequences::of(given, alphabet, "sequence")
    }

    /// The model of the output that counts.
    fn chosen(&self, py: Python<'_>, output: Option<&str>) -> PyResult<Arc<ckn::model::Model>> {
        one_output(&self.model, &self.path, output).map_err(|error| exception(py, &error))
    }
}

fn one_output(
    model: &Arc<ckn::model::Model>,
    path: &Path,
    output: Option<&str>,
) -> anyhow::Result<Arc<ckn::model::Model>> {
    let outputs = &model.card().outputs;
    match output {
        None if outputs.is_empty() => Ok(Arc::clone(model)),
        None => Err(ckn::model::Error::Outputs { outputs: outputs.clone() }.into()),
        Some(name) => model.output(name).map(Arc::new).ok_or_else(|| no_output(model.card(), path, name)),
    }
}

#[pymethods]
impl Model {
    /// Reads a model of a file that `save` or the command wrote.
    ///
    /// InputError for a file that is no model, is damaged, or is of another version of the format.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let named = path.clone();
        let model = compute(py, None, None, move || load_model(&path, []))?;
        Ok(Self::new(model, named))
    }

    /// Reads a model of the bytes of its file; InputError as load.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: Vec<u8>) -> PyResult<Self> {
        let name = PathBuf::from("the bytes");
        let model =
            compute(py, None, None, move || Ok(ckn::model::Model::from_bytes(&bytes, Path::new("the bytes"))?))?;
        Ok(Self::new(model, name))
    }

    /// The bytes of the model's file: equal models have equal bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let model = Arc::clone(&self.model);
        Ok(PyBytes::new(py, &compute(py, None, None, move || Ok(model.to_bytes()?))?))
    }

    /// Writes the model to a file, whole or not at all.
    ///
    /// SettingError if the file is there and may not be overwritten; InputError if it cannot be written.
    #[pyo3(signature = (path, *, overwrite=false))]
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        let model = Arc::clone(&self.model);
        compute(py, None, None, move || Ok(model.save(&path, overwrite)?))
    }

    /// Scores of sequences, float64 of shape [sequences], or [sequences, outputs] of a model of several outputs.
    ///
    /// sequences: the path of a file (FASTA, FASTQ or table, plain or gzipped); a list of str or bytes; an array of bytes,
    /// uint8 [sequences, letters]; or an array of text [sequences]. output: the name of one output. allow_duplicates: whether two
    /// sequences of a file may have one name. threads: all cores by default; the result does not depend on it.
    ///
    /// With the logistic loss a score is a log-odds: above 0 means more likely positive than not. InputError for sequences that cannot be
    /// used, such as those shorter than shortest_sequence.
    #[pyo3(signature = (sequences, *, output=None, allow_duplicates=false, threads=None))]
    fn predict<'py>(
        &self,
        py: Python<'py>,
        sequences: &Bound<'py, PyAny>,
        output: Option<&str>,
        allow_duplicates: bool,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let model = if output.is_some() { self.chosen(py, output)? } else { Arc::clone(&self.model) };
        let (outputs, given) = (model.card().outputs.len(), self.sequences(sequences)?);
        let scores = compute(py, threads, None, move || {
            let sequences = given.read(alphabet_of(model.card())?, allow_duplicates)?;
            scores(&model, &sequences)
        })?;
        let records = scores.len() / outputs.max(1);
        let scores = PyArray1::from_vec(py, scores);
        Ok(if outputs == 0 { scores.into_any() } else { scores.reshape([records, outputs])?.into_any() })
    }

    /// What each letter contributes to the score of its sequence: one Attribution a sequence.
    ///
    /// by: matches, shapley, gradient, substitution or occlusion; what found planted sites best for such a model by default.
    /// hypothetical: whether to tell what the letters would contribute that do not stand there. The rest is as for predict; a model of
    /// several outputs needs the name of one.
    #[pyo3(signature = (sequences, *, by=None, hypothetical=false, output=None, allow_duplicates=false, threads=None))]
    fn attribute<'py>(
        &self,
        py: Python<'py>,
        sequences: &Bound<'py, PyAny>,
        by: Option<&str>,
        hypothetical: bool,
        output: Option<&str>,
        allow_duplicates: bool,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyList>> {
        let (model, given) = (self.chosen(py, output)?, self.sequences(sequences)?);
        let way = by.map(|name| crate::attribution::way(py, name)).transpose()?;
        let found = compute(py, threads, None, move || {
            let sequences: EncodedSequences = given.read(alphabet_of(model.card())?, allow_duplicates)?;
            crate::attribution::attribute(&model, sequences, way, hypothetical)
        })?;
        PyList::new(py, found.into_iter().map(|found| Attribution::new(py, found)).collect::<PyResult<Vec<_>>>()?)
    }

    /// What variants do to the score of their surroundings, as columns for pandas.DataFrame.
    ///
    /// Either vcf or tsv with genome: columns chrom, pos (counted from 1), id, ref, alt, before, after, difference, effect, p_value and
    /// status, one row an alternative allele, NaN where there is no score. Or reference with alternative, sequences as they stand: columns
    /// id, before, after, difference, effect and p_value. window: letters around a variant, those of the training sequences by default.
    /// null: random substitutions that effects are compared with, 0 for none; seed: the root of their random stream.
    ///
    /// InputError for files that cannot be used; SettingError for arguments that do not go together.
    #[pyo3(signature = (*, vcf=None, tsv=None, genome=None, reference=None, alternative=None, window=None, null=10_000, seed=0, output=None, threads=None))]
    fn variants<'py>(
        &self,
        py: Python<'py>,
        vcf: Option<PathBuf>,
        tsv: Option<PathBuf>,
        genome: Option<PathBuf>,
        reference: Option<Bound<'py, PyAny>>,
        alternative: Option<Bound<'py, PyAny>>,
        window: Option<usize>,
        null: u32,
        seed: u64,
        output: Option<&str>,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let model = self.chosen(py, output)?;
        let reference = reference.map(|given| self.sequences(&given)).transpose()?;
        let alternative = alternative.map(|given| self.sequences(&given)).transpose()?;
        let question = VariantQuestion { model, window, null, seed };
        question.ask(py, threads, (vcf, tsv, genome), (reference, alternative))
    }

    /// Motifs of the model, the best first; with sequences also the motifs that it does not show, and evidence.
    ///
    /// Half of each class of the sequences is searched, and the other half is evidence; positives alone are compared with shuffles of
    /// them. model_only: whether to leave out what the model does not show. database: a file of known motifs (MEME, JASPAR, TRANSFAC,
    /// HOMER) to name those found. max_q: the false discovery rate up to which a motif is shown, 0.01 by default.
    #[pyo3(signature = (positives=None, negatives=None, *, output=None, model_only=false, database=None, max_q=None, seed=0, allow_duplicates=false, threads=None))]
    fn motifs(
        &self,
        py: Python<'_>,
        positives: Option<Bound<'_, PyAny>>,
        negatives: Option<Bound<'_, PyAny>>,
        output: Option<String>,
        model_only: bool,
        database: Option<PathBuf>,
        max_q: Option<f64>,
        seed: u64,
        allow_duplicates: bool,
        threads: Option<usize>,
    ) -> PyResult<Vec<Motif>> {
        let alphabet = alphabet_of(self.model.card()).map_err(|error| exception(py, &error))?;
        let model = Some((Arc::clone(&self.model), output));
        let question = MotifQuestion { model, alphabet, model_only, database, max_q, seed, allow_duplicates };
        question.ask(py, threads, positives, negatives)
    }

    /// Windows of a genome that score above a threshold, as columns for pandas.DataFrame: one row for each run of them that overlap.
    ///
    /// genome: the path of FASTA or 2bit, or sequences as for predict, which a temporary file holds. threshold: 0 by default; or fpr, the
    /// share of windows of shuffled sequence that may exceed it, 1e-6 to 0.5. region: NAME or NAME:START-END, counted from 0. length:
    /// letters of a window, those of the training sequences by default. Columns are chrom, start, end (from 0, half-open), score, strand,
    /// peak_start and peak_end (of the best window); threshold is one number.
    #[pyo3(signature = (genome, *, threshold=None, fpr=None, region=None, length=None, strands=None, output=None, seed=0, threads=None))]
    fn scan<'py>(
        &self,
        py: Python<'py>,
        genome: &Bound<'py, PyAny>,
        threshold: Option<f64>,
        fpr: Option<f64>,
        region: Option<String>,
        length: Option<usize>,
        strands: Option<String>,
        output: Option<&str>,
        seed: u64,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (model, genome) = (self.chosen(py, output)?, self.sequences(genome)?);
        let question = ScanQuestion { model, threshold, fpr, region, length, strands, seed };
        question.ask(py, threads, genome)
    }

    /// The kind of the model, in words.
    #[getter]
    fn kind(&self) -> &'static str {
        self.model.kind()
    }

    /// The alphabet: dna, rna or protein.
    #[getter]
    fn alphabet(&self) -> &str {
        &self.model.card().alphabet
    }

    /// The letters of the alphabet, in the order of columns.
    #[getter]
    fn letters(&self) -> &str {
        &self.model.card().letters
    }

    /// Names of the outputs, where there are several.
    #[getter]
    fn outputs(&self) -> Vec<String> {
        self.model.card().outputs.clone()
    }

    /// Names of the negative and of the positive class, where labels were names.
    #[getter]
    fn classes(&self) -> Vec<String> {
        self.model.card().classes.clone()
    }

    /// Letters of the shortest sequence that has a score.
    #[getter]
    fn shortest_sequence(&self) -> usize {
        self.model.shortest_sequence()
    }

    /// What the model is for and where it comes from, as the file says it, as plain objects.
    #[getter]
    fn card<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = serde_json::to_string(self.model.card()).map_err(|error| exception(py, &error.into()))?;
        py.import("json")?.call_method1("loads", (text,))
    }

    fn __repr__(&self) -> String {
        let card = self.model.card();
        let outputs =
            if card.outputs.is_empty() { String::new() } else { format!(", outputs {}", card.outputs.join(", ")) };
        format!("<ckn.Model: {} of {}{outputs}>", self.model.kind(), card.alphabet)
    }

    fn _repr_html_(&self) -> String {
        html_of(&self.model)
    }

    /// For pickle and copy.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("from_bytes")?, (self.to_bytes(py)?,)))
    }
}
