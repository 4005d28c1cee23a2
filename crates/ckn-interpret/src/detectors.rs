//! The motifs of a network after DeepBind, for comparison.

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Counts, Motif};
use ckn_core::detectors::Responses;
use ckn_model::{DeepBind, ModelCard};

use crate::reading::numbered;
use crate::sites::evenly;
use crate::{Error, ModelMotif, ReadingSettings};

/// Motifs of the detectors that raise the score: the letters under each one's best response to a sequence, where that is above
/// zero and lies inside of the sequence; the better strand where the network reads both. The largest weight first.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_core::{loss::Loss, pooling::Strands};
/// use ckn_interpret::{ReadingSettings, detector_motifs};
/// use ckn_model::{DeepBind, DeepBindConfig, ModelCard};
/// // One detector: as many as agree with GATTACA of its seven letters, less six and a half.
/// let detector = "ACGT".chars().flat_map(|letter| "GATTACA".chars().map(move |other| f32::from(letter == other)));
/// let config = DeepBindConfig { letters: 4, filters: 1, width: 7, strands: Strands::Forward }.check()?;
/// let network = DeepBind::new(config, detector.chain([-6.5, 2.0, 0.0]).collect())?;
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("site", b"CCGATTACATT")?;
/// sequences.push("another", b"GATTACACCC")?;
/// sequences.push("almost", b"CCGATTAGATT")?;
/// let settings = ReadingSettings { both_strands: false, ..ReadingSettings::default() };
/// let found = detector_motifs(&network, &ModelCard::new("dna", "ACGT", Loss::Logistic), &sequences, &settings)?;
/// assert_eq!((found[0].motif.sites, found[0].share), (Some(2.0), Some(2.0 / 3.0)));
/// assert_eq!(found[0].motif.probabilities.consensus(), "GATTACA");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Alphabet`]; [`Error::Model`] for both strands of an alphabet without complement.
///
/// # Source
/// Alipanahi, Delong, Weirauch and Frey 2015, supplementary note 10.
pub fn detector_motifs(
    network: &DeepBind,
    card: &ModelCard,
    sequences: &EncodedSequences,
    settings: &ReadingSettings,
) -> Result<Vec<ModelMotif>, Error> {
    let alphabet = sequences.alphabet();
    if alphabet.name() != card.alphabet {
        return Err(Error::Alphabet { expected: card.alphabet.clone(), got: alphabet });
    }
    let (filters, width) = (network.config().filters, network.config().width);
    let letters = alphabet.letters().len();
    let detectors = network.detectors(alphabet.table())?;
    let complement = alphabet.table().complement();
    let mut counts = vec![vec![0.0; width * letters]; filters];
    let mut sites = vec![0usize; filters];
    let (mut forward, mut reverse) = (Responses::default(), Responses::default());
    let chosen = evenly(sequences.len(), settings.sequences);
    for &record in &chosen {
        let tokens = sequences.sequence(record);
        detectors.respond(tokens, false, &mut forward)?;
        if settings.both_strands {
            detectors.respond(tokens, true, &mut reverse)?;
        }
        for filter in 0..filters {
            let turned = settings.both_strands && reverse.values[filter] > forward.values[filter];
            let responses = if turned { &reverse } else { &forward };
            if responses.values[filter] <= 0.0 {
                continue;
            }
            // Places are counted from the beginning of the padding.
            let Some(start) = (responses.places[filter] as usize).checked_sub(width - 1) else { continue };
            if start + width > tokens.len() {
                continue;
            }
            sites[filter] += 1;
            for position in 0..width {
                let at = if turned { tokens.len() - 1 - start - position } else { start + position };
                let token = tokens[at];
                let letter = match complement {
                    Some(complement) if turned => complement[usize::from(token)],
                    _ => token,
                };
                if usize::from(letter) < letters {
                    counts[filter][position * letters + usize::from(letter)] += 1.0;
                }
            }
        }
    }
    let background = Background::of_sequences(sequences, settings.both_strands)?;
    let mut order: Vec<usize> = (0..filters).filter(|&at| network.weights()[at] > 0.0 && sites[at] > 0).collect();
    order.sort_by(|&a, &b| network.weights()[b].total_cmp(&network.weights()[a]).then(a.cmp(&b)));
    let motif = |filter: usize| -> Result<ModelMotif, Error> {
        let probabilities = Counts::new(alphabet, counts[filter].clone())?.probabilities(1.0, &background)?;
        Ok(ModelMotif {
            motif: Motif { sites: Some(sites[filter] as f64), ..Motif::new("", probabilities) },
            anchors: vec![filter],
            weight: f64::from(network.weights()[filter]),
            function: None,
            distance: None,
            share: Some(sites[filter] as f64 / chosen.len() as f64),
            threshold: None,
            origin: crate::MotifOrigin::Model,
            direction: crate::MotifDirection::Enriched,
        })
    };
    let motifs = order.into_iter().map(motif).collect::<Result<Vec<_>, _>>()?;
    Ok(numbered(motifs.into_iter()))
}
