//! Linear kernel `κ(u) = u`.

use crate::Scalar;

#[inline(always)]
pub(super) fn value<S: Scalar>(cosine: S) -> S {
    cosine
}

#[inline(always)]
pub(super) fn derivative<S: Scalar>() -> S {
    S::one()
}
