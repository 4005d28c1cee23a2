//! Anchor points as motifs: projection on matrices of probabilities in the kernel's space.

mod descent;
mod objective;

use ckn_core::Scalar;
use ckn_core::seed::Seed;
use ckn_model::Network;
use rand::RngExt;
use rayon::prelude::*;

pub use objective::Distance;

use crate::Error;
use crate::simplex::project_on_simplex;
use descent::{Stop, descend};
use objective::Objective;

/// Settings of [`project`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProjectionSettings {
    /// Which distance is minimised.
    pub distance: Distance,
    /// Random starts, beside those that the anchor itself suggests.
    pub random_starts: usize,
    /// Most steps from each start.
    pub iterations: usize,
    /// Where the random starts come from.
    pub seed: Seed,
}

impl Default for ProjectionSettings {
    fn default() -> Self {
        Self { distance: Distance::default(), random_starts: 4, iterations: 500, seed: Seed(0) }
    }
}

/// The matrix of probabilities closest to an anchor point.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// `µ`, `[width, letters]`; every column sums to one.
    pub matrix: Vec<f64>,
    /// `‖ψ0(µ)/‖µ‖ − ψ0(z)‖²`, or what [`ProjectionSettings::distance`] asked for.
    pub distance: f64,
    /// `‖µ/‖µ‖ − z‖`: how far the anchor is from all matrices, in the space of patches.
    pub input_distance: f64,
    /// Steps of all starts together.
    pub iterations: usize,
    /// Whether the start that went furthest down came to rest.
    pub converged: bool,
}

/// Projects every anchor point of the first layer on the matrices of probabilities `M`:
/// `argmin_{µ ∈ M} ‖ψ0(µ)/‖µ‖ − ψ0(z_i)‖²`, `ψ0(µ) = ‖µ‖ R κ(Zᵀµ/‖µ‖)`; all anchors in parallel, no sequences needed.
///
/// The problem is not convex. Of every anchor the starts are its projection on the cone of matrices whose columns have equal
/// sums, which solves the problem of a single anchor exactly, the softened and the flat matrix, the most similar word, and
/// [`ProjectionSettings::random_starts`] random matrices; the best end is kept.
///
/// ```
/// use ckn_interpret::{ProjectionSettings, project};
/// use ckn_model::{Network, NetworkConfig};
/// // AT, and AT with as much of C as of T: each position of A, then of C, G and T.
/// let anchors = [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5]].concat();
/// let network = Network::new(NetworkConfig::of_one_layer(4, 2, 2).check()?, vec![anchors])?;
/// let expected = [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.5]];
/// for (found, expected) in project(&network, &ProjectionSettings::default())?.iter().zip(expected) {
///     assert!(found.matrix.iter().zip(expected).all(|(value, expected)| (value - expected).abs() < 1e-3));
///     assert!(found.distance < 1e-6);
/// }
/// # Ok::<(), ckn_interpret::Error>(())
/// ```
///
/// # Errors
/// [`Error::Model`] if the inverse root fails.
///
/// # Source
/// CKN-seq, section 2.4.
pub fn project(network: &Network, settings: &ProjectionSettings) -> Result<Vec<Projection>, Error> {
    let layer = &network.layers()[0];
    let (filters, letters, width) = (layer.filters(), layer.channels(), layer.width());
    let size = letters * width;
    let root = network.inverse_root(0)?;
    let anchors = by_position(layer.anchors(), letters, width);
    let products = by_position(&network.letter_products()?, letters, width);
    let similarity = &network.config().letter_similarity[..];
    let metric = square(root.matrix(), filters);
    let gram = ckn_core::kernel::gram(&anchors, filters, &layer.kernel()).map_err(ckn_model::Error::from)?;
    let kernel = layer.kernel();
    let task = |anchor: usize| {
        let target = &gram[anchor * filters..(anchor + 1) * filters];
        let distance = settings.distance;
        let objective = Objective { kernel, distance, products: &products, similarity, metric: &metric, target };
        let place = anchor * size..(anchor + 1) * size;
        let squared_norm = anchors[place.clone()].iter().map(|value| value * value).sum();
        project_one(&objective, &products[place], squared_norm, letters, anchor as u64, settings)
    };
    Ok((0..filters).into_par_iter().map(task).collect())
}

