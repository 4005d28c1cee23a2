//! Which anchor points matter to a model.

use ckn_core::kernel::gram;
use ckn_model::NetworkView;

use crate::Error;

/// Share of the largest weight below which an anchor is not read (CKN-seq, section 2.4).
const SHARE: f64 = 0.05;

/// What the first layer's anchor points contribute to one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Weight of each anchor's coordinate, in symmetric coordinates: `w_i`. Of a network of several layers, how strongly the
    /// anchor drives those of the layer above, and these the output: `Σ_j |w_j| max_t |⟨z_jt, ψ0(z_i)⟩|`.
    pub coordinate: Vec<f64>,
    /// The function at the anchor itself, `f(z_i) = ⟨w, ψ0(z_i)⟩`, without the intercept: what a window of the
    /// anchor's letters adds to the score, divided by the root of their number (of gapped patches, before the weight of a patch without gaps). `None` for networks of several layers,
    /// whose score is no sum over windows of the first.
    pub function: Option<Vec<f64>>,
}

impl Weights {
    /// Weights of the anchors for the output of a number, counted from 0.
    ///
    /// # Errors
    /// [`Error::Output`]; [`Error::Model`] if an inverse root fails.
    pub fn of(model: NetworkView<'_>, output: usize) -> Result<Self, Error> {
        let coordinate = Self::at_depth(model, output, 0)?;
        let [layer] = model.network().layers() else { return Ok(Self { coordinate, function: None }) };
        let gram = gram(layer.anchors(), layer.filters(), &layer.kernel())?;
        let root = model.network().inverse_root(0)?;
        let function = multiply(&gram, &multiply(root.matrix(), &coordinate));
        Ok(Self { coordinate, function: Some(function) })
    }

    /// Weights of the coordinates of a layer, the first being 0.
    pub(crate) fn at_depth(model: NetworkView<'_>, output: usize, depth: usize) -> Result<Vec<f64>, Error> {
        let heads = model.heads().len();
        let Some(head) = model.heads().get(output) else { return Err(Error::Output { got: output, heads }) };
        let layers = model.network().layers();
        let mut weights: Vec<f64> = head.weights().to_vec();
        for above in (depth + 1..layers.len()).rev() {
            let responses = anchor_responses(model, above)?;
            let below = layers[above - 1].filters();
            let mut driven = vec![0.0; below];
            for (weight, responses) in weights.iter().zip(responses.chunks_exact(layers[above].width() * below)) {
                for (anchor, sum) in driven.iter_mut().enumerate() {
                    let at_positions = responses[anchor..].iter().step_by(below);
                    *sum += weight.abs() * at_positions.fold(0.0f64, |most, value| most.max(value.abs()));
                }
            }
            weights = driven;
        }
        Ok(weights)
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
pub(crate) fn anchor_responses(model: NetworkView<'_>, depth: usize) -> Result<Vec<f64>, Error> {
    let layers = model.network().layers();
    let (below, layer) = (&layers[depth - 1], &layers[depth]);
    let gram = gram(below.anchors(), below.filters(), &below.kernel())?;
    let root = model.network().inverse_root(depth - 1)?;
    let anchors = crate::projection::by_position(layer.anchors(), layer.channels(), layer.width());
    // ψ0(z_i) = R k(z_i), and k(z_i) is a row of the Gram matrix: all at once, A R z_jt.
    let positions = anchors.chunks_exact(below.filters());
    Ok(positions.flat_map(|position| multiply(&gram, &multiply(root.matrix(), position))).collect())
}

/// A symmetric matrix times a vector.
pub(crate) fn multiply(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(vector.len().max(1)).map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}
