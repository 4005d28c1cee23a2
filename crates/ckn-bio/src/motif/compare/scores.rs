//! Scores of the query's columns against columns of targets, as integers.

use std::ops::Range;

use rayon::prelude::*;

use super::Database;
use crate::motif::Probabilities;

/// How distances between columns become integers: `⌊(-d - shift_i) scale + ½⌋`, between 0 and the number of bins.
pub(super) struct ColumnScores<'a> {
    query: &'a Probabilities,
    /// For each query column its median score, and the least score of all columns below their medians, rounded down.
    shifts: Vec<f64>,
    scale: f64,
    unaligned: i32,
    bins: usize,
}

impl<'a> ColumnScores<'a> {
    /// Medians and range over all columns of the database. The range starts and the scale ends at integers, as in Tomtom, so
    /// that equal numbers of bins are equal bins.
    pub(super) fn new(query: &'a Probabilities, database: &Database, bins: usize) -> Self {
        let columns = database.starts().last().copied().unwrap_or(0);
        let all = columns * database.strands().len();
        let of_column = |squares: &mut Vec<f64>, column: &[f64]| {
            for (strand, part) in database.strands().iter().zip(squares.chunks_exact_mut(columns)) {
                squared_distances(column, strand, 0..columns, part);
            }
            // The lower median of the scores is the upper one of the distances.
            let (near, median, far) = squares.select_nth_unstable_by(all / 2, f64::total_cmp);
            let median = *median;
            let nearest = near.iter().copied().fold(median, f64::min);
            let farthest = far.iter().copied().fold(median, f64::max);
            let median = -median.sqrt();
            (median, -farthest.sqrt() - median, -nearest.sqrt() - median)
        };
        let columns: Vec<&[f64]> = query.columns().collect();
        let ranges: Vec<(f64, f64, f64)> =
            columns.par_iter().map_init(|| vec![0.0; all], |squares, column| of_column(squares, column)).collect();
        let least = ranges.iter().map(|range| range.1).fold(f64::INFINITY, f64::min).floor();
        let most = ranges.iter().map(|range| range.2).fold(f64::NEG_INFINITY, f64::max);
        // Where all columns are alike, the range is rounding alone, which no bins should resolve.
        let scale = (bins as f64 / (most - least).max(1.0)).floor();
        let shifts = ranges.iter().map(|range| range.0 + least).collect();
        Self { query, shifts, scale, unaligned: (-least * scale) as i32, bins }
    }

    /// Number of query columns.
    pub(super) fn width(&self) -> usize {
        self.shifts.len()
    }

    /// The score of a query column that meets no column of the target: its median.
    pub(super) fn unaligned(&self) -> i32 {
        self.unaligned
    }

    /// The largest score of one column.
    pub(super) fn bins(&self) -> usize {
        self.bins
    }

    /// Scores of one query column against columns of one strand of the database; `squares` is scratch.
    ///
    /// # Shapes
    /// strand `[letters, columns]`, squares and scores as long as the range.
    pub(super) fn fill(
        &self,
        column: usize,
        strand: &[f64],
        range: Range<usize>,
        squares: &mut [f64],
        scores: &mut [i32],
    ) {
        squared_distances(self.query.column(column), strand, range, squares);
        let shift = self.shifts[column];
        for (score, square) in scores.iter_mut().zip(&*squares) {
            // Never below zero, so that to cut off is to round down.
            *score = ((-square.sqrt() - shift) * self.scale + 0.5) as i32;
        }
    }
}

/// `‖q - t‖²` for columns `t` of a strand.
fn squared_distances(column: &[f64], strand: &[f64], range: Range<usize>, squares: &mut [f64]) {
    let columns = strand.len() / column.len();
    squares.fill(0.0);
    for (&probability, of_letter) in column.iter().zip(strand.chunks_exact(columns)) {
        for (square, target) in squares.iter_mut().zip(&of_letter[range.clone()]) {
            let difference = target - probability;
            *square += difference * difference;
        }
    }
}
