//! Planted motifs are found again in what a model says.

use ckn_bio::Alphabet;
use ckn_bio::motif::Probabilities;
use ckn_bio::simulate::{Simulation, demo_motifs};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_interpret::Explainer;
use ckn_model::{LinearHead, Model, Network};
use rand::RngExt;

use crate::support::{card, config};

/// A network whose first anchor points in the direction of a motif, among others at random; only the first one counts.
fn network(motif: &Probabilities, pooling: Pooling, strands: Strands) -> Model {
    let (filters, width) = (8, motif.width());
    let mut config = config(pooling, strands, Border::Valid);
    config.layers[0].filters = filters;
    config.layers[0].width = width;
    config.layers[0].kernel = DotProductKernel::Exponential { sigma: 0.3 };
    let mut random = Seed(3).stream("others");
    let mut anchors: Vec<f32> = (0..filters * 4 * width).map(|_| random.random_range(-1.0..1.0)).collect();
    for (at, column) in motif.columns().enumerate() {
        (0..4).for_each(|letter| anchors[letter * width + at] = column[letter] as f32);
    }
    let network = Network::new(config.check().unwrap(), vec![anchors]).unwrap();
    let weights = (0..filters).map(|coordinate| if coordinate == 0 { 10.0 } else { 0.0 });
    let head = LinearHead::new(weights.collect(), -1.0).unwrap();
    Model::of_network(network, vec![head], card(Alphabet::Dna)).unwrap()
}

#[test]
fn the_position_that_contributes_most_lies_in_the_planted_site() {
    let [e_box, degenerate] = <[_; 2]>::try_from(demo_motifs()).unwrap();
    for motif in [e_box, degenerate] {
        let mut simulation = Simulation::new("bound", 200, 101);
        simulation.motifs = vec![motif.clone()];
        let simulated = simulation.run(Seed(1)).unwrap();
        for (pooling, strands) in
            [(Pooling::Max, Strands::Max), (Pooling::Mean, Strands::Max), (Pooling::Mean, Strands::Mean)]
        {
            let model = network(&motif.probabilities, pooling, strands);
            let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
            let attributions = explainer.attribute(simulated.sequences.view()).unwrap();
            let found = simulated.planted.iter().filter(|planted| {
                let contributions = &attributions[planted.record].contributions;
                let best = (0..contributions.len())
                    .fold(0, |best, at| if contributions[at] > contributions[best] { at } else { best });
                (planted.position..planted.position + motif.width()).contains(&best)
            });
            let found = found.count();
            assert!(found >= 190, "{} {pooling:?} {strands:?}: {found} of 200", motif.name);
        }
    }
}
