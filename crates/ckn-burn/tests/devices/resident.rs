//! Networks that live on a graphics card equal the definition in double precision on the host.

use burn::tensor::Device;
use ckn_burn::{DeviceChoice, Resident, available_devices};
use ckn_core::kernel::DotProductKernel;
use ckn_core::network::{Prepared, PullBackBuffers};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{LayerConfig, Network, NetworkConfig};

use crate::support::{assert_close, scattered};

/// A graphics card, a simulated one if need be.
fn card() -> Option<Device> {
    let cards = available_devices().into_iter().filter(|device| matches!(device.choice, DeviceChoice::Gpu(_)));
    cards.map(|device| device.device).next()
}

/// Some sequences of letters and, now and then, mixtures.
struct Sequences {
    table: LetterTable,
    tokens: Vec<u8>,
    offsets: Vec<usize>,
}

impl Sequences {
    fn new(letters: usize, lengths: &[usize], mixtures: bool, stream: u64) -> Self {
        let complement: Vec<u8> = (0..letters as u8).rev().chain([letters as u8]).collect();
        let table = LetterTable::new(letters, &vec![1.0 / letters as f64; letters], Some(&complement)).unwrap();
        let total = lengths.iter().sum();
        let tokens = scattered(total, stream)
            .into_iter()
            .enumerate()
            .map(|(at, value)| match mixtures && at % 17 == 5 {
                true => letters as u8,
                false => ((value + 1.0) / 2.0 * letters as f64) as u8,
            })
            .collect();
        let mut offsets = vec![0];
        lengths.iter().for_each(|length| offsets.push(offsets.last().unwrap() + length));
        Self { table, tokens, offsets }
    }

    fn view(&self) -> TokenView<'_> {
        TokenView::new(&self.tokens, &self.offsets, &self.table).unwrap()
    }
}

fn config(letters: usize, filters: usize, width: usize, kernel: DotProductKernel) -> NetworkConfig {
    NetworkConfig {
        letters,
        layers: vec![LayerConfig { filters, width, kernel, subsampling: 1 }],
        pooling: Pooling::Mean,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
    }
}

/// Embeddings and gradient of one network on both sides.
fn compare(device: &Device, config: NetworkConfig, sequences: &Sequences, records: &[usize], what: &str) {
    let view = sequences.view();
    let network = Network::random(config.check().unwrap(), &mut Seed(7).stream("network")).unwrap();
    let row = network.dimension() * network.config().strands.count();
    let upstream: Vec<f64> = scattered(records.len() * row, 3);

    let wide: Vec<f64> = network.layers()[0].anchors().iter().map(|&value| f64::from(value)).collect();
    let prepared = Prepared::<f64>::new(network.config(), &[&wide], view.table()).unwrap();
    let index = network.config().index(view).unwrap();
    let mut want = vec![0.0; records.len() * row];
    prepared.embed(&index, records, &mut want).unwrap();
    let given = |range: std::ops::Range<usize>, _: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(&upstream[range.start * row..range.end * row]);
    };
    let gradient = prepared.pull_back(&index, records, given, &mut PullBackBuffers::default()).unwrap();

    let mut resident = Resident::new(device, view, &network).unwrap();
    let mut got = vec![0.0; records.len() * row];
    resident.embed(&network, records, &mut got).unwrap();
    let widened: Vec<f64> = got.iter().map(|&value| f64::from(value)).collect();
    assert_close(&widened, &want, 1e-4, &format!("embeddings, {what}"));
    let mut seen = Vec::new();
    let by_anchors = resident
        .pull_back(&network, records, &mut |embeddings, gradient| {
            seen = embeddings.to_vec();
            gradient.iter_mut().zip(&upstream).for_each(|(slot, value)| *slot = *value as f32);
        })
        .unwrap();
    assert_eq!(seen, got, "{what}");
    let by_anchors: Vec<f64> = by_anchors.iter().map(|&value| f64::from(value)).collect();
    assert_close(&by_anchors, &gradient.anchors[0], 1e-3, &format!("gradient, {what}"));
}

#[test]
fn embeddings_and_gradients_are_those_of_the_host() {
    let Some(device) = card() else { return };
    let start = std::time::Instant::now();
    let sequences = Sequences::new(4, &[12, 31, 12, 50, 13, 101, 20], true, 1);
    let exponential = DotProductKernel::Exponential { sigma: 0.3 };
    for pooling in [Pooling::Mean, Pooling::Sum, Pooling::Max] {
        let network = NetworkConfig { pooling, ..config(4, 16, 12, exponential) };
        compare(&device, network, &sequences, &[0, 3, 5, 1, 1, 6], &format!("{pooling:?}"));
        eprintln!("{pooling:?} {:?}", start.elapsed());
    }
}
