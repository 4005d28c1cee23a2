//! Sequences that motifs are found in, and judged by.

use ckn_bio::{EncodedSequences, LabelledSequences};
use ckn_core::seed::Seed;
use rand::seq::SliceRandom;

use super::MotifSource;
use crate::Error;

/// Sequences that motifs are searched in, and others that are evidence for them.
#[derive(Debug, Clone)]
pub struct MotifSequences {
    /// Sequences with a site, in which motifs are looked for.
    pub searched: EncodedSequences,
    /// Sequences without, which they are compared with there.
    pub compared: EncodedSequences,
    /// Others with a site.
    pub positives: EncodedSequences,
    /// Sequences without.
    pub negatives: EncodedSequences,
}

impl MotifSequences {
    /// Half of the sequences of each class is searched, the other half is evidence; what is shorter than `shortest` letters, such as
    /// [`MotifSource::width`], is left out. Draws from the stream `motifs`.
    ///
    /// # Errors
    /// [`Error::FewSequences`] for fewer than four positives, or two negatives.
    pub fn split(data: &LabelledSequences, shortest: usize, seed: Seed) -> Result<Self, Error> {
        let (mut positives, mut negatives) = classes(data, shortest);
        if positives.len() < 4 || negatives.len() < 2 {
            return Err(Error::FewSequences { positives: positives.len(), negatives: negatives.len() });
        }
        let mut random = seed.stream("motifs");
        positives.shuffle(&mut random);
        negatives.shuffle(&mut random);
        let (searched, held_out) = positives.split_at(positives.len().div_ceil(2));
        let (compared, negatives) = negatives.split_at(negatives.len() / 2);
        let select = |records: &[usize]| -> Result<EncodedSequences, Error> {
            let mut records = records.to_vec();
            records.sort_unstable();
            Ok(data.sequences().select(&records)?)
        };
        let (searched, compared) = (select(searched)?, select(compared)?);
        Ok(Self { searched, compared, positives: select(held_out)?, negatives: select(negatives)? })
    }

    /// One set is searched, another is evidence; what is shorter than [`MotifSource::width`] is left out. `None`
    /// where too few are left.
    ///
    /// # Errors
    /// None but our fault.
    pub fn of(
        searched: &LabelledSequences,
        held_out: &LabelledSequences,
        model: MotifSource<'_>,
    ) -> Result<Option<Self>, Error> {
        let (found_in, compared) = classes(searched, model.width());
        let (positives, negatives) = classes(held_out, model.width());
        if found_in.len() < 2 || positives.len() < 2 || negatives.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            searched: searched.sequences().select(&found_in)?,
            compared: searched.sequences().select(&compared)?,
            positives: held_out.sequences().select(&positives)?,
            negatives: held_out.sequences().select(&negatives)?,
        }))
    }
}

/// Positives and negatives that are long enough.
fn classes(data: &LabelledSequences, shortest: usize) -> (Vec<usize>, Vec<usize>) {
    let long = (0..data.len()).filter(|&record| data.sequences().sequence(record).len() >= shortest);
    long.partition(|&record| data.labels()[record] > 0.0)
}
