//! Networks on slices against the same networks as modules: every pooling, strand, border and depth.

use ckn_burn::{FirstLayer, SequenceCkn, anchor_gradients};
use ckn_core::TokenView;
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::stack::{PassBuffers, Stack};
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, Network, NetworkConfig};

use crate::encoding::nucleotides;
use crate::support::{assert_close, double_devices, numbers};

const POOLINGS: [Pooling; 4] = [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp];
const STRANDS: [Strands; 3] = [Strands::Forward, Strands::Max, Strands::Mean];
const BORDERS: [Border; 2] = [Border::Valid, Border::Same];

const TOKENS: [u8; 34] = [
    0, 1, 2, 3, 0, 0, 1, 6, 2, 3, 1, 4, 0, // ACGTAACNGTCRA
    3, 3, 1, 0, 2, 2, 1, 0, 3, 1, 2, 2, // TTCAGGCATCGG
    2, 0, 1, 1, 3, 2, 0, 1, 2, // GACCTGACG
];
const OFFSETS: [usize; 4] = [0, 13, 25, 34];

pub(crate) fn network(depth: usize, pooling: Pooling, strands: Strands, border: Border) -> Network {
    let layer = |filters, width, subsampling| LayerConfig {
        filters,
        width,
        kernel: DotProductKernel::Exponential { sigma: 0.6 },
        subsampling,
    };
    let layers = match depth {
        1 => vec![layer(5, 4, 1)],
        2 => vec![layer(5, 4, 2), layer(3, 2, 1)],
        _ => vec![layer(5, 4, 1), layer(4, 3, 2), layer(3, 2, 1)],
    };
    let regularisation = Regularisation::Shift { epsilon: 1e-2 };
    let config = NetworkConfig {
        letters: 4,
        layers,
        pooling,
        strands,
        border,
        regularisation,
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    Network::random(config.check().unwrap(), &mut Seed(9).stream("anchors")).unwrap()
}

#[test]
fn slices_equal_modules_forward_and_backward() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let records = [2, 0, 1];
    for depth in 1..=3 {
        for pooling in POOLINGS {
            for strands in STRANDS {
                for border in BORDERS {
                    let network = network(depth, pooling, strands, border);
                    let prepared = network.prepared::<f32>(&table).unwrap();
                    let index = prepared.config().index(view).unwrap();
                    for test in double_devices() {
                        let tracking = test.clone().tracking();
                        let module = SequenceCkn::from_network(&network, &tracking.device, test.dtype).unwrap();
                        let module = module.with_first_layer(FirstLayer::Reference);
                        // Modules in double precision bring anchors to the sphere once more.
                        let anchors: Vec<Vec<f64>> =
                            module.layers.iter().map(|layer| numbers(layer.anchors.val())).collect();
                        let slices: Vec<&[f64]> = anchors.iter().map(Vec::as_slice).collect();
                        let stack = Stack::<f64>::new(&slices, network.config(), &table).unwrap();
                        let mut embeddings = vec![0.0; records.len() * stack.row()];
                        stack.embed(&index, &records, &mut embeddings).unwrap();
                        let upstream = |_: std::ops::Range<usize>, embedding: &[f64], gradient: &mut [f64]| {
                            // As modules hand it over: in single precision.
                            let pairs = gradient.iter_mut().zip(embedding);
                            pairs.for_each(|(slot, &value)| *slot = f64::from(value as f32));
                        };
                        let gradient = stack.pass(&index, &records, upstream, &mut PassBuffers::default()).unwrap();
                        let place = format!("{} depth {depth} {pooling:?} {strands:?} {border:?}", test.name);
                        let want = numbers(module.forward(view, &records).unwrap());
                        assert_close(&embeddings, &want, 1e-10, &place);
                        let gradients = anchor_gradients(&module, view, &records, &mut |embeddings, gradient| {
                            gradient.copy_from_slice(embeddings);
                        });
                        // The modules' gradients come back in single precision.
                        let want: Vec<f64> = gradients.unwrap().concat().into_iter().map(f64::from).collect();
                        assert_close(&gradient.anchors.concat(), &want, 1e-6, &place);
                    }
                }
            }
        }
    }
}

#[test]
fn neighbours_and_their_order_change_no_embedding() {
    // Lengths differ, so that modules pad every batch but those of one record.
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for depth in 1..=3 {
        for pooling in POOLINGS {
            for strands in STRANDS {
                for border in BORDERS {
                    let network = network(depth, pooling, strands, border);
                    let prepared = network.prepared::<f32>(&table).unwrap();
                    let index = prepared.config().index(view).unwrap();
                    let place = format!("depth {depth} {pooling:?} {strands:?} {border:?}");
                    let row = prepared.row();
                    let on_slices = |records: &[usize]| {
                        let mut embeddings = vec![0.0; records.len() * row];
                        prepared.embed(&index, records, &mut embeddings).unwrap();
                        embeddings
                    };
                    let alone: Vec<f32> = (0..3).flat_map(|record| on_slices(&[record])).collect();
                    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                        let together = on_slices(&order);
                        for (embedding, &record) in together.chunks_exact(row).zip(&order) {
                            assert_eq!(embedding, &alone[record * row..][..row], "slices, {place}, {order:?}");
                        }
                    }
                    for test in double_devices() {
                        let module = SequenceCkn::from_network(&network, &test.device, test.dtype).unwrap();
                        for first in [FirstLayer::Reference, FirstLayer::Tables] {
                            let module = module.clone().with_first_layer(first);
                            let on_device = |records: &[usize]| numbers(module.forward(view, records).unwrap());
                            let alone: Vec<f64> = (0..3).flat_map(|record| on_device(&[record])).collect();
                            for order in [[0, 1, 2], [2, 0, 1]] {
                                let together = on_device(&order);
                                for (embedding, &record) in together.chunks_exact(row).zip(&order) {
                                    let place = format!("{} {first:?}, {place}, {order:?}", test.name);
                                    assert_close(embedding, &alone[record * row..][..row], 1e-11, &place);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
