//! A run that looks for the sites of motifs.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ckn::bio::io::Genome;
use rayon::prelude::*;

use super::motifs::MotifSet;
use super::pieces::{Piece, Pieces};
use super::{BETWEEN_LINES, Interrupted, Scan};
use crate::exit::{self, Usage};
use crate::output::{check_apart, write_results};

/// Hits that are held at once, if letters are random.
const HITS: f64 = 1e6;
/// Letters that are read ahead while as many are scanned, for each thread: at most, and at least.
const MOST_LETTERS: usize = 1 << 18;
const FEWEST_LETTERS: usize = 1 << 10;
/// Pieces for each thread, so that none waits long for another.
const PIECES: usize = 8;

/// What a run did.
#[derive(Default)]
struct Tally {
    letters: u64,
    positions: u64,
    lines: u64,
}

impl Scan {
    /// Looks for the motifs of a file.
    pub(super) fn run_motifs(&self, start: Instant) -> anyhow::Result<u8> {
        if [self.motifs.motifs.as_deref(), Some(self.genome.as_path())].iter().all(|path| *path == Some(Path::new("-")))
        {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        if let Some(out) = &self.out {
            check_apart(out, self.motifs.motifs.iter().chain([&self.genome]).map(|path| path.as_path()))?;
        }
        let file = self.motifs.read()?;
        let genome = Genome::open(&self.genome, file.alphabet)?;
        let set = self.motifs.prepare(file, &genome, self.strands)?;
        if set.out_of_reach > 0 {
            let (number, p) = (set.out_of_reach, self.motifs.p_value());
            self.say(|| format!("{number} motifs are too short for any p-value of {p} or less, and have no hits"));
        }
        let tally = match self.write_sites(&set, &genome) {
            Err(error) if error.is::<Interrupted>() => {
                crate::talk::say(&error);
                return Ok(exit::INTERRUPTED);
            }
            tally => tally?,
        };
        let seconds = start.elapsed().as_secs_f64();
        self.record(serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "command": super::command_line(),
            "threads": rayon::current_num_threads(),
            "seconds": seconds,
            "motifs": set.len(),
            "p_value": self.motifs.p_value(),
            "background": set.background(),
            "letters": tally.letters,
            "lines": tally.lines,
        }))?;
        self.say(|| {
            let (motifs, Tally { letters, lines, .. }) = (crate::talk::counted(set.len(), "motif"), tally);
            let rate = letters as f64 / seconds;
            format!("{motifs} on {letters} letters in {seconds:.2} s ({rate:.0} letters/s); {lines} lines")
        });
        Ok(exit::DONE)
    }

    fn write_sites(&self, set: &MotifSet, genome: &Genome) -> anyhow::Result<Tally> {
        let interrupted = super::interrupt_flag();
        let threads = rayon::current_num_threads();
        let held = (HITS / set.rate(self.motifs.p_value())) as usize;
        let batch_letters = held.clamp(FEWEST_LETTERS, MOST_LETTERS * threads);
        let starts = batch_letters.div_ceil(PIECES * threads);
        let mut tally = Tally::default();
        write_results(self.out.as_deref(), self.force, |out| {
            let mut pieces = Pieces::new(genome.reader()?, set.longest(), starts);
            let mut batch = fill(&mut pieces, batch_letters)?;
            let (started, mut last_line) = (Instant::now(), Instant::now());
            while !batch.is_empty() {
                // The next pieces are read while these are scanned.
                let lines = || batch.par_iter().map(|piece| set.lines(piece)).collect::<io::Result<Vec<_>>>();
                let (lines, ahead) = rayon::join(lines, || fill(&mut pieces, batch_letters));
                for (piece, (text, number)) in batch.iter().zip(lines?) {
                    out.write_all(&text)?;
                    tally.lines += number;
                    tally.positions +=
                        (piece.tokens_for(set.shortest()).len() + 1).saturating_sub(set.shortest()) as u64;
                }
                if interrupted.load(Ordering::Relaxed) {
                    return Err(Interrupted.into());
                }
                if last_line.elapsed() > BETWEEN_LINES {
                    last_line = Instant::now();
                    let rate = pieces.letters as f64 / started.elapsed().as_secs_f64();
                    let place = batch.last().map(|piece| format!("{}:{}", piece.id, piece.start)).unwrap_or_default();
                    self.say(|| format!("{place}, {} letters, {rate:.0} letters/s", pieces.letters));
                }
                batch = ahead?;
            }
            tally.letters = pieces.letters;
            if tally.positions == 0 {
                let (file, length) = (Arc::clone(genome.file()), set.shortest());
                return Err(ckn::bio::Error::NoWindow { file, length }.into());
            }
            Ok(())
        })?;
        Ok(tally)
    }
}

/// Reads the next pieces, of about so many letters.
fn fill(pieces: &mut Pieces, letters: usize) -> Result<Vec<Piece>, ckn::bio::Error> {
    let (mut batch, mut held) = (Vec::new(), 0);
    while held < letters {
        let Some(piece) = pieces.next()? else { break };
        held += piece.tokens.len();
        batch.push(piece);
    }
    Ok(batch)
}
