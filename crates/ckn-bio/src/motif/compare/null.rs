//! The distribution of the best score of a random target, by convolution.

use std::ops::Range;

use rayon::prelude::*;

use super::alignments::Histograms;
use super::database::MIN_BINS;

/// Multiplications that one query may cost: a second or two.
const WORK: f64 = 1.6e10;

/// Parts that the stretches of a query are divided into. Fixed, so that sums do not depend on the number of threads.
const PARTS: usize = 32;

/// The scores of one query column: `probabilities[k]` is that of `low + k`.
struct Column {
    low: i64,
    probabilities: Vec<f64>,
}

impl Column {
    fn new(counts: &[u64]) -> Self {
        let total = counts.iter().sum::<u64>() as f64;
        let low = counts.iter().position(|&count| count > 0).unwrap_or(0);
        let high = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let probabilities = counts[low..=high].iter().map(|&count| count as f64 / total).collect();
        Self { low: low as i64, probabilities }
    }

    fn high(&self) -> i64 {
        self.low + self.probabilities.len() as i64 - 1
    }
}

/// Scores of a column that are added at once, so that sums stay in registers meanwhile.
const TAPS: usize = 4;

/// The scores of a stretch of the query: `probabilities[BORDER + k]` is that of a sum of `low + k`.
struct Stretch {
    low: i64,
    /// Between borders of zeros, which let the taps run over the ends.
    probabilities: Vec<f64>,
    /// Probabilities of `low + k` or more.
    tails: Vec<f64>,
    scratch: Vec<f64>,
}

const BORDER: usize = TAPS - 1;

impl Stretch {
    fn new() -> Self {
        let mut probabilities = vec![0.0; 2 * BORDER + 1];
        probabilities[BORDER] = 1.0;
        Self { low: 0, probabilities, tails: Vec::new(), scratch: Vec::new() }
    }

    /// Adds a column; forgets sums below `cut`.
    fn extend(&mut self, column: &Column, cut: i64) {
        let lowest = self.low + column.low;
        let high = lowest + (self.probabilities.len() - 2 * BORDER + column.probabilities.len()) as i64 - 2;
        let low = lowest.max(cut.min(high));
        let (below, sums) = ((low - lowest) as usize, (high - low + 1) as usize);
        self.scratch.clear();
        self.scratch.resize(sums + 2 * BORDER, 0.0);
        for (group, probabilities) in column.probabilities.chunks(TAPS).enumerate() {
            // In the order in which they meet the sums before: the last score meets the first of each window.
            let mut taps = [0.0; TAPS];
            taps.iter_mut().rev().zip(probabilities).for_each(|(tap, probability)| *tap = *probability);
            if taps == [0.0; TAPS] {
                continue;
            }
            let score = group * TAPS;
            let windows = self.probabilities.get(below.saturating_sub(score)..).unwrap_or(&[]).windows(TAPS);
            let sums = &mut self.scratch[BORDER..BORDER + sums];
            let sums = sums.get_mut(score.saturating_sub(below)..).unwrap_or(&mut []);
            for (sum, window) in sums.iter_mut().zip(windows) {
                *sum += taps[0] * window[0] + taps[1] * window[1] + taps[2] * window[2] + taps[3] * window[3];
            }
        }
        self.low = low;
        std::mem::swap(&mut self.probabilities, &mut self.scratch);
    }

    /// Sums from the far end: small probabilities are added before large ones, and keep their digits.
    fn sum_tails(&mut self) {
        self.tails.clear();
        self.tails.extend_from_slice(&self.probabilities[BORDER..self.probabilities.len() - BORDER]);
        let mut tail = 0.0;
        for probability in self.tails.iter_mut().rev() {
            tail += *probability;
            *probability = tail;
        }
    }

    /// Probability of a sum or more.
    fn tail(&self, sum: i64) -> f64 {
        let at = usize::try_from(sum - self.low).unwrap_or(0);
        self.tails.get(at).map_or(0.0, |tail| tail.min(1.0))
    }
}

/// Stretches of the query that start at one column, each one column longer than the one before.
enum Chain {
    /// From the query's first column on: over the target's right end, or over all of it.
    Left,
    /// From the query's last column back: over the target's left end.
    Right,
    /// From a column within on: where the query hangs over both ends of the target.
    Within(usize),
}

