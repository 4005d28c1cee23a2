//! Motifs: what a binding site looks like, column by column.
//!
//! A matrix passes through stages, each a type of its own: [`Counts`] of letters in aligned sites, [`Probabilities`] of
//! letters, [`LogOdds`] against a [`Background`]. A [`Motif`] is the second with a name and where it comes from.
//!
//! [`read_motifs`] reads the files of MEME, JASPAR, TRANSFAC and HOMER; [`write_meme`], [`write_jaspar`], [`write_transfac`] and
//! [`write_homer`] write them. [`logo_svg`] draws a motif.
//!
//! ```
//! use ckn_bio::Alphabet;
//! use ckn_bio::motif::{Background, Counts};
//!
//! // TGA, TGA, TGC.
//! let counts = Counts::new(Alphabet::Dna, vec![0., 0., 0., 3., 0., 0., 3., 0., 2., 1., 0., 0.])?;
//! let probabilities = counts.probabilities(0.0, &Background::uniform(Alphabet::Dna))?;
//! assert_eq!(probabilities.column(2), [2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
//! assert_eq!(probabilities.consensus(), "TGA");
//! # Ok::<(), ckn_bio::Error>(())
//! ```

mod background;
mod columns;
pub mod compare;
mod counts;
mod enrichment;
mod io;
mod log_odds;
mod logo;
mod pairs;
mod probabilities;
mod scan;

pub use background::Background;
pub use counts::Counts;
pub use enrichment::{
    BestThreshold, Centrality, Enrichment, KnownEnrichment, KnownMotifSettings, PositionalDistribution,
    benjamini_hochberg, enriched_motifs, fisher_exact, stratified_fisher_exact,
};
pub use io::{
    DEFAULT_SITES, MotifFile, MotifFormat, read_motifs, write_homer, write_jaspar, write_meme, write_transfac,
};
pub use log_odds::LogOdds;
pub use logo::{LogoColours, LogoHeight, LogoOptions, logo_svg};
pub use pairs::{Arrangement, MotifPair, PairSettings, motif_pairs};
pub use probabilities::Probabilities;
pub use scan::{Hit, MotifChange, MotifScanner, MotifSet, ScoreDistribution, Site, SiteProgress, changed};

use crate::error::Error;

/// Most columns of a motif: no binding site of one protein is longer.
pub const MAX_WIDTH: usize = 1_000;

/// A motif with its name and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Motif {
    /// Its identifier, such as `MA0079.3`; without white space in files.
    pub name: String,
    /// Its second name, such as that of the factor, `SP1`.
    pub alternate: Option<String>,
    /// Probabilities of letters.
    pub probabilities: Probabilities,
    /// Number of sites that the probabilities were counted from, which need not be whole; `None` where it is not known.
    pub sites: Option<f64>,
    /// Expected number of motifs as good in random sequences; `None` where it is not known.
    pub e_value: Option<f64>,
    /// Log-odds against a uniform background from which on a site counts as one, in bits, as HOMER files give it (in nats);
    /// `None` where it is not known.
    pub threshold: Option<f64>,
    /// Where to read more.
    pub url: Option<String>,
}

impl Motif {
    /// A motif of which nothing but the name and the probabilities are known.
    pub fn new(name: impl Into<String>, probabilities: Probabilities) -> Self {
        Self {
            name: name.into(),
            alternate: None,
            probabilities,
            sites: None,
            e_value: None,
            threshold: None,
            url: None,
        }
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.probabilities.width()
    }

    /// The motif as the opposite strand shows it.
    ///
    /// # Errors
    /// Those of [`Probabilities::reverse_complement`].
    pub fn reverse_complement(&self) -> Result<Self, Error> {
        Ok(Self { probabilities: self.probabilities.reverse_complement()?, ..self.clone() })
    }
}
