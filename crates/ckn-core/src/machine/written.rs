//! Products with a kernel matrix that is written out.

use rayon::prelude::*;

use crate::error::check_length;
use crate::vectors::{interleaved_dot, on_widest_vectors};
use crate::{Error, Scalar};

/// Multiplies a symmetric matrix with some vectors, in one pass over it; vectors that are zero throughout cost nothing.
///
/// ```
/// use ckn_core::machine::multiply_written;
/// let mut products = [9.0; 6];
/// multiply_written(&[2.0, 1.0, 1.0, 3.0], 2, &[1.0, 0.0, 0.0, 0.0, 1.0, -1.0], &mut products)?;
/// assert_eq!(products, [2.0, 1.0, 0.0, 0.0, 1.0, -2.0]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// matrix `[samples, samples]`, vectors and products `[vectors, samples]`.
///
/// # Errors
/// [`Error::Shape`] if a slice does not fit.
pub fn multiply_written<S: Scalar>(
    matrix: &[S],
    samples: usize,
    vectors: &[f64],
    products: &mut [f64],
) -> Result<(), Error> {
    check_length("kernel matrix", samples * samples, matrix.len())?;
    check_length("products", vectors.len(), products.len())?;
    check_length("vectors", vectors.len() / samples.max(1) * samples, vectors.len())?;
    products.fill(0.0);
    let moving: Vec<(usize, &[f64])> = vectors
        .chunks_exact(samples.max(1))
        .enumerate()
        .filter(|(_, vector)| vector.iter().any(|&value| value != 0.0))
        .collect();
    if moving.is_empty() {
        return Ok(());
    }
    let mut by_row = vec![0.0; samples * moving.len()];
    let rows = by_row.par_chunks_exact_mut(moving.len()).zip(matrix.par_chunks_exact(samples));
    rows.for_each_init(
        || vec![0.0; samples],
        |wide, (slots, row)| {
            on_widest_vectors(
                #[inline(always)]
                || {
                    wide.iter_mut().zip(row).for_each(|(wide, value)| *wide = value.wide());
                    for (slot, (_, vector)) in slots.iter_mut().zip(&moving) {
                        *slot = interleaved_dot(wide, vector);
                    }
                },
            );
        },
    );
    for (place, (vector, _)) in moving.iter().enumerate() {
        let product = &mut products[vector * samples..][..samples];
        product.iter_mut().zip(by_row[place..].iter().step_by(moving.len())).for_each(|(slot, value)| *slot = *value);
    }
    Ok(())
}
