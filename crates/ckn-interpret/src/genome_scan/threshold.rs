//! A threshold that a given share of windows exceeds by chance.

use ckn_bio::shuffle::shuffle_klets;
use ckn_core::seed::Seed;
use ckn_model::{Scanner, WindowScores};
use rayon::prelude::*;

use crate::Error;

/// Windows that are scored: at least, and at most.
const FEWEST: f64 = 1e6;
const MOST: f64 = 1e7;
/// Windows that are expected above the threshold, within those limits.
const ABOVE: f64 = 100.0;
/// Pieces that are shuffled at once: first, and later.
const FIRST_BLOCK: usize = 4;
const BLOCK: usize = 128;
/// Most shuffles of one piece, where the genome is small.
const MOST_ROUNDS: usize = 1000;

/// A threshold, and what it was found on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Calibration {
    /// The score.
    pub threshold: f64,
    /// Windows of shuffled sequence that were scored.
    pub windows: usize,
}

/// Windows that are scored to find the threshold of a false-positive rate.
///
/// ```
/// // Enough that the threshold of one window in a hundred thousand has some above it.
/// assert!(ckn_interpret::calibration_windows(1e-5) > 100_000);
/// ```
pub fn calibration_windows(rate: f64) -> usize {
    (ABOVE / rate).clamp(FEWEST, MOST).ceil() as usize
}

/// The score that at most a share `rate` of the windows of dinucleotide-shuffled pieces exceed; `None` if no piece holds a window.
/// Draws from the streams `scan/shuffle/…`; the result does not depend on the number of threads.
///
/// [`sample_pieces`](ckn_bio::io::sample_pieces) draws [`calibration_windows`] from a genome.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_core::{loss::Loss, seed::Seed};
/// use ckn_interpret::calibrate;
/// use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig, ScannedStrands, Scanner};
/// // An anchor of two letters, AC.
/// let anchor = vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
/// let network = Network::new(NetworkConfig::of_one_layer(4, 1, 2).check()?, vec![anchor])?;
/// let card = ModelCard::new("dna", "ACGT", Loss::Logistic);
/// let model = Model::of_network(network, vec![LinearHead::new(vec![1.0], 0.0)?], card)?;
/// let scanner = Scanner::new(&model, Alphabet::Dna.table(), 2, ScannedStrands::Forward)?;
/// // Of its twenty pairs of letters, which a shuffle keeps, one is AC: GGTGACGTTGGTGTTTGGGTT.
/// let piece = vec![2, 2, 3, 2, 0, 1, 2, 3, 3, 2, 2, 3, 2, 3, 3, 3, 2, 2, 2, 3, 3];
/// let of_rate = |rate| calibrate(&scanner, std::slice::from_ref(&piece), rate, Seed(0));
/// let (fewer, as_many) = (of_rate(0.04)?.ok_or("no window")?, of_rate(0.05)?.ok_or("no window")?);
/// assert_eq!(fewer.windows, 20_000);
/// assert!((fewer.threshold - 2f64.sqrt()).abs() < 0.01 && as_many.threshold < 0.01);
/// assert!(calibrate(&scanner, &[vec![0]], 0.05, Seed(0))?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Model`] for tokens that the model does not have.
pub fn calibrate(
    scanner: &Scanner<'_>,
    pieces: &[Vec<u8>],
    rate: f64,
    seed: Seed,
) -> Result<Option<Calibration>, Error> {
    let available: usize = pieces.iter().map(|piece| (piece.len() + 1).saturating_sub(scanner.length())).sum();
    if available == 0 {
        return Ok(None);
    }
    let rounds = ((calibration_windows(rate) as f64 / available as f64).ceil() as usize).clamp(1, MOST_ROUNDS);
    let shuffles = rounds * pieces.len();
    // Windows that are mostly unknown have no score and count as windows that do not exceed it.
    let windows = rounds * available;
    let kept = ((rate * windows as f64) as usize).min(windows - 1) + 1;
    let (mut highest, mut floor): (Vec<f32>, f64) = (Vec::with_capacity(2 * kept), f64::NEG_INFINITY);
    // The first block is small: its windows are all scored, those of later ones only above what is known to be too low.
    let (mut end, mut size) = (0, FIRST_BLOCK);
    while end < shuffles {
        let start = end;
        end = shuffles.min(start + size);
        size = (2 * size).min(BLOCK);
        let block: Vec<Vec<f32>> = (start..end)
            .into_par_iter()
            .map_init(WindowScores::default, |scores, number| {
                let mut random = seed.stream_at("scan/shuffle", number as u64);
                let shuffled = shuffle_klets(&pieces[number % pieces.len()], 2, &mut random)?;
                scanner.score_above(&shuffled, floor, scores)?;
                Ok(scores.scores.iter().filter(|score| **score > floor).map(|&score| score as f32).collect())
            })
            .collect::<Result<_, Error>>()?;
        highest.extend(block.iter().flatten());
        if highest.len() > kept {
            let (_, least, _) = highest.select_nth_unstable_by(kept - 1, |a, b| b.total_cmp(a));
            floor = f64::from(*least);
            highest.truncate(kept);
        }
    }
    // Of fewer scores the lowest: all others are of windows without one.
    let Some(threshold) = highest.iter().copied().min_by(f32::total_cmp) else { return Ok(None) };
    Ok(Some(Calibration { threshold: f64::from(threshold), windows }))
}
