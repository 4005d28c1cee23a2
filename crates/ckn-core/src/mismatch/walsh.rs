//! The fast Walsh–Hadamard transform of tables of all words of four letters.

use rayon::prelude::*;

use super::profile::binomial;
use super::spectrum::LETTERS;
use crate::Scalar;
use crate::vectors::on_widest_vectors;

/// Letters whose transforms are done piece by piece: 4⁸ numbers stay in the second-level cache.
const PIECE: u32 = 8;

/// Numbers side by side of which the transforms of the other letters are done at once: whole cache lines.
const TILE: usize = 64;

/// Replaces a table by its Walsh–Hadamard transform, not normalised: done twice, it multiplies a table by its length.
pub(super) fn walsh<S: Scalar>(table: &mut [S]) {
    within_pieces(table, |_| S::one(), false);
    across_pieces(table);
}

/// The transform of a table whose value at each word, that is the coefficient of a Walsh function, was multiplied by a factor.
pub(super) fn scaled_walsh<S: Scalar>(table: &mut [S], factor: impl Fn(usize) -> S + Sync) {
    within_pieces(table, factor, true);
    across_pieces(table);
}

/// Positions of a word whose letter is not the first: those that its Walsh function looks at.
pub(super) fn looked_at(word: usize) -> usize {
    ((word | word >> 1) & 0x5555_5555).count_ones() as usize
}

/// `K_m(w) = Σ_j (−1)^j 3^(m−j) C(w, j) C(l − w, m − j)`.
pub(super) fn krawtchouk(width: usize, m: usize, w: usize) -> f64 {
    let term = |j: usize| {
        let sign = if j.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * 3f64.powi((m - j) as i32) * binomial(w, j) * binomial(width - w, m - j)
    };
    (0..=m.min(w)).map(term).sum()
}

/// The transform over the last letters of all words; each value is multiplied by a factor first, if `scaled`.
fn within_pieces<S: Scalar>(table: &mut [S], factor: impl Fn(usize) -> S + Sync, scaled: bool) {
    let length = LETTERS.pow(PIECE);
    table.par_chunks_mut(length).enumerate().for_each(|(piece, chunk)| {
        if scaled {
            chunk.iter_mut().zip(piece * length..).for_each(|(value, word)| *value *= factor(word));
        }
        on_widest_vectors(
            #[inline(always)]
            || transform(chunk, 1),
        );
    });
}

/// The transform over the first letters of all words: the same place of every piece, some places at once.
fn across_pieces<S: Scalar>(table: &mut [S]) {
    let piece = LETTERS.pow(PIECE);
    if table.len() <= piece {
        return;
    }
    let mut tiles: Vec<Vec<&mut [S]>> = (0..piece / TILE).map(|_| Vec::with_capacity(table.len() / piece)).collect();
    for row in table.chunks_mut(piece) {
        tiles.iter_mut().zip(row.chunks_mut(TILE)).for_each(|(tile, part)| tile.push(part));
    }
    // Through a buffer: the places lie at powers of two, which share the same few lines of a cache.
    tiles.into_par_iter().for_each_init(Vec::new, |buffer: &mut Vec<S>, mut tile| {
        buffer.clear();
        tile.iter().for_each(|part| buffer.extend_from_slice(part));
        on_widest_vectors(
            #[inline(always)]
            || transform(buffer, TILE),
        );
        tile.iter_mut().zip(buffer.chunks_exact(TILE)).for_each(|(part, values)| part.copy_from_slice(values));
    });
}

/// The transform over the letters whose places are `stride` numbers apart, or more.
#[inline(always)]
fn transform<S: Scalar>(values: &mut [S], stride: usize) {
    let mut quarter = stride;
    while quarter < values.len() {
        for block in values.chunks_exact_mut(LETTERS * quarter) {
            butterfly(block, quarter);
        }
        quarter *= LETTERS;
    }
}

#[inline(always)]
fn butterfly<S: Scalar>(block: &mut [S], quarter: usize) {
    let (left, right) = block.split_at_mut(2 * quarter);
    let ((a, b), (c, d)) = (left.split_at_mut(quarter), right.split_at_mut(quarter));
    sums(a, b, c, d);
}

/// `(a + b + c + d, a − b + c − d, a + b − c − d, a − b − c + d)`.
#[inline(always)]
fn sums<S: Scalar>(a: &mut [S], b: &mut [S], c: &mut [S], d: &mut [S]) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let (left, right) = ((*a + *b, *a - *b), (*c + *d, *c - *d));
        (*a, *b, *c, *d) = (left.0 + right.0, left.1 + right.1, left.0 - right.0, left.1 - right.1);
    }
}
