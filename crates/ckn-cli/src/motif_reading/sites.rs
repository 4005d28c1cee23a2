//! The sites of motifs in the sequences that were their evidence.

use std::io::Write;

use ckn::bio::Alphabet;
use ckn::bio::motif::{Background, Hit};
use ckn::bio::simulate::Strand;
use ckn::interpret::{JudgedMotif, MotifSequences, scanner};

use super::table::cell;

/// Writes the sites of each motif in the held-out positives as BED lines of seven columns: sequence, start, end, motif, score in bits, strand, and the
/// letters as the motif reads them. A site is what the tests took for one.
pub fn write_sites(
    out: &mut dyn Write,
    rows: &[JudgedMotif],
    halves: &MotifSequences,
    both_strands: bool,
) -> anyhow::Result<()> {
    let background = Background::of_sequences(&halves.negatives, both_strands)?;
    for row in rows {
        let Some(evidence) = &row.evidence else { continue };
        let (motif, threshold) = (&row.found.motif, evidence.enrichment.threshold);
        let (scanner, width) = (scanner(&motif.probabilities, &background, both_strands)?, motif.width());
        for record in 0..halves.positives.len() {
            let mut hits: Vec<Hit> = Vec::new();
            scanner.scan(halves.positives.sequence(record), threshold, |hit| hits.push(hit));
            for hit in hits {
                let (end, letters) = (hit.position + width, letters(halves, record, &hit, width));
                let strand = if hit.strand == Strand::Forward { '+' } else { '-' };
                let (id, name) = (cell(&halves.positives.ids()[record]), &motif.name);
                writeln!(out, "{id}\t{}\t{end}\t{name}\t{:.3}\t{strand}\t{letters}", hit.position, hit.score)?;
            }
        }
    }
    Ok(())
}

/// The letters of a site, on the strand that shows the motif.
fn letters(halves: &MotifSequences, record: usize, hit: &Hit, width: usize) -> String {
    let alphabet: Alphabet = halves.positives.alphabet();
    let tokens = halves.positives.sequence(record)[hit.position..hit.position + width].iter().copied();
    if hit.strand == Strand::Forward {
        return tokens.map(|token| alphabet.decode(token)).collect();
    }
    tokens.rev().filter_map(|token| alphabet.complement(token)).map(|token| alphabet.decode(token)).collect()
}
