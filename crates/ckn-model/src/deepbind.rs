//! The network that kernel networks are measured against: convolution, rectifier, maximum, linear score.

use ckn_core::detectors::{Detectors, Responses};
use ckn_core::network::{MAX_FILTERS, MAX_PARAMETERS, MAX_WIDTH};
use ckn_core::pooling::Strands;
use ckn_core::seed::Random;
use ckn_core::{LetterTable, TokenView, check_size};
use rand::RngExt;
use rayon::prelude::*;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use crate::file::{Contents, Expected, Key, Kind, Refusal, Values};
use crate::{Error, ModelCard};

/// Tensors of the file, in the order of the parameters.
const TENSORS: [&str; 4] = ["filters", "biases", "weights", "intercept"];

/// Configuration of a [`DeepBind`] network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeepBindConfig {
    /// Number of letters of the alphabet.
    pub letters: usize,
    /// Number of motif detectors `p`; DeepBind has 16.
    pub filters: usize,
    /// Letters of a detector `l`; DeepBind has 24.
    pub width: usize,
    /// Strands that are scored; DeepBind takes the larger score of both.
    pub strands: Strands,
}

/// A configuration that [`DeepBindConfig::check`] accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CheckedDeepBindConfig(DeepBindConfig);

impl std::ops::Deref for CheckedDeepBindConfig {
    type Target = DeepBindConfig;
    fn deref(&self) -> &DeepBindConfig {
        &self.0
    }
}

impl DeepBindConfig {
    /// Validates every number.
    ///
    /// # Errors
    /// [`ckn_core::Error::Size`] with the field, its value and its limit.
    pub fn check(self) -> Result<CheckedDeepBindConfig, Error> {
        check_size("letters", 0, self.letters, 254)?;
        check_size("filters", 0, self.filters, MAX_FILTERS)?;
        check_size("width", 0, self.width, MAX_WIDTH)?;
        // Limits above bound each factor, so that this product fits 64 bits.
        check_size("number of filter parameters", 0, self.filters * self.letters * self.width, MAX_PARAMETERS)?;
        Ok(CheckedDeepBindConfig(self))
    }

    /// Numbers of all filters: filters × letters × width.
    pub fn filter_numbers(&self) -> usize {
        self.filters * self.letters * self.width
    }

    /// Numbers of the network: filters, biases, weights, intercept.
    pub fn parameter_numbers(&self) -> usize {
        self.filter_numbers() + 2 * self.filters + 1
    }
}

/// A convolutional network after DeepBind: `f = Σ_k w_k max(0, max_t (b_k + ⟨F_k, x_t⟩)) + c`, the larger (or the mean) over
/// strands.
///
/// `x_t` are the windows of the sequence between `l − 1` unknown letters on either side ([`Detectors`]).
///
/// # Source
/// Alipanahi, Delong, Weirauch and Frey 2015, *Predicting the sequence specificities of DNA- and RNA-binding proteins by
/// deep learning*, Nature Biotechnology 33, supplementary note 1: the variant with maximum pooling and no hidden layer.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepBind {
    config: CheckedDeepBindConfig,
    /// Filters `[filters, letters, width]`, biases `[filters]`, weights `[filters]`, intercept.
    parameters: Vec<f32>,
}

impl DeepBind {
    /// A network of given parameters, one after the other.
    ///
    /// # Shapes
    /// parameters: filters `[filters, letters, width]`, biases `[filters]`, weights `[filters]`, intercept `[1]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if their number does not fit; [`ckn_core::Error::NotFinite`] if one is NaN or infinite.
    pub fn new(config: CheckedDeepBindConfig, parameters: Vec<f32>) -> Result<Self, Error> {
        let network = Self { config, parameters: Vec::new() };
        network.with_parameters(parameters)
    }

