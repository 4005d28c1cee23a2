//! Passes of a training on a graphics card, beside the CPU.

use std::hint::black_box;
use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::time::Instant;

use ckn::burn::{DevicePass, Moments, Traffic};
use ckn::core::head::LinearHead;
use ckn::core::loss::{Loss, sigmoid};
use ckn::model::Network;
use ckn::train::{Engine, SliceEngine};

use super::data::Data;
use super::subject::{Shape, Subject};
use crate::exit::Usage;
use crate::tensors::Device;

/// Minibatches that tensors are measured on: they take long.
const FEW: usize = 4;
const LEARNING_RATE: f64 = 0.01;

/// A way through a pass.
pub struct Row {
    way: &'static str,
    shape: Shape,
    batch: usize,
    /// Of a pass over all sequences, by repeat.
    seconds: Vec<f64>,
    records: usize,
    /// Of a pass, with the bytes that are held.
    traffic: Option<(Traffic, u64)>,
}

/// Measures a pass by kernels, by tensors and on the CPU, one after the other in every repeat.
pub fn measure(
    device: &Device,
    data: &Data,
    shape: Shape,
    (batch, repeats, seed): (usize, usize, u64),
) -> anyhow::Result<Vec<Row>> {
    let subject = Subject::new(data, shape, seed)?;
    let config = subject.network.config();
    device.has_kernels(Some(config)).map_err(|reason| Usage(format!("--device: {reason}")))?;
    let view = data.labelled.sequences().view();
    let records = subject.all.len();
    let head = LinearHead::new(vec![0.5; config.dimension()], 0.0)?;
    let labels: Vec<f32> = data.labelled.labels().iter().map(|&label| label as f32).collect();
    let pass = DevicePass {
        order: &subject.all,
        batch,
        heads: std::slice::from_ref(&head),
        loss: Loss::Logistic,
        labels: &labels,
        weights: &vec![1.0; records],
        learning_rate: LEARNING_RATE,
    };
    let mut resident = device.resident(view, &subject.network)?;
    let mut tensors = device.tensors(view, &subject.network)?;
    let mut slices = SliceEngine::new(view, &subject.network)?;
    let size = subject.network.layers()[0].anchors().len();
    let row = |way, traffic| Row { way, shape, batch, seconds: Vec::new(), records, traffic };
    let mut rows = [row("kernels", None), row("tensors", None), row("cpu", None)];
    let few = &subject.all[..records.min(FEW * batch)];
    // The first run compiles kernels.
    for repeat in 0..=repeats {
        let mut network = subject.network.clone();
        let mut moments = Moments { first: vec![0.0; size], second: vec![0.0; size], steps: 0 };
        let before = resident.traffic();
        let start = Instant::now();
        let _ = resident.descend(&mut network, &mut moments, &pass, &mut |_| ControlFlow::Continue(()))?;
        let by_kernels = start.elapsed().as_secs_f64();
        let traffic = resident.traffic().since(before);
        let by_tensors =
            gradients(&mut tensors, &subject.network, few, &head, &pass)? * records as f64 / few.len() as f64;
        let by_slices = gradients(&mut slices, &subject.network, &subject.all, &head, &pass)?;
        if repeat > 0 {
            rows[0].traffic = Some((traffic, resident.bytes(batch)));
            rows.iter_mut()
                .zip([by_kernels, by_tensors, by_slices])
                .for_each(|(row, seconds)| row.seconds.push(seconds));
        }
    }
    Ok(rows.into())
}

/// Seconds of the gradients of all minibatches of some records.
fn gradients(
    engine: &mut dyn Engine,
    network: &Network,
    records: &[usize],
    head: &LinearHead,
    pass: &DevicePass<'_>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    for batch in records.chunks(pass.batch) {
        let upstream = |range: Range<usize>, embeddings: &[f32], gradient: &mut [f32]| {
            let size = embeddings.len() / range.len();
            let rows = embeddings.chunks_exact(size).zip(gradient.chunks_exact_mut(size));
            for ((embedding, slots), &record) in rows.zip(&batch[range]) {
                let slope = sigmoid(head.strand_score(embedding)) - f64::from(pass.labels[record]);
                let weights = slots.iter_mut().zip(head.weights());
                weights.for_each(|(slot, weight)| *slot = (slope * weight / batch.len() as f64) as f32);
            }
        };
        black_box(engine.pull_back(network, batch, &upstream)?);
    }
    Ok(start.elapsed().as_secs_f64())
}

impl Row {
    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// Writes the table.
pub fn write(out: &mut dyn Write, rows: &[Row]) -> std::io::Result<()> {
    writeln!(
        out,
        "way\tfilters\tpooling\tbatch\tsequences_per_s\tseconds\tratio_to_cpu\tlaunches_per_minibatch\twaits\tuploaded\tdownloaded\tdevice_bytes"
    )?;
    for three in rows.chunks(3) {
        let cpu = three.last().map_or(f64::NAN, Row::median);
        for row in three {
            let (seconds, shape) = (row.median(), row.shape);
            let (way, filters, pooling, batch) = (row.way, shape.filters, shape.pooling_name(), row.batch);
            let per_second = row.records as f64 / seconds;
            write!(out, "{way}\t{filters}\t{pooling}\t{batch}\t{per_second:.0}\t{seconds:.4}\t{:.3}", cpu / seconds)?;
            match row.traffic {
                Some((traffic, held)) => {
                    let launches = traffic.launches as f64 / row.records.div_ceil(batch) as f64;
                    let (up, down) = (4 * traffic.uploaded, 4 * traffic.downloaded);
                    writeln!(out, "\t{launches}\t{}\t{up}\t{down}\t{held}", traffic.waits)?;
                }
                None => writeln!(out, "\tNA\tNA\tNA\tNA\tNA")?,
            }
        }
    }
    Ok(())
}
