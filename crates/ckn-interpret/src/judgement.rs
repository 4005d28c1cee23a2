//! Finding the motifs of a model and judging them.

mod judged;
mod known;
mod sequences;
mod source;

use ckn_bio::motif::compare::best_alignment;

pub use self::judged::JudgedMotif;
pub use self::known::{FEWEST_FOR_Q, KnownMotif, KnownMotifs, MAX_NAMING_Q};
pub use self::sequences::MotifSequences;
pub use self::source::MotifSource;
pub(crate) use self::source::of_output;
use crate::discovery::is_known;
use crate::{
    DiscoverySettings, Error, HeldOut, ModelMotif, MotifDirection, ReadingSettings, contribution_motifs, count_motifs,
    detector_motifs, discover, evidence, project_motifs, word_motifs,
};

/// False discovery rate up to which a motif is shown, unless asked otherwise.
pub const MAX_Q: f64 = 0.01;

/// Matrices without support after which no more depleted motifs are looked for: they come second, and most data have none.
const DEPLETED_PATIENCE: usize = 2;

/// How the motifs of a model are found and judged.
///
/// ```
/// use ckn_bio::{Alphabet, LabelledSequences, shuffle::shuffled_negatives, simulate::{Simulation, demo_motifs}};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{MotifDirection, MotifReading, MotifSequences, MotifSource, ReadingSettings};
/// # use ckn_core::{kernel::DotProductKernel, pooling::{Border, Pooling, Strands}, whitening::Regularisation};
/// # use ckn_model::{LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// # let config = NetworkConfig {
/// #     letters: 4, layers: vec![LayerConfig { filters: 2, width: 8, kernel, subsampling: 1 }], pooling: Pooling::Max,
/// #     strands: Strands::Max, border: Border::Valid, regularisation: Regularisation::Shift { epsilon: 1e-3 },
/// #     gap_decay: 0.0,
/// #     letter_similarity: Vec::new(),
/// # };
/// # let network = Network::random(config.check()?, &mut Seed(0).stream("anchors"))?;
/// # let card: ModelCard = serde_json::from_str(r#"{ "alphabet": "dna", "letters": "ACGT", "loss": "logistic", "seed": 0,
/// #     "data": {}, "training": null, "measured": {} }"#)?;
/// # let model = Model::of_network(network, vec![LinearHead::new(vec![1.0, 1.0], 0.5)?], card)?;
/// # let model = model.network().ok_or("no network")?;
/// let simulation = Simulation { motifs: demo_motifs(), ..Simulation::new("bound", 40, 60) };
/// let bound = simulation.run(Seed(0))?.sequences;
/// let data = LabelledSequences::from_classes(&bound, &shuffled_negatives(&bound, 2, 1, Seed(0))?)?;
///
/// // Half of the positives is searched, the rest is evidence.
/// let source: MotifSource<'_> = model.into();
/// let sequences = MotifSequences::split(&data, source.width(), Seed(0))?;
/// let reading = MotifReading { max_q: 1.0, ..MotifReading::new(ReadingSettings::of(0, Alphabet::Dna)) };
/// let motifs = reading.find(Some(source), Some(&sequences))?;
/// let judged = reading.judge(Some(source), &motifs, Some(&sequences))?;
/// // The best first; those that negatives have more of follow.
/// let enriched: Vec<_> = judged.iter().filter(|row| row.found.direction == MotifDirection::Enriched).collect();
/// assert!(enriched.windows(2).all(|pair| pair[0].p_value() <= pair[1].p_value()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MotifReading {
    /// How motifs are found.
    pub settings: ReadingSettings,
    /// Whether anchor points are projected, or words of the function read, although there are sequences to search.
    pub project: bool,
    /// Whether sequences are searched for motifs beyond those of the model, too ([`discover`]).
    pub discover: bool,
    /// False discovery rate up to which a motif is shown.
    pub max_q: f64,
}

impl MotifReading {
    /// A reading that shows what [`MAX_Q`] lets pass.
    pub fn new(settings: ReadingSettings) -> Self {
        Self { settings, project: false, discover: true, max_q: MAX_Q }
    }