/// Probability that the best of all offsets of a random target has some score or more, for pairs of the target's width and
/// the score, which are sorted.
pub(super) fn tails(histograms: &Histograms, unaligned: i32, asked: &[(usize, i32)]) -> Vec<f64> {
    let columns: Vec<Column> = histograms.columns().map(Column::new).collect();
    let unaligned = i64::from(unaligned);
    let least = asked.iter().map(|&(_, score)| i64::from(score)).min().unwrap_or(0);
    let mut chains = vec![Chain::Left, Chain::Right];
    chains.extend((1..columns.len().saturating_sub(1)).map(Chain::Within));
    let parts: Vec<Vec<f64>> = chains
        .par_chunks(chains.len().div_ceil(PARTS))
        .map(|chains| {
            let mut tails = vec![0.0; asked.len()];
            chains.iter().for_each(|chain| follow(chain, &columns, unaligned, least, asked, &mut tails));
            tails
        })
        .collect();
    let mut tails = vec![0.0; asked.len()];
    for part in parts {
        tails.iter_mut().zip(part).for_each(|(tail, more)| *tail = either(*tail, more));
    }
    tails
}

/// Adds the stretches of one chain to the tails of the widths that have them.
fn follow(chain: &Chain, columns: &[Column], unaligned: i64, least: i64, asked: &[(usize, i32)], tails: &mut [f64]) {
    let query = columns.len();
    let from = |width: usize| asked.partition_point(|&(other, _)| other < width);
    let widest = asked.last().map_or(0, |&(width, _)| width);
    let order: Vec<&Column> = match *chain {
        Chain::Left => columns.iter().take(widest).collect(),
        Chain::Right => columns[1..].iter().rev().take(widest).collect(),
        Chain::Within(start) => {
            // The widest target that ends before the query does.
            let room = query - 1 - start;
            let widest = from(room + 1).checked_sub(1).map_or(0, |at| asked[at].0);
            columns[start..].iter().take(widest).collect()
        }
    };
    // What the columns to come can still add, less what they count as long as they are not aligned.
    let mut to_come: i64 = order.iter().map(|column| column.high() - unaligned).sum();
    let mut stretch = Stretch::new();
    for (length, column) in (1..).zip(order) {
        let elsewhere = unaligned * (query - length) as i64;
        to_come -= column.high() - unaligned;
        stretch.extend(column, least - elsewhere - to_come);
        let having: Range<usize> = match chain {
            Chain::Within(_) => from(length)..from(length + 1),
            Chain::Left | Chain::Right => from(length)..asked.len(),
        };
        if having.is_empty() {
            continue;
        }
        stretch.sum_tails();
        for (tail, &(width, score)) in tails[having.clone()].iter_mut().zip(&asked[having]) {
            let one = stretch.tail(i64::from(score) - elsewhere);
            // A query that lies within the target does so at several offsets.
            let offsets = if length == query { width - query + 1 } else { 1 };
            let any = if offsets == 1 { one } else { -(offsets as f64 * (-one).ln_1p()).exp_m1() };
            *tail = either(*tail, any);
        }
    }
}

/// Probability of either of two independent events: `1 - (1 - a)(1 - b)`, without the rounding of small ones.
fn either(a: f64, b: f64) -> f64 {
    a + b * (1.0 - a)
}

/// The most bins that keep the work of one query in bounds: one convolution for each stretch, at the product of its two
/// lengths.
pub(super) fn affordable_bins(query: usize, widths: impl Iterator<Item = usize> + Clone, bins: usize) -> usize {
    let half_square = |length: usize| (length * length) as f64 / 2.0;
    let widest = widths.clone().max().unwrap_or(0).min(query);
    let within = widths.filter(|&width| width + 2 <= query).max().unwrap_or(0);
    let stretches = (1..query.saturating_sub(1)).map(|start| half_square(within.min(query - 1 - start)));
    let work = 2.0 * half_square(widest) + stretches.sum::<f64>();
    bins.min(((WORK / work).sqrt() as usize).max(MIN_BINS))
}
