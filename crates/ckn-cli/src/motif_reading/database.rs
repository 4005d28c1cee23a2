//! Known motifs that those found are named by.

use std::path::Path;

use ckn::bio::Alphabet;
use ckn::bio::motif::compare::Database;
use ckn::bio::motif::{Motif, read_motifs};

use super::{Known, Row};
use crate::exit::Input;

/// Known motifs, ready to be searched.
pub struct KnownMotifs {
    database: Database,
    motifs: Vec<Motif>,
}

impl KnownMotifs {
    pub fn new(motifs: Vec<Motif>, alphabet: Alphabet) -> anyhow::Result<Self> {
        Ok(Self { database: Database::new(&motifs, alphabet == Alphabet::Dna)?, motifs })
    }

    /// Reads a file of motifs of an alphabet.
    pub fn read(path: &Path, alphabet: Alphabet) -> anyhow::Result<Self> {
        let file = read_motifs(path)?;
        if file.alphabet != alphabet {
            let (got, path) = (file.alphabet, path.display());
            return Err(Input(format!("{path} holds motifs of {got}, the model reads {alphabet}: give others")).into());
        }
        Self::new(file.motifs, alphabet)
    }

    /// Number of known motifs.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Tells each motif the one that is closest to it.
    pub fn name(&self, rows: &mut [Row]) -> anyhow::Result<()> {
        for row in rows {
            let best = self.database.search(&row.found.motif.probabilities)?.into_iter().next();
            row.known =
                best.and_then(|found| self.motifs.get(found.target).map(|motif| Known { motif: motif.clone(), found }));
        }
        Ok(())
    }
}
