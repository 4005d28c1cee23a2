//! Windows of sequences: where they lie, what letters they hold, their norms.

use cubecl::prelude::*;

/// Widest windows whose letters are written out one by one.
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
}

/// First letter and length of a record, as a place of the packed tokens.
///
/// # Shapes
/// data: `words` words of four tokens each, then the offsets of all records.
#[cube]
pub(crate) fn first_letter(data: &[u32], record: u32, words: u32) -> u32 {
    data[(words + record) as usize]
}

/// Letters of a record.
#[cube]
pub(crate) fn length(data: &[u32], record: u32, words: u32) -> u32 {
    data[(words + record + 1) as usize] - data[(words + record) as usize]
}

/// The token at a position of a window; the last one, which is zero, beyond the ends. Windows of the reverse strand are those of the
/// reverse complement, from its end on.
#[cube]
pub(crate) fn token(
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

/// Norm of a window that is staged.
///
/// # Shapes
/// staged `[tile, width]`, squares `[tokens]`.
#[cube]
pub(crate) fn norm(staged: &[u32], squares: &[f32], window: u32, #[comptime] shape: WindowShape) -> f32 {
    let mut sum = f32::new(0.0);
    #[unroll(shape.width <= UNROLLED)]
    for position in 0..shape.width {
        sum += squares[staged[(window * shape.width + position) as usize] as usize];
    }
    f32::sqrt(sum)
}

/// Product of a staged window with an anchor.
///
/// # Shapes
/// tables `[strands, width, tokens, filters]`, `from` the place of the strand and filter in it.
#[cube]
pub(crate) fn product(
    staged: &[u32],
    tables: &[f32],
    window: u32,
    from: u32,
    filters: u32,
    #[comptime] shape: WindowShape,
) -> f32 {
    let mut sum = f32::new(0.0);
    #[unroll(shape.width <= UNROLLED)]
    for position in 0..shape.width {
        let row = position * shape.tokens + staged[(window * shape.width + position) as usize];
        sum += tables[(from + row * filters) as usize];
    }
    sum
}
