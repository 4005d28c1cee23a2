//! Mismatch kernels, against counting by definition.

use super::*;
use crate::{Error, LetterTable, TokenView};

pub(super) fn dna() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

/// Sequences of several lengths, with an unknown letter here and there, and more of them than fit one block.
pub(super) fn sequences(count: usize, letters: u64, unknown: u8) -> (Vec<u8>, Vec<usize>) {
    let (mut tokens, mut offsets, mut state) = (Vec::new(), vec![0], 1u64);
    for record in 0..count {
        for _ in 0..(record * 7) % 40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let draw = state >> 33;
            tokens.push(if draw % 41 == 0 { unknown } else { (draw / 41 % letters) as u8 });
        }
        offsets.push(tokens.len());
    }
    (tokens, offsets)
}

/// `Σ h(mismatches)` window by window.
fn by_definition(view: TokenView<'_>, x: usize, y: usize, width: usize, both: bool, values: &[f64]) -> f64 {
    let known = |window: &&[u8]| window.iter().all(|&token| view.table().is_letter(token));
    let reverse: Vec<u8> = match view.table().complement() {
        Some(map) if both => view.sequence(x).iter().rev().map(|&token| map[usize::from(token)]).collect(),
        _ => Vec::new(),
    };
    let strands = [view.sequence(x), &reverse];
    let mut sum = 0.0;
    for left in strands.iter().flat_map(|strand| strand.windows(width)).filter(known) {
        for right in view.sequence(y).windows(width).filter(known) {
            sum += values[left.iter().zip(right).filter(|(a, b)| a != b).count()];
        }
    }
    sum
}

const PROFILES: [Profile; 3] = [
    Profile::Exponential { sigma: 0.4 },
    Profile::GappedKmer { informative: 2, mismatches: 1 },
    Profile::GappedKmer { informative: 3, mismatches: 60 },
];

pub(super) fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance * (1.0 + want.abs()), "{what}: {got} {want}");
}

#[test]
fn kernel_matrices_equal_their_definition() {
    let (table, protein) = (dna(), LetterTable::new(20, &[0.05; 20], None).unwrap());
    let (tokens, offsets) = sequences(530, 4, 4);
    let (amino, amino_offsets) = sequences(60, 20, 20);
    let dna = TokenView::new(&tokens, &offsets, &table).unwrap();
    let protein = TokenView::new(&amino, &amino_offsets, &protein).unwrap();
    for (view, width, both) in
        [(dna, 3, true), (dna, 6, false), (dna, 11, true), (dna, 17, true), (dna, 33, true), (protein, 4, false)]
    {
        let grams = gram(view, width, both, &PROFILES).unwrap();
        for (profile, kernel) in PROFILES.iter().enumerate() {
            let values = kernel.values(width).unwrap();
            for (x, y) in (0..view.len()).flat_map(|x| [(x, (x * 31 + 5) % view.len()), (x, x)]) {
                let want = by_definition(view, x, y, width, both, &values);
                close(grams.row(profile, x)[y].into(), want, 1e-6, &format!("width {width}, {kernel:?}, {x}, {y}"));
            }
        }
    }
}

#[test]
fn the_matrix_of_a_set_is_symmetric_bit_by_bit() {
    let table = dna();
    let (tokens, offsets) = sequences(600, 4, 4);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let grams = gram(view, 5, true, &PROFILES).unwrap();
    assert_eq!((grams.rows(), grams.columns()), (600, 600));
    for (x, y) in (0..600).flat_map(|x| (0..x).map(move |y| (x, y))) {
        assert_eq!(grams.row(0, x)[y].to_bits(), grams.row(0, y)[x].to_bits());
    }
    assert_eq!(grams, cross(view, view, 5, true, &PROFILES).unwrap());
}

#[test]
fn the_operator_on_words_equals_the_definition() {
    let table = dna();
    let (tokens, offsets) = sequences(50, 4, 4);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    for (width, both) in [(1, false), (3, true), (4, false), (8, true), (9, true)] {
        let words = Words::new(view, width, both).unwrap();
        for profile in &PROFILES[..if width < 3 { 1 } else { 3 }] {
            let values = profile.values(width).unwrap();
            let operator = WordOperator::new(width, profile).unwrap();
            let own = own_kernels(view, width, both, profile).unwrap();
            for x in [3, 17, 30] {
                let mut counts = vec![0.0f64; operator.words()];
                words.add(x, 1.0, &mut counts);
                operator.apply(&mut counts).unwrap();
                for y in 0..view.len() {
                    let want = by_definition(view, x, y, width, both, &values);
                    close(words.sum(y, &counts), want, 1e-9, &format!("width {width}, {profile:?}, {x}, {y}"));
                }
                close(own[x], by_definition(view, x, x, width, both, &values), 1e-12, "own");
            }
        }
    }
}

