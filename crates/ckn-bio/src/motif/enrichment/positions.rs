//! Where in the sequences a motif lies.

use super::tail::binomial_upper_tail;
use crate::encoded::EncodedSequences;
use crate::error::{Error, MotifError};
use crate::motif::Hit;

/// Central windows that are tested: `1/50, 2/50, …, 49/50` of the possible positions.
const WINDOWS: usize = 50;

/// Where the best hits of sequences lie, relative to the centre, and whether they lie there by chance.
///
/// Of a sequence of `L` letters, a motif of `w` has `n = L − w + 1` possible positions. A hit at position `x` lies at
/// the fraction `(x + ½)/n`, and `x + w/2 − L/2` bp from the centre. Sequences of any lengths are compared by their
/// fractions.
///
/// *Central enrichment* asks, for central windows of `1/50, …, 49/50` of the possible positions, how likely it is that
/// as many best hits lie inside if all positions are alike: a binomial tail, with the mean over sequences of the share
/// of positions inside as chance. Where lengths differ, and with them the shares, the tail of the true distribution is
/// smaller (Hoeffding 1956), as long as more hits are inside than expected. The smallest p-value of all windows is then
/// corrected for their number `m`: `1 − (1 − p)^m`. This is the test of CentriMo (Bailey and Machanick 2012), on
/// fractions. Of equal best hits the leftmost counts; in repeats, positions are thus not alike.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PositionalDistribution {
    /// Number of hits in each of equal parts of the possible positions, from the first to the last.
    pub counts: Vec<usize>,
    /// Centre of each hit relative to the centre of its sequence, in bp, in the order of the sequences.
    pub offsets: Vec<f64>,
    /// Share of the possible positions that lie in the central window with the smallest p-value.
    pub window: f64,
    /// Number of hits in that window.
    pub in_window: usize,
    /// Mean width of that window in positions, that is in bp.
    pub window_width: f64,
    /// P-value of central enrichment, corrected for the number of windows; 1 without hits.
    pub p_value: f64,
}

impl PositionalDistribution {
    /// The distribution of the hits that score at least `threshold` bits, in `bins` parts.
    ///
    /// # Shapes
    /// best `[records]`, as [`MotifScanner::best_of_each`](crate::motif::MotifScanner::best_of_each) returns them.
    ///
    /// # Errors
    /// [`MotifError::HitCount`] for another number of hits than sequences; [`MotifError::HitPosition`] for a hit that
    /// does not fit into its sequence; [`Error::Parameter`] unless `bins` is between 1 and 10 000.
    pub fn new(
        sequences: &EncodedSequences,
        best: &[Option<Hit>],
        width: usize,
        threshold: f64,
        bins: usize,
    ) -> Result<Self, Error> {
        if best.len() != sequences.len() {
            return Err(MotifError::HitCount { hits: best.len(), sequences: sequences.len() }.into());
        }
        if !(1..=10_000).contains(&bins) {
            return Err(Error::Parameter { name: "bins", got: bins as f64, expected: "between 1 and 10000" });
        }
        let mut places = Vec::new();
        for (record, hit) in best.iter().enumerate() {
            let Some(hit) = hit.filter(|hit| hit.score >= threshold) else { continue };
            let length = sequences.sequence(record).len();
            if width == 0 || hit.position.checked_add(width).is_none_or(|end| end > length) {
                let at = Box::new(sequences.place(record));
                return Err(MotifError::HitPosition { at, position: hit.position, width, length }.into());
            }
            places.push(Place { position: hit.position, possible: length - width + 1 });
        }
        let mut counts = vec![0; bins];
        for place in &places {
            counts[(2 * place.position + 1) * bins / (2 * place.possible)] += 1;
        }
        let central = CentralWindow::most_enriched(&places);
        Ok(Self {
            counts,
            offsets: places.iter().map(Place::offset).collect(),
            window: central.share,
            in_window: central.hits,
            window_width: central.width,
            p_value: central.p_value,
        })
    }
}

/// A hit, and the number of positions that it could have.
struct Place {
    position: usize,
    possible: usize,
}

impl Place {
    /// Of the hit's centre from the sequence's, which is that of the possible positions.
    fn offset(&self) -> f64 {
        self.position as f64 - 0.5 * (self.possible - 1) as f64
    }

    /// Whether the hit is in the window of `parts` of [`WINDOWS`]: its distance from the centre is at most as large a
    /// part of the largest, `possible / 2`. In whole numbers, so that a window is the same on both sides.
    fn is_central(&self, parts: usize) -> bool {
        (2 * self.position + 1).abs_diff(self.possible) * WINDOWS <= parts * self.possible
    }

    /// Number of possible positions in the window.
    fn central(&self, parts: usize) -> usize {
        // Distances from the centre, doubled, are the numbers below `possible` that differ from it by an odd number.
        let reach = (parts * self.possible / WINDOWS).min(self.possible - 1);
        if self.possible.is_multiple_of(2) { reach.div_ceil(2) * 2 } else { reach / 2 * 2 + 1 }
    }
}

struct CentralWindow {
    share: f64,
    hits: usize,
    width: f64,
    p_value: f64,
}

impl CentralWindow {
    fn most_enriched(places: &[Place]) -> Self {
        let mut best = Self { share: 1.0, hits: places.len(), width: 0.0, p_value: 1.0 };
        if places.is_empty() {
            return best;
        }
        let mean = |of: &dyn Fn(&Place) -> f64| places.iter().map(of).sum::<f64>() / places.len() as f64;
        best.width = mean(&|place| place.possible as f64);
        for parts in 1..WINDOWS {
            let hits = places.iter().filter(|place| place.is_central(parts)).count();
            let share = mean(&|place| place.central(parts) as f64 / place.possible as f64);
            let p_value = binomial_upper_tail(hits as u64, places.len() as u64, share);
            if p_value < best.p_value {
                best = Self { share, hits, width: mean(&|place| place.central(parts) as f64), p_value };
            }
        }
        // 1 − (1 − p)^m, without losing the digits of a small p.
        let corrected = -f64::exp_m1((WINDOWS - 1) as f64 * f64::ln_1p(-best.p_value));
        Self { p_value: corrected.clamp(f64::MIN_POSITIVE, 1.0), ..best }
    }
}
