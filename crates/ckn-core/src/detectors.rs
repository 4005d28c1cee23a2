//! Motif detectors: linear filters over letters, each with its best response to a sequence.
//!
//! The response of filter `k` at window `t` is `b_k + Σ_o ⟨F_{k,·,o}, x_{t+o}⟩` over its offsets `o`, where `x` is the vector
//! of a token ([`LetterTable::vector`]): one table row is added for each letter, and no vector is ever made. Sequences are
//! padded by `width − 1` unknown letters (`1/letters` of each) on either side, so that motifs across the ends count and
//! sequences shorter than a filter have a response.
//!
//! # Source
//! The convolution and maximum of Alipanahi, Delong, Weirauch and Frey 2015 (DeepBind), supplementary notes 1.1 and 1.2.

use crate::error::check_length;
use crate::vectors::on_widest_vectors;
use crate::{Error, LetterTable};

/// Filters that are computed together: one vector register.
const LANES: usize = 16;

type Row = [f32; LANES];

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
    /// `[groups of filters, width, stride]`.
    rows: Vec<Row>,
    /// `[groups of filters]`.
    biases: Vec<Row>,
}

/// Best response of each filter to one strand of one sequence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Responses {
    /// The strand's tokens with their padding.
    padded: Vec<u8>,
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
        let mut detectors = Self {
            filters: biases.len(),
            width,
            letters,
            codes,
            vectors,
            complement: table.complement().map(<[u8]>::to_vec),
            rows: vec![[0.0; LANES]; groups * width * stride(codes)],
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
        let Self { width, letters, .. } = *self;
        let stride = stride(self.codes);
        for (k, filter) in filters.chunks_exact(letters * width).enumerate() {
            let (group, lane) = (k / LANES, k % LANES);
            self.biases[group][lane] = biases[k];
            for (offset, rows) in
                self.rows[group * width * stride..][..width * stride].chunks_exact_mut(stride).enumerate()
            {
                for (row, vector) in rows.iter_mut().zip(self.vectors.chunks_exact(letters)) {
                    row[lane] =
                        vector.iter().enumerate().map(|(letter, share)| share * filter[letter * width + offset]).sum();
                }
            }
        }
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
        let Responses { padded, values, places } = responses;
        values.resize(self.filters, 0.0);
        places.resize(self.filters, 0);
        let per_group = self.width * stride(self.codes);
        let groups = self.rows.chunks_exact(per_group).zip(&self.biases);
        let slots = values.chunks_mut(LANES).zip(places.chunks_mut(LANES));
        for ((rows, bias), (values, places)) in groups.zip(slots) {
            let (best, at) = best_windows(rows, stride(self.codes), bias, padded, self.width);
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
        padded.resize(padded.len() + self.width - 1, padding);
        Ok(())
    }
}

/// Rows of an offset: odd, so that the rows of one letter do not meet in the same few lines of the cache.
fn stride(codes: usize) -> usize {
    codes | 1
}

