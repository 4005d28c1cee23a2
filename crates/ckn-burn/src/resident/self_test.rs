//! Whether a graphics card computes what the mathematics says.

use std::ops::{ControlFlow, Range};

use burn::tensor::Device;
use ckn_core::head::LinearHead;
use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::network::{NetworkConfig, Prepared, PullBackBuffers};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{LayerConfig, Network};

use super::kernels::update::{EPSILON, FIRST_DECAY, SECOND_DECAY};
use super::{DevicePass, Moments, Resident};
use crate::Error;
use crate::self_test::{SelfTest, largest_difference, scattered};

const FILTERS: usize = 11;
const WIDTH: usize = 5;
const LENGTHS: [usize; 5] = [9, 40, 5, 23, 71];
const BATCH: usize = 3;
const LEARNING_RATE: f64 = 0.01;
/// Single precision through an inverse root and two steps of Adam; devices that are broken are off by orders of magnitude.
const TOLERANCE: f64 = 1e-4;

impl Resident {
    /// Runs every kernel on a device: embeddings, gradient and a pass over two minibatches of small networks, against `f64`.
    ///
    /// # Errors
    /// [`Error::NotResident`] for devices that are no graphics cards; [`Error::Failed`] if the driver gives up.
    pub fn self_test(device: &Device) -> Result<SelfTest, Error> {
        let table = LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4]))?;
        let tokens: Vec<u8> = scattered(LENGTHS.iter().sum(), 11)
            .into_iter()
            .enumerate()
            .map(|(at, value)| if at % 13 == 4 { 4 } else { (2.0 * value + 2.0) as u8 })
            .collect();
        let mut offsets = vec![0];
        offsets.extend(LENGTHS.iter().scan(0, |sum, length| {
            *sum += length;
            Some(*sum)
        }));
        let view = TokenView::new(&tokens, &offsets, &table)?;
        let mut test = SelfTest { value_error: 0.0, gradient_error: 0.0, tolerance: TOLERANCE };
        for pooling in [Pooling::Mean, Pooling::Max] {
            let kernel = DotProductKernel::Exponential { sigma: 0.5 };
            let config = NetworkConfig {
                letters: 4,
                layers: vec![LayerConfig { filters: FILTERS, width: WIDTH, kernel, subsampling: 1 }],
                pooling,
                strands: Strands::Max,
                border: Border::Valid,
                regularisation: Regularisation::Shift { epsilon: 1e-2 },
                gap_decay: 0.0,
                letter_similarity: Vec::new(),
            };
            let anchors = scattered(FILTERS * 4 * WIDTH, 12).into_iter().map(|value| value as f32).collect();
            compare(device, view, &Network::new(config.check()?, vec![anchors])?, &mut test)?;
        }
        Ok(test)
    }
}

fn compare(device: &Device, view: TokenView<'_>, network: &Network, test: &mut SelfTest) -> Result<(), Error> {
    let records: Vec<usize> = (0..view.len()).collect();
    let row = 2 * FILTERS;
    let mut resident = Resident::new(device, view, network)?;
    let mut embeddings = vec![0.0; records.len() * row];
    resident.embed(network, &records, &mut embeddings)?;

    let index = network.config().index(view)?;
    let prepared = network.prepared::<f64>(view.table())?;
    let mut expected = vec![0.0; embeddings.len()];
    prepared.embed(&index, &records, &mut expected)?;
    test.value_error = test.value_error.max(largest_difference(&wide(&embeddings), &expected));

    let given = scattered(embeddings.len(), 13);
    let upstream = |range: Range<usize>, _: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(&given[range.start * row..range.end * row]);
    };
    let by_host = prepared.pull_back(&index, &records, upstream, &mut PullBackBuffers::default())?;
    let by_device = resident.pull_back(network, &records, &mut |_, gradient| {
        gradient.iter_mut().zip(&given).for_each(|(slot, value)| *slot = *value as f32);
    })?;
    let gradient_error = largest_difference(&wide(&by_device), &by_host.anchors[0]);

    let heads = [LinearHead::new(scattered(FILTERS, 14), 0.2)?];
    let labels: Vec<f32> = (0..records.len()).map(|record| (record % 2) as f32).collect();
    let pass = DevicePass {
        order: &records,
        batch: BATCH,
        heads: &heads,
        loss: Loss::Logistic,
        labels: &labels,
        weights: &vec![1.0; records.len()],
        learning_rate: LEARNING_RATE,
    };
    let size = by_device.len();
    let mut moments = Moments { first: vec![0.0; size], second: vec![0.0; size], steps: 0 };
    let mut moved = network.clone();
    let _ = resident.descend(&mut moved, &mut moments, &pass, &mut |_| ControlFlow::Continue(()))?;
    let expected = first_moments(network, view, &pass)?;
    let pass_error = largest_difference(&wide(&moments.first), &expected);
    test.gradient_error = test.gradient_error.max(gradient_error).max(pass_error);
    Ok(())
}

/// First moments of Adam after a pass, in double precision.
fn first_moments(network: &Network, view: TokenView<'_>, pass: &DevicePass<'_>) -> Result<Vec<f64>, Error> {
    let config = network.config();
    let index = config.index(view)?;
    let mut anchors = wide(network.layers()[0].anchors());
    let (mut first, mut second) = (vec![0.0; anchors.len()], vec![0.0; anchors.len()]);
    for (step, batch) in pass.order.chunks(pass.batch).enumerate() {
        let upstream = |range: Range<usize>, embeddings: &[f64], gradient: &mut [f64]| {
            let rows = embeddings.chunks_exact(2 * FILTERS).zip(gradient.chunks_exact_mut(2 * FILTERS));
            for ((embedding, slots), &record) in rows.zip(&batch[range]) {
                let head = &pass.heads[0];
                let (forward, reverse) = embedding.split_at(FILTERS);
                let slope = pass.loss.derivative(head.score(embedding, config.strands), f64::from(pass.labels[record]));
                let shares = config.strands.shares(head.strand_score(forward), head.strand_score(reverse));
                for (strand, share) in slots.chunks_exact_mut(FILTERS).zip(shares) {
                    let weights = strand.iter_mut().zip(head.weights());
                    weights.for_each(|(slot, weight)| *slot = slope * share * weight / batch.len() as f64);
                }
            }
        };
        let prepared = Prepared::<f64>::new(config, &[&anchors], view.table())?;
        let gradient = prepared.pull_back(&index, batch, upstream, &mut PullBackBuffers::default())?;
        let steps = step as i32 + 1;
        for (at, gradient) in gradient.anchors[0].iter().enumerate() {
            first[at] = FIRST_DECAY * first[at] + (1.0 - FIRST_DECAY) * gradient;
            second[at] = SECOND_DECAY * second[at] + (1.0 - SECOND_DECAY) * gradient * gradient;
            let first = first[at] / (1.0 - FIRST_DECAY.powi(steps));
            let second = second[at] / (1.0 - SECOND_DECAY.powi(steps));
            anchors[at] -= pass.learning_rate * first / (second.sqrt() + EPSILON);
        }
        for anchor in anchors.chunks_exact_mut(config.patch_size(0)) {
            let norm = anchor.iter().map(|value| value * value).sum::<f64>().sqrt();
            anchor.iter_mut().for_each(|value| *value /= norm);
        }
    }
    Ok(first)
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}
