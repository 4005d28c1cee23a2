//! The k-mer tables against the definition of the layer: dense patches, one window at a time.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_core::kernel::{DotProductKernel, gram};
use ckn_core::network::{CheckedConfig, LayerConfig, NetworkConfig};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::sequence::{KmerIndex, PullBackBuffers, SequenceLayer};
use ckn_core::whitening::{InverseRoot, Regularisation};
use ckn_core::{LetterTable, Scalar, TokenView};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// The definition read literally, in f64: every window as a dense patch.
fn embed_by_definition(anchors: &[f64], config: &CheckedConfig, table: &LetterTable, sequence: &[u8]) -> Vec<f64> {
    let LayerConfig { filters: p, width: l, kernel, .. } = config.layers[0];
    let (letters, border) = (table.letters(), config.border);
    let a = gram(anchors, p, &kernel).unwrap();
    let root = InverseRoot::new(&a, p, config.regularisation).unwrap();
    let mut out = Vec::new();
    for strand in 0..config.strands.count() {
        let tokens: Vec<u8> = match strand {
            0 => sequence.to_vec(),
            _ => sequence.iter().rev().map(|&t| table.complement().unwrap()[usize::from(t)]).collect(),
        };
        let mut columns = vec![vec![0.0; letters]; border.before(l)];
        columns.extend(tokens.iter().map(|&token| table.vector(token).to_vec()));
        columns.extend(vec![vec![0.0; letters]; border.after(l)]);
        let per_window: Vec<Vec<f64>> = columns
            .windows(l)
            .map(|patch| {
                let norm = patch.iter().flatten().map(|x| x * x).sum::<f64>().sqrt();
                let k: Vec<f64> = (0..p)
                    .map(|i| {
                        let dot: f64 = (0..l)
                            .flat_map(|j| (0..letters).map(move |c| (j, c)))
                            .map(|(j, c)| patch[j][c] * anchors[(i * letters + c) * l + j])
                            .sum();
                        if norm == 0.0 { 0.0 } else { norm * kernel.value(dot / norm) }
                    })
                    .collect();
                (0..p).map(|i| (0..p).map(|j| root.matrix()[i * p + j] * k[j]).sum()).collect()
            })
            .collect();
        let count = per_window.len() as f64;
        out.extend((0..p).map(|i| {
            let values = per_window.iter().map(|psi| psi[i]);
            match config.pooling {
                Pooling::Mean => values.sum::<f64>() / count,
                Pooling::Sum => values.sum::<f64>(),
                Pooling::Max => values.fold(f64::NEG_INFINITY, f64::max),
                Pooling::Gmp => unreachable!("not a pooling of this layer"),
            }
        }));
    }
    out
}

#[derive(Debug, Clone)]
struct Case {
    config: CheckedConfig,
    letters: usize,
    anchors: Vec<f64>,
    sequences: Vec<Vec<u8>>,
}

impl Case {
    fn table(&self) -> LetterTable {
        let n = self.letters;
        let mut mixtures = vec![1.0 / n as f64; n];
        mixtures.extend((0..n).map(|letter| if letter < 2 { 0.5 } else { 0.0 }));
        let complement: Vec<u8> = (0..n as u8).rev().chain([n as u8]).collect();
        // The second mixture has no complement of its own among the tokens unless the alphabet has two letters.
        let complement = (n == 2).then(|| [complement.clone(), vec![n as u8 + 1]].concat());
        match (self.config.strands, complement) {
            (Strands::Forward, _) => LetterTable::new(n, &mixtures, None).unwrap(),
            (_, Some(map)) => LetterTable::new(n, &mixtures, Some(&map)).unwrap(),
            _ => {
                let map: Vec<u8> = (0..n as u8).rev().chain([n as u8]).collect();
                LetterTable::new(n, &mixtures[..n], Some(&map)).unwrap()
            }
        }
    }

    fn tokens(&self) -> (Vec<u8>, Vec<usize>) {
        let known = self.table().tokens() as u8;
        let mut offsets = vec![0];
        let mut tokens = Vec::new();
        for sequence in &self.sequences {
            tokens.extend(sequence.iter().map(|token| token % known));
            offsets.push(tokens.len());
        }
        (tokens, offsets)
    }
}