/// # Shapes
/// products of an anchor of a squared norm with letters, `[width, letters]`.
fn project_one(
    objective: &Objective<'_>,
    products: &[f64],
    squared_norm: f64,
    letters: usize,
    number: u64,
    settings: &ProjectionSettings,
) -> Projection {
    let mut random = settings.seed.stream_at("projection", number);
    let mut starts = suggested(products, letters);
    for _ in 0..settings.random_starts {
        let mut start: Vec<f64> = (0..products.len()).map(|_| -random.random::<f64>().max(1e-300).ln()).collect();
        start.chunks_exact_mut(letters).for_each(|column| {
            let total: f64 = column.iter().sum();
            column.iter_mut().for_each(|value| *value /= total);
        });
        starts.push(start);
    }
    let stop = Stop { iterations: settings.iterations, tolerance: 1e-7 };
    let mut ends = starts.into_iter().map(|start| descend(objective, start, letters, stop));
    let mut iterations = 0;
    let mut best: Option<descent::Descent> = None;
    for end in &mut ends {
        iterations += end.iterations;
        if best.as_ref().is_none_or(|best| end.value < best.value) {
            best = Some(end);
        }
    }
    let (matrix, value, converged) =
        best.map_or_else(|| (products.to_vec(), f64::NAN, false), |end| (end.matrix, end.value, end.converged));
    let away = 1.0 + squared_norm - 2.0 * objective.cosine(&matrix, products);
    let input_distance = away.max(0.0).sqrt();
    Projection { matrix, distance: value.max(0.0), input_distance, iterations, converged }
}

/// Starts that the products of an anchor with letters suggest: the anchor itself where letters have nothing in common.
fn suggested(anchor: &[f64], letters: usize) -> Vec<Vec<f64>> {
    let flat = 1.0 / letters as f64;
    let cone = closest_in_cone(anchor, letters);
    let softened = cone.iter().map(|value| 0.5 * (value + flat)).collect();
    let word = anchor
        .chunks_exact(letters)
        .flat_map(|column| {
            let best = (0..letters).fold(0, |best, at| if column[at] > column[best] { at } else { best });
            (0..letters).map(move |letter| if letter == best { 1.0 } else { 0.0 })
        })
        .collect();
    vec![cone, softened, word, vec![flat; anchor.len()]]
}

/// The matrix `µ ∈ M` whose direction is closest to an anchor's: the projection on the cone `{tµ}`, which is convex.
///
/// For a given column sum `t` every column is projected alone on the simplex of that size; the best `t` solves
/// `Σ_columns τ(t) = 0`, the sum of the thresholds, which falls as `t` grows.
fn closest_in_cone(anchor: &[f64], letters: usize) -> Vec<f64> {
    let scaled = |size: f64| {
        let mut matrix: Vec<f64> = anchor.iter().map(|value| value / size).collect();
        matrix.chunks_exact_mut(letters).for_each(project_on_simplex);
        matrix
    };
    // d/dt ½‖P_t(z) − z‖² = −Σ_columns τ_column: the threshold is what was taken from every entry that stays.
    let slope = |size: f64| -> f64 {
        let matrix = scaled(size);
        let columns = anchor.chunks_exact(letters).zip(matrix.chunks_exact(letters));
        let threshold = |(column, kept): (&[f64], &[f64])| {
            let largest = (0..letters).fold(0, |best, at| if kept[at] > kept[best] { at } else { best });
            column[largest] - size * kept[largest]
        };
        columns.map(threshold).sum()
    };
    let (mut low, mut high) = (1e-6, anchor.iter().map(|value| value.abs()).sum::<f64>().max(1e-5));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    scaled(0.5 * (low + high))
}

/// Anchors `[filters, letters, width]` as `[filters, width, letters]`, in `f64`.
pub(crate) fn by_position<T: Scalar>(anchors: &[T], letters: usize, width: usize) -> Vec<f64> {
    let mut ordered = Vec::with_capacity(anchors.len());
    for anchor in anchors.chunks_exact(letters * width) {
        for position in 0..width {
            ordered.extend((0..letters).map(|letter| anchor[letter * width + position].wide()));
        }
    }
    ordered
}

/// `R²`.
fn square(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for (row, out) in matrix.chunks_exact(size).zip(product.chunks_exact_mut(size)) {
        for (weight, other) in row.iter().zip(matrix.chunks_exact(size)) {
            out.iter_mut().zip(other).for_each(|(slot, value)| *slot += weight * value);
        }
    }
    product
}

#[cfg(test)]
mod tests;
