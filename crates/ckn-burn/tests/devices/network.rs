//! Networks: to and from `ckn_model`, strands, heads, and the gradient that training asks for.

use burn::tensor::{DType, Tensor};
use ckn_burn::{Error, FirstLayer, LinearHead, SequenceCkn, SequenceCknConfig, anchor_gradients};
use ckn_core::TokenView;
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, Network, NetworkConfig};

use crate::encoding::nucleotides;
use crate::support::{TestDevice, assert_close, devices, double_devices, numbers};

pub(crate) fn network(strands: Strands, border: Border, pooling: Pooling) -> Network {
    let layer = |filters, width, subsampling| LayerConfig {
        filters,
        width,
        kernel: DotProductKernel::Exponential { sigma: 0.6 },
        subsampling,
    };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![layer(5, 4, 2), layer(3, 3, 1)],
        pooling,
        strands,
        border,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    Network::random(config.check().unwrap(), &mut Seed(3).stream("anchors")).unwrap()
}

/// Three sequences of 13, 10 and 9 letters, and the reverse complement of the first.
pub(crate) const TOKENS: [u8; 45] = [
    0, 1, 2, 3, 0, 0, 1, 6, 2, 3, 1, 4, 0, // ACGTAACNGTCRA
    3, 3, 1, 0, 2, 2, 1, 0, 3, 1, //
    2, 0, 1, 1, 3, 2, 0, 1, 2, //
    3, 5, 2, 0, 1, 6, 2, 3, 3, 0, 1, 2, 3, // TYGACNGTTACGT
];
pub(crate) const OFFSETS: [usize; 5] = [0, 13, 23, 32, 45];

#[test]
fn parameters_survive_the_way_to_every_device_and_back_bit_for_bit() {
    let network = network(Strands::Max, Border::Same, Pooling::Mean);
    for test in devices() {
        let module = SequenceCkn::from_network(&network, &test.device, test.dtype).unwrap();
        assert_eq!(module.to_network().unwrap(), network, "{}", test.name);
    }
}

#[test]
fn the_second_strand_is_the_embedding_of_the_reverse_complement() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for test in devices() {
        for border in [Border::Valid, Border::Same] {
            let embed = |strands, records: &[usize]| {
                let module =
                    SequenceCkn::from_network(&network(strands, border, Pooling::Max), &test.device, test.dtype);
                numbers(module.unwrap().forward(view, records).unwrap())
            };
            let (both, each) = (embed(Strands::Mean, &[2, 0, 1]), embed(Strands::Forward, &[2, 0, 1, 3]));
            let tolerance = test.tolerance;
            // Rows of `both`: two strands for each of the records 2, 0, 1.
            assert_close(&both[6..9], &each[3..6], tolerance, "record 0");
            assert_close(&both[9..12], &each[9..12], tolerance, "its reverse complement");
        }
    }
}

#[test]
fn a_head_takes_the_larger_or_the_mean_of_both_strands_scores() {
    for test in devices() {
        let head = LinearHead::new(&[1.0, -2.0, 0.5, 1.0], &[0.25, -1.0], &test.device, test.dtype).unwrap();
        let embeddings: Tensor<3> = test.tensor(&[1.0, 1.0, 3.0, 0.5], [1, 2, 2]);
        // Scores of the strands: (-0.75, 0.5) and (2.25, 1.0).
        assert_eq!(numbers(head.forward(embeddings.clone(), Strands::Max).unwrap()), [2.25, 1.0]);
        assert_eq!(numbers(head.forward(embeddings.clone(), Strands::Mean).unwrap()), [0.75, 0.75]);
        assert!(matches!(head.forward(embeddings, Strands::Forward), Err(Error::Size { expected: 1, got: 2, .. })));
        assert!(LinearHead::new(&[1.0; 3], &[0.0; 2], &test.device, test.dtype).is_err());
    }
}

#[test]
fn anchor_gradients_equal_finite_differences_through_both_layers() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let network = network(Strands::Max, Border::Same, Pooling::Mean);
    let records = [1, 0];
    let weights: Vec<f32> = (0..12).map(|k| (k as f32 * 1.7).sin()).collect();
    for test in double_devices() {
        let objective = |network: &Network| -> f64 {
            let module = SequenceCkn::from_network(network, &test.device, DType::F64).unwrap();
            let embeddings = numbers(module.forward(view, &records).unwrap());
            embeddings.iter().zip(&weights).map(|(value, &weight)| value * f64::from(weight)).sum()
        };
        let tracking = test.clone().tracking();
        let module = SequenceCkn::from_network(&network, &tracking.device, DType::F64).unwrap();
        let gradients = anchor_gradients(&module, view, &records, &mut |embeddings, gradient| {
            assert_eq!(embeddings.len(), 12);
            gradient.copy_from_slice(&weights);
        })
        .unwrap();
        for (layer, gradient) in gradients.iter().enumerate() {
            let anchors = network.layers()[layer].anchors().to_vec();
            let size = network.layers()[layer].patch_size();
            for k in [0, 7, anchors.len() - 1] {
                // Anchors of a network are in single precision and on the sphere: the step is what rounding leaves.
                let moved = |by: f32| {
                    let (mut network, mut anchors) = (network.clone(), anchors.clone());
                    anchors[k] += by;
                    network.set_anchors(layer, &anchors).unwrap();
                    let at = network.layers()[layer].anchors().to_vec();
                    (objective(&network), at)
                };
                let ((above, up), (below, down)) = (moved(3e-4), moved(-3e-4));
                let row = k / size * size..(k / size + 1) * size;
                let predicted: f64 =
                    row.map(|j| f64::from(gradient[j]) * (f64::from(up[j]) - f64::from(down[j]))).sum();
                let scale = gradient.iter().fold(0.0f32, |most, value| most.max(value.abs()));
                let wrong = (above - below - predicted).abs() / (6e-4 * f64::from(scale));
                assert!(wrong < 1e-4, "{} layer {layer} anchor entry {k}: {wrong:.1e}", test.name);
            }
        }
    }
}

