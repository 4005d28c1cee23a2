//! The Python module `ckn._ckn`: what the package `ckn` computes with.
//!
//! Training follows the recipe of `ckn train` ([`ckn_cli::embedded`]), everything else the library `ckn`, so that module and command give
//! the same numbers. Computations run in a pool of threads of their own, with the interpreter free, and none of their panics reaches it.

mod attribution;
mod command;
mod compute;
mod errors;
mod html;
mod labels;
mod model;
mod motifs;
mod options;
mod scan;
mod sequences;
mod training;
mod variants;

use pyo3::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
mod _ckn {
    #[pymodule_export]
    use crate::attribution::Attribution;
    #[pymodule_export]
    use crate::command::run_command;
    #[pymodule_export]
    use crate::compute::broken_computation;
    #[pymodule_export]
    use crate::model::Model;
    #[pymodule_export]
    use crate::motifs::Motif;
    #[pymodule_export]
    use crate::motifs::find_motifs;
    #[pymodule_export]
    use crate::sequences::read_sequences;
    #[pymodule_export]
    use crate::training::train;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
