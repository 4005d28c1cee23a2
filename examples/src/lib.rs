//! Examples of the library: see `examples/examples`.
