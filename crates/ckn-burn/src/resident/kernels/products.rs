//! Inner products of strided vectors.
//!
//! Loops are unrolled by eight. Software drivers end all loops of a unit after 65,535 turns without a word, so that turns are
//! counted ([`super::super::shape::Cut::turns`]).

use cubecl::prelude::*;

/// Terms of a turn.
pub(crate) const STRIP: u32 = 8;

/// `Σ_k a[from + k · step] b[from + k · step]`, in the order of `k`.
#[cube]
pub(crate) fn inner_product(
    a: &[f32],
    from_a: u32,
    step_a: u32,
    b: &[f32],
    from_b: u32,
    step_b: u32,
    count: u32,
) -> f32 {
    let mut sum = f32::new(0.0);
    let strips = count / STRIP;
    for strip in 0..strips {
        #[unroll]
        for within in 0..STRIP {
            let k = strip * STRIP + within;
            sum += a[(from_a + k * step_a) as usize] * b[(from_b + k * step_b) as usize];
        }
    }
    for k in strips * STRIP..count {
        sum += a[(from_a + k * step_a) as usize] * b[(from_b + k * step_b) as usize];
    }
    sum
}
