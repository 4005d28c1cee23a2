//! The penalty of the machine: a path of growing `C`, each fit from the last, judged on images held out.

use ckn_core::seed::Seed;
use ckn_core::svm::{FittedSvm, Svm, SvmConfig, SvmProblem, fit_svm};
use rand::seq::SliceRandom;
use serde::Serialize;

use super::ImageEvent;
use crate::{Error, Observer};

/// Powers of two that `C` may be (Mairal et al. 2014, section 4).
const POWERS: std::ops::RangeInclusive<i32> = -15..=15;

/// The power at which the path begins.
const FIRST: i32 = 2;

/// Values tried in one direction without a lower smoothed error, after which the path ends.
const PATIENCE: usize = 2;

/// What the lowest smoothed error must be multiplied by for a lower one to count.
const GAIN: f64 = 0.99;

/// Images fewer that a lower one must stand for: where classes are told apart, weaker penalties make it smaller for ever.
const FEWER: f64 = 0.1;

/// Width of the step that stands for that of the error, in units of the machine's margin.
///
/// An error of 0.6 % of 10,000 images has a standard error of 0.08 %, more than neighbouring penalties differ by, and ends the
/// path anywhere; that of the smoothed error is a fraction of it. The machine's own loss is smooth as well, but where classes
/// overlap it is lowest at penalties that are too strong.
const STEP: f64 = 0.1;

/// Below so many images there are five folds, above a part is held out.
const SMALL: usize = 20_000;
const FOLDS: usize = 5;
const HELD_OUT: usize = 10_000;

/// A looser fit on the path, a closer one in the end.
const PATH_TOLERANCE: f64 = 3e-3;
const FINAL_TOLERANCE: f64 = 1e-5;

/// One penalty, tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostTrial {
    /// `C`.
    pub cost: f64,
    /// Error on images held out, in per cent.
    pub error: f64,
    /// The same with a logistic step in place of a sharp one, in per cent: what the penalty is chosen by.
    pub smoothed_error: f64,
    /// Whether its smoothed error is below the best before it, by a hundredth and by a tenth of an image.
    pub best: bool,
}

/// Which images are learned from and which are held out, once or once a fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts(Vec<(Vec<u32>, Vec<u32>)>);

impl Parts {
    /// Five folds of few images, ten thousand held out of many.
    pub(super) fn of(rows: &[u32], seed: Seed) -> Self {
        let mut order = rows.to_vec();
        order.shuffle(&mut seed.stream("folds"));
        let sorted = |mut rows: Vec<u32>| {
            rows.sort_unstable();
            rows
        };
        if rows.len() >= SMALL {
            let (held_out, rest) = order.split_at(HELD_OUT);
            return Self(vec![(sorted(rest.to_vec()), sorted(held_out.to_vec()))]);
        }
        let folds = FOLDS.min(rows.len());
        let part = |fold: usize| {
            let of = |wanted: bool| order.iter().enumerate().filter(move |(at, _)| (at % folds == fold) == wanted);
            let rows = |wanted| sorted(of(wanted).map(|(_, &row)| row).collect());
            (rows(false), rows(true))
        };
        Self((0..folds).map(part).collect())
    }
}

/// A chosen penalty, what was tried on the way, and a machine of that penalty to start from.
pub(super) struct Choice {
    pub(super) cost: f64,
    pub(super) trials: Vec<CostTrial>,
    start: Svm,
}

