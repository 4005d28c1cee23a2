//! From sequences to embeddings, on slices.

use ckn_core::map::{MapLayer, apply_root, pool_globally, pool_locally};
use ckn_core::pooling::Border;
use ckn_core::sequence::{AnchorTables, KmerIndex, Orientation, SequenceLayer, SequenceLayerConfig};
use ckn_core::{LetterTable, TokenView};
use rayon::prelude::*;

use crate::{Error, Network};

/// A network made ready for the sequences of one alphabet: tables, reordered anchors, inverse roots.
#[derive(Debug)]
pub struct Encoder<'a> {
    network: &'a Network,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// One layer: everything from tables.
    Shallow(Box<SequenceLayer<f32>>),
    /// First layer from tables, the others on maps.
    Deep { strands: Vec<AnchorTables<f32>>, layers: Vec<MapLayer>, roots: Vec<Vec<f64>> },
}

impl Network {
    /// Makes the network ready for sequences of an alphabet.
    ///
    /// # Errors
    /// [`ckn_core::Error::NoComplement`] if both strands are asked for and the alphabet has no complement; failures of
    /// the inverse root.
    pub fn encoder<'a>(&'a self, table: &'a LetterTable) -> Result<Encoder<'a>, Error> {
        let config = self.config();
        let first = &self.layers()[0];
        let kind = if self.layers().len() == 1 {
            let layer = SequenceLayerConfig {
                filters: first.filters(),
                width: first.width(),
                kernel: first.kernel(),
                pooling: config.pooling,
                strands: config.strands,
                regularisation: config.regularisation,
            };
            Kind::Shallow(Box::new(SequenceLayer::new(first.anchors(), layer, table)?))
        } else {
            let strands = [Orientation::Forward, Orientation::Reverse][..config.strands.count()]
                .iter()
                .map(|&orientation| {
                    let (filters, width) = (first.filters(), first.width());
                    AnchorTables::new(first.anchors(), filters, width, first.kernel(), table, orientation)
                })
                .collect::<Result<_, _>>()?;
            let layers = self.layers()[1..]
                .iter()
                .map(|layer| {
                    let (filters, channels, width) = (layer.filters(), layer.channels(), layer.width());
                    MapLayer::new(layer.anchors(), filters, channels, width, layer.kernel(), config.border)
                })
                .collect::<Result<_, _>>()?;
            let roots = (0..self.layers().len())
                .map(|layer| Ok(self.inverse_root(layer)?.matrix().to_vec()))
                .collect::<Result<_, Error>>()?;
            Kind::Deep { strands, layers, roots }
        };
        Ok(Encoder { network: self, kind })
    }
}

impl Encoder<'_> {
    /// Numbers of one record's embeddings: strands × dimension.
    pub fn row(&self) -> usize {
        self.network.dimension() * self.network.config().strands.count()
    }

    /// Codes the sequences for the first layer.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence that gives the last layer no window.
    pub fn index<'v>(&self, view: TokenView<'v>) -> Result<KmerIndex<'v>, Error> {
        let config = self.network.config();
        if config.border == Border::Valid {
            view.check_width(config.shortest_sequence())?;
        }
        Ok(KmerIndex::new(view, config.layers[0].width, config.border)?)
    }

    /// Embeddings of some records, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// out `[records, strands, dimension]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the output does not fit.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        let row = self.row();
        if out.len() != records.len() * row {
            let (expected, got) = (records.len() * row, out.len());
            return Err(ckn_core::Error::Shape { what: "embeddings", expected, got }.into());
        }
        match &self.kind {
            Kind::Shallow(layer) => layer.embed(index, records, out)?,
            Kind::Deep { strands, layers, roots } => {
                let (dimension, pooling) = (self.network.dimension(), self.network.config().pooling);
                records.par_iter().zip(out.par_chunks_mut(row)).for_each(|(&record, out)| {
                    for (tables, out) in strands.iter().zip(out.chunks_exact_mut(dimension)) {
                        let mut kernel_map = tables.kernel_map(index, record);
                        for (depth, layer) in layers.iter().enumerate() {
                            kernel_map = layer.kernel_map(&self.whitened(kernel_map, depth, &roots[depth]));
                        }
                        out.copy_from_slice(&pool_globally(&kernel_map, &roots[layers.len()], dimension, pooling));
                    }
                });
            }
        }
        Ok(())
    }

    /// Patches that a deeper layer sees on the forward strand of a record (`layer` counted from 0, at least 1).
    ///
    /// # Shapes
    /// `[windows, width · channels]`, positions first.
    pub fn patches(&self, index: &KmerIndex<'_>, record: usize, layer: usize) -> Vec<f32> {
        let Kind::Deep { strands, layers, roots } = &self.kind else { return Vec::new() };
        let mut kernel_map = strands[0].kernel_map(index, record);
        for depth in 0..layer {
            let map = self.whitened(kernel_map, depth, &roots[depth]);
            if depth + 1 == layer {
                return layers[depth].patches(&map);
            }
            kernel_map = layers[depth].kernel_map(&map);
        }
        Vec::new()
    }

    /// Local pooling after a layer, then its inverse root.
    fn whitened(&self, kernel_map: Vec<f32>, depth: usize, root: &[f64]) -> Vec<f32> {
        let layer = &self.network.layers()[depth];
        let pooled = pool_locally(&kernel_map, layer.filters(), layer.subsampling());
        apply_root(&pooled, root, layer.filters())
    }
}
