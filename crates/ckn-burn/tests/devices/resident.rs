//! Networks that live on a graphics card equal the definition in double precision on the host.

use std::ops::ControlFlow;

use burn::tensor::Device;
use ckn_burn::{DeviceChoice, DevicePass, Error, Moments, Resident, available_devices};
use ckn_core::head::LinearHead;
use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::network::{Prepared, PullBackBuffers};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{LayerConfig, Network, NetworkConfig};

use crate::support::{assert_close, scattered, unit_rows};

/// A graphics card, a simulated one if need be.
fn card() -> Option<Device> {
    let cards = available_devices().into_iter().filter(|device| matches!(device.choice, DeviceChoice::Gpu(_)));
    cards.map(|device| device.device).next()
}

/// Some sequences of letters and, now and then, mixtures.
struct Sequences {
    table: LetterTable,
    tokens: Vec<u8>,
    offsets: Vec<usize>,
}

impl Sequences {
    fn new(letters: usize, lengths: &[usize], mixtures: bool, stream: u64) -> Self {
        let complement: Vec<u8> = (0..letters as u8).rev().chain([letters as u8]).collect();
        let table = LetterTable::new(letters, &vec![1.0 / letters as f64; letters], Some(&complement)).unwrap();
        let total = lengths.iter().sum();
        let tokens = scattered(total, stream)
            .into_iter()
            .enumerate()
            .map(|(at, value)| match mixtures && at % 17 == 5 {
                true => letters as u8,
                false => ((value + 1.0) / 2.0 * letters as f64) as u8,
            })
            .collect();
        let mut offsets = vec![0];
        lengths.iter().for_each(|length| offsets.push(offsets.last().unwrap() + length));
        Self { table, tokens, offsets }
    }

    fn view(&self) -> TokenView<'_> {
        TokenView::new(&self.tokens, &self.offsets, &self.table).unwrap()
    }
}

fn config(letters: usize, filters: usize, width: usize, kernel: DotProductKernel) -> NetworkConfig {
    NetworkConfig {
        letters,
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling: Pooling::Mean,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    }
}

/// Embeddings and gradient of one network on both sides.
fn compare(device: &Device, config: NetworkConfig, sequences: &Sequences, records: &[usize], what: &str) {
    let view = sequences.view();
    let network = Network::random(config.check().unwrap(), &mut Seed(7).stream("network")).unwrap();
    let row = network.dimension() * network.config().strands.count();
    let upstream: Vec<f64> = scattered(records.len() * row, 3);

    let wide: Vec<f64> = network.layers()[0].anchors().iter().map(|&value| f64::from(value)).collect();
    let prepared = Prepared::<f64>::new(network.config(), &[&wide], view.table()).unwrap();
    let index = network.config().index(view).unwrap();
    let mut want = vec![0.0; records.len() * row];
    prepared.embed(&index, records, &mut want).unwrap();
    let given = |range: std::ops::Range<usize>, _: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(&upstream[range.start * row..range.end * row]);
    };
    let gradient = prepared.pull_back(&index, records, given, &mut PullBackBuffers::default()).unwrap();

    let mut resident = Resident::new(device, view, &network).unwrap();
    let mut got = vec![0.0; records.len() * row];
    resident.embed(&network, records, &mut got).unwrap();
    let widened: Vec<f64> = got.iter().map(|&value| f64::from(value)).collect();
    assert_close(&widened, &want, 1e-4, &format!("embeddings, {what}"));
    let mut seen = Vec::new();
    let by_anchors = resident
        .pull_back(&network, records, &mut |embeddings, gradient| {
            seen = embeddings.to_vec();
            gradient.iter_mut().zip(&upstream).for_each(|(slot, value)| *slot = *value as f32);
        })
        .unwrap();
    assert_eq!(seen, got, "{what}");
    let by_anchors: Vec<f64> = by_anchors.iter().map(|&value| f64::from(value)).collect();
    assert_close(&by_anchors, &gradient.anchors[0], 1e-3, &format!("gradient, {what}"));
}