    /// The motifs of a model, if there is one: sites in the searched sequences, or projections of its anchor points; of a model read from
    /// its scores stretches of the searched sequences that carry them, or its words. Then, where sequences are searched for more, those that
    /// tell them from the others and are not among these.
    ///
    /// # Errors
    /// Those of [`count_motifs`], [`project_motifs`], [`detector_motifs`], [`contribution_motifs`], [`word_motifs`] and [`discover`].
    pub fn find(
        &self,
        model: Option<MotifSource<'_>>,
        halves: Option<&MotifSequences>,
    ) -> Result<Vec<ModelMotif>, Error> {
        let mut found = match model {
            Some(model) => self.of_model(model, halves)?,
            None => Vec::new(),
        };
        if let Some(halves) = halves.filter(|_| self.discover && !self.project) {
            let both_strands = self.settings.both_strands;
            let settings =
                DiscoverySettings { information: self.settings.information, ..DiscoverySettings::new(both_strands) };
            let enriched = discover(&halves.searched, &halves.compared, &settings)?;
            let settings = DiscoverySettings { patience: DEPLETED_PATIENCE, ..settings };
            let depleted = discover(&halves.compared, &halves.searched, &settings)?;
            let depleted =
                depleted.into_iter().map(|motif| ModelMotif { direction: MotifDirection::Depleted, ..motif });
            for others in [enriched, depleted.collect()] {
                // Those of one search are no variants of one another.
                let before = found.len();
                for motif in others {
                    if !is_known(&motif.motif.probabilities, &found[..before], both_strands)? {
                        found.push(motif);
                    }
                }
            }
        }
        Ok(found)
    }

    fn of_model(&self, model: MotifSource<'_>, halves: Option<&MotifSequences>) -> Result<Vec<ModelMotif>, Error> {
        Ok(match (model, halves) {
            (MotifSource::Network(model), Some(halves)) if !self.project => {
                count_motifs(model, &halves.searched, &self.settings)?
            }
            (MotifSource::Network(model), _) => project_motifs(model, &self.settings)?,
            (MotifSource::Detectors(network, card), Some(halves)) => {
                detector_motifs(network, card, &halves.searched, &self.settings)?
            }
            (MotifSource::Detectors(..), None) => Vec::new(),
            (MotifSource::Scores(model), halves) => {
                let model = of_output(model, self.settings.output)?;
                match halves {
                    Some(halves) if !self.project => contribution_motifs(&model, &halves.searched, &self.settings)?,
                    _ => word_motifs(&model, &self.settings)?,
                }
            }
        })
    }

    /// The motifs that have evidence at the false discovery rate asked for, the best first and depleted ones after all others; all of
    /// them where there are no sequences to judge them by. Shuffles of the negatives, which depleted ones are compared with, are of the
    /// seed of the projections.
    ///
    /// # Errors
    /// Those of [`evidence`].
    pub fn judge(
        &self,
        model: Option<MotifSource<'_>>,
        motifs: &[ModelMotif],
        halves: Option<&MotifSequences>,
    ) -> Result<Vec<JudgedMotif>, Error> {
        let card = model.map(MotifSource::card);
        let Some(halves) = halves else {
            return Ok(motifs.iter().map(|motif| JudgedMotif::new(motif, card, None)).collect());
        };
        let held_out = HeldOut { positives: &halves.positives, negatives: &halves.negatives };
        let (output, seed) = (self.settings.output, self.settings.projection.seed);
        let both_strands = self.settings.both_strands;
        let found = evidence(model.map(|model| (model, output)), motifs, held_out, both_strands, seed)?;
        let rows = motifs.iter().zip(found).filter(|(_, evidence)| evidence.q_value <= self.max_q);
        let mut rows: Vec<JudgedMotif> =
            rows.map(|(motif, evidence)| JudgedMotif::new(motif, card, Some(evidence))).collect();
        let is_depleted = |row: &JudgedMotif| row.found.direction == MotifDirection::Depleted;
        rows.sort_by(|a, b| is_depleted(a).cmp(&is_depleted(b)).then(a.p_value().total_cmp(&b.p_value())));
        for (number, row) in rows.iter_mut().enumerate() {
            row.found.motif.name = format!("motif_{}", number + 1);
        }
        Ok(rows)
    }

    /// Counts, for each motif, the other models that have one that correlates with it by 0.8 or more.
    ///
    /// # Errors
    /// Those of [`Self::find`].
    pub fn count_restarts(
        &self,
        rows: &mut [JudgedMotif],
        restarts: &[MotifSource<'_>],
        halves: Option<&MotifSequences>,
    ) -> Result<(), Error> {
        for restart in restarts {
            let others = self.of_model(*restart, halves)?;
            for row in rows.iter_mut() {
                let mut there = false;
                for other in &others {
                    let (first, second) = (&row.found.motif.probabilities, &other.motif.probabilities);
                    let overlap = first.width().min(second.width()).min(6);
                    let best = best_alignment(first, second, overlap, self.settings.both_strands)?;
                    let alike = best.is_some_and(|alignment| alignment.correlation >= 0.8);
                    there |= alike && other.direction == row.found.direction;
                }
                row.restarts = Some((row.restarts.map_or(0, |(with, _)| with) + usize::from(there), restarts.len()));
            }
        }
        Ok(())
    }
}
