//! A run that looks for the sites of motifs.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ckn::bio::io::Genome;
use ckn::bio::motif::MotifSet;
use serde::Serialize;

use super::motifs::lines;
use super::record::save;
use super::{BETWEEN_LINES, Interrupted, Scan};
use crate::exit::{self, Usage};
use crate::output::{check_apart, write_results};
use crate::progress::interrupt_flag;
use crate::run_record::command_line;

/// The record of a scan by motifs: `HITS.run.json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SitesRecord<'a> {
    version: &'static str,
    command: Vec<String>,
    threads: usize,
    seconds: f64,
    motifs: usize,
    p_value: f64,
    /// Frequencies of the letters, in the order of the alphabet.
    background: &'a [f64],
    letters: u64,
    /// Lines that were written.
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
        if set.out_of_reach() > 0 {
            let (number, p) = (set.out_of_reach(), self.motifs.p_value());
            self.say(|| format!("{number} motifs are too short for any p-value of {p} or less, and have no hits"));
        }
        let (letters, lines) = match self.write_sites(&set, &genome) {
            Err(error) if error.is::<Interrupted>() => {
                crate::talk::say(&error);
                return Ok(exit::INTERRUPTED);
            }
            tally => tally?,
        };
        let seconds = start.elapsed().as_secs_f64();
        if let Some(out) = &self.out {
            let record = SitesRecord {
                version: env!("CARGO_PKG_VERSION"),
                command: command_line(),
                threads: rayon::current_num_threads(),
                seconds,
                motifs: set.len(),
                p_value: self.motifs.p_value(),
                background: set.background().frequencies(),
                letters,
                lines,
            };
            save(&record, out)?;
        }
        self.say(|| {
            let motifs = crate::talk::counted(set.len(), "motif");
            let rate = letters as f64 / seconds;
            format!("{motifs} on {letters} letters in {seconds:.2} s ({rate:.0} letters/s); {lines} lines")
        });
        Ok(exit::DONE)
    }

    /// Writes the sites; the numbers of letters and lines.
    fn write_sites(&self, set: &MotifSet, genome: &Genome) -> anyhow::Result<(u64, u64)> {
        let (interrupted, mut written, mut letters) = (interrupt_flag(), 0, 0);
        write_results(self.out.as_deref(), self.force, |out| {
            let (started, mut last_line) = (Instant::now(), Instant::now());
            letters = set.scan_genome(
                genome,
                |tile| lines(set, tile),
                |texts, progress| {
                    for text in texts {
                        let (text, number) = text?;
                        out.write_all(&text)?;
                        written += number;
                    }
                    if interrupted.load(Ordering::Relaxed) {
                        return Err(Interrupted.into());
                    }
                    if last_line.elapsed() > BETWEEN_LINES {
                        last_line = Instant::now();
                        let rate = progress.letters as f64 / started.elapsed().as_secs_f64();
                        let place = format!("{}:{}", progress.tile.id, progress.tile.start);
                        self.say(|| format!("{place}, {} letters, {rate:.0} letters/s", progress.letters));
                    }
                    anyhow::Ok(())
                },
            )?;
            Ok(())
        })?;
        Ok((letters, written))
    }
}
