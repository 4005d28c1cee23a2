//! Spherical k-means: known clusters, equal results of both kinds of patches.

use super::*;
use crate::pooling::Border;
use crate::seed::Seed;
use crate::sequence::KmerIndex;
use crate::{LetterSpace, LetterTable, TokenView};

fn config(centres: usize) -> KMeansConfig {
    KMeansConfig { centres, max_iterations: 100, tolerance: 1e-6 }
}

/// Two tight bundles around the axes of the plane.
fn bundles() -> DensePatches {
    let rows: Vec<f32> =
        (0..40).flat_map(|i| if i % 2 == 0 { [5.0, 0.01 * i as f32] } else { [0.01 * i as f32, 3.0] }).collect();
    DensePatches::new(&rows, 2)
}

#[test]
fn separated_bundles_are_found_and_centres_have_unit_norm() {
    let found = spherical_kmeans(&bundles(), &config(2), &mut Seed(1).stream("anchors")).unwrap();
    let mut first: Vec<f64> = found.centres.chunks_exact(2).map(|centre| centre[0]).collect();
    first.sort_by(f64::total_cmp);
    assert!(first[0] < 0.1 && first[1] > 0.99, "{first:?}");
    for centre in found.centres.chunks_exact(2) {
        assert!((centre[0].hypot(centre[1]) - 1.0).abs() < 1e-12);
    }
    assert!(found.objective.windows(2).all(|pair| pair[1] >= pair[0] - 1e-7));
}

#[test]
fn more_centres_than_patches_still_gives_unit_centres() {
    let patches = DensePatches::new(&[1.0, 0.0, 0.0, 1.0], 2);
    let found = spherical_kmeans(&patches, &config(5), &mut Seed(3).stream("anchors")).unwrap();
    assert_eq!(found.centres.len(), 10);
    for centre in found.centres.chunks_exact(2) {
        assert!((centre[0].hypot(centre[1]) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn zero_patches_are_dropped_and_an_empty_set_is_refused() {
    let patches = DensePatches::new(&[0.0, 0.0], 2);
    assert_eq!(patches.len(), 0);
    assert!(spherical_kmeans(&patches, &config(1), &mut Seed(0).stream("anchors")).is_err());
}

#[test]
fn windows_as_tokens_and_as_dense_patches_agree() {
    let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
    let tokens: Vec<u8> = (0..300u32).map(|i| if i % 97 == 96 { 4 } else { (i * i / 3 % 4) as u8 }).collect();
    let offsets = [0, 120, 300];
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let index = KmerIndex::new(view, 7, Border::Valid).unwrap();
    // 294 − 7·3 = 273 − … : every window without token 4.
    let expected = (0..2)
        .flat_map(|record| view.sequence(record).windows(7))
        .filter(|window| window.iter().all(|&token| token < 4))
        .count();
    let alike = [1.0, 0.1, 0.6, 0.1, 0.1, 1.0, 0.1, 0.6, 0.6, 0.1, 1.0, 0.1, 0.1, 0.6, 0.1, 1.0];
    for similarity in [&[][..], &alike] {
        let letters = LetterSpace::new(&table, similarity).unwrap();
        let windows = WindowPatches::sample(&index, &letters, &[0, 1], 1000, &mut Seed(1).stream("windows"));
        assert_eq!(windows.len(), expected);
        let rows: Vec<f32> = (0..windows.len()).flat_map(|i| windows.patch(i)).map(|x| x as f32).collect();
        let norm = rows[..28].iter().map(|x| x * x).sum::<f32>();
        assert!((norm - 1.0).abs() < 1e-6, "{norm}");
        let dense = DensePatches::new(&rows, 28);
        let from_tokens = spherical_kmeans(&windows, &config(5), &mut Seed(9).stream("anchors")).unwrap();
        let from_rows = spherical_kmeans(&dense, &config(5), &mut Seed(9).stream("anchors")).unwrap();
        for (a, b) in from_tokens.centres.iter().zip(&from_rows.centres) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

#[test]
fn the_closest_centre_is_the_first_of_the_largest_cosine_in_any_lane() {
    let table = LetterTable::new(4, &[], None).unwrap();
    let tokens: Vec<u8> = (0..200u32).map(|i| (i * i / 3 % 4) as u8).collect();
    let view = TokenView::new(&tokens, &[0, 200], &table).unwrap();
    let index = KmerIndex::new(view, 7, Border::Valid).unwrap();
    let letters = LetterSpace::new(&table, &[]).unwrap();
    let windows = WindowPatches::sample(&index, &letters, &[0], 1000, &mut Seed(1).stream("windows"));
    // Centres of many lanes, the last of them partly filled; some stand there twice, some cosines are all below zero.
    for (count, sign) in [(1, 1.0), (16, 1.0), (37, 1.0), (37, -1.0), (130, 1.0)] {
        let centres: Vec<f64> = (0..count).flat_map(|i| windows.patch(i * 29 % 23)).map(|x| sign * x).collect();
        for (number, (centre, cosine)) in windows.assign(&centres, count).unwrap().into_iter().enumerate() {
            let patch = windows.patch(number);
            // Cosines of such centres are whole sevenths.
            let sevenths = |i: usize| -> i32 {
                let dot: f64 = patch.iter().zip(&centres[i * 28..]).map(|(a, b)| a * b).sum();
                (7.0 * dot).round() as i32
            };
            let largest = (0..count).map(sevenths).max().unwrap();
            assert!((f64::from(cosine) - f64::from(largest) / 7.0).abs() < 1e-6, "{count}: {cosine} {largest}/7");
            assert_eq!(sevenths(centre as usize), largest, "window {number} of {count} centres");
            // Centres repeat every 23.
            assert!(centre < 23, "the first of equals: {centre}");
        }
    }
}

#[test]
fn a_sample_of_windows_has_the_size_asked_for_and_no_window_twice() {
    let table = LetterTable::new(4, &[], None).unwrap();
    let tokens: Vec<u8> = (0..1000u32).map(|i| (i % 4) as u8).collect();
    let offsets = [0, 1000];
    let view = TokenView::new(&tokens, &offsets, &table).unwrap();
    let index = KmerIndex::new(view, 5, Border::Valid).unwrap();
    let letters = LetterSpace::new(&table, &[]).unwrap();
    let sample = WindowPatches::sample(&index, &letters, &[0], 100, &mut Seed(4).stream("windows"));
    assert_eq!(sample.len(), 100);
    assert!(sample.windows.windows(2).all(|pair| pair[0] < pair[1]));
    let mean = sample.windows.iter().map(|window| f64::from(window.1)).sum::<f64>() / 100.0;
    assert!((mean - 498.0).abs() < 120.0, "{mean}");
}
