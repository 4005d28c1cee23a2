//! What variants of a genome, or changes of sequences, do to a score.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use ckn::bio::io::{Genome, Variants, read_variant_table, read_vcf};
use ckn::bio::motif::changed;
use ckn::bio::{EncodedSequences, VariantContexts, VariantStatus, variant_contexts};
use ckn::core::TokenView;
use ckn::core::seed::Seed;
use ckn::interpret::{Effect, Explainer, NullEffects};
use ckn::model::Model;
use ckn_cli::embedded::{Input, Usage, alphabet_of, check_lengths, of_log_odds, parse_length, window_of};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::compute::compute;
use crate::errors::setting;
use crate::sequences::Sequences;

/// Most random substitutions.
const MOST_NULL: u32 = 10_000_000;

/// What is asked about variants.
pub(crate) struct VariantQuestion {
    pub(crate) model: Arc<Model>,
    pub(crate) window: Option<usize>,
    pub(crate) null: u32,
    pub(crate) seed: u64,
}

/// Numbers of each change, NaN where there are none.
#[derive(Default)]
struct Effects {
    before: Vec<f64>,
    after: Vec<f64>,
    difference: Vec<f64>,
    effect: Vec<f64>,
    p_value: Vec<f64>,
}

impl Effects {
    fn push(&mut self, change: Option<Effect>, null: &NullEffects, of_log_odds: bool) {
        let Effect { before, after } = change.unwrap_or(Effect { before: f64::NAN, after: f64::NAN });
        self.before.push(before);
        self.after.push(after);
        self.difference.push(change.map_or(f64::NAN, Effect::difference));
        let effect = if of_log_odds { Effect::of_log_odds } else { Effect::difference };
        self.effect.push(change.map_or(f64::NAN, effect));
        let known = change.filter(|_| !null.is_empty());
        self.p_value.push(known.map_or(f64::NAN, |change| null.p_value(change)));
    }

    fn add_to(self, py: Python<'_>, columns: &Bound<'_, PyDict>) -> PyResult<()> {
        let Self { before, after, difference, effect, p_value } = self;
        let named = [
            ("before", before),
            ("after", after),
            ("difference", difference),
            ("effect", effect),
            ("p_value", p_value),
        ];
        named.into_iter().try_for_each(|(name, values)| columns.set_item(name, PyArray1::from_vec(py, values)))
    }
}

