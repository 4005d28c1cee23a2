//! From windows to embeddings.

use cubecl::prelude::*;

use super::kappa::{Formula, value};
use super::products::{STRIP, inner_product};
use super::windows::{WindowShape, first_letter, length, product, stage};

/// Pooled kernel values of every record, before the inverse root: `share · Σ_t ‖z_t‖ κ(⟨Z, z_t⟩/‖z_t‖)`.
///
/// A cube takes one record, one strand and `lanes` filters; its units share the windows.
///
/// # Shapes
/// order: the records; values: pooled `[records, strands, filters]` first.
#[cube(launch)]
pub(crate) fn pool_sums(
    data: &[u32],
    order: &[u32],
    tables: &[f32],
    squares: &[f32],
    values: &mut [f32],
    first: u32,
    records: u32,
    packed: u32,
    filters: u32,
    strands: u32,
    alpha: f32,
    mean: u32,
    #[comptime] shape: WindowShape,
    #[comptime] formula: Formula,
    #[comptime] lanes: u32,
    #[comptime] units: u32,
) {
    let place = CUBE_POS_X + CUBE_POS_Y * CUBE_COUNT_X;
    if place >= records {
        terminate!();
    }
    let blocks = filters.div_ceil(lanes);
    let (strand, block) = (CUBE_POS_Z / blocks, CUBE_POS_Z % blocks);
    let record = order[(first + place) as usize];
    let (start, letters) = (first_letter(data, record, packed), length(data, record, packed));
    let windows = letters - shape.lost;
    let filter = block * lanes + UNIT_POS % lanes;
    let share = UNIT_POS / lanes;
    let from = strand * comptime!(shape.words() * shape.codes()) * filters + filter;

    let mut staged = Shared::<[u32]>::new_slice(comptime!((shape.tile * shape.words()) as usize));
    let mut norms = Shared::<[f32]>::new_slice(comptime!(shape.tile as usize));
    let mut sums = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let mut sum = f32::new(0.0);
    let mut base = u32::new(0);
    while base < windows {
        let here = u32::min(windows - base, shape.tile);
        stage(data, squares, &mut staged, &mut norms, start, letters, strand, base, here, shape, units);
        if filter < filters {
            let mut window = share;
            while window < here {
                let norm = norms[window as usize];
                if norm > 0.0 {
                    let cosine = product(&staged, tables, window, from, filters, shape) / norm;
                    sum += norm * value(cosine, alpha, formula);
                }
                window += comptime!(units / lanes);
            }
        }
        sync_cube();
        base += shape.tile;
    }
    sums[UNIT_POS as usize] = sum;
    sync_cube();
    if UNIT_POS < lanes && filter < filters {
        let mut total = f32::new(0.0);
        for other in 0..comptime!(units / lanes) {
            total += sums[(other * lanes + UNIT_POS) as usize];
        }
        if mean == 1 {
            total /= f32::cast_from(windows);
        }
        values[((place * strands + strand) * filters + filter) as usize] = total;
    }
}

/// Embeddings from pooled kernel values: `R k`.
///
/// # Shapes
/// roots: `R [filters, filters]` first; values: `rows` pooled rows, then from `to` on their embeddings.
#[cube(launch)]
pub(crate) fn apply_root(roots: &[f32], values: &mut [f32], rows: u32, to: u32, filters: u32) {
    let entry = CUBE_POS as u32 * CUBE_DIM + UNIT_POS;
    if entry < rows * filters {
        let (row, filter) = (entry / filters, entry % filters);
        values[(to + entry) as usize] = inner_product(roots, filter, filters, &*values, row * filters, 1, filters);
    }
}

/// The largest value of each coordinate of `R ‖z_t‖ κ(…)` over the windows, and its window.
///
/// A cube takes one record and one strand, and `shape.tile` windows at once.
///
/// # Shapes
/// values: windows of the maxima `[records, strands, filters]`, then from `to` on the maxima.
#[cube(launch)]
pub(crate) fn pool_maxima(
    data: &[u32],
    order: &[u32],
    tables: &[f32],
    squares: &[f32],
    roots: &[f32],
    values: &mut [f32],
    first: u32,
    records: u32,
    to: u32,
    packed: u32,
    filters: u32,
    strands: u32,
    alpha: f32,
    #[comptime] shape: WindowShape,
    #[comptime] formula: Formula,
    #[comptime] capacity: u32,
    #[comptime] units: u32,
) {
    let place = CUBE_POS_X + CUBE_POS_Y * CUBE_COUNT_X;
    if place >= records {
        terminate!();
    }
    let strand = CUBE_POS_Z;
    let record = order[(first + place) as usize];
    let (start, letters) = (first_letter(data, record, packed), length(data, record, packed));
    let windows = letters - shape.lost;
    let from = strand * comptime!(shape.words() * shape.codes()) * filters;
    let row = (place * strands + strand) * filters;

    let mut staged = Shared::<[u32]>::new_slice(comptime!((shape.tile * shape.words()) as usize));
    let mut norms = Shared::<[f32]>::new_slice(comptime!(shape.tile as usize));
    let mut map = Shared::<[f32]>::new_slice(comptime!((shape.tile * capacity) as usize));
    let mut base = u32::new(0);
    while base < windows {
        let here = u32::min(windows - base, shape.tile);
        stage(data, squares, &mut staged, &mut norms, start, letters, strand, base, here, shape, units);
        let mut at = UNIT_POS;
        while at < shape.tile * filters {
            let (window, filter) = (at / filters, at % filters);
            let mut entry = f32::new(0.0);
            if window < here {
                let norm = norms[window as usize];
                if norm > 0.0 {
                    let cosine = product(&staged, tables, window, from + filter, filters, shape) / norm;
                    entry = norm * value(cosine, alpha, formula);
                }
            }
            map[(window * capacity + filter) as usize] = entry;
            at += units;
        }
        sync_cube();
        let mut coordinate = UNIT_POS;
        while coordinate < filters {
            let mut sums = Array::<f32>::new(comptime!(shape.tile as usize));
            #[unroll]
            for window in 0..shape.tile {
                sums[window as usize] = f32::new(0.0);
            }
            let strips = comptime!(capacity / STRIP);
            for strip in 0..strips {
                #[unroll]
                for within in 0..STRIP {
                    let filter = strip * STRIP + within;
                    let weight = roots[(filter * filters + coordinate) as usize];
                    #[unroll]
                    for window in 0..shape.tile {
                        sums[window as usize] += weight * map[(window * capacity + filter) as usize];
                    }
                }
            }
            for filter in strips * STRIP..filters {
                let weight = roots[(filter * filters + coordinate) as usize];
                #[unroll]
                for window in 0..shape.tile {
                    sums[window as usize] += weight * map[(window * capacity + filter) as usize];
                }
            }
            let slot = row + coordinate;
            let mut best = sums[0];
            let mut peak = base;
            if base > 0 {
                let before = values[(to + slot) as usize];
                if before >= best {
                    best = before;
                    peak = u32::cast_from(values[slot as usize]);
                }
            }
            #[unroll]
            for window in 1..shape.tile {
                if window < here && sums[window as usize] > best {
                    best = sums[window as usize];
                    peak = base + window;
                }
            }
            values[(to + slot) as usize] = best;
            // Windows are counted exactly up to 2²⁴.
            values[slot as usize] = f32::cast_from(peak);
            coordinate += units;
        }
        sync_cube();
        base += shape.tile;
    }
}
