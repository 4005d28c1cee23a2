//! Inner loops on the widest vectors of the processor that runs them.

/// Compiles `work` for each vector width, and runs the widest that this processor has.
///
/// Only what is inlined is compiled so: the closure must be marked `#[inline(always)]`, and so must what it calls. It is
/// taken as [`FnMut`] because calling a closure as [`FnOnce`] goes through a shim of the compiler, which is not inlined.
#[inline(always)]
pub(crate) fn on_widest_vectors<R>(work: impl FnMut() -> R) -> R {
    struct Work<F>(F);

    impl<R, F: FnMut() -> R> pulp::WithSimd for Work<F> {
        type Output = R;

        #[inline(always)]
        fn with_simd<V: pulp::Simd>(mut self, _: V) -> R {
            (self.0)()
        }
    }

    pulp::Arch::new().dispatch(Work(work))
}
