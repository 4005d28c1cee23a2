//! From anchor points to what windows are looked up in, and to their Gram matrix.

use cubecl::prelude::*;

use super::kappa::{Formula, value};

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
        let mut cosine = f32::new(0.0);
        for at in 0..width * letters {
            cosine += anchors[(at * filters + row) as usize] * anchors[(at * filters + column) as usize];
        }
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
        let mut product = f32::new(0.0);
        for letter in 0..letters {
            product += vectors[((strand * tokens + token) * letters + letter) as usize]
                * anchors[((of_anchor * letters + letter) * filters + filter) as usize];
        }
        tables[place as usize] = product;
    }
}
