//! Models made ready to give reasons for their scores.

use ckn_bio::Alphabet;
use ckn_core::TokenView;
use ckn_model::Model;

use crate::Error;
use crate::reader::Reader;

/// A model made ready to give reasons for its scores, which are sums over windows where it has one layer (of all windows for
/// mean and sum pooling, of the best one of each coordinate for max pooling), where it is an exact machine that is a table of
/// words, and where it is an ensemble of such models.
///
/// For these, scores are put together from windows in `f64`, as [`Model::scores`] computes them: both agree, and differences of
/// scores do not drown in rounding. All other models are asked for the scores of changed sequences.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_interpret::Explainer;
/// # use ckn_core::{kernel::DotProductKernel, pooling::{Border, Pooling, Strands}, seed::Seed, whitening::Regularisation};
/// # use ckn_model::{Model, LayerConfig, LinearHead, ModelCard, Network, NetworkConfig};
/// # let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// # let config = NetworkConfig {
/// #     letters: 4, layers: vec![LayerConfig { filters: 2, width: 4, kernel, subsampling: 1 }], pooling: Pooling::Max,
/// #     strands: Strands::Max, border: Border::Valid, regularisation: Regularisation::Shift { epsilon: 1e-3 },
/// #     gap_decay: 0.0,
/// #     letter_similarity: Vec::new(),
/// # };
/// # let network = Network::random(config.check()?, &mut Seed(0).stream("anchors"))?;
/// # let card: ModelCard = serde_json::from_str(r#"{ "alphabet": "dna", "letters": "ACGT", "loss": "logistic", "seed": 0,
/// #     "data": {}, "training": null, "measured": {} }"#)?;
/// # let model: Model = Model::of_network(network, vec![LinearHead::new(vec![1.0, -1.0], 0.5)?], card)?.into();
/// let explainer = Explainer::new(&model, Alphabet::Dna)?;
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGTTGACA")?;
///
/// let attribution = &explainer.attribute(sequences.view())?[0];
/// let total = attribution.baseline.unwrap() + attribution.contributions.iter().sum::<f64>();
/// assert!((total - attribution.score).abs() < 1e-9);
///
/// let mutants = &explainer.mutagenesis(sequences.view())?[0];
/// let to_a = mutants.effect(3, 0).unwrap();
/// assert!((to_a.before - attribution.score).abs() < 1e-9);
/// assert_eq!(mutants.effects().count(), 9 * 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Explainer<'a> {
    pub(crate) alphabet: Alphabet,
    pub(crate) model: &'a Model,
    pub(crate) reader: Reader<'a>,
}

impl<'a> Explainer<'a> {
    /// Makes a model of one output ready for the sequences of an alphabet.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if it is not the model's; [`Error::Model`] for a model of several outputs, for both strands of an
    /// alphabet without complement, and if an inverse root fails.
    pub fn new(model: &'a Model, alphabet: Alphabet) -> Result<Self, Error> {
        let card = model.card();
        if card.letters != alphabet.letters() {
            return Err(Error::Alphabet { expected: card.alphabet.clone(), got: alphabet });
        }
        if !card.outputs.is_empty() {
            return Err(ckn_model::Error::Outputs { outputs: card.outputs.clone() }.into());
        }
        Ok(Self { model, alphabet, reader: Reader::of(model, alphabet.table())? })
    }

    /// The alphabet.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Whether scores are sums over windows, so that contributions add up to them exactly: networks of one layer with mean,
    /// sum or max pooling, exact machines on words of up to 12 letters of four, and ensembles of these.
    pub fn is_sum_over_windows(&self) -> bool {
        self.reader.is_sum_over_windows()
    }

    /// Scores of sequences.
    ///
    /// # Errors
    /// [`Error::Model`] for sequences that are too short or of another alphabet.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        self.reader.scores(view)
    }
}
