//! Scanning a genome: the windows that a model scores above a threshold.

mod peaks;
mod threshold;

use std::ops::ControlFlow;

use ckn_bio::io::{Genome, Span, Tile, Tiles, read_ahead};
use ckn_model::{Scanner, WindowScores};
use rayon::prelude::*;

use self::peaks::Peaks;
pub use self::peaks::{Joining, Peak, WindowHit};
pub use self::threshold::{Calibration, calibrate, calibration_windows};

/// Tiles that are read ahead while as many are scored, for each thread.
const TILES: usize = 32;

/// Settings of [`scan_genome`].
#[derive(Debug, Clone, PartialEq)]
pub struct ScanSettings {
    /// Windows that score above this are hits.
    pub threshold: f64,
    /// Which hits are one peak.
    pub joining: Joining,
    /// The windows that are scanned ([`window_spans`](ckn_bio::io::window_spans)); `None` for all.
    pub spans: Option<Vec<Span>>,
}

/// What a scan tells while it runs.
#[derive(Debug)]
pub enum ScanEvent<'a> {
    /// The next peak, in the order of the genome.
    Peak(&'a Peak),
    /// A batch of tiles was scanned.
    Progress {
        /// The last of them.
        tile: &'a Tile,
        /// Letters that were scanned so far.
        letters: u64,
    },
}

/// What a scan did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanTally {
    /// Windows of this run.
    pub windows: u64,
    /// Peaks.
    pub peaks: u64,
    /// Records shorter than a window.
    pub short_records: u64,
}

/// Scores every window of a genome, on all threads of rayon's pool, and tells every peak.
///
/// The genome is read once, in tiles, while those before are scored: memory does not grow with it. Peaks are the same bits
/// whatever the number of threads, and those of the parts of a genome are together those of the whole.
///
/// ```
/// use ckn_bio::{Alphabet, io::Genome};
/// use ckn_interpret::{Joining, ScanEvent, ScanSettings, scan_genome};
/// use ckn_model::{ScannedStrands, Scanner};
/// # use ckn_core::{kernel::DotProductKernel, pooling::{Border, Pooling, Strands}, seed::Seed, whitening::Regularisation};
/// # use ckn_model::{LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// # let config = NetworkConfig {
/// #     letters: 4, layers: vec![LayerConfig { filters: 1, width: 4, kernel, subsampling: 1 }], pooling: Pooling::Max,
/// #     strands: Strands::Forward, border: Border::Valid, regularisation: Regularisation::Shift { epsilon: 1e-3 },
/// #     gap_decay: 0.0,
/// #     letter_similarity: Vec::new(),
/// # };
/// # let network = Network::random(config.check()?, &mut Seed(0).stream("anchors"))?;
/// # let card: ModelCard = serde_json::from_str(r#"{ "alphabet": "dna", "letters": "ACGT", "loss": "logistic", "seed": 0,
/// #     "data": {}, "training": null, "measured": {} }"#)?;
/// # let model = Model::of_network(network, vec![LinearHead::new(vec![1.0], 0.5)?], card)?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa");
/// std::fs::write(&path, ">chr1\nACGTTGACATTACGATTACAGATTACA\n")?;
/// let genome = Genome::open(&path, Alphabet::Dna)?;
/// let scanner = Scanner::new(&model, Alphabet::Dna.table(), 8, ScannedStrands::Both)?;
/// let settings = ScanSettings { threshold: f64::NEG_INFINITY, joining: Joining::Overlapping, spans: None };
/// let mut peaks = Vec::new();
/// let tally = scan_genome(&scanner, &genome, settings, |event| {
///     if let ScanEvent::Peak(peak) = event {
///         peaks.push(peak.clone());
///     }
///     Ok::<(), ckn_interpret::Error>(())
/// })?;
/// assert_eq!((tally.windows, peaks.len()), (20, 1));
/// assert_eq!((peaks[0].first, peaks[0].last), (0, 19));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ckn_bio::Error`] for a genome that cannot be read, or, where all of it is scanned, that has no window; [`ckn_model::Error`]
/// for tokens that the model does not have; what `on_event` returns, which ends the scan.
pub fn scan_genome<E>(
    scanner: &Scanner<'_>,
    genome: &Genome,
    settings: ScanSettings,
    mut on_event: impl FnMut(ScanEvent<'_>) -> Result<(), E>,
) -> Result<ScanTally, E>
where
    E: From<ckn_bio::Error> + From<ckn_model::Error> + Send,
{
    let ScanSettings { threshold, joining, spans } = settings;
    let (length, whole) = (scanner.length(), spans.is_none());
    let mut tiles = Tiles::new(genome.reader()?, spans, length, scanner.tile());
    let mut peaks = Peaks::new(joining, length);
    let mut tally = ScanTally::default();
    let (mut letters, size) = (0, TILES * rayon::current_num_threads());
    read_ahead::<_, _, E>(
        || (0..size).map_while(|_| tiles.next_tile().transpose()).collect(),
        |batch| Ok(score(scanner, threshold, batch)?),
        |batch, hits| {
            for (tile, hits) in batch.iter().zip(&hits) {
                peaks.take(tile, hits, |peak| {
                    tally.peaks += 1;
                    on_event(ScanEvent::Peak(peak))
                })?;
                let end = tile.start + (tile.tokens.len() + 1 - length) as u64;
                tally.windows += owned(tile, end);
                letters += (tile.tokens.len() + 1 - length) as u64;
                // Only the last span of a shard owns less than is visible.
                let closed =
                    end >= tile.span.owned.end && tile.span.owned.end < tile.span.visible.end && !peaks.reaches(end);
                if closed {
                    return Ok(ControlFlow::Break(()));
                }
            }
            if let Some(tile) = batch.last() {
                on_event(ScanEvent::Progress { tile, letters })?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    if let Some(peak) = peaks.finish() {
        tally.peaks += 1;
        on_event(ScanEvent::Peak(&peak))?;
    }
    tally.short_records = tiles.short_records;
    if whole && tally.windows == 0 {
        return Err(ckn_bio::Error::NoWindow { file: genome.file().clone(), length }.into());
    }
    Ok(tally)
}

/// Windows of a tile that this run owns.
fn owned(tile: &Tile, end: u64) -> u64 {
    let (from, to) = (tile.start.max(tile.span.owned.start), end.min(tile.span.owned.end));
    to.saturating_sub(from)
}

/// The windows above the threshold of each tile.
fn score(scanner: &Scanner<'_>, threshold: f64, batch: &[Tile]) -> Result<Vec<Vec<WindowHit>>, ckn_model::Error> {
    batch
        .par_iter()
        .map_init(WindowScores::default, |scores, tile| {
            scanner.score_above(&tile.tokens, threshold, scores)?;
            let windows = (tile.start..).zip(scores.scores.iter().zip(&scores.reverse));
            let hits = windows.filter(|(_, (score, _))| **score > threshold);
            Ok(hits.map(|(start, (&score, &reverse))| WindowHit { start, score, reverse }).collect())
        })
        .collect()
}
