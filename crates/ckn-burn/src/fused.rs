//! A network of one layer as one operation, from anchor points and letters to embeddings: k-mer tables on the host.

use std::sync::Arc;

use burn::tensor::{DType, Tensor};
use ckn_core::network::CheckedConfig;
use ckn_core::pooling::Strands;
use ckn_core::sequence::{Forward, PullBackBuffers, SequenceLayer};
use ckn_core::{Scalar, TokenView};

use crate::host_function::{HostAdjoint, HostValue, host_function};
use crate::sphere::UnitAnchors;
use crate::{Error, TokenBatch};

/// Embeddings of records by `ckn_core`, with the gradient by the anchor points; inverse root included.
///
/// # Shapes
/// anchors `[filters, letters, width]` → `[records · strands, filters]`.
///
/// # Errors
/// Those of [`SequenceLayer::new`] and [`CheckedConfig::index`].
pub(crate) fn embeddings(
    anchors: &UnitAnchors<3>,
    config: &CheckedConfig,
    view: TokenView<'_>,
    records: &[usize],
) -> Result<Tensor<2>, Error> {
    let [filters, letters, width] = anchors.tensor.dims();
    let batch = TokenBatch::of_records(view, records, Strands::Forward)?;
    let value = match anchors.tensor.dtype() {
        DType::F64 => evaluate::<f64>(&anchors.values, config, batch)?,
        _ => evaluate::<f32>(&anchors.values, config, batch)?,
    };
    Ok(host_function(anchors.tensor.clone().reshape([filters, letters * width]), value))
}

fn evaluate<S: Scalar>(anchors: &[f64], config: &CheckedConfig, batch: TokenBatch) -> Result<HostValue, Error> {
    let view = batch.view()?;
    let layer = SequenceLayer::<S>::new(anchors, config, view.table())?;
    let forward = layer.forward(&config.index(view)?, &batch.records());
    Ok(HostValue {
        values: forward.embeddings.iter().map(|value| value.wide()).collect(),
        shape: [forward.embeddings.len() / config.dimension(), config.dimension()],
        input: [config.dimension(), anchors.len() / config.dimension()],
        adjoint: Arc::new(ByAnchors { layer, forward, batch, numbers: anchors.len() }),
    })
}

/// The graph outlives the view that its letters came from: the batch is its own.
#[derive(Debug)]
struct ByAnchors<S> {
    layer: SequenceLayer<S>,
    forward: Forward<S>,
    batch: TokenBatch,
    numbers: usize,
}

impl<S: Scalar> ByAnchors<S> {
    fn gradient(&self, upstream: &[f64]) -> Result<Vec<f64>, ckn_core::Error> {
        let upstream: Vec<S> = upstream.iter().map(|&value| S::of(value)).collect();
        let index = self.layer.config().index(self.batch.view()?)?;
        let buffers = &mut PullBackBuffers::default();
        Ok(self.layer.pull_back(&index, &self.batch.records(), &self.forward, &upstream, buffers)?.anchors.remove(0))
    }
}

impl<S: Scalar> HostAdjoint for ByAnchors<S> {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        // What could fail did so in the forward pass; NaN would show it.
        self.gradient(upstream).unwrap_or_else(|_| vec![f64::NAN; self.numbers])
    }
}