    /// A network of random filters and weights, normal with a standard deviation, and without biases.
    ///
    /// # Errors
    /// [`ckn_core::Error::NotFinite`] for a deviation that is not a number.
    pub fn random(config: CheckedDeepBindConfig, deviation: f64, random: &mut Random) -> Result<Self, Error> {
        let (filters, numbers) = (config.filter_numbers(), config.parameter_numbers());
        let biases = filters..filters + config.filters;
        let parameters = (0..numbers).map(|index| match index {
            // The intercept comes last.
            _ if biases.contains(&index) || index + 1 == numbers => 0.0,
            _ => (deviation * normal(random)) as f32,
        });
        Self::new(config, parameters.collect())
    }

    /// The same network with other parameters.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn with_parameters(&self, parameters: Vec<f32>) -> Result<Self, Error> {
        let (expected, got) = (self.config.parameter_numbers(), parameters.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "parameters", expected, got }.into());
        }
        if let Some(first) = parameters.iter().position(|value| !value.is_finite()) {
            let count = parameters.iter().filter(|value| !value.is_finite()).count();
            return Err(ckn_core::Error::NotFinite { what: "parameters", count, first }.into());
        }
        Ok(Self { config: self.config, parameters })
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedDeepBindConfig {
        &self.config
    }

    /// All parameters, as [`Self::new`] takes them.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Filters, each a letter-by-position matrix.
    ///
    /// # Shapes
    /// `[filters, letters, width]`.
    pub fn filters(&self) -> &[f32] {
        &self.parameters[..self.config.filter_numbers()]
    }

    /// Biases of the detectors, `[filters]`.
    pub fn biases(&self) -> &[f32] {
        &self.parameters[self.config.filter_numbers()..][..self.config.filters]
    }

    /// Weights of the detectors in the score, `[filters]`.
    pub fn weights(&self) -> &[f32] {
        &self.parameters[self.config.filter_numbers() + self.config.filters..][..self.config.filters]
    }

    /// Intercept of the score.
    pub fn intercept(&self) -> f32 {
        self.parameters[self.config.parameter_numbers() - 1]
    }

    /// The network's detectors for the sequences of an alphabet.
    ///
    /// # Errors
    /// Those of [`Detectors::new`]; [`ckn_core::Error::NoComplement`] if both strands are scored and the alphabet has none.
    pub fn detectors(&self, table: &LetterTable) -> Result<Detectors, Error> {
        if self.config.strands != Strands::Forward && table.complement().is_none() {
            return Err(ckn_core::Error::NoComplement.into());
        }
        Ok(Detectors::new(self.filters(), self.biases(), self.config.width, table)?)
    }

    /// Score of one strand from its best responses.
    ///
    /// # Shapes
    /// responses `[filters]`.
    pub fn strand_score(&self, responses: &[f32]) -> f64 {
        let rectified = responses.iter().map(|&response| f64::from(response.max(0.0)));
        let terms = self.weights().iter().zip(rectified).map(|(&weight, value)| f64::from(weight) * value);
        terms.sum::<f64>() + f64::from(self.intercept())
    }

    /// Scores of sequences, on all threads; the result does not depend on their number.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without letters; those of [`Self::detectors`].
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let records: Vec<usize> = (0..view.len()).collect();
        self.scores_of(&self.detectors(view.table())?, view, &records)
    }

    /// Scores of some sequences by detectors that hold this network's filters.
    ///
    /// # Errors
    /// Those of [`Self::scores`].
    pub fn scores_of(&self, detectors: &Detectors, view: TokenView<'_>, records: &[usize]) -> Result<Vec<f64>, Error> {
        view.check_width(1)?;
        let score = |responses: &mut Responses, &record: &usize| -> Result<f64, Error> {
            let mut strand = |reverse| -> Result<f64, Error> {
                detectors.respond(view.sequence(record), reverse, responses)?;
                Ok(self.strand_score(&responses.values))
            };
            let scores = [false, true][..self.config.strands.count()].iter().map(|&reverse| strand(reverse));
            let scores: Vec<f64> = scores.collect::<Result<_, _>>()?;
            Ok(self.config.strands.join(scores).unwrap_or_default())
        };
        records.par_iter().with_min_len(16).map_init(Responses::default, score).collect()
    }
}