impl VariantQuestion {
    /// The answer as columns: of variants of a genome, or of pairs of sequences.
    pub(crate) fn ask<'py>(
        self,
        py: Python<'py>,
        threads: Option<usize>,
        files: (Option<PathBuf>, Option<PathBuf>, Option<PathBuf>),
        pairs: (Option<Sequences>, Option<Sequences>),
    ) -> PyResult<Bound<'py, PyDict>> {
        if self.null > MOST_NULL {
            return Err(setting(py, format!("null is at most {MOST_NULL}")));
        }
        let columns = PyDict::new(py);
        match (files, pairs) {
            ((None, None, None), (Some(reference), Some(alternative))) => {
                if self.window.is_some() {
                    return Err(setting(
                        py,
                        "sequences are compared as they stand: window is for variants of a genome",
                    ));
                }
                let (ids, effects) = compute(py, threads, None, move || self.of_pairs(reference, alternative))?;
                columns.set_item("id", ids)?;
                effects.add_to(py, &columns)?;
            }
            ((vcf, tsv, Some(genome)), (None, None)) if vcf.is_some() != tsv.is_some() => {
                let (variants, contexts, effects) =
                    compute(py, threads, None, move || self.of_genome(vcf, tsv, genome))?;
                let records = variants.records();
                columns.set_item("chrom", records.iter().map(|one| &*one.chromosome).collect::<Vec<_>>())?;
                columns.set_item("pos", PyArray1::from_iter(py, records.iter().map(|one| one.position)))?;
                columns.set_item("id", records.iter().map(|one| &*one.id).collect::<Vec<_>>())?;
                columns.set_item("ref", records.iter().map(|one| &*one.reference).collect::<Vec<_>>())?;
                columns.set_item("alt", records.iter().map(|one| one.alternative.as_str()).collect::<Vec<_>>())?;
                effects.add_to(py, &columns)?;
                let status: Vec<&str> = contexts.status.iter().map(|status| status.name()).collect();
                columns.set_item("status", status)?;
            }
            _ => {
                return Err(setting(py, "give vcf or tsv with genome, or reference with alternative"));
            }
        }
        Ok(columns)
    }

    fn of_genome(
        self,
        vcf: Option<PathBuf>,
        tsv: Option<PathBuf>,
        genome: PathBuf,
    ) -> anyhow::Result<(Variants, VariantContexts, Effects)> {
        let (model, alphabet) = (&*self.model, alphabet_of(self.model.card())?);
        let asked = self.window.map(|letters| parse_length(&letters.to_string())).transpose().map_err(Usage)?;
        let (window, shortest) = (window_of(model.card(), asked, "window")?, model.shortest_sequence());
        if window < shortest {
            return Err(ckn::model::Error::WindowLength { got: window, shortest }.into());
        }
        let explainer = Explainer::new(model, alphabet)?;
        let variants = match (vcf, tsv) {
            (Some(path), _) => read_vcf(path, alphabet)?,
            (None, Some(path)) => read_variant_table(path, alphabet)?,
            (None, None) => return Err(Usage("give vcf or tsv with genome".into()).into()),
        };
        let genome = Genome::open(&genome, alphabet)?;
        let contexts = variant_contexts(&genome, &variants, window)?;
        let offsets: Vec<usize> = (0..=contexts.changed.len()).map(|context| context * window).collect();
        let before = TokenView::new(&contexts.before, &offsets, alphabet.table())?;
        let after = TokenView::new(&contexts.after, &offsets, alphabet.table())?;
        let found = explainer.effects(before, after)?;
        let null = self.null(&explainer, before, &contexts.changed, &found)?;
        let (mut rows, mut effects) = (found.into_iter(), Effects::default());
        for status in &contexts.status {
            let change = if *status == VariantStatus::Ok { rows.next() } else { None };
            effects.push(change, &null, of_log_odds(model));
        }
        Ok((variants, contexts, effects))
    }

    fn of_pairs(self, reference: Sequences, alternative: Sequences) -> anyhow::Result<(Vec<String>, Effects)> {
        let (model, alphabet) = (&*self.model, alphabet_of(self.model.card())?);
        let read = |given: Sequences| -> anyhow::Result<EncodedSequences> {
            let sequences = given.read(alphabet, false)?;
            if model.card().pad_short {
                return Ok(sequences.padded(model.shortest_sequence()));
            }
            check_lengths(&sequences, model.shortest_sequence())?;
            Ok(sequences)
        };
        let (before, after) = (read(reference)?, read(alternative)?);
        if before.len() != after.len() {
            let (one, other) = (before.len(), after.len());
            let message = format!(
                "there are {one} sequences of reference and {other} of alternative: give as many, in the same order"
            );
            return Err(Input(message).into());
        }
        let explainer = Explainer::new(model, alphabet)?;
        let found = explainer.effects(before.view(), after.view())?;
        let changed: Vec<Range<usize>> =
            before.iter().zip(after.iter()).map(|(one, other)| changed(one, other)).collect();
        let null = self.null(&explainer, before.view(), &changed, &found)?;
        let mut effects = Effects::default();
        found.into_iter().for_each(|effect| effects.push(Some(effect), &null, of_log_odds(model)));
        Ok((before.ids().to_vec(), effects))
    }

    fn null(
        &self,
        explainer: &Explainer<'_>,
        before: TokenView<'_>,
        changed: &[Range<usize>],
        found: &[Effect],
    ) -> anyhow::Result<NullEffects> {
        let scores: Vec<f64> = found.iter().map(|effect| effect.before).collect();
        Ok(explainer.null_effects(before, changed, &scores, self.null as usize, Seed(self.seed))?)
    }
}
