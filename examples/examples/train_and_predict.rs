//! Simulate bound sequences, train a network on them, score sequences it has not seen.
#![allow(clippy::print_stdout)]

use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::prelude::*;

fn simulated(name: &str) -> Result<LabelledSequences, ckn::bio::Error> {
    let mut simulation = Simulation::new(name, 500, 101);
    simulation.motifs = demo_motifs().into_iter().take(1).collect();
    let bound = simulation.run(Seed(1))?.sequences;
    LabelledSequences::from_classes(&bound, &shuffled_negatives(&bound, 2, 1, Seed(1))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (training, test) = (simulated("training")?, simulated("test")?);
    let kernel = DotProductKernel::Exponential { sigma: 0.3 };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters: 16, width: 12, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Max,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
    };
    let network = Network::random(config.check()?, &mut Seed(1).stream("network"))?;
    let data = TrainingData::of_one_task(training.sequences().view(), training.labels());
    let mut engine = SliceEngine::new(data.view, &network)?;
    let settings = TrainConfig { epochs: 20, seed: 1, ..TrainConfig::default() };
    let settings = settings.check()?;
    let fitted = Trainer::init(settings, &mut engine, data, network, &mut Ignore)?.run(&mut Ignore)?;
    let model = fitted.into_model(&settings, Provenance::of(data.view, "dna", "ACGT"))?;

    let scores = model.scores(test.sequences().view())?;
    println!("AUROC on {} unseen sequences: {:.3}", test.len(), auroc(&scores, test.labels()));
    Ok(())
}
