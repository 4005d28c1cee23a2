//! Numbers of positives among sequences that are drawn without looking at labels.

/// The law of the number of positives among `n` of `total` sequences, of which some are positive.
#[derive(Debug)]
pub(super) struct Hypergeometric {
    positives: usize,
    total: usize,
    /// Logarithms of the factorials of 0 to `total`.
    ln_factorials: Vec<f64>,
}

impl Hypergeometric {
    pub(super) fn new(positives: usize, total: usize) -> Self {
        let sums = (1..=total).scan(0.0, |sum: &mut f64, number| {
            *sum += (number as f64).ln();
            Some(*sum)
        });
        Self { positives, total, ln_factorials: std::iter::once(0.0).chain(sums).collect() }
    }

    /// Positives among all.
    pub(super) fn positives(&self) -> usize {
        self.positives
    }

    /// All sequences.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Expected number among `drawn`.
    pub(super) fn mean(&self, drawn: usize) -> f64 {
        drawn as f64 * self.positives as f64 / self.total as f64
    }

    /// Standard deviation of the number among `drawn`.
    pub(super) fn deviation(&self, drawn: usize) -> f64 {
        let (drawn, total, share) = (drawn as f64, self.total as f64, self.positives as f64 / self.total as f64);
        (drawn * share * (1.0 - share) * (total - drawn) / (total - 1.0).max(1.0)).sqrt()
    }

    /// Probability of `count` among `drawn`; 0 where it cannot be.
    pub(super) fn probability(&self, drawn: usize, count: usize) -> f64 {
        let others = self.total - self.positives;
        if count > drawn || count > self.positives || drawn - count > others {
            return 0.0;
        }
        let choose = |all: usize, some: usize| {
            self.ln_factorials[all] - self.ln_factorials[some] - self.ln_factorials[all - some]
        };
        (choose(self.positives, count) + choose(others, drawn - count) - choose(self.total, drawn)).exp()
    }

    /// Probability of at least `count` among `drawn`, for a count above the mean.
    pub(super) fn tail(&self, drawn: usize, count: usize) -> f64 {
        let mut term = self.probability(drawn, count);
        let mut sum = 0.0;
        // Above the mode terms fall, ever faster.
        for number in count..=drawn.min(self.positives) {
            sum += term;
            if term <= 1e-17 * sum {
                break;
            }
            let up = (self.positives - number) as f64 * (drawn - number) as f64;
            let down = (number + 1) as f64 * (self.total + number + 1 - self.positives - drawn) as f64;
            term *= up / down;
        }
        sum.min(1.0)
    }

    /// Whether `count` of `drawn` is more than the share of the positives.
    pub(super) fn is_above_share(&self, drawn: usize, count: usize) -> bool {
        count as u128 * self.total as u128 > drawn as u128 * self.positives as u128
    }

    /// The least count among `drawn` above the mean, and not below `from`, with a tail of at most `least`; one above all counts if there is none. It
    /// does not fall with the number drawn.
    pub(super) fn surprising(&self, drawn: usize, from: usize, least: f64) -> usize {
        let most = drawn.min(self.positives);
        let is_surprising = |count: usize| self.is_above_share(drawn, count) && self.tail(drawn, count) <= least;
        let mut count = from.max(self.mean(drawn) as usize);
        while count <= most && !is_surprising(count) {
            count += 1;
        }
        count.min(most + 1)
    }
}
