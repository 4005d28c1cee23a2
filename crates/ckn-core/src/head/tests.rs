//! Heads: optimality, standardisation, strands.

use super::*;

fn config(loss: Loss, l2: f64, strands: Strands) -> HeadConfig {
    HeadConfig { loss, positive_weight: 1.0, l2, strands, standardise: false, solver: Lbfgs::default() }
}

/// Values between −½ and ½ without a pattern.
fn noise(i: usize) -> f64 {
    ((i as f64 * 12.9898).sin() * 43758.5453).rem_euclid(1.0) - 0.5
}

/// Gradient of `Σ L + (A/2)‖w‖²` by the plain formula.
fn gradient(rows: &[f64], labels: &[f64], head: &FittedHead, config: &HeadConfig) -> Vec<f64> {
    let d = head.weights.len();
    let mut gradient: Vec<f64> = head.weights.iter().map(|w| config.l2 * w).chain([0.0]).collect();
    for (row, &label) in rows.chunks_exact(d).zip(labels) {
        let score: f64 = row.iter().zip(&head.weights).map(|(a, b)| a * b).sum::<f64>() + head.intercept;
        let slope = config.loss.derivative(score, label);
        for j in 0..d {
            gradient[j] += slope * row[j];
        }
        gradient[d] += slope;
    }
    gradient
}

#[test]
fn the_gradient_of_the_plain_objective_vanishes_even_for_tiny_and_collinear_features() {
    let (n, d) = (400, 6);
    // Features of size 0.01 around a common mean of 0.5, two of them almost equal: a condition number near 10⁸.
    let mut rows: Vec<f64> = (0..n * d).map(|i| 0.5 + 0.01 * noise(i)).collect();
    for row in rows.chunks_exact_mut(d) {
        row[1] = row[0] + 1e-4 * (row[1] - 0.5);
    }
    let labels: Vec<f64> = rows
        .chunks_exact(d)
        .enumerate()
        .map(|(i, row)| f64::from(row[0] + row[2] + 0.02 * noise(i + 7) > 1.0))
        .collect();
    for loss in [Loss::Logistic, Loss::SquaredHinge, Loss::Squared] {
        let config = config(loss, 1e-6, Strands::Forward);
        let head = fit_head(&rows, &labels, (&[0.0; 6], 0.0), &config).unwrap();
        assert!(head.termination.converged(), "{loss:?} {:?}", head.termination);
        assert!(head.iterations < 40, "{loss:?}: {}", head.iterations);
        for (j, g) in gradient(&rows, &labels, &head, &config).into_iter().enumerate() {
            assert!(g.abs() < 2e-4 * n as f64 * 0.01, "{loss:?} {j}: {g}");
        }
    }
}

#[test]
fn least_squares_gives_the_closed_form() {
    // y = 2 x + 1 exactly, no penalty.
    let rows = [0.0, 1.0, 2.0, 3.0];
    let head =
        fit_head(&rows, &[1.0, 3.0, 5.0, 7.0], (&[0.0], 0.0), &config(Loss::Squared, 0.0, Strands::Forward)).unwrap();
    assert!((head.weights[0] - 2.0).abs() < 1e-7 && (head.intercept - 1.0).abs() < 1e-7);
    assert!(head.mean_loss < 1e-12);
    // With A = 5: centred x has Σx² = 5, Σxy = 10, so w = 10/(5 + 5).
    let head =
        fit_head(&rows, &[1.0, 3.0, 5.0, 7.0], (&[0.0], 0.0), &config(Loss::Squared, 5.0, Strands::Forward)).unwrap();
    assert!((head.weights[0] - 1.0).abs() < 1e-7);
}

#[test]
fn the_mean_of_strands_is_the_head_of_mean_embeddings() {
    let (n, d) = (60, 3);
    let pairs: Vec<f64> = (0..n * 2 * d).map(noise).collect();
    let means: Vec<f64> =
        pairs.chunks_exact(2 * d).flat_map(|p| (0..d).map(|j| 0.5 * (p[j] + p[d + j])).collect::<Vec<_>>()).collect();
    let labels: Vec<f64> = (0..n).map(|i| f64::from(means[i * d] > 0.0)).collect();
    let both = fit_head(&pairs, &labels, (&[0.0; 3], 0.0), &config(Loss::Logistic, 0.1, Strands::Mean)).unwrap();
    let one = fit_head(&means, &labels, (&[0.0; 3], 0.0), &config(Loss::Logistic, 0.1, Strands::Forward)).unwrap();
    assert_eq!(both, one);
}

