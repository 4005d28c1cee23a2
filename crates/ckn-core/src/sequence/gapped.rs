//! A first layer on gapped patches (Chen, Jacob and Mairal, *Recurrent kernel networks*, NeurIPS 2019).
//!
//! A gapped patch of a sequence is an ordered choice `i` of `l` of its letters; each of the letters between them multiplies its
//! weight by `λ`. The position `t` of the map stands for all patches that end there:
//!
//! `k_q(t) = √l (1 − λ)^(l−1) Σ_{i_1 < … < i_l = t} λ^(letters between) Π_j ‖x_{i_j}‖ κ(⟨z_q, x_i⟩)`
//!
//! with letters scaled to norm `1/√l`, so that a patch of known letters is the same point as in a contiguous layer, the Gram
//! matrix of the anchor points is the same, and on known letters `λ = 0` is the contiguous layer. An unknown letter makes a patch
//! smaller by a factor, where in a contiguous layer it shortens the whole vector: the recursion needs a product. The exponential kernel is a product of a factor
//! `b_j` for each letter of the patch, so that the sum over all choices is a recursion of `l` steps a letter:
//!
//! `c_j[t] = λ c_j[t − 1] + (1 − λ) b_j[t] c_{j−1}[t − 1]`, `k[t] = b_l[t] c_{l−1}[t − 1]`
//!
//! As in tables of k-mers, factors are divided by the largest of their position.

use super::gradient::{AnchorGradient, GradientTables};
use super::tables::Orientation;
use super::{KmerIndex, LANES, Row};
use crate::error::check_length;
use crate::map::SparseMap;
use crate::network::LayerConfig;
use crate::rows::lane_blocks;
use crate::vectors::on_widest_vectors;
use crate::{Error, LetterSpace, Scalar};

/// The anchors of a layer on gapped patches, ready to read one strand.
#[derive(Debug, Clone)]
pub(crate) struct GappedAnchors<S> {
    filters: usize,
    width: usize,
    /// `1/σ²`.
    alpha: f64,
    /// `λ`.
    decay: S,
    /// `1 − λ`.
    share: S,
    /// The token that is read in place of each: itself, or its complement.
    reading: Vec<u8>,
    letters: LetterSpace,
    orientation: Orientation,
    /// `⟨z_j, x⟩/(√l ‖x‖)` of every token, `[lane blocks, tokens, width]`.
    cosines: Vec<Row<f64>>,
    /// `b_j`, divided by the largest of position `j`, `[lane blocks, tokens, width]`.
    factors: Vec<Row<S>>,
    /// What was divided out, times `√l`, `[lane blocks]`.
    scale: Vec<Row<S>>,
}

impl<S: Scalar> GappedAnchors<S> {
    /// Factors of unit-norm anchors.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`]; [`Error::NoComplement`] for the reverse strand of an alphabet without complement; [`Error::Parameter`]
    /// for a kernel that is no product over letters.
    pub(crate) fn new<T: Scalar>(
        anchors: &[T],
        layer: &LayerConfig,
        decay: f64,
        letters: &LetterSpace,
        orientation: Orientation,
    ) -> Result<Self, Error> {
        let table = letters.table();
        let LayerConfig { filters, width, kernel, .. } = *layer;
        let alpha = kernel.alpha().ok_or(Error::Parameter {
            name: "gap decay",
            got: decay,
            expected: "0 for kernels that are not exponential",
        })?;
        let tokens = table.tokens();
        let reading = orientation.reading(table)?;
        let rows = lane_blocks(filters) * tokens * width;
        let mut gapped = Self {
            filters,
            width,
            alpha,
            decay: S::of(decay),
            share: S::of(1.0 - decay),
            reading,
            letters: letters.clone(),
            orientation,
            cosines: vec![[0.0; LANES]; rows],
            factors: vec![[S::zero(); LANES]; rows],
            scale: vec![[S::zero(); LANES]; lane_blocks(filters)],
        };
        gapped.set_anchors(anchors)?;
        Ok(gapped)
    }

