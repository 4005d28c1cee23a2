//! Cosines of windows and anchor points, on the strands that are read.

use ckn_core::LetterSpace;
use ckn_core::kernel::DotProductKernel;
use ckn_core::network::LayerConfig;
use ckn_core::sequence::{AnchorTables, KmerIndex, Orientation};

use crate::Error;

/// Anchor points of the first layer over some sequences.
pub(crate) struct WindowCosines<'a> {
    tables: Vec<AnchorTables<f32>>,
    index: &'a KmerIndex<'a>,
    filters: usize,
    /// `√l`, the norm of a window of known letters.
    norm: f64,
}

impl<'a> WindowCosines<'a> {
    /// # Shapes
    /// anchors `[filters, letters, width]`, of the width of the index.
    pub(crate) fn new(
        anchors: &[f32],
        letters: &LetterSpace,
        index: &'a KmerIndex<'a>,
        both_strands: bool,
    ) -> Result<Self, Error> {
        let width = index.width();
        let filters = anchors.len() / (letters.table().letters() * width);
        let orientations = &[Orientation::Forward, Orientation::Reverse][..if both_strands { 2 } else { 1 }];
        // With the linear kernel, tables give ⟨z, x⟩ of every window.
        let layer = LayerConfig { filters, width, kernel: DotProductKernel::Linear, subsampling: 1 };
        let tables = orientations
            .iter()
            .map(|&orientation| AnchorTables::new(anchors, &layer, letters, orientation))
            .collect::<Result<_, _>>()?;
        Ok(Self { tables, index, filters, norm: (width as f64).sqrt() })
    }

    /// Strand, window on that strand, and cosines with all anchors, of every window of a record. Windows of unknown letters are
    /// shorter vectors: their products are divided by the norm of known ones, which makes them smaller.
    pub(crate) fn visit(&self, record: usize, mut visit: impl FnMut(usize, usize, usize, &[f32])) {
        for (strand, tables) in self.tables.iter().enumerate() {
            let products = tables.kernel_map(self.index, record);
            let windows = products.len() / self.filters;
            for (window, products) in products.chunks_exact(self.filters).enumerate() {
                visit(strand, window, windows, products);
            }
        }
    }

    /// `⟨z, x⟩/√l` from a product that was visited.
    pub(crate) fn cosine(&self, product: f32) -> f64 {
        f64::from(product) / self.norm
    }
}
