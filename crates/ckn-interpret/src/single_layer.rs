//! Networks of one layer in `f64`: scores, and how they are put together from windows.

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::Prepared;
use ckn_core::pooling::{Border, Pooling, Strands, WindowPooling};
use ckn_core::sequence::{AnchorTables, KmerIndex, Orientation};
use ckn_core::{LetterTable, TokenView};
use ckn_model::NetworkView;

use crate::Error;

/// Sequences embedded at once.
const BLOCK: usize = 4_096;

/// A network of one layer whose pooling is a sum or a maximum over windows, and the head of its one output.
#[derive(Debug)]
pub(crate) struct SingleLayer {
    prepared: Prepared<f64>,
    /// Kernel values of windows in the order of the strand that is given.
    pub(crate) tables: AnchorTables<f64>,
    pub(crate) table: LetterTable,
    /// `[filters, letters, width]`.
    pub(crate) anchors: Vec<f64>,
    pub(crate) kernel: DotProductKernel,
    pub(crate) filters: usize,
    pub(crate) width: usize,
    pub(crate) border: Border,
    pub(crate) pooling: Pooling,
    pub(crate) pooled: WindowPooling,
    pub(crate) strands: Strands,
    /// Weights of the head.
    pub(crate) weights: Vec<f64>,
    pub(crate) intercept: f64,
}

impl SingleLayer {
    /// The network of a model of one output; `None` if it is not of this kind.
    pub(crate) fn of(model: NetworkView<'_>, table: &LetterTable) -> Result<Option<Self>, Error> {
        let network = model.network();
        let config = network.config();
        let ([layer], Some(pooled), [head]) = (&config.layers[..], config.pooling.by_windows(), model.heads()) else {
            return Ok(None);
        };
        let anchors = network.layers()[0].anchors();
        Ok(Some(Self {
            prepared: network.prepared(table)?,
            tables: AnchorTables::new(anchors, layer, table, Orientation::Forward)?,
            table: table.clone(),
            anchors: anchors.iter().map(|&value| f64::from(value)).collect(),
            kernel: layer.kernel,
            filters: layer.filters,
            width: layer.width,
            border: config.border,
            pooled,
            pooling: config.pooling,
            strands: config.strands,
            weights: head.weights().to_vec(),
            intercept: head.intercept(),
        }))
    }

    /// The inverse root, `[filters, filters]`.
    pub(crate) fn root(&self) -> &[f64] {
        self.prepared.inverse_root(0).matrix()
    }

    /// Scores of sequences.
    pub(crate) fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let strands = self.strand_scores(view)?;
        Ok(strands.chunks_exact(self.strands.count()).map(|strands| self.join(strands)).collect())
    }

    /// Scores of each strand of sequences, `[sequences, strands]`.
    pub(crate) fn strand_scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let index = KmerIndex::new(view, self.width, self.border)?;
        let records: Vec<usize> = (0..view.len()).collect();
        let mut scores = Vec::with_capacity(records.len() * self.strands.count());
        // In blocks, so that memory does not grow with sequences × filters.
        let mut embeddings = Vec::new();
        for block in records.chunks(BLOCK) {
            embeddings.resize(block.len() * self.prepared.row(), 0.0);
            self.prepared.embed(&index, block, &mut embeddings)?;
            scores.extend(embeddings.chunks_exact(self.filters).map(|strand| self.intercept + self.product(strand)));
        }
        Ok(scores)
    }

    /// Embeddings of pieces of sequences, by windows that lie inside them, `[pieces, strands, filters]`.
    pub(crate) fn embed(&self, pieces: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let index = KmerIndex::new(pieces, self.width, Border::Valid)?;
        let records: Vec<usize> = (0..pieces.len()).collect();
        let mut embeddings = vec![0.0; records.len() * self.prepared.row()];
        self.prepared.embed(&index, &records, &mut embeddings)?;
        Ok(embeddings)
    }

    /// `⟨w, ψ⟩`.
    pub(crate) fn product(&self, embedding: &[f64]) -> f64 {
        self.weights.iter().zip(embedding).map(|(weight, value)| weight * value).sum()
    }

    /// The score of a sequence from those of its strands.
    pub(crate) fn join(&self, strands: &[f64]) -> f64 {
        self.strands.join(strands.iter().copied()).unwrap_or(self.intercept)
    }

    /// The strands of a sequence, each as it reads.
    pub(crate) fn readings(&self, tokens: &[u8]) -> Vec<Vec<u8>> {
        let mut readings = vec![tokens.to_vec()];
        if self.strands.count() == 2 {
            readings.extend(self.table.reverse_complement(tokens).map(Iterator::collect));
        }
        readings
    }

    /// The coordinates `(R k(z_t))_j` of every window of one reading, `[windows, filters]`.
    pub(crate) fn coordinates(&self, reading: &[u8]) -> Result<Vec<f64>, Error> {
        let offsets = [0, reading.len()];
        let view = TokenView::new(reading, &offsets, &self.table)?;
        let index = KmerIndex::new(view, self.width, self.border)?;
        let map = self.tables.kernel_map(&index, 0);
        let mut coordinates = Vec::with_capacity(map.len());
        for kernel in map.chunks_exact(self.filters) {
            let products = self.root().chunks_exact(self.filters);
            coordinates
                .extend(products.map(|row| row.iter().zip(kernel).map(|(root, value)| root * value).sum::<f64>()));
        }
        Ok(coordinates)
    }
}
