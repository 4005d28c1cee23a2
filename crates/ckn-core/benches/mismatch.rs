//! Exact kernels: 2,000 by 1,000 sequences of 101 bp by counting, both strands, and the operator on words.
//!
//! `cargo bench -p ckn-core --bench mismatch`

// A step that fails ends the benchmark.
#![allow(clippy::unwrap_used)]

use ckn_core::mismatch::{Profile, WordOperator, cross};
use ckn_core::{LetterTable, TokenView};
use divan::{Bencher, black_box};

const LENGTH: usize = 101;
const PROFILE: Profile = Profile::GappedKmer { informative: 6, mismatches: 5 };

fn main() {
    divan::main();
}

/// Letters of a linear congruential generator: any will do.
fn letters(records: usize) -> (Vec<u8>, Vec<usize>) {
    let mut state = 1u64;
    let draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 62) as u8
    };
    let tokens = std::iter::repeat_with(draw).take(records * LENGTH).collect();
    (tokens, (0..=records).map(|record| record * LENGTH).collect())
}

#[divan::bench(args = [8, 11, 16], sample_count = 3)]
fn kernel_of_2000_by_1000(bencher: Bencher<'_, '_>, width: usize) {
    let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0])).unwrap();
    let (left, left_offsets) = letters(2000);
    let (right, right_offsets) = letters(1000);
    let left = TokenView::new(&left, &left_offsets, &table).unwrap();
    let right = TokenView::new(&right, &right_offsets, &table).unwrap();
    bencher.bench(|| cross(black_box(left), right, width, true, &[PROFILE]).unwrap());
}

#[divan::bench(args = [8, 10, 11, 12], sample_count = 10)]
fn product_with_all_words(bencher: Bencher<'_, '_>, width: usize) {
    let operator = WordOperator::new(width, &PROFILE).unwrap();
    let mut table = vec![1.0f32; operator.words()];
    bencher.bench_local(|| operator.apply(black_box(&mut table)).unwrap());
}
