//! The sites of motifs in the sequences that were their evidence.

use std::io::Write;

use ckn::bio::EncodedSequences;
use ckn::bio::motif::{Background, Hit};
use ckn::bio::simulate::Strand;
use ckn::interpret::{JudgedMotif, MotifDirection, MotifSequences, scanner};

use super::table::cell;

/// Writes the sites of each motif in the held-out positives, of a depleted motif in the negatives, as BED lines of seven columns: sequence, start, end,
/// motif, score in bits, strand, and the letters as the motif reads them. A site is what the tests took for one.
pub fn write_sites(
    out: &mut dyn Write,
    rows: &[JudgedMotif],
    halves: &MotifSequences,
    both_strands: bool,
) -> anyhow::Result<()> {
    for row in rows {
        let Some(evidence) = &row.evidence else { continue };
        let (motif, threshold) = (&row.found.motif, evidence.enrichment.threshold);
        let (sequences, others) = match row.found.direction {
            MotifDirection::Enriched => (&halves.positives, &halves.negatives),
            MotifDirection::Depleted => (&halves.negatives, &halves.positives),
        };
        let background = Background::of_sequences(others, both_strands)?;
        let (scanner, width) = (scanner(&motif.probabilities, &background, both_strands)?, motif.width());
        for record in 0..sequences.len() {
            let mut hits: Vec<Hit> = Vec::new();
            scanner.scan(sequences.sequence(record), threshold, |hit| hits.push(hit));
            for hit in hits {
                let (end, letters) = (hit.position + width, letters(sequences, record, &hit, width));
                let strand = if hit.strand == Strand::Forward { '+' } else { '-' };
                let (id, name) = (cell(&sequences.ids()[record]), &motif.name);
                writeln!(out, "{id}\t{}\t{end}\t{name}\t{:.3}\t{strand}\t{letters}", hit.position, hit.score)?;
            }
        }
    }
    Ok(())
}

/// The letters of a site, on the strand that shows the motif.
fn letters(sequences: &EncodedSequences, record: usize, hit: &Hit, width: usize) -> String {
    let alphabet = sequences.alphabet();
    let tokens = sequences.sequence(record)[hit.position..hit.position + width].iter().copied();
    if hit.strand == Strand::Forward {
        return tokens.map(|token| alphabet.decode(token)).collect();
    }
    tokens.rev().filter_map(|token| alphabet.complement(token)).map(|token| alphabet.decode(token)).collect()
}
