//! Simulate bound sequences, train a network on them, score sequences it has not seen.
#![allow(clippy::print_stdout)]
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::prelude::*;

fn simulated(name: &str) -> Result<LabelledSequences, ckn::bio::Error> {
    let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new(name, 500, 101) };
    let bound = simulation.run(Seed(1))?.sequences;
    LabelledSequences::from_classes(&bound, &shuffled_negatives(&bound, 2, 1, Seed(1))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (training, test) = (simulated("training")?, simulated("test")?);
    let config = NetworkConfig { strands: Strands::Max, ..NetworkConfig::of_one_layer(4, 16, 12) }.check()?;
    let network = Network::random(config, &mut Seed(1).stream("network"))?;
    let data = TrainingData::of_one_task(training.sequences().view(), training.labels());
    let mut engine = SliceEngine::new(data.view, &network)?;
    let settings = TrainConfig { epochs: 20, seed: 1, ..TrainConfig::default() }.check()?;
    let fitted = Trainer::init(settings, &mut engine, data, network, &mut Ignore)?.run(&mut Ignore)?;
    let model = fitted.into_model(&settings, Provenance::of(data.view, "dna", "ACGT"))?;
    let scores = model.scores(test.sequences().view())?;
    println!("AUROC on {} unseen sequences: {:.3}", test.len(), auroc(&scores, test.labels()));
    Ok(())
}
