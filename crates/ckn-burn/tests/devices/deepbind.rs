//! The network after DeepBind: tensors say what slices say, and the graph's gradient is that of finite differences.

use burn::module::Param;
use burn::tensor::{DType, Tensor};
use ckn_burn::DeepBind;
use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use ckn_model::DeepBindConfig;

use crate::support::{assert_close, devices, double_devices, numbers, scattered};

const LETTERS: usize = 4;

fn table() -> LetterTable {
    LetterTable::new(LETTERS, &[0.25, 0.25, 0.25, 0.25, 0.5, 0.0, 0.5, 0.0], Some(&[3, 2, 1, 0, 4, 5])).unwrap()
}

/// Sequences of very different lengths, one shorter than a filter, with letters that are mixtures.
fn tokens() -> (Vec<u8>, Vec<usize>) {
    let lengths = [13, 3, 40, 21, 1];
    let tokens = scattered(lengths.iter().sum(), 3).iter().map(|value| (value.abs() * 5.999) as u8).collect();
    let offsets = std::iter::once(0).chain(lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    }));
    (tokens, offsets.collect())
}

fn network(strands: Strands) -> ckn_model::DeepBind {
    let config = DeepBindConfig { letters: LETTERS, filters: 6, width: 7, strands };
    let network = ckn_model::DeepBind::random(config.check().unwrap(), 0.5, &mut Seed(8).stream("network")).unwrap();
    let biases = config.filter_numbers()..config.filter_numbers() + config.filters;
    let mut parameters = network.parameters().to_vec();
    for (parameter, value) in parameters[biases].iter_mut().zip(scattered(config.filters, 4)) {
        *parameter = value as f32;
    }
    network.with_parameters(parameters).unwrap()
}

#[test]
fn tensors_and_slices_give_the_same_scores() {
    let (table, (tokens, offsets)) = (table(), tokens());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let records = [4, 2, 0, 1, 3];
    for test in devices() {
        for strands in [Strands::Forward, Strands::Max, Strands::Mean] {
            let network = network(strands);
            let module = DeepBind::from_network(&network, &test.device, test.dtype).unwrap();
            let all = network.scores(view).unwrap();
            let expected: Vec<f64> = records.iter().map(|&record| all[record]).collect();
            let got = numbers(module.forward(view, &records, None).unwrap());
            assert_close(&got, &expected, 1e-5, &format!("{} {strands:?}", test.name));
            assert_eq!(module.to_network().unwrap(), network);
        }
    }
}

#[test]
fn gradients_equal_finite_differences() {
    let (table, (tokens, offsets)) = (table(), tokens());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let records: Vec<usize> = (0..view.len()).collect();
    for test in double_devices() {
        let tracking = test.clone().tracking();
        for strands in [Strands::Max, Strands::Mean] {
            let network = network(strands);
            let masks: Vec<f32> = scattered(records.len() * 6, 9).iter().map(|&value| value.abs() as f32).collect();
            let slopes: Vec<f32> = scattered(records.len(), 10).iter().map(|&value| value as f32).collect();
            let module = DeepBind::from_network(&network, &tracking.device, DType::F64).unwrap();
            let mut upstream = |_: &[f32], gradient: &mut [f32]| gradient.copy_from_slice(&slopes);
            let got = module.gradient(view, &records, &masks, &mut upstream).unwrap();
            let plain = DeepBind::from_network(&network, &test.device, DType::F64).unwrap();
            let doubled = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
            let weigh: Tensor<1> = test.tensor(&doubled(&slopes), [records.len()]);
            let masks: Tensor<2> = test.tensor(&doubled(&masks), [records.len(), 6]);
            let objective = |parameters: &[f64]| {
                let mut module = plain.clone();
                let (filters, rest) = parameters.split_at(6 * LETTERS * 7);
                module.filters = Param::from_tensor(test.tensor(filters, [6, LETTERS, 7]));
                module.biases = Param::from_tensor(test.tensor(&rest[..6], [6]));
                module.weights = Param::from_tensor(test.tensor(&rest[6..12], [6]));
                module.intercept = Param::from_tensor(test.tensor(&rest[12..], [1]));
                let scores = module.forward(view, &records, Some(masks.clone())).unwrap();
                numbers((scores * weigh.clone()).sum())[0]
            };
            let start = doubled(network.parameters());
            let step = 1e-6;
            let expected: Vec<f64> = (0..start.len())
                .map(|index| {
                    let at = |by: f64| {
                        let mut moved = start.clone();
                        moved[index] += by;
                        objective(&moved)
                    };
                    (at(step) - at(-step)) / (2.0 * step)
                })
                .collect();
            // The gradient is handed out in single precision.
            assert_close(&doubled(&got), &expected, 1e-6, &format!("{} {strands:?}", test.name));
        }
    }
}
