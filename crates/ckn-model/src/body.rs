//! The body of a model of sequences: one variant for each kind, and what is asked of every kind.

use ckn_core::TokenView;
use ckn_core::pooling::Strands;

use crate::file::{self, Key, Opened, Refusal};
use crate::{DeepBind, Ensemble, Error, HeadedNetwork, KernelMachine, ModelCard};

/// What scores sequences.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A convolutional kernel network and its heads.
    Network(HeadedNetwork),
    /// A machine on exact kernels.
    Machine(KernelMachine),
    /// Several models as one.
    Ensemble(Ensemble),
    /// A convolutional network after DeepBind, the baseline.
    Baseline(DeepBind),
}

impl Body {
    /// The kind, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Network(_) => "CKN",
            Self::Machine(_) => "kernel-machine",
            Self::Ensemble(_) => "joint",
            Self::Baseline(_) => "DeepBind",
        }
    }

    /// Number of letters of the alphabet.
    pub fn letters(&self) -> usize {
        match self {
            Self::Network(body) => body.network().config().letters,
            Self::Machine(body) => body.config().letters,
            Self::Ensemble(body) => body.letters(),
            Self::Baseline(body) => body.config().letters,
        }
    }

    /// Shortest sequence that has a score, in letters.
    pub fn shortest_sequence(&self) -> usize {
        match self {
            Self::Network(body) => body.network().config().shortest_sequence(),
            Self::Machine(body) => body.shortest_sequence(),
            Self::Ensemble(body) => body.shortest_sequence(),
            Self::Baseline(_) => 1,
        }
    }

    /// How the body itself reads the strands: [`Strands::Mean`] also for those that join both in another way than networks.
    pub(crate) fn strands(&self) -> Strands {
        match self {
            Self::Network(body) => body.network().config().strands,
            Self::Machine(body) if body.config().both_strands => Strands::Mean,
            Self::Machine(_) => Strands::Forward,
            Self::Ensemble(body) => {
                let one = body.members().iter().any(|member| member.strands() == Strands::Forward);
                if one { Strands::Forward } else { Strands::Mean }
            }
            Self::Baseline(body) => body.config().strands,
        }
    }

    /// Scores of sequences, `[sequences, outputs]`.
    pub(crate) fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        match self {
            Self::Network(body) => body.scores(view, false),
            Self::Machine(body) => body.scores(view),
            Self::Ensemble(body) => body.scores(view),
            Self::Baseline(body) => body.scores(view),
        }
    }

    /// The bytes of a file of this body and a card.
    pub(crate) fn to_bytes(&self, card: &ModelCard) -> Result<Vec<u8>, Error> {
        match self {
            Self::Network(body) => file::to_bytes(body, card),
            Self::Machine(body) => file::to_bytes(body, card),
            Self::Ensemble(body) => file::to_bytes(body, card),
            Self::Baseline(body) => file::to_bytes(body, card),
        }
    }

    /// Reads the body that a header names, and its card.
    pub(crate) fn read(opened: Opened<'_>) -> Result<(Self, ModelCard), Refusal> {
        match opened.key() {
            Key::Network => opened.read().map(|(body, card)| (Self::Network(body), card)),
            Key::Machine => opened.read().map(|(body, card)| (Self::Machine(body), card)),
            Key::Ensemble => opened.read().map(|(body, card)| (Self::Ensemble(body), card)),
            Key::Baseline => opened.read().map(|(body, card)| (Self::Baseline(body), card)),
            Key::Headless => {
                Err("it holds anchor points without a head, which score nothing: `ckn train --anchors` makes a \
                                     model of them"
                    .to_owned()
                    .into())
            }
            Key::Image => Err("it is a model of images: use `ckn image`".to_owned().into()),
        }
    }

    /// Checks that a card is one of this body.
    pub(crate) fn check_card(&self, card: &ModelCard) -> Result<(), Error> {
        card.check_letters(self.letters())?;
        match self {
            Self::Network(body) => body.check_card(card),
            Self::Ensemble(body) => card.check_one_output().and_then(|()| body.check_card(card)),
            Self::Machine(body) => body.check_card(card),
            Self::Baseline(_) => card.check_one_output(),
        }
    }
}

impl From<HeadedNetwork> for Body {
    fn from(body: HeadedNetwork) -> Self {
        Self::Network(body)
    }
}

impl From<KernelMachine> for Body {
    fn from(body: KernelMachine) -> Self {
        Self::Machine(body)
    }
}

impl From<Ensemble> for Body {
    fn from(body: Ensemble) -> Self {
        Self::Ensemble(body)
    }
}

impl From<DeepBind> for Body {
    fn from(body: DeepBind) -> Self {
        Self::Baseline(body)
    }
}
