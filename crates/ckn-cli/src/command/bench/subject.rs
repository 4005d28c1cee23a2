//! A network and its data, ready to be measured.

use std::fmt;

use ckn::bio::Alphabet;
use ckn::core::kernel::DotProductKernel;
use ckn::core::kmeans::{KMeansConfig, WindowPatches, spherical_kmeans};
use ckn::core::network::{Prepared, PullBackBuffers};
use ckn::core::pooling::{Border, Pooling, Strands};
use ckn::core::seed::Seed;
use ckn::core::sequence::{AnchorTables, KmerIndex, Orientation};
use ckn::core::whitening::Regularisation;
use ckn::model::{LayerConfig, Network, NetworkConfig};

use super::data::Data;

const SIGMA: f64 = 0.3;
/// Patches and iterations of the k-means that makes the anchors for what is measured later: few, as its time is nobody's.
const FEW_PATCHES: usize = 4096;
const FEW_ITERATIONS: usize = 10;

/// What sets one network apart from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    pub filters: usize,
    pub width: usize,
    pub pooling: Pooling,
}

/// A network, what was computed of it, and memory to compute in.
#[derive(Debug)]
pub struct Subject<'a> {
    pub data: &'a Data,
    pub seed: u64,
    pub network: Network,
    pub index: KmerIndex<'a>,
    pub layer: Prepared<f32>,
    pub all: Vec<usize>,
    /// Of all records, `[records, filters]`.
    pub embeddings: Vec<f32>,
    pub buffers: PullBackBuffers<f32>,
    /// Bytes of the table rows that one window reads.
    pub bytes_per_window: usize,
}

impl Shape {
    pub fn pooling_name(self) -> &'static str {
        match self.pooling {
            Pooling::Max => "max",
            Pooling::Mean => "mean",
            Pooling::Sum => "sum",
            Pooling::Gmp => "gmp",
        }
    }

    fn network(self) -> NetworkConfig {
        NetworkConfig {
            letters: Alphabet::Dna.table().letters(),
            layers: vec![LayerConfig {
                filters: self.filters,
                width: self.width,
                kernel: DotProductKernel::Exponential { sigma: SIGMA },
                subsampling: 1,
            }],
            pooling: self.pooling,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} filters of width {}, {} pooling", self.filters, self.width, self.pooling_name())
    }
}

impl<'a> Subject<'a> {
    /// A network whose anchors come from k-means on the data.
    pub fn new(data: &'a Data, shape: Shape, seed: u64) -> anyhow::Result<Self> {
        let table = Alphabet::Dna.table();
        let index = KmerIndex::new(data.labelled.sequences().view(), shape.width, Border::Valid)?;
        let all: Vec<usize> = (0..data.labelled.len()).collect();
        let mut network = Network::random(shape.network().check()?, &mut Seed(seed).stream("network"))?;
        let mut random = Seed(seed).stream("anchors");
        let letters = network.config().letter_space(table)?;
        let patches = WindowPatches::sample(&index, &letters, &all, FEW_PATCHES, &mut random);
        let k_means = KMeansConfig { centres: shape.filters, max_iterations: FEW_ITERATIONS, tolerance: 0.0 };
        let centres = spherical_kmeans(&patches, &k_means, &mut random)?.centres;
        network.set_anchors(0, &centres.iter().map(|&value| value as f32).collect::<Vec<_>>())?;
        let layer = network.prepared(table)?;
        let (anchors, first) = (network.layers()[0].anchors(), &network.config().layers[0]);
        let tables = AnchorTables::<f32>::new(anchors, first, &letters, Orientation::Forward)?;
        let mut embeddings = vec![0.0; all.len() * layer.row()];
        layer.embed(&index, &all, &mut embeddings)?;
        Ok(Self {
            data,
            seed,
            bytes_per_window: tables.bytes_per_window(),
            network,
            index,
            layer,
            all,
            embeddings,
            buffers: PullBackBuffers::default(),
        })
    }

    /// A network of the same shape that has learnt nothing.
    pub fn untrained(&self) -> anyhow::Result<Network> {
        Ok(Network::random(self.network.config().clone(), &mut Seed(self.seed).stream("network"))?)
    }

    /// Records, as a number to divide.
    pub fn records(&self) -> f64 {
        self.all.len() as f64
    }

    /// Letters of all sequences.
    pub fn letters(&self) -> f64 {
        self.data.labelled.sequences().tokens().len() as f64
    }

    /// Table traffic of the embeddings of all sequences.
    pub fn forward_bytes(&self) -> f64 {
        let windows: usize = self.all.iter().map(|&record| self.index.windows(record)).sum();
        (windows * self.bytes_per_window) as f64
    }

    /// Table traffic of embeddings and gradient, in units of that of the embeddings.
    pub fn backward_factor(&self) -> f64 {
        match self.network.config().pooling {
            // Rows of the tables twice, and those of the gradient read and written.
            Pooling::Mean | Pooling::Sum => 4.0,
            // The gradient sees no more windows than filters: not counted.
            Pooling::Max | Pooling::Gmp => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn traffic_is_a_row_for_each_window_and_block() {
        let data = Data::simulate(16, 20, 100, 1).unwrap();
        let shape = |filters| Shape { filters, width: 12, pooling: Pooling::Mean };
        // 9 windows of three 4-mers, and rows of 16 filters in f32.
        let bytes = |filters| Subject::new(&data, shape(filters), 1).unwrap().forward_bytes();
        assert_eq!(bytes(16), f64::from(16 * 9 * 3 * 64));
        assert_eq!(bytes(17), f64::from(16 * 9 * 3 * 64 * 2));
    }
}