impl Kind for DeepBind {
    type Config = DeepBindConfig;
    type Card = ModelCard;
    const KEY: Key = Key::Baseline;

    fn parts(&self) -> Result<(DeepBindConfig, Vec<Values<'_>>), Error> {
        let intercept = &self.parameters[self.parameters.len() - 1..];
        let values = [self.filters(), self.biases(), self.weights(), intercept];
        Ok((*self.config, values.map(|values| Values::Single(values.into())).into()))
    }

    fn expected(config: &DeepBindConfig, card: &ModelCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.check()?;
        card.check_file(config.letters)?;
        let filters = config.filters;
        let shapes = [vec![filters, config.letters, config.width], vec![filters], vec![filters], vec![1]];
        Ok(TENSORS.iter().zip(shapes).map(|(name, shape)| Expected::new(name, Dtype::F32, shape)).collect())
    }

    fn from_parts(config: DeepBindConfig, mut contents: Contents, _: &ModelCard) -> Result<Self, Refusal> {
        let parameters = TENSORS.iter().flat_map(|name| contents.single(name)).collect();
        Ok(Self::new(config.check()?, parameters)?)
    }
}

/// A standard normal number (Box and Muller 1958).
fn normal(random: &mut Random) -> f64 {
    let (radius, angle): (f64, f64) = (random.random_range(0.0..1.0), random.random_range(0.0..1.0));
    // 1 − u lies in (0, 1].
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> DeepBindConfig {
        DeepBindConfig { letters: 2, filters: 2, width: 2, strands: Strands::Max }
    }

    #[test]
    fn a_score_by_hand() {
        // Filter 0 likes "ab", filter 1 likes "bb".
        let filters = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        let parameters = [&filters[..], &[0.0, -1.5], &[2.0, -1.0], &[0.25]].concat();
        let network = DeepBind::new(config().check().unwrap(), parameters).unwrap();
        let table = LetterTable::new(2, &[], Some(&[1, 0])).unwrap();
        // Strands of "abb": "abb" with responses 2 and ½, and its reverse complement "aab" with 2 and max(0, 0, …) = 0,
        // since half a letter of padding gives 1 + ½ − 1.5. Score 4 − 0.5 + ¼ and 4 + ¼.
        let offsets = [0, 3];
        let view = TokenView::new(&[0, 1, 1], &offsets, &table).unwrap();
        assert_eq!(network.scores(view).unwrap(), [4.25]);
        let forward = DeepBindConfig { strands: Strands::Forward, ..config() }.check().unwrap();
        let network = DeepBind::new(forward, network.parameters().to_vec()).unwrap();
        assert_eq!(network.scores(view).unwrap(), [3.75]);
        let short = TokenView::new(&[0], &[0, 1, 1], &table).unwrap();
        assert!(matches!(network.scores(short), Err(Error::Core(ckn_core::Error::TooShort { record: 1, .. }))));
    }

    #[test]
    fn numbers_outside_their_limits_are_refused() {
        assert!(config().check().is_ok());
        for broken in [
            DeepBindConfig { filters: 0, ..config() },
            DeepBindConfig { width: MAX_WIDTH + 1, ..config() },
            DeepBindConfig { letters: 255, ..config() },
            DeepBindConfig { letters: 254, filters: MAX_FILTERS, width: MAX_WIDTH, ..config() },
        ] {
            assert!(broken.check().is_err(), "{broken:?}");
        }
        let config = config().check().unwrap();
        assert!(DeepBind::new(config, vec![0.0; 12]).is_err());
        assert!(DeepBind::new(config, vec![f32::NAN; 13]).is_err());
    }
}
