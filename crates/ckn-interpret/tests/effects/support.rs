//! Models whose answers are known by hand.

use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::kernel::DotProductKernel;
use ckn_core::mismatch::Profile;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_model::{
    Ensemble, KernelMachine, LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig, SequenceKernel,
};
use rand::RngExt;

pub(crate) const POOLINGS: [Pooling; 4] = [Pooling::Max, Pooling::Mean, Pooling::Sum, Pooling::Gmp];
pub(crate) const STRANDS: [Strands; 3] = [Strands::Forward, Strands::Max, Strands::Mean];
pub(crate) const BORDERS: [Border; 2] = [Border::Valid, Border::Same];

pub(crate) fn card(alphabet: Alphabet) -> ModelCard {
    let (name, letters) = (alphabet.name(), alphabet.letters());
    serde_json::from_str(&format!(
        r#"{{ "alphabet": "{name}", "letters": "{letters}", "loss": "logistic", "seed": 0, "data": {{}}, "training": null,
            "measured": {{}} }}"#
    ))
    .unwrap()
}

pub(crate) fn config(pooling: Pooling, strands: Strands, border: Border) -> NetworkConfig {
    let kernel = DotProductKernel::Exponential { sigma: 0.5 };
    let layer = LayerConfig { filters: 5, width: 6, kernel, subsampling: 1 };
    let regularisation = Regularisation::Shift { epsilon: 1e-2 };
    NetworkConfig {
        letters: 4,
        layers: vec![layer],
        pooling,
        strands,
        border,
        regularisation,
        ..NetworkConfig::of_one_layer(4, 1, 1)
    }
}

/// Letters of the same network that have nothing in common, and some that have.
pub(crate) fn with_and_without_similarity(config: &NetworkConfig) -> [NetworkConfig; 2] {
    let alike = vec![1.0, 0.1, 0.6, 0.2, 0.1, 1.0, 0.2, 0.5, 0.6, 0.2, 1.0, 0.1, 0.2, 0.5, 0.1, 1.0];
    [config.clone(), NetworkConfig { letter_similarity: alike, ..config.clone() }]
}

/// Random anchor points and weights.
pub(crate) fn model_of(alphabet: Alphabet, config: NetworkConfig) -> Model {
    let mut random = Seed(7).stream("model");
    let network = Network::random(config.check().unwrap(), &mut random).unwrap();
    let weights = (0..network.dimension()).map(|_| random.random_range(-0.5..0.5)).collect();
    Model::of_network(network, vec![LinearHead::new(weights, 0.3).unwrap()], card(alphabet)).unwrap()
}

pub(crate) fn model(config: NetworkConfig) -> Model {
    model_of(Alphabet::Dna, config)
}

/// Half of one model and twice another.
fn joint(members: Vec<Model>) -> Model {
    Model::new(Ensemble::new(members, vec![0.5, 2.0], -1.0).unwrap(), card(Alphabet::Dna)).unwrap()
}

/// Sums over windows.
pub(crate) fn ensemble() -> Model {
    joint(vec![machine(true, &[4, 6, 4]), model(config(Pooling::Max, Strands::Max, Border::Valid))])
}

/// One member is no sum over windows: scored as a whole, with no short way.
pub(crate) fn mixed_ensemble() -> Model {
    joint(vec![machine(true, &[4]), model(config(Pooling::Gmp, Strands::Max, Border::Valid))])
}

/// A machine of three support sequences on kernels of several widths, one of which is not normalised.
pub(crate) fn machine(both: bool, widths: &[usize]) -> Model {
    let profiles = [Profile::Exponential { sigma: 0.5 }, Profile::GappedKmer { informative: 3, mismatches: 2 }];
    let kernel = |(at, &width)| SequenceKernel::new(width, profiles[at % 2], at != 2);
    let kernels: Vec<_> = widths.iter().enumerate().map(kernel).collect();
    let mut support = EncodedSequences::new(Alphabet::Dna);
    for letters in ["ACGTTGACAGGAT", "CATTACNGATTACCA", "GGGATCCATG"] {
        support.push("support", letters.as_bytes()).unwrap();
    }
    let coefficients = (0..3 * widths.len()).map(|at| 0.4 - 0.15 * at as f64).collect();
    let machine = KernelMachine::new(support.view(), both, kernels, coefficients, 0.2).unwrap();
    Model::new(machine, card(Alphabet::Dna)).unwrap()
}

/// Known, unknown and ambiguous letters; one that repeats, and one of a single window.
pub(crate) fn sequences() -> EncodedSequences {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for (id, letters) in [
        ("known", "ACGTTGACAGGATCCATTACG"),
        ("unknown", "ACGTNGACRAGGATNNNNNNNNCATT"),
        ("repeats", "AAAAAAAAAAAAA"),
        ("window", "ACGTTG"),
        ("more", "TACGTTG"),
    ] {
        sequences.push(id, letters.as_bytes()).unwrap();
    }
    sequences
}