#[test]
fn the_own_kernel_of_a_long_sequence_is_the_sum_over_its_pairs() {
    let table = dna();
    // Repeats of one unit: few words, so that pairs can be counted by words.
    let unit = [0u8, 1, 2, 3, 3, 1, 4, 0, 0, 2, 1];
    let long: Vec<u8> = unit.iter().copied().cycle().take(9_000).collect();
    let view = TokenView::new(&long, &[0, 9_000], &table).unwrap();
    let profile = Profile::Exponential { sigma: 0.4 };
    let values = profile.values(4).unwrap();
    let got = own_kernels(view, 4, true, &profile).unwrap()[0];
    let mut counts: std::collections::BTreeMap<&[u8], f64> = Default::default();
    for window in long.windows(4).filter(|window| window.iter().all(|&token| token < 4)) {
        *counts.entry(window).or_insert(0.0) += 1.0;
    }
    let mut want = 0.0;
    for (left, n) in &counts {
        let reverse: Vec<u8> = left.iter().rev().map(|&token| 3 - token).collect();
        for (right, m) in &counts {
            for strand in [*left, &reverse] {
                want += n * m * values[strand.iter().zip(*right).filter(|(a, b)| a != b).count()];
            }
        }
    }
    close(got, want, 1e-9, "long");
}

