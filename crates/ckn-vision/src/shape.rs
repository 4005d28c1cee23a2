//! Checks of shapes.

use crate::error::Error;

/// The product of sizes.
pub(crate) fn area<const N: usize>(sizes: [usize; N]) -> Result<usize, Error> {
    let product = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let got = sizes.iter().map(|&size| size as f64).product();
    product.ok_or(Error::Setting { name: "a shape", got, allowed: "no slice has that many numbers" })
}

/// Compares the length of a slice with the one that its shape asks for.
pub(crate) fn check(what: &'static str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got { Ok(()) } else { Err(Error::Shape { what, expected, got }) }
}
