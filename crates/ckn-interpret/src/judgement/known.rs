//! Known motifs that those found are named by.

use ckn_bio::Alphabet;
use ckn_bio::motif::compare::{Database, Match, best_alignment};
use ckn_bio::motif::{Motif, Probabilities};

use super::JudgedMotif;
use crate::Error;

/// False discovery rate up to which a known motif names one that was found.
pub const MAX_NAMING_Q: f64 = 0.05;
/// Fewer known motifs make p-values that mean little: then a name needs a correlation, too, over most columns.
pub const FEWEST_FOR_Q: usize = 50;
/// That correlation, and the fewest columns that lie on one another.
const CORRELATION: f64 = 0.75;
const COLUMNS: usize = 6;
/// Most known motifs that one is said to be like.
const MATCHES: usize = 5;

/// Known motifs, ready to be searched.
#[derive(Debug)]
pub struct KnownMotifs {
    database: Database,
    motifs: Vec<Motif>,
    both_strands: bool,
}

/// A motif of a database that a motif is like, and how it lies on it.
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
        let both_strands = alphabet == Alphabet::Dna;
        Ok(Self { database: Database::new(&motifs, both_strands)?, motifs, both_strands })
    }

    /// Number of known motifs.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Whether no motif is known.
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }

    /// Tells each motif those that it is like, the closest first, five at most: at a false discovery rate of [`MAX_NAMING_Q`], and among fewer
    /// than [`FEWEST_FOR_Q`] by a correlation of 0.75, too. What is closest without being like has no name to give, nor has what comes after it.
    ///
    /// # Errors
    /// Those of [`Database::search`].
    pub fn name(&self, motifs: &mut [JudgedMotif]) -> Result<(), Error> {
        for motif in motifs {
            let matrix = &motif.found.motif.probabilities;
            motif.matches.clear();
            for found in self.database.search(matrix)?.into_iter().take(MATCHES) {
                let Some(known) = self.motifs.get(found.target) else { break };
                let known = KnownMotif { motif: known.clone(), found };
                if !self.is_like(matrix, &known)? {
                    break;
                }
                motif.matches.push(known);
            }
        }
        Ok(())
    }

    fn is_like(&self, matrix: &Probabilities, known: &KnownMotif) -> Result<bool, Error> {
        if known.found.q_value > MAX_NAMING_Q {
            return Ok(false);
        }
        if self.len() >= FEWEST_FOR_Q {
            return Ok(true);
        }
        let other = &known.motif.probabilities;
        let overlap = COLUMNS.min(matrix.width()).min(other.width());
        let alignment = best_alignment(matrix, other, overlap, self.both_strands)?;
        Ok(alignment.is_some_and(|alignment| alignment.correlation >= CORRELATION))
    }
}
