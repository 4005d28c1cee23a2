//! Scanning a genome for many motifs.

use std::ops::ControlFlow;

use rayon::prelude::*;

use super::{Hit, MotifScanner};
use crate::error::Error;
use crate::io::{Genome, Tile, Tiles, read_ahead};
use crate::motif::{Background, DEFAULT_SITES, Motif};

/// Hits that are held at once, if letters are random.
const HITS: f64 = 1e6;
/// Letters that are read ahead while as many are scanned, for each thread: at most, and at least.
const MOST_LETTERS: usize = 1 << 18;
const FEWEST_LETTERS: usize = 1 << 10;
/// Tiles for each thread, so that none waits long for another.
const TILES: usize = 8;

/// Motifs made ready to be looked for together, each up to the same p-value.
///
/// ```
/// use ckn_bio::{Alphabet, io::Genome};
/// use ckn_bio::motif::{Background, Counts, Motif, MotifSet};
///
/// // TGACT.
/// let counts = vec![0., 0., 0., 9., 0., 0., 9., 0., 9., 0., 0., 0., 0., 9., 0., 0., 0., 0., 0., 9.];
/// let background = Background::uniform(Alphabet::Dna);
/// let motif = Motif::new("tgact", Counts::new(Alphabet::Dna, counts)?.probabilities(0.0, &background)?);
/// let set = MotifSet::new(vec![motif], background, true, 0.1, 1e-3)?;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa");
/// std::fs::write(&path, ">chr1\nCCAGTCATTCCCCTGACTCC\n")?;
/// let genome = Genome::open(&path, Alphabet::Dna)?;
/// let mut starts = Vec::new();
/// let of_tile = |tile: &ckn_bio::io::Tile| {
///     set.sites(tile).iter().map(|site| tile.start + site.hit.position as u64).collect::<Vec<_>>()
/// };
/// set.scan_genome(&genome, of_tile, |found, _| {
///     starts.extend(found.into_iter().flatten());
///     Ok::<(), ckn_bio::Error>(())
/// })?;
/// assert_eq!(starts, [2, 13]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MotifSet {
    background: Background,
    ready: Vec<Ready>,
    p_value: f64,
    out_of_reach: usize,
}

/// A motif, ready to scan.
#[derive(Debug)]
struct Ready {
    motif: Motif,
    scanner: MotifScanner,
    threshold: f64,
}

/// A place where a motif of a set scores well.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Site<'a> {
    /// Where in the tile, and how well.
    pub hit: Hit,
    /// The motif.
    pub motif: &'a Motif,
}

/// How far a scan of a genome is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SiteProgress<'a> {
    /// The last tile that was scanned.
    pub tile: &'a Tile,
    /// Letters that were scanned.
    pub letters: u64,
}

impl MotifSet {
    /// Makes motifs ready. On both strands, the background is averaged with its complement; `pseudocount` sites like it are
    /// added to those of each motif ([`DEFAULT_SITES`] where their number is not known). Motifs of which no word has a p-value
    /// of at most `p_value` are left out.
    ///
    /// # Errors
    /// Those of [`MotifScanner::new`].
    pub fn new(
        motifs: Vec<Motif>,
        background: Background,
        both_strands: bool,
        pseudocount: f64,
        p_value: f64,
    ) -> Result<Self, Error> {
        let background = if both_strands { background.of_both_strands()? } else { background };
        let prepare = |motif: Motif| {
            // Files may say 0 sites.
            let share = pseudocount / motif.sites.unwrap_or(DEFAULT_SITES).max(1.0);
            let log_odds = motif.probabilities.log_odds(share, &background)?;
            let scanner = MotifScanner::new(&log_odds, &background, both_strands)?;
            let threshold = scanner.distribution().threshold(p_value);
            Ok(threshold.map(|threshold| Ready { motif, scanner: scanner.for_hits_above(threshold), threshold }))
        };
        let all = motifs.len();
        let ready: Vec<Option<Ready>> = motifs.into_par_iter().map(prepare).collect::<Result<_, Error>>()?;
        let ready: Vec<Ready> = ready.into_iter().flatten().collect();
        Ok(Self { background, out_of_reach: all - ready.len(), ready, p_value })
    }

    /// Number of motifs that are looked for.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Whether no motif can be found.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// Number of motifs none of whose words has so small a p-value.
    pub fn out_of_reach(&self) -> usize {
        self.out_of_reach
    }

    /// Frequencies of letters that scores and p-values are relative to.
    pub fn background(&self) -> &Background {
        &self.background
    }

    /// Each motif with its scanner and threshold.
    pub(super) fn scanners(&self) -> impl Iterator<Item = (&Motif, &MotifScanner, f64)> {
        self.ready.iter().map(|ready| (&ready.motif, &ready.scanner, ready.threshold))
    }

    fn widths(&self) -> impl Iterator<Item = usize> {
        self.ready.iter().map(|ready| ready.scanner.width())
    }

    /// The sites in a tile: by position, width, the order of the motifs, and strand.
    pub fn sites(&self, tile: &Tile) -> Vec<Site<'_>> {
        let mut sites = Vec::new();
        for Ready { motif, scanner, threshold } in &self.ready {
            scanner.scan(tile.tokens_for(scanner.width()), *threshold, |hit| sites.push(Site { hit, motif }));
        }
        // Hits of one motif are in order, and motifs in theirs.
        sites.sort_by_key(|site| (site.hit.position, site.motif.width()));
        sites
    }

    /// Passes a genome through in tiles that hold every window once: `of_tile` makes something of each, on all threads of
    /// rayon's pool, while the next are read; `take` gets it in the order of the genome. The number of letters.
    ///
    /// # Errors
    /// [`Error::NoWindow`] if no record is as long as the shortest motif; those of [`GenomeReader`](crate::io::GenomeReader);
    /// what `take` returns, which ends the scan.
    pub fn scan_genome<T: Send, E: From<Error> + Send>(
        &self,
        genome: &Genome,
        of_tile: impl Fn(&Tile) -> T + Sync,
        mut take: impl FnMut(Vec<T>, SiteProgress<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let threads = rayon::current_num_threads();
        let rate: f64 = self.ready.iter().map(|ready| self.p_value * ready.scanner.strands() as f64).sum();
        let batch_letters = ((HITS / rate) as usize).clamp(FEWEST_LETTERS, MOST_LETTERS * threads);
        let (shortest, longest) = (self.widths().min().unwrap_or(1), self.widths().max().unwrap_or(1));
        let windows = batch_letters.div_ceil(TILES * threads);
        let mut tiles = Tiles::of_lengths(genome.reader()?, shortest, longest, windows);
        let (mut positions, mut letters) = (0, 0);
        read_ahead::<_, _, E>(
            || {
                let (mut batch, mut held) = (Vec::new(), 0);
                while held < batch_letters {
                    let Some(tile) = tiles.next_tile()? else { break };
                    held += tile.tokens.len();
                    batch.push(tile);
                }
                Ok(batch)
            },
            |batch| Ok(batch.par_iter().map(&of_tile).collect::<Vec<T>>()),
            |batch, made| {
                for tile in batch {
                    positions += (tile.tokens_for(shortest).len() + 1).saturating_sub(shortest);
                    letters += tile.tokens_for(1).len() as u64;
                }
                if let Some(tile) = batch.last() {
                    take(made, SiteProgress { tile, letters })?;
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        if positions == 0 {
            return Err(Error::NoWindow { file: genome.file().clone(), length: shortest }.into());
        }
        Ok(tiles.letters)
    }
}
