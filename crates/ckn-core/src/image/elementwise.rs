//! What is done to every number of a product of patches and filters.

use crate::Scalar;
use crate::kernel::{DotProductKernel, exponential};
use crate::vectors::on_widest_vectors;

/// Calls a function with the kernel's own as its last argument: known there, the branch on the kernel leaves the inner loop.
macro_rules! by_kernel {
    ($kernel:ident, $rows:ident($($argument:expr),*)) => {
        match $kernel {
            DotProductKernel::Exponential { sigma } => $rows(
                $($argument,)*
                #[inline(always)]
                |u| exponential::value(u, sigma),
            ),
            other => $rows(
                $($argument,)*
                #[inline(always)]
                |u| other.value(u),
            ),
        }
    };
}

/// Norm of every patch.
///
/// # Shapes
/// patches `[patches, size]`, norms `[patches]`, overwritten.
pub(super) fn norms<S: Scalar>(patches: &[S], size: usize, norms: &mut Vec<S>) {
    const PARTS: usize = 16;
    norms.clear();
    on_widest_vectors(
        #[inline(always)]
        || {
            norms.extend(patches.chunks_exact(size).map(|patch| {
                let mut sums = [S::zero(); PARTS];
                let chunks = patch.chunks_exact(PARTS);
                let rest: S = chunks.remainder().iter().map(|&x| x * x).sum();
                for chunk in chunks {
                    for part in 0..PARTS {
                        sums[part] += chunk[part] * chunk[part];
                    }
                }
                (rest + sums.into_iter().sum::<S>()).sqrt()
            }));
        },
    );
}

/// Products to cosines (kept), their kernel values (kept), and `values = ‖x‖ κ`.
///
/// # Shapes
/// norms `[patches]`, the others `[patches, filters]`.
pub(super) fn evaluate<S: Scalar>(
    kernel: DotProductKernel,
    norms: &[S],
    filters: usize,
    cosines: &mut [S],
    kappas: &mut [S],
    values: &mut [S],
) {
    #[inline(always)]
    fn rows<S: Scalar>(
        norms: &[S],
        filters: usize,
        (cosines, kappas, values): (&mut [S], &mut [S], &mut [S]),
        kernel: impl Fn(S) -> S,
    ) {
        let maps = cosines.chunks_exact_mut(filters).zip(kappas.chunks_exact_mut(filters));
        for ((&norm, (cosines, kappas)), values) in norms.iter().zip(maps).zip(values.chunks_exact_mut(filters)) {
            let scale = if norm > S::zero() { S::one() / norm } else { S::zero() };
            for ((cosine, kappa), value) in cosines.iter_mut().zip(kappas).zip(values) {
                *cosine = num_traits::clamp(scale * *cosine, -S::one(), S::one());
                *kappa = kernel(*cosine);
                *value = norm * *kappa;
            }
        }
    }
    on_widest_vectors(
        #[inline(always)]
        || {
            let maps = (&mut *cosines, &mut *kappas, &mut *values);
            by_kernel!(kernel, rows(norms, filters, maps));
        },
    );
}

/// Products to `‖x‖ κ`, in place.
///
/// # Shapes
/// norms `[patches]`, products `[patches, filters]`.
pub(super) fn evaluate_in_place<S: Scalar>(kernel: DotProductKernel, norms: &[S], filters: usize, products: &mut [S]) {
    #[inline(always)]
    fn rows<S: Scalar>(norms: &[S], filters: usize, products: &mut [S], kernel: impl Fn(S) -> S) {
        for (&norm, products) in norms.iter().zip(products.chunks_exact_mut(filters)) {
            let scale = if norm > S::zero() { S::one() / norm } else { S::zero() };
            for slot in products {
                *slot = norm * kernel(num_traits::clamp(scale * *slot, -S::one(), S::one()));
            }
        }
    }
    on_widest_vectors(
        #[inline(always)]
        || by_kernel!(kernel, rows(norms, filters, products)),
    );
}

/// Products to `‖x‖ exp((2/σ²) ⟨w_l, x⟩/‖x‖ + offset_l)`, in place.
///
/// # Shapes
/// norms `[patches]`, offsets `[filters]`, products `[patches, filters]`.
pub(super) fn expand_in_place<S: Scalar>(slope: S, offsets: &[S], norms: &[S], products: &mut [S]) {
    on_widest_vectors(
        #[inline(always)]
        || {
            for (&norm, products) in norms.iter().zip(products.chunks_exact_mut(offsets.len())) {
                let scale = if norm > S::zero() { slope / norm } else { S::zero() };
                for (slot, &offset) in products.iter_mut().zip(offsets) {
                    *slot = norm * (scale * *slot + offset).exponential();
                }
            }
        },
    );
}

/// Weights of filters and patches in the gradient, in place of the gradient by the kernel values: `H ∘ κ'(cos)` of every
/// filter, `(1/‖x‖) Σ_l H_l (κ_l − κ'_l cos_l)` of the patch itself; returns the derivative by the bandwidth. All are zero for
/// a zero patch, which has no direction.
///
/// # Shapes
/// norms `[patches]`, cosines, kappas and upstream `[patches, filters]`, radial `[patches]`, overwritten.
pub(super) fn weigh<S: Scalar>(
    kernel: DotProductKernel,
    norms: &[S],
    filters: usize,
    (cosines, kappas): (&[S], &[S]),
    upstream: &mut [S],
    radial: &mut Vec<S>,
) -> f64 {
    #[inline(always)]
    fn rows<S: Scalar>(
        norms: &[S],
        filters: usize,
        (cosines, kappas): (&[S], &[S]),
        upstream: &mut [S],
        radial: &mut Vec<S>,
        slopes_of: impl Fn(S, S) -> (S, S),
    ) -> f64 {
        let mut by_sigma = 0.0;
        let maps = cosines.chunks_exact(filters).zip(kappas.chunks_exact(filters));
        for ((&norm, (cosines, kappas)), upstream) in norms.iter().zip(maps).zip(upstream.chunks_exact_mut(filters)) {
            let there = if norm > S::zero() { S::one() } else { S::zero() };
            let (mut bandwidth, mut along) = (S::zero(), S::zero());
            for ((&cosine, &kappa), slot) in cosines.iter().zip(kappas).zip(upstream) {
                let (by_cosine, by_bandwidth) = slopes_of(cosine, kappa);
                let slope = there * *slot * by_cosine;
                bandwidth += *slot * by_bandwidth;
                along += *slot * kappa - slope * cosine;
                *slot = slope;
            }
            by_sigma += (norm * bandwidth).wide();
            radial.push(if norm > S::zero() { along / norm } else { S::zero() });
        }
        by_sigma
    }
    radial.clear();
    let mut by_sigma = 0.0;
    on_widest_vectors(
        #[inline(always)]
        || {
            by_sigma = match kernel {
                DotProductKernel::Exponential { sigma } => {
                    let kernel = DotProductKernel::Exponential { sigma };
                    rows(
                        norms,
                        filters,
                        (cosines, kappas),
                        upstream,
                        radial,
                        #[inline(always)]
                        |u, k| kernel.slopes(u, k),
                    )
                }
                other => rows(
                    norms,
                    filters,
                    (cosines, kappas),
                    upstream,
                    radial,
                    #[inline(always)]
                    |u, k| other.slopes(u, k),
                ),
            };
        },
    );
    by_sigma
}
