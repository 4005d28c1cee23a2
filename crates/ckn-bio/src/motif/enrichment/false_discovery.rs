//! Many tests at once.

/// Adjusted p-values of Benjamini and Hochberg, in the order given: rejecting all that are at most `q` keeps the
/// expected share of false discoveries at `q`, for tests that are independent or depend positively on each other.
///
/// `min over j ≥ i of p_(j) m/j`, at most 1, with `p_(j)` the `j`-th smallest of `m`. Equal p-values have equal ones. A
/// p-value that is NaN counts as 1, one outside 0 to 1 as the nearest of both.
///
/// Equals SciPy's `false_discovery_control`.
///
/// ```
/// use ckn_bio::motif::benjamini_hochberg;
/// let q_values = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
/// assert!((q_values[0] - 0.04).abs() < 1e-12 && q_values[1] == q_values[2] && q_values[3] == 0.5);
/// ```
///
/// # Shapes
/// p_values `[tests]` → `[tests]`.
///
/// # Source
/// Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let sound = |p_value: f64| if p_value.is_nan() { 1.0 } else { p_value.clamp(0.0, 1.0) };
    let mut adjusted: Vec<f64> = p_values.iter().copied().map(sound).collect();
    let mut order: Vec<usize> = (0..adjusted.len()).collect();
    order.sort_unstable_by(|&a, &b| adjusted[a].total_cmp(&adjusted[b]));
    let mut least = 1.0f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        // The factor is at least 1, so that rounding makes no p-value smaller.
        least = least.min(adjusted[test] * (p_values.len() as f64 / (rank + 1) as f64));
        adjusted[test] = least;
    }
    adjusted
}
