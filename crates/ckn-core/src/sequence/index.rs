//! Sequences coded as k-mers, once for all anchors and epochs.

use std::ops::Range;

use super::blocks::Blocks;
use crate::pooling::Border;
use crate::{Error, TokenView};

/// Letters among which unknown ones are looked for at once.
const SEARCH_BLOCK: usize = 64;

/// The k-mer codes of a set of sequences, and which of their windows hold known letters only.
#[derive(Debug, Clone)]
pub struct KmerIndex<'a> {
    view: TokenView<'a>,
    blocks: Blocks,
    border: Border,
    /// Code of the k-mer that starts at each token; meaningless where it holds an unknown letter or crosses an end.
    codes: Vec<u16>,
    /// Starts of windows of known letters, as ranges within a sequence.
    runs: Vec<Range<u32>>,
    run_offsets: Vec<usize>,
}

impl<'a> KmerIndex<'a> {
    /// Codes the sequences for windows of `width` letters.
    ///
    /// # Errors
    /// [`Error::TooShort`] if a sequence has no window under [`Border::Valid`]; [`Error::Parameter`] for a width of
    /// zero or a sequence of more than 2³² letters.
    pub fn new(view: TokenView<'a>, width: usize, border: Border) -> Result<Self, Error> {
        if width == 0 {
            return Err(Error::Parameter { name: "width", got: 0.0, expected: "at least 1" });
        }
        view.check_width(if border == Border::Valid { width } else { 1 })?;
        let letters = view.table().letters();
        let blocks = Blocks::new(letters, width);
        let mut codes = vec![0u16; view.tokens().len()];
        let mut runs = Vec::with_capacity(view.len());
        let mut run_offsets = Vec::with_capacity(view.len() + 1);
        run_offsets.push(0);
        for record in 0..view.len() {
            let sequence = view.sequence(record);
            if u32::try_from(sequence.len()).is_err() {
                return Err(Error::Parameter {
                    name: "letters of a sequence",
                    got: sequence.len() as f64,
                    expected: "below 2^32",
                });
            }
            let codes = &mut codes[view.offsets()[record]..view.offsets()[record + 1]];
            // Horner's scheme over whole slices, so that it vectorises; wrapping, because unknown letters may overflow.
            let positions = Border::Valid.windows(sequence.len(), blocks.kmer);
            for within in 0..blocks.kmer {
                for (code, &token) in codes[..positions].iter_mut().zip(sequence.get(within..).unwrap_or_default()) {
                    *code = code.wrapping_mul(letters as u16).wrapping_add(u16::from(token));
                }
            }
            let mut known_from = 0;
            for (chunk, tokens) in sequence.chunks(SEARCH_BLOCK).enumerate() {
                // Most blocks hold known letters only, and a fold over all of them vectorises.
                if !tokens.iter().fold(false, |any, &token| any | (usize::from(token) >= letters)) {
                    continue;
                }
                for (at, _) in tokens.iter().enumerate().filter(|&(_, &token)| usize::from(token) >= letters) {
                    let position = chunk * SEARCH_BLOCK + at;
                    push_run(&mut runs, position, position - known_from, width);
                    known_from = position + 1;
                }
            }
            push_run(&mut runs, sequence.len(), sequence.len() - known_from, width);
            run_offsets.push(runs.len());
        }
        Ok(Self { view, blocks, border, codes, runs, run_offsets })
    }

    /// The sequences.
    #[inline]
    pub fn view(&self) -> TokenView<'a> {
        self.view
    }

    /// Patch width, in letters.
    #[inline]
    pub fn width(&self) -> usize {
        self.blocks.width
    }

    /// Where windows lie.
    #[inline]
    pub fn border(&self) -> Border {
        self.border
    }

    /// Number of windows of a sequence.
    #[inline]
    pub fn windows(&self, record: usize) -> usize {
        self.border.windows(self.view.sequence(record).len(), self.blocks.width)
    }

    /// Ranges of window starts that hold known letters only.
    #[inline]
    pub fn runs(&self, record: usize) -> &[Range<u32>] {
        &self.runs[self.run_offsets[record]..self.run_offsets[record + 1]]
    }

    /// Codes of the sequence's k-mers, one per letter.
    #[inline]
    pub(crate) fn codes(&self, record: usize) -> &[u16] {
        &self.codes[self.view.offsets()[record]..self.view.offsets()[record + 1]]
    }

    /// Starts of the other windows: with an unknown letter, or over a border (negative, or past the last full window).
    pub(crate) fn irregular(&self, record: usize, before: usize) -> impl Iterator<Item = i64> + '_ {
        let first = -(before as i64);
        let last = first + self.windows(record) as i64;
        let edges = self.runs(record).iter().map(|run| (i64::from(run.start), i64::from(run.end)));
        let mut from = first;
        edges.chain(std::iter::once((last, last))).flat_map(move |(start, end)| {
            let gap = from..start.min(last);
            from = end.max(from);
            gap
        })
    }

    /// Whether a window holds the same letters as the one before it, as in a long run of N.
    pub(super) fn repeats(&self, record: usize, start: i64) -> bool {
        let sequence = self.view.sequence(record);
        let Ok(start) = usize::try_from(start) else { return false };
        match (start.checked_sub(1), sequence.get(start..start + self.blocks.width)) {
            (Some(before), Some(window)) => *window == sequence[before..before + self.blocks.width],
            _ => false,
        }
    }
}

fn push_run(runs: &mut Vec<Range<u32>>, end: usize, known: usize, width: usize) {
    if known >= width {
        runs.push((end - known) as u32..(end - width + 1) as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LetterTable;

    #[test]
    fn codes_and_runs_follow_the_definition() {
        let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
        let tokens = [0, 1, 2, 3, 3, 4, 2, 1, 0, 0, 1, 2];
        let offsets = [0, 12];
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        let index = KmerIndex::new(view, 5, Border::Same).unwrap();
        assert_eq!(index.codes(0)[0], 0b00_01_10_11);
        assert_eq!(index.codes(0)[1], 0b01_10_11_11);
        assert_eq!(index.codes(0)[6], 0b10_01_00_00);
        assert_eq!(index.runs(0), [0..1, 6..8]);
        let starts: Vec<i64> = index.irregular(0, 2).collect();
        assert_eq!(starts, [-2, -1, 1, 2, 3, 4, 5, 8, 9]);
        assert_eq!(starts.len() + 3, index.windows(0));
    }

    #[test]
    fn a_sequence_without_a_window_is_named() {
        let table = LetterTable::new(4, &[], None).unwrap();
        let offsets = [0, 5, 7];
        let view = TokenView::new(&[0; 7], &offsets, &table).unwrap();
        assert_eq!(
            KmerIndex::new(view, 3, Border::Valid).unwrap_err(),
            Error::TooShort { record: 1, length: 2, width: 3 }
        );
    }
}
