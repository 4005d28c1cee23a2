//! Reading the motifs of a model, judging and naming them: what `ckn motifs` and the report share.

mod database;
mod folder;
mod row;
mod subject;
pub mod table;

use ckn::bio::motif::compare::best_alignment;
use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences};
use ckn::core::seed::Seed;
use ckn::interpret::{HeldOut, ModelMotif, ReadingSettings, count_motifs, detector_motifs, evidence, project_motifs};
use ckn::model::ModelCard;
use rand::seq::SliceRandom;

pub use self::database::KnownMotifs;
pub use self::folder::MotifFolder;
pub use self::row::{Known, Row};
pub use self::subject::Subject;
use crate::exit::{Input, Usage};

/// False discovery rate up to which a motif is shown, unless asked otherwise.
pub const MAX_Q: f64 = 0.01;

/// Sequences that motifs are searched in, and others that are evidence for them.
pub struct Halves {
    pub searched: EncodedSequences,
    pub positives: EncodedSequences,
    pub negatives: EncodedSequences,
}

impl Halves {
    /// Half of the positives is searched, the other half and all negatives are evidence; what is shorter than a filter is left
    /// out.
    pub fn split(data: &LabelledSequences, model: Subject<'_>, seed: u64) -> anyhow::Result<Self> {
        let (mut positives, negatives) = classes(data, model);
        if positives.len() < 4 || negatives.is_empty() {
            let message = format!(
                "{} positives and {} negatives are as long as the filters: motifs need at least 4 and 1",
                positives.len(),
                negatives.len()
            );
            return Err(Input(message).into());
        }
        positives.shuffle(&mut Seed(seed).stream("motifs"));
        let (searched, held_out) = positives.split_at(positives.len().div_ceil(2));
        let select = |records: &[usize]| -> anyhow::Result<EncodedSequences> {
            let mut records = records.to_vec();
            records.sort_unstable();
            Ok(data.sequences().select(&records)?)
        };
        Ok(Self { searched: select(searched)?, positives: select(held_out)?, negatives: select(&negatives)? })
    }

    /// The positives of one set are searched, another is evidence; what is shorter than a filter is left out. `None` where
    /// too few are left.
    pub fn of(
        searched: &LabelledSequences,
        held_out: &LabelledSequences,
        model: Subject<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let (found_in, _) = classes(searched, model);
        let (positives, negatives) = classes(held_out, model);
        if found_in.len() < 2 || positives.len() < 2 || negatives.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            searched: searched.sequences().select(&found_in)?,
            positives: held_out.sequences().select(&positives)?,
            negatives: held_out.sequences().select(&negatives)?,
        }))
    }
}

/// Positives and negatives that are as long as the filters.
fn classes(data: &LabelledSequences, model: Subject<'_>) -> (Vec<usize>, Vec<usize>) {
    let shortest = model.width();
    let long = (0..data.len()).filter(|&record| data.sequences().sequence(record).len() >= shortest);
    long.partition(|&record| data.labels()[record] > 0.0)
}

/// How the motifs of a model are found and judged.
pub struct MotifReading {
    pub settings: ReadingSettings,
    /// Whether anchor points are projected although there are sequences to search.
    pub project: bool,
    /// False discovery rate up to which a motif is shown.
    pub max_q: f64,
}

impl MotifReading {
    pub fn find(&self, model: Subject<'_>, halves: Option<&Halves>) -> anyhow::Result<Vec<ModelMotif>> {
        Ok(match (model, halves) {
            (Subject::Network(model), Some(halves)) if !self.project => {
                count_motifs(model, &halves.searched, &self.settings)?
            }
            (Subject::Network(model), _) => project_motifs(model, &self.settings)?,
            (Subject::Detectors(model), Some(halves)) => detector_motifs(model, &halves.searched, &self.settings)?,
            (Subject::Detectors(_), None) => Vec::new(),
        })
    }

    /// The motifs that have evidence, the best first, where there are sequences to judge them by.
    pub fn judge(
        &self,
        model: Subject<'_>,
        motifs: &[ModelMotif],
        halves: Option<&Halves>,
    ) -> anyhow::Result<Vec<Row>> {
        let Some(halves) = halves else {
            return Ok(motifs.iter().map(|motif| Row::new(motif, model.card(), None)).collect());
        };
        let held_out = HeldOut { positives: &halves.positives, negatives: &halves.negatives };
        let network = model.network().map(|network| (network, self.settings.output));
        let found = evidence(network, motifs, held_out, self.settings.both_strands)?;
        let rows = motifs.iter().zip(found).filter(|(_, evidence)| evidence.q_value <= self.max_q);
        let mut rows: Vec<Row> = rows.map(|(motif, evidence)| Row::new(motif, model.card(), Some(evidence))).collect();
        rows.sort_by(|a, b| a.p_value().total_cmp(&b.p_value()));
        for (number, row) in rows.iter_mut().enumerate() {
            row.found.motif.name = format!("motif_{}", number + 1);
        }
        Ok(rows)
    }

    /// How many other models have each motif.
    pub fn count_restarts(
        &self,
        rows: &mut [Row],
        restarts: &[Subject<'_>],
        halves: Option<&Halves>,
    ) -> anyhow::Result<()> {
        for restart in restarts {
            let others = self.find(*restart, halves)?;
            for row in rows.iter_mut() {
                let mut there = false;
                for other in &others {
                    let (first, second) = (&row.found.motif.probabilities, &other.motif.probabilities);
                    let overlap = first.width().min(second.width()).min(6);
                    let best = best_alignment(first, second, overlap, self.settings.both_strands)?;
                    there |= best.is_some_and(|alignment| alignment.correlation >= 0.8);
                }
                row.restarts = Some((row.restarts.map_or(0, |(with, _)| with) + usize::from(there), restarts.len()));
            }
        }
        Ok(())
    }
}

/// Settings of a reading of one output of a model.
pub fn settings(output: usize, alphabet: Alphabet) -> ReadingSettings {
    ReadingSettings { output, both_strands: alphabet == Alphabet::Dna, ..ReadingSettings::default() }
}

/// The place of the output of a name; of the only output where there is no name.
pub fn output_of(card: &ModelCard, name: Option<&str>) -> anyhow::Result<usize> {
    let outputs = &card.outputs;
    match name {
        None if outputs.is_empty() => Ok(0),
        None => {
            Err(Usage(format!("the model has several outputs ({}): choose one by --output", outputs.join(", "))).into())
        }
        Some(name) => outputs
            .iter()
            .position(|output| output == name)
            .ok_or_else(|| Usage(format!("the model has no output `{name}`, only: {}", outputs.join(", "))).into()),
    }
}
