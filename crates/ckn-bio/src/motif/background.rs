//! Frequencies of letters outside of motifs.

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::{Error, MotifError};
use crate::io::Genome;

/// Letters of a genome that are read at once.
const PIECE: usize = 1 << 16;

/// Frequency of every letter outside of motifs: what information and log-odds are measured against.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    alphabet: Alphabet,
    frequencies: Vec<f64>,
}

impl Background {
    /// All letters alike.
    pub fn uniform(alphabet: Alphabet) -> Self {
        let letters = alphabet.letters().len();
        Self { alphabet, frequencies: vec![1.0 / letters as f64; letters] }
    }

    /// Given frequencies, in the order of the alphabet's letters; scaled to a sum of one.
    ///
    /// # Errors
    /// [`MotifError::Background`] for another number of letters, a frequency that is not above zero, or a sum further than
    /// 0.01 from one.
    pub fn new(alphabet: Alphabet, frequencies: &[f64]) -> Result<Self, Error> {
        let total: f64 = frequencies.iter().sum();
        let sound = frequencies.iter().all(|&frequency| frequency > 0.0) && (total - 1.0).abs() <= 0.01;
        if frequencies.len() != alphabet.letters().len() || !sound {
            return Err(MotifError::Background { got: frequencies.to_vec(), letters: alphabet.letters() }.into());
        }
        // A sum that is one up to rounding is left as it is: reading what was written gives the same numbers.
        let divisor = if (total - 1.0).abs() > 1e-9 { total } else { 1.0 };
        Ok(Self { alphabet, frequencies: frequencies.iter().map(|frequency| frequency / divisor).collect() })
    }

    /// Frequencies in a genome, which is read once; one added to every count, ambiguous letters left out.
    ///
    /// # Errors
    /// Those of [`GenomeReader`](crate::io::GenomeReader) and [`Self::new`].
    pub fn of_genome(genome: &Genome) -> Result<Self, Error> {
        let mut counts = vec![1.0; genome.alphabet().letter_count()];
        let (mut reader, mut tokens) = (genome.reader()?, Vec::with_capacity(PIECE));
        while reader.next_record()?.is_some() {
            while reader.read_letters(&mut tokens, PIECE)? > 0 {
                for token in tokens.drain(..) {
                    if let Some(count) = counts.get_mut(usize::from(token)) {
                        *count += 1.0;
                    }
                }
            }
        }
        let total: f64 = counts.iter().sum();
        counts.iter_mut().for_each(|count| *count /= total);
        Self::new(genome.alphabet(), &counts)
    }

    /// Frequencies in some sequences, one added to every count so that no letter is impossible; with `both_strands`, of the
    /// sequences and their reverse complements. Ambiguous letters are not counted.
    ///
    /// # Errors
    /// [`MotifError::NoComplement`] for both strands of an alphabet without complement.
    pub fn of_sequences(sequences: &EncodedSequences, both_strands: bool) -> Result<Self, Error> {
        let alphabet = sequences.alphabet();
        let letters = alphabet.letters().len();
        let mut counts = vec![1.0; letters];
        for record in 0..sequences.len() {
            for &token in sequences.sequence(record) {
                if let Some(count) = counts.get_mut(usize::from(token)) {
                    *count += 1.0;
                }
            }
        }
        if both_strands {
            let Some(complement) = alphabet.table().complement() else {
                return Err(MotifError::NoComplement(alphabet).into());
            };
            let forward = counts.clone();
            (0..letters).for_each(|letter| counts[letter] += forward[usize::from(complement[letter])]);
        }
        let total: f64 = counts.iter().sum();
        Ok(Self { alphabet, frequencies: counts.iter().map(|count| count / total).collect() })
    }

    /// The background of both strands together: each frequency averaged with that of the complementary letter.
    ///
    /// # Errors
    /// [`MotifError::NoComplement`].
    pub fn of_both_strands(&self) -> Result<Self, Error> {
        let Some(complement) = self.alphabet.table().complement() else {
            return Err(MotifError::NoComplement(self.alphabet).into());
        };
        let averaged = |(&frequency, &opposite): (&f64, &u8)| {
            0.5 * (frequency + self.frequencies.get(usize::from(opposite)).copied().unwrap_or(frequency))
        };
        Self::new(self.alphabet, &self.frequencies.iter().zip(complement).map(averaged).collect::<Vec<_>>())
    }

    /// The alphabet.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Frequencies in the order of the alphabet's letters; all above zero, sum one.
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }
}
