use crate::kernel::DotProductKernel;
use crate::pooling::{Border, Pooling, Strands};
use crate::whitening::Regularisation;

/// One layer of a [`StackConfig`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StackLayer {
    /// Number of anchor points.
    pub filters: usize,
    /// Patch width, in letters (first layer) or positions.
    pub width: usize,
    /// Kernel between patches.
    pub kernel: DotProductKernel,
    /// Stride of the Gaussian pooling after this layer; that of the last layer is not used.
    pub subsampling: usize,
}

/// What a [`super::Stack`] is, beside its anchors.
#[derive(Debug, Clone, PartialEq)]
pub struct StackConfig {
    /// Layers, the first on the letters.
    pub layers: Vec<StackLayer>,
    /// Global pooling.
    pub pooling: Pooling,
    /// Strands that are embedded.
    pub strands: Strands,
    /// Where windows lie.
    pub border: Border,
    /// Regularisation of the inverse roots.
    pub regularisation: Regularisation,
}
