//! Line search for the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).

/// `c₁` of the sufficient-decrease condition `φ(t) ≤ φ(0) + c₁ t φ'(0)`.
const DECREASE: f64 = 1e-4;
/// `c₂` of the curvature condition `|φ'(t)| ≤ c₂ |φ'(0)|`.
const CURVATURE: f64 = 0.9;
/// Evaluations of one search.
const MAX_EVALUATIONS: usize = 25;
/// Trials between brackets after which a weak Wolfe point (`φ'(t) ≥ c₂ φ'(0)`) will do. A kink may have no strong one.
const STRONG_TRIALS: usize = 8;
/// A trial keeps this share of the bracket away from its ends.
const MARGIN: f64 = 0.1;

/// The function along the line at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trial {
    /// `t`.
    pub(super) step: f64,
    /// `φ(t)`; anything but a finite number counts as too high.
    pub(super) value: f64,
    /// `φ'(t)`.
    pub(super) slope: f64,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outcome {
    /// The last trial meets the strong Wolfe conditions.
    Wolfe(Trial),
    /// This trial, not always the last, lowers the value enough, but the curvature condition does not hold or only weakly.
    Decrease(Trial),
    /// No trial lowers the value enough.
    Failed,
}

/// The conditions at the start of a search.
struct Conditions {
    start: Trial,
    /// Values up to here are equal to the best one within rounding.
    ceiling: f64,
}

impl Conditions {
    /// Sufficient decrease; once values differ by rounding only, its equivalent in slopes for a quadratic,
    /// `φ'(t) ≤ (2 c₁ − 1) φ'(0)` (Hager and Zhang 2005, equation 4.1).
    fn decreased(&self, trial: &Trial) -> bool {
        trial.value <= self.start.value + DECREASE * trial.step * self.start.slope
            || (trial.value <= self.ceiling && trial.slope <= (2.0 * DECREASE - 1.0) * self.start.slope)
    }

    fn strong(&self, trial: &Trial) -> bool {
        trial.slope.abs() <= -CURVATURE * self.start.slope
    }

    fn weak(&self, trial: &Trial) -> bool {
        trial.slope >= CURVATURE * self.start.slope
    }

    /// Whether a trial is worse than another by more than rounding.
    fn above(&self, trial: &Trial, other: &Trial) -> bool {
        trial.value >= other.value && trial.value > self.ceiling
    }
}

/// Searches from step 0, where the slope is negative, with a first trial at `first`.
///
/// `ceiling` is the value up to which differences are rounding; `−∞` turns that test off.
pub(super) fn search(value: f64, slope: f64, ceiling: f64, first: f64, mut phi: impl FnMut(f64) -> Trial) -> Outcome {
    let start = Trial { step: 0.0, value, slope };
    let conditions = Conditions { start, ceiling };
    let mut previous = start;
    let mut step = first;
    for evaluation in 1..=MAX_EVALUATIONS {
        let trial = phi(step);
        if !trial.value.is_finite() || !conditions.decreased(&trial) || conditions.above(&trial, &previous) {
            return zoom(&conditions, previous, trial, MAX_EVALUATIONS - evaluation, phi);
        }
        if conditions.strong(&trial) {
            return Outcome::Wolfe(trial);
        }
        if trial.slope >= 0.0 {
            return zoom(&conditions, trial, previous, MAX_EVALUATIONS - evaluation, phi);
        }
        let guess = cubic_minimum(&previous, &trial);
        // A guess that is no number, or behind the trial, means that the cubic falls for ever.
        let longest = 10.0 * trial.step;
        step = if guess > trial.step { guess.clamp(2.0 * trial.step, longest) } else { longest };
        previous = trial;
        if !step.is_finite() {
            break;
        }
    }
    Outcome::Decrease(previous)
}

/// Narrows a bracket: `low` has the lowest value of the trials with sufficient decrease, or is the start, and the slope
/// there points to `high`.
fn zoom(
    conditions: &Conditions,
    mut low: Trial,
    mut high: Trial,
    evaluations: usize,
    mut phi: impl FnMut(f64) -> Trial,
) -> Outcome {
    let mut weak: Option<Trial> = Some(low).filter(|trial| trial.step > 0.0 && conditions.weak(trial));
    let mut last_width = f64::INFINITY;
    for count in 0..evaluations {
        let width = (high.step - low.step).abs();
        if width <= f64::EPSILON * high.step.max(low.step) {
            break;
        }
        let step = interpolate(&low, &high, width > 0.66 * last_width);
        last_width = width;
        let trial = phi(step);
        let decreased = trial.value.is_finite() && conditions.decreased(&trial);
        if decreased && conditions.weak(&trial) && weak.is_none_or(|best| trial.value < best.value) {
            weak = Some(trial);
        }
        if !decreased || conditions.above(&trial, &low) {
            high = trial;
        } else {
            if conditions.strong(&trial) {
                return Outcome::Wolfe(trial);
            }
            if trial.slope * (high.step - low.step) >= 0.0 {
                high = low;
            }
            low = trial;
        }
        if count + 1 >= STRONG_TRIALS && weak.is_some() {
            break;
        }
    }
    match weak {
        Some(trial) => Outcome::Decrease(trial),
        None if low.step > 0.0 => Outcome::Decrease(low),
        None => Outcome::Failed,
    }
}

