//! What a model says without some of its anchor points.

use ckn_core::kernel::gram;
use ckn_core::whitening::InverseRoot;
use ckn_model::{HeadedNetwork, LinearHead, Network, NetworkConfig, NetworkView};

use crate::Error;
use crate::weights::multiply;

/// A network of one layer without some anchors, its function projected on what the others span: what they can say in place of
/// those that are gone is kept, so that only what is theirs alone is lost.
///
/// With `f = Σ_k β_k φ(z_k)`, `β = R w`, and `R'` the inverse root of those that stay, `w' = R' A' β`, where `A'` holds the
/// kernel between those that stay and all. `None` for networks of several layers, and where nothing stays.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_interpret::without;
/// # use ckn_core::loss::Loss;
/// # use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let one_hot = |word: &'static str| {
/// #     "ACGT".chars().flat_map(move |letter| word.chars().map(move |other| f32::from(letter == other)))
/// # };
/// # let anchors = ["GATTACAG", "CCGTGTCT"].into_iter().flat_map(one_hot).collect();
/// # let network = Network::new(NetworkConfig::of_one_layer(4, 2, 8).check()?, vec![anchors])?;
/// # let heads = vec![LinearHead::new(vec![2.0, 1.0], -0.5)?];
/// # let model = Model::of_network(network, heads, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// # let model = model.network().ok_or("no network")?;
/// // The anchors are GATTACAG, of weight 2, and CCGTGTCT, of weight 1.
/// let rest = without(model, &[1])?.ok_or("nothing stays")?;
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("first", b"GATTACAG")?;
/// sequences.push("second", b"CCGTGTCT")?;
/// let scores = rest.scores(sequences.view(), false)?;
/// // A window is as long as the root of its letters.
/// let expected = [2.0 * 8f64.sqrt() - 0.5, -0.5];
/// assert!(scores.iter().zip(expected).all(|(score, expected)| (score - expected).abs() < 0.01));
/// assert!(without(model, &[0, 1])?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Model`] if an inverse root fails.
pub fn without(model: NetworkView<'_>, removed: &[usize]) -> Result<Option<HeadedNetwork>, Error> {
    let network = model.network();
    let [layer] = network.layers() else { return Ok(None) };
    let kept: Vec<usize> = (0..layer.filters()).filter(|anchor| !removed.contains(anchor)).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let size = layer.patch_size();
    let anchors: Vec<f32> =
        kept.iter().flat_map(|&anchor| &layer.anchors()[anchor * size..(anchor + 1) * size]).copied().collect();
    let all = gram(layer.anchors(), layer.filters(), &layer.kernel())?;
    let among = gram(&anchors, kept.len(), &layer.kernel())?;
    let config: &NetworkConfig = network.config();
    let root = InverseRoot::new(&among, kept.len(), config.regularisation)?;
    let full = network.inverse_root(0)?;
    let heads = model
        .heads()
        .iter()
        .map(|head| {
            let values = multiply(&all, &multiply(full.matrix(), head.weights()));
            let of_kept: Vec<f64> = kept.iter().map(|&anchor| values[anchor]).collect();
            LinearHead::new(multiply(root.matrix(), &of_kept), head.intercept())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut config = config.clone();
    config.layers[0].filters = kept.len();
    Ok(Some(HeadedNetwork::new(Network::new(config.check()?, vec![anchors])?, heads)?))
}
