//! The windows of a genome that score above a threshold of shuffled sequence, joined into peaks.

use ckn::bio::io::Genome;
use ckn::interpret::{Joining, ScanEvent, ScanSettings, scan_genome};
use ckn::model::{ScannedStrands, Scanner};
use ckn::prelude::*;
use outside::{Files, Outcome, train};

#[test]
fn scan_a_genome() -> Outcome {
    let files = Files::new()?;
    let (model, genome) = (train(&files)?, Genome::open(files.path("genome.fa"), Alphabet::Dna)?);
    let scanner = Scanner::new(&model, Alphabet::Dna.table(), 51, ScannedStrands::Both)?;
    let settings = ScanSettings { threshold: 0.0, joining: Joining::Overlapping, spans: None };
    let mut peaks = Vec::new();
    let tally = scan_genome(&scanner, &genome, settings, |event| {
        if let ScanEvent::Peak(peak) = event {
            peaks.push(peak.clone());
        }
        Ok::<(), ckn::interpret::Error>(())
    })?;
    peaks.iter().for_each(|peak| println!("{}\t{}\t{}\t{:.2}", peak.id, peak.first, peak.last + 51, peak.best.score));
    assert!(tally.windows == 3 * 101 - 50 && !peaks.is_empty());
    Ok(())
}