/// A step inside a bracket: the minimum of the cubic, kept off the ends; the middle where the cubic is of no use or the
/// bracket shrinks too slowly.
fn interpolate(low: &Trial, high: &Trial, slow: bool) -> f64 {
    let (left, right) = (low.step.min(high.step), low.step.max(high.step));
    let guess = if slow { f64::NAN } else { cubic_minimum(low, high) };
    let margin = MARGIN * (right - left);
    if guess.is_finite() { guess.clamp(left + margin, right - margin) } else { left + 0.5 * (right - left) }
}

/// Minimum of the cubic through two values and slopes (Nocedal and Wright 2006, equation 3.59), NaN if there is none.
fn cubic_minimum(a: &Trial, b: &Trial) -> f64 {
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.step - b.step);
    let d2 = (b.step - a.step).signum() * (d1 * d1 - a.slope * b.slope).sqrt();
    b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2)
}

/// Step length in (0, 1] at which a convex function along a step is lowest: the zero of its slope, bisected.
pub(crate) fn bisected(mut slope: impl FnMut(f64) -> f64, halvings: usize) -> f64 {
    if slope(1.0) <= 0.0 {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..halvings {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches `f` from 0; returns the outcome and the number of evaluations.
    fn along(f: impl Fn(f64) -> (f64, f64), first: f64) -> (Outcome, usize) {
        let (value, slope) = f(0.0);
        let mut count = 0;
        let outcome = search(value, slope, f64::NEG_INFINITY, first, |step| {
            count += 1;
            let (value, slope) = f(step);
            Trial { step, value, slope }
        });
        (outcome, count)
    }

    #[test]
    fn every_first_step_ends_at_a_wolfe_point_of_the_functions_of_more_and_thuente() {
        // Moré and Thuente 1994, equations 5.1 and 5.2.
        let rational = |t: f64| (-t / (t * t + 2.0), (t * t - 2.0) / (t * t + 2.0).powi(2));
        let quintic = |t: f64| {
            let u = t + 0.004;
            (u.powi(5) - 2.0 * u.powi(4), 5.0 * u.powi(4) - 8.0 * u.powi(3))
        };
        let functions: [&dyn Fn(f64) -> (f64, f64); 2] = [&rational, &quintic];
        for function in functions {
            for first in [1e-3, 1e-1, 1.0, 10.0, 1e3] {
                let (outcome, count) = along(function, first);
                let (value, slope) = function(0.0);
                let trial = match outcome {
                    Outcome::Wolfe(trial) => {
                        assert!(trial.slope.abs() <= CURVATURE * slope.abs());
                        trial
                    }
                    // The slope of the quintic at 0, −5e-7, is too small for a strong point to be found soon.
                    Outcome::Decrease(trial) => {
                        assert!(slope > -1e-6 && trial.slope >= CURVATURE * slope);
                        trial
                    }
                    Outcome::Failed => panic!("no step from {first}"),
                };
                assert!(trial.value <= value + DECREASE * trial.step * slope);
                assert!(count <= 14, "{count} evaluations from {first}");
            }
        }
    }

    #[test]
    fn a_cubic_is_minimised_in_one_interpolation() {
        let cubic = |t: f64| Trial { step: t, value: t * t * t - 3.0 * t, slope: 3.0 * t * t - 3.0 };
        assert!((cubic_minimum(&cubic(0.0), &cubic(3.0)) - 1.0).abs() < 1e-14);
        assert!((cubic_minimum(&cubic(3.0), &cubic(0.0)) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_step_into_infinity_or_nan_is_shortened() {
        for beyond in [f64::INFINITY, f64::NAN, f64::NEG_INFINITY] {
            let wall = |t: f64| if t < 0.01 { (-t, -1.0 + 150.0 * t) } else { (beyond, beyond) };
            assert!(matches!(along(wall, 1.0).0, Outcome::Wolfe(trial) if trial.step < 0.01), "{beyond}");
        }
    }

    #[test]
    fn a_kink_gives_a_point_of_decrease_beyond_it() {
        // Slopes −1 and 5: no strong Wolfe point, and beyond the kink at 1 the value falls enough up to 1.2.
        let kink = |t: f64| if t < 1.0 { (-t, -1.0) } else { (-1.0 + 5.0 * (t - 1.0), 5.0) };
        let (outcome, count) = along(kink, 3.0);
        assert!(matches!(outcome, Outcome::Decrease(trial) if trial.step >= 1.0 && trial.value < -0.01), "{outcome:?}");
        assert!(count < 14);
    }

    #[test]
    fn a_wrong_slope_fails_and_an_endless_fall_stops() {
        assert_eq!(along(|t| (t, -1.0), 1.0).0, Outcome::Failed);
        let (outcome, count) = along(|t| (-t, -1.0), 1.0);
        assert!(matches!(outcome, Outcome::Decrease(_)) && count <= MAX_EVALUATIONS);
    }
}
