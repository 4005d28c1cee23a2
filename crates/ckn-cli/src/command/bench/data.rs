//! What is computed on: simulated sequences and a simulated genome.

use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::bio::{EncodedSequences, LabelledSequences};
use ckn::core::seed::Seed;

/// Fewest letters of a sequence: those of the motif.
pub const SHORTEST: usize = 10;

/// Sequences with labels, and a genome of one record.
#[derive(Debug)]
pub struct Data {
    pub labelled: LabelledSequences,
    pub genome: EncodedSequences,
}

impl Data {
    /// Draws sequences of equal length, the first half of them with a motif, and a genome without.
    pub fn simulate(records: usize, length: usize, genome: usize, seed: u64) -> anyhow::Result<Self> {
        let bound = Simulation {
            motifs: demo_motifs().into_iter().take(1).collect(),
            ..Simulation::new("bound", records / 2, length)
        };
        let unbound = Simulation::new("unbound", records - records / 2, length);
        let draw = |simulation: &Simulation| Ok::<_, anyhow::Error>(simulation.run(Seed(seed))?.sequences);
        Ok(Self {
            labelled: LabelledSequences::from_classes(&draw(&bound)?, &draw(&unbound)?)?,
            genome: draw(&Simulation::new("genome", 1, genome))?,
        })
    }
}
