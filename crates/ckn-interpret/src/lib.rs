//! Reading a trained model: its motifs, from anchor points or scores, and the evidence for them; and the reasons for its scores. No
//! tensor library.
//!
//! [`project`] turns anchor points into matrices of probabilities without any sequence, [`sites`] counts them from sequences;
//! [`contribution_motifs`] and [`word_motifs`] find the motifs of models that have no anchor points; [`Weights`] tell which anchors
//! matter, [`MotifReading`] which motifs have evidence, [`judged_anchors`] why an anchor is read or is not.
//!
//! [`dependence`] tests whether sequences and labels have to do with each other at all, [`select_words`] which words do, although they
//! are chosen on the same sequences.
//!
//! An [`Explainer`] says what each position of a sequence contributes ([`Explainer::attribute`]), and what changes do, each an
//! [`Effect`]: every substitution of a letter ([`Explainer::mutagenesis`]), variants of a genome ([`Explainer::effects`]), sites
//! put into backgrounds ([`Explainer::marginalise`]), letters taken away ([`Explainer::replace`]). [`scan_genome`] finds the windows of
//! a genome that score above a threshold.

mod ablation;
mod assembly;
mod attribution;
mod combinations;
mod contributions;
mod cosines;
mod dependence;
mod detectors;
mod discovery;
mod effect;
mod error;
mod evidence;
mod explainer;
mod genome_scan;
mod held_out;
mod judgement;
mod marginalisation;
mod mutagenesis;
mod neighbourhood;
mod path_integral;
mod projection;
mod reader;
mod reading;
mod replacement;
mod response;
mod selection;
mod simplex;
mod single_layer;
mod sites;
mod strata;
mod variants;
mod verdict;
mod weights;
mod word_reader;
mod word_values;
mod words;

pub use ablation::without;
pub use attribution::{Attribution, AttributionWay};
pub use combinations::{Combination, Response, combinations};
pub use contributions::contribution_motifs;
pub use dependence::{Dependence, DependenceSettings, dependence};
pub use detectors::detector_motifs;
pub use discovery::{DiscoverySettings, discover, discover_all};
pub use effect::Effect;
pub use error::Error;
pub use evidence::{Evidence, HeldOut, evidence, scanner};
pub use explainer::Explainer;
pub use genome_scan::{
    Calibration, Joining, Peak, ScanEvent, ScanSettings, ScanTally, WindowHit, calibrate, calibration_windows,
    scan_genome,
};
pub use held_out::held_out_anchors;
pub use judgement::{
    FEWEST_FOR_Q, JudgedMotif, KnownMotif, KnownMotifs, MAX_NAMING_Q, MAX_Q, MotifReading, MotifSequences, MotifSource,
};
pub use marginalisation::{Marginal, consensus_site, sampled_sites};
pub use mutagenesis::{Mutagenesis, Substitution};
pub use neighbourhood::Neighbourhood;
pub use projection::{Distance, Projection, ProjectionSettings, project};
pub use reading::{
    ModelMotif, MotifDirection, MotifOrigin, ReadingSettings, count_motifs, informative_anchors, project_motifs,
};
pub use replacement::{Filler, hit_ranges};
pub use selection::{SelectedWord, SelectionEvent, SelectionSettings, select_words, select_words_observed};
pub use sites::{SiteSettings, Sites, sites};
pub use strata::Strata;
pub use variants::NullEffects;
pub use verdict::{JudgedAnchor, Verdict, judged_anchors};
pub use weights::Weights;
pub use words::word_motifs;
