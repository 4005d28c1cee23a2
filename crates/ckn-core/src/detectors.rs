//! Motif detectors: linear filters over letters, each with its best response to a sequence.
//!
//! The response of filter `k` at window `t` is `b_k + Σ_o ⟨F_{k,·,o}, x_{t+o}⟩` over its offsets `o`, where `x` is the vector
//! of a token ([`LetterTable::vector`]): one table row is added for each pair of letters, and no vector is made. Sequences are
//! padded by `width − 1` unknown letters (`1/letters` of each) on either side, so that motifs across the ends count and
//! sequences shorter than a filter have a response.
//!
//! # Source
//! The convolution and maximum of Alipanahi, Delong, Weirauch and Frey 2015 (DeepBind), supplementary notes 1.1 and 1.2.

#[cfg(test)]
mod tests;

use crate::error::check_length;
use crate::vectors::on_widest_vectors;
use crate::{Error, LetterTable};

/// Filters that are computed together: one vector register.
const LANES: usize = 16;

type Row = [f32; LANES];

/// Largest table of pairs of letters, in rows (4 MiB). Beyond, it would leave the cache, and rows are those of letters.
const MAX_PAIR_ROWS: usize = 1 << 16;

/// Filters as table rows, one for each offset and token, filled for one alphabet.
#[derive(Debug, Clone)]
pub struct Detectors {
    filters: usize,
    width: usize,
    letters: usize,
    /// Tokens of the alphabet and the padding.
    codes: usize,
    /// Vector of each code over the letters, `[codes, letters]`.
    vectors: Vec<f32>,
    complement: Option<Vec<u8>>,
    /// Letters of a row: 2, or 1 where that would take too many rows.
    span: usize,
    /// `[groups of filters, spans, stride]`.
    rows: Vec<Row>,
    /// `[groups of filters]`.
    biases: Vec<Row>,
}

/// Best response of each filter to one strand of one sequence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Responses {
    /// The strand's tokens with their padding, and one more.
    padded: Vec<u8>,
    /// The row of each span of letters, by its first.
    indices: Vec<u16>,
    /// `[filters]`: largest response over all windows.
    pub values: Vec<f32>,
    /// `[filters]`: the first window that has it, counted from the beginning of the padding.
    pub places: Vec<u32>,
}

impl Detectors {
    /// Filters for the sequences of an alphabet.
    ///
    /// # Shapes
    /// filters `[filters, letters, width]`, biases `[filters]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the filters do not fit; [`Error::Empty`] for no filter or a width of zero.
    pub fn new(filters: &[f32], biases: &[f32], width: usize, table: &LetterTable) -> Result<Self, Error> {
        if biases.is_empty() || width == 0 {
            return Err(Error::Empty { what: "the set of filters" });
        }
        let letters = table.letters();
        check_length("filters", biases.len() * letters * width, filters.len())?;
        let mut vectors: Vec<f32> = (0..table.tokens())
            .flat_map(|token| table.vector(token as u8).iter().map(|&weight| weight as f32))
            .collect();
        vectors.extend(std::iter::repeat_n(1.0 / letters as f32, letters));
        let groups = biases.len().div_ceil(LANES);
        let codes = table.tokens() + 1;
        let pair_rows = groups * width.div_ceil(2) * stride(codes * codes);
        let span = if pair_rows <= MAX_PAIR_ROWS { 2 } else { 1 };
        let rows = if span == 2 { pair_rows } else { groups * width * stride(codes) };
        let mut detectors = Self {
            filters: biases.len(),
            width,
            letters,
            codes,
            vectors,
            complement: table.complement().map(<[u8]>::to_vec),
            span,
            rows: vec![[0.0; LANES]; rows],
            biases: vec![[0.0; LANES]; groups],
        };
        detectors.fill(filters, biases);
        Ok(detectors)
    }

    /// Replaces filters and biases by others of the same shapes.
    ///
    /// # Errors
    /// [`Error::Shape`] if they are not of the same shapes.
    pub fn set(&mut self, filters: &[f32], biases: &[f32]) -> Result<(), Error> {
        check_length("filters", self.filters * self.letters * self.width, filters.len())?;
        check_length("biases", self.filters, biases.len())?;
        self.fill(filters, biases);
        Ok(())
    }

    fn fill(&mut self, filters: &[f32], biases: &[f32]) {
        let Self { width, letters, codes, span, .. } = *self;
        let (stride, spans) = (self.stride(), width.div_ceil(span));
        // Of single letters: `[width + 1, codes]`, the last offset empty.
        let mut single = vec![[0.0; LANES]; (width + 1) * codes];
        let groups = filters.chunks(LANES * letters * width).zip(biases.chunks(LANES));
        let targets = self.rows.chunks_exact_mut(spans * stride).zip(&mut self.biases);
        for ((filters, biases), (rows, bias)) in groups.zip(targets) {
            bias[..biases.len()].copy_from_slice(biases);
            for (lane, filter) in filters.chunks_exact(letters * width).enumerate() {
                for (offset, rows) in single.chunks_exact_mut(codes).take(width).enumerate() {
                    for (row, vector) in rows.iter_mut().zip(self.vectors.chunks_exact(letters)) {
                        let shares = vector.iter().enumerate();
                        row[lane] = shares.map(|(letter, share)| share * filter[letter * width + offset]).sum();
                    }
                }
            }
            for (place, rows) in rows.chunks_exact_mut(stride).enumerate() {
                let first = &single[place * span * codes..][..codes];
                if span == 1 {
                    rows[..codes].copy_from_slice(first);
                    continue;
                }
                let second = &single[(place * span + 1) * codes..][..codes];
                for (rows, a) in rows.chunks_exact_mut(codes).zip(first) {
                    for (row, b) in rows.iter_mut().zip(second) {
                        for lane in 0..LANES {
                            row[lane] = a[lane] + b[lane];
                        }
                    }
                }
            }
        }
    }

