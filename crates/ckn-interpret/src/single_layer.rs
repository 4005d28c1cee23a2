//! Networks of one layer in `f64`: scores, and how they are put together from windows.

use std::sync::OnceLock;

use ckn_core::kernel::DotProductKernel;
use ckn_core::network::Prepared;
use ckn_core::pooling::{Border, Pooling, Strands, WindowPooling};
use ckn_core::sequence::{AnchorTables, KmerIndex, Orientation};
use ckn_core::{LetterSpace, LetterTable, TokenView};
use ckn_model::NetworkView;
use rayon::prelude::*;

use crate::Error;

/// Sequences embedded at once.
const BLOCK: usize = 4_096;

/// A network of one layer whose pooling is a sum or a maximum over windows, and the head of its one output.
#[derive(Debug)]
pub(crate) struct SingleLayer {
    prepared: Prepared<f64>,
    /// What every word of known letters adds to the sum of a strand, once it is asked for.
    words: OnceLock<Vec<f64>>,
    /// Kernel values of windows in the order of the strand that is given.
    pub(crate) tables: AnchorTables<f64>,
    pub(crate) letters: LetterSpace,
    /// `[filters, letters, width]`.
    anchors: Vec<f64>,
    /// Of anchors and letters, `[filters, letters, width]`.
    pub(crate) products: Vec<f64>,
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
        let ([layer], Some(pooled), [head]) = (&config.layers[..], config.by_windows(), model.heads()) else {
            return Ok(None);
        };
        let anchors = network.layers()[0].anchors();
        let letters = config.letter_space(table)?;
        Ok(Some(Self {
            prepared: network.prepared(table)?,
            words: OnceLock::new(),
            tables: AnchorTables::new(anchors, layer, &letters, Orientation::Forward)?,
            letters,
            anchors: anchors.iter().map(|&value| f64::from(value)).collect(),
            products: network.letter_products()?,
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

    /// What tokens mean.
    pub(crate) fn table(&self) -> &LetterTable {
        self.letters.table()
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

    /// What every word of known letters adds to the sum of a strand, `[4^width]`: of networks of many anchor points whose windows
    /// lie inside the sequence.
    pub(crate) fn word_values(&self) -> Result<Option<&[f64]>, Error> {
        let config = self.prepared.config();
        if !config.has_word_values() || self.border != Border::Valid {
            return Ok(None);
        }
        if self.words.get().is_none() {
            let weights = self.prepared.inverse_root(0).transposed_product(&self.weights);
            let values = config.word_values(&self.anchors, &weights)?;
            // Another thread may have been first, with the same numbers.
            let _ = self.words.set(values);
        }
        Ok(self.words.get().map(Vec::as_slice))
    }

    /// Sum over the windows of a reading by the table of words, times their share; `None` if a letter is unknown.
    pub(crate) fn sum_of_words(&self, values: &[f64], reading: &[u8]) -> Option<f64> {
        let (mut code, mut sum, mask) = (0, 0.0, values.len() - 1);
        for (end, &token) in reading.iter().enumerate() {
            if !self.table().is_letter(token) {
                return None;
            }
            code = (code << 2 | usize::from(token)) & mask;
            if end + 1 >= self.width {
                sum += values[code];
            }
        }
        Some(sum * self.pooling.share(self.border.windows(reading.len(), self.width)))
    }

    /// Scores of each strand of sequences, `[sequences, strands]`.
    pub(crate) fn strand_scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        view.check_width(if self.border == Border::Valid { self.width } else { 1 })?;
        let by_words = |values: &[f64]| -> Option<Vec<f64>> {
            let strands = (0..view.len()).into_par_iter().map(|record| {
                let sums = self.readings(view.sequence(record)).into_iter();
                sums.map(|reading| Some(self.intercept + self.sum_of_words(values, &reading)?)).collect()
            });
            Some(strands.collect::<Option<Vec<Vec<f64>>>>()?.concat())
        };
        if let Some(scores) = self.word_values()?.and_then(by_words) {
            return Ok(scores);
        }
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
            readings.extend(self.table().reverse_complement(tokens).map(Iterator::collect));
        }
        readings
    }

    /// The coordinates `(R k(z_t))_j` of every window of one reading, `[windows, filters]`.
    pub(crate) fn coordinates(&self, reading: &[u8]) -> Result<Vec<f64>, Error> {
        let offsets = [0, reading.len()];
        let view = TokenView::new(reading, &offsets, self.table())?;
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
