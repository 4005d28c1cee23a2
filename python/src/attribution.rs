//! What each letter contributes to a score.

use std::sync::Arc;

use ckn::bio::EncodedSequences;
use ckn::interpret::{AttributionWay, Explainer};
use ckn::model::Model;
use ckn_cli::embedded::{alphabet_of, check_lengths};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::setting;

/// Rules by the names that the command has for them.
const WAYS: [(&str, AttributionWay); 5] = [
    ("matches", AttributionWay::Matches),
    ("shapley", AttributionWay::Shapley),
    ("gradient", AttributionWay::Gradient),
    ("substitution", AttributionWay::Substitution),
    ("occlusion", AttributionWay::Occlusion),
];

/// The rule of a name.
pub(crate) fn way(py: Python<'_>, name: &str) -> PyResult<AttributionWay> {
    WAYS.into_iter().find(|(word, _)| *word == name).map(|(_, way)| way).ok_or_else(|| {
        let names = WAYS.map(|(word, _)| word).join(", ");
        setting(py, format!("`{name}` is no rule of attribution: choose one of {names}"))
    })
}

/// What was found of a sequence.
pub(crate) struct Found {
    name: String,
    letters: usize,
    attribution: ckn::interpret::Attribution,
    hypothetical: Option<Vec<f64>>,
}

/// What each letter of each sequence contributes; of letters that only lengthened a sequence nothing is told.
pub(crate) fn attribute(
    model: &Arc<Model>,
    sequences: EncodedSequences,
    way: Option<AttributionWay>,
    hypothetical: bool,
) -> anyhow::Result<Vec<Found>> {
    let (shortest, letters) = (model.shortest_sequence(), model.card().letters.len());
    let lengths: Vec<usize> = sequences.iter().map(<[u8]>::len).collect();
    let sequences = match model.card().pad_short {
        true => sequences.padded(shortest),
        false => {
            check_lengths(&sequences, shortest)?;
            sequences
        }
    };
    let explainer = Explainer::new(model, alphabet_of(model.card())?)?;
    let way = way.unwrap_or_else(|| explainer.default_way());
    let attributions = explainer.attribute_by(sequences.view(), way)?;
    let mut others = if hypothetical { explainer.hypothetical(sequences.view(), way)? } else { Vec::new() }.into_iter();
    let records = sequences.ids().iter().zip(lengths).zip(attributions);
    Ok(records
        .map(|((name, length), mut attribution)| {
            attribution.contributions.truncate(length);
            let hypothetical = others.next().map(|mut values| {
                values.truncate(length * letters);
                values
            });
            Found { name: name.clone(), letters, attribution, hypothetical }
        })
        .collect())
}

/// What each letter of a sequence contributes to its score.
#[pyclass(frozen, module = "ckn")]
pub(crate) struct Attribution {
    /// Name of the sequence.
    #[pyo3(get)]
    name: String,
    /// Score of the sequence.
    #[pyo3(get)]
    score: f64,
    /// What sums to the score with all contributions; None where they do not sum to it.
    #[pyo3(get)]
    baseline: Option<f64>,
    /// Contribution of each letter, [letters].
    #[pyo3(get)]
    contributions: Py<PyArray1<f64>>,
    /// What each letter of the alphabet would contribute at each place, [letters, alphabet]; None unless asked for.
    #[pyo3(get)]
    hypothetical: Option<Py<PyArray2<f64>>>,
}

impl Attribution {
    pub(crate) fn new(py: Python<'_>, found: Found) -> PyResult<Py<Self>> {
        let Found { name, letters, attribution, hypothetical } = found;
        let ckn::interpret::Attribution { score, baseline, contributions } = attribution;
        let length = contributions.len();
        let of_letters = |values| PyArray1::from_vec(py, values).reshape([length, letters]).map(Bound::unbind);
        let hypothetical = hypothetical.map(of_letters).transpose()?;
        let contributions = PyArray1::from_vec(py, contributions).unbind();
        Py::new(py, Self { name, score, baseline, contributions, hypothetical })
    }
}

#[pymethods]
impl Attribution {
    fn __repr__(&self, py: Python<'_>) -> String {
        let letters = self.contributions.bind(py).len();
        format!("<ckn.Attribution: {}, {letters} letters, score {:.4}>", self.name, self.score)
    }
}
