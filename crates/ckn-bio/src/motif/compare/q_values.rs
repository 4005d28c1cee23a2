//! False discovery rates.

use super::Match;

/// `q_i = min_{j ≥ i} p_j n/j` over matches sorted by p-value (Benjamini and Hochberg 1995).
pub(super) fn assign(matches: &mut [Match]) {
    let all = matches.len() as f64;
    let mut least = 1.0_f64;
    for (rank, found) in matches.iter_mut().enumerate().rev() {
        // Divided first: the factor is at least one, and no q-value falls below its p-value by rounding.
        least = least.min(found.p_value * (all / (rank + 1) as f64));
        found.q_value = least;
    }
}
