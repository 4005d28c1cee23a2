//! Any model comes back from its file with the same bits.

use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Random;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig};
use proptest::prelude::*;
use rand::SeedableRng;
use serde_json::json;

use crate::support::{card, model_of, read};

fn kernels() -> impl Strategy<Value = DotProductKernel> {
    prop_oneof![
        (0.05f64..5.0).prop_map(|sigma| DotProductKernel::Exponential { sigma }),
        (1u32..5).prop_map(|degree| DotProductKernel::Polynomial { degree }),
        (0u32..2).prop_map(|order| DotProductKernel::ArcCosine { order }),
        Just(DotProductKernel::Linear),
    ]
}

fn configs() -> impl Strategy<Value = NetworkConfig> {
    let layer = || (1usize..9, 1usize..6, 1usize..4, kernels());
    let pooling = prop_oneof![Just(Pooling::Mean), Just(Pooling::Max), Just(Pooling::Sum), Just(Pooling::Gmp)];
    let strands = prop_oneof![Just(Strands::Forward), Just(Strands::Max), Just(Strands::Mean)];
    let border = prop_oneof![Just(Border::Valid), Just(Border::Same)];
    let regularisation = (1e-9f64..1.0, any::<bool>()).prop_map(|(epsilon, shift)| match shift {
        true => Regularisation::Shift { epsilon },
        false => Regularisation::Reference { epsilon },
    });
    // Twelve layers, so that `layer.10` comes before `layer.2` in the file.
    let layers =
        prop_oneof![4 => proptest::collection::vec(layer(), 1..4), 1 => proptest::collection::vec(layer(), 12)];
    let decay = prop_oneof![Just(0.0), 1e-9f64..0.999];
    // What any two letters have in common.
    let in_common = prop_oneof![Just(None), (0.0f64..1.0).prop_map(Some)];
    (1usize..21, layers, pooling, strands, border, regularisation, (decay, in_common)).prop_map(
        |(letters, layers, pooling, strands, border, regularisation, (decay, in_common))| {
            let last = layers.len() - 1;
            let layers: Vec<_> = layers
                .into_iter()
                .enumerate()
                .map(|(index, (filters, width, subsampling, kernel))| {
                    let subsampling = if index == last { 1 } else { subsampling };
                    LayerConfig { filters, width, kernel, subsampling }
                })
                .collect();
            let may_have_gaps =
                border == Border::Valid && matches!(layers[0].kernel, DotProductKernel::Exponential { .. });
            let gap_decay = if may_have_gaps { decay } else { 0.0 };
            NetworkConfig {
                letters,
                layers,
                pooling,
                strands,
                border,
                regularisation,
                gap_decay,
                letter_similarity: in_common.map_or_else(Vec::new, |value| uniform(letters, value)),
            }
        },
    )
}

fn uniform(letters: usize, in_common: f64) -> Vec<f64> {
    (0..letters * letters).map(|at| if at % (letters + 1) == 0 { 1.0 } else { in_common }).collect()
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![Just(-0.0), Just(f64::MIN_POSITIVE / 3.0), proptest::num::f64::NORMAL, 0.0f64..1.0]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_model_comes_back_bit_by_bit(
        config in configs(),
        seeds in any::<[u64; 2]>(),
        weights in proptest::collection::vec(finite(), 8),
        intercept in finite(),
        measured in proptest::collection::btree_map("\\PC{0,8}", finite(), 0..5),
        setting in finite(),
        // None, or so many outputs.
        outputs in prop_oneof![Just(0usize), 1usize..4],
    ) {
        let network = Network::random(config.clone().check().unwrap(), &mut Random::seed_from_u64(seeds[0])).unwrap();
        let head = |output: usize| {
            let weights = weights[..network.dimension()].iter().map(|weight| weight - output as f64).collect();
            LinearHead::new(weights, intercept + output as f64).unwrap()
        };
        let heads: Vec<LinearHead> = (0..outputs.max(1)).map(head).collect();
        let mut card = card(&"ACDEFGHIKLMNPQRSTVWY"[..config.letters]);
        card.seed = seeds[1];
        card.measured = measured;
        card.training = json!({ "setting": setting, "more": [setting, -3, u64::MAX] });
        card.outputs = (0..outputs).map(|output| format!("task {output}")).collect();
        let model = Model::of_network(network, heads, card).unwrap();

        let bytes = model.to_bytes().unwrap();
        prop_assert_eq!(&bytes, &model.clone().to_bytes().unwrap());
        let loaded = read(&bytes).unwrap();
        prop_assert_eq!(&loaded, &model);
        let bits = |model: &Model| {
            let anchors = model.network().unwrap().network().layers().iter().flat_map(|layer| layer.anchors());
            let heads = model.network().unwrap().heads().iter().flat_map(|head| head.weights().iter().copied().chain([head.intercept()]));
            (anchors.map(|value| value.to_bits()).collect::<Vec<_>>(), heads.map(f64::to_bits).collect::<Vec<_>>())
        };
        prop_assert_eq!(bits(&loaded), bits(&model));
        prop_assert_eq!(loaded.to_bytes().unwrap(), bytes);
    }
}

