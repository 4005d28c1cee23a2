//! From the gradient by embeddings to that by the tables of anchors and by the inverse root.

use cubecl::prelude::*;

use super::kappa::{Formula, slope, value};
use super::products::inner_product;
use super::windows::{WindowShape, first_letter, length, product, row_of, stage, stage_norms};

/// Gradient by the tables, and with maxima by the inverse root, of some records: one partial sum for each chunk of records, each
/// strand, and `lanes` filters.
///
/// Where windows are pooled as sums every window counts, and `values` holds what it counts; where the largest counts, only
/// the window of each coordinate's maximum does.
///
/// # Shapes
/// partials `[chunks, strands, width · tokens · filters (+ filters · filters)]`.
#[cube(launch)]
pub(crate) fn pull_back(
    data: &[u32],
    order: &[u32],
    tables: &[f32],
    squares: &[f32],
    roots: &[f32],
    values: &[f32],
    partials: &mut [f32],
    first: u32,
    records: u32,
    chunk: u32,
    packed: u32,
    filters: u32,
    strands: u32,
    alpha: f32,
    #[comptime] shape: WindowShape,
    #[comptime] formula: Formula,
    #[comptime] maxima: bool,
    #[comptime] lanes: u32,
    #[comptime] units: u32,
) {
    let strand = CUBE_POS_Z;
    let region = records * strands * filters;
    let words = comptime!(shape.words());
    let rows = comptime!(shape.width * shape.tokens);
    let rows_of_words = comptime!(shape.words() * shape.codes());
    let from = strand * rows_of_words * filters;
    let mut size = rows * filters;
    if comptime!(maxima) {
        size += filters * filters;
    }
    let to = (CUBE_POS_X * strands + strand) * size;
    let by_root = to + rows * filters;
    let first_filter = CUBE_POS_Y * lanes;

    let mut staged = Shared::<[u32]>::new_slice(comptime!((shape.tile * shape.words()) as usize));
    let mut norms = Shared::<[f32]>::new_slice(comptime!(shape.tile as usize));
    let mut slopes = Shared::<[f32]>::new_slice(comptime!((shape.tile * lanes) as usize));
    let mut sums = Shared::<[f32]>::new_slice(comptime!((shape.words() * shape.codes() * lanes) as usize));
    let mut at = UNIT_POS;
    while at < rows_of_words * lanes {
        sums[at as usize] = f32::new(0.0);
        at += units;
    }
    if comptime!(maxima) {
        let mut at = UNIT_POS;
        while at < filters * lanes {
            let filter = first_filter + at % lanes;
            if filter < filters {
                partials[(by_root + at / lanes * filters + filter) as usize] = f32::new(0.0);
            }
            at += units;
        }
    }
    sync_storage();
    let begin = CUBE_POS_X * chunk;
    let end = u32::min(begin + chunk, records);
    for place in begin..end {
        let record = order[(first + place) as usize];
        let (start, letters) = (first_letter(data, record, packed), length(data, record, packed));
        let row = (place * strands + strand) * filters;
        let entries = if comptime!(maxima) { filters } else { letters - shape.lost };
        let mut base = u32::new(0);
        while base < entries {
            let here = u32::min(entries - base, shape.tile);
            if comptime!(maxima) {
                // In place of all windows those of the maxima.
                let mut at = UNIT_POS;
                while at < here * words {
                    let window = u32::cast_from(values[(row + base + at / words) as usize]);
                    staged[at as usize] = row_of(data, start, letters, strand, window, at % words, shape);
                    at += units;
                }
                sync_cube();
                stage_norms(squares, &staged, &mut norms, here, shape, units);
            } else {
                stage(data, squares, &mut staged, &mut norms, start, letters, strand, base, here, shape, units);
            }
            let mut at = UNIT_POS;
            while at < here * lanes {
                let (window, filter) = (at / lanes, first_filter + at % lanes);
                let norm = norms[window as usize];
                let mut by_product = f32::new(0.0);
                if filter < filters && norm > 0.0 {
                    let cosine = product(&staged, tables, window, from + filter, filters, shape) / norm;
                    by_product = slope(cosine, alpha, formula);
                    if comptime!(maxima) {
                        let coordinate = base + window;
                        let upstream = values[(region + row + coordinate) as usize];
                        by_product *= upstream * roots[(coordinate * filters + filter) as usize];
                        partials[(by_root + coordinate * filters + filter) as usize] +=
                            upstream * norm * value(cosine, alpha, formula);
                    } else {
                        by_product *= values[(2 * region + row + filter) as usize];
                    }
                }
                slopes[at as usize] = by_product;
                at += units;
            }
            sync_cube();
            // A unit owns some words' places of some filters, whatever letters they hold: nobody else adds to its sums.
            let mut at = UNIT_POS;
            while at < words * lanes {
                let (word, lane) = (at / lanes, at % lanes);
                for window in 0..here {
                    let row = staged[(window * words + word) as usize];
                    sums[(row * lanes + lane) as usize] += slopes[(window * lanes + lane) as usize];
                }
                at += units;
            }
            sync_cube();
            base += shape.tile;
        }
    }
    // From words to letters.
    let mut at = UNIT_POS;
    while at < rows * lanes {
        let (row, lane) = (at / lanes, at % lanes);
        let filter = first_filter + lane;
        if filter < filters {
            let (position, token) = (row / shape.tokens, row % shape.tokens);
            let mut sum = f32::new(0.0);
            if comptime!(shape.pairs) {
                let from = position / 2 * comptime!(shape.codes());
                for other in 0..shape.tokens {
                    let code =
                        if position % 2 == 0 { token * shape.tokens + other } else { other * shape.tokens + token };
                    sum += sums[((from + code) * lanes + lane) as usize];
                }
            } else {
                sum += sums[(row * lanes + lane) as usize];
            }
            partials[(to + row * filters + filter) as usize] = sum;
        }
        at += units;
    }
}

/// Adds the partial sums in their order.
///
/// # Shapes
/// sums: by the tables `[strands, width · tokens, filters]`, then by the inverse root `[filters, filters]`.
#[cube(launch)]
pub(crate) fn add_partials(
    partials: &[f32],
    values: &[f32],
    sums: &mut [f32],
    chunks: u32,
    records: u32,
    rows: u32,
    filters: u32,
    strands: u32,
    #[comptime] maxima: bool,
) {
    let entry = CUBE_POS as u32 * CUBE_DIM + UNIT_POS;
    let tables = rows * filters;
    let mut size = tables;
    if comptime!(maxima) {
        size += filters * filters;
    }
    let mut sum = f32::new(0.0);
    if entry < strands * tables {
        let from = entry / tables * size + entry % tables;
        for chunk in 0..chunks {
            sum += partials[(chunk * strands * size + from) as usize];
        }
        sums[entry as usize] = sum;
    } else if entry < strands * tables + filters * filters {
        let place = entry - strands * tables;
        if comptime!(maxima) {
            for part in 0..chunks * strands {
                sum += partials[(part * size + tables + place) as usize];
            }
        } else {
            let rows = records * strands;
            let (row, column) = (place / filters, place % filters);
            sum = inner_product(values, rows * filters + row, filters, values, column, filters, rows);
        }
        sums[entry as usize] = sum;
    }
}
