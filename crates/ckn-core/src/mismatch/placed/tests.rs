//! Kernels with places, against counting by definition.

use super::*;
use crate::LetterTable;
use crate::mismatch::own_kernels;
use crate::mismatch::tests::{close, dna, sequences};

const PROFILE: Profile = Profile::GappedKmer { informative: 2, mismatches: 2 };

/// `Σ h(mismatches) exp(−d²/(2β²))` window by window, of windows written out with the place of their middle.
fn by_definition(view: TokenView<'_>, x: usize, y: usize, width: usize, both: bool, beta: f64) -> f64 {
    let values = PROFILE.values(width).unwrap();
    let windows = |tokens: &[u8]| -> Vec<(f64, Vec<u8>)> {
        let place = |start: usize| start as f64 + 0.5 * width as f64 - 0.5 * tokens.len() as f64;
        let all = tokens.windows(width).enumerate().map(|(start, window)| (place(start), window.to_vec()));
        all.filter(|(_, window)| window.iter().all(|&token| view.table().is_letter(token))).collect()
    };
    let mut left = windows(view.sequence(x));
    if both {
        let reverse: Vec<u8> = view
            .sequence(x)
            .iter()
            .rev()
            .map(|&token| view.table().complement().unwrap()[usize::from(token)])
            .collect();
        left.extend(windows(&reverse));
    }
    let right = windows(view.sequence(y));
    let worth = |(here, a): &(f64, Vec<u8>), (there, b): &(f64, Vec<u8>)| {
        let mismatches = a.iter().zip(b).filter(|(a, b)| a != b).count();
        values[mismatches] * (-0.5 * ((here - there) / beta).powi(2)).exp()
    };
    left.iter().flat_map(|one| right.iter().map(move |other| worth(one, other))).sum()
}

#[test]
fn kernels_equal_their_definition() {
    let (table, protein) = (dna(), LetterTable::new(20, &[0.05; 20], None).unwrap());
    let (tokens, offsets) = sequences(40, 4, 4);
    let (amino, amino_offsets) = sequences(40, 20, 20);
    let dna = TokenView::new(&tokens, &offsets, &table).unwrap();
    let protein = TokenView::new(&amino, &amino_offsets, &protein).unwrap();
    for (view, width, both) in [(dna, 3, true), (dna, 4, false), (dna, 5, true), (dna, 15, true), (protein, 3, false)] {
        for beta in [0.3, 1.7, 12.0, 400.0] {
            let own = own_placed_kernels(view, width, both, &PROFILE, beta).unwrap();
            let kernels = cross_placed(view, view, width, both, &PROFILE, beta).unwrap();
            for (x, y) in (0..40).flat_map(|x| (0..40).map(move |y| (x, y))) {
                let want = by_definition(view, x, y, width, both, beta);
                // Pairs further apart than the reach are worth up to 1e-9 each.
                close(kernels[x * 40 + y].into(), want, 1e-6, &format!("width {width}, beta {beta}, {x}, {y}"));
                if x == y {
                    close(own[x], want, 1e-6, &format!("own, width {width}, beta {beta}, {x}"));
                }
            }
        }
    }
}

#[test]
fn the_operator_equals_the_comparison_of_pairs() {
    let table = dna();
    let (tokens, offsets) = sequences(40, 4, 4);
    // Sequences of one length, of lengths of one parity, and of all lengths; the second set is longer, or shorter.
    let same: Vec<usize> = (0..=tokens.len() / 22).map(|record| record * 22).collect();
    let even: Vec<usize> =
        (0..=20).scan(0, |end, record| Some(std::mem::replace(end, *end + 2 * (record % 9)))).collect();
    let view = |offsets| TokenView::new(&tokens[..offsets_end(offsets)], offsets, &table).unwrap();
    let (same, even, all) = (view(&same), view(&even), view(&offsets));
    for (one, two) in [(same, same), (even, even), (all, all), (same, all), (all, same), (even, same)] {
        for (width, both, beta) in [(2, true, 0.4), (4, false, 2.0), (5, true, 9.0), (3, true, 30.0)] {
            let operator = PlacedOperator::between([one, two], width, &PROFILE, beta).unwrap().unwrap();
            let (here, there) =
                (PlacedWords::new(one, width, both).unwrap(), PlacedWords::new(two, width, false).unwrap());
            let kernels = cross_placed(one, two, width, both, &PROFILE, beta).unwrap();
            let mut buffer = Vec::new();
            for x in (0..one.len()).step_by(3) {
                let mut counts = vec![0.0f64; operator.numbers()];
                operator.add(&here, x, 1.0, &mut counts);
                operator.apply(&mut counts, &mut buffer).unwrap();
                for y in 0..two.len() {
                    let want = f64::from(kernels[x * two.len() + y]);
                    close(
                        operator.sum(&there, y, &counts),
                        want,
                        1e-6,
                        &format!("width {width}, beta {beta}, {x}, {y}"),
                    );
                }
            }
        }
    }
    // Wide bandwidths go through cells.
    let cells = |beta: f64| PlacedOperator::between([all, all], 2, &PROFILE, beta).unwrap().unwrap().has_cells();
    assert!(cells(9.0) && cells(30.0) && !cells(0.4));
    // Of one length there are as many places as windows, and not twice as many.
    let operator = PlacedOperator::between([same, same], 4, &PROFILE, 1.0).unwrap().unwrap();
    assert_eq!(operator.numbers(), 19 * 256);
}

fn offsets_end(offsets: &[usize]) -> usize {
    offsets.last().copied().unwrap_or(0)
}

#[test]
fn a_wide_bandwidth_is_the_kernel_without_places() {
    let table = dna();
    let (tokens, offsets) = sequences(30, 4, 4);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let (placed, plain) =
        (own_placed_kernels(view, 4, true, &PROFILE, 1e6).unwrap(), own_kernels(view, 4, true, &PROFILE).unwrap());
    placed.iter().zip(&plain).for_each(|(placed, plain)| close(*placed, *plain, 1e-8, "own"));
}

#[test]
fn what_has_no_meaning_is_refused_and_too_large_tables_are_none() {
    let table = dna();
    let (tokens, offsets) = sequences(10, 4, 4);
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    for beta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(check_bandwidth(beta), Err(Error::Parameter { .. })), "{beta}");
        assert!(own_placed_kernels(view, 3, true, &PROFILE, beta).is_err());
        assert!(cross_placed(view, view, 3, true, &PROFILE, beta).is_err());
        assert!(PlacedOperator::between([view, view], 3, &PROFILE, beta).is_err());
    }
    let long = vec![0u8; 40_000];
    let view = TokenView::new(&long, &[0, 40_000], &table).unwrap();
    assert!(PlacedOperator::between([view, view], 8, &PROFILE, 1.0).unwrap().is_none());
}
