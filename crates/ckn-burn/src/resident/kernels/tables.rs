//! From anchor points to what windows are looked up in, and to their Gram matrix.

use cubecl::prelude::*;

use super::kappa::{Formula, value};
use super::products::inner_product;

/// Products of every anchor with every token at every position, and the cosines and kernel values of all pairs of anchors.
///
/// # Shapes
/// anchors `[width · letters, filters]`; vectors `[strands, tokens, letters]` → tables `[strands, width, tokens, filters]`, gram
/// `[2, filters, filters]`: `κ(ZᵀZ)`, then `ZᵀZ`.
#[cube(launch)]
pub(crate) fn tables_and_gram(
    anchors: &[f32],
    vectors: &[f32],
    tables: &mut [f32],
    gram: &mut [f32],
    filters: u32,
    letters: u32,
    tokens: u32,
    strands: u32,
    alpha: f32,
    #[comptime] width: u32,
    #[comptime] formula: Formula,
) {
    let entry = CUBE_POS as u32 * CUBE_DIM + UNIT_POS;
    let squares = filters * filters;
    let rows = width * tokens;
    if entry < squares {
        let (row, column) = (entry / filters, entry % filters);
        let mut cosine = inner_product(anchors, row, filters, anchors, column, filters, width * letters);
        cosine = f32::clamp(cosine, -1.0, 1.0);
        if comptime!(formula.has_cusp()) {
            // There a norm that is off by one rounding would move the diagonal by the rounding's square root.
            if row == column {
                cosine = f32::new(1.0);
            }
        }
        gram[entry as usize] = value(cosine, alpha, formula);
        gram[(squares + entry) as usize] = cosine;
    } else if entry - squares < strands * rows * filters {
        let place = entry - squares;
        let filter = place % filters;
        let token = place / filters % tokens;
        let position = place / (filters * tokens) % width;
        let strand = place / (filters * rows);
        let of_anchor = if strand == 0 { position } else { width - 1 - position };
        let vector = (strand * tokens + token) * letters;
        let anchor = of_anchor * letters * filters + filter;
        tables[place as usize] = inner_product(vectors, vector, 1, anchors, anchor, filters, letters);
    }
}
