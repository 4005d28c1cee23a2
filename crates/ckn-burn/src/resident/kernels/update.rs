//! A step of Adam on the unit sphere.

use cubecl::prelude::*;

use super::products::inner_product;

/// Filters of a cube.
pub(crate) const LANES: u32 = 16;
/// Decay of the first moments (Kingma and Ba 2015).
pub(crate) const FIRST_DECAY: f64 = 0.9;
/// Decay of the second moments.
pub(crate) const SECOND_DECAY: f64 = 0.999;
/// What keeps the step finite.
pub(crate) const EPSILON: f64 = 1e-8;

/// Moves the anchors against their gradient and puts them back on the sphere.
///
/// # Shapes
/// anchors and moved `[width · letters, filters]`; moments `[2, width · letters, filters]`; sums as [`super::backward::add_partials`]
/// leaves them; work as [`super::root::root_adjoint`] does.
#[cube(launch)]
pub(crate) fn move_anchors(
    anchors: &[f32],
    vectors: &[f32],
    sums: &[f32],
    work: &[f32],
    moments: &mut [f32],
    moved: &mut [f32],
    filters: u32,
    letters: u32,
    tokens: u32,
    strands: u32,
    rate: f32,
    second_scale: f32,
    #[comptime] width: u32,
    #[comptime] units: u32,
) {
    let filter = CUBE_POS as u32 * LANES + UNIT_POS % LANES;
    let size = width * letters * filters;
    let mut norms = Shared::<[f32]>::new_slice(comptime!(units as usize));
    let mut square = f32::new(0.0);
    if filter < filters {
        let mut at = UNIT_POS / LANES;
        while at < width * letters {
            let (position, letter) = (at / letters, at % letters);
            let mut gradient = f32::new(0.0);
            for strand in 0..strands {
                let of_table = if strand == 0 { position } else { width - 1 - position };
                for token in 0..tokens {
                    gradient += vectors[((strand * tokens + token) * letters + letter) as usize]
                        * sums[(((strand * width + of_table) * tokens + token) * filters + filter) as usize];
                }
            }
            let weights = filters * filters + filter;
            gradient += inner_product(work, weights, filters, anchors, at * filters, 1, filters);
            let place = at * filters + filter;
            let first = comptime!(FIRST_DECAY as f32) * moments[place as usize]
                + comptime!((1.0 - FIRST_DECAY) as f32) * gradient;
            let second = comptime!(SECOND_DECAY as f32) * moments[(size + place) as usize]
                + comptime!((1.0 - SECOND_DECAY) as f32) * gradient * gradient;
            moments[place as usize] = first;
            moments[(size + place) as usize] = second;
            let value =
                anchors[place as usize] - rate * first / (f32::sqrt(second * second_scale) + comptime!(EPSILON as f32));
            moved[place as usize] = value;
            square += value * value;
            at += comptime!(units / LANES);
        }
    }
    norms[UNIT_POS as usize] = square;
    sync_cube();
    if filter < filters {
        let mut total = f32::new(0.0);
        for other in 0..comptime!(units / LANES) {
            total += norms[(other * LANES + UNIT_POS % LANES) as usize];
        }
        let norm = f32::sqrt(total);
        let mut at = UNIT_POS / LANES;
        while at < width * letters {
            moved[(at * filters + filter) as usize] /= norm;
            at += comptime!(units / LANES);
        }
    }
}
