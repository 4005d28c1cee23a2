//! A network of one layer as one operation, from anchor points and letters to embeddings: k-mer tables on the host.

use std::sync::Arc;

use burn::tensor::{DType, Tensor};
use ckn_core::pooling::Border;
use ckn_core::sequence::{Forward, KmerIndex, PullBackBuffers, SequenceLayer, SequenceLayerConfig};
use ckn_core::{LetterTable, Scalar, TokenView};

use crate::Error;
use crate::host_function::{HostAdjoint, HostValue, host_function};
use crate::transfer::read;

/// Embeddings of records by `ckn_core`, with the gradient by the anchor points; inverse root included.
///
/// # Shapes
/// anchors `[filters, letters, width]` → `[records · strands, filters]`.
///
/// # Errors
/// Those of [`SequenceLayer::new`] and [`KmerIndex::new`].
pub(crate) fn embeddings(
    anchors: Tensor<3>,
    config: SequenceLayerConfig,
    border: Border,
    view: TokenView<'_>,
    records: &[usize],
) -> Result<Tensor<2>, Error> {
    let [filters, letters, width] = anchors.dims();
    let batch = Batch::new(view, records, border);
    let flat = anchors.reshape([filters, letters * width]);
    let values = read(flat.clone())?;
    let value = match flat.dtype() {
        DType::F64 => evaluate::<f64>(&values, config, batch)?,
        _ => evaluate::<f32>(&values, config, batch)?,
    };
    Ok(host_function(flat, value))
}

fn evaluate<S: Scalar>(anchors: &[f64], config: SequenceLayerConfig, batch: Batch) -> Result<HostValue, Error> {
    let layer = SequenceLayer::<S>::new(anchors, config, &batch.table)?;
    let forward = layer.forward(&batch.index(config.width)?, &batch.records());
    Ok(HostValue {
        values: forward.embeddings.iter().map(|value| value.wide()).collect(),
        shape: [forward.embeddings.len() / config.filters, config.filters],
        input: [config.filters, anchors.len() / config.filters],
        adjoint: Arc::new(ByAnchors { layer, forward, batch }),
    })
}

/// The letters of a batch: the graph outlives the view that they came from.
#[derive(Debug)]
struct Batch {
    table: LetterTable,
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    border: Border,
}

impl Batch {
    fn new(view: TokenView<'_>, records: &[usize], border: Border) -> Self {
        let mut batch = Self { table: view.table().clone(), tokens: Vec::new(), offsets: vec![0], border };
        for &record in records {
            batch.tokens.extend_from_slice(view.sequence(record));
            batch.offsets.push(batch.tokens.len());
        }
        batch
    }

    fn index(&self, width: usize) -> Result<KmerIndex<'_>, ckn_core::Error> {
        KmerIndex::new(TokenView::new(&self.tokens, &self.offsets, &self.table)?, width, self.border)
    }

    fn records(&self) -> Vec<usize> {
        (0..self.offsets.len() - 1).collect()
    }
}

#[derive(Debug)]
struct ByAnchors<S> {
    layer: SequenceLayer<S>,
    forward: Forward<S>,
    batch: Batch,
}

impl<S: Scalar> ByAnchors<S> {
    fn gradient(&self, upstream: &[f64]) -> Result<Vec<f64>, ckn_core::Error> {
        let upstream: Vec<S> = upstream.iter().map(|&value| S::of(value)).collect();
        let (index, records) = (self.batch.index(self.layer.config().width)?, self.batch.records());
        let buffers = &mut PullBackBuffers::default();
        Ok(self.layer.pull_back(&index, &records, &self.forward, &upstream, buffers)?.anchors)
    }
}

impl<S: Scalar> HostAdjoint for ByAnchors<S> {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        let SequenceLayerConfig { filters, width, .. } = *self.layer.config();
        // What could fail did so in the forward pass; NaN would show it.
        self.gradient(upstream).unwrap_or_else(|_| vec![f64::NAN; filters * width * self.batch.table.letters()])
    }
}
