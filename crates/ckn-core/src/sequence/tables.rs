//! Anchors as tables over k-mers.

use super::blocks::Blocks;
use super::{LANES, Row};
use crate::error::check_length;
use crate::kernel::DotProductKernel;
use crate::network::LayerConfig;
use crate::vectors::on_widest_vectors;
use crate::{Error, LetterSpace, LetterTable, Scalar};

/// Which strand the tables score, walking along the forward strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// Windows as they stand.
    Forward,
    /// Windows of the reverse complement: the tables hold reverse-complemented anchors.
    Reverse,
}

impl Orientation {
    /// The token that is read in place of each token of the forward strand.
    pub(super) fn reading(self, table: &LetterTable) -> Result<Vec<u8>, Error> {
        match self {
            Self::Forward => Ok((0..table.tokens()).map(|token| token as u8).collect()),
            Self::Reverse => Ok(table.complement().ok_or(Error::NoComplement)?.to_vec()),
        }
    }
}

/// The anchors of a layer, ready to score windows of one strand.
#[derive(Debug, Clone)]
pub struct AnchorTables<S> {
    pub(crate) kernel: DotProductKernel,
    pub(crate) filters: usize,
    pub(crate) orientation: Orientation,
    pub(crate) blocks: Blocks,
    pub(crate) letters: LetterSpace,
    /// Squared norm of each token as the strand reads it.
    pub(crate) squared_norms: Vec<f64>,
    /// Products of the anchors with every letter, oriented, `[lane blocks, width, letters]`.
    pub(crate) products: Vec<Row<f64>>,
    /// `[lane blocks, k-mer blocks, rows]`: factors (exponential kernel) or cosines (others).
    pub(crate) rows: Vec<Row<S>>,
    /// What multiplies each anchor's sum over windows, `[lane blocks]`.
    pub(crate) scale: Vec<Row<S>>,
}

impl<S: Scalar> AnchorTables<S> {
    /// Tables of unit-norm anchors.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`]; [`Error::NoComplement`] for the reverse strand of an alphabet without complement;
    /// [`Error::Parameter`] for a kernel parameter outside its domain.
    pub fn new<T: Scalar>(
        anchors: &[T],
        layer: &LayerConfig,
        letters: &LetterSpace,
        orientation: Orientation,
    ) -> Result<Self, Error> {
        let LayerConfig { filters, width, kernel, .. } = *layer;
        kernel.check()?;
        let blocks = Blocks::new(letters.table().letters(), width);
        let lane_blocks = filters.div_ceil(LANES);
        let reading = orientation.reading(letters.table())?;
        let mut tables = Self {
            kernel,
            filters,
            orientation,
            letters: letters.clone(),
            squared_norms: reading.into_iter().map(|token| letters.squared_norm(token)).collect(),
            products: vec![[0.0; LANES]; lane_blocks * blocks.patch()],
            rows: vec![[S::zero(); LANES]; lane_blocks * blocks.count() * blocks.rows()],
            scale: vec![[S::zero(); LANES]; lane_blocks],
            blocks,
        };
        tables.set_anchors(anchors)?;
        Ok(tables)
    }

