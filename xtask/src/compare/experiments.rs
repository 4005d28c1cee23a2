//! What is compared with what.

use clap::ValueEnum;

use super::network::{Network, Pooling};
use crate::reproduce::targets::{ALL, TOP};

/// A comparison of the paper (CKN-seq, sections 3, B and C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Comparison {
    /// 16 against 128 filters, those with twice the penalty
    Filters,
    /// One layer against two (12 and 3 wide, 64 and 16 filters, σ 0.3 and 0.6)
    Layers,
    /// Single tasks against several together
    Tasks,
    /// Max against mean pooling
    Pooling,
    /// Patch widths from 6 to 18
    Width,
    /// Bandwidths from 0.1 to 0.7
    Sigma,
    /// Penalties of the weights from 1e-8 to 0.1, of networks that read both strands
    Penalty,
    /// Sequences as they are written against the better one of both strands
    Strands,
    /// Anchor points that are learnt against those of k-means, 16 and 1,024
    Unsupervised,
    /// Kernel networks against DeepBind-style networks, with calibrations and without
    Deepbind,
}

/// Training data of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// The 500 strongest peaks of each set
    Top,
    /// All peaks
    All,
}

impl Mode {
    /// Beginning of the names of the training files; the sets are the same in both modes.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Top => TOP.prefix,
            Self::All => ALL.prefix,
        }
    }
}

/// One side of a comparison: a label and options of `ckn train`.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) label: String,
    pub(crate) options: Vec<String>,
}

impl Variant {
    fn new(label: &str, network: &Network) -> Self {
        Self { label: label.to_owned(), options: network.options() }
    }

    /// The baseline after DeepBind, with some random draws of its settings of learning.
    fn deepbind(label: &str, calibrations: u64) -> Self {
        let options = ["--model", "deepbind", "--calibrations"].map(str::to_owned);
        Self { label: label.to_owned(), options: [&options[..], &[calibrations.to_string()]].concat() }
    }
}

impl Comparison {
    /// The sides, the one that others are compared with first. Of [`Self::Tasks`], whose sides differ in their data, that of
    /// every training.
    pub(crate) fn variants(self, pooling: Pooling, calibrations: u64) -> Vec<Variant> {
        let paper = Network::of_the_paper(pooling);
        let sweep = |values: &[&'static str], change: fn(&mut Network, &'static str)| {
            let side = |value: &&'static str| {
                let mut network = paper;
                change(&mut network, value);
                Variant::new(value, &network)
            };
            values.iter().map(side).collect()
        };
        match self {
            Self::Filters => vec![
                Variant::new("16 filters", &paper),
                Variant::new("128 filters", &Network { filters: "128", penalty: pooling.doubled_penalty(), ..paper }),
            ],
            Self::Layers => vec![
                Variant::new("1 layer", &paper),
                Variant::new("2 layers", &Network { filters: "64,16", width: "12,3", sigma: "0.3,0.6", ..paper }),
            ],
            Self::Pooling => vec![
                Variant::new("max", &Network::of_the_paper(Pooling::Max)),
                Variant::new("mean", &Network::of_the_paper(Pooling::Mean)),
            ],
            Self::Width => sweep(&["6", "8", "10", "12", "14", "16", "18"], |network, value| network.width = value),
            Self::Sigma => {
                sweep(&["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"], |network, value| network.sigma = value)
            }
            Self::Penalty => {
                sweep(&["1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1"], |network, value| {
                    *network = Network { penalty: value, strands: "max", ..*network };
                })
            }
            Self::Strands => vec![
                Variant::new("forward strand", &paper),
                Variant::new("better strand", &Network { strands: "max", ..paper }),
            ],
            Self::Unsupervised => vec![
                Variant::new("16 learnt", &paper),
                Variant::new("16 of k-means", &Network { unsupervised: true, ..paper }),
                Variant::new("1,024 of k-means", &Network { filters: "1024", unsupervised: true, ..paper }),
            ],
            Self::Deepbind => {
                let mut sides = vec![Variant::new("CKN", &Network { strands: "max", ..paper })];
                if calibrations > 0 {
                    sides.push(Variant::deepbind(&format!("DeepBind of {calibrations} calibrations"), calibrations));
                }
                sides.push(Variant::deepbind("uncalibrated DeepBind", 0));
                sides
            }
            Self::Tasks => vec![Variant::new("single task", &paper), Variant::new("multitask", &paper)],
        }
    }
}

/// Sets that are learnt together: names of rows.
pub(crate) const TASKS: [[&str; 2]; 2] = [["USF1 HepG2", "USF1 H1-hESC"], ["ELK1 GM12878", "GABPA GM12878"]];
