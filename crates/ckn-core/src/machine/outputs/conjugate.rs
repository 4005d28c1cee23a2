//! Newton's systems of all machines, by conjugate gradients that share their products.

use super::block::Block;
use crate::Error;
use crate::solver::dot;

/// Steps within one Newton step.
const MAX_INNER: usize = 300;

/// The systems `(A + Rᵀ K̃ R) v = Rᵀ f − R⁺ g` of all machines.
pub(super) struct System<'a, 'b> {
    pub(super) blocks: &'a [Block<'b>],
    /// `[machines, classes, samples]`.
    pub(super) roots: &'a [f64],
    pub(super) l2: f64,
    /// Numbers of a machine.
    pub(super) size: usize,
}

impl System<'_, '_> {
    /// Does something with the numbers of each machine.
    fn map(&self, read: &[f64], write: &mut [f64], with: impl Fn(&Block<'_>, &[f64], &[f64], &mut [f64])) {
        let parts = read.chunks_exact(self.size).zip(write.chunks_exact_mut(self.size));
        for ((block, roots), (read, write)) in self.blocks.iter().zip(self.roots.chunks_exact(self.size)).zip(parts) {
            with(block, roots, read, write);
        }
    }

    fn own(&self, number: usize) -> std::ops::Range<usize> {
        number * self.size..(number + 1) * self.size
    }
}

/// Coefficients `c = R v` that solve the systems, from present ones: each machine down to its goal; machines without one stay.
///
/// # Shapes
/// All `[machines, classes, samples]`; goals `[machines]`.
pub(super) fn solve(
    product: &mut impl FnMut(&[f64], &mut [f64]) -> Result<(), Error>,
    system: &System<'_, '_>,
    goals: &[Option<f64>],
    (coefficients, scores, slopes): (&[f64], &[f64], &[f64]),
) -> Result<Vec<f64>, Error> {
    let numbers = coefficients.len();
    let (mut wide, mut image) = (vec![0.0; numbers], vec![0.0; numbers]);
    let mut apply = |vector: &[f64], out: &mut [f64]| -> Result<(), Error> {
        system.map(vector, &mut wide, |block, roots, read, write| block.by_root(roots, read, write));
        product(&wide, &mut image)?;
        system.map(&image, out, |block, roots, read, write| block.by_transpose(roots, read, write));
        out.iter_mut().zip(vector).for_each(|(slot, value)| *slot += system.l2 * value);
        Ok(())
    };
    let (mut solution, mut residual, mut out) = (vec![0.0; numbers], vec![0.0; numbers], vec![0.0; numbers]);
    system.map(coefficients, &mut solution, |block, roots, read, write| block.by_inverse(roots, read, write));
    system.map(scores, &mut residual, |block, roots, read, write| block.by_transpose(roots, read, write));
    system.map(slopes, &mut out, |block, roots, read, write| block.by_inverse(roots, read, write));
    residual.iter_mut().zip(&out).for_each(|(slot, value)| *slot -= value);
    let still = |number: usize| goals[number].is_none();
    for number in (0..goals.len()).filter(|&number| still(number)) {
        solution[system.own(number)].fill(0.0);
        residual[system.own(number)].fill(0.0);
    }
    apply(&solution, &mut out)?;
    residual.iter_mut().zip(&out).for_each(|(slot, value)| *slot -= value);
    let mut direction = residual.clone();
    let mut squares: Vec<f64> = residual.chunks_exact(system.size).map(|own| dot(own, own)).collect();
    let mut rest = vec![0.0; numbers];
    for _ in 0..MAX_INNER {
        system.map(&residual, &mut rest, |block, roots, read, write| block.by_root(roots, read, write));
        let mut open = false;
        for (number, block) in system.blocks.iter().enumerate() {
            let own = system.own(number);
            let done = goals[number].is_none_or(|goal| squares[number] == 0.0 || block.rest(&rest[own.clone()]) < goal);
            if done {
                direction[own].fill(0.0);
                squares[number] = 0.0;
            }
            open |= !done;
        }
        if !open {
            break;
        }
        apply(&direction, &mut out)?;
        for (number, square) in squares.iter_mut().enumerate().filter(|(_, square)| **square > 0.0) {
            let own = system.own(number);
            let (direction, out) = (&mut direction[own.clone()], &out[own.clone()]);
            let length = *square / dot(direction, out);
            let (solution, residual) = (&mut solution[own.clone()], &mut residual[own]);
            for at in 0..system.size {
                solution[at] += length * direction[at];
                residual[at] -= length * out[at];
            }
            let next = dot(residual, residual);
            let keep = next / *square;
            *square = next;
            direction.iter_mut().zip(residual).for_each(|(slot, value)| *slot = *value + keep * *slot);
        }
    }
    let mut target = vec![0.0; numbers];
    system.map(&solution, &mut target, |block, roots, read, write| block.by_root(roots, read, write));
    for number in (0..goals.len()).filter(|&number| still(number)) {
        target[system.own(number)].copy_from_slice(&coefficients[system.own(number)]);
    }
    Ok(target)
}
