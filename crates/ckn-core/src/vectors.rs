//! Loops compiled for the processor's widest vectors.

/// A loop that is compiled once for each vector width.
///
/// A closure will not do: calling one by value goes through a shim, which the compiler need not inline into the function
/// that has the wide vectors, and then the loop has none. Implementations are `#[inline(always)]`, and so is all they
/// call.
pub(crate) trait Loop {
    type Output;

    fn run(self) -> Self::Output;
}

/// Runs a loop with the widest vectors that this processor has.
pub(crate) fn with_widest_vectors<L: Loop>(inner: L) -> L::Output {
    pulp::Arch::new().dispatch(Widest(inner))
}

struct Widest<L>(L);

impl<L: Loop> pulp::WithSimd for Widest<L> {
    type Output = L::Output;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> L::Output {
        self.0.run()
    }
}
