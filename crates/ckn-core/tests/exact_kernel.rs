//! Exact kernels against what they are the limit of, and against what every kernel must be.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::DotProductKernel;
use ckn_core::mismatch::{Profile, gram};
use ckn_core::network::{LayerConfig, NetworkConfig, Prepared};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::sequence::KmerIndex;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use faer::{MatRef, Side};
use proptest::prelude::*;

fn dna() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

#[test]
fn a_network_whose_anchors_are_all_windows_has_the_exact_kernel() {
    const WIDTH: usize = 4;
    let table = dna();
    let tokens: Vec<u8> = (0..75).map(|at| ((at * at + at / 7) % 4) as u8).collect();
    let offsets = [0, 11, 26, 40, 60, 75];
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let windows: std::collections::BTreeSet<&[u8]> =
        (0..view.len()).flat_map(|record| view.sequence(record).windows(WIDTH)).collect();
    let mut anchors = Vec::new();
    for window in &windows {
        for letter in 0..4 {
            anchors.extend(window.iter().map(|&token| if token == letter { 0.5 } else { 0.0 }));
        }
    }
    for sigma in [0.3, 0.6] {
        let kernel = DotProductKernel::Exponential { sigma };
        let config = NetworkConfig {
            letters: 4,
            layers: vec![LayerConfig { filters: windows.len(), width: WIDTH, kernel, subsampling: 1 }],
            pooling: Pooling::Sum,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-9 },
            ..NetworkConfig::of_one_layer(4, 1, 1)
        };
        let layer = Prepared::<f64>::new(&config.check().unwrap(), &[&anchors], &table).unwrap();
        let index = KmerIndex::new(view, WIDTH, Border::Valid).unwrap();
        let mut embeddings = vec![0.0; view.len() * windows.len()];
        layer.embed(&index, &[0, 1, 2, 3, 4], &mut embeddings).unwrap();
        let exact = gram(view, WIDTH, false, &[Profile::Exponential { sigma }]).unwrap();
        for (x, left) in embeddings.chunks_exact(windows.len()).enumerate() {
            for (y, right) in embeddings.chunks_exact(windows.len()).enumerate() {
                // Patches have norm √l, so that inner products are l times sums of κ.
                let inner: f64 = left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>() / WIDTH as f64;
                let want = f64::from(exact.row(0, x)[y]);
                assert!((inner - want).abs() < 1e-4 * want, "sigma {sigma}, {x}, {y}: {inner} {want}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kernel_matrices_are_positive_semidefinite(
        sequences in proptest::collection::vec(proptest::collection::vec(0u8..5, 0..40), 2..30),
        width in 1usize..13,
        informative in 1usize..13,
        sigma in 0.1f64..2.0,
        both in any::<bool>(),
    ) {
        let table = dna();
        let mut offsets = vec![0];
        offsets.extend(sequences.iter().scan(0, |end, sequence| { *end += sequence.len(); Some(*end) }));
        let tokens = sequences.concat();
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        // All gapped k-mers: a kernel that is cut off at some number of mismatches need not be one.
        let gapped = Profile::GappedKmer { informative: informative.min(width), mismatches: width };
        let grams = gram(view, width, both, &[Profile::Exponential { sigma }, gapped]).unwrap();
        let size = view.len();
        for profile in 0..2 {
            let matrix: Vec<f64> = (0..size).flat_map(|row| grams.row(profile, row)).map(|&value| f64::from(value)).collect();
            let trace: f64 = (0..size).map(|at| matrix[at * (size + 1)]).sum();
            let values = MatRef::from_row_major_slice(&matrix, size, size).self_adjoint_eigenvalues(Side::Lower).unwrap();
            // Entries are rounded to single precision.
            prop_assert!(values.iter().all(|&value| value >= -1e-6 * (1.0 + trace)), "{values:?}");
        }
    }
}