/// Largest response of each of 16 filters, and the first window that has it.
fn best_windows(rows: &[Row], stride: usize, bias: &Row, padded: &[u8], width: usize) -> (Row, [u32; LANES]) {
    on_widest_vectors(
        #[inline(always)]
        || {
            let (mut best, mut at) = ([f32::NEG_INFINITY; LANES], [0u32; LANES]);
            for (place, window) in padded.windows(width).enumerate() {
                let mut response = *bias;
                for (rows, &code) in rows.chunks_exact(stride).zip(window) {
                    let row = &rows[usize::from(code)];
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> LetterTable {
        LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
    }

    /// Filters whose numbers are small multiples of 1/8, so that sums are exact.
    fn filters(count: usize, width: usize) -> Vec<f32> {
        (0..count * 4 * width).map(|index| ((index * 37 + index / 7 * 11) % 31) as f32 / 8.0 - 1.5).collect()
    }

    /// From vectors, letter by letter.
    fn by_definition(filter: &[f32], width: usize, tokens: &[u8], bias: f32) -> f32 {
        let table = table();
        let value = |letter: usize, at: isize| match usize::try_from(at).ok().and_then(|at| tokens.get(at)) {
            Some(&token) => table.vector(token)[letter] as f32,
            None => 0.25,
        };
        let windows = 1 - width as isize..tokens.len() as isize;
        let responses = windows.map(|start| {
            let terms = (0..4 * width).map(|i| filter[i] * value(i / width, start + (i % width) as isize));
            bias + terms.sum::<f32>()
        });
        responses.fold(f32::NEG_INFINITY, f32::max)
    }

    #[test]
    fn best_responses_equal_their_definition_on_both_strands_and_on_short_sequences() {
        let (count, width) = (19, 5);
        let filters = filters(count, width);
        let biases: Vec<f32> = (0..count).map(|k| k as f32 / 4.0).collect();
        let detectors = Detectors::new(&filters, &biases, width, &table()).unwrap();
        let mut responses = Responses::default();
        for tokens in [&[0u8, 1, 2, 3, 4, 3, 3, 0, 1][..], &[2, 4], &[1]] {
            let complement: Vec<u8> = tokens.iter().rev().map(|&token| [3, 2, 1, 0, 4][usize::from(token)]).collect();
            for (reverse, strand) in [(false, tokens), (true, &complement[..])] {
                detectors.respond(tokens, reverse, &mut responses).unwrap();
                for k in 0..count {
                    let filter = &filters[k * 4 * width..][..4 * width];
                    let expected = by_definition(filter, width, strand, biases[k]);
                    assert_eq!(responses.values[k], expected, "{tokens:?} {reverse} {k}");
                }
            }
        }
    }

    #[test]
    fn the_gradient_is_the_window_of_each_maximum() {
        let (count, width) = (3, 4);
        let mut weights = filters(count, width);
        let table = table();
        let detectors = Detectors::new(&weights, &[0.0; 3], width, &table).unwrap();
        let (tokens, upstream) = ([0u8, 4, 2, 3, 1, 0], [1.0f32, 0.0, -2.0]);
        let mut responses = Responses::default();
        detectors.respond(&tokens, false, &mut responses).unwrap();
        let mut gradient = vec![0.0; weights.len()];
        detectors.pull_back(&responses, &upstream, &mut gradient).unwrap();
        let objective = |weights: &[f32]| {
            let mut responses = Responses::default();
            let detectors = Detectors::new(weights, &[0.0; 3], width, &table).unwrap();
            detectors.respond(&tokens, false, &mut responses).unwrap();
            responses.values.iter().zip(&upstream).map(|(value, slope)| value * slope).sum::<f32>()
        };
        // Exact in these numbers, and small enough not to change a maximum.
        let step = 1.0 / 1024.0;
        for index in 0..weights.len() {
            let before = weights[index];
            weights[index] = before + step;
            let above = objective(&weights);
            weights[index] = before - step;
            let below = objective(&weights);
            weights[index] = before;
            assert_eq!((above - below) / (2.0 * step), gradient[index], "{index}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (table, one) = (table(), filters(1, 2));
        assert!(Detectors::new(&one, &[0.0; 2], 2, &table).is_err());
        assert!(Detectors::new(&[], &[], 2, &table).is_err());
        let mut detectors = Detectors::new(&one, &[0.0], 2, &table).unwrap();
        assert!(detectors.set(&one[1..], &[0.0]).is_err());
        assert!(detectors.respond(&[], false, &mut Responses::default()).is_err());
        let forward = LetterTable::new(4, &[], None).unwrap();
        let detectors = Detectors::new(&one, &[0.0], 2, &forward).unwrap();
        assert_eq!(detectors.respond(&[0], true, &mut Responses::default()), Err(Error::NoComplement));
    }
}
