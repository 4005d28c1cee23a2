//! Token tensors, as a `Batcher` yields them, against views of the same sequences.

use burn::tensor::{Int, Tensor, TensorData};
use ckn_burn::{Error, FirstLayer, SequenceCkn, TokenBatch};
use ckn_core::TokenView;
use ckn_core::pooling::{Border, Pooling, Strands};

use crate::encoding::nucleotides;
use crate::network::{OFFSETS, TOKENS, network};
use crate::stack::network as deep;
use crate::support::{TestDevice, assert_close, devices, numbers};

const LENGTHS: [usize; 3] = [13, 10, 9];

/// The first three sequences as rows of 16 tokens, the rest of each filled with `padding`.
fn padded(test: &TestDevice, padding: i64) -> Tensor<2, Int> {
    let mut rows = vec![padding; 3 * 16];
    for (record, row) in rows.chunks_exact_mut(16).enumerate() {
        let tokens = &TOKENS[OFFSETS[record]..OFFSETS[record + 1]];
        row.iter_mut().zip(tokens).for_each(|(slot, &token)| *slot = i64::from(token));
    }
    Tensor::from_data(TensorData::new(rows, [3, 16]), &test.device)
}

#[test]
fn token_tensors_equal_views_and_slices_whatever_stands_in_the_padding() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for test in devices() {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
            for (strands, border) in [(Strands::Forward, Border::Valid), (Strands::Max, Border::Same)] {
                for depth in 1..=2 {
                    let network = deep(depth, pooling, strands, border);
                    let prepared = network.prepared::<f32>(&table).unwrap();
                    let mut slices = vec![0.0; 3 * prepared.row()];
                    prepared.embed(&prepared.config().index(view).unwrap(), &[0, 1, 2], &mut slices).unwrap();
                    let slices: Vec<f64> = slices.into_iter().map(f64::from).collect();
                    let module = SequenceCkn::from_network(&network, &test.device, test.dtype).unwrap();
                    for first in [FirstLayer::Tables, FirstLayer::Reference] {
                        let module = module.clone().with_first_layer(first);
                        let want = numbers(module.forward(view, &[0, 1, 2]).unwrap());
                        let place = format!("{} {pooling:?} {strands:?} {border:?} depth {depth} {first:?}", test.name);
                        for padding in [0, 3, 6, -1, 1 << 20] {
                            let embeddings = module.forward_tokens(padded(&test, padding), &LENGTHS, &table).unwrap();
                            assert_eq!(numbers(embeddings), want, "{place}");
                        }
                        assert_close(&want, &slices, test.tolerance.max(1e-5), &place);
                    }
                }
            }
        }
    }
}

#[test]
fn tokens_and_lengths_that_do_not_fit_are_named() {
    let table = nucleotides();
    for test in devices() {
        let refused =
            |padding, lengths: &[usize]| TokenBatch::from_tensor(padded(&test, padding), lengths, &table).unwrap_err();
        let error = refused(300, &[13, 11, 9]);
        assert!(matches!(error, Error::Token { token: 300, record: 1, position: 10, known: 7 }), "{error}");
        assert!(matches!(refused(-1, &[13, 10, 10]), Error::Token { token: -1, record: 2, position: 9, .. }));
        assert!(matches!(refused(0, &[13, 10, 17]), Error::Length { record: 2, length: 17, limit: 16 }));
        assert!(matches!(refused(0, &[13, 10]), Error::Size { expected: 3, got: 2, .. }));
        let module = network(Strands::Forward, Border::Valid, Pooling::Mean);
        let module = SequenceCkn::from_network(&module, &test.device, test.dtype).unwrap();
        let error = module.forward_tokens(padded(&test, 0), &[13, 2, 9], &table).unwrap_err().to_string();
        assert!(error.contains("sequence 1 (0-based) has 2 letters"), "{error}");
    }
}
