//! A network without a head: anchor points that were fitted to sequences without labels, or those of a model.

use std::collections::BTreeMap;
use std::path::Path;

use ckn_core::network::NetworkConfig;
use serde::{Deserialize, Serialize};

use crate::card::check_alphabet;
use crate::file::{self, Card, Contents, Expected, Key, Kind, Opened, Refusal, Values};
use crate::headed::{anchor_values, expected_anchors, network_of};
use crate::{Error, Model, ModelCard, Network};

/// What the anchor points of a [`HeadlessNetwork`] are for and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeadlessCard {
    /// Name of the alphabet (`dna`, `rna`, `protein`).
    pub alphabet: String,
    /// Its letters in the order of the tokens: the channels of the first layer.
    pub letters: String,
    /// Seed of the sample of windows and of k-means.
    pub seed: u64,
    /// SHA-256 of each input file, by its role.
    pub data: BTreeMap<String, String>,
    /// Settings of the fit, as the trainer writes them.
    pub training: serde_json::Value,
    /// What was measured: windows that were seen and kept, and their mean cosine with the closest anchor point.
    pub measured: BTreeMap<String, f64>,
}

impl Card for HeadlessCard {
    fn measured(&self) -> &BTreeMap<String, f64> {
        &self.measured
    }

    fn training_mut(&mut self) -> &mut serde_json::Value {
        &mut self.training
    }
}

/// A network without a head: anchor points that trainings with labels begin with, or keep. It scores nothing, and is no
/// [`Model`].
///
/// ```
/// use std::collections::BTreeMap;
/// use ckn_core::{network::NetworkConfig, seed::Seed};
/// use ckn_model::{Network, HeadlessCard, HeadlessNetwork};
///
/// let network = Network::random(NetworkConfig::of_one_layer(4, 8, 6).check()?, &mut Seed(0).stream("network"))?;
/// let card = HeadlessCard {
///     alphabet: "dna".into(),
///     letters: "ACGT".into(),
///     seed: 0,
///     data: BTreeMap::new(),
///     training: serde_json::Value::Null,
///     measured: BTreeMap::new(),
/// };
/// let filters = HeadlessNetwork::new(network, card)?;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("filters.ckn");
/// filters.save(&path, false)?;
/// assert_eq!(HeadlessNetwork::load(&path)?, filters);
/// // A model has a head.
/// assert!(ckn_model::Model::load(&path).is_err());
/// # Ok::<(), ckn_model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HeadlessNetwork {
    network: Network,
    card: HeadlessCard,
    of_model: bool,
}

impl HeadlessNetwork {
    /// Joins a network and its card.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the card has another number of letters than the network.
    pub fn new(network: Network, card: HeadlessCard) -> Result<Self, Error> {
        let (expected, got) = (network.config().letters, card.letters.chars().count());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "letters of the alphabet", expected, got }.into());
        }
        Ok(Self { network, card, of_model: false })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Whether its anchor points are those of a model, which learnt from labels.
    pub fn has_seen_labels(&self) -> bool {
        self.of_model
    }

    /// What it is for and where it comes from.
    pub fn card(&self) -> &HeadlessCard {
        &self.card
    }

    /// Writes it to a file, whole or not at all.
    ///
    /// # Errors
    /// Those of [`Model::save`].
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        file::save(|| self.to_bytes(), path, overwrite)
    }

    /// The bytes of the file. Equal networks and cards give equal bytes.
    ///
    /// # Errors
    /// Those of [`Model::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        file::to_bytes(&self.network, &self.card)
    }

    /// Reads one from a file; of the file of a model, its network without the heads.
    ///
    /// # Errors
    /// Those of [`Model::load`]; [`Error::Malformed`] for models of other kinds.
    pub fn load(path: &Path) -> Result<Self, Error> {
        file::load(path, Self::read)
    }

    /// Reads one from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        file::from_bytes(bytes, path_for_messages, Self::read)
    }

    /// Whether a file says that it holds a network without a head.
    pub fn is_there(path: &Path) -> bool {
        file::load(path, |opened| Ok(opened.key() == Key::Headless)).unwrap_or(false)
    }

    fn read(opened: Opened<'_>) -> Result<Self, Refusal> {
        if opened.key() == Key::Headless {
            let (network, card) = opened.read()?;
            return Ok(Self::new(network, card)?);
        }
        let model = Model::read(opened)?;
        let Some(view) = model.network() else {
            return Err(format!("it is a model of the kind {}, which has no anchor points", model.kind()).into());
        };
        let ModelCard { alphabet, letters, seed, data, training, .. } = view.card().clone();
        let card = HeadlessCard { alphabet, letters, seed, data, training, measured: BTreeMap::new() };
        Ok(Self { of_model: true, ..Self::new(view.network().clone(), card)? })
    }
}

impl Kind for Network {
    type Config = NetworkConfig;
    type Card = HeadlessCard;
    const KEY: Key = Key::Headless;

    fn parts(&self) -> Result<(NetworkConfig, Vec<Values<'_>>), Error> {
        Ok(((**self.config()).clone(), anchor_values(self).collect()))
    }

    fn expected(config: &NetworkConfig, card: &HeadlessCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.clone().check().map_err(Error::from)?;
        check_alphabet(&card.alphabet, &card.letters, config.letters)?;
        Ok(expected_anchors(&config).collect())
    }

    fn has_unit_rows(_: &NetworkConfig, _: &str) -> bool {
        true
    }

    fn from_parts(config: NetworkConfig, mut contents: Contents, _: &HeadlessCard) -> Result<Self, Refusal> {
        Ok(network_of(config, &mut contents)?)
    }
}
