//! A set of negatives from a set of positives.

use ckn_core::seed::Seed;

use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::shuffle::shuffle_klets;

/// Shuffles each sequence `per_sequence` times, keeping its k-let counts.
///
/// The shuffles of `peak_1` are called `peak_1_shuffled`, or `peak_1_shuffled_1`, `peak_1_shuffled_2` and so on if there are
/// several; they follow each other in the order of the originals. Sequence `i` draws from the stream `shuffle/i` alone, so
/// that adding sequences at the end does not change the shuffles before them.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, shuffle::shuffled_negatives};
/// use ckn_core::seed::Seed;
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("site", b"ACGGAAGTACCGGTTACGGA")?;
/// let shuffled = shuffled_negatives(&sequences, 2, 3, Seed(0))?;
/// let count = |tokens: &[u8], letter: u8| tokens.iter().filter(|&&token| token == letter).count();
/// assert_eq!(shuffled.len(), 3);
/// assert!(shuffled.iter().all(|tokens| (0..4).all(|letter| count(tokens, letter) == count(sequences.sequence(0), letter))));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for `k = 0`.
pub fn shuffled_negatives(
    sequences: &EncodedSequences,
    k: usize,
    per_sequence: usize,
    seed: Seed,
) -> Result<EncodedSequences, Error> {
    let mut negatives = EncodedSequences::new(sequences.alphabet());
    for (record, (tokens, id)) in sequences.iter().zip(sequences.ids()).enumerate() {
        let mut rng = seed.stream_at("shuffle", record as u64);
        for copy in 1..=per_sequence {
            let name = if per_sequence == 1 { format!("{id}_shuffled") } else { format!("{id}_shuffled_{copy}") };
            negatives.push_trusted(name, &shuffle_klets(tokens, k, &mut rng)?, None);
        }
    }
    Ok(negatives)
}
