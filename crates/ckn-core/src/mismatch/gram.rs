//! Kernel matrices from counts of pairs.

use rayon::prelude::*;

use super::count::PairCounter;
use super::planes::{Blocks, known_windows};
use super::{LANES, Profile};
use crate::{Error, TokenView};

/// Kernel values of pairs of sequences, for several profiles at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Grams {
    rows: usize,
    columns: usize,
    profiles: usize,
    /// `[rows, profiles, columns]`.
    values: Vec<f32>,
}

impl Grams {
    /// Sequences on the left.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Sequences on the right.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, `[rows, profiles, columns]`.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// Kernel values of one sequence on the left with all on the right, `[columns]`.
    pub fn row(&self, profile: usize, row: usize) -> &[f32] {
        &self.values[(row * self.profiles + profile) * self.columns..][..self.columns]
    }
}

/// `K(x, x')` of all pairs of a set, for several profiles: symmetric.
///
/// With `both_strands`, windows are compared with those of the reverse complement, too.
///
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// # let (tokens, offsets) = ([0, 1, 2, 3, 0, 1, 2, 2], [0, 4, 8]);
/// let view = TokenView::new(&tokens, &offsets, &table)?;
/// // ACGT and ACGG: of their windows of two letters, AC and CG are the same.
/// let kernels = ckn_core::mismatch::gram(view, 2, false, &[Profile::GappedKmer { informative: 2, mismatches: 0 }])?;
/// let values = kernels.into_values();
/// assert_eq!(values, [3.0, 2.0, 2.0, 3.0]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for a width that is zero or above 63, or a profile outside its domain; [`Error::NoComplement`] for
/// both strands of an alphabet without complement.
pub fn gram(view: TokenView<'_>, width: usize, both_strands: bool, profiles: &[Profile]) -> Result<Grams, Error> {
    compare(view, view, width, both_strands, profiles, true)
}

/// `K(x, x')` of every sequence on the left with every one on the right, for several profiles.
///
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// # let (tokens, offsets) = ([0, 1, 2, 3, 0, 1, 2, 2], [0, 4, 8]);
/// let view = TokenView::new(&tokens, &offsets, &table)?;
/// let profiles = [Profile::GappedKmer { informative: 2, mismatches: 0 }];
/// assert_eq!(ckn_core::mismatch::cross(view, view, 2, false, &profiles)?.into_values(), [3.0, 2.0, 2.0, 3.0]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// As [`gram`].
pub fn cross(
    left: TokenView<'_>,
    right: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profiles: &[Profile],
) -> Result<Grams, Error> {
    compare(left, right, width, both_strands, profiles, false)
}

/// Compares two sets, or, if it is `symmetric`, a set with itself: each pair of blocks once.
fn compare(
    left: TokenView<'_>,
    right: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profiles: &[Profile],
    symmetric: bool,
) -> Result<Grams, Error> {
    let complement = both_strands.then(|| left.table().complement().ok_or(Error::NoComplement)).transpose()?;
    let weights = profiles.iter().map(|profile| profile.values(width)).collect::<Result<Vec<_>, _>>()?;
    let blocks = Blocks::new(right, width)?;
    let (rows, columns) = (left.len(), right.len());
    let mut block_of = vec![0; columns];
    for (number, block) in blocks.blocks.iter().enumerate() {
        block.records.iter().for_each(|&record| block_of[record] = number);
    }
    let longest = |view: TokenView<'_>| (0..view.len()).map(|record| view.sequence(record).len()).max().unwrap_or(0);
    let pairs = 2 * longest(left).saturating_mul(longest(right));
    if u32::try_from(pairs).is_err() {
        let (name, got) = ("pairs of windows of two sequences", pairs as f64);
        return Err(Error::Parameter { name, got, expected: "below 2^32" });
    }
    let mut values = vec![0.0f32; rows * columns * profiles.len()];
    if values.is_empty() {
        return Ok(Grams { rows, columns, profiles: profiles.len(), values });
    }
    values.par_chunks_mut(columns * profiles.len()).enumerate().for_each_init(
        || Scratch::new(&blocks, profiles.len()),
        |scratch, (record, out)| {
            let sequence = left.sequence(record);
            scratch.read(left, sequence, width, complement);
            let first = if symmetric { block_of[record] } else { 0 };
            for block in &blocks.blocks[first..] {
                let strands = if complement.is_some() { 2 } else { 1 };
                scratch.counter.clear(strands * sequence.len() * block.longest);
                scratch.counter.count(sequence, &scratch.starts, block);
                if complement.is_some() {
                    scratch.counter.count(&scratch.reverse, &scratch.reverse_starts, block);
                }
                scratch.sums.iter_mut().for_each(|sums| sums.fill(0.0));
                for shared in 0..=width {
                    scratch.counter.pairs(shared, &mut scratch.numbers);
                    for (sums, weights) in scratch.sums.iter_mut().zip(&weights) {
                        let weight = weights[width - shared];
                        for (sum, &number) in sums.iter_mut().zip(scratch.numbers.iter()) {
                            *sum += weight * f64::from(number);
                        }
                    }
                }
                for (profile, sums) in scratch.sums.iter().enumerate() {
                    for (&column, &sum) in block.records.iter().zip(sums.iter()) {
                        out[profile * columns + column] = sum as f32;
                    }
                }
            }
        },
    );
    if symmetric {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            if block_of[column] < block_of[row] {
                for profile in 0..profiles.len() {
                    let place = |row: usize, column: usize| (row * profiles.len() + profile) * columns + column;
                    values[place(row, column)] = values[place(column, row)];
                }
            }
        }
    }
    Ok(Grams { rows, columns, profiles: profiles.len(), values })
}

/// Buffers of one thread.
struct Scratch {
    counter: PairCounter,
    starts: Vec<bool>,
    reverse: Vec<u8>,
    reverse_starts: Vec<bool>,
    numbers: Box<[u32; LANES]>,
    sums: Vec<Vec<f64>>,
}

impl Scratch {
    fn new(blocks: &Blocks, profiles: usize) -> Self {
        Self {
            counter: PairCounter::new(blocks),
            starts: Vec::new(),
            reverse: Vec::new(),
            reverse_starts: Vec::new(),
            numbers: Box::new([0; LANES]),
            sums: vec![vec![0.0; LANES]; profiles],
        }
    }

    fn read(&mut self, view: TokenView<'_>, sequence: &[u8], width: usize, complement: Option<&[u8]>) {
        let mark = |starts: &mut Vec<bool>, sequence: &[u8]| {
            starts.clear();
            starts.resize(sequence.len(), false);
            known_windows(view, sequence, width).for_each(|start| starts[start] = true);
        };
        mark(&mut self.starts, sequence);
        if let Some(map) = complement {
            self.reverse.clear();
            self.reverse.extend(sequence.iter().rev().map(|&token| map[usize::from(token)]));
            mark(&mut self.reverse_starts, &self.reverse);
        }
    }
}
