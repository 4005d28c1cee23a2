//! Layers on top of one another, from letters to embeddings, and their gradient: the first from k-mer tables or on gapped
//! patches, the others on maps, one sequence at a time.
//!
//! For a layer `d` with kernel map `K_d`, local pooling `P`, inverse root `R_d` and patches `U`:
//! `X_{d+1} = P(K_d) R_d`, `K_{d+1} = ‖U‖ κ(U Z/‖U‖)`; the last kernel map is pooled globally (CKN-seq, sections 2.2 and
//! A.1). Pooling comes before the root where both are linear, which is exact and cheaper.

mod first;
mod pass;
mod pool;
mod tape;

use crate::map::MapLayer;
use crate::network::CheckedConfig;
use crate::pooling::gaussian_filter;
use crate::rows::PaddedMatrix;
use crate::sequence::{Orientation, same};
use crate::whitening::InverseRoot;
use crate::{Error, LetterTable, Scalar};

use first::FirstLayer;

pub use pass::PassBuffers;
pub use tape::Tape;

/// A network of any depth, ready to compute.
#[derive(Debug, Clone)]
pub struct Stack<S> {
    config: CheckedConfig,
    table: LetterTable,
    /// Of each layer, `[filters, channels, width]`.
    anchors: Vec<Vec<f64>>,
    strands: Vec<FirstLayer<S>>,
    /// Layers after the first.
    layers: Vec<MapLayer<S>>,
    roots: Vec<InverseRoot>,
    /// `roots` in the type of the data.
    root_rows: Vec<PaddedMatrix<S>>,
    /// Of the local pooling after each layer.
    filters: Vec<Vec<S>>,
}

impl<S: Scalar> Stack<S> {
    /// Prepares tables, anchors and inverse roots.
    ///
    /// # Shapes
    /// anchors: one `[filters, channels, width]` a layer, of unit norm.
    ///
    /// # Errors
    /// [`Error::Shape`]; [`Error::NoComplement`] for both strands of an alphabet without complement; those of
    /// [`InverseRoot::new`].
    pub fn new<T: Scalar>(anchors: &[&[T]], config: &CheckedConfig, table: &LetterTable) -> Result<Self, Error> {
        crate::error::check_length("layers of anchor points", config.layers.len(), anchors.len())?;
        let letters = config.letter_space(table)?;
        let strands = [Orientation::Forward, Orientation::Reverse][..config.strands.count()]
            .iter()
            .map(|&orientation| FirstLayer::new(anchors[0], config, &letters, orientation))
            .collect::<Result<_, _>>()?;
        let layers = (1..config.layers.len())
            .map(|depth| MapLayer::new(anchors[depth], &config.layers[depth], config.channels(depth), config.border))
            .collect::<Result<_, _>>()?;
        let mut stack = Self {
            anchors: anchors.iter().map(|anchors| anchors.iter().map(|value| value.wide()).collect()).collect(),
            table: table.clone(),
            strands,
            layers,
            roots: Vec::new(),
            root_rows: vec![PaddedMatrix::default(); config.layers.len()],
            filters: config.layers.iter().map(|layer| local_filter(layer.subsampling)).collect(),
            config: config.clone(),
        };
        stack.set_roots()?;
        Ok(stack)
    }

    /// Prepares the network for other anchors; after an error it must not be used before others were set.
    ///
    /// # Shapes
    /// as in [`Self::new`].
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn set_anchors<T: Scalar>(&mut self, anchors: &[&[T]]) -> Result<(), Error> {
        crate::error::check_length("layers of anchor points", self.anchors.len(), anchors.len())?;
        let done = self.fill(anchors);
        if done.is_err() {
            // The network is then ready for no anchors.
            self.anchors.iter_mut().for_each(|anchors| anchors.fill(f64::NAN));
        }
        done
    }

    fn fill<T: Scalar>(&mut self, anchors: &[&[T]]) -> Result<(), Error> {
        self.strands.iter_mut().try_for_each(|strand| strand.set_anchors(anchors[0]))?;
        self.layers.iter_mut().zip(&anchors[1..]).try_for_each(|(layer, anchors)| layer.set_anchors(anchors))?;
        for (slots, values) in self.anchors.iter_mut().zip(anchors) {
            slots.iter_mut().zip(*values).for_each(|(slot, value)| *slot = value.wide());
        }
        self.set_roots()
    }

    fn set_roots(&mut self) -> Result<(), Error> {
        self.roots.clear();
        for (layer, anchors) in self.anchors.iter().enumerate() {
            self.roots.push(self.config.inverse_root(layer, anchors)?);
        }
        for ((rows, root), layer) in self.root_rows.iter_mut().zip(&self.roots).zip(&self.config.layers) {
            rows.set(root.matrix(), layer.filters);
        }
        Ok(())
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedConfig {
        &self.config
    }

    /// Numbers of an embedding of one strand: filters of the last layer.
    pub fn dimension(&self) -> usize {
        self.config.dimension()
    }

    /// What tokens mean.
    pub(crate) fn table(&self) -> &LetterTable {
        &self.table
    }

    /// Whether these are the anchors that the network is prepared for.
    pub(crate) fn is_ready_for<T: Scalar>(&self, anchors: &[&[T]]) -> bool {
        self.anchors.len() == anchors.len() && self.anchors.iter().zip(anchors).all(|(wide, values)| same(wide, values))
    }

    /// The inverse root of each layer.
    pub fn inverse_roots(&self) -> &[InverseRoot] {
        &self.roots
    }

    /// Numbers of one record's embeddings: strands × dimension.
    pub fn row(&self) -> usize {
        self.strands.len() * self.dimension()
    }
}

fn local_filter<S: Scalar>(subsampling: usize) -> Vec<S> {
    gaussian_filter(subsampling).into_iter().map(S::of).collect()
}
