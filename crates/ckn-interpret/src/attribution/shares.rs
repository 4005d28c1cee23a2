//! Which windows a score is a sum over, and how much of each coordinate is put down to which.

use ckn_core::pooling::WindowPooling;

use crate::Error;
use crate::single_layer::SingleLayer;

/// A score as a constant and a sum over windows.
pub(crate) struct WindowSum {
    /// What is left of the score without intercept and windows.
    pub(crate) constant: f64,
    /// Windows, and the weight of each kernel value in their part, `v = Rᵀ u`.
    pub(crate) windows: Vec<(usize, Vec<f64>)>,
}

impl SingleLayer {
    /// All windows (mean and sum pooling), or the best one of each coordinate (max pooling): their parts are the score.
    pub(crate) fn best_windows(&self, reading: &[u8], windows: usize) -> Result<WindowSum, Error> {
        if self.pooled == WindowPooling::Sums {
            return Ok(self.all_windows(windows));
        }
        let coordinates = self.coordinates(reading)?;
        let mut shares = vec![0.0; coordinates.len()];
        for coordinate in 0..self.filters {
            let value = |window: usize| coordinates[window * self.filters + coordinate];
            let best = (1..windows).fold(0, |best, window| if value(window) > value(best) { window } else { best });
            shares[best * self.filters + coordinate] = self.weights[coordinate];
        }
        Ok(WindowSum { constant: 0.0, windows: self.of_shares(&shares) })
    }

    /// All windows (mean and sum pooling), or the windows of which each could be the best (max pooling), given the kernel values
    /// of a window without information, `[filters]`.
    ///
    /// A site raises a coordinate in several windows that overlap, and would raise it nearly as much without the very best
    /// one; so would the rest of a long sequence. What a maximum adds to the coordinate of a window without information is
    /// therefore divided among windows by the Shapley value of the game whose coalitions are sets of windows, worth their
    /// largest coordinate. It has a closed form: each step from the `k`-th largest value down to the next is
    /// divided evenly among the `k` windows above it (S. C. Littlechild and G. Owen, Management Science 20, 1973).
    pub(crate) fn shared_windows(&self, reading: &[u8], windows: usize, neutral: &[f64]) -> Result<WindowSum, Error> {
        if self.pooled == WindowPooling::Sums {
            return Ok(self.all_windows(windows));
        }
        let coordinates = self.coordinates(reading)?;
        let mut shares = vec![0.0; coordinates.len()];
        let mut constant = 0.0;
        for coordinate in 0..self.filters {
            let value = |window: usize| coordinates[window * self.filters + coordinate];
            let row = &self.root()[coordinate * self.filters..][..self.filters];
            let floor: f64 = row.iter().zip(neutral).map(|(root, value)| root * value).sum();
            let values: Vec<f64> = (0..windows).map(value).collect();
            let mut divided = 0.0;
            for (window, share) in shapley_of_maximum(&values, floor) {
                shares[window * self.filters + coordinate] = self.weights[coordinate] * share;
                divided += share * value(window);
            }
            let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            constant += self.weights[coordinate] * (largest - divided);
        }
        Ok(WindowSum { constant, windows: self.of_shares(&shares) })
    }

    fn all_windows(&self, windows: usize) -> WindowSum {
        let share = self.pooling.share(windows);
        let shares: Vec<f64> = self.weights.iter().map(|weight| share * weight).collect();
        let sums = self.of_shares(&shares).pop().map_or_else(|| vec![0.0; self.filters], |(_, sums)| sums);
        WindowSum { constant: 0.0, windows: (0..windows).map(|window| (window, sums.clone())).collect() }
    }

    /// Weights of kernel values from those of coordinates, `[windows, filters]`; windows without any are left out.
    fn of_shares(&self, shares: &[f64]) -> Vec<(usize, Vec<f64>)> {
        let windows = shares.chunks_exact(self.filters).enumerate();
        windows
            .filter(|(_, shares)| shares.iter().any(|share| *share != 0.0))
            .map(|(window, shares)| {
                let mut sums = vec![0.0; self.filters];
                let rows = self.root().chunks_exact(self.filters);
                for (row, share) in rows.zip(shares).filter(|(_, share)| **share != 0.0) {
                    sums.iter_mut().zip(row).for_each(|(sum, root)| *sum += share * root);
                }
                (window, sums)
            })
            .collect()
    }
}

/// Windows and the part of `value − floor` of each that is put down to it, so that all parts sum to `max − floor`. Where no value is
/// above the floor, the largest counts alone.
fn shapley_of_maximum(values: &[f64], floor: f64) -> Vec<(usize, f64)> {
    let mut above: Vec<usize> = (0..values.len()).filter(|&window| values[window] > floor).collect();
    if above.is_empty() {
        let best = (1..values.len()).fold(0, |best, window| if values[window] > values[best] { window } else { best });
        return if values.is_empty() { Vec::new() } else { vec![(best, 1.0)] };
    }
    // Equal values keep the order of their windows.
    above.sort_by(|&left, &right| values[right].total_cmp(&values[left]));
    let mut sum = 0.0;
    let mut below = floor;
    let mut shares = Vec::with_capacity(above.len());
    for (rank, &window) in above.iter().enumerate().rev() {
        sum += (values[window] - below) / (rank + 1) as f64;
        below = values[window];
        shares.push((window, sum / (values[window] - floor)));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_form_is_the_shapley_value_by_all_orders() {
        let values = [0.3, 1.2, -0.5, 0.9, 1.2];
        let floor = 0.1;
        let mut sums = vec![0.0; values.len()];
        let mut orders = 0.0;
        let mut stack = vec![Vec::new()];
        while let Some(order) = stack.pop() {
            if order.len() == values.len() {
                orders += 1.0;
                let mut largest: f64 = floor;
                for &window in &order {
                    let next: f64 = largest.max(values[window]);
                    sums[window] += next - largest;
                    largest = next;
                }
            }
            let free: Vec<usize> = (0..values.len()).filter(|window| !order.contains(window)).collect();
            stack.extend(free.into_iter().map(|window| [&order[..], &[window]].concat()));
        }
        let mut parts = vec![0.0; values.len()];
        for (window, share) in shapley_of_maximum(&values, floor) {
            parts[window] = share * (values[window] - floor);
        }
        for (part, sum) in parts.iter().zip(sums) {
            assert!((part - sum / orders).abs() < 1e-12, "{parts:?}");
        }
        assert!((parts.iter().sum::<f64>() - (1.2 - floor)).abs() < 1e-12);
    }

    #[test]
    fn without_a_value_above_the_floor_the_largest_counts_alone() {
        assert_eq!(shapley_of_maximum(&[-2.0, -1.0, -3.0], 0.0), [(1, 1.0)]);
        assert!(shapley_of_maximum(&[], 0.0).is_empty());
    }
}