#[test]
fn every_combination_scores_from_its_file_as_before_bit_by_bit() {
    let table = LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap();
    let tokens = [0, 1, 2, 3, 0, 0, 1, 4, 2, 3, 1, 3, 0, 3, 3, 1, 0, 2, 2, 1, 0, 3, 1, 2, 0, 1, 1, 3, 2, 0];
    let view = TokenView::new(&tokens, &[0, 13, 30], &table).unwrap();
    for depth in 1..=3 {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
            for strands in [Strands::Forward, Strands::Max, Strands::Mean] {
                for border in [Border::Valid, Border::Same] {
                    let layer = |filters, width, subsampling| LayerConfig {
                        filters,
                        width,
                        kernel: DotProductKernel::Exponential { sigma: 0.5 },
                        subsampling,
                    };
                    let mut layers = vec![layer(6, 4, 2), layer(5, 3, 1), layer(4, 2, 1)];
                    layers.truncate(depth);
                    layers[depth - 1].subsampling = 1;
                    let regularisation = Regularisation::Shift { epsilon: 1e-3 };
                    let config = NetworkConfig {
                        letters: 4,
                        layers,
                        pooling,
                        strands,
                        border,
                        regularisation,
                        ..NetworkConfig::of_one_layer(4, 1, 1)
                    };
                    let model = model_of(config, card("ACGT"), depth as u64);
                    let loaded = read(&model.to_bytes().unwrap()).unwrap();
                    let bits = |model: &Model| -> Vec<u64> {
                        model.scores(view).unwrap().into_iter().map(f64::to_bits).collect()
                    };
                    assert_eq!(bits(&loaded), bits(&model), "depth {depth} {pooling:?} {strands:?} {border:?}");
                }
            }
        }
    }
}

#[test]
fn short_sequences_are_lengthened_at_their_end_where_the_card_says_so() {
    // The unknown letter is the mixture of all letters alike, wherever it stands among the mixtures.
    let table = LetterTable::new(4, &[[0.5, 0.5, 0.0, 0.0], [0.25; 4]].concat(), None).unwrap();
    let (short, by_hand) = ([0, 1, 2, 3, 3, 2, 1], [0, 1, 2, 5, 5, 5, 5, 3, 3, 2, 1, 5, 5, 5]);
    let config = NetworkConfig::of_one_layer(4, 3, 7);
    let model = |pad_short| {
        let card = ModelCard { pad_short, ..card("ACGT") };
        model_of(config.clone(), card, 3)
    };
    let view = TokenView::new(&short, &[0, 3, 7], &table).unwrap();
    let longer = TokenView::new(&by_hand, &[0, 7, 14], &table).unwrap();
    assert_eq!(model(true).scores(view).unwrap(), model(false).scores(longer).unwrap());
    assert_eq!(model(true).scores(longer).unwrap(), model(false).scores(longer).unwrap());
    assert!(model(false).scores(view).unwrap_err().to_string().contains("3 letters"));
}