#[test]
fn profiles_have_the_values_of_their_formulas() {
    let gapped = |k, m| Profile::GappedKmer { informative: k, mismatches: m }.values(6).unwrap();
    // C(6, 4) = 15, C(5, 4) = 5, C(4, 4) = 1.
    assert_eq!(gapped(4, 6), [1.0, 5.0 / 15.0, 1.0 / 15.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(gapped(4, 1), [1.0, 5.0 / 15.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let exponential = Profile::Exponential { sigma: 0.5 }.values(8).unwrap();
    assert!((exponential[3] - (-3.0f64 / 8.0 / 0.25).exp()).abs() < 1e-15);
}

#[test]
fn what_does_not_fit_is_named() {
    let (table, protein) = (dna(), LetterTable::new(20, &[], None).unwrap());
    let tokens = [0, 1, 2, 3, 0, 1];
    let view = TokenView::new(&tokens, &[0, 6], &table).unwrap();
    let amino = TokenView::new(&tokens, &[0, 6], &protein).unwrap();
    assert!(matches!(gram(view, 0, true, &PROFILES[..1]), Err(Error::Parameter { name: "width", .. })));
    assert!(matches!(gram(view, 64, true, &PROFILES[..1]), Err(Error::Parameter { name: "width", .. })));
    assert_eq!(gram(amino, 3, true, &PROFILES[..1]), Err(Error::NoComplement));
    assert!(matches!(Words::new(amino, 3, false), Err(Error::Parameter { name: "letters", .. })));
    assert!(matches!(Words::new(view, 13, false), Err(Error::Parameter { name: "width", .. })));
    assert!(matches!(WordOperator::new(13, &PROFILES[0]), Err(Error::Parameter { .. })));
    let profile = |sigma| Profile::Exponential { sigma }.values(4);
    assert!(profile(0.0).is_err() && profile(f64::NAN).is_err() && profile(1e-160).is_err());
    assert!(Profile::Exponential { sigma: 0.3 }.values(0).is_err());
    assert!(Profile::GappedKmer { informative: 5, mismatches: 0 }.values(4).is_err());
    let operator = WordOperator::new(3, &PROFILES[0]).unwrap();
    assert!(matches!(operator.apply(&mut [0.0f32; 63]), Err(Error::Shape { expected: 64, got: 63, .. })));
    // No window, no kernel.
    assert_eq!(gram(view, 9, true, &PROFILES[..1]).unwrap().row(0, 0), [0.0]);
}

#[test]
fn packed_words_count_the_pairs_of_every_stretch() {
    let table = dna();
    let (mut tokens, _) = sequences(9, 4, 4);
    tokens.truncate(150);
    for (width, both, windows) in
        [(1, true, 3), (4, true, 40), (12, false, 33), (11, true, 91), (12, true, 1), (3, true, 2), (5, true, 120)]
    {
        let mut words = PackedWords::new(&tokens, &table, width, both).unwrap();
        assert!((0..words.len()).any(|window| words.code(window).is_none()));
        let (mut start, last) = (0, words.len());
        // Fewer numbers are counted where fewer count.
        for most in [4, 8, 10] {
            let (mut all, mut few) = (Vec::new(), Vec::new());
            words.slide(windows, 12, |pairs| all.push(pairs[..=most].to_vec()));
            words.slide(windows, most, |pairs| few.push(pairs[..=most].to_vec()));
            assert_eq!(all, few);
        }
        words.slide(windows, 12, |pairs| {
            let stretch = &tokens[start..start + windows + width - 1];
            let offsets = [0, stretch.len()];
            let view = TokenView::new(stretch, &offsets, &table).unwrap();
            for (bin, &count) in pairs.iter().enumerate().take(width + 1) {
                let values: Vec<f64> = (0..=width).map(|m| f64::from(u8::from(m == bin))).collect();
                let want = by_definition(view, 0, 0, width, both, &values);
                assert_eq!(count as f64, want, "width {width}, stretch at {start}, {bin} mismatches");
            }
            let own = PackedWords::new(stretch, &table, width, both).unwrap().own_pairs();
            assert_eq!(own, *pairs, "width {width}, stretch at {start}");
            start += 1;
        });
        assert_eq!(start + windows, last + 1);
    }
}

#[test]
fn pairs_of_two_ranges_of_windows_are_counted_and_follow_a_changed_letter() {
    let table = dna();
    let (mut tokens, _) = sequences(9, 4, 4);
    let width = 5;
    let mut words = PackedWords::new(&tokens, &table, width, true).unwrap();
    let (some, others) = (4..21, 3..tokens.len() - width);
    for (place, letter) in [(10, 3), (0, 1), (tokens.len() - 1, 0), (12, 4), (12, 2)] {
        tokens[place] = letter;
        words.change(&tokens, &table, place);
        assert!(words.covering(place).contains(&place.min(tokens.len() - width)));
        let parts = [&some, &others].map(|range| &tokens[range.start..range.end + width - 1]);
        let both: Vec<u8> = [parts[0], &[4], parts[1]].concat();
        let offsets = [0, parts[0].len(), both.len()];
        let view = TokenView::new(&both, &offsets, &table).unwrap();
        for most in [4, 12] {
            let mut pairs = [7; 13];
            words.add_pairs(some.clone(), others.clone(), -2, most, &mut pairs);
            for bin in 0..=most.min(width) {
                let values: Vec<f64> = (0..=width).map(|m| f64::from(u8::from(m == bin))).collect();
                let want = by_definition(view, 0, 1, width, true, &values);
                assert_eq!(pairs[bin] as f64, 7.0 - 2.0 * want, "{bin} mismatches after place {place}");
            }
        }
        let (mut changed, mut anew) = (words.clone(), PackedWords::new(&tokens, &table, width, true).unwrap());
        assert_eq!(changed.own_pairs(), anew.own_pairs());
        assert!((0..words.len()).all(|window| words.code(window) == anew.code(window)));
    }
}

#[test]
fn shares_of_letters_follow_their_rules() {
    // All pairs of words of three letters, and all orders in which letters may come for Shapley values.
    let (width, words) = (3usize, 64usize);
    let letter = |word: usize, position: usize| word >> (2 * (width - 1 - position)) & 3;
    let c: Vec<f64> = (0..words).map(|word| ((word * 37 + 11) % 17) as f64 - 6.0).collect();
    let h = [1.0, 0.4, 0.3, 0.1];
    let mismatches = |u: usize, v: usize| (0..width).filter(|&p| letter(u, p) != letter(v, p)).count();
    let value = |u: usize| -> f64 { (0..words).map(|v| h[mismatches(u, v)] * c[v]).sum() };
    // Mean over the words that have the letters of u at the positions of a set.
    let given = |u: usize, set: usize| {
        let agrees = |v: &usize| (0..width).all(|p| set >> p & 1 == 0 || letter(u, p) == letter(*v, p));
        let same: Vec<f64> = (0..words).filter(agrees).map(value).collect();
        same.iter().sum::<f64>() / same.len() as f64
    };
    let mut table = Vec::new();
    for rule in [LetterRule::Matches, LetterRule::Shapley] {
        let shares = LetterShares::new(&h, c.clone(), rule).unwrap();
        let mut sums = vec![shares.rest(); words];
        for position in 0..width {
            shares.at(position, &mut table).unwrap();
            for u in 0..words {
                sums[u] += table[u];
                let want: f64 = match rule {
                    LetterRule::Matches => (0..words)
                        .filter(|&v| letter(u, position) == letter(v, position))
                        .map(|v| (h[mismatches(u, v)] - h[3]) / (width - mismatches(u, v)) as f64 * c[v])
                        .sum(),
                    LetterRule::Shapley => [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
                        .iter()
                        .map(|order| {
                            let before = order.iter().take_while(|&&p| p != position).fold(0, |set, p| set | 1 << p);
                            (given(u, before | 1 << position) - given(u, before)) / 6.0
                        })
                        .sum(),
                };
                close(table[u], want, 1e-12, &format!("{rule:?}, position {position} of word {u}"));
            }
        }
        (0..words).for_each(|u| close(sums[u], value(u), 1e-12, &format!("{rule:?}, sum of word {u}")));
        assert!(shares.at(width, &mut table).is_err());
    }
    assert!(LetterShares::new(&h, c[1..].to_vec(), LetterRule::Matches).is_err());
}

#[test]
fn estimated_words_have_the_filter_of_their_source() {
    let values = |width, informative, mismatches, truncated| {
        Profile::EstimatedWords { informative, mismatches, truncated }.values(width).unwrap()
    };
    // The full filter is a projection, so that its square is itself: g(m) of l = 4, k = 2 in units of 4⁻⁴ is 67, 27, 3, −5, 3.
    let full = values(4, 2, 4, false);
    for (got, want) in full.iter().zip([67.0, 27.0, 3.0, -5.0, 3.0]) {
        assert!((got - want / 67.0).abs() < 1e-14, "{full:?}");
    }
    // Words of all letters are their own gapped k-mers.
    assert_eq!(values(5, 5, 5, true), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(values(10, 6, 3, true)[4..], [0.0; 7]);
    // 67, 27 and 3 remain: Σ_z g(d(u, z)) g(d(v, z)) over all words z.
    let truncated = values(4, 2, 4, true);
    let filter = [67.0, 27.0, 3.0, 0.0, 0.0];
    let distance = |word: usize, other: usize| (0..4).filter(|p| (word ^ other) >> (2 * p) & 3 != 0).count();
    let sum = |other: usize| -> f64 { (0..256).map(|z| filter[distance(0, z)] * filter[distance(other, z)]).sum() };
    for (m, other) in [0b00, 0b01, 0b0101, 0b01_0101, 0b0101_0101].into_iter().enumerate() {
        assert!((truncated[m] - sum(other) / sum(0)).abs() < 1e-14, "{m}: {truncated:?}");
    }
    let refused = |width, informative| {
        let profile = Profile::EstimatedWords { informative, mismatches: 3, truncated: true };
        matches!(profile.values(width), Err(Error::Parameter { .. }))
    };
    assert!(refused(13, 6) && refused(4, 5) && refused(4, 0) && !refused(12, 12));
}

#[test]
fn weighted_windows_are_worth_the_product_of_their_weights() {
    let table = dna();
    let (tokens, offsets) = sequences(40, 4, 4);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let weight = |start: usize, letters: usize| 1.0 + (3 * start + letters) as f64 % 5.0;
    let (width, profile) = (3, Profile::GappedKmer { informative: 2, mismatches: 1 });
    let values = profile.values(width).unwrap();
    for both in [false, true] {
        let own = own_weighted_kernels(view, width, both, &profile, weight).unwrap();
        let words = Words::new(view, width, both).unwrap();
        let operator = WordOperator::new(width, &profile).unwrap();
        for (record, &got) in own.iter().enumerate() {
            let sequence = view.sequence(record);
            let windows = |sequence: &[u8]| -> Vec<(Vec<u8>, f64)> {
                let known = sequence.windows(width).enumerate().filter(|(_, window)| window.iter().all(|&t| t < 4));
                known.map(|(start, window)| (window.to_vec(), weight(start, sequence.len()))).collect()
            };
            let forward = windows(sequence);
            let turned = |(window, weight): &(Vec<u8>, f64)| (window.iter().rev().map(|t| 3 - t).collect(), *weight);
            let mut others = forward.clone();
            if both {
                others.extend(forward.iter().map(turned));
            }
            let mut want = 0.0;
            for (left, there) in &others {
                for (right, here) in &forward {
                    want += there * here * values[left.iter().zip(right).filter(|(a, b)| a != b).count()];
                }
            }
            close(got, want, 1e-12, "own");
            let weights: Vec<f64> = window_starts(view, record, width).map(|s| weight(s, sequence.len())).collect();
            let mut counts = vec![0.0f64; operator.words()];
            words.add_weighted(record, 1.0, &weights, &mut counts);
            operator.apply(&mut counts).unwrap();
            close(words.weighted_sum(record, &weights, &counts), want, 1e-10, "by words");
        }
    }
    // A long sequence goes through the table.
    let unit = [0u8, 1, 2, 3, 3, 1, 4, 0, 0, 2, 1];
    let long: Vec<u8> = unit.iter().copied().cycle().take(9_000).collect();
    let view = TokenView::new(&long, &[0, 9_000], &table).unwrap();
    let even = own_weighted_kernels(view, width, true, &profile, |_, _| 2.0).unwrap()[0];
    close(even, 4.0 * own_kernels(view, width, true, &profile).unwrap()[0], 1e-9, "long");
}
