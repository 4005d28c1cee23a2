//! What a motif does to a score, wherever it stands: put into many backgrounds.

use ckn_bio::EncodedSequences;
use ckn_bio::motif::Probabilities;
use ckn_core::TokenView;
use ckn_core::seed::Seed;

use crate::{Effect, Error, Explainer};

/// Effects of one motif in many backgrounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Marginal {
    /// Effect in each background.
    pub effects: Vec<Effect>,
    /// Mean of the differences; zero without backgrounds.
    pub mean: f64,
    /// Standard error of the mean, `s/√n`; `None` for fewer than two backgrounds.
    pub standard_error: Option<f64>,
}

impl Explainer<'_> {
    /// Puts a site into the middle of each background, over the letters there: background `i` gets site `i mod n`, so that one
    /// site, such as a consensus, goes into all of them.
    ///
    /// Global importance analysis, after P. K. Koo, A. Majdandzic, M. Ploenzke, P. Anand and S. B. Paul, PLoS Comput. Biol. 17
    /// (2021) e1008925.
    ///
    /// ```
    /// # use ckn_core::{kernel::DotProductKernel, pooling::{Border, Pooling, Strands}, whitening::Regularisation};
    /// # use ckn_model::{Model, LayerConfig, LinearHead, ModelCard, Network, NetworkConfig};
    /// use ckn_bio::{Alphabet, EncodedSequences};
    /// use ckn_core::seed::Seed;
    /// use ckn_interpret::{Explainer, sampled_sites};
    /// # use ckn_bio::{motif::Probabilities, simulate::Simulation};
    ///
    /// # let kernel = DotProductKernel::Exponential { sigma: 0.3 };
    /// # let config = NetworkConfig {
    /// #     letters: 4, layers: vec![LayerConfig { filters: 1, width: 4, kernel, subsampling: 1 }], pooling: Pooling::Max,
    /// #     strands: Strands::Forward, border: Border::Valid, regularisation: Regularisation::Shift { epsilon: 1e-3 },
    /// #     gap_decay: 0.0,
    /// #     letter_similarity: Vec::new(),
    /// # };
    /// # let mut anchor = vec![0.0; 16];
    /// # (0..4).for_each(|at| anchor[[3, 2, 0, 1][at] * 4 + at] = 0.5);
    /// # let card: ModelCard = serde_json::from_str(r#"{ "alphabet": "dna", "letters": "ACGT", "loss": "logistic", "seed": 0,
    /// #     "data": {}, "training": null, "measured": {} }"#)?;
    /// # let network = Network::new(config.check()?, vec![anchor])?;
    /// # let model: Model = Model::of_network(network, vec![LinearHead::new(vec![1.0], 0.0)?], card)?.into();
    /// # let motif = Probabilities::new(Alphabet::Dna, vec![0., 0., 0., 1., 0., 0., 1., 0., 1., 0., 0., 0., 0., 1., 0., 0.])?;
    /// # let backgrounds = Simulation::new("background", 50, 40).run(Seed(1))?.sequences;
    /// let explainer = Explainer::new(&model, Alphabet::Dna)?;
    /// let sites = sampled_sites(&motif, backgrounds.len(), Seed(0));
    /// let marginal = explainer.marginalise(&backgrounds, &sites)?;
    /// assert!(marginal.mean > 5.0 * marginal.standard_error.unwrap());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ckn_core::Error::Empty`] for no site; [`ckn_bio::Error::MotifsTooWide`] for one longer than its background;
    /// [`Error::Model`] for tokens that are none, and for sequences that are too short.
    pub fn marginalise(&self, backgrounds: &EncodedSequences, sites: &[Vec<u8>]) -> Result<Marginal, Error> {
        if sites.is_empty() {
            return Err(ckn_core::Error::Empty { what: "the set of sites" }.into());
        }
        let mut tokens = backgrounds.tokens().to_vec();
        let ranges = backgrounds.offsets().windows(2).map(|ends| ends[0]..ends[1]);
        for (range, site) in ranges.zip(sites.iter().cycle()) {
            let (width, length) = (site.len(), range.len());
            let Some(start) = (length / 2).checked_sub(width / 2).filter(|start| start + width <= length) else {
                return Err(ckn_bio::Error::MotifsTooWide { width, length }.into());
            };
            tokens[range.start + start..][..width].copy_from_slice(site);
        }
        let effects = self.effects_of(backgrounds, &tokens)?;
        let count = effects.len() as f64;
        let mean = effects.iter().map(|effect| effect.difference()).sum::<f64>() / count.max(1.0);
        let squares: f64 = effects.iter().map(|effect| (effect.difference() - mean).powi(2)).sum();
        let standard_error = (count > 1.0).then(|| (squares / (count - 1.0) / count).sqrt());
        Ok(Marginal { effects, mean, standard_error })
    }

    /// Effects of other letters in the same sequences.
    pub(crate) fn effects_of(&self, sequences: &EncodedSequences, tokens: &[u8]) -> Result<Vec<Effect>, Error> {
        if sequences.alphabet() != self.alphabet {
            let expected = self.model.card().alphabet.clone();
            return Err(Error::Alphabet { expected, got: sequences.alphabet() });
        }
        let before = self.scores(sequences.view())?;
        let after = self.scores(TokenView::new(tokens, sequences.offsets(), self.alphabet.table())?)?;
        Ok(before.into_iter().zip(after).map(|(before, after)| Effect { before, after }).collect())
    }
}

/// The most probable site of a motif.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::Probabilities;
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.7, 0.1, 0.1, 0.1, 0.0, 0.9, 0.1, 0.0])?;
/// assert_eq!(ckn_interpret::consensus_site(&matrix), [0, 1]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
pub fn consensus_site(motif: &Probabilities) -> Vec<u8> {
    motif.consensus().bytes().filter_map(|letter| motif.alphabet().encode_letter(letter)).collect()
}

/// Sites of a motif, each letter drawn by the probabilities of its column.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::Probabilities;
/// use ckn_core::seed::Seed;
/// let matrix = Probabilities::new(Alphabet::Dna, vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0])?;
/// let sites = ckn_interpret::sampled_sites(&matrix, 20, Seed(0));
/// assert!(sites.iter().all(|site| site[0] == 0 && (site[1] == 1 || site[1] == 2)));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
pub fn sampled_sites(motif: &Probabilities, count: usize, seed: Seed) -> Vec<Vec<u8>> {
    let mut random = seed.stream("sites");
    let mut draw = |_| {
        let mut site = vec![0; motif.width()];
        motif.draw(&mut site, &mut random);
        site
    };
    (0..count).map(&mut draw).collect()
}
