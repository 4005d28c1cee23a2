//! Cholesky factors of large matrices, in tiles.

use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, MatMut, MatRef, Par, Side};
use rayon::prelude::*;

/// Rows and columns of a tile: what one task works on, so that the number of threads changes nothing.
const TILE: usize = 512;

/// `A = L Lᵀ`, in `f32`: enough for a preconditioner, and twice as fast.
pub(super) struct Cholesky {
    size: usize,
    /// `L`, `[size, size]`, row-major; what lies above the diagonal is left over.
    lower: Vec<f32>,
}

impl Cholesky {
    /// The factor of a matrix whose lower triangle is given; `None` if it is not positive definite to `f32`.
    ///
    /// # Shapes
    /// matrix `[size, size]`, row-major.
    pub(super) fn of(mut matrix: Vec<f32>, size: usize) -> Option<Self> {
        let mut panel = Vec::new();
        for first in (0..size).step_by(TILE) {
            let width = TILE.min(size - first);
            let (above, below) = matrix.split_at_mut((first + width) * size);
            let diagonal = MatMut::from_row_major_slice_mut(&mut above[first * size..], width, size);
            let mut diagonal = diagonal.subcols_mut(first, width);
            let factor = diagonal.as_ref().llt(Side::Lower).ok()?;
            diagonal.copy_from(factor.L());
            below.par_chunks_mut(TILE * size).for_each(|rows| {
                let count = rows.len() / size;
                let tile = MatMut::from_row_major_slice_mut(rows, count, size).subcols_mut(first, width);
                solve_lower_triangular_in_place(factor.L(), tile.transpose_mut(), Par::Seq);
            });
            panel.clear();
            below.chunks_exact(size).for_each(|row| panel.extend_from_slice(&row[first..first + width]));
            let panel = MatRef::from_row_major_slice(&panel, below.len() / size, width);
            below.par_chunks_mut(TILE * size).enumerate().for_each(|(at, rows)| {
                let count = rows.len() / size;
                let columns = at * TILE + count;
                matmul(
                    MatMut::from_row_major_slice_mut(rows, count, size).subcols_mut(first + width, columns),
                    Accum::Add,
                    panel.subrows(at * TILE, count),
                    panel.subrows(0, columns).transpose(),
                    -1.0,
                    Par::Seq,
                );
            });
        }
        Some(Self { size, lower: matrix })
    }

    /// Solves `A X = B` in place.
    ///
    /// # Shapes
    /// columns `[size, count]`, row-major.
    pub(super) fn solve(&self, columns: &mut [f32], count: usize) {
        for first in (0..self.size).step_by(TILE) {
            let (done, rest) = columns[first * count..].split_at_mut(TILE.min(self.size - first) * count);
            solve_lower_triangular_in_place(self.tile(first, first), rows_of(done, count), Par::Seq);
            let done = &*done;
            rest.par_chunks_mut(TILE * count).enumerate().for_each(|(at, rows)| {
                let tile = self.tile(first + (at + 1) * TILE, first);
                subtract(rows, tile, done, count);
            });
        }
        for first in (0..self.size).step_by(TILE).rev() {
            let (rest, from) = columns.split_at_mut(first * count);
            let done = &mut from[..TILE.min(self.size - first) * count];
            solve_upper_triangular_in_place(self.tile(first, first).transpose(), rows_of(done, count), Par::Seq);
            let done = &*done;
            rest.par_chunks_mut(TILE * count).enumerate().for_each(|(at, rows)| {
                subtract(rows, self.tile(first, at * TILE).transpose(), done, count);
            });
        }
    }

    /// The tile of `L` whose first row and column are given.
    fn tile(&self, row: usize, column: usize) -> MatRef<'_, f32> {
        let (rows, columns) = (TILE.min(self.size - row), TILE.min(self.size - column));
        let rows = &self.lower[row * self.size..(row + rows) * self.size];
        MatRef::from_row_major_slice(rows, rows.len() / self.size, self.size).subcols(column, columns)
    }
}

fn rows_of(values: &mut [f32], count: usize) -> MatMut<'_, f32> {
    let rows = values.len() / count;
    MatMut::from_row_major_slice_mut(values, rows, count)
}

/// `rows −= tile · done`.
fn subtract(rows: &mut [f32], tile: MatRef<'_, f32>, done: &[f32], count: usize) {
    matmul(
        rows_of(rows, count),
        Accum::Add,
        tile,
        MatRef::from_row_major_slice(done, tile.ncols(), count),
        -1.0,
        Par::Seq,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `A = 2 + B Bᵀ` for a `B` of few columns, a little over two tiles, times known columns.
    #[test]
    fn what_was_multiplied_is_found_again() {
        let (size, rank, count) = (2 * TILE + 37, 5, 3);
        let wave = |k: usize| ((k * k % 8191) as f64 * 0.37).sin();
        let b = |row: usize, column: usize| wave(row * rank + column) / 8.0;
        let mut lower = vec![f32::NAN; size * size];
        for row in 0..size {
            for column in 0..=row {
                let product: f64 = (0..rank).map(|k| b(row, k) * b(column, k)).sum();
                lower[row * size + column] = (product + if row == column { 2.0 } else { 0.0 }) as f32;
            }
        }
        let wanted: Vec<f64> = (0..size * count).map(|k| wave(k + 11)).collect();
        let mut columns = vec![0.0f32; size * count];
        for column in 0..count {
            let inner: Vec<f64> =
                (0..rank).map(|k| (0..size).map(|row| b(row, k) * wanted[row * count + column]).sum()).collect();
            for row in 0..size {
                let product: f64 = (0..rank).map(|k| b(row, k) * inner[k]).sum();
                columns[row * count + column] = (product + 2.0 * wanted[row * count + column]) as f32;
            }
        }
        Cholesky::of(lower, size).unwrap().solve(&mut columns, count);
        for (at, (&got, want)) in columns.iter().zip(wanted).enumerate() {
            assert!((f64::from(got) - want).abs() < 2e-5, "{at}: {got} {want}");
        }
    }

    #[test]
    fn an_indefinite_matrix_has_no_factor() {
        assert!(Cholesky::of(vec![1.0, 0.0, 2.0, 1.0], 2).is_none());
    }
}
