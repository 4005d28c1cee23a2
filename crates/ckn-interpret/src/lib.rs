//! Reading a trained network: its anchor points as motifs, and the evidence for them. No tensor library.
//!
//! [`project`] turns anchor points into matrices of probabilities without any sequence, [`sites`] counts them from sequences;
//! [`Weights`] tell which anchors matter.

mod ablation;
mod assembly;
mod combinations;
mod cosines;
mod detectors;
mod error;
mod evidence;
mod held_out;
mod projection;
mod reading;
mod response;
mod simplex;
mod sites;
mod weights;

pub use ablation::without;
pub use combinations::{Combination, Response, combinations};
pub use detectors::detector_motifs;
pub use error::Error;
pub use evidence::{Evidence, HeldOut, evidence, scanner};
pub use held_out::held_out_anchors;
pub use projection::{Distance, Projection, ProjectionSettings, project};
pub use reading::{ModelMotif, ReadingSettings, count_motifs, informative_anchors, project_motifs};
pub use sites::{SiteSettings, Sites, sites};
pub use weights::Weights;