#[test]
fn anchor_gradients_are_the_same_on_every_device() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let network = network(Strands::Max, Border::Same, Pooling::Mean);
    let gradients = |test: &TestDevice| {
        let module = SequenceCkn::from_network(&network, &test.clone().tracking().device, test.dtype).unwrap();
        let all = anchor_gradients(&module, view, &[2, 1, 0], &mut |embeddings, gradient| {
            gradient.copy_from_slice(embeddings);
        });
        all.unwrap().concat().into_iter().map(f64::from).collect::<Vec<_>>()
    };
    let all = devices();
    let want = gradients(&all[0]);
    for test in &all {
        assert_close(&gradients(test), &want, test.tolerance.max(1e-6), &test.name);
    }
}

#[test]
fn tables_equal_the_reference_on_every_device_forward_and_backward() {
    let table = nucleotides();
    let known: Vec<u8> = TOKENS.iter().map(|token| token % 4).collect();
    for (tokens, depth) in [(TOKENS.as_slice(), 1), (&known, 1), (&known, 2)] {
        let view = TokenView::new(tokens, &OFFSETS, &table).unwrap();
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum] {
            for (strands, border) in [(Strands::Forward, Border::Valid), (Strands::Max, Border::Same)] {
                // Width 6 of four letters a table: two blocks, the second shorter.
                let layer = |filters, width, subsampling| LayerConfig {
                    filters,
                    width,
                    kernel: DotProductKernel::Exponential { sigma: 0.5 },
                    subsampling,
                };
                let layers = if depth == 1 { vec![layer(5, 6, 1)] } else { vec![layer(5, 6, 2), layer(3, 2, 1)] };
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
                let network = Network::random(config.check().unwrap(), &mut Seed(5).stream("anchors")).unwrap();
                for test in devices() {
                    let both = [FirstLayer::Tables, FirstLayer::Reference].map(|first_layer| {
                        let tracking = test.clone().tracking();
                        let module = SequenceCkn::from_network(&network, &tracking.device, test.dtype).unwrap();
                        let module = module.with_first_layer(first_layer);
                        let embeddings = numbers(module.forward(view, &[2, 0, 1]).unwrap());
                        let gradients = anchor_gradients(&module, view, &[2, 0, 1], &mut |embeddings, gradient| {
                            gradient.copy_from_slice(embeddings);
                        });
                        let gradients = gradients.unwrap().concat().into_iter().map(f64::from).collect::<Vec<_>>();
                        (embeddings, gradients)
                    });
                    let [tables, reference] = both;
                    let name = format!("{} {pooling:?} {strands:?} {border:?} depth {depth}", test.name);
                    assert_close(&tables.0, &reference.0, test.tolerance, &name);
                    assert_close(&tables.1, &reference.1, test.tolerance.max(2e-6), &name);
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_asked_of_a_network_is_named() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let test = &devices()[0];
    let network = network(Strands::Forward, Border::Valid, Pooling::Mean);
    let module = SequenceCkn::from_network(&network, &test.device, test.dtype).unwrap();
    let gradients = anchor_gradients(&module, view, &[0], &mut |_, _| ());
    assert!(matches!(gradients, Err(Error::NotTracked)));
    assert!(matches!(module.forward(view, &[9]), Err(Error::Record { record: 9, .. })));
    assert_eq!(module.to_network().unwrap(), network);

    let short = TokenView::new(&TOKENS[..12], &[0, 10, 12], &table).unwrap();
    let error = module.forward(short, &[0, 1]).unwrap_err().to_string();
    assert!(error.contains("sequence 1 (0-based) has 2 letters"), "{error}");
    assert!(matches!(SequenceCkn::from_network(&network, &test.device, DType::F16), Err(Error::NumberType { .. })));
}

#[test]
fn a_configuration_and_a_seed_give_the_network_of_that_seed() {
    let test = &devices()[0];
    let network = network(Strands::Forward, Border::Valid, Pooling::Mean);
    let config = SequenceCknConfig::new(NetworkConfig::clone(network.config())).with_seed(3);
    let json = serde_json::to_string(&config).unwrap();
    let config: SequenceCknConfig = serde_json::from_str(&json).unwrap();
    assert_eq!(config.init(&test.device).unwrap().to_network().unwrap(), network);
}
