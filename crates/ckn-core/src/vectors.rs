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

/// Dot product in eight interleaved partial sums, which the compiler can keep in one register.
#[inline(always)]
pub(crate) fn interleaved_dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}
