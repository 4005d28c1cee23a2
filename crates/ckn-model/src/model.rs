//! A trained model of sequences: a body that scores, and a card.

use std::path::Path;

use ckn_core::head::LinearHead;
use ckn_core::pooling::Strands;
use ckn_core::{LetterTable, TokenView};

use crate::file::{self, Opened, Refusal};
use crate::{Body, Error, HeadedNetwork, HeldOutAnchors, ModelCard, Network, NetworkView};

/// A trained model of sequences, whatever its kind.
///
/// # Example
/// ```
/// use ckn_core::{LetterTable, TokenView, head::LinearHead, kernel::DotProductKernel, loss::Loss};
/// use ckn_core::network::{LayerConfig, NetworkConfig};
/// use ckn_core::pooling::{Border, Pooling, Strands};
/// use ckn_core::whitening::Regularisation;
/// use ckn_model::{Model, ModelCard, Network};
///
/// let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// let config = NetworkConfig {
///     letters: 4,
///     layers: vec![LayerConfig { filters: 1, width: 2, kernel, subsampling: 1 }],
///     pooling: Pooling::Max,
///     strands: Strands::Forward,
///     border: Border::Valid,
///     regularisation: Regularisation::Shift { epsilon: 1e-3 },
///     gap_decay: 0.0,
///     letter_similarity: Vec::new(),
/// };
/// // The anchor point "AC".
/// let network = Network::new(config.check()?, vec![vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]])?;
/// let card = ModelCard::new("dna", "ACGT", Loss::Logistic);
/// let model = Model::of_network(network, vec![LinearHead::new(vec![1.0], 0.0)?], card)?;
/// let table = LetterTable::new(4, &[], None)?;
/// let scores = model.scores(TokenView::new(&[2, 0, 1, 3, 3, 3], &[0, 4, 6], &table)?)?;
/// assert!(scores[0] > 1.0 && scores[1] < 0.1);
/// # Ok::<(), ckn_model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    card: ModelCard,
    body: Body,
}

impl Model {
    /// Joins a body and its card.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the card has other letters, outputs or AUROCs of anchor points than the body;
    /// [`Error::Outputs`] if it names outputs of a kind of body that has one.
    pub fn new(body: impl Into<Body>, card: ModelCard) -> Result<Self, Error> {
        let body = body.into();
        body.check_card(&card)?;
        Ok(Self { card, body })
    }

    /// A model of a network: one head for each of the card's outputs, or one if it names none.
    ///
    /// # Errors
    /// Those of [`HeadedNetwork::new`] and [`Self::new`].
    pub fn of_network(network: Network, heads: Vec<LinearHead>, card: ModelCard) -> Result<Self, Error> {
        Self::new(HeadedNetwork::new(network, heads)?, card)
    }

    /// The same model, with evidence of its single anchor points.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there is not one AUROC for each anchor point.
    pub fn with_held_out(self, held_out: Option<HeldOutAnchors>) -> Result<Self, Error> {
        Self::new(self.body, ModelCard { held_out, ..self.card })
    }

    /// What the model is for and where it comes from.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// What scores.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The kind, in words.
    pub fn kind(&self) -> &'static str {
        self.body.kind()
    }

    /// The network of a model that is one; `None` for other kinds.
    pub fn network(&self) -> Option<NetworkView<'_>> {
        match &self.body {
            Body::Network(headed) => Some(NetworkView::new(headed, &self.card)),
            Body::Machine(_) | Body::Ensemble(_) | Body::Baseline(_) => None,
        }
    }

    /// The network of a model that must be one; messages name the file that it was read from.
    ///
    /// # Errors
    /// [`Error::Kind`] for other kinds.
    pub fn require_network(&self, path: &Path) -> Result<NetworkView<'_>, Error> {
        self.network().ok_or_else(|| Error::Kind { path: path.to_owned(), expected: "CKN", got: self.kind() })
    }

    /// The model of one of several outputs; `None` if no output has that name.
    pub fn output(&self, name: &str) -> Option<Self> {
        let place = self.card.outputs.iter().position(|output| output == name)?;
        let body = match &self.body {
            Body::Network(headed) => headed.with_head(place).into(),
            Body::Machine(machine) => machine.with_output(place).into(),
            Body::Ensemble(_) | Body::Baseline(_) => return None,
        };
        let mut card = self.card.clone();
        card.outputs.clear();
        // One class against the others has no probability of its own.
        Some(Self { body, card })
    }

    /// How the model itself reads the strands; [`Strands::Forward`] if a sequence and its reverse complement may have different
    /// scores.
    pub fn strands(&self) -> Strands {
        self.body.strands()
    }

    /// Shortest sequence that has a score without being lengthened, in letters.
    pub fn shortest_sequence(&self) -> usize {
        self.body.shortest_sequence()
    }

    /// Scores of sequences, on all threads; the result does not depend on their number. Sequences that are too short are
    /// lengthened by unknown letters where the card says so.
    ///
    /// # Shapes
    /// `[sequences, outputs]`.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if the sequences have another number of letters; [`ckn_core::Error::TooShort`] names a
    /// sequence without a window.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        self.check_alphabet(view.table())?;
        padded(view, self.card.pad_short.then(|| self.shortest_sequence()), |view| self.body.scores(view))
    }

    /// Checks that sequences are written in the model's number of letters.
    pub(crate) fn check_alphabet(&self, table: &LetterTable) -> Result<(), Error> {
        self.card.check_alphabet(self.body.letters(), table)
    }

    /// Writes the model to a file, whole or not at all: to a temporary file in the same folder first, which then takes
    /// the name.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something at the path and `overwrite` is not set; [`Error::File`] if the path is
    /// a folder or another thing that is not a file, or if writing fails; [`Error::Unsavable`] as
    /// [`to_bytes`](Self::to_bytes). What was at the path before is then still there, unchanged.
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        file::save(|| self.to_bytes(), path, overwrite)
    }

    /// The bytes of the model's file. Equal models give equal bytes.
    ///
    /// # Errors
    /// [`Error::Unsavable`] if the file could not be read again: a measured value that is not finite, a letter that is
    /// not printable ASCII, a card that is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.body.to_bytes(&self.card)
    }

    /// Reads a model from a file.
    ///
    /// Parameters have the same bits as those that were written.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`Error::Version`] if it has another format version;
    /// [`Error::Malformed`] with what is wrong if it is not a model of sequences, or is damaged.
    pub fn load(path: &Path) -> Result<Self, Error> {
        file::load(path, Self::read)
    }

    /// Reads a model from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        file::from_bytes(bytes, path_for_messages, Self::read)
    }

    /// Reads the model behind a header.
    pub(crate) fn read(opened: Opened<'_>) -> Result<Self, Refusal> {
        let (body, card) = Body::read(opened)?;
        Ok(Self::new(body, card)?)
    }
}

/// Does something with sequences, those shorter than so many letters lengthened by unknown ones.
pub(crate) fn padded<R>(
    view: TokenView<'_>,
    shortest: Option<usize>,
    then: impl FnOnce(TokenView<'_>) -> Result<R, Error>,
) -> Result<R, Error> {
    match shortest.and_then(|shortest| view.lengthened(shortest)) {
        Some((tokens, offsets)) => then(TokenView::new(&tokens, &offsets, view.table())?),
        None => then(view),
    }
}
