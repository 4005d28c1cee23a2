//! Anchor points of deeper layers as spaced combinations of those of the first.

use ckn_model::{Network, NetworkView};

use crate::weights::anchor_responses;
use crate::{Error, Weights};

/// What one anchor of the second layer looks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// The anchor of the second layer.
    pub anchor: usize,
    /// How strongly it drives the output: its weight, or that of the layers above on it.
    pub weight: f64,
    /// For each of its positions, the first layer's anchors that it answers to, the strongest first.
    pub positions: Vec<Vec<Response>>,
    /// Letters from one position to the next.
    pub spacing: usize,
}

/// How an anchor of the second layer answers, at one of its positions, to a first-layer window equal to an anchor.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The anchor of the first layer.
    pub anchor: usize,
    /// The word that is most like it: of each column, the letter it values most.
    pub word: String,
    /// `⟨z_jt, ψ0(z_i)⟩`, between −1 and 1.
    pub strength: f64,
}

/// Share of the strongest answer of an anchor below which an answer is not told.
const SHARE: f64 = 0.25;

/// The second layer's anchors as combinations of the first's, the heaviest first; none for networks of one layer.
///
/// ```
/// use ckn_core::kernel::DotProductKernel;
/// use ckn_interpret::combinations;
/// use ckn_model::{LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # use ckn_core::loss::Loss;
/// # let one_hot = |word: &'static str| {
/// #     "ACGT".chars().flat_map(move |letter| word.chars().map(move |other| f32::from(letter == other)))
/// # };
/// let first = ["ACGTACCA", "TTGGCATG"].into_iter().flat_map(one_hot).collect();
/// // At its first position the second anchor of the layer below, at its second the first.
/// let second = vec![0.0, 1.0, 1.0, 0.0];
/// let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// let layer = LayerConfig { filters: 2, width: 8, kernel, subsampling: 3 };
/// let layers = vec![layer, LayerConfig { filters: 1, width: 2, kernel, subsampling: 1 }];
/// let config = NetworkConfig { layers, ..NetworkConfig::of_one_layer(4, 1, 1) };
/// let network = Network::new(config.check()?, vec![first, second])?;
/// let card = ModelCard::new("dna", "ACGT", Loss::Logistic);
/// let model = Model::of_network(network, vec![LinearHead::new(vec![1.5], 0.0)?], card)?;
/// let found = combinations(model.network().ok_or("no network")?, 0)?;
/// let words: Vec<&str> = found[0].positions.iter().map(|answers| answers[0].word.as_str()).collect();
/// assert_eq!(words, ["TTGGCATG", "ACGTACCA"]);
/// assert_eq!((found[0].weight, found[0].spacing), (1.5, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Output`]; [`Error::Model`] if an inverse root fails.
pub fn combinations(model: NetworkView<'_>, output: usize) -> Result<Vec<Combination>, Error> {
    let layers = model.network().layers();
    let [first, second, ..] = layers else { return Ok(Vec::new()) };
    let responses = anchor_responses(model, 1)?;
    let weights = Weights::at_depth(model, output, 1)?;
    let (size, words) = (second.width() * first.filters(), words(model.network(), &model.card().letters)?);
    let mut found: Vec<Combination> = responses
        .chunks_exact(size)
        .zip(&weights)
        .enumerate()
        .map(|(anchor, (responses, &weight))| {
            let strongest = responses.iter().fold(0.0f64, |most, value| most.max(value.abs()));
            let told = |responses: &[f64]| {
                let all = responses.iter().enumerate().filter(|(_, strength)| strength.abs() >= SHARE * strongest);
                let answer = |(anchor, &strength)| Response { anchor, word: words[anchor].clone(), strength };
                let mut told: Vec<Response> = all.map(answer).collect();
                told.sort_by(|a, b| b.strength.abs().total_cmp(&a.strength.abs()).then(a.anchor.cmp(&b.anchor)));
                told
            };
            let positions = responses.chunks_exact(first.filters()).map(told).collect();
            Combination { anchor, weight, positions, spacing: first.subsampling() }
        })
        .collect();
    found.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.anchor.cmp(&b.anchor)));
    Ok(found)
}

/// The word that is most like each anchor of the first layer.
pub(crate) fn words(network: &Network, letters: &str) -> Result<Vec<String>, Error> {
    let layer = &network.layers()[0];
    let (width, letters) = (layer.width(), letters.as_bytes());
    let word = |products: &[f64]| {
        let value = |letter: usize, column: usize| products[letter * width + column];
        let best = |column: usize| {
            let better = |&a: &usize, &b: &usize| value(a, column).total_cmp(&value(b, column)).then(b.cmp(&a));
            (0..letters.len()).max_by(better).map_or('N', |letter| char::from(letters[letter]))
        };
        (0..width).map(best).collect()
    };
    Ok(network.letter_products()?.chunks_exact(layer.patch_size()).map(word).collect())
}
