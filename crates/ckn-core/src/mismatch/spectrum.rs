//! The kernel as an operator on counts of words, for alphabets of four letters: cost does not depend on the number of pairs.
//!
//! With `c(x)` the counts of the `4^l` words of `l` letters in a sequence, `K(x, x') = c(x)ᵀ T c(x')`, where `T` depends on
//! the mismatches of two words alone. Such a `T` is diagonal in the basis of Walsh functions, with one eigenvalue for each
//! number `w` of positions that a function looks at: `Σ_m h(m) K_m(w)`, `K_m` the polynomials of Krawtchouk. So `T` costs two
//! fast Walsh–Hadamard transforms, `O(l 4^l)`.

use super::Profile;
use super::walsh::{krawtchouk, looked_at, scaled_walsh, walsh};
use crate::{Error, Scalar, TokenView};

/// Letters of the alphabet.
pub(super) const LETTERS: usize = 4;

/// Letters of the longest words: tables of 4¹² numbers take 64 MiB in single precision.
pub const MAX_WORD: usize = 12;

/// The operator `T` of a profile on tables of words, `[4^width]`.
#[derive(Debug, Clone)]
pub struct WordOperator {
    width: usize,
    /// Eigenvalues over the size of the table, by the number of positions a Walsh function looks at, `[width + 1]`.
    eigenvalues: Vec<f64>,
}

impl WordOperator {
    /// The operator of a profile of words of `width` letters.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero or above 12, or a profile outside its domain.
    pub fn new(width: usize, profile: &Profile) -> Result<Self, Error> {
        if width == 0 || width > MAX_WORD {
            return Err(Error::Parameter { name: "width", got: width as f64, expected: "between 1 and 12" });
        }
        let values = profile.values(width)?;
        let eigenvalue = |looked_at: usize| -> f64 {
            let terms = values.iter().enumerate().map(|(m, value)| value * krawtchouk(width, m, looked_at));
            terms.sum::<f64>() / (LETTERS as f64).powi(width as i32)
        };
        Ok(Self { width, eigenvalues: (0..=width).map(eigenvalue).collect() })
    }

    /// Words of the table.
    pub fn words(&self) -> usize {
        LETTERS.pow(self.width as u32)
    }

    /// Replaces a table by its image under `T`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the table is not one of all words.
    pub fn apply<S: Scalar>(&self, table: &mut [S]) -> Result<(), Error> {
        crate::error::check_length("table of words", self.words(), table.len())?;
        let eigenvalues: Vec<S> = self.eigenvalues.iter().map(|&value| S::of(value)).collect();
        walsh(table);
        scaled_walsh(table, |function| eigenvalues[looked_at(function)]);
        Ok(())
    }
}

impl WordOperator {
    /// `cᵀ T c` of a table `c`, by one transform; the table is lost.
    ///
    /// # Errors
    /// [`Error::Shape`] if the table is not one of all words.
    pub fn energy<S: Scalar>(&self, table: &mut [S]) -> Result<f64, Error> {
        crate::error::check_length("table of words", self.words(), table.len())?;
        walsh(table);
        let terms = table.iter().enumerate().map(|(function, value)| {
            let value = value.wide();
            self.eigenvalues[looked_at(function)] * value * value
        });
        Ok(terms.sum())
    }
}

/// The code of the reverse complement of a word of known letters, the first letter the most significant digit of base 4.
///
/// ```
/// // AAC, and GTT.
/// let (word, turned) = (1, (2 * 4 + 3) * 4 + 3);
/// assert_eq!(ckn_core::mismatch::reverse_complement(word, 3, &[3, 2, 1, 0]), turned);
/// assert_eq!(ckn_core::mismatch::reverse_complement(turned, 3, &[3, 2, 1, 0]), word);
/// ```
///
/// # Shapes
/// complement `[4]` or longer: the other letter of each ([`LetterTable::complement`](crate::LetterTable::complement)).
///
/// # Panics
/// For fewer than four letters.
#[inline]
pub fn reverse_complement(code: usize, width: usize, complement: &[u8]) -> usize {
    (0..width).fold(0, |other, place| other << 2 | usize::from(complement[code >> (2 * place) & 3]))
}

