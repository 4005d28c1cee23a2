//! Letters that have something in common: what evolution exchanges.

use crate::Alphabet;

/// BLOSUM62 (Henikoff and Henikoff 1992), in half bits, rows and columns in the order of [`Alphabet::Protein`].
#[rustfmt::skip]
const BLOSUM62: [[i8; 20]; 20] = [
    [ 4, -1, -2, -2,  0, -1, -1,  0, -2, -1, -1, -1, -1, -2, -1,  1,  0, -3, -2,  0],
    [-1,  5,  0, -2, -3,  1,  0, -2,  0, -3, -2,  2, -1, -3, -2, -1, -1, -3, -2, -3],
    [-2,  0,  6,  1, -3,  0,  0,  0,  1, -3, -3,  0, -2, -3, -2,  1,  0, -4, -2, -3],
    [-2, -2,  1,  6, -3,  0,  2, -1, -1, -3, -4, -1, -3, -3, -1,  0, -1, -4, -3, -3],
    [ 0, -3, -3, -3,  9, -3, -4, -3, -3, -1, -1, -3, -1, -2, -3, -1, -1, -2, -2, -1],
    [-1,  1,  0,  0, -3,  5,  2, -2,  0, -3, -2,  1,  0, -3, -1,  0, -1, -2, -1, -2],
    [-1,  0,  0,  2, -4,  2,  5, -2,  0, -3, -3,  1, -2, -3, -1,  0, -1, -3, -2, -2],
    [ 0, -2,  0, -1, -3, -2, -2,  6, -2, -4, -4, -2, -3, -3, -2,  0, -2, -2, -3, -3],
    [-2,  0,  1, -1, -3,  0,  0, -2,  8, -3, -3, -1, -2, -1, -2, -1, -2, -2,  2, -3],
    [-1, -3, -3, -3, -1, -3, -3, -4, -3,  4,  2, -3,  1,  0, -3, -2, -1, -3, -1,  3],
    [-1, -2, -3, -4, -1, -2, -3, -4, -3,  2,  4, -2,  2,  0, -3, -2, -1, -2, -1,  1],
    [-1,  2,  0, -1, -3,  1,  1, -2, -1, -3, -2,  5, -1, -3, -1,  0, -1, -3, -2, -2],
    [-1, -1, -2, -3, -1,  0, -2, -3, -2,  1,  2, -1,  5,  0, -2, -1, -1, -1, -1,  1],
    [-2, -3, -3, -3, -2, -3, -3, -3, -1,  0,  0, -3,  0,  6, -4, -2, -2,  1,  3, -1],
    [-1, -2, -2, -1, -3, -1, -1, -2, -2, -3, -3, -1, -2, -4,  7, -1, -1, -4, -3, -2],
    [ 1, -1,  1,  0, -1,  0,  0,  0, -1, -2, -2,  0, -1, -2, -1,  4,  1, -3, -2, -2],
    [ 0, -1,  0, -1, -1, -1, -1, -2, -2, -1, -1, -1, -1, -2, -1,  1,  5, -2, -2,  0],
    [-3, -3, -4, -4, -2, -2, -3, -2, -2, -3, -2, -3, -1,  1, -4, -3, -2, 11,  2, -3],
    [-2, -2, -2, -3, -2, -1, -2, -3,  2, -1, -1, -2, -1,  3, -3, -2, -2,  2,  7, -1],
    [ 0, -3, -3, -3, -1, -2, -2, -3, -3,  3,  1, -2,  1, -1, -2, -2,  0, -3, -1,  4],
];

