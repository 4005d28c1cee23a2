//! From embeddings to the gradient by them: scores of the heads, slopes of the loss.

use cubecl::prelude::*;

use super::products::inner_product;
use super::windows::length;

/// The loss of a score: known when kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slope {
    Logistic,
    SquaredHinge,
    Squared,
    Multinomial,
    /// None: the gradient by the embeddings is there already, in their place.
    Given,
}

/// How the scores of two strands become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Join {
    Forward,
    Max,
    Mean,
}

/// What a head is: known when kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct HeadShape {
    pub(crate) outputs: u32,
    pub(crate) slope: Slope,
    pub(crate) join: Join,
    /// Whether the gradient goes on through the inverse root here: where windows are pooled as sums.
    pub(crate) sums: bool,
    /// Units of a cube, a power of two.
    pub(crate) units: u32,
}

/// The gradient of the losses by the embeddings of each record.
///
/// # Shapes
/// heads: weights `[filters, outputs]`, then intercepts; targets `[2, all, tasks]`: labels, then their weights, in the order of
/// the records; values: pooled `[records, strands, filters]`, embeddings (replaced by their gradient), and, with sums, the
/// gradient by pooled kernel values of one window.
#[cube(launch)]
pub(crate) fn head_gradient(
    data: &[u32],
    order: &[u32],
    roots: &[f32],
    heads: &[f32],
    targets: &[f32],
    values: &mut [f32],
    first: u32,
    records: u32,
    all: u32,
    packed: u32,
    filters: u32,
    lost: u32,
    mean: u32,
    part: f32,
    #[comptime] shape: HeadShape,
) {
    let place = CUBE_POS_X + CUBE_POS_Y * CUBE_COUNT_X;
    if place >= records {
        terminate!();
    }
    let units = comptime!(shape.units);
    let strands = comptime!(if shape.join == Join::Forward { 1u32 } else { 2u32 });
    let region = records * strands * filters;
    let row = place * strands * filters;
    if comptime!(shape.slope != Slope::Given) {
        embedding_gradient(roots, heads, targets, values, place, first, records, all, filters, part, shape);
    }
    if comptime!(shape.sums) {
        sync_storage();
        let record = order[(first + place) as usize];
        let letters = length(data, record, packed);
        let mut share = f32::new(1.0);
        if mean == 1 {
            share = 1.0 / f32::cast_from(letters - lost);
        }
        let mut at = UNIT_POS;
        while at < strands * filters {
            let from = region + row + at / filters * filters;
            values[(2 * region + row + at) as usize] =
                share * inner_product(roots, at % filters, filters, &*values, from, 1, filters);
            at += units;
        }
    }
}

/// Writes the gradient by the embeddings of one record.
#[cube]
fn embedding_gradient(
    roots: &[f32],
    heads: &[f32],
    targets: &[f32],
    values: &mut [f32],
    place: u32,
    first: u32,
    records: u32,
    all: u32,
    filters: u32,
    part: f32,
    #[comptime] shape: HeadShape,
) {
    let units = comptime!(shape.units);
    let outputs = comptime!(shape.outputs);
    let strands = comptime!(if shape.join == Join::Forward { 1u32 } else { 2u32 });
    let tasks = comptime!(if shape.slope == Slope::Multinomial { 1u32 } else { shape.outputs });
    let region = records * strands * filters;
    let row = place * strands * filters;
    if comptime!(shape.sums) {
        let mut at = UNIT_POS;
        while at < strands * filters {
            let from = row + at / filters * filters;
            values[(region + row + at) as usize] =
                inner_product(roots, at % filters, filters, &*values, from, 1, filters);
            at += units;
        }
        sync_storage();
    }

    // Units in rows of `side` outputs share the coordinates.
    let side = comptime!(u32::min(shape.outputs.next_power_of_two(), shape.units));
    let parts = comptime!(shape.units / u32::min(shape.outputs.next_power_of_two(), shape.units));
    let mut scores = Shared::<[f32]>::new_slice(comptime!((2 * shape.outputs) as usize));
    let mut sums = Shared::<[f32]>::new_slice(comptime!(shape.units as usize));
    for strand in 0..strands {
        let mut base = u32::new(0);
        while base < outputs {
            let output = base + UNIT_POS % side;
            let mut sum = f32::new(0.0);
            if output < outputs {
                let mut at = UNIT_POS / side;
                while at < filters {
                    sum += heads[(at * outputs + output) as usize]
                        * values[(region + row + strand * filters + at) as usize];
                    at += parts;
                }
            }
            sums[UNIT_POS as usize] = sum;
            sync_cube();
            if UNIT_POS < side && output < outputs {
                let mut score = heads[(filters * outputs + output) as usize];
                for other in 0..parts {
                    score += sums[(other * side + UNIT_POS) as usize];
                }
                scores[(strand * outputs + output) as usize] = score;
            }
            sync_cube();
            base += side;
        }
    }

    // Scores become slopes: of both strands, the share of each included.
    let at_target = (first + place) * tasks;
    let mut largest = f32::new(0.0);
    let mut total = f32::new(1.0);
    if comptime!(shape.slope == Slope::Multinomial) {
        largest = joined(&scores, 0, shape);
        for output in 1..outputs {
            largest = f32::max(largest, joined(&scores, output, shape));
        }
        total = f32::new(0.0);
        for output in 0..outputs {
            total += f32::exp(joined(&scores, output, shape) - largest);
        }
        sync_cube();
    }
    let mut output = UNIT_POS;
    while output < outputs {
        let score = joined(&scores, output, shape);
        // Classes share one label.
        let target = at_target + output % tasks;
        let label = targets[target as usize];
        let weight = targets[(all * tasks + target) as usize] * part;
        let sign = if label > 0.5 { 1.0f32 } else { -1.0f32 };
        let slope = match comptime!(shape.slope) {
            Slope::Logistic => -sign / (1.0 + f32::exp(f32::clamp(sign * score, -80.0, 80.0))),
            Slope::SquaredHinge => -sign * f32::max(1.0 - sign * score, 0.0),
            Slope::Squared => score - label,
            Slope::Multinomial => {
                let own = if u32::cast_from(label) == output { 1.0f32 } else { 0.0f32 };
                f32::exp(score - largest) / total - own
            }
            Slope::Given => f32::new(0.0),
        };
        let slope = slope * weight;
        match comptime!(shape.join) {
            Join::Forward => {
                scores[output as usize] = slope;
            }
            Join::Mean => {
                scores[output as usize] = 0.5 * slope;
                scores[(outputs + output) as usize] = 0.5 * slope;
            }
            Join::Max => {
                let reverse = scores[(outputs + output) as usize] > scores[output as usize];
                scores[output as usize] = if reverse { 0.0f32 } else { slope };
                scores[(outputs + output) as usize] = if reverse { slope } else { 0.0f32 };
            }
        }
        output += units;
    }
    sync_cube();
    let mut at = UNIT_POS;
    while at < strands * filters {
        values[(region + row + at) as usize] =
            inner_product(&scores, at / filters * outputs, 1, heads, at % filters * outputs, 1, outputs);
        at += units;
    }
}

/// The score of an output, both strands joined.
#[cube]
fn joined(scores: &[f32], output: u32, #[comptime] shape: HeadShape) -> f32 {
    let forward = scores[output as usize];
    match comptime!(shape.join) {
        Join::Forward => forward,
        Join::Mean => 0.5 * (forward + scores[(shape.outputs + output) as usize]),
        Join::Max => f32::max(forward, scores[(shape.outputs + output) as usize]),
    }
}