fn unit_anchors(filters: usize, size: usize, raw: &[f64]) -> Vec<f64> {
    let mut anchors: Vec<f64> = raw.iter().cycle().take(filters * size).copied().collect();
    for (i, anchor) in anchors.chunks_exact_mut(size).enumerate() {
        anchor[i % size] += 0.7 + 0.01 * i as f64;
        let norm = anchor.iter().map(|x| x * x).sum::<f64>().sqrt();
        anchor.iter_mut().for_each(|x| *x /= norm);
    }
    anchors
}

fn kernels() -> impl Strategy<Value = DotProductKernel> {
    prop_oneof![
        6 => (0.05f64..2.0).prop_map(|sigma| DotProductKernel::Exponential { sigma }),
        1 => Just(DotProductKernel::Polynomial { degree: 3 }),
        1 => Just(DotProductKernel::ArcCosine { order: 1 }),
        1 => Just(DotProductKernel::Linear),
    ]
}

fn cases(max_filters: usize) -> impl Strategy<Value = Case> {
    let shape = (prop_oneof![3 => Just(4usize), 1 => Just(2), 1 => Just(20)], 3usize..41, 1usize..=max_filters);
    let modes = (
        prop_oneof![Just(Pooling::Mean), Just(Pooling::Max), Just(Pooling::Sum)],
        prop_oneof![Just(Strands::Forward), Just(Strands::Max)],
        prop_oneof![Just(Border::Valid), Just(Border::Same)],
        kernels(),
        prop_oneof![Just(Regularisation::Shift { epsilon: 1e-2 }), Just(Regularisation::Reference { epsilon: 1e-2 })],
    );
    let raw = proptest::collection::vec(-1.0f64..1.0, 997);
    // Mostly letters, sometimes a run of unknown ones.
    let letter = || prop_oneof![30 => (0u8..20).boxed(), 1 => (20u8..22).boxed()];
    let sequences = proptest::collection::vec((proptest::collection::vec(letter(), 0..90), 0usize..4), 1..6);
    (shape, modes, raw, sequences).prop_map(|((letters, width, filters), modes, raw, sequences)| {
        let (pooling, strands, border, kernel, regularisation) = modes;
        let layers = vec![LayerConfig { filters, width, kernel, subsampling: 1 }];
        let config = NetworkConfig {
            letters,
            layers,
            pooling,
            strands,
            border,
            regularisation,
            ..NetworkConfig::of_one_layer(4, 1, 1)
        }
        .check()
        .unwrap();
        let anchors = unit_anchors(filters, letters * width, &raw);
        let sequences = sequences
            .into_iter()
            .map(|(body, unknown)| {
                let mut sequence: Vec<u8> =
                    body.iter().map(|t| if *t < 20 { t % letters as u8 } else { letters as u8 + t - 20 }).collect();
                let at = sequence.len() / 2;
                sequence.splice(at..at, std::iter::repeat_n(letters as u8, unknown));
                while sequence.len() < width {
                    sequence.push((sequence.len() * 7 % letters) as u8);
                }
                sequence
            })
            .collect();
        Case { config, letters, anchors, sequences }
    })
}

fn embed<S: Scalar>(case: &Case) -> Vec<f64> {
    let (table, (tokens, offsets)) = (case.table(), case.tokens());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let index = KmerIndex::new(view, case.config.layers[0].width, case.config.border).unwrap();
    let layer = SequenceLayer::<S>::new(&case.anchors, &case.config, &table).unwrap();
    let records: Vec<usize> = (0..view.len()).collect();
    let mut out = vec![S::zero(); records.len() * layer.row()];
    layer.embed(&index, &records, &mut out).unwrap();
    assert_eq!(layer.forward(&index, &records).embeddings, out);
    out.into_iter().map(Scalar::wide).collect()
}

fn by_definition(case: &Case) -> Vec<f64> {
    let (table, (tokens, offsets)) = (case.table(), case.tokens());
    offsets
        .windows(2)
        .flat_map(|w| embed_by_definition(&case.anchors, &case.config, &table, &tokens[w[0]..w[1]]))
        .collect()
}

fn check_close(got: &[f64], want: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    check_close_above(0.0, got, want, tolerance)
}

fn check_close_above(floor: f64, got: &[f64], want: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    let scale = want.iter().fold(0.0f64, |largest, x| largest.max(x.abs())).max(1e-30);
    for (g, w) in got.iter().zip(want) {
        prop_assert!((g - w).abs() <= tolerance * scale + floor, "{g} {w} at scale {scale}");
    }
    Ok(())
}

