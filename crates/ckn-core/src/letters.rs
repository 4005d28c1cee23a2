//! Letters as vectors: the space that patches of the first layer lie in.

use crate::error::{check_finite, check_length};
use crate::whitening::symmetric_eigen;
use crate::{Error, LetterTable, Scalar};

/// How far a similarity may be from symmetric, from 1 on the diagonal, or below zero, by rounding.
const ROUNDING: f64 = 1e-9;

/// What tokens stand for in the first layer of a network: the letters `a` are vectors `e_a` with `⟨e_a, e_b⟩ = S_ab`.
///
/// Without a similarity they are orthonormal. With one they are the rows of `S^(1/2)`, so that anchor points, their Gram matrix and
/// their sphere are those of any layer, and a patch meets an anchor point `z` only through the products `S^(1/2) z` of every
/// letter with it: k-mer tables are filled from these, and hold as before. A network's configuration makes it
/// ([`crate::network::CheckedConfig::letter_space`]), so that no reader of anchor points can leave the similarity out.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterSpace {
    table: LetterTable,
    /// `S^(1/2)`, `[letters, letters]`; `None` for orthonormal letters.
    root: Option<Vec<f64>>,
    /// Of every token.
    squared_norms: Vec<f64>,
    /// Of every token with the mixture of all letters.
    products_with_unknown: Vec<f64>,
    unknown_squared_norm: f64,
}

impl LetterSpace {
    /// # Shapes
    /// similarity `[letters, letters]`, one that [`check_similarity`] accepted; empty for orthonormal letters.
    pub(crate) fn new(table: &LetterTable, similarity: &[f64]) -> Result<Self, Error> {
        let letters = table.letters();
        let tokens = 0..table.tokens() as u8;
        let even = 1.0 / letters as f64;
        if similarity.is_empty() {
            return Ok(Self {
                table: table.clone(),
                root: None,
                squared_norms: tokens.map(|token| table.squared_norm(token)).collect(),
                products_with_unknown: vec![even; table.tokens()],
                unknown_squared_norm: even,
            });
        }
        check_length("letter similarities", letters * letters, similarity.len())?;
        let unknown = vec![even; letters];
        let product = |left: &[f64], right: &[f64]| bilinear(left, similarity, right);
        Ok(Self {
            table: table.clone(),
            root: Some(square_root(similarity, letters)?),
            squared_norms: tokens.clone().map(|token| product(table.vector(token), table.vector(token))).collect(),
            products_with_unknown: tokens.map(|token| product(table.vector(token), &unknown)).collect(),
            unknown_squared_norm: product(&unknown, &unknown),
        })
    }

    /// What tokens mean.
    pub fn table(&self) -> &LetterTable {
        &self.table
    }

    /// Squared norm of what a token stands for: 1 for a letter, `wᵀ S w` for a mixture of weights `w`.
    #[inline]
    pub fn squared_norm(&self, token: u8) -> f64 {
        self.squared_norms[usize::from(token)]
    }

    /// Product of what a token stands for with the mixture of all letters alike.
    #[inline]
    pub fn product_with_unknown(&self, token: u8) -> f64 {
        self.products_with_unknown[usize::from(token)]
    }

    /// Squared norm of the mixture of all letters alike: the mean similarity of two letters.
    pub fn unknown_squared_norm(&self) -> f64 {
        self.unknown_squared_norm
    }

    /// Whether letters have nothing in common: the products of an anchor point with them are its own entries.
    pub(crate) fn is_orthonormal(&self) -> bool {
        self.root.is_none()
    }

    /// The products `⟨e_a, z_j⟩` of every letter with every column of some anchor points. The matrix between them is symmetric, so
    /// that this takes gradients by products to gradients by anchor points, too.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]` → the same.
    pub(crate) fn products<T: Scalar>(&self, anchors: &[T], width: usize) -> Vec<f64> {
        match &self.root {
            None => anchors.iter().map(|value| value.wide()).collect(),
            Some(root) => multiply(root, self.table.letters(), anchors, width),
        }
    }
}

/// The products of every letter with every column of some anchor points, under a similarity of [`LetterSpace`].
///
/// # Shapes
/// similarity `[letters, letters]` or empty; anchors `[filters, letters, width]` → the same.
pub(crate) fn letter_products<T: Scalar>(
    similarity: &[f64],
    letters: usize,
    anchors: &[T],
    width: usize,
) -> Result<Vec<f64>, Error> {
    if similarity.is_empty() {
        return Ok(anchors.iter().map(|value| value.wide()).collect());
    }
    Ok(multiply(&square_root(similarity, letters)?, letters, anchors, width))
}

