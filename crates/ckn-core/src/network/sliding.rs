//! Scores of every window of a fixed length, as a sum or a maximum that slides along a sequence.

use super::CheckedConfig;
use crate::head::LinearHead;
use crate::pooling::{Border, WindowPooling};
use crate::sequence::{AnchorTables, KmerIndex, Orientation, SlidingScratch as MaximaScratch, slide_sums};
use crate::{Error, LetterTable, TokenView};

/// A network of one layer and a head, made ready to score every window of some letters, at stride 1.
#[derive(Debug)]
pub struct SlidingScores {
    strands: Vec<AnchorTables<f32>>,
    head: LinearHead,
    /// Letters of a patch, and patches of a window.
    width: usize,
    patches: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `⟨w, R Σ k⟩ = ⟨Rᵀ w, Σ k⟩`: one number a patch, and running sums.
    Sums { weights: Vec<f64>, share: f64 },
    /// Sliding maxima of the coordinates of `R k`.
    Maxima { root: Vec<f64> },
}

/// Memory that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub struct SlidingScratch {
    maxima: MaximaScratch<f32>,
    values: Vec<f32>,
}

impl SlidingScores {
    /// Prepares the tables of one or both strands for windows of `length` letters; `None` for networks whose windows have to be
    /// embedded one by one.
    ///
    /// # Shapes
    /// anchors: one `[filters, channels, width]` a layer, of unit norm.
    ///
    /// # Errors
    /// Those of [`AnchorTables::new`]; failures of the inverse root.
    pub fn new(
        config: &CheckedConfig,
        anchors: &[&[f32]],
        head: &LinearHead,
        table: &LetterTable,
        length: usize,
        both_strands: bool,
    ) -> Result<Option<Self>, Error> {
        let ([layer], [anchors], Some(pooling), Border::Valid) =
            (&config.layers[..], anchors, config.by_windows(), config.border)
        else {
            return Ok(None);
        };
        let orientations = &[Orientation::Forward, Orientation::Reverse][..if both_strands { 2 } else { 1 }];
        let letters = config.letter_space(table)?;
        let strands = orientations
            .iter()
            .map(|&orientation| AnchorTables::new(anchors, layer, &letters, orientation))
            .collect::<Result<_, _>>()?;
        let inverse_root = config.inverse_root(0, anchors)?;
        let patches = length + 1 - layer.width;
        let kind = match pooling {
            WindowPooling::Maxima => Kind::Maxima { root: inverse_root.matrix().to_vec() },
            WindowPooling::Sums => {
                let weights = inverse_root.transposed_product(head.weights());
                Kind::Sums { weights, share: config.pooling.share(patches) }
            }
        };
        Ok(Some(Self { strands, head: head.clone(), width: layer.width, patches, kind }))
    }

    /// What the kernel of a patch and each anchor point adds to the sum of a window, `Rᵀ w`, but for the share of a patch; `None` for
    /// maxima.
    pub fn patch_weights(&self) -> Option<&[f64]> {
        match &self.kind {
            Kind::Sums { weights, .. } => Some(weights),
            Kind::Maxima { .. } => None,
        }
    }

    /// Codes a sequence that holds at least one patch.
    ///
    /// # Errors
    /// [`Error::TooShort`] for a shorter one.
    pub fn index<'v>(&self, view: TokenView<'v>) -> Result<KmerIndex<'v>, Error> {
        KmerIndex::new(view, self.width, Border::Valid)
    }

    /// Scores of every window of the first sequence of an index on one strand, in the order of the forward strand.
    ///
    /// # Shapes
    /// out `[windows]`, overwritten.
    ///
    /// # Errors
    /// Those of [`AnchorTables::weighted`] and [`AnchorTables::sliding_maxima`].
    pub fn score(
        &self,
        index: &KmerIndex<'_>,
        strand: usize,
        scratch: &mut SlidingScratch,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let (tables, intercept, SlidingScratch { maxima, values }) =
            (&self.strands[strand], self.head.intercept(), scratch);
        match &self.kind {
            Kind::Sums { weights, share } => {
                tables.weighted(index, 0, weights, values)?;
                slide_sums(values, self.patches, *share, intercept, out);
            }
            Kind::Maxima { root } => {
                tables.sliding_maxima(index, 0, root, self.head.weights(), self.patches, maxima, values)?;
                out.clear();
                out.extend(values.iter().map(|&value| f64::from(value) + intercept));
            }
        }
        Ok(())
    }
}
