//! The command `ckn`.
fn main() {}
