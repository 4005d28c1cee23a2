//! What may become a model.

use std::fmt;

use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::mismatch::Profile;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, NetworkConfig, SequenceKernel};

use crate::{ClassWeight, TrainConfig};

/// One way of training a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Candidate {
    /// A machine on an exact kernel, its penalty chosen by cross-validation; of both strands where there are two.
    Machine(SequenceKernel),
    /// A network.
    Network {
        /// What it is called.
        name: &'static str,
        /// Its layers.
        network: NetworkConfig,
        /// How it is trained.
        learning: Box<TrainConfig>,
    },
}

impl Candidate {
    /// Letters of the shortest sequence that it can see.
    pub fn shortest(&self) -> usize {
        match self {
            Self::Machine(kernel) => kernel.width,
            Self::Network { network, .. } => network.layers.first().map_or(1, |layer| layer.width),
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(SequenceKernel { width, profile, normalised, .. }) => {
                write!(f, "exact kernel, width {width}, ")?;
                match profile {
                    Profile::Exponential { sigma } => write!(f, "sigma {sigma}")?,
                    Profile::GappedKmer { informative, mismatches } => {
                        write!(f, "gapped k-mers of {informative}, {mismatches} mismatches")?;
                    }
                    other => write!(f, "{other:?}")?,
                }
                if *normalised { Ok(()) } else { f.write_str(", not normalised") }
            }
            Self::Network { name, network, .. } => {
                let layer = network.layers.first();
                let (filters, width) = layer.map_or((0, 0), |layer| (layer.filters, layer.width));
                write!(f, "{name}, {filters} filters of width {width}")
            }
        }
    }
}

/// The candidates of an alphabet, the most promising first: exact kernels of several widths and profiles, a network of a few
/// anchor points that are learnt, one of many that are not.
pub fn default_candidates(letters: usize, has_complement: bool) -> Vec<Candidate> {
    let exponential = |width, sigma| machine(width, Profile::Exponential { sigma });
    let gapped =
        |width, informative| machine(width, Profile::GappedKmer { informative, mismatches: width - informative });
    let mut candidates = if letters <= 4 {
        vec![
            gapped(11, 7),
            exponential(10, 0.3),
            exponential(10, 0.25),
            exponential(12, 0.3),
            gapped(12, 7),
            exponential(8, 0.25),
        ]
    } else {
        vec![exponential(4, 0.5), exponential(3, 0.5), exponential(5, 0.5), exponential(6, 0.5), exponential(4, 0.7)]
    };
    let strands = |strands| if has_complement { strands } else { Strands::Forward };
    // Peptides are short: what stands at their ends counts, and a width must fit the shortest.
    let (width, sigma, border) = if letters <= 4 { (12, 0.3, Border::Valid) } else { (6, 0.5, Border::Same) };
    let network = |name, filters, pooling, strands, learning| Candidate::Network {
        name,
        network: NetworkConfig {
            letters,
            layers: vec![LayerConfig {
                filters,
                width,
                kernel: DotProductKernel::Exponential { sigma },
                subsampling: 1,
            }],
            pooling,
            strands,
            border,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
        },
        learning: Box::new(learning),
    };
    let balanced = TrainConfig { class_weight: ClassWeight::Balanced, ..TrainConfig::default() };
    candidates.push(network("learnt anchors", 32, Pooling::Max, strands(Strands::Max), balanced));
    let still = TrainConfig {
        epochs: 0,
        loss: Loss::SquaredHinge,
        choose_l2: true,
        standardise: true,
        patches: 50_000,
        ..balanced
    };
    candidates.push(network("k-means anchors", 1024, Pooling::Mean, strands(Strands::Mean), still));
    candidates
}

fn machine(width: usize, profile: Profile) -> Candidate {
    Candidate::Machine(SequenceKernel::new(width, profile, true))
}
