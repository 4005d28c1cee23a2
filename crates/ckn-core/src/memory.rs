//! How much memory may be held: one number for the process, asked before what grows with input is set aside.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

static LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);

/// Sets the bytes that readers may hold and that one computation may ask for; not limited until this is called.
///
/// It is a guard against input that asks for more than there is, and no measurement: each demand is compared with it by itself.
///
/// ```
/// use ckn_core::{memory_limit, require_memory, set_memory_limit};
/// set_memory_limit(1 << 50);
/// assert_eq!(memory_limit(), 1 << 50);
/// assert!(require_memory("a table", 1 << 50).is_ok() && require_memory("a table", 1 << 51).is_err());
/// ```
pub fn set_memory_limit(bytes: u64) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// The bytes that [`set_memory_limit`] set.
///
/// ```
/// // Far above what anything asks for, until somebody says otherwise.
/// assert!(ckn_core::memory_limit() > 1 << 40);
/// ```
pub fn memory_limit() -> u64 {
    LIMIT.load(Ordering::Relaxed)
}

/// Checks that `bytes` may be set aside for something.
///
/// ```
/// assert!(ckn_core::require_memory("a table", 1 << 20).is_ok());
/// assert!(ckn_core::require_memory("a table", u64::MAX).is_err() || ckn_core::memory_limit() == u64::MAX);
/// ```
///
/// # Errors
/// [`Error::Memory`].
pub fn require_memory(what: &'static str, bytes: u64) -> Result<(), Error> {
    let limit = memory_limit();
    if bytes <= limit { Ok(()) } else { Err(Error::Memory { what, needed: Mebibytes(bytes), limit: Mebibytes(limit) }) }
}

/// Bytes, printed in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mebibytes(pub u64);

impl std::fmt::Display for Mebibytes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} MiB", self.0.div_ceil(1 << 20))
    }
}