/// One of some options, by the number of a case: options of different primes meet in all combinations.
fn pick<T: Copy>(options: &[T], case: usize, prime: usize) -> T {
    options[case / prime % options.len()]
}

#[test]
fn embeddings_and_gradients_of_all_shapes_are_those_of_the_host() {
    let Some(device) = card() else { return };
    let kernels = [
        DotProductKernel::Exponential { sigma: 0.3 },
        DotProductKernel::Polynomial { degree: 3 },
        DotProductKernel::ArcCosine { order: 0 },
        DotProductKernel::ArcCosine { order: 1 },
        DotProductKernel::Linear,
    ];
    let mut case = 0;
    for pooling in [Pooling::Mean, Pooling::Sum, Pooling::Max] {
        for strands in [Strands::Forward, Strands::Max] {
            for border in [Border::Valid, Border::Same] {
                for kernel in kernels {
                    for filters in [1, 5, 16, 33, 130] {
                        let letters = pick(&[4, 4, 20], case, 7);
                        // More anchors than dimensions leave a linear kernel's matrix singular: what rounding makes of it is
                        // no matter of a device.
                        let narrow = filters <= letters || !matches!(kernel, DotProductKernel::Linear);
                        let width = pick(if narrow { &[3, 12, 1, 6] } else { &[12, 40, 33, 35] }, case, 5);
                        let mixtures = case % 3 != 0;
                        // The root of an eigenvalue that is zero is rounding's root, in any precision.
                        let regularisation = match case % 2 == 1 && filters <= letters {
                            true => Regularisation::Reference { epsilon: 1e-2 },
                            false => Regularisation::Shift { epsilon: 1e-2 },
                        };
                        let shortest = if border == Border::Same { 1 } else { width };
                        let lengths = [0, 19, 1, 38, 0, 201, 8].map(|more| shortest + more);
                        let sequences = Sequences::new(letters, &lengths, mixtures, case as u64);
                        let config = NetworkConfig {
                            pooling,
                            strands,
                            border,
                            regularisation,
                            ..config(letters, filters, width, kernel)
                        };
                        let what = format!("case {case}: {config:?}");
                        compare(&device, config, &sequences, &[0, 3, 5, 1, 1, 6, 2, 4], &what);
                        case += 1;
                    }
                }
            }
        }
    }
    assert!(case >= 300, "{case}");
}

/// A pass of Adam in double precision: gradients of minibatches by the host, the steps as published (Kingma and Ba 2015).
fn passed_on_the_host(network: &Network, view: TokenView<'_>, pass: &DevicePass<'_>) -> Vec<f64> {
    let (config, tasks) = (network.config(), pass.labels.len() / pass.order.len());
    let row = network.dimension() * config.strands.count();
    let size = config.patch_size(0);
    let mut anchors: Vec<f64> = network.layers()[0].anchors().iter().map(|&value| f64::from(value)).collect();
    let (mut first, mut second) = (vec![0.0; anchors.len()], vec![0.0; anchors.len()]);
    let index = config.index(view).unwrap();
    for (step, batch) in pass.order.chunks(pass.batch).enumerate() {
        let upstream = |range: std::ops::Range<usize>, embeddings: &[f64], gradient: &mut [f64]| {
            for (within, at) in range.clone().enumerate() {
                let embedding = &embeddings[within * row..][..row];
                let place = (step * pass.batch + at) * tasks;
                let scores: Vec<f64> = pass.heads.iter().map(|head| head.score(embedding, config.strands)).collect();
                let mut slopes = vec![0.0; scores.len()];
                match pass.loss {
                    Loss::Multinomial => {
                        pass.loss.gradient_row(&scores, pass.labels[place] as usize, &mut slopes);
                        slopes.iter_mut().for_each(|slope| *slope *= f64::from(pass.weights[place]));
                    }
                    loss => {
                        for (task, slope) in slopes.iter_mut().enumerate() {
                            let (label, weight) = (pass.labels[place + task], pass.weights[place + task]);
                            *slope = f64::from(weight) * loss.derivative(scores[task], f64::from(label));
                        }
                    }
                }
                for (head, slope) in pass.heads.iter().zip(slopes) {
                    let strand_scores: Vec<f64> =
                        embedding.chunks(network.dimension()).map(|strand| head.strand_score(strand)).collect();
                    let shares = config.strands.shares(strand_scores[0], *strand_scores.get(1).unwrap_or(&f64::MIN));
                    let strands = gradient[within * row..][..row].chunks_mut(network.dimension());
                    for (strand, share) in strands.zip(shares) {
                        for (slot, weight) in strand.iter_mut().zip(head.weights()) {
                            *slot += slope * share * weight / batch.len() as f64;
                        }
                    }
                }
            }
        };
        let prepared = Prepared::<f64>::new(config, &[&anchors], view.table()).unwrap();
        let gradient = prepared.pull_back(&index, batch, upstream, &mut PullBackBuffers::default()).unwrap();
        let steps = step as i32 + 1;
        for (at, gradient) in gradient.anchors[0].iter().enumerate() {
            first[at] = 0.9 * first[at] + 0.1 * gradient;
            second[at] = 0.999 * second[at] + 0.001 * gradient * gradient;
            let (m, v) = (first[at] / (1.0 - 0.9f64.powi(steps)), second[at] / (1.0 - 0.999f64.powi(steps)));
            anchors[at] -= pass.learning_rate * m / (v.sqrt() + 1e-8);
        }
        anchors = unit_rows(anchors, size);
    }
    anchors
}

