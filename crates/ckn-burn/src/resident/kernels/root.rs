//! The inverse root of the Gram matrix and the adjoint of its differential, by one cube.
//!
//! Two-sided Jacobi rotations: in each round every index is in one pair, so that the rotations of a round act on disjoint
//! pairs of rows and columns and commute.

use cubecl::prelude::*;

use super::kappa::{Formula, slope};
use super::products::inner_product;

/// Largest number of filters that one cube turns.
pub(crate) const MOST_FILTERS: u32 = 256;
/// Sweeps after which the matrix is as diagonal as it gets; 6 to 9 are usual.
pub(crate) const MOST_SWEEPS: u32 = 11;
/// Most blocks of a turn of a loop ([`super::products`] says why loops are unrolled).
const MOST_BLOCKS: u32 = 16;

/// Units of a cube, and blocks of a turn of its loops: fewer where there is less to do.
pub(crate) fn workers(filters: u32, most_units: u32) -> (u32, u32) {
    let numbers = filters * filters / 2;
    let units = (numbers / 4).next_power_of_two().clamp(32, 256).min(most_units);
    (units, numbers.div_ceil(units).next_power_of_two().min(MOST_BLOCKS))
}
/// Below this ratio of off-diagonal to diagonal entries one more sweep reaches rounding: convergence is quadratic.
const NEARLY_DIAGONAL: f32 = 1e-4;