/// Tries penalties on a path that ends in each direction after two values without a lower smoothed error.
pub(super) fn choose(problem: SvmProblem<'_>, parts: &Parts, observer: &mut dyn Observer) -> Result<Choice, Error> {
    let zeros = || Svm::zeros(problem.class_count, problem.dimension);
    let mut choice = Choice { cost: 1.0, trials: Vec::new(), start: zeros() };
    let mut lowest = f64::INFINITY;
    let mut first: Vec<Svm> = Vec::new();
    for upwards in [true, false] {
        // Downwards only from a best at the path's beginning.
        if !upwards && choice.cost != 2f64.powi(FIRST) {
            break;
        }
        let mut machines = if upwards { vec![zeros(); parts.0.len()] } else { first.clone() };
        let (mut power, mut without) = (if upwards { FIRST } else { FIRST - 1 }, 0);
        while POWERS.contains(&power) && without < PATIENCE {
            let cost = 2f64.powi(power);
            let (mut wrong, mut smoothed, mut tried) = (0, 0.0, 0);
            for ((rows, held_out), machine) in parts.0.iter().zip(&mut machines) {
                let config = SvmConfig { cost, tolerance: PATH_TOLERANCE, ..SvmConfig::default() };
                *machine = fit_svm(SvmProblem { rows, ..problem }, machine, config)?.machine;
                let (sharp, smooth) = wrong_of(machine, problem, held_out)?;
                (wrong, smoothed, tried) = (wrong + sharp, smoothed + smooth, tried + held_out.len());
            }
            if power == FIRST {
                first.clone_from(&machines);
            }
            let share = 100.0 / tried.max(1) as f64;
            let (error, smoothed_error) = (share * wrong as f64, share * smoothed);
            let trial = CostTrial { cost, error, smoothed_error, best: smoothed_error < to_beat(lowest, share) };
            if trial.best {
                (lowest, without) = (trial.smoothed_error, 0);
                choice.cost = cost;
                machines[0].clone_into(&mut choice.start);
            } else {
                without += 1;
            }
            choice.trials.push(trial);
            if observer.observe(ImageEvent::Cost(&trial).into()).is_break() {
                return Err(Error::Interrupted);
            }
            power += if upwards { 1 } else { -1 };
        }
    }
    Ok(choice)
}

/// The smoothed error below which a trial is the best so far, one image being a share of all.
fn to_beat(lowest: f64, share: f64) -> f64 {
    (GAIN * lowest).min(lowest - FEWER * share)
}

impl Choice {
    /// The machine of the chosen penalty on all rows of a problem.
    pub(super) fn fit(&self, problem: SvmProblem<'_>) -> Result<FittedSvm, Error> {
        fit(problem, self.cost, &self.start)
    }
}

/// A machine of a given penalty.
pub(super) fn fit(problem: SvmProblem<'_>, cost: f64, start: &Svm) -> Result<FittedSvm, Error> {
    Ok(fit_svm(problem, start, SvmConfig { cost, tolerance: FINAL_TOLERANCE, ..SvmConfig::default() })?)
}

