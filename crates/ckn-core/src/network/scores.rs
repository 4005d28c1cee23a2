//! From sequences to scores.

use super::{CheckedConfig, Prepared};
use crate::head::LinearHead;
use crate::{Error, Scalar, TokenView};

/// Records embedded at once, so that memory does not grow with records × dimension.
const BLOCK: usize = 16_384;

/// Scores of sequences by some heads, on all threads; the result does not depend on their number.
///
/// Networks of one layer whose windows are pooled one by one score in `f64`: an inverse root and weights that may be large and
/// of either sign multiply each rounding of a kernel value, so that in `f32` the fifth decimal place of a score may be wrong.
/// All other networks embed in `f32`, as in training.
///
/// ```
/// use ckn_core::head::LinearHead;
/// use ckn_core::network::{NetworkConfig, scores};
/// # use ckn_core::{LetterTable, TokenView};
/// // One anchor, AC, as one-hot columns of A, C, G and T, of unit norm.
/// let half = 0.5f32.sqrt();
/// let anchors = [half, 0.0, 0.0, half, 0.0, 0.0, 0.0, 0.0];
/// let table = LetterTable::new(4, &[], None)?;
/// let heads = [LinearHead::new(vec![3.0], 0.5)?, LinearHead::new(vec![0.0], -1.0)?];
/// // GAC and GGT. A window of two letters is as long as √2.
/// let view = TokenView::new(&[2, 0, 1, 2, 2, 3], &[0, 3, 6], &table)?;
/// let found = scores(&NetworkConfig::of_one_layer(4, 1, 2).check()?, &[&anchors], &heads, view)?;
/// let expected = [3.0 * 2f64.sqrt() + 0.5, -1.0, 0.5, -1.0];
/// assert!(found.iter().zip(expected).all(|(score, expected)| (score - expected).abs() < 0.01));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// anchors: one `[filters, channels, width]` a layer, of unit norm → `[sequences, heads]`.
///
/// # Errors
/// [`Error::TooShort`] names a sequence without a window; those of [`Prepared::new`].
pub fn scores(
    config: &CheckedConfig,
    anchors: &[&[f32]],
    heads: &[LinearHead],
    view: TokenView<'_>,
) -> Result<Vec<f64>, Error> {
    match config.is_windowed() {
        true => Prepared::<f64>::new(config, anchors, view.table())?.scores(heads, view),
        false => Prepared::<f32>::new(config, anchors, view.table())?.scores(heads, view),
    }
}

impl<S: Scalar> Prepared<S> {
    /// Scores of sequences by some heads, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// `[sequences, heads]`.
    ///
    /// # Errors
    /// [`Error::TooShort`] names a sequence without a window; those of [`Self::embed`].
    pub fn scores(&self, heads: &[LinearHead], view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let (index, row, strands) = (self.config().index(view)?, self.row(), self.config().strands);
        let mut scores = Vec::with_capacity(view.len() * heads.len());
        let mut embeddings = Vec::new();
        for start in (0..view.len()).step_by(BLOCK) {
            let block: Vec<usize> = (start..view.len().min(start + BLOCK)).collect();
            embeddings.resize(block.len() * row, S::zero());
            self.embed(&index, &block, &mut embeddings)?;
            for record in embeddings.chunks_exact(row) {
                scores.extend(heads.iter().map(|head| head.score(record, strands)));
            }
        }
        Ok(scores)
    }
}
