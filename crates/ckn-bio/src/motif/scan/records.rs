//! Scanning many sequences at once.

use rayon::prelude::*;

use super::{Hit, MotifScanner};
use crate::encoded::EncodedSequences;
use crate::error::Error;

impl MotifScanner {
    /// The best hit of every sequence, in their order; `None` as in [`Self::best`]. Runs on all threads of rayon's
    /// pool.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn best_of_each(&self, sequences: &EncodedSequences) -> Result<Vec<Option<Hit>>, Error> {
        self.check(sequences)?;
        Ok((0..sequences.len()).into_par_iter().map(|record| self.best(sequences.sequence(record))).collect())
    }

    /// The hits of every sequence with a score of at least `threshold` bits, as [`Self::scan`] finds them. Runs on all
    /// threads of rayon's pool; a hit takes 32 bytes.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn hits_of_each(&self, sequences: &EncodedSequences, threshold: f64) -> Result<Vec<Vec<Hit>>, Error> {
        self.check(sequences)?;
        let hits = |record| {
            let mut hits = Vec::new();
            self.scan(sequences.sequence(record), threshold, |hit| hits.push(hit));
            hits
        };
        Ok((0..sequences.len()).into_par_iter().map(hits).collect())
    }

    fn check(&self, sequences: &EncodedSequences) -> Result<(), Error> {
        if sequences.alphabet() == self.alphabet {
            return Ok(());
        }
        Err(Error::MixedAlphabets { expected: self.alphabet, got: sequences.alphabet() })
    }
}