    /// Factors of other anchors.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub(crate) fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        let table = self.letters.table();
        let (width, letters, tokens) = (self.width, table.letters(), table.tokens());
        check_length("anchor points", self.filters * letters * width, anchors.len())?;
        let products = self.letters.products(anchors, width);
        let norm = (width as f64).sqrt();
        for (filter, by_letter) in products.chunks_exact(letters * width).enumerate() {
            let (block, lane) = (filter / LANES, filter % LANES);
            let mut best = 0.0;
            for position in 0..width {
                let mut largest = f64::NEG_INFINITY;
                for token in 0..tokens {
                    let weights = table.vector(token as u8).iter().enumerate();
                    let product: f64 =
                        weights.map(|(letter, weight)| weight * by_letter[letter * width + position]).sum();
                    let cosine = product / (norm * self.letters.squared_norm(token as u8).sqrt());
                    self.cosines[(block * tokens + token) * width + position][lane] = cosine;
                    largest = largest.max(cosine);
                }
                best += largest;
                for token in 0..tokens {
                    let at = (block * tokens + token) * width + position;
                    let factor = (self.alpha * (self.cosines[at][lane] - largest)).exp();
                    self.factors[at][lane] = S::of(self.letters.squared_norm(token as u8).sqrt() * factor);
                }
            }
            self.scale[block][lane] = S::of(norm * (self.alpha * (best - 1.0)).exp());
        }
        Ok(())
    }

    /// Sums over the gapped patches that end at each window's last letter, in the order of the strand.
    ///
    /// # Shapes
    /// map `[windows, lane blocks]`, overwritten; states is scratch.
    pub(crate) fn map(&self, index: &KmerIndex<'_>, record: usize, states: &mut Vec<Row<S>>, map: &mut Vec<Row<S>>) {
        let sequence = index.view().sequence(record);
        // Every row is written below.
        map.resize((sequence.len() + 1).saturating_sub(self.width) * self.scale.len(), [S::zero(); LANES]);
        states.resize(self.width, [S::zero(); LANES]);
        on_widest_vectors(
            #[inline(always)]
            || {
                for block in 0..self.scale.len() {
                    states.fill([S::zero(); LANES]);
                    self.read(sequence, block, states, map);
                }
            },
        );
    }

    #[inline(always)]
    fn read(&self, sequence: &[u8], block: usize, states: &mut [Row<S>], map: &mut [Row<S>]) {
        let stride = self.scale.len();
        for at in 0..sequence.len() {
            let factors = self.factors(sequence, at, block);
            if let Some(window) = (at + 1).checked_sub(self.width) {
                let ended = self.end(factors, states);
                let row = &mut map[window * stride + block];
                for lane in 0..LANES {
                    row[lane] = self.scale[block][lane] * ended[lane];
                }
            }
            self.step(factors, states);
        }
    }

    /// Factors of the letter at a place of the strand, `[width]`.
    #[inline(always)]
    fn factors(&self, sequence: &[u8], at: usize, block: usize) -> &[Row<S>] {
        let row = block * self.reading.len() + self.token(sequence, at);
        &self.factors[row * self.width..][..self.width]
    }

    /// The token at a place of the strand.
    #[inline(always)]
    fn token(&self, sequence: &[u8], at: usize) -> usize {
        let at = match self.orientation {
            Orientation::Forward => at,
            Orientation::Reverse => sequence.len() - 1 - at,
        };
        usize::from(self.reading[usize::from(sequence[at])])
    }

    /// Patches whose last letter is the one of these factors.
    #[inline(always)]
    fn end(&self, factors: &[Row<S>], states: &[Row<S>]) -> Row<S> {
        let mut ended = factors[self.width - 1];
        if self.width > 1 {
            for lane in 0..LANES {
                ended[lane] *= states[self.width - 2][lane];
            }
        }
        ended
    }

    /// Beginnings of patches, `[width]` (the last is not used), after a letter.
    #[inline(always)]
    fn step(&self, factors: &[Row<S>], states: &mut [Row<S>]) {
        let (decay, share) = (self.decay, self.share);
        for position in (0..self.width - 1).rev() {
            let before = if position == 0 { [S::one(); LANES] } else { states[position - 1] };
            for lane in 0..LANES {
                let grown = share * factors[position][lane] * before[lane];
                states[position][lane] = decay * states[position][lane] + grown;
            }
        }
    }

    /// Gradient of [`Self::map`]: adds to the gradient by the factors.
    ///
    /// # Shapes
    /// upstream over windows, in the order of the strand; rows is scratch.
    pub(crate) fn pull_back_map(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        upstream: &SparseMap<S>,
        rows: &mut Vec<Row<S>>,
        gradient: &mut GradientTables<S>,
    ) {
        let Some(last) = upstream.positions.last() else { return };
        // Letters after the last window with a gradient have none.
        let letters = last + self.width;
        let sequence = index.view().sequence(record);
        let width = self.width;
        // Beginnings before each letter, `[letters, width]`, and their gradient, `[width]`.
        rows.clear();
        rows.resize((letters + 1) * width, [S::zero(); LANES]);
        let (states, by_states) = rows.split_at_mut(letters * width);
        on_widest_vectors(
            #[inline(always)]
            || {
                for block in 0..self.scale.len() {
                    self.remember(sequence, block, states);
                    by_states.fill([S::zero(); LANES]);
                    self.read_back(sequence, block, upstream, states, by_states, gradient);
                }
            },
        );
    }

    #[inline(always)]
    fn remember(&self, sequence: &[u8], block: usize, states: &mut [Row<S>]) {
        states[..self.width].fill([S::zero(); LANES]);
        for at in 1..states.len() / self.width {
            let (before, after) = states[(at - 1) * self.width..].split_at_mut(self.width);
            after[..self.width].copy_from_slice(before);
            self.step(self.factors(sequence, at - 1, block), &mut after[..self.width]);
        }
    }

    #[inline(always)]
    fn read_back(
        &self,
        sequence: &[u8],
        block: usize,
        upstream: &SparseMap<S>,
        states: &[Row<S>],
        by_states: &mut [Row<S>],
        gradient: &mut GradientTables<S>,
    ) {
        let (width, stride) = (self.width, self.scale.len());
        let (decay, share) = (self.decay, self.share);
        for at in (0..states.len() / width).rev() {
            let (factors, states) = (self.factors(sequence, at, block), &states[at * width..][..width]);
            let token = block * self.reading.len() + self.token(sequence, at);
            let by_factors = &mut gradient.rows[token * width..][..width];
            // Positions in order: each is read by the one after it, at the letter before.
            for position in 0..width - 1 {
                let mut by_before = [S::zero(); LANES];
                for lane in 0..LANES {
                    let before = if position == 0 { S::one() } else { states[position - 1][lane] };
                    let by_state = by_states[position][lane];
                    by_factors[position][lane] += share * before * by_state;
                    by_before[lane] = share * factors[position][lane] * by_state;
                    by_states[position][lane] = decay * by_state;
                }
                if position > 0 {
                    for lane in 0..LANES {
                        by_states[position - 1][lane] += by_before[lane];
                    }
                }
            }
            let Some(values) = (at + 1).checked_sub(width).and_then(|window| upstream.get(window, stride)) else {
                continue;
            };
            for lane in 0..LANES {
                let by_ended = self.scale[block][lane] * values[block][lane];
                let before = if width == 1 { S::one() } else { states[width - 2][lane] };
                by_factors[width - 1][lane] += before * by_ended;
                if width > 1 {
                    by_states[width - 2][lane] += factors[width - 1][lane] * by_ended;
                }
            }
        }
    }

    /// A gradient of zeros by the factors.
    pub(crate) fn zeros(&self) -> GradientTables<S> {
        GradientTables::of_sizes(self.factors.len(), 0)
    }

    /// Whether this is a gradient by factors of this size.
    pub(crate) fn fits(&self, gradient: &GradientTables<S>) -> bool {
        gradient.has_sizes(self.factors.len(), 0)
    }

    /// From factors to anchors and bandwidth: `d log b_j = α ⟨dz_j, x⟩/(√l ‖x‖)` and `d log b_j/dα = ⟨z_j, x⟩/(√l ‖x‖) − 1/l`.
    pub(crate) fn fold(&self, gradient: &GradientTables<S>) -> AnchorGradient {
        let table = self.letters.table();
        let (width, letters, tokens) = (self.width, table.letters(), table.tokens());
        let norm = (width as f64).sqrt();
        let mut by_products = vec![0.0; self.filters * letters * width];
        let mut by_alpha = 0.0;
        for (filter, by_product) in by_products.chunks_exact_mut(letters * width).enumerate() {
            let (block, lane) = (filter / LANES, filter % LANES);
            for token in 0..tokens {
                let coefficient = self.alpha / (norm * self.letters.squared_norm(token as u8).sqrt());
                for position in 0..width {
                    let at = (block * tokens + token) * width + position;
                    let by_logarithm = gradient.rows[at][lane].wide() * self.factors[at][lane].wide();
                    by_alpha += (self.cosines[at][lane] - 1.0 / width as f64) * by_logarithm;
                    for (letter, weight) in table.vector(token as u8).iter().enumerate() {
                        by_product[letter * width + position] += coefficient * weight * by_logarithm;
                    }
                }
            }
        }
        // dα/dσ = −2/σ³ = −2 α^(3/2).
        AnchorGradient {
            anchors: self.letters.products(&by_products, width),
            sigma: -2.0 * self.alpha.powf(1.5) * by_alpha,
        }
    }
}