/// Multiplies each column of some anchor points by a matrix.
///
/// # Shapes
/// matrix `[letters, letters]`; anchors `[filters, letters, width]` → the same.
fn multiply<T: Scalar>(matrix: &[f64], letters: usize, anchors: &[T], width: usize) -> Vec<f64> {
    let mut products = Vec::with_capacity(anchors.len());
    for anchor in anchors.chunks_exact(letters * width) {
        for row in matrix.chunks_exact(letters) {
            for position in 0..width {
                let column = anchor[position..].iter().step_by(width);
                products.push(row.iter().zip(column).map(|(entry, value)| entry * value.wide()).sum());
            }
        }
    }
    products
}

/// `vᵀ S w`.
fn bilinear(left: &[f64], similarity: &[f64], right: &[f64]) -> f64 {
    let rows = similarity.chunks_exact(left.len());
    let product = |row: &[f64]| row.iter().zip(right).map(|(entry, weight)| entry * weight).sum::<f64>();
    rows.zip(left).map(|(row, weight)| weight * product(row)).sum()
}

/// The symmetric square root.
fn square_root(similarity: &[f64], letters: usize) -> Result<Vec<f64>, Error> {
    let eigen = symmetric_eigen(similarity, letters)?;
    let mut root = vec![0.0; letters * letters];
    for (index, value) in eigen.values.iter().enumerate() {
        let value = value.max(0.0).sqrt();
        for row in 0..letters {
            let scaled = value * eigen.vectors[row * letters + index];
            for column in 0..letters {
                root[row * letters + column] += scaled * eigen.vectors[column * letters + index];
            }
        }
    }
    Ok(root)
}

/// Checks that a matrix, if it is not empty, holds the dot products of letters of unit norm.
///
/// # Errors
/// [`Error::Shape`] for another size; [`Error::NotFinite`]; [`Error::Parameter`] for entries outside of 0 to 1, a diagonal that is
/// not 1, a matrix that is not symmetric, and one with a negative eigenvalue.
pub(crate) fn check_similarity(similarity: &[f64], letters: usize) -> Result<(), Error> {
    if similarity.is_empty() {
        return Ok(());
    }
    check_length("letter similarities", letters * letters, similarity.len())?;
    check_finite("letter similarities", similarity)?;
    let refused = |got, expected| Err(Error::Parameter { name: "letter similarity", got, expected });
    for row in 0..letters {
        for column in 0..letters {
            let (value, other) = (similarity[row * letters + column], similarity[column * letters + row]);
            if !(0.0..=1.0).contains(&value) {
                return refused(value, "from 0 (nothing in common) to 1 (the same)");
            }
            if row == column && value < 1.0 - ROUNDING {
                return refused(value, "1 of a letter with itself");
            }
            if (value - other).abs() > ROUNDING {
                return refused(value - other, "the same of two letters in either order");
            }
        }
    }
    let eigen = symmetric_eigen(similarity, letters)?;
    match eigen.values.iter().copied().fold(f64::INFINITY, f64::min) {
        smallest if smallest < -ROUNDING => refused(smallest, "a matrix of dot products: no eigenvalue below 0"),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_the_dot_products_that_were_asked_for() {
        let table = LetterTable::new(3, &[0.5, 0.5, 0.0], None).unwrap();
        let similarity = [1.0, 0.5, 0.1, 0.5, 1.0, 0.2, 0.1, 0.2, 1.0];
        check_similarity(&similarity, 3).unwrap();
        let space = LetterSpace::new(&table, &similarity).unwrap();
        // An anchor point of width 1 at each letter: its products are a row of the similarity.
        let root = space.root.clone().unwrap();
        let products = space.products(&root, 1);
        for (product, entry) in products.iter().zip(&similarity) {
            assert!((product - entry).abs() < 1e-14, "{product} {entry}");
        }
        // (1 + 1 + 2 · 0.5)/4.
        assert!((space.squared_norm(3) - 0.75).abs() < 1e-15 && space.squared_norm(1) == 1.0);
        // (0.1 + 0.2 + 1)/3, and (3 + 2 (0.5 + 0.1 + 0.2))/9.
        assert!((space.product_with_unknown(2) - 1.3 / 3.0).abs() < 1e-15);
        assert!((space.unknown_squared_norm() - 4.6 / 9.0).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_matrix_of_dot_products_is_refused() {
        let refused = |similarity: &[f64]| check_similarity(similarity, 2).unwrap_err().to_string();
        assert!(refused(&[1.0, 0.5, 0.5]).contains("letter similarities"));
        assert!(refused(&[1.0, 0.5, 0.4, 1.0]).contains("either order"));
        assert!(refused(&[0.9, 0.5, 0.5, 1.0]).contains("itself"));
        assert!(refused(&[1.0, 1.5, 1.5, 1.0]).contains("from 0"));
        assert!(check_similarity(&[1.0, f64::NAN, 0.0, 1.0], 2).is_err());
        // Two letters each like a third, and not like each other: no such vectors.
        let impossible = [1.0, 0.0, 0.9, 0.0, 1.0, 0.9, 0.9, 0.9, 1.0];
        assert!(check_similarity(&impossible, 3).unwrap_err().to_string().contains("eigenvalue"));
        assert!(check_similarity(&[], 2).is_ok());
    }
}
