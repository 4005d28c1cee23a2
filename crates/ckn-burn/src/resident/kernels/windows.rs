//! Windows of sequences: where they lie, what letters they hold, their norms.

use cubecl::prelude::*;

/// Most words of a window that are written out one by one.
pub(crate) const UNROLLED: u32 = 32;

/// What windows are: known when kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WindowShape {
    /// Letters of a window.
    pub(crate) width: u32,
    /// Tokens that occur, and one that stands for what lies beyond the ends.
    pub(crate) tokens: u32,
    /// Zero positions before a sequence.
    pub(crate) before: u32,
    /// Zero positions after it: those before its reverse complement.
    pub(crate) after: u32,
    /// Windows that a sequence has less than letters.
    pub(crate) lost: u32,
    /// Windows that are staged at once.
    pub(crate) tile: u32,
    /// Whether two letters are looked up at once: words of two, where there are few kinds.
    pub(crate) pairs: bool,
}

impl WindowShape {
    /// Words of a window.
    pub(crate) fn words(self) -> u32 {
        if self.pairs { self.width.div_ceil(2) } else { self.width }
    }

    /// Codes of a word.
    pub(crate) fn codes(self) -> u32 {
        if self.pairs { self.tokens * self.tokens } else { self.tokens }
    }
}

/// First letter of a record, as a place among all letters.
///
/// # Shapes
/// data: `packed` numbers of four tokens each, then the offsets of all records.
#[cube]
pub(crate) fn first_letter(data: &[u32], record: u32, packed: u32) -> u32 {
    data[(packed + record) as usize]
}

/// Letters of a record, `data` as for [`first_letter`].
#[cube]
pub(crate) fn length(data: &[u32], record: u32, packed: u32) -> u32 {
    data[(packed + record + 1) as usize] - data[(packed + record) as usize]
}

/// The token at a position of a window; the last one, which is zero, beyond the ends. Windows of the reverse strand are those of the
/// reverse complement, from its end on.
#[cube]
fn token(
    data: &[u32],
    first: u32,
    length: u32,
    strand: u32,
    window: u32,
    position: u32,
    #[comptime] shape: WindowShape,
) -> u32 {
    let place = window + position;
    let before = if strand == 0 { shape.before } else { shape.after };
    let mut token = comptime!(shape.tokens - 1).runtime();
    if place >= before && place - before < length {
        let at = first + place - before;
        token = (data[(at / 4) as usize] >> (8 * (at % 4))) & 255u32;
    }
    token
}

/// The row of a word of a window in a table of all words: the first of two letters counts more; where a window ends, the second is
/// the first token.
#[cube]
pub(crate) fn row_of(
    data: &[u32],
    first: u32,
    length: u32,
    strand: u32,
    window: u32,
    word: u32,
    #[comptime] shape: WindowShape,
) -> u32 {
    if comptime!(shape.pairs) {
        let position = 2 * word;
        let mut code = token(data, first, length, strand, window, position, shape) * shape.tokens;
        if position + 1 < shape.width {
            code += token(data, first, length, strand, window, position + 1, shape);
        }
        word * comptime!(shape.codes()) + code
    } else {
        word * shape.tokens + token(data, first, length, strand, window, word, shape)
    }
}

/// Stages windows of a record, `here` of them from `base` on, and their norms.
///
/// # Shapes
/// staged `[tile, words]`, norms `[tile]`.
#[cube]
pub(crate) fn stage(
    data: &[u32],
    squares: &[f32],
    staged: &mut [u32],
    norms: &mut [f32],
    first: u32,
    length: u32,
    strand: u32,
    base: u32,
    here: u32,
    #[comptime] shape: WindowShape,
    #[comptime] units: u32,
) {
    let words = comptime!(shape.words());
    let mut at = UNIT_POS;
    while at < here * words {
        staged[at as usize] = row_of(data, first, length, strand, base + at / words, at % words, shape);
        at += units;
    }
    sync_cube();
    stage_norms(squares, &*staged, norms, here, shape, units);
}

/// The norms of `here` windows that are staged.
#[cube]
pub(crate) fn stage_norms(
    squares: &[f32],
    staged: &[u32],
    norms: &mut [f32],
    here: u32,
    #[comptime] shape: WindowShape,
    #[comptime] units: u32,
) {
    let mut window = UNIT_POS;
    while window < here {
        norms[window as usize] = norm(staged, squares, window, shape);
        window += units;
    }
    sync_cube();
}

/// Norm of a window that is staged.
///
/// # Shapes
/// staged `[tile, words]`, squares `[words, codes]`.
#[cube]
fn norm(staged: &[u32], squares: &[f32], window: u32, #[comptime] shape: WindowShape) -> f32 {
    let words = comptime!(shape.words());
    let mut sum = f32::new(0.0);
    #[unroll(words <= UNROLLED)]
    for word in 0..words {
        sum += squares[staged[(window * words + word) as usize] as usize];
    }
    f32::sqrt(sum)
}

/// Product of a staged window with an anchor.
///
/// # Shapes
/// tables `[strands, words, codes, filters]`, `from` the place of the strand and filter in it.
#[cube]
pub(crate) fn product(
    staged: &[u32],
    tables: &[f32],
    window: u32,
    from: u32,
    filters: u32,
    #[comptime] shape: WindowShape,
) -> f32 {
    let words = comptime!(shape.words());
    let mut sum = f32::new(0.0);
    #[unroll(words <= UNROLLED)]
    for word in 0..words {
        sum += tables[(from + staged[(window * words + word) as usize] * filters) as usize];
    }
    sum
}
