//! A small model, its file, and ways to break it.

use std::collections::BTreeMap;
use std::path::Path;

use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Random;
use ckn_core::whitening::Regularisation;
use ckn_model::{Error, LayerConfig, Lengths, LinearHead, Model, ModelCard, Network, NetworkConfig};
use rand::SeedableRng;
use serde_json::{Value, json};

pub(crate) fn config() -> NetworkConfig {
    let layer = |filters, width, subsampling, kernel| LayerConfig { filters, width, kernel, subsampling };
    NetworkConfig {
        letters: 4,
        layers: vec![
            layer(6, 5, 2, DotProductKernel::Exponential { sigma: 0.3 }),
            layer(3, 2, 1, DotProductKernel::ArcCosine { order: 1 }),
        ],
        pooling: Pooling::Mean,
        strands: Strands::Max,
        border: Border::Same,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    }
}

pub(crate) fn card(letters: &str) -> ModelCard {
    ModelCard {
        alphabet: "dna".to_owned(),
        letters: letters.to_owned(),
        loss: Loss::Logistic,
        outputs: Vec::new(),
        classes: Vec::new(),
        pad_short: false,
        seed: u64::MAX,
        data: BTreeMap::from([("train".to_owned(), "ab".repeat(32))]),
        lengths: Some(Lengths { shortest: 60, longest: 101 }),
        training: json!({ "epochs": 30, "rates": [0.1, 1e-3], "deep": { "z": null, "a": true } }),
        measured: BTreeMap::from([("auroc".to_owned(), 0.912_345_678_901_234_5)]),
        held_out: None,
    }
}

pub(crate) fn model_of(config: NetworkConfig, card: ModelCard, seed: u64) -> Model {
    let mut random = Random::seed_from_u64(seed);
    let network = Network::random(config.check().unwrap(), &mut random).unwrap();
    let weights = (0..network.dimension()).map(|index| 1.0 / (3.0 + index as f64)).collect();
    Model::of_network(network, vec![LinearHead::new(weights, -0.1).unwrap()], card).unwrap()
}

pub(crate) fn model() -> Model {
    model_of(config(), card("ACGT"), 1)
}

pub(crate) fn read(bytes: &[u8]) -> Result<Model, Error> {
    Model::from_bytes(bytes, Path::new("some.ckn"))
}

/// A file in parts, to break one of them.
pub(crate) struct Parts {
    pub(crate) header: Value,
    /// The entry `ckn` of the metadata.
    pub(crate) ckn: Value,
    pub(crate) data: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let (header, data) = split(bytes);
        let mut header: Value = serde_json::from_str(header).unwrap();
        let metadata = header.as_object_mut().unwrap().remove("__metadata__").unwrap();
        assert_eq!(metadata.as_object().unwrap().len(), 1);
        let ckn = serde_json::from_str(metadata["ckn"].as_str().unwrap()).unwrap();
        Self { header, ckn, data: data.to_vec() }
    }

    pub(crate) fn whole(mut self) -> Vec<u8> {
        if self.header.get("__metadata__").is_none() {
            self.header["__metadata__"] = json!({ "ckn": self.ckn.to_string() });
        }
        join(&self.header.to_string(), &self.data)
    }
}

pub(crate) fn split(bytes: &[u8]) -> (&str, &[u8]) {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (std::str::from_utf8(&bytes[8..8 + length]).unwrap(), &bytes[8 + length..])
}

pub(crate) fn join(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// The file of [`model`] with one part changed.
pub(crate) fn broken(change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts::of(&model().to_bytes().unwrap());
    change(&mut parts);
    parts.whole()
}

/// The file of [`model`] with its header changed as text.
pub(crate) fn rewritten(from: &str, to: &str) -> Vec<u8> {
    let bytes = model().to_bytes().unwrap();
    let (header, data) = split(&bytes);
    assert!(header.contains(from), "{from} is not in {header}");
    join(&header.replacen(from, to, 1), data)
}
