//! From sequences to scores.

use ckn_core::sequence::SequenceLayer;
use ckn_core::{Scalar, TokenView};

use crate::{Error, LinearHead, Network};

/// Records embedded at once.
const BLOCK: usize = 16_384;

impl Network {
    /// Scores of sequences by some heads, on all threads; the result does not depend on their number.
    ///
    /// Networks of one layer whose pooling is a sum or a maximum score in `f64`: an inverse root and weights that may be large
    /// and of either sign multiply each rounding of a kernel value, so that in `f32` the fifth decimal place of a score may be
    /// wrong. All other networks embed in `f32`, as in training.
    ///
    /// # Shapes
    /// `[sequences, heads]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window; those of [`Self::encoder`].
    pub fn scores(&self, heads: &[LinearHead], view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        if let Some(config) = self.sequence_layer_config() {
            let layer = SequenceLayer::<f64>::new(self.layers()[0].anchors(), config, view.table())?;
            let index = self.index(view)?;
            return self.scores_by(heads, view.len(), |records, out| Ok(layer.embed(&index, records, out)?));
        }
        let encoder = self.encoder(view.table())?;
        let index = self.index(view)?;
        self.scores_by(heads, view.len(), |records, out: &mut [f32]| encoder.embed(&index, records, out))
    }

    /// Scores in blocks, so that memory does not grow with records × dimension.
    fn scores_by<S: Scalar>(
        &self,
        heads: &[LinearHead],
        records: usize,
        embed: impl Fn(&[usize], &mut [S]) -> Result<(), Error>,
    ) -> Result<Vec<f64>, Error> {
        let strands = self.config().strands;
        let row = self.dimension() * strands.count();
        let mut scores = Vec::with_capacity(records * heads.len());
        let mut embeddings = Vec::new();
        for start in (0..records).step_by(BLOCK) {
            let block: Vec<usize> = (start..records.min(start + BLOCK)).collect();
            embeddings.resize(block.len() * row, S::zero());
            embed(&block, &mut embeddings)?;
            for record in embeddings.chunks_exact(row) {
                scores.extend(heads.iter().map(|head| head.score(record, strands)));
            }
        }
        Ok(scores)
    }
}
