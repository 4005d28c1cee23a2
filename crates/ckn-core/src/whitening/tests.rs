//! Inverse roots: values and gradients.

use super::{CholeskyRoot, InverseRoot, Regularisation};
use crate::Error;
use crate::kernel::{DotProductKernel, gram};

const SIZE: usize = 6;
const DIMENSION: usize = 8;

/// The Gram matrix of unit anchors, two of them nearly the same.
fn matrix() -> Vec<f64> {
    matrix_with(0.01)
}

/// The Gram matrix of unit anchors, two of them a given distance apart.
fn matrix_with(gap: f64) -> Vec<f64> {
    let mut anchors: Vec<f64> = (0..SIZE * DIMENSION).map(|k| ((k * k * 7 + k * 3) % 17) as f64 - 6.0).collect();
    for k in 0..DIMENSION {
        anchors[DIMENSION + k] = anchors[k] + gap * k as f64;
    }
    for anchor in anchors.chunks_exact_mut(DIMENSION) {
        let norm = anchor.iter().map(|value| value * value).sum::<f64>().sqrt();
        anchor.iter_mut().for_each(|value| *value /= norm);
    }
    gram(&anchors, SIZE, &DotProductKernel::Exponential { sigma: 0.7 }).unwrap()
}

fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    (0..SIZE * SIZE).map(|at| (0..SIZE).map(|k| a[at / SIZE * SIZE + k] * b[k * SIZE + at % SIZE]).sum()).collect()
}

fn transposed(a: &[f64]) -> Vec<f64> {
    (0..SIZE * SIZE).map(|at| a[at % SIZE * SIZE + at / SIZE]).collect()
}

fn shifted(matrix: &[f64], epsilon: f64) -> Vec<f64> {
    matrix.iter().enumerate().map(|(at, value)| value + if at % (SIZE + 1) == 0 { epsilon } else { 0.0 }).collect()
}

fn assert_identity(got: &[f64]) {
    for (at, value) in got.iter().enumerate() {
        let want = if at % (SIZE + 1) == 0 { 1.0 } else { 0.0 };
        assert!((value - want).abs() < 1e-10, "entry {at}: {value}");
    }
}

/// Gradient of `Σ C ∘ R(A)` along symmetric directions, against central differences.
fn assert_adjoint(matrix: &[f64], root: impl Fn(&[f64]) -> Vec<f64>, adjoint: &[f64], upstream: &[f64]) {
    let step = 1e-6;
    for (row, column) in [(0, 0), (1, 0), (3, 2), (5, 5), (4, 1)] {
        let moved = |by: f64| {
            let mut moved = matrix.to_vec();
            moved[row * SIZE + column] += by;
            if row != column {
                moved[column * SIZE + row] += by;
            }
            root(&moved).iter().zip(upstream).map(|(value, weight)| value * weight).sum::<f64>()
        };
        let numeric = (moved(step) - moved(-step)) / (2.0 * step);
        let both = if row == column { 1.0 } else { 2.0 };
        let exact = both * adjoint[row * SIZE + column];
        assert!((numeric - exact).abs() < 1e-6 * (1.0 + exact.abs()), "({row}, {column}): {numeric} {exact}");
    }
}

fn upstream() -> Vec<f64> {
    (0..SIZE * SIZE).map(|k| ((k * 5 % 11) as f64 - 5.0) / 3.0).collect()
}

#[test]
fn the_symmetric_root_whitens_and_has_the_adjoint_of_finite_differences() {
    let (matrix, regularisation) = (matrix(), Regularisation::Shift { epsilon: 1e-2 });
    let root = InverseRoot::new(&matrix, SIZE, regularisation).unwrap();
    assert_identity(&times(&times(root.matrix(), &shifted(&matrix, 1e-2)), root.matrix()));
    let adjoint = root.training_adjoint(&upstream()).unwrap();
    let again = |matrix: &[f64]| InverseRoot::new(matrix, SIZE, regularisation).unwrap().matrix().to_vec();
    assert_adjoint(&matrix, again, &adjoint, &upstream());
}

#[test]
fn the_reference_root_has_its_own_exact_adjoint_and_trains_with_another() {
    let (matrix, regularisation) = (matrix_with(0.3), Regularisation::Reference { epsilon: 0.1 });
    let root = InverseRoot::new(&matrix, SIZE, regularisation).unwrap();
    let again = |matrix: &[f64]| InverseRoot::new(matrix, SIZE, regularisation).unwrap().matrix().to_vec();
    let exact = root.adjoint(&upstream()).unwrap();
    assert_adjoint(&matrix, again, &exact, &upstream());
    let trained = root.training_adjoint(&upstream()).unwrap();
    assert_eq!(trained, root.reference_adjoint(&upstream()).unwrap());
    let scale = exact.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let apart = exact.iter().zip(&trained).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
    assert!(apart > 1e-3 * scale, "close anchors tell the two apart: {apart} of {scale}");
}

#[test]
fn the_triangular_root_whitens_and_has_the_adjoint_of_finite_differences() {
    let matrix = matrix();
    let root = CholeskyRoot::new(&matrix, SIZE, 1e-2).unwrap();
    assert_identity(&times(&times(root.matrix(), &shifted(&matrix, 1e-2)), &transposed(root.matrix())));
    let mut lower = upstream();
    for at in 0..SIZE * SIZE {
        if at % SIZE > at / SIZE {
            lower[at] = 0.0;
        }
    }
    let again = |matrix: &[f64]| CholeskyRoot::new(matrix, SIZE, 1e-2).unwrap().matrix().to_vec();
    assert_adjoint(&matrix, again, &root.adjoint(&upstream()).unwrap(), &lower);
}

#[test]
fn weights_of_the_triangular_root_become_those_of_the_same_function() {
    let matrix = matrix();
    let (triangular, epsilon) = (CholeskyRoot::new(&matrix, SIZE, 1e-2).unwrap(), 1e-2);
    let symmetric = InverseRoot::new(&matrix, SIZE, Regularisation::Shift { epsilon }).unwrap();
    let weights: Vec<f64> = (0..SIZE).map(|k| (k as f64).cos()).collect();
    let converted = triangular.symmetric_weights(&weights).unwrap();
    let kernel: Vec<f64> = (0..SIZE).map(|k| 1.0 / (1.0 + k as f64)).collect();
    let score = |root: &[f64], weights: &[f64]| -> f64 {
        let values = root.chunks_exact(SIZE).map(|row| row.iter().zip(&kernel).map(|(a, b)| a * b).sum::<f64>());
        values.zip(weights).map(|(value, weight)| value * weight).sum()
    };
    let (got, want) = (score(symmetric.matrix(), &converted), score(triangular.matrix(), &weights));
    assert!((got - want).abs() < 1e-10, "{got} {want}");
}

#[test]
fn a_matrix_that_is_not_positive_definite_is_named() {
    let mut matrix = matrix();
    matrix[3 * SIZE + 3] = -1.0;
    assert_eq!(CholeskyRoot::new(&matrix, SIZE, 1e-3).unwrap_err(), Error::NotPositiveDefinite { size: SIZE, row: 3 });
}