/// What rounding the kernel's values to `f32` does to `R k`, however it is computed: `R`'s rows times values of at most
/// `√l κ(1)`, each off by a few units in the last place, and the rounding of `p` partial sums, each as large as the whole in
/// the worst case; all in quadrature.
fn rounding_floor(case: &Case) -> f64 {
    let LayerConfig { filters, width, kernel, .. } = case.config.layers[0];
    let (pooling, regularisation) = (case.config.pooling, case.config.regularisation);
    let root = InverseRoot::new(&gram(&case.anchors, filters, &kernel).unwrap(), filters, regularisation).unwrap();
    let longest_row = root
        .matrix()
        .chunks_exact(filters)
        .map(|row| row.iter().map(|x| x * x).sum::<f64>().sqrt())
        .fold(0.0, f64::max);
    let summed = match pooling {
        Pooling::Sum => case.sequences.iter().map(Vec::len).max().unwrap() as f64,
        _ => 1.0,
    };
    let units = 4.0 + (filters as f64).sqrt();
    units * f64::from(f32::EPSILON / 2.0) * longest_row * summed * (width as f64).sqrt() * kernel.value(1.0f64)
}

/// `PROPTEST_CASES`, or a number that takes seconds.
fn cases_or(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

proptest! {
    #![proptest_config(Config { cases: cases_or(150), failure_persistence: None, ..Config::default() })]

    #[test]
    fn tables_in_f64_equal_the_definition_to_1e_12(case in cases(130)) {
        check_close(&embed::<f64>(&case), &by_definition(&case), 1e-12)?;
    }

    #[test]
    fn tables_in_f32_equal_the_definition_to_1e_5(mut case in cases(130)) {
        // More anchors than the kernel's rank: the root multiplies rounding by 1/ε.
        if case.config.layers[0].kernel.alpha().is_none() {
            let regularisation = Regularisation::Shift { epsilon: 0.1 };
            case.config = NetworkConfig { regularisation, ..(*case.config).clone() }.check().unwrap();
        }
        check_close_above(rounding_floor(&case), &embed::<f32>(&case), &by_definition(&case), 1e-5)?;
    }
}

/// `Σ c_i ψ_i` for fixed coefficients, by definition; anchors are not renormalised.
fn objective(case: &Case, upstream: &[f64]) -> f64 {
    by_definition(case).iter().zip(upstream).map(|(a, b)| a * b).sum()
}

fn gradient<S: Scalar>(case: &Case, upstream: &[f64]) -> (Vec<f64>, f64) {
    let (table, (tokens, offsets)) = (case.table(), case.tokens());
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let index = KmerIndex::new(view, case.config.layers[0].width, case.config.border).unwrap();
    let layer = SequenceLayer::<S>::new(&case.anchors, &case.config, &table).unwrap();
    let records: Vec<usize> = (0..view.len()).collect();
    let forward = layer.forward(&index, &records);
    let upstream: Vec<S> = upstream.iter().map(|&value| S::of(value)).collect();
    let gradient = layer.pull_back(&index, &records, &forward, &upstream, &mut PullBackBuffers::default()).unwrap();
    (gradient.anchors[0].clone(), gradient.sigma[0])
}

proptest! {
    #![proptest_config(Config { cases: cases_or(60), failure_persistence: None, ..Config::default() })]

    #[test]
    fn gradients_equal_finite_differences_along_random_directions(
        mut case in cases(9),
        direction in proptest::collection::vec(-1.0f64..1.0, 997),
    ) {
        let regularisation = Regularisation::Shift { epsilon: 1e-2 };
        case.config = NetworkConfig { regularisation, ..(*case.config).clone() }.check().unwrap();
        if let DotProductKernel::Exponential { sigma } = case.config.layers[0].kernel {
            case.config.set_sigma(0, sigma.max(0.2)).unwrap();
        }
        let upstream: Vec<f64> = by_definition(&case).iter().enumerate().map(|(i, _)| ((i * 37 % 11) as f64 - 5.0) / 5.0).collect();
        let (by_anchors, by_sigma) = gradient::<f64>(&case, &upstream);
        let step = 1e-6;
        let tangent = tangent(&case, |k| direction[k % direction.len()]);
        let numeric = directional(&case, &tangent, &upstream, step);
        let exact: f64 = by_anchors.iter().zip(&tangent).map(|(a, b)| a * b).sum();
        let magnitude = by_anchors.iter().map(|g| g.abs()).sum::<f64>();
        // A kink of the maximum within the step is the only place where the two may differ.
        if case.config.pooling != Pooling::Max {
            prop_assert!((numeric - exact).abs() < 1e-6 * (1.0 + magnitude), "{numeric} {exact}");
        }
        if let DotProductKernel::Exponential { sigma } = case.config.layers[0].kernel && case.config.pooling != Pooling::Max {
            let at = |sigma: f64| {
                let mut other = case.clone();
                other.config.set_sigma(0, sigma).unwrap();
                objective(&other, &upstream)
            };
            let numeric = (at(sigma + step) - at(sigma - step)) / (2.0 * step);
            prop_assert!((numeric - by_sigma).abs() < 1e-6 * (1.0 + by_sigma.abs() + magnitude), "{numeric} {by_sigma}");
        }
        let (in_f32, sigma_f32) = gradient::<f32>(&case, &upstream);
        check_close(&in_f32, &by_anchors, 2e-5)?;
        prop_assert!((sigma_f32 - by_sigma).abs() < 1e-4 * (by_sigma.abs() + magnitude), "{sigma_f32} {by_sigma}");
    }
}

#[test]
fn the_gradient_of_max_pooling_equals_finite_differences() {
    let tokens: Vec<u8> = (0..60).map(|i: u32| ((i * i * 7 + i * 3) / 5 % 4) as u8).collect();
    let raw: Vec<f64> = (0..997).map(|i| ((i * 53 % 89) as f64 - 44.0) / 50.0).collect();
    for (strands, border) in [(Strands::Forward, Border::Valid), (Strands::Max, Border::Same)] {
        let kernel = DotProductKernel::Exponential { sigma: 0.5 };
        let config = NetworkConfig {
            letters: 4,
            layers: vec![LayerConfig { filters: 5, width: 6, kernel, subsampling: 1 }],
            pooling: Pooling::Max,
            strands,
            border,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            ..NetworkConfig::of_one_layer(4, 1, 1)
        };
        let case = Case {
            config: config.check().unwrap(),
            letters: 4,
            anchors: unit_anchors(5, 24, &raw),
            sequences: vec![tokens[..25].to_vec(), tokens[25..].to_vec()],
        };
        let upstream: Vec<f64> = (0..by_definition(&case).len()).map(|i| (i % 7) as f64 - 3.0).collect();
        let (exact, _) = gradient::<f64>(&case, &upstream);
        for direction in 0..20 {
            let tangent = tangent(&case, |k| ((k * 31 + direction * 17) % 13) as f64 / 13.0 - 0.5);
            let numeric = directional(&case, &tangent, &upstream, 1e-6);
            let along: f64 = exact.iter().zip(&tangent).map(|(a, b)| a * b).sum();
            assert!((numeric - along).abs() < 1e-6 * (1.0 + along.abs()), "{direction}: {numeric} {along}");
        }
    }
}

/// A direction in the tangent of the spheres, so that cosines stay in their domain.
fn tangent(case: &Case, direction: impl Fn(usize) -> f64) -> Vec<f64> {
    let size = case.letters * case.config.layers[0].width;
    let mut tangent: Vec<f64> = (0..case.anchors.len()).map(direction).collect();
    for (t, z) in tangent.chunks_exact_mut(size).zip(case.anchors.chunks_exact(size)) {
        let dot: f64 = t.iter().zip(z).map(|(a, b)| a * b).sum();
        t.iter_mut().zip(z).for_each(|(a, b)| *a -= dot * b);
    }
    tangent
}

/// Central difference of the objective along a tangent direction, on the spheres.
fn directional(case: &Case, tangent: &[f64], upstream: &[f64], step: f64) -> f64 {
    let size = case.letters * case.config.layers[0].width;
    let moved = |sign: f64| {
        let mut other = case.clone();
        other.anchors.iter_mut().zip(tangent).for_each(|(z, t)| *z += sign * step * t);
        for z in other.anchors.chunks_exact_mut(size) {
            let norm = z.iter().map(|x| x * x).sum::<f64>().sqrt();
            z.iter_mut().for_each(|x| *x /= norm);
        }
        objective(&other, upstream)
    };
    (moved(1.0) - moved(-1.0)) / (2.0 * step)
}
