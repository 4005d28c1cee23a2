//! What may become a model.

use std::fmt;

use ckn_core::kernel::DotProductKernel;
use ckn_core::mismatch::Profile;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, NetworkConfig, SequenceKernel};

use crate::{ClassWeight, TrainConfig};

/// Letters of sequences up to which there are candidates whose windows have places: tables for every place grow with them.
const MOST_PLACES: usize = 300;

/// One way of training a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Candidate {
    /// A machine on an exact kernel, its penalty chosen by cross-validation.
    Machine {
        /// Its kernel.
        kernel: SequenceKernel,
        /// Whether windows of the reverse complement are compared, too.
        both_strands: bool,
    },
    /// A network.
    Network {
        /// Its layers.
        network: NetworkConfig,
        /// How it is trained.
        learning: Box<TrainConfig>,
    },
}

impl Candidate {
    /// Letters of the shortest sequence with a window.
    pub fn shortest(&self) -> usize {
        match self {
            Self::Machine { kernel, .. } => kernel.width,
            // A window around every letter.
            Self::Network { network, .. } if network.border == Border::Same => 1,
            Self::Network { network, .. } => network.layers.first().map_or(1, |layer| layer.width),
        }
    }

    /// Whether the places of windows count.
    pub(super) fn has_places(&self) -> bool {
        matches!(self, Self::Machine { kernel: SequenceKernel { places: Some(_), .. }, .. })
    }

    /// Whether a sequence and its reverse complement are the same to it.
    pub(super) fn reads_both_strands(&self) -> bool {
        match self {
            Self::Machine { both_strands, .. } => *both_strands,
            Self::Network { network, .. } => network.strands != Strands::Forward,
        }
    }

    /// Whether it is a network, whose sequences must all have a window.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network { .. })
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine { kernel: SequenceKernel { width, profile, normalised, places, .. }, both_strands } => {
                write!(f, "exact kernel, width {width}, ")?;
                match profile {
                    Profile::Exponential { sigma } => write!(f, "sigma {sigma}")?,
                    Profile::GappedKmer { informative, mismatches } => {
                        write!(f, "gapped k-mers of {informative}, {mismatches} mismatches")?;
                    }
                    other => write!(f, "{other:?}")?,
                }
                if let Some(places) = places {
                    let strand = if *both_strands { "" } else { " of the strand as it stands" };
                    write!(f, ", places within {places}{strand}")?;
                }
                if *normalised { Ok(()) } else { f.write_str(", not normalised") }
            }
            Self::Network { network, .. } => {
                let layer = network.layers.first();
                let (filters, width) = layer.map_or((0, 0), |layer| (layer.filters, layer.width));
                let pooling = if network.pooling == Pooling::Mean { ", mean pooling" } else { "" };
                write!(f, "network, {filters} filters of width {width}{pooling}")
            }
        }
    }
}

/// Sequences that candidates are made for: their alphabet and their length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Letters of the alphabet.
    pub letters: usize,
    /// Whether both strands are read: of DNA, not of RNA.
    pub both_strands: bool,
    /// Half of the sequences have at least so many letters: no candidate is wider.
    pub typical: usize,
    /// Whether nearly all sequences have as many letters, so that the same place may mean the same in each, and none many more: tables
    /// for every place grow with the longest.
    pub aligned: bool,
}

impl Family {
    pub(super) fn is_nucleic(self) -> bool {
        self.letters <= 4
    }

    /// Whether there are candidates whose windows have places.
    pub(super) fn has_places(self) -> bool {
        self.aligned && self.typical <= MOST_PLACES
    }

    /// A candidate of both strands, where there are two, and of the strand as it stands.
    pub(super) fn on_each(self, candidate: impl Fn(Self) -> Candidate) -> Vec<Candidate> {
        let forward = candidate(Self { both_strands: false, ..self });
        if self.both_strands { vec![candidate(self), forward] } else { vec![forward] }
    }

    /// A machine whose windows share so many gapped letters; narrower, with as large a share of them, for short sequences.
    pub(super) fn gapped(self, width: usize, informative: usize) -> Candidate {
        self.machine(self.gapped_kernel(width, informative))
    }

    fn gapped_kernel(self, width: usize, informative: usize) -> SequenceKernel {
        let narrow = width.min(self.typical.max(1));
        let informative = (informative * narrow).div_ceil(width);
        let profile = Profile::GappedKmer { informative, mismatches: narrow - informative };
        SequenceKernel::new(narrow, profile, true)
    }

    /// A machine of a profile that falls off exponentially.
    pub(super) fn exponential(self, width: usize, sigma: f64) -> Candidate {
        let width = width.min(self.typical.max(1));
        self.machine(SequenceKernel::new(width, Profile::Exponential { sigma }, true))
    }

    /// A machine whose windows share gapped letters and have places, of bandwidth `beta` in letters.
    pub(super) fn placed(self, width: usize, informative: usize, beta: f64) -> Candidate {
        self.machine(SequenceKernel { places: Some(beta), ..self.gapped_kernel(width, informative) })
    }

    fn machine(self, kernel: SequenceKernel) -> Candidate {
        Candidate::Machine { kernel, both_strands: self.both_strands }
    }

    /// A network of so many anchor points that are learnt: of both strands where there are two.
    pub fn network(self, filters: usize) -> NetworkConfig {
        // Peptides are short: what stands at their ends counts.
        let (width, sigma, border) = match (self.is_nucleic(), self.both_strands) {
            (true, true) => (12, 0.3, Border::Valid),
            (true, false) => (8, 0.3, Border::Valid),
            (false, _) => (6, 0.5, Border::Same),
        };
        let layer = LayerConfig {
            filters,
            width: width.min(self.typical.max(1)),
            kernel: DotProductKernel::Exponential { sigma },
            subsampling: 1,
        };
        NetworkConfig {
            letters: self.letters,
            layers: vec![layer],
            pooling: Pooling::Max,
            strands: if self.both_strands { Strands::Max } else { Strands::Forward },
            border,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
        }
    }

    /// A network that is learnt in so many passes.
    pub fn learnt(self, filters: usize, epochs: usize) -> Candidate {
        let learning = TrainConfig {
            epochs,
            early_stop: Some(8),
            patches: 30_000,
            class_weight: ClassWeight::Balanced,
            ..TrainConfig::default()
        };
        Candidate::Network { network: self.network(filters), learning: Box::new(learning) }
    }

    /// A network of which all sites count, and not the best alone.
    pub(super) fn averaging(self, filters: usize, epochs: usize) -> Candidate {
        let mut candidate = self.learnt(filters, epochs);
        if let Candidate::Network { network, learning } = &mut candidate {
            network.pooling = Pooling::Mean;
            // Means over windows are small numbers.
            learning.l2 = 1e-5;
        }
        candidate
    }
}