/// `R = U diag(1/s) Uᵀ`, `s = √(δ + ε)` or `√max(δ, 0) + ε`, of `A = U diag(δ) Uᵀ`.
///
/// # Shapes
/// gram: `A [filters, filters]` first, which is lost; roots: `R`, `Uᵀ`, `U`, then `δ` and `s`.
#[cube(launch)]
pub(crate) fn inverse_root(
    gram: &mut [f32],
    roots: &mut [f32],
    filters: u32,
    epsilon: f32,
    #[comptime] shift: bool,
    #[comptime] strip_blocks: u32,
    #[comptime] units: u32,
) {
    let squares = filters * filters;
    let mut cosines = Shared::<[f32]>::new_slice(comptime!((MOST_FILTERS / 2) as usize));
    let mut sines = Shared::<[f32]>::new_slice(comptime!((MOST_FILTERS / 2) as usize));
    let mut largest = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let mut at = UNIT_POS;
    while at < squares {
        roots[(squares + at) as usize] = if at / filters == at % filters { 1.0f32 } else { 0.0f32 };
        at += units;
    }
    // With an odd number of filters one index of each round has no partner.
    let players = filters + filters % 2;
    let half = players / 2;
    let mut sweep = u32::new(0);
    while sweep < MOST_SWEEPS {
        let mut ratio = f32::new(0.0);
        let mut at = UNIT_POS;
        while at < squares {
            let (row, column) = (at / filters, at % filters);
            if row < column {
                let scale = f32::sqrt(
                    (f32::abs(gram[(row * filters + row) as usize]) + epsilon)
                        * (f32::abs(gram[(column * filters + column) as usize]) + epsilon),
                );
                ratio = f32::max(ratio, f32::abs(gram[at as usize]) / scale);
            }
            at += units;
        }
        largest[UNIT_POS as usize] = ratio;
        sync_storage();
        ratio = f32::new(0.0);
        #[unroll]
        for other in 0..units {
            ratio = f32::max(ratio, largest[other as usize]);
        }
        for round in 0..players - 1 {
            let mut pair = UNIT_POS;
            while pair < half {
                let (first, second) = (first_of(pair, round, players), second_of(pair, round, players));
                let mut cosine = f32::new(1.0);
                let mut sine = f32::new(0.0);
                if first < filters && second < filters {
                    let across = gram[(first * filters + second) as usize];
                    if f32::abs(across) > 1e-12 {
                        let tau = (gram[(second * filters + second) as usize]
                            - gram[(first * filters + first) as usize])
                            / (2.0 * across);
                        let mut tangent = 1.0 / (f32::abs(tau) + f32::sqrt(1.0 + tau * tau));
                        if tau < 0.0 {
                            tangent = -tangent;
                        }
                        cosine = 1.0 / f32::sqrt(1.0 + tangent * tangent);
                        sine = tangent * cosine;
                    }
                }
                cosines[pair as usize] = cosine;
                sines[pair as usize] = sine;
                pair += units;
            }
            sync_storage();
            // Blocks of two rows and two columns, those above the diagonal: the others are their mirror images.
            // Blocks above the diagonal, the others are their mirror images: a triangle, folded to a rectangle.
            let wide = half + 1;
            let blocks = half.div_ceil(2) * wide;
            let strips = blocks.div_ceil(strip_blocks * units);
            for strip in 0..strips {
                #[unroll]
                for within in 0..strip_blocks {
                    let block = (strip * strip_blocks + within) * units + UNIT_POS;
                    let (row, column) = (block / wide, block % wide);
                    let folded = column <= row;
                    let above = if folded { half - 1 - row } else { row };
                    let beside = if folded { half - 1 - column } else { column - 1 };
                    // The middle row of an odd number is in the rectangle twice.
                    if block < blocks && !(folded && 2 * row + 1 == half) {
                        turn_block(gram, &cosines, &sines, above, beside, round, players, filters);
                    }
                }
            }
            let strips = (half * filters).div_ceil(strip_blocks * units);
            for strip in 0..strips {
                #[unroll]
                for within in 0..strip_blocks {
                    let at = (strip * strip_blocks + within) * units + UNIT_POS;
                    let (pair, column) = (at / filters, at % filters);
                    let (first, second) = (first_of(pair, round, players), second_of(pair, round, players));
                    if pair < half && first < filters && second < filters {
                        let (cosine, sine) = (cosines[pair as usize], sines[pair as usize]);
                        let upper = (squares + first * filters + column) as usize;
                        let lower = (squares + second * filters + column) as usize;
                        let (x, y) = (roots[upper], roots[lower]);
                        roots[upper] = cosine * x - sine * y;
                        roots[lower] = sine * x + cosine * y;
                    }
                }
            }
            sync_storage();
        }
        sweep += if ratio < NEARLY_DIAGONAL { MOST_SWEEPS } else { 1u32 };
    }
    let (values, regular) = (3 * squares, 3 * squares + filters);
    let mut row = UNIT_POS;
    while row < filters {
        let value = gram[(row * filters + row) as usize];
        roots[(values + row) as usize] = value;
        let mut root = f32::sqrt(value + epsilon);
        if comptime!(!shift) {
            root = f32::sqrt(f32::max(value, 0.0)) + epsilon;
        }
        roots[(regular + row) as usize] = root;
        row += units;
    }
    sync_storage();
    let mut at = UNIT_POS;
    while at < squares {
        let (row, column) = (at / filters, at % filters);
        let value = roots[(squares + column * filters + row) as usize];
        roots[(2 * squares + at) as usize] = value;
        // U diag(1/s), in the place of the Gram matrix.
        gram[at as usize] = value / roots[(regular + column) as usize];
        at += units;
    }
    sync_storage();
    let mut at = UNIT_POS;
    while at < squares {
        let (row, column) = (at / filters, at % filters);
        roots[at as usize] = inner_product(&*gram, row * filters, 1, &*roots, squares + column, filters, filters);
        at += units;
    }
}

/// First index of a pair of a round: all players but the last sit in a circle that turns.
#[cube]
fn first_of(pair: u32, round: u32, players: u32) -> u32 {
    let mut player = (round + pair) % (players - 1);
    if pair == 0 {
        player = players - 1;
    }
    player
}

/// Second index of a pair of a round.
#[cube]
fn second_of(pair: u32, round: u32, players: u32) -> u32 {
    (round + players - 1 - pair) % (players - 1)
}

