//! The files that the tasks in `tests/` begin with, simulated: sequences with a motif and their shuffles, a genome, variants of it.

use std::error::Error;
use std::fs::{self, File};
use std::path::PathBuf;

use ckn::bio::io::write_fasta;
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::prelude::*;

/// What `?` returns in the tests.
pub type Outcome = Result<(), Box<dyn Error>>;

/// A folder with `bound.fa`, `unbound.fa`, `genome.fa` and `calls.vcf`, which is gone with this.
pub struct Files(tempfile::TempDir);

impl Files {
    /// Simulates and writes them.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let files = Self(tempfile::tempdir()?);
        let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 400, 101) };
        let bound = simulation.run(Seed(1))?.sequences;
        write_fasta(&mut File::create(files.path("bound.fa"))?, &bound, 0)?;
        write_fasta(&mut File::create(files.path("unbound.fa"))?, &shuffled_negatives(&bound, 2, 1, Seed(1))?, 0)?;
        // The first bound sequence between two that are not, and a variant at each of its letters.
        let site = bound.decode(0);
        let around = bound.select(&[1])?.reverse_complement()?.decode(0);
        fs::write(files.path("genome.fa"), format!(">chr1\n{around}{site}{around}\n"))?;
        let mut calls = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_owned();
        for (place, letter) in site.chars().enumerate() {
            let other = if letter == 'A' { 'C' } else { 'A' };
            calls.push_str(&format!("chr1\t{}\tv{place}\t{letter}\t{other}\t.\t.\t.\n", around.len() + place + 1));
        }
        fs::write(files.path("calls.vcf"), calls)?;
        Ok(files)
    }

    /// Path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// The first task, as a function: a model of the bound sequences.
pub fn train(files: &Files) -> Result<Model, Box<dyn Error>> {
    let read = |name| ckn::bio::io::read_sequences(files.path(name), Alphabet::Dna);
    let data = LabelledSequences::from_classes(&read("bound.fa")?, &read("unbound.fa")?)?;
    let config = NetworkConfig { strands: Strands::Max, ..NetworkConfig::of_one_layer(4, 16, 12) }.check()?;
    let network = Network::random(config, &mut Seed(1).stream("network"))?;
    let training = TrainingData::of_one_task(data.sequences().view(), data.labels());
    let mut engine = SliceEngine::new(training.view, &network)?;
    let settings = TrainConfig { epochs: 20, seed: 1, ..TrainConfig::default() }.check()?;
    let fitted = Trainer::init(settings, &mut engine, training, network, &mut Ignore)?.run(&mut Ignore)?;
    Ok(fitted.into_model(&settings, Provenance::of(training.view, "dna", "ACGT"))?)
}