    fn stride(&self) -> usize {
        stride(if self.span == 2 { self.codes * self.codes } else { self.codes })
    }

    /// Number of filters.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Best responses to a sequence, or to its reverse complement.
    ///
    /// # Errors
    /// [`Error::Empty`] for a sequence without letters; [`Error::NoComplement`] if the alphabet has none.
    pub fn respond(&self, tokens: &[u8], reverse: bool, responses: &mut Responses) -> Result<(), Error> {
        if tokens.is_empty() {
            return Err(Error::Empty { what: "a sequence" });
        }
        self.pad(tokens, reverse, &mut responses.padded)?;
        let Responses { padded, indices, values, places } = responses;
        values.resize(self.filters, 0.0);
        places.resize(self.filters, 0);
        indices.clear();
        let codes = self.codes as u16;
        match self.span {
            // At most 256 codes: pairs of them fit 16 bits.
            2 => indices.extend(padded.windows(2).map(|pair| u16::from(pair[0]) * codes + u16::from(pair[1]))),
            _ => indices.extend(padded.iter().map(|&code| u16::from(code))),
        }
        let (stride, spans) = (self.stride(), self.width.div_ceil(self.span));
        let windows = tokens.len() + self.width - 1;
        let groups = self.rows.chunks_exact(spans * stride).zip(&self.biases);
        let slots = values.chunks_mut(LANES).zip(places.chunks_mut(LANES));
        for ((rows, bias), (values, places)) in groups.zip(slots) {
            let (best, at) = match self.span {
                2 => best_windows::<2>(rows, stride, bias, indices, windows),
                _ => best_windows::<1>(rows, stride, bias, indices, windows),
            };
            values.copy_from_slice(&best[..values.len()]);
            places.copy_from_slice(&at[..places.len()]);
        }
        Ok(())
    }

    /// Adds the gradient of `Σ_k upstream_k · max_t response_k(t)` by the filters.
    ///
    /// # Shapes
    /// upstream `[filters]`, gradient `[filters, letters, width]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a slice does not fit.
    pub fn pull_back(&self, responses: &Responses, upstream: &[f32], gradient: &mut [f32]) -> Result<(), Error> {
        let Self { width, letters, .. } = *self;
        check_length("upstream gradient", self.filters, upstream.len())?;
        check_length("best responses", self.filters, responses.places.len())?;
        check_length("gradient of the filters", self.filters * letters * width, gradient.len())?;
        let filters = gradient.chunks_exact_mut(letters * width);
        for ((filter, &slope), &place) in filters.zip(upstream).zip(&responses.places) {
            if slope == 0.0 {
                continue;
            }
            let window = &responses.padded[place as usize..][..width];
            for (offset, &code) in window.iter().enumerate() {
                let code = usize::from(code);
                if code < letters {
                    filter[code * width + offset] += slope;
                    continue;
                }
                for (letter, share) in self.vectors[code * letters..][..letters].iter().enumerate() {
                    filter[letter * width + offset] += slope * share;
                }
            }
        }
        Ok(())
    }

    /// A strand between its padding.
    fn pad(&self, tokens: &[u8], reverse: bool, padded: &mut Vec<u8>) -> Result<(), Error> {
        let padding = (self.codes - 1) as u8;
        padded.clear();
        padded.resize(self.width - 1, padding);
        match (reverse, &self.complement) {
            (false, _) => padded.extend_from_slice(tokens),
            (true, Some(complement)) => {
                padded.extend(tokens.iter().rev().map(|&token| complement[usize::from(token)]));
            }
            (true, None) => return Err(Error::NoComplement),
        }
        // One more, for the empty second letter of the last pair of an odd width.
        padded.resize(padded.len() + self.width, padding);
        Ok(())
    }
}

/// Rows of a span: odd, so that the rows of the same letters do not meet in the same few lines of the cache.
fn stride(rows: usize) -> usize {
    rows | 1
}

/// Largest response of each of 16 filters, and the first window that has it.
fn best_windows<const SPAN: usize>(
    rows: &[Row],
    stride: usize,
    bias: &Row,
    indices: &[u16],
    windows: usize,
) -> (Row, [u32; LANES]) {
    let needed = SPAN * (rows.len() / stride - 1) + 1;
    on_widest_vectors(
        #[inline(always)]
        || {
            let (mut best, mut at) = ([f32::NEG_INFINITY; LANES], [0u32; LANES]);
            for (place, window) in indices.windows(needed).take(windows).enumerate() {
                let mut response = *bias;
                for (rows, span) in rows.chunks_exact(stride).zip(window.chunks(SPAN)) {
                    let row = &rows[usize::from(span[0])];
                    for lane in 0..LANES {
                        response[lane] += row[lane];
                    }
                }
                for lane in 0..LANES {
                    let better = response[lane] > best[lane];
                    best[lane] = if better { response[lane] } else { best[lane] };
                    at[lane] = if better { place as u32 } else { at[lane] };
                }
            }
            (best, at)
        },
    )
}