    /// Fills the tables for other anchors.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`]; [`Error::NoComplement`] for the reverse strand of an alphabet without complement.
    pub fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        let Blocks { letters, width, .. } = self.blocks;
        check_length("anchor points", self.filters * letters * width, anchors.len())?;
        if self.letters.is_orthonormal() {
            self.set_products(anchors)?;
        } else {
            self.set_products(&self.letters.products(anchors, width))?;
        }
        on_widest_vectors(
            #[inline(always)]
            || {
                for lane_block in 0..self.lane_blocks() {
                    self.fill(lane_block);
                }
            },
        );
        Ok(())
    }

    /// # Shapes
    /// products `[filters, letters, width]`.
    fn set_products<T: Scalar>(&mut self, products: &[T]) -> Result<(), Error> {
        let Blocks { letters, width, .. } = self.blocks;
        let complement = match self.orientation {
            Orientation::Forward => None,
            Orientation::Reverse => Some(self.letters.table().complement().ok_or(Error::NoComplement)?),
        };
        for filter in 0..self.filters {
            for letter in 0..letters {
                for position in 0..width {
                    let value = products[(filter * letters + letter) * width + position].wide();
                    let (to_position, to_letter) = match complement {
                        None => (position, letter),
                        Some(map) => (width - 1 - position, usize::from(map[letter])),
                    };
                    let place = (filter / LANES * width + to_position) * letters + to_letter;
                    self.products[place][filter % LANES] = value;
                }
            }
        }
        Ok(())
    }

    /// Lane blocks: groups of [`LANES`] anchors, the last one padded.
    pub(crate) fn lane_blocks(&self) -> usize {
        self.scale.len()
    }

    /// Anchors of a lane block.
    #[inline(always)]
    pub(crate) fn lanes_of(&self, lane_block: usize) -> usize {
        LANES.min(self.filters - lane_block * LANES)
    }

    /// Tables of one lane block, `[k-mer blocks, rows]`.
    pub(crate) fn lane_rows(&self, lane_block: usize) -> &[Row<S>] {
        let size = self.blocks.count() * self.blocks.rows();
        &self.rows[lane_block * size..][..size]
    }

    /// Bytes of the rows that one window of known letters reads: k-mer blocks × lane blocks × a row.
    pub fn bytes_per_window(&self) -> usize {
        self.blocks.count() * self.lane_blocks() * size_of::<Row<S>>()
    }

    #[inline(always)]
    fn fill(&mut self, lane_block: usize) {
        let Blocks { letters, width, .. } = self.blocks;
        let norm = (width as f64).sqrt();
        // One row per position and letter: a factor of the product, or a term of the cosine.
        let mut terms = vec![[0.0f64; LANES]; width * letters];
        let products = &self.products[lane_block * self.blocks.patch()..][..self.blocks.patch()];
        for lane in 0..self.lanes_of(lane_block) {
            match self.kernel.alpha() {
                Some(alpha) => {
                    let mut best = 0.0;
                    for (position, values) in products.chunks_exact(letters).enumerate() {
                        let largest = values.iter().map(|value| value[lane]).fold(f64::NEG_INFINITY, f64::max);
                        best += largest;
                        for (letter, value) in values.iter().enumerate() {
                            terms[position * letters + letter][lane] = (alpha / norm * (value[lane] - largest)).exp();
                        }
                    }
                    self.scale[lane_block][lane] = S::of(norm * self.kernel.value(best / norm));
                }
                None => {
                    for (slot, value) in terms.iter_mut().zip(products) {
                        slot[lane] = value[lane] / norm;
                    }
                    self.scale[lane_block][lane] = S::of(norm);
                }
            }
        }
        match self.kernel.alpha() {
            Some(_) => self.join(lane_block, &terms, 1.0, |prefix, term| prefix * term),
            None => self.join(lane_block, &terms, 0.0, |prefix, term| prefix + term),
        }
    }

    /// Joins the terms of every k-mer's letters, letter by letter.
    #[inline(always)]
    fn join(&mut self, lane_block: usize, terms: &[Row<f64>], unit: f64, join: impl Fn(f64, f64) -> f64) {
        let letters = self.blocks.letters;
        let codes = self.blocks.codes();
        let unit = [unit; LANES];
        let mut prefixes = vec![unit; codes];
        let mut extended = vec![unit; codes];
        for block in 0..self.blocks.count() {
            prefixes[0] = unit;
            let mut count = 1;
            for within in 0..self.blocks.kmer {
                let position = self.blocks.offsets[block] + within;
                let owned = within >= self.blocks.owned_from[block];
                let terms = &terms[position * letters..][..letters];
                for (prefix, targets) in prefixes[..count].iter().zip(extended.chunks_exact_mut(letters)) {
                    for (target, term) in targets.iter_mut().zip(terms) {
                        let term = if owned { term } else { &unit };
                        for lane in 0..LANES {
                            target[lane] = join(prefix[lane], term[lane]);
                        }
                    }
                }
                count *= letters;
                std::mem::swap(&mut prefixes, &mut extended);
            }
            let at = (lane_block * self.blocks.count() + block) * self.blocks.rows();
            for (row, values) in self.rows[at..].iter_mut().zip(&prefixes[..codes]) {
                for lane in 0..LANES {
                    row[lane] = S::of(values[lane]);
                }
            }
        }
    }
}