#[test]
fn a_pass_over_minibatches_is_adam_on_the_sphere_for_every_loss() {
    let Some(device) = card() else { return };
    let lengths: Vec<usize> = (0..50).map(|record| 12 + record * 7 % 40).collect();
    let sequences = Sequences::new(4, &lengths, true, 5);
    let view = sequences.view();
    let order: Vec<usize> = (0..50).map(|place| place * 17 % 50).collect();
    for pooling in [Pooling::Mean, Pooling::Max] {
        for strands in [Strands::Forward, Strands::Max, Strands::Mean] {
            for (loss, outputs) in [
                (Loss::Logistic, 1),
                (Loss::Logistic, 3),
                (Loss::SquaredHinge, 1),
                (Loss::Squared, 2),
                (Loss::Multinomial, 5),
                (Loss::Multinomial, 70),
            ] {
                let what = format!("{pooling:?} {strands:?} {loss:?} {outputs}");
                let network = NetworkConfig {
                    pooling,
                    strands,
                    ..config(4, 10, 7, DotProductKernel::Exponential { sigma: 0.5 })
                };
                let mut network = Network::random(network.check().unwrap(), &mut Seed(3).stream("network")).unwrap();
                let heads: Vec<LinearHead> = (0..outputs)
                    .map(|output| LinearHead::new(scattered(10, 20 + output), 0.1 * output as f64).unwrap())
                    .collect();
                let tasks = if loss == Loss::Multinomial { 1 } else { outputs as usize };
                let labels: Vec<f32> = (0..50 * tasks)
                    .map(|at| match loss {
                        Loss::Squared => scattered(1, at as u64)[0] as f32,
                        Loss::Multinomial => (at % outputs as usize) as f32,
                        _ => (at % 3 % 2) as f32,
                    })
                    .collect();
                let weights: Vec<f32> = (0..50 * tasks).map(|at| [1.0, 2.5, 0.0, 1.0][at % 4]).collect();
                let pass = DevicePass {
                    order: &order,
                    batch: 16,
                    heads: &heads,
                    loss,
                    labels: &labels,
                    weights: &weights,
                    learning_rate: 0.01,
                };
                let want = passed_on_the_host(&network, view, &pass);
                let mut resident = Resident::new(&device, view, &network).unwrap();
                let size = network.layers()[0].anchors().len();
                let none = Moments { first: vec![0.0; size], second: vec![0.0; size], steps: 0 };
                let before = resident.traffic();
                let run = |resident: &mut Resident, network: &mut Network| {
                    let (mut moments, mut done) = (none.clone(), Vec::new());
                    let mut progress = |records| {
                        done.push(records);
                        ControlFlow::Continue(())
                    };
                    let _ = resident.descend(network, &mut moments, &pass, &mut progress).unwrap();
                    assert_eq!(done, [16, 32, 48, 50], "{what}");
                    assert_eq!(moments.steps, 4, "{what}");
                    moments
                };
                let start = network.clone();
                let moments = run(&mut resident, &mut network);
                let got: Vec<f64> = network.layers()[0].anchors().iter().map(|&value| f64::from(value)).collect();
                assert_close(&got, &want, 3e-5, &what);

                // A pass is eight launches a minibatch and two waits, for the anchors and for the moments.
                let after = resident.traffic();
                assert_eq!((after.launches - before.launches, after.waits - before.waits), (4 * 8, 2), "{what}");
                let mut again = start;
                assert_eq!(run(&mut resident, &mut again), moments, "{what}");
                assert_eq!(again, network, "the same bits: {what}");
            }
        }
    }
}

