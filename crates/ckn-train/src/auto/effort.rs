//! How much is tried: lists of candidates, and how many sequences they are judged on.

use super::candidate::Family;
use super::{AutoSettings, Candidate};

/// How long a search may take, in rough terms; each has its list of candidates, the cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// One exact kernel and one network (of RNA two), of sequences of one length kernels with places, judged by threefold
    /// cross-validation on at most 3,000 sequences: seconds to a minute.
    Quick,
    /// Also two more exact kernels and a larger network, fivefold on 4,000.
    Standard,
    /// All candidates, fivefold on 6,000: minutes.
    Thorough,
}

impl Effort {
    /// Most negatives in all, and for each positive, where negatives are made.
    pub fn negatives(self) -> (usize, usize) {
        match self {
            Self::Quick => (20_000, 10),
            Self::Standard | Self::Thorough => (50_000, 20),
        }
    }

    /// What is tried on sequences of an alphabet, half of which have at least `typical` letters.
    pub(super) fn settings(self, family: Family) -> AutoSettings {
        let mut candidates = first_candidates(family);
        match self {
            Self::Quick => {}
            Self::Standard => candidates.extend(more_candidates(family)),
            Self::Thorough => candidates.extend(more_candidates(family).into_iter().chain(dear_candidates(family))),
        }
        // Narrow sequences make one candidate of several.
        let mut different: Vec<Candidate> = Vec::new();
        for candidate in candidates {
            if !different.contains(&candidate) {
                different.push(candidate);
            }
        }
        let (folds, screening, letters, worse) = match self {
            Self::Quick => (3, 3_000, 600_000, 1),
            Self::Standard => (5, 4_000, 800_000, 1),
            Self::Thorough => (5, 6_000, 1_200_000, 2),
        };
        AutoSettings {
            candidates: different,
            folds,
            screening,
            screening_letters: letters,
            machine_letters: if self == Self::Quick { 8_000_000 } else { usize::MAX },
            network_letters: 2_500_000,
            worse,
            members: 8,
            trainings: if self == Self::Thorough { 3 } else { 1 },
            budget: None,
            seed: 0,
        }
    }
}

/// One of each kind. Sites of RNA are short, and there are often several of them.
fn first_candidates(family: Family) -> Vec<Candidate> {
    let network = family.learnt(32, 20);
    let mut candidates = match (family.is_nucleic(), family.both_strands) {
        (true, true) => vec![family.gapped(10, 6), network],
        (true, false) => vec![family.gapped(8, 5), network, family.averaging(32, 20)],
        (false, _) => vec![family.exponential(4, 0.5), network],
    };
    if family.has_places() {
        let placed = [0.5, 10.0].map(|beta| family.on_each(|family| family.placed(6, 4, beta)));
        candidates.splice(1..1, placed.into_iter().flatten());
    }
    candidates
}

fn more_candidates(family: Family) -> Vec<Candidate> {
    if family.is_nucleic() {
        return vec![family.gapped(11, 7), family.exponential(10, 0.3), family.learnt(64, 40)];
    }
    vec![family.exponential(3, 0.5), family.exponential(5, 0.5), family.learnt(64, 40)]
}

fn dear_candidates(family: Family) -> Vec<Candidate> {
    let mut candidates = if family.is_nucleic() {
        vec![
            family.exponential(8, 0.25),
            family.exponential(10, 0.25),
            family.exponential(12, 0.3),
            family.gapped(12, 7),
        ]
    } else {
        vec![family.exponential(6, 0.5), family.exponential(4, 0.7)]
    };
    if family.has_places() {
        for (width, informative, beta) in [(4, 3, 0.5), (6, 4, 3.0), (6, 4, 30.0)] {
            candidates.extend(family.on_each(|family| family.placed(width, informative, beta)));
        }
    }
    candidates
}
