//! What a device is asked for.

/// What was asked of a device since it was given some sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Kernels that were started.
    pub launches: usize,
    /// Times that the host waited for numbers.
    pub waits: usize,
    /// Numbers of four bytes that were copied to the device.
    pub uploaded: usize,
    /// Numbers of four bytes that were read from it.
    pub downloaded: usize,
}

impl Traffic {
    /// What was asked since an earlier state.
    pub fn since(self, before: Self) -> Self {
        Self {
            launches: self.launches - before.launches,
            waits: self.waits - before.waits,
            uploaded: self.uploaded - before.uploaded,
            downloaded: self.downloaded - before.downloaded,
        }
    }
}