/// A rule for how much two letters have in common, for [`NetworkConfig::letter_similarity`](ckn_core::network::NetworkConfig).
///
/// ```
/// use ckn_bio::{Alphabet, LetterSimilarity};
///
/// let matrix = LetterSimilarity::Transitions { similarity: 0.5 }.matrix(Alphabet::Dna).unwrap();
/// // A, C, G, T: A and G are exchanged by transitions, and so are C and T.
/// assert_eq!(matrix[..4], [1.0, 0.0, 0.5, 0.0]);
/// assert!(LetterSimilarity::Blosum62 { sharpness: 1.0 }.matrix(Alphabet::Dna).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum LetterSimilarity {
    /// Amino acids that proteins exchange: with `r_ab = 2^(s_ab/2)`, how much more often than by chance two are aligned,
    /// `S_ab = (r_ab/√(r_aa r_bb))^sharpness`.
    Blosum62 {
        /// Above 0: small ones make all amino acids alike, large ones make them have nothing in common.
        sharpness: f64,
    },
    /// Bases that transitions exchange, A and G, C and T: what these have in common; others have nothing.
    Transitions {
        /// From 0 (nothing) to 1 (the same letter).
        similarity: f64,
    },
}

impl LetterSimilarity {
    /// What two letters of an alphabet have in common, from 0 to 1; `None` if the rule is of other letters.
    ///
    /// # Shapes
    /// `[letters, letters]`.
    pub fn matrix(self, alphabet: Alphabet) -> Option<Vec<f64>> {
        let letters = alphabet.letter_count();
        let pairs = (0..letters).flat_map(|row| (0..letters).map(move |column| (row, column)));
        match (self, alphabet) {
            (Self::Blosum62 { sharpness }, Alphabet::Protein) => {
                let score = |row: usize, column: usize| f64::from(BLOSUM62[row][column]);
                let log_odds = |(row, column)| score(row, column) - 0.5 * (score(row, row) + score(column, column));
                Some(pairs.map(|pair| (0.5 * sharpness * log_odds(pair)).exp2()).collect())
            }
            (Self::Transitions { similarity }, Alphabet::Dna | Alphabet::Rna) => {
                let in_common = |(row, column): (usize, usize)| match row.abs_diff(column) {
                    0 => 1.0,
                    // A, C, G, T: two places on.
                    2 => similarity,
                    _ => 0.0,
                };
                Some(pairs.map(in_common).collect())
            }
            (Self::Blosum62 { .. }, Alphabet::Dna | Alphabet::Rna) | (Self::Transitions { .. }, Alphabet::Protein) => {
                None
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ckn_core::network::NetworkConfig;

    #[test]
    fn every_rule_gives_dot_products_of_letters() {
        for sharpness in [0.1, 0.5, 1.0, 2.0, 10.0] {
            let matrix = LetterSimilarity::Blosum62 { sharpness }.matrix(Alphabet::Protein).unwrap();
            let config = NetworkConfig { letter_similarity: matrix, ..NetworkConfig::of_one_layer(20, 4, 3) };
            config.check().unwrap();
        }
        for similarity in [0.0, 0.3, 1.0] {
            let matrix = LetterSimilarity::Transitions { similarity }.matrix(Alphabet::Rna).unwrap();
            let config = NetworkConfig { letter_similarity: matrix, ..NetworkConfig::of_one_layer(4, 4, 3) };
            config.check().unwrap();
        }
    }

    #[test]
    fn substitution_scores_become_ratios() {
        let matrix = LetterSimilarity::Blosum62 { sharpness: 1.0 }.matrix(Alphabet::Protein).unwrap();
        let at = |letter: char| Alphabet::Protein.letters().find(letter).unwrap();
        let of = |left: char, right: char| matrix[20 * at(left) + at(right)];
        // I and V: 3 half bits, each with itself 4: 2^(−1/2). W and W: 1. D and L: −4, 6 and 4: 2^(−9/2).
        assert!((of('I', 'V') - 0.5f64.sqrt()).abs() < 1e-15 && of('W', 'W') == 1.0);
        assert!((of('D', 'L') - 2f64.powf(-4.5)).abs() < 1e-15);
        assert_eq!(LetterSimilarity::Transitions { similarity: 0.5 }.matrix(Alphabet::Protein), None);
    }
}
