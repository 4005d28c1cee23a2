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

/// Values tried in one direction without a lower error, after which the path ends.
const PATIENCE: usize = 3;

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
    /// Whether it is the lowest error so far.
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

/// Tries penalties on a path that ends in each direction after three values without a lower error.
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
            let (mut wrong, mut tried) = (0, 0);
            for ((rows, held_out), machine) in parts.0.iter().zip(&mut machines) {
                let config = SvmConfig { cost, tolerance: PATH_TOLERANCE, ..SvmConfig::default() };
                *machine = fit_svm(SvmProblem { rows, ..problem }, machine, config)?.machine;
                wrong += wrong_of(machine, problem, held_out)?;
                tried += held_out.len();
            }
            if power == FIRST {
                first.clone_from(&machines);
            }
            let error = 100.0 * wrong as f64 / tried.max(1) as f64;
            let best = error < lowest;
            if best {
                (lowest, without) = (error, 0);
                choice.cost = cost;
                machines[0].clone_into(&mut choice.start);
            } else {
                without += 1;
            }
            choice.trials.push(CostTrial { cost, error, best });
            if observer.observe(ImageEvent::Cost(&CostTrial { cost, error, best }).into()).is_break() {
                return Err(Error::Interrupted);
            }
            power += if upwards { 1 } else { -1 };
        }
    }
    Ok(choice)
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

/// Images of some rows whose class is not that of the largest score.
pub(super) fn wrong_of(machine: &Svm, problem: SvmProblem<'_>, rows: &[u32]) -> Result<usize, Error> {
    let scores = machine.scores(problem.features, rows)?;
    let wrong = scores.chunks_exact(machine.classes()).zip(rows);
    Ok(wrong.filter(|(scores, row)| Svm::largest(scores) != problem.classes[**row as usize]).count())
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

    /// Two classes apart by the first number, of a scale at which the best penalty is not at an end of the path.
    #[test]
    fn the_path_ends_three_values_after_its_best() {
        let features: Vec<f32> = (0..400).flat_map(|k| [if k % 2 == 0 { 1.0 } else { -1.0 }, (k % 7) as f32]).collect();
        let classes: Vec<u32> = (0..400).map(|k| k % 2).collect();
        let rows: Vec<u32> = (0..400).collect();
        let moments = &FeatureMoments::of(&features, 2).unwrap();
        let problem =
            SvmProblem { features: &features, dimension: 2, classes: &classes, class_count: 2, rows: &rows, moments };
        let mut seen = Vec::new();
        let mut watch = |event: Event<'_>| {
            if let Event::Image(ImageEvent::Cost(trial)) = event {
                seen.push(trial.cost);
            }
            ControlFlow::Continue(())
        };
        let choice = choose(problem, &Parts::of(&rows, Seed(0)), &mut watch).unwrap();
        // Perfect at once: three more upwards, three downwards.
        assert_eq!(seen, [4.0, 8.0, 16.0, 32.0, 2.0, 1.0, 0.5]);
        assert_eq!(choice.cost, 4.0);
        assert_eq!(wrong_of(&choice.fit(problem).unwrap().machine, problem, &rows).unwrap(), 0);
        let mut stop = |_: Event<'_>| ControlFlow::Break(());
        assert!(matches!(choose(problem, &Parts::of(&rows, Seed(0)), &mut stop), Err(Error::Interrupted)));
    }
}
