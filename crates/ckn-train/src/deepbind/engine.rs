use ckn_core::detectors::{Detectors, Responses};
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_model::DeepBind;
use rayon::prelude::*;

use crate::{Error, TrainingData};

/// Records whose gradients are added before those of others: sums have one order, whatever the number of threads.
const CHUNK: usize = 16;

/// What computes gradients of [`DeepBind`] networks; both give the same numbers up to rounding.
#[derive(Debug, Clone)]
pub enum DeepBindEngine {
    /// Table rows on the CPU: no tensors, no graph.
    Slices,
    /// The module of `ckn_burn`, on a device (without autodiff: it is added here).
    #[cfg(feature = "tensors")]
    Tensors(burn::tensor::Device),
}

/// A minibatch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) data: TrainingData<'a>,
    pub(super) loss: Loss,
    pub(super) records: &'a [usize],
    /// `[records, filters]`: factors of the rectified responses.
    pub(super) masks: &'a [f32],
}

/// Sum of the losses of a minibatch, and the gradient of their mean by all parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pass {
    pub(super) losses: f64,
    pub(super) gradient: Vec<f32>,
}

impl DeepBindEngine {
    /// Name of the engine and its device, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Slices => "slices on the CPU".into(),
            #[cfg(feature = "tensors")]
            Self::Tensors(device) => format!("reference on {device:?}"),
        }
    }

    /// `detectors` hold the filters of `network`.
    pub(super) fn pass(&self, network: &DeepBind, detectors: &Detectors, batch: Batch<'_>) -> Result<Pass, Error> {
        match self {
            Self::Slices => on_slices(network, detectors, batch),
            #[cfg(feature = "tensors")]
            Self::Tensors(device) => on_tensors(network, device, batch),
        }
    }
}

#[cfg(feature = "tensors")]
fn on_tensors(network: &DeepBind, device: &burn::tensor::Device, batch: Batch<'_>) -> Result<Pass, Error> {
    let module = ckn_burn::DeepBind::from_network(network, &device.clone().autodiff(), burn::tensor::DType::F32)?;
    let mut losses = 0.0;
    let count = batch.records.len() as f64;
    let mut upstream = |scores: &[f32], gradient: &mut [f32]| {
        for ((&score, slot), &record) in scores.iter().zip(gradient).zip(batch.records) {
            let (score, label) = (f64::from(score), batch.data.labels[record]);
            losses += batch.loss.value(score, label);
            *slot = (batch.loss.derivative(score, label) / count) as f32;
        }
    };
    let gradient = module.gradient(batch.data.view, batch.records, batch.masks, &mut upstream)?;
    Ok(Pass { losses, gradient })
}

fn on_slices(network: &DeepBind, detectors: &Detectors, batch: Batch<'_>) -> Result<Pass, Error> {
    let filters = network.config().filters;
    let chunks = batch.records.par_chunks(CHUNK).zip(batch.masks.par_chunks(CHUNK * filters));
    let passes: Vec<Result<Pass, Error>> = chunks
        .map(|(records, masks)| {
            let mut sum = Pass { losses: 0.0, gradient: vec![0.0; network.parameters().len()] };
            let mut strands = [Strand::default(), Strand::default()];
            for (&record, mask) in records.iter().zip(masks.chunks_exact(filters)) {
                add_record(network, detectors, batch, record, mask, &mut strands, &mut sum)?;
            }
            Ok(sum)
        })
        .collect();
    let mut sum = Pass { losses: 0.0, gradient: vec![0.0; network.parameters().len()] };
    for pass in passes {
        let pass = pass?;
        sum.losses += pass.losses;
        sum.gradient.iter_mut().zip(&pass.gradient).for_each(|(total, value)| *total += value);
    }
    Ok(sum)
}

#[derive(Default)]
struct Strand {
    responses: Responses,
    /// Rectified and masked responses.
    features: Vec<f32>,
    score: f64,
    /// Share of the record's score.
    share: f64,
}

