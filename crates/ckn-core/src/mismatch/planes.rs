//! Sequences side by side: bit `b` of every word belongs to sequence `b` of a block.

use super::{LANES, Word, ZERO};
use crate::{Error, TokenView};

/// A set of sequences in blocks of [`LANES`], those of similar length together.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub(super) width: usize,
    pub(super) blocks: Vec<Block>,
}

/// Up to [`LANES`] sequences.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The sequence of each bit.
    pub(super) records: Vec<usize>,
    /// Letters of the longest.
    pub(super) longest: usize,
    /// Whether a letter stands at a position, `[letters, longest]`.
    pub(super) planes: Vec<Word>,
    /// Whether a window of known letters starts at a position, `[longest]`.
    pub(super) windows: Vec<Word>,
}

impl Blocks {
    /// Lays out sequences for windows of `width` letters.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero or above 63.
    pub(super) fn new(view: TokenView<'_>, width: usize) -> Result<Self, Error> {
        if width == 0 || width > 63 {
            return Err(Error::Parameter { name: "width", got: width as f64, expected: "between 1 and 63" });
        }
        let mut order: Vec<usize> = (0..view.len()).collect();
        order.sort_by_key(|&record| view.sequence(record).len());
        let blocks = order.chunks(LANES).map(|records| Block::new(view, width, records)).collect();
        Ok(Self { width, blocks })
    }
}

impl Block {
    fn new(view: TokenView<'_>, width: usize, records: &[usize]) -> Self {
        let letters = view.table().letters();
        let longest = records.iter().map(|&record| view.sequence(record).len()).max().unwrap_or(0);
        let mut planes = vec![ZERO; letters * longest];
        let mut windows = vec![ZERO; longest];
        for (lane, &record) in records.iter().enumerate() {
            let (word, bit) = (lane / 64, 1u64 << (lane % 64));
            let sequence = view.sequence(record);
            for (position, &token) in sequence.iter().enumerate() {
                if view.table().is_letter(token) {
                    planes[usize::from(token) * longest + position][word] |= bit;
                }
            }
            for start in known_windows(view, sequence, width) {
                windows[start][word] |= bit;
            }
        }
        Self { records: records.to_vec(), longest, planes, windows }
    }
}

/// Starts of the windows of known letters.
pub(super) fn known_windows<'s>(
    view: TokenView<'s>,
    sequence: &'s [u8],
    width: usize,
) -> impl Iterator<Item = usize> + 's {
    let mut known = 0;
    sequence.iter().enumerate().filter_map(move |(position, &token)| {
        known = if view.table().is_letter(token) { known + 1 } else { 0 };
        (known >= width).then(|| position + 1 - width)
    })
}
