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