/// The words of a set of sequences, by their codes: the first letter is the most significant digit of base 4.
#[derive(Debug, Clone)]
pub struct Words {
    width: usize,
    codes: Vec<u32>,
    /// Codes of the reverse complement's words; none if one strand is read.
    reverse: Vec<u32>,
    offsets: Vec<usize>,
}

impl Words {
    /// Codes all words of known letters.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero or above 12, or an alphabet that has not four letters;
    /// [`Error::NoComplement`] for both strands of an alphabet without complement.
    pub fn new(view: TokenView<'_>, width: usize, both_strands: bool) -> Result<Self, Error> {
        if width == 0 || width > MAX_WORD {
            return Err(Error::Parameter { name: "width", got: width as f64, expected: "between 1 and 12" });
        }
        let letters = view.table().letters();
        if letters != LETTERS {
            return Err(Error::Parameter { name: "letters", got: letters as f64, expected: "4" });
        }
        let complement = both_strands.then(|| view.table().complement().ok_or(Error::NoComplement)).transpose()?;
        let mask = (1u32 << (2 * width)) - 1;
        let mut words = Self { width, codes: Vec::new(), reverse: Vec::new(), offsets: vec![0] };
        for record in 0..view.len() {
            let (mut code, mut reverse, mut known) = (0u32, 0u32, 0);
            for &token in view.sequence(record) {
                known = if view.table().is_letter(token) { known + 1 } else { 0 };
                code = (code << 2 | u32::from(token & 3)) & mask;
                if let Some(map) = complement {
                    let letter = u32::from(map[usize::from(token)] & 3);
                    reverse = reverse >> 2 | letter << (2 * (width - 1));
                }
                if known >= width {
                    words.codes.push(code);
                    if complement.is_some() {
                        words.reverse.push(reverse);
                    }
                }
            }
            words.offsets.push(words.codes.len());
        }
        Ok(words)
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Letters of a word.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Words of one sequence, as it stands.
    pub fn of(&self, record: usize) -> &[u32] {
        &self.codes[self.offsets[record]..self.offsets[record + 1]]
    }

    /// Words of one sequence's reverse complement; none if one strand is read.
    pub fn reverse_of(&self, record: usize) -> &[u32] {
        if self.reverse.is_empty() { &[] } else { &self.reverse[self.offsets[record]..self.offsets[record + 1]] }
    }

    /// Adds `weight` to the table for every word of a sequence, on the strands that are read.
    #[inline]
    pub fn add<S: Scalar>(&self, record: usize, weight: S, table: &mut [S]) {
        for &code in self.of(record).iter().chain(self.reverse_of(record)) {
            table[code as usize] += weight;
        }
    }

    /// Sum of the table over a sequence's words, as it stands.
    #[inline]
    pub fn sum<S: Scalar>(&self, record: usize, table: &[S]) -> f64 {
        self.of(record).iter().map(|&code| table[code as usize].wide()).sum()
    }

    /// Adds `scale` times its weight to the table for every word of a sequence, on the strands that are read.
    ///
    /// # Shapes
    /// weights: one for each word of [`Self::of`].
    pub fn add_weighted<S: Scalar>(&self, record: usize, scale: f64, weights: &[f64], table: &mut [S]) {
        for codes in [self.of(record), self.reverse_of(record)] {
            for (&code, weight) in codes.iter().zip(weights) {
                table[code as usize] += S::of(scale * weight);
            }
        }
    }

    /// Sum of the table over a sequence's words, as it stands, each times its weight.
    ///
    /// # Shapes
    /// weights: one for each word of [`Self::of`].
    pub fn weighted_sum<S: Scalar>(&self, record: usize, weights: &[f64], table: &[S]) -> f64 {
        self.of(record).iter().zip(weights).map(|(&code, weight)| weight * table[code as usize].wide()).sum()
    }
}
