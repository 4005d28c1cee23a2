//! A network with its heads: the body of a trained convolutional kernel network.

use ckn_core::TokenView;
use ckn_core::head::LinearHead;
use ckn_core::network::NetworkConfig;
use safetensors::Dtype;

use crate::file::{Contents, Expected, Key, Kind, Refusal, Values};
use crate::model::padded;
use crate::{Error, ModelCard, Network};

const WEIGHTS: &str = "head.weights";
const INTERCEPT: &str = "head.intercept";

/// A convolutional kernel network and its linear heads, one an output: `f_o(x) = ⟨w_o, ψ(x)⟩ + b_o`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadedNetwork {
    network: Network,
    heads: Vec<LinearHead>,
}

/// A borrowed network with its heads and the card of its model: what readers of networks take.
#[derive(Debug, Clone, Copy)]
pub struct NetworkView<'a> {
    headed: &'a HeadedNetwork,
    card: &'a ModelCard,
}

impl<'a> NetworkView<'a> {
    pub(crate) fn new(headed: &'a HeadedNetwork, card: &'a ModelCard) -> Self {
        Self { headed, card }
    }

    /// The network.
    pub fn network(self) -> &'a Network {
        &self.headed.network
    }

    /// The heads, one an output.
    pub fn heads(self) -> &'a [LinearHead] {
        &self.headed.heads
    }

    /// What the model is for and where it comes from.
    pub fn card(self) -> &'a ModelCard {
        self.card
    }

    /// The network with its heads.
    pub fn headed(self) -> &'a HeadedNetwork {
        self.headed
    }

    /// The one head of a model of one output.
    ///
    /// # Errors
    /// [`Error::Outputs`] for a model of several outputs.
    pub fn only_head(self) -> Result<&'a LinearHead, Error> {
        match self.heads() {
            [head] => Ok(head),
            _ => Err(Error::Outputs { outputs: self.card.outputs.clone() }),
        }
    }
}

impl HeadedNetwork {
    /// Joins a network and its heads.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if a head has not one weight for each coordinate of the embedding.
    pub fn new(network: Network, heads: Vec<LinearHead>) -> Result<Self, Error> {
        let expected = network.dimension();
        match heads.iter().map(|head| head.weights().len()).find(|&got| got != expected) {
            Some(got) => Err(ckn_core::Error::Shape { what: "head weights", expected, got }.into()),
            None => Ok(Self { network, heads }),
        }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The heads, one an output.
    pub fn heads(&self) -> &[LinearHead] {
        &self.heads
    }

    /// The network with one of its heads.
    pub(crate) fn with_head(&self, place: usize) -> Self {
        Self { network: self.network.clone(), heads: vec![self.heads[place].clone()] }
    }

    pub(crate) fn check_card(&self, card: &ModelCard) -> Result<(), Error> {
        let check = |what, expected, got| {
            if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what, expected, got }) }
        };
        check("heads", card.outputs.len().max(1), self.heads.len())?;
        if let Some(held_out) = &card.held_out {
            for values in [&held_out.auroc, &held_out.beside] {
                check("held-out AUROCs of anchor points", self.network.layers()[0].filters(), values.len())?;
            }
        }
        Ok(())
    }

    /// Scores of sequences; those that are too short are lengthened by unknown letters if asked to.
    ///
    /// # Shapes
    /// `[sequences, outputs]`.
    ///
    /// # Errors
    /// Those of [`Network::scores`].
    pub fn scores(&self, view: TokenView<'_>, pad_short: bool) -> Result<Vec<f64>, Error> {
        let shortest = self.network.config().shortest_sequence();
        padded(view, pad_short.then_some(shortest), |view| self.network.scores(&self.heads, view))
    }
}

fn anchors_of(layer: usize) -> String {
    format!("layer.{layer}.anchors")
}

/// The tensors of a network's anchor points.
pub(crate) fn anchor_values(network: &Network) -> impl Iterator<Item = Values<'_>> {
    network.layers().iter().map(|layer| Values::Single(layer.anchors().into()))
}

/// The tensors that hold anchor points, as a configuration says.
pub(crate) fn expected_anchors(config: &NetworkConfig) -> impl Iterator<Item = Expected> {
    config.layers.iter().enumerate().map(|(index, layer)| {
        let shape = vec![layer.filters, config.channels(index), layer.width];
        Expected::new(&anchors_of(index), Dtype::F32, shape)
    })
}

/// The network of a configuration and of its tensors.
pub(crate) fn network_of(config: NetworkConfig, contents: &mut Contents) -> Result<Network, Error> {
    let config = config.check()?;
    let anchors = (0..config.layers.len()).map(|layer| contents.single(&anchors_of(layer))).collect();
    Network::new(config, anchors)
}

impl Kind for HeadedNetwork {
    type Config = NetworkConfig;
    type Card = ModelCard;
    const KEY: Key = Key::Network;

    fn parts(&self) -> Result<(NetworkConfig, Vec<Values<'_>>), Error> {
        let weights: Vec<f64> = self.heads.iter().flat_map(|head| head.weights()).copied().collect();
        let intercepts: Vec<f64> = self.heads.iter().map(LinearHead::intercept).collect();
        let values = anchor_values(&self.network)
            .chain([Values::Double(weights.into()), Values::Double(intercepts.into())])
            .collect();
        Ok(((**self.network.config()).clone(), values))
    }

    fn expected(config: &NetworkConfig, card: &ModelCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.clone().check().map_err(Error::from)?;
        card.check_file(config.letters)?;
        let outputs = card.outputs.len();
        let shape = if outputs == 0 { vec![config.dimension()] } else { vec![outputs, config.dimension()] };
        let heads =
            [Expected::new(WEIGHTS, Dtype::F64, shape), Expected::new(INTERCEPT, Dtype::F64, vec![outputs.max(1)])];
        Ok(expected_anchors(&config).chain(heads).collect())
    }

    fn has_unit_rows(_: &NetworkConfig, _: &str) -> bool {
        true
    }

    fn from_parts(config: NetworkConfig, mut contents: Contents, _: &ModelCard) -> Result<Self, Refusal> {
        let network = network_of(config, &mut contents)?;
        let dimension = network.dimension();
        let (weights, intercepts) = (contents.double(WEIGHTS), contents.double(INTERCEPT));
        let heads = weights.chunks_exact(dimension).zip(intercepts);
        let heads = heads.map(|(weights, intercept)| LinearHead::new(weights.to_vec(), intercept));
        let heads = heads.collect::<Result<_, _>>().map_err(Error::from)?;
        Ok(Self::new(network, heads)?)
    }
}
