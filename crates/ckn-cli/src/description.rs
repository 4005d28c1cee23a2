//! Everything that a model says of itself, but its parameters.

use ckn::core::network::NetworkConfig;
use ckn::model::{
    Body, DeepBindConfig, FORMAT_VERSION, HeadlessCard, HeadlessNetwork, KernelMachineConfig, Model, ModelCard,
};
use serde::Serialize;

/// What is in a file: what `ckn info --json` writes.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DescribedFile {
    /// Version of the format of the file.
    format_version: u32,
    #[serde(flatten)]
    described: Described,
}

/// A model, or a network that has no head.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Described {
    Model(Description),
    Headless(DescribedHeadless),
}

/// A network without a head.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DescribedHeadless {
    /// The kind: `headless`.
    kind: &'static str,
    architecture: NetworkConfig,
    #[serde(flatten)]
    card: HeadlessCard,
}

/// A model, or a member of an ensemble.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Description {
    /// The kind: `CKN`, `kernel-machine`, `joint` or `DeepBind`.
    kind: &'static str,
    /// Letters of the shortest sequence that it takes.
    shortest_sequence: usize,
    architecture: Architecture,
    #[serde(flatten)]
    card: ModelCard,
}

/// What a model is made of; its kind says which.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Architecture {
    Network(NetworkConfig),
    Baseline(DeepBindConfig),
    Machine(KernelMachineConfig),
    Ensemble {
        /// What is added to the sum.
        intercept: f64,
        members: Vec<Member>,
    },
}

/// A member of an ensemble.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Member {
    /// Weight of its score.
    weight: f64,
    #[serde(flatten)]
    model: Description,
}

impl DescribedFile {
    pub fn of(model: &Model) -> Self {
        Self { format_version: FORMAT_VERSION, described: Described::Model(Description::of(model)) }
    }

    pub fn of_headless(headless: &HeadlessNetwork) -> Self {
        let (kind, card) = ("headless", headless.card().clone());
        let described = DescribedHeadless { kind, architecture: (**headless.network().config()).clone(), card };
        Self { format_version: FORMAT_VERSION, described: Described::Headless(described) }
    }
}

impl Description {
    fn of(model: &Model) -> Self {
        Self {
            kind: model.kind(),
            shortest_sequence: model.shortest_sequence(),
            architecture: Architecture::of(model.body()),
            card: model.card().clone(),
        }
    }
}

impl Architecture {
    fn of(body: &Body) -> Self {
        match body {
            Body::Network(headed) => Self::Network((**headed.network().config()).clone()),
            Body::Baseline(network) => Self::Baseline(**network.config()),
            Body::Machine(machine) => Self::Machine(machine.config().clone()),
            Body::Ensemble(ensemble) => {
                let members = ensemble.members().iter().zip(ensemble.weights());
                let members = members.map(|(model, &weight)| Member { weight, model: Description::of(model) });
                Self::Ensemble { intercept: ensemble.intercept(), members: members.collect() }
            }
        }
    }
}