fn add_record(
    network: &DeepBind,
    detectors: &Detectors,
    batch: Batch<'_>,
    record: usize,
    mask: &[f32],
    strands: &mut [Strand; 2],
    sum: &mut Pass,
) -> Result<(), Error> {
    let config = network.config();
    let read = &mut strands[..config.strands.count()];
    for (reverse, strand) in read.iter_mut().enumerate() {
        detectors.respond(batch.data.view.sequence(record), reverse == 1, &mut strand.responses)?;
        strand.features.clear();
        strand.features.extend(strand.responses.values.iter().zip(mask).map(|(value, mask)| value.max(0.0) * mask));
        strand.score = network.strand_score(&strand.features);
    }
    match (config.strands, &mut *read) {
        (Strands::Max, [forward, reverse]) => {
            let reversed = reverse.score > forward.score;
            (forward.share, reverse.share) = if reversed { (0.0, 1.0) } else { (1.0, 0.0) };
        }
        (_, strands) => {
            let share = 1.0 / strands.len() as f64;
            strands.iter_mut().for_each(|strand| strand.share = share);
        }
    }
    let score: f64 = read.iter().filter(|strand| strand.share > 0.0).map(|strand| strand.share * strand.score).sum();
    let label = batch.data.labels[record];
    sum.losses += batch.loss.value(score, label);
    let slope = batch.loss.derivative(score, label) / batch.records.len() as f64;
    let (by_filters, rest) = sum.gradient.split_at_mut(config.filter_numbers());
    let (by_biases, rest) = rest.split_at_mut(config.filters);
    let (by_weights, by_intercept) = rest.split_at_mut(config.filters);
    for strand in read.iter().filter(|strand| strand.share > 0.0) {
        let slope = (slope * strand.share) as f32;
        // By the responses: none where the rectifier is off.
        let factors = network.weights().iter().zip(mask).zip(&strand.responses.values);
        let upstream: Vec<f32> =
            factors.map(|((weight, mask), &value)| if value > 0.0 { slope * weight * mask } else { 0.0 }).collect();
        detectors.pull_back(&strand.responses, &upstream, by_filters)?;
        by_biases.iter_mut().zip(&upstream).for_each(|(total, value)| *total += value);
        by_weights.iter_mut().zip(&strand.features).for_each(|(total, feature)| *total += slope * feature);
        by_intercept.iter_mut().for_each(|total| *total += slope);
    }
    Ok(())
}

#[cfg(all(test, feature = "tensors"))]
mod tests {
    use ckn_burn::DeviceChoice;
    use ckn_core::seed::Seed;
    use ckn_core::{LetterTable, TokenView};
    use ckn_model::DeepBindConfig;
    use rand::RngExt;

    use super::*;

    #[test]
    fn slices_and_tensors_have_the_same_gradient_on_any_number_of_threads() {
        let table = LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap();
        let mut random = Seed(5).stream("test");
        let tokens: Vec<u8> = (0..40 * 25).map(|_| random.random_range(0..5)).collect();
        let offsets: Vec<usize> = (0..=40).map(|record| record * 25).collect();
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        let labels: Vec<f64> = (0..40).map(|record| f64::from(record % 2)).collect();
        let records: Vec<usize> = (0..40).rev().collect();
        let masks: Vec<f32> = (0..40 * 17).map(|_| [0.0, 2.0][random.random_range(0..2)]).collect();
        for strands in [Strands::Forward, Strands::Max, Strands::Mean] {
            let config = DeepBindConfig { letters: 4, filters: 17, width: 6, strands }.check().unwrap();
            let network = DeepBind::random(config, 0.4, &mut random).unwrap();
            let detectors = network.detectors(&table).unwrap();
            let data = TrainingData::of_one_task(view, &labels);
            let batch = Batch { data, loss: Loss::Logistic, records: &records, masks: &masks };
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| DeepBindEngine::Slices.pass(&network, &detectors, batch).unwrap())
            };
            let slices = on(1);
            assert_eq!(slices, on(3));
            let device = "cpu".parse::<DeviceChoice>().unwrap().open().unwrap();
            let tensors = DeepBindEngine::Tensors(device).pass(&network, &detectors, batch).unwrap();
            assert!((slices.losses - tensors.losses).abs() < 1e-4, "{} {}", slices.losses, tensors.losses);
            let largest = slices.gradient.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
            for (index, (a, b)) in slices.gradient.iter().zip(&tensors.gradient).enumerate() {
                assert!((a - b).abs() < 1e-5 * largest, "{strands:?} {index}: {a} {b}");
            }
        }
    }
}
