//! Sums of rows, sixteen rows at a time: one vector operation where sixteen horizontal ones would be needed.

use super::{LANES, Row};
use crate::Scalar;

/// The sum of each of [`LANES`] rows, by a transposing tree of additions. The order of additions is the same for every
/// row, so that a row's sum does not depend on its neighbours.
#[inline(always)]
pub(super) fn row_sums<S: Scalar>(rows: &[Row<S>; LANES]) -> Row<S> {
    let eight: [Row<S>; 8] = std::array::from_fn(|i| halve::<S, 8>(&rows[i], &rows[i + 8]));
    let four: [Row<S>; 4] = std::array::from_fn(|i| halve::<S, 4>(&eight[i], &eight[i + 4]));
    let two: [Row<S>; 2] = std::array::from_fn(|i| halve::<S, 2>(&four[i], &four[i + 2]));
    halve::<S, 1>(&two[0], &two[1])
}

/// Within each group of `2 HALF` lanes, adds the halves of both rows: the left row's sums first, then the right one's.
#[inline(always)]
fn halve<S: Scalar, const HALF: usize>(left: &Row<S>, right: &Row<S>) -> Row<S> {
    let mut low = [S::zero(); LANES];
    let mut high = [S::zero(); LANES];
    for lane in 0..LANES {
        let (group, within) = (lane / (2 * HALF) * (2 * HALF), lane % (2 * HALF));
        let (row, at) = if within < HALF { (left, group + within) } else { (right, group + within - HALF) };
        low[lane] = row[at];
        high[lane] = row[at + HALF];
    }
    for lane in 0..LANES {
        low[lane] += high[lane];
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gives_its_own_sum() {
        let rows: [Row<f64>; LANES] = std::array::from_fn(|i| {
            std::array::from_fn(|j| (1 << i) as f64 + 0.001 * ((i * i * 31 + j * 7) % 97) as f64)
        });
        let sums = row_sums(&rows);
        for (row, sum) in rows.iter().zip(sums) {
            assert!((row.iter().sum::<f64>() - sum).abs() < 1e-9 * sum);
        }
    }
}
