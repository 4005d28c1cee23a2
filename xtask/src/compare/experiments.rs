//! What is compared with what.

use clap::ValueEnum;

use crate::reproduce::targets::{ALL, TOP};

/// A comparison of the paper (CKN-seq, sections 3 and B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Comparison {
    /// 16 against 128 filters (max pooling)
    Filters,
    /// One layer against two (12 and 3 wide, 64 and 16 filters, σ 0.3 and 0.6)
    Layers,
    /// Single tasks against several together
    Tasks,
    /// Mean against max pooling
    Pooling,
    /// Patch widths from 6 to 18
    Width,
    /// Bandwidths from 0.1 to 0.7
    Sigma,
    /// DeepBind-style networks, with 30 calibrations and without, against kernel networks
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
    fn new(label: &str, options: &str) -> Self {
        Self { label: label.to_owned(), options: options.split_whitespace().map(str::to_owned).collect() }
    }
}

impl Comparison {
    /// The sides, the one that others are compared with first. Not of [`Self::Tasks`], whose sides differ in their data.
    pub(crate) fn variants(self) -> Vec<Variant> {
        let sweep = |name: &str, values: &[&str]| {
            values.iter().map(|value| Variant::new(value, &format!("--{name} {value}"))).collect()
        };
        match self {
            Self::Filters => {
                vec![Variant::new("16 filters", "--filters 16"), Variant::new("128 filters", "--filters 128 --l2 0.2")]
            }
            Self::Layers => vec![
                Variant::new("1 layer", "--filters 16"),
                Variant::new("2 layers", "--filters 64,16 --width 12,3 --sigma 0.3,0.6"),
            ],
            Self::Pooling => {
                vec![Variant::new("max", "--pooling max"), Variant::new("mean", "--pooling mean --l2 1e-6")]
            }
            Self::Width => sweep("width", &["6", "8", "10", "12", "14", "16", "18"]),
            Self::Sigma => sweep("sigma", &["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]),
            Self::Deepbind => vec![
                Variant::new("CKN", "--strands max"),
                Variant::new("DeepBind", "--model deepbind --calibrations 30"),
                Variant::new("DeepBind, uncalibrated", "--model deepbind --calibrations 0"),
            ],
            Self::Tasks => Vec::new(),
        }
    }
}

/// Sets that are learnt together: names of rows.
pub(crate) const TASKS: [[&str; 2]; 2] = [["USF1 HepG2", "USF1 H1-hESC"], ["ELK1 GM12878", "GABPA GM12878"]];
