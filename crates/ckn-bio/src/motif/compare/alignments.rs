//! The best offset and strand of every target, and how often each column score occurs.

use rayon::prelude::*;

use super::Database;
use super::scores::ColumnScores;
use crate::simulate::Strand;

/// Targets that are scored together: their columns and sums stay in the cache.
const TARGETS: usize = 64;

/// The best alignment of one target.
#[derive(Debug, Clone)]
pub(super) struct Best {
    /// Sum over the query's columns, unaligned ones at their median.
    pub(super) score: i32,
    pub(super) offset: isize,
    pub(super) strand: Strand,
    pub(super) overlap: usize,
}

/// For each query column, how many columns of the database have each score.
pub(super) struct Histograms {
    counts: Vec<u64>,
    levels: usize,
}

impl Histograms {
    fn new(width: usize, levels: usize) -> Self {
        Self { counts: vec![0; width * levels], levels }
    }

    fn add(mut self, other: &Self) -> Self {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self
    }

    /// Counts of each query column.
    pub(super) fn columns(&self) -> std::slice::ChunksExact<'_, u64> {
        self.counts.chunks_exact(self.levels)
    }
}

/// What is written for a few targets, reused for the next.
#[derive(Default)]
struct Scratch {
    squares: Vec<f64>,
    scores: Vec<i32>,
    sums: Vec<i32>,
}

/// The best alignment of every target, and the scores that occurred on the way.
pub(super) fn best(scores: &ColumnScores<'_>, database: &Database) -> (Vec<Best>, Histograms) {
    let nothing = Best { score: i32::MIN, offset: 0, strand: Strand::Forward, overlap: 0 };
    let mut best = vec![nothing; database.len()];
    let levels = scores.bins() + 1;
    let empty = || (Histograms::new(scores.width(), levels), Scratch::default());
    let (histograms, _) = best
        .par_chunks_mut(TARGETS)
        .zip(database.starts()[..database.len()].par_chunks(TARGETS))
        .enumerate()
        .fold(empty, |(mut histograms, mut scratch), (chunk, (best, starts))| {
            let end = database.starts()[chunk * TARGETS + starts.len()];
            for (strand, columns) in [Strand::Forward, Strand::Reverse].into_iter().zip(database.strands()) {
                align(scores, columns, starts, end, strand, best, &mut histograms, &mut scratch);
            }
            (histograms, scratch)
        })
        .reduce(empty, |first, second| (first.0.add(&second.0), first.1));
    (best, histograms)
}

/// Scores the targets between the first of `starts` and `end` on one strand, and keeps what is better than `best`.
fn align(
    scores: &ColumnScores<'_>,
    strand: &[f64],
    starts: &[usize],
    end: usize,
    name: Strand,
    best: &mut [Best],
    histograms: &mut Histograms,
    scratch: &mut Scratch,
) {
    let Some(&first) = starts.first() else { return };
    let query = scores.width();
    let (columns, overhang) = (end - first, query - 1);
    let ends = || starts[1..].iter().chain(std::iter::once(&end));
    scratch.squares.resize(columns, 0.0);
    scratch.scores.resize(columns, 0);
    scratch.sums.clear();
    scratch.sums.resize(columns + starts.len() * overhang, query as i32 * scores.unaligned());
    for (column, counts) in histograms.counts.chunks_exact_mut(histograms.levels).enumerate() {
        scores.fill(column, strand, first..end, &mut scratch.squares, &mut scratch.scores);
        scratch.scores.iter().for_each(|&score| counts[score as usize] += 1);
        for (target, (&start, &end)) in starts.iter().zip(ends()).enumerate() {
            let (from, to) = (start - first, end - first);
            let at = from + target * overhang + overhang - column;
            for (sum, score) in scratch.sums[at..at + to - from].iter_mut().zip(&scratch.scores[from..to]) {
                *sum += score - scores.unaligned();
            }
        }
    }
    for (target, ((best, &start), &end)) in best.iter_mut().zip(starts).zip(ends()).enumerate() {
        let (from, width) = (start - first + target * overhang, end - start);
        for (position, &score) in scratch.sums[from..from + width + overhang].iter().enumerate() {
            if score < best.score {
                continue;
            }
            let overlap = (position + 1).min(query).min(width).min(width + overhang - position);
            if score > best.score || overlap > best.overlap {
                *best = Best { score, offset: position as isize - overhang as isize, strand: name, overlap };
            }
        }
    }
}
