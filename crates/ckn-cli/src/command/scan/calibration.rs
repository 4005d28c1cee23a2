//! A threshold that a given share of windows exceeds by chance.

use ckn::bio::io::{Genome, GenomeRecord};
use ckn::bio::shuffle::shuffle_klets;
use ckn::core::seed::Seed;
use ckn::model::{Scanner, WindowScores};
use rand::RngExt;
use rayon::prelude::*;

/// Letters of a piece that is shuffled, at least: long enough that windows across its ends hardly matter.
const PIECE: usize = 1 << 13;
/// Windows that are scored: at least, and at most.
const FEWEST: f64 = 1e6;
const MOST: f64 = 1e7;
/// Windows that are expected above the threshold, within those limits.
const ABOVE: f64 = 100.0;
/// Pieces that are shuffled at once.
const BLOCK: usize = 128;
/// Most shuffles of one piece, where the genome is small.
const MOST_ROUNDS: usize = 1000;

/// Pieces of known letters, each as likely as any other, from one pass over the genome; and the records.
pub struct Survey {
    pub records: Vec<GenomeRecord>,
    pub pieces: Vec<Vec<u8>>,
}

/// A threshold, and what it was found on.
pub struct Calibration {
    pub threshold: f64,
    pub windows: usize,
}

/// Windows that are scored to find the threshold of a false-positive rate.
pub fn wanted_windows(rate: f64) -> f64 {
    (ABOVE / rate).clamp(FEWEST, MOST)
}

/// Reads the genome once. Keeps the pieces that hold `wanted` windows of `length` letters (reservoir sampling; J. S. Vitter,
/// ACM Trans. Math. Softw. 11 (1985) 37, algorithm R).
pub fn survey(genome: &Genome, length: usize, wanted: f64, seed: Seed) -> anyhow::Result<Survey> {
    let size = PIECE.max(8 * length);
    let capacity = (wanted / (size + 1 - length) as f64).ceil() as usize;
    let table = genome.alphabet().table();
    let mut random = seed.stream("scan/pieces");
    let mut reader = genome.reader()?;
    let mut survey = Survey { records: Vec::new(), pieces: Vec::new() };
    let (mut seen, mut piece) = (0u64, Vec::with_capacity(size));
    while let Some(id) = reader.next_record()? {
        let mut record = GenomeRecord { id: id.to_owned(), length: 0 };
        loop {
            piece.clear();
            let read = reader.read_letters(&mut piece, size)?;
            if read == 0 {
                break;
            }
            record.length += read as u64;
            if capacity == 0 || read < length || !piece.iter().all(|&token| table.is_letter(token)) {
                continue;
            }
            seen += 1;
            if survey.pieces.len() < capacity {
                survey.pieces.push(piece.clone());
            } else if let Some(slot) = survey.pieces.get_mut(random.random_range(0..seen) as usize) {
                slot.clone_from(&piece);
            }
        }
        survey.records.push(record);
    }
    Ok(survey)
}

/// The score that at most a share `rate` of the windows of shuffled pieces exceed; `None` if there is no piece.
pub fn calibrate(
    scanner: &Scanner<'_>,
    pieces: &[Vec<u8>],
    rate: f64,
    seed: Seed,
) -> anyhow::Result<Option<Calibration>> {
    let available: usize = pieces.iter().map(|piece| piece.len() + 1 - scanner.length()).sum();
    if available == 0 {
        return Ok(None);
    }
    let rounds = ((wanted_windows(rate) / available as f64).ceil() as usize).clamp(1, MOST_ROUNDS);
    let shuffles = rounds * pieces.len();
    let mut scores: Vec<f32> = Vec::with_capacity(rounds * available);
    // In blocks, so that the scores are held once.
    for start in (0..shuffles).step_by(BLOCK) {
        let block: Vec<Vec<f32>> = (start..shuffles.min(start + BLOCK))
            .into_par_iter()
            .map_init(WindowScores::default, |scores, number| {
                let mut random = seed.stream_at("scan/shuffle", number as u64);
                let shuffled = shuffle_klets(&pieces[number % pieces.len()], 2, &mut random)?;
                scanner.score(&shuffled, scores)?;
                Ok(scores.scores.iter().map(|&score| score as f32).collect())
            })
            .collect::<anyhow::Result<_>>()?;
        block.iter().for_each(|part| scores.extend_from_slice(part));
    }
    let above = ((rate * scores.len() as f64) as usize).min(scores.len() - 1);
    let (_, threshold, _) = scores.select_nth_unstable_by(above, |a, b| b.total_cmp(a));
    Ok(Some(Calibration { threshold: f64::from(*threshold), windows: scores.len() }))
}