/// Turns the block of two pairs of rows and columns, and its mirror image.
#[cube]
fn turn_block(
    gram: &mut [f32],
    cosines: &[f32],
    sines: &[f32],
    above: u32,
    beside: u32,
    round: u32,
    players: u32,
    filters: u32,
) {
    let (i, j) = (first_of(above, round, players), second_of(above, round, players));
    let (k, l) = (first_of(beside, round, players), second_of(beside, round, players));
    let (c, s) = (cosines[above as usize], sines[above as usize]);
    let (d, t) = (cosines[beside as usize], sines[beside as usize]);
    let (has_i, has_j) = (i < filters, j < filters);
    let (has_k, has_l) = (k < filters, l < filters);
    let (mut ik, mut il) = (f32::new(0.0), f32::new(0.0));
    let (mut jk, mut jl) = (f32::new(0.0), f32::new(0.0));
    if has_i && has_k {
        ik = gram[(i * filters + k) as usize];
    }
    if has_i && has_l {
        il = gram[(i * filters + l) as usize];
    }
    if has_j && has_k {
        jk = gram[(j * filters + k) as usize];
    }
    if has_j && has_l {
        jl = gram[(j * filters + l) as usize];
    }
    let (upper_k, upper_l) = (c * ik - s * jk, c * il - s * jl);
    let (lower_k, lower_l) = (s * ik + c * jk, s * il + c * jl);
    let mut new_il = t * upper_k + d * upper_l;
    let mut new_jk = d * lower_k - t * lower_l;
    if above == beside {
        // What the rotation is for.
        new_il = f32::new(0.0);
        new_jk = f32::new(0.0);
    }
    if has_i && has_k {
        let turned = d * upper_k - t * upper_l;
        gram[(i * filters + k) as usize] = turned;
        gram[(k * filters + i) as usize] = turned;
    }
    if has_i && has_l {
        gram[(i * filters + l) as usize] = new_il;
        gram[(l * filters + i) as usize] = new_il;
    }
    if has_j && has_k {
        gram[(j * filters + k) as usize] = new_jk;
        gram[(k * filters + j) as usize] = new_jk;
    }
    if has_j && has_l {
        let turned = t * lower_k + d * lower_l;
        gram[(j * filters + l) as usize] = turned;
        gram[(l * filters + j) as usize] = turned;
    }
}

/// Weights of the anchors in the gradient that comes through their Gram matrix: `2 κ'(ZᵀZ) ∘ Ā`,
/// `Ā = −U (F ∘ (Uᵀ sym(R̄) U)) Uᵀ`, `F_kl = 1/(s_k s_l (s_k + s_l))`.
///
/// # Shapes
/// sums: from `at_root` on `R̄ [filters, filters]`; gram: `ZᵀZ` second; work `[2, filters, filters]`, the result second.
///
/// # Source
/// The erratum to "End-to-end kernel learning with supervised convolutional kernel networks".
#[cube(launch)]
pub(crate) fn root_adjoint(
    sums: &[f32],
    roots: &[f32],
    gram: &[f32],
    work: &mut [f32],
    at_root: u32,
    filters: u32,
    alpha: f32,
    #[comptime] formula: Formula,
    #[comptime] units: u32,
) {
    let squares = filters * filters;
    let (transposed, vectors, regular) = (squares, 2 * squares, 3 * squares + filters);
    let mut at = UNIT_POS;
    while at < squares {
        let mirrored = at % filters * filters + at / filters;
        work[(squares + at) as usize] = 0.5 * (sums[(at_root + at) as usize] + sums[(at_root + mirrored) as usize]);
        at += units;
    }
    sync_storage();
    turn_rows(roots, transposed, work, filters, units);
    let mut at = UNIT_POS;
    while at < squares {
        let (row, column) = (at / filters, at % filters);
        let sum = inner_product(&*work, row * filters, 1, roots, vectors + column, filters, filters);
        let (s, t) = (roots[(regular + row) as usize], roots[(regular + column) as usize]);
        work[(squares + at) as usize] = -sum / (s * t * (s + t));
        at += units;
    }
    sync_storage();
    turn_rows(roots, vectors, work, filters, units);
    let mut at = UNIT_POS;
    while at < squares {
        let (row, column) = (at / filters, at % filters);
        let sum = inner_product(&*work, row * filters, 1, roots, transposed + column, filters, filters);
        let mut factor = 2.0 * slope(gram[(squares + at) as usize], alpha, formula);
        if comptime!(formula.has_cusp()) {
            if row == column {
                factor = f32::new(0.0);
            }
        }
        work[(squares + at) as usize] = factor * sum;
        at += units;
    }
}

/// The product of one of the matrices of the roots, from `from` on, with the second matrix of `work`, as the first.
#[cube]
fn turn_rows(roots: &[f32], from: u32, work: &mut [f32], filters: u32, #[comptime] units: u32) {
    let squares = filters * filters;
    let mut at = UNIT_POS;
    while at < squares {
        let (row, column) = (at / filters, at % filters);
        work[at as usize] = inner_product(roots, from + row * filters, 1, &*work, squares + column, filters, filters);
        at += units;
    }
    sync_storage();
}
