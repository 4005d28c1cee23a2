//! Reading a trained network: its anchor points as motifs, and the evidence for them. No tensor library.
//!
//! [`project`] turns anchor points into matrices of probabilities without any sequence, [`sites`] counts them from sequences;
//! [`Weights`] tell which anchors matter.

mod error;
mod projection;
mod simplex;
mod sites;
mod weights;

pub use error::Error;
pub use projection::{Distance, Projection, ProjectionSettings, project};
pub use sites::{SiteSettings, Sites, sites};
pub use weights::Weights;
