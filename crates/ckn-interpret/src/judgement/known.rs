//! Known motifs that those found are named by.

use ckn_bio::Alphabet;
use ckn_bio::motif::Motif;
use ckn_bio::motif::compare::{Database, Match};

use super::JudgedMotif;
use crate::Error;

/// Known motifs, ready to be searched.
#[derive(Debug)]
pub struct KnownMotifs {
    database: Database,
    motifs: Vec<Motif>,
}

/// The closest motif of a database, and how the motif lies on it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownMotif {
    /// The known motif.
    pub motif: Motif,
    /// How similar it is, and where.
    pub found: Match,
}

impl KnownMotif {
    /// The name that people know: the second one, or else the first.
    pub fn label(&self) -> &str {
        self.motif.alternate.as_ref().unwrap_or(&self.motif.name)
    }
}

impl KnownMotifs {
    /// Makes motifs ready to be searched: on both strands those of DNA.
    ///
    /// # Errors
    /// Those of [`Database::new`].
    pub fn new(motifs: Vec<Motif>, alphabet: Alphabet) -> Result<Self, Error> {
        Ok(Self { database: Database::new(&motifs, alphabet == Alphabet::Dna)?, motifs })
    }

    /// Number of known motifs.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Whether no motif is known.
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }

    /// Tells each motif the one that is closest to it.
    ///
    /// # Errors
    /// Those of [`Database::search`].
    pub fn name(&self, motifs: &mut [JudgedMotif]) -> Result<(), Error> {
        for motif in motifs {
            let best = self.database.search(&motif.found.motif.probabilities)?.into_iter().next();
            let known = |found: Match| Some(KnownMotif { motif: self.motifs.get(found.target)?.clone(), found });
            motif.known = best.and_then(known);
        }
        Ok(())
    }
}
