//! Which anchor points matter to a model.

use ckn_core::kernel::gram;
use ckn_model::Model;

use crate::Error;

/// Share of the largest weight below which an anchor is not read (CKN-seq, section 2.4).
const SHARE: f64 = 0.05;

/// What the first layer's anchor points contribute to one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Weight of each anchor's coordinate, in symmetric coordinates: `w_i`. Of a network of several layers, how strongly the
    /// anchor drives those of the layer above, and these the output: `Σ_j |w_j| max_t |⟨z_jt, ψ0(z_i)⟩|`.
    pub coordinate: Vec<f64>,
    /// The function at the anchor itself, `f(z_i) = ⟨w, ψ0(z_i)⟩`, without the intercept: what a window equal to the anchor
    /// adds to the score. `None` for networks of several layers, whose score is no sum over windows of the first.
    pub function: Option<Vec<f64>>,
}

impl Weights {
    /// Weights of the anchors for the output of a number, counted from 0.
    ///
    /// # Errors
    /// [`Error::Output`]; [`Error::Model`] if an inverse root fails.
    pub fn of(model: &Model, output: usize) -> Result<Self, Error> {
        let heads = model.heads().len();
        let Some(head) = model.heads().get(output) else { return Err(Error::Output { got: output, heads }) };
        let layers = model.network().layers();
        let mut above: Vec<f64> = head.weights().to_vec();
        if let [layer] = layers {
            let gram = gram(layer.anchors(), layer.filters(), &layer.kernel())?;
            let root = model.network().inverse_root(0)?;
            let beta = multiply(root.matrix(), &above);
            return Ok(Self { coordinate: above, function: Some(multiply(&gram, &beta)) });
        }
        for depth in (1..layers.len()).rev() {
            let strengths = anchor_responses(model, depth)?;
            let below = layers[depth - 1].filters();
            let driven = |anchor: usize| -> f64 {
                let terms = above.iter().zip(strengths.chunks_exact(layers[depth].width() * below));
                let strongest =
                    |rows: &[f64]| rows.iter().skip(anchor).step_by(below).fold(0.0, |m: f64, v| m.max(v.abs()));
                terms.map(|(weight, rows)| weight.abs() * strongest(rows)).sum()
            };
            above = (0..below).map(driven).collect();
        }
        Ok(Self { coordinate: above, function: None })
    }

    /// How much an anchor raises the score: the function at the anchor, or its weight where there is none.
    pub fn strength(&self, anchor: usize) -> f64 {
        self.function.as_ref().unwrap_or(&self.coordinate).get(anchor).copied().unwrap_or(0.0)
    }

    /// Whether an anchor's weight is above 0.05 of the largest (CKN-seq, section 2.4).
    pub fn matters(&self, anchor: usize) -> bool {
        let largest = self.coordinate.iter().fold(0.0f64, |largest, weight| largest.max(weight.abs()));
        self.coordinate.get(anchor).is_some_and(|weight| weight.abs() > SHARE * largest)
    }
}

/// How each position of a deeper layer's anchors answers to each anchor of the layer below: `⟨z_jt, ψ0(z_i)⟩`.
///
/// # Shapes
/// `[filters, width, filters below]`.
pub(crate) fn anchor_responses(model: &Model, depth: usize) -> Result<Vec<f64>, Error> {
    let layers = model.network().layers();
    let (below, layer) = (&layers[depth - 1], &layers[depth]);
    let gram = gram(below.anchors(), below.filters(), &below.kernel())?;
    let root = model.network().inverse_root(depth - 1)?;
    let anchors = crate::projection::by_position(layer.anchors(), layer.channels(), layer.width());
    // ψ0(z_i) = R k(z_i), and k(z_i) is a row of the Gram matrix: all at once, z_jt R A.
    let positions = anchors.chunks_exact(below.filters());
    Ok(positions.flat_map(|position| multiply(&gram, &multiply(root.matrix(), position))).collect())
}

/// A symmetric matrix times a vector.
pub(crate) fn multiply(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(vector.len().max(1)).map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}