/// Images of some rows whose class is not that of the largest score, and the same with a smoothed step: how many would be wrong
/// if the score of their class beside the largest other one were uncertain by [`STEP`].
pub(super) fn wrong_of(machine: &Svm, problem: SvmProblem<'_>, rows: &[u32]) -> Result<(usize, f64), Error> {
    let scores = machine.scores(problem.features, rows)?;
    let (mut wrong, mut smoothed) = (0, 0.0);
    for (scores, &row) in scores.chunks_exact(machine.classes()).zip(rows) {
        let class = problem.classes[row as usize];
        wrong += usize::from(Svm::largest(scores) != class);
        let others = scores.iter().zip(0..).filter(|(_, other)| *other != class);
        let best = others.fold(f32::NEG_INFINITY, |best, (&score, _)| best.max(score));
        smoothed += 1.0 / (1.0 + (f64::from(scores[class as usize] - best) / STEP).exp());
    }
    Ok((wrong, smoothed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use ckn_core::svm::FeatureMoments;
    use std::ops::ControlFlow;

    #[test]
    fn parts_are_disjoint_and_every_image_is_held_out_once_in_folds() {
        let rows: Vec<u32> = (0..103).collect();
        let Parts(folds) = Parts::of(&rows, Seed(1));
        let mut all: Vec<u32> = folds.iter().flat_map(|(_, held_out)| held_out.clone()).collect();
        all.sort_unstable();
        assert_eq!((folds.len(), &all), (5, &rows));
        assert!(folds.iter().all(|(rows, held_out)| rows.len() + held_out.len() == 103));
        let many: Vec<u32> = (0..25_000).collect();
        let Parts(parts) = Parts::of(&many, Seed(1));
        assert_eq!((parts.len(), parts[0].0.len(), parts[0].1.len()), (1, 15_000, 10_000));
    }

    /// Two classes that overlap, among numbers that say nothing.
    #[test]
    fn the_path_ends_two_values_after_its_best() {
        let noise = |at: usize| ((at as f32 + 0.5) * 12.9898).sin() * 43_758.547 % 1.0;
        let features: Vec<f32> = (0..120 * 40)
            .map(|at| if at % 40 == 0 { noise(at) + if at / 40 % 2 == 0 { 0.6 } else { -0.6 } } else { noise(at) })
            .collect();
        let classes: Vec<u32> = (0..120).map(|k| k % 2).collect();
        let rows: Vec<u32> = (0..120).collect();
        let moments = &FeatureMoments::of(&features, 40).unwrap();
        let problem =
            SvmProblem { features: &features, dimension: 40, classes: &classes, class_count: 2, rows: &rows, moments };
        let mut seen = Vec::new();
        let mut watch = |event: Event<'_>| {
            if let Event::Image(ImageEvent::Cost(trial)) = event {
                seen.push(*trial);
            }
            ControlFlow::Continue(())
        };
        let choice = choose(problem, &Parts::of(&rows, Seed(0)), &mut watch).unwrap();
        assert_eq!(seen, choice.trials);
        let costs: Vec<f64> = seen.iter().map(|trial| trial.cost).collect();
        let best = seen.iter().rfind(|trial| trial.best).unwrap();
        assert_eq!(best.cost, choice.cost);
        assert_eq!((costs[0], costs[costs.len() - 1]), (4.0, 4.0 * best.cost), "{costs:?}");
        assert!(seen.iter().all(|trial| trial.smoothed_error >= best.smoothed_error * GAIN - FEWER * 100.0 / 120.0));
        let mut stop = |_: Event<'_>| ControlFlow::Break(());
        assert!(matches!(choose(problem, &Parts::of(&rows, Seed(0)), &mut stop), Err(Error::Interrupted)));
    }

    #[test]
    fn a_best_at_the_beginning_is_looked_for_downwards_too() {
        let features: Vec<f32> = (0..400).flat_map(|k| [if k % 2 == 0 { 1.0 } else { -1.0 }, (k % 7) as f32]).collect();
        let (classes, rows): (Vec<u32>, Vec<u32>) = ((0..400).map(|k| k % 2).collect(), (0..400).collect());
        let moments = &FeatureMoments::of(&features, 2).unwrap();
        let problem =
            SvmProblem { features: &features, dimension: 2, classes: &classes, class_count: 2, rows: &rows, moments };
        let choice = choose(problem, &Parts::of(&rows, Seed(0)), &mut crate::Ignore).unwrap();
        // Perfect at once, and a weaker penalty gains less than a tenth of an image.
        let costs: Vec<f64> = choice.trials.iter().map(|trial| trial.cost).collect();
        assert_eq!((costs, choice.cost), (vec![4.0, 8.0, 16.0, 2.0, 1.0], 4.0));
        assert_eq!(wrong_of(&choice.fit(problem).unwrap().machine, problem, &rows).unwrap().0, 0);
    }

    #[test]
    fn a_gain_counts_by_a_hundredth_and_by_a_tenth_of_an_image() {
        // Of 10,000 images one is 0.01 %, of 100 one is 1 %.
        for (lowest, share, bound) in [(1.0, 0.01, 0.99), (0.02, 0.01, 0.019), (0.05, 1.0, -0.05)] {
            assert!((to_beat(lowest, share) - bound).abs() < 1e-12, "{lowest} {share}");
        }
        assert_eq!(to_beat(f64::INFINITY, 1.0), f64::INFINITY);
    }

    #[test]
    fn the_smoothed_error_is_a_half_at_no_margin() {
        let machine = Svm { weights: vec![1.0, -1.0], intercepts: vec![0.0; 2] };
        let features = [0.0, 0.05, -0.05, 9.0];
        let moments = &FeatureMoments::of(&features, 1).unwrap();
        let (classes, rows) = ([1, 0, 0, 0], [0, 1, 2, 3]);
        let problem =
            SvmProblem { features: &features, dimension: 1, classes: &classes, class_count: 2, rows: &rows, moments };
        // Margins 0, 0.1, −0.1 and 18 at a step of 0.1; the first of equal scores wins.
        let (wrong, smoothed) = wrong_of(&machine, problem, &rows).unwrap();
        let step = 1.0 / (1.0 + std::f64::consts::E);
        assert_eq!(wrong, 2);
        assert!((smoothed - (0.5 + step + (1.0 - step))).abs() < 1e-6, "{smoothed}");
    }
}