#[test]
fn the_maximum_of_strands_lowers_the_loss_and_ends_gracefully() {
    let (n, d) = (80, 4);
    let pairs: Vec<f64> = (0..n * 2 * d).map(noise).collect();
    let labels: Vec<f64> = pairs.chunks_exact(2 * d).map(|p| f64::from(p[0].max(p[d]) > 0.15)).collect();
    let head = fit_head(&pairs, &labels, (&[0.0; 4], 0.0), &config(Loss::Logistic, 0.01, Strands::Max)).unwrap();
    assert!(head.mean_loss < 0.4, "{}", head.mean_loss);
}

#[test]
fn broken_input_is_named() {
    let fit = |rows: &[f64], labels: &[f64], l2| {
        fit_head(rows, labels, (&[0.0], 0.0), &config(Loss::Logistic, l2, Strands::Forward))
    };
    assert!(matches!(fit(&[1.0, f64::NAN], &[0.0, 1.0], 0.1), Err(Error::NotFinite { what: "embeddings", .. })));
    assert!(matches!(fit(&[1.0, 2.0], &[0.0, f64::NAN], 0.1), Err(Error::NotFinite { what: "labels", .. })));
    assert!(matches!(fit(&[1.0, 2.0], &[0.0, 2.0], 0.1), Err(Error::Label { .. })));
    assert!(matches!(fit(&[1.0, 2.0], &[0.0, 1.0], -1.0), Err(Error::Parameter { name: "l2", .. })));
    assert!(matches!(fit(&[1.0], &[0.0, 1.0], 0.1), Err(Error::Shape { .. })));
    assert!(matches!(fit(&[], &[], 0.1), Err(Error::Empty { .. })));
}

#[test]
fn two_classes_of_the_multinomial_loss_are_the_logistic_head() {
    // With opposite weights ±d/2 the penalty (A/2)·2·‖d/2‖² is that of a logistic head under A/2.
    let embeddings: Vec<f64> = (0..60 * 3).map(|at| ((at * 37 % 101) as f64 * 0.7).sin()).collect();
    let labels: Vec<f64> = (0..60).map(|at| f64::from((at * 7 % 5) > 2)).collect();
    let zero = [0.0; 3];
    for strands in [Strands::Forward, Strands::Mean] {
        let records = 60 / strands.count();
        let (labels, l2) = (&labels[..records], 0.3);
        let two = [(&zero[..], 0.0), (&zero[..], 0.0)];
        let classes = fit_multinomial(&embeddings, labels, &two, &config(Loss::Multinomial, l2, strands)).unwrap();
        let logistic = fit_head(&embeddings, labels, (&zero, 0.0), &config(Loss::Logistic, 0.5 * l2, strands)).unwrap();
        let [(zeroth, _), (first, _)] = classes.heads.as_slice() else { panic!("two classes") };
        for ((a, b), want) in first.iter().zip(zeroth).zip(&logistic.weights) {
            assert!((a - b - want).abs() < 1e-4 * (1.0 + want.abs()), "{} {want}", a - b);
            assert!((a + b).abs() < 1e-4);
        }
        let shift = classes.heads[1].1 - classes.heads[0].1;
        assert!((shift - logistic.intercept).abs() < 1e-4, "{shift} {}", logistic.intercept);
        assert!((classes.mean_loss - logistic.mean_loss).abs() < 1e-6);
    }
}

#[test]
fn a_weight_of_positives_is_so_many_copies_of_them() {
    let embeddings: Vec<f64> = (0..20 * 2).map(|at| ((at * 13 % 29) as f64 * 0.9).cos()).collect();
    let labels: Vec<f64> = (0..20).map(|at| f64::from(at % 4 == 0)).collect();
    let (mut copies, mut copied) = (embeddings.clone(), labels.clone());
    for record in (0..20).filter(|at| at % 4 == 0) {
        copies.extend(embeddings[record * 2..record * 2 + 2].repeat(2));
        copied.extend([1.0, 1.0]);
    }
    let start = ([0.0; 2], 0.0);
    let weighted = HeadConfig { positive_weight: 3.0, ..config(Loss::Logistic, 0.1, Strands::Forward) };
    let weighted = fit_head(&embeddings, &labels, (&start.0, start.1), &weighted).unwrap();
    let repeated = config(Loss::Logistic, 0.1, Strands::Forward);
    let repeated = fit_head(&copies, &copied, (&start.0, start.1), &repeated).unwrap();
    for (a, b) in weighted.weights.iter().zip(&repeated.weights) {
        assert!((a - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} {b}");
    }
    for weight in [0.0, -1.0, f64::NAN] {
        let config = HeadConfig { positive_weight: weight, ..config(Loss::Logistic, 0.1, Strands::Forward) };
        assert!(fit_head(&embeddings, &labels, (&start.0, 0.0), &config).is_err());
    }
}
