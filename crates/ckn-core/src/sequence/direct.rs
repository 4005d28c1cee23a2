//! Windows that the tables do not hold: unknown letters inside, or over a border.

use super::tables::AnchorTables;
use crate::{Scalar, TokenView};

/// One window as a dense patch and its norm.
pub(crate) struct DirectWindow {
    /// `[width, letters]`; positions outside the sequence are zero.
    patch: Vec<f64>,
    norm: f64,
}

impl DirectWindow {
    pub(crate) fn new() -> Self {
        Self { patch: Vec::new(), norm: 0.0 }
    }

    /// Reads the window that starts at `start` (negative: before the sequence).
    pub(crate) fn read(&mut self, view: TokenView<'_>, record: usize, start: i64, width: usize) {
        let table = view.table();
        let sequence = view.sequence(record);
        let letters = table.letters();
        self.patch.clear();
        self.patch.resize(width * letters, 0.0);
        let mut squared = 0.0;
        for (position, column) in self.patch.chunks_exact_mut(letters).enumerate() {
            let Ok(at) = usize::try_from(start + position as i64) else { continue };
            let Some(&token) = sequence.get(at) else { continue };
            column.copy_from_slice(table.vector(token));
            squared += table.squared_norm(token);
        }
        self.norm = squared.sqrt();
    }

    /// `k_i = ‖x‖ κ(⟨z_i, x⟩/‖x‖)` of every anchor; zero for a zero patch.
    pub(crate) fn value<S: Scalar>(&self, tables: &AnchorTables<S>, filter: usize) -> f64 {
        if self.norm == 0.0 { 0.0 } else { self.norm * tables.kernel.value(self.cosine(tables, filter)) }
    }

    /// Adds `g κ'(u) x` to the anchor's gradient and returns `g ‖x‖ dκ/dσ(u)`.
    pub(crate) fn pull_back<S: Scalar>(
        &self,
        tables: &AnchorTables<S>,
        filter: usize,
        upstream: f64,
        gradient: &mut [f64],
    ) -> f64 {
        if self.norm == 0.0 || upstream == 0.0 {
            return 0.0;
        }
        let cosine = self.cosine(tables, filter);
        let weight = upstream * tables.kernel.derivative(cosine);
        let size = self.patch.len();
        for (slot, value) in gradient[filter * size..][..size].iter_mut().zip(&self.patch) {
            *slot += weight * value;
        }
        upstream * self.norm * tables.kernel.derivative_by_sigma(cosine).unwrap_or(0.0)
    }

    fn cosine<S: Scalar>(&self, tables: &AnchorTables<S>, filter: usize) -> f64 {
        let size = self.patch.len();
        let anchor = &tables.anchors[filter * size..][..size];
        anchor.iter().zip(&self.patch).map(|(a, b)| a * b).sum::<f64>() / self.norm
    }
}