#[test]
fn what_the_kernels_are_not_written_for_is_refused_by_name() {
    let exponential = DotProductKernel::Exponential { sigma: 0.3 };
    let refused = |config: NetworkConfig, says: &str| {
        let error = Resident::check(&config.check().unwrap()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    };
    refused(NetworkConfig { pooling: Pooling::Gmp, ..config(4, 8, 6, exponential) }, "generalised max pooling");
    refused(config(4, 257, 6, exponential), "256 filters");
    refused(config(20, 8, 1000, exponential), "wide");
    let layer = LayerConfig { filters: 8, width: 3, kernel: exponential, subsampling: 1 };
    refused(NetworkConfig { layers: vec![layer; 2], ..config(4, 8, 6, exponential) }, "several layers");
    assert!(Resident::check(&config(4, 256, 12, exponential).check().unwrap()).is_ok());

    let sequences = Sequences::new(4, &[12, 20], false, 1);
    let network = config(4, 8, 6, exponential).check().unwrap();
    let network = Network::random(network, &mut Seed(3).stream("network")).unwrap();
    let cpu = DeviceChoice::Cpu.open().unwrap();
    assert!(matches!(Resident::new(&cpu, sequences.view(), &network), Err(Error::NotResident { .. })));
    let Some(device) = card() else { return };
    let mut resident = Resident::new(&device, sequences.view(), &network).unwrap();
    assert!(matches!(resident.embed(&network, &[2], &mut [0.0; 8]), Err(Error::Record { record: 2, records: 2 })));
    assert!(matches!(resident.embed(&network, &[1], &mut [0.0; 9]), Err(Error::Size { .. })));
}

/// Mesa's software driver ends all loops of a unit after 65,535 turns: what would need more is refused, and what is near is right.
#[test]
fn long_sequences_are_right_or_refused() {
    let Some(device) = card() else { return };
    let exponential = DotProductKernel::Exponential { sigma: 0.3 };
    let sequences = Sequences::new(4, &[20_000, 300], true, 9);
    compare(&device, config(4, 16, 12, exponential), &sequences, &[0, 1], "20 kb, mean");
    let maxima = |filters| NetworkConfig { pooling: Pooling::Max, ..config(4, filters, 12, exponential) };
    compare(&device, maxima(16), &sequences, &[0, 1], "20 kb, maxima");
    let sequences = Sequences::new(4, &[60, 60], true, 9);
    compare(&device, config(4, 256, 12, exponential), &sequences, &[0, 1], "256 filters");

    let sequences = Sequences::new(4, &[200_000], true, 9);
    let network = Network::random(maxima(130).check().unwrap(), &mut Seed(3).stream("network")).unwrap();
    let simulated = available_devices().iter().all(|device| !device.hardware);
    let mut resident = Resident::new(&device, sequences.view(), &network).unwrap();
    let refused = matches!(resident.embed(&network, &[0], &mut [0.0; 130]), Err(Error::NotResident { .. }));
    assert_eq!(refused, simulated);
}
