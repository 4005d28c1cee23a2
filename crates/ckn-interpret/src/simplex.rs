//! Projection on the probabilities of letters.

/// Most letters of an alphabet that the projection sorts without allocating.
const MAX_LETTERS: usize = 32;

/// Replaces a column by the closest one of probabilities: `µ_a = max(v_a − τ, 0)` with `τ` such that `Σ_a µ_a = 1`.
///
/// Columns of more than 32 letters are left as they are; no alphabet has so many.
///
/// # Source
/// Held, Wolfe and Crowder 1974; Duchi et al. 2008, figure 1.
pub(crate) fn project_on_simplex(column: &mut [f64]) {
    if column.len() > MAX_LETTERS {
        return;
    }
    let mut sorted = [0.0; MAX_LETTERS];
    let sorted = &mut sorted[..column.len()];
    sorted.copy_from_slice(column);
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut threshold) = (0.0, 0.0);
    for (count, value) in (1..).zip(sorted.iter()) {
        sum += value;
        let candidate = (sum - 1.0) / f64::from(count);
        if candidate < *value {
            threshold = candidate;
        }
    }
    column.iter_mut().for_each(|value| *value = (*value - threshold).max(0.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projection_is_the_closest_point_of_a_fine_grid() {
        for start in [[0.2, 0.5, -0.3], [3.0, 0.1, 0.2], [-1.0, -1.0, -1.0], [0.4, 0.4, 0.4], [0.2, 0.3, 0.5]] {
            let mut projected = start;
            project_on_simplex(&mut projected);
            assert!((projected.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(projected.iter().all(|&value| value >= 0.0));
            let distance = |point: [f64; 3]| -> f64 { point.iter().zip(&start).map(|(a, b)| (a - b) * (a - b)).sum() };
            for i in 0..=200 {
                for j in 0..=200 - i {
                    let (a, b) = (f64::from(i) / 200.0, f64::from(j) / 200.0);
                    assert!(distance(projected) <= distance([a, b, 1.0 - a - b]) + 1e-12, "{start:?}");
                }
            }
        }
    }
}
