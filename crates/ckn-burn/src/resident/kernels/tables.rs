//! From anchor points to what windows are looked up in, and to their Gram matrix.

use cubecl::prelude::*;

use super::kappa::{Formula, value};
use super::products::inner_product;
use super::windows::WindowShape;

/// Products of every anchor with every word of a window at every place, and the cosines and kernel values of all pairs of anchors.
///
/// # Shapes
/// anchors `[width · letters, filters]`; vectors `[strands, tokens, letters]` → tables `[strands, words, codes, filters]`, gram
/// `[2, filters, filters]`: `κ(ZᵀZ)`, then `ZᵀZ`.
#[cube(launch)]
pub(crate) fn tables_and_gram(
    anchors: &[f32],
    vectors: &[f32],
    tables: &mut [f32],
    gram: &mut [f32],
    filters: u32,
    letters: u32,
    strands: u32,
    alpha: f32,
    #[comptime] shape: WindowShape,
    #[comptime] formula: Formula,
) {
    let entry = CUBE_POS as u32 * CUBE_DIM + UNIT_POS;
    let squares = filters * filters;
    let codes = comptime!(shape.codes());
    let rows = comptime!(shape.words() * shape.codes());
    if entry < squares {
        let (row, column) = (entry / filters, entry % filters);
        let mut cosine = inner_product(anchors, row, filters, anchors, column, filters, shape.width * letters);
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
        let code = place / filters % codes;
        let word = place / (filters * codes) % comptime!(shape.words());
        let strand = place / (filters * rows);
        let mut product = f32::new(0.0);
        if comptime!(shape.pairs) {
            let (first, second) = (code / shape.tokens, code % shape.tokens);
            product += letter_product(anchors, vectors, strand, 2 * word, first, filter, filters, letters, shape);
            if 2 * word + 1 < shape.width {
                product +=
                    letter_product(anchors, vectors, strand, 2 * word + 1, second, filter, filters, letters, shape);
            }
        } else {
            product += letter_product(anchors, vectors, strand, word, code, filter, filters, letters, shape);
        }
        tables[place as usize] = product;
    }
}

/// Product of an anchor with a token at one position; on the reverse strand the anchor is read from its end.
#[cube]
fn letter_product(
    anchors: &[f32],
    vectors: &[f32],
    strand: u32,
    position: u32,
    token: u32,
    filter: u32,
    filters: u32,
    letters: u32,
    #[comptime] shape: WindowShape,
) -> f32 {
    let of_anchor = if strand == 0 { position } else { shape.width - 1 - position };
    let vector = (strand * shape.tokens + token) * letters;
    inner_product(vectors, vector, 1, anchors, of_anchor * letters * filters + filter, filters, letters)
}
