//! Random sequences with motifs at known places: data whose right answer is known.
//!
//! ```
//! use ckn_bio::simulate::{Simulation, demo_motifs};
//! use ckn_core::seed::Seed;
//!
//! let simulation = Simulation { motifs: demo_motifs(), ..Simulation::new("peak", 20, 101) };
//! let simulated = simulation.run(Seed(7))?;
//! let first = &simulated.planted[0];
//! let motif = &simulation.motifs[first.motif];
//! assert!(first.position + motif.width() <= simulated.sequences.sequence(first.record).len());
//! # Ok::<(), ckn_bio::Error>(())
//! ```

mod demo;
mod placing;
mod simulation;

pub use demo::{demo_motifs, demo_pair};
pub use placing::{Planted, PlantedStrands, Positions, Strand};
pub use simulation::{Simulated, Simulation};
