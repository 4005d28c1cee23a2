//! The sites of motifs in the sequences that were their evidence.

use std::io::Write;

use ckn::bio::EncodedSequences;
use ckn::bio::motif::{Background, Hit};
use ckn::bio::simulate::Strand;
use ckn::interpret::{JudgedMotif, MotifDirection, MotifSequences, scanner};

use super::table::cell;

/// Where a motif stands in a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// What the sequence is called.
    pub sequence: String,
    pub start: usize,
    pub end: usize,
    /// In bits.
    pub score: f64,
    pub strand: char,
    /// The letters, as the motif reads them.
    pub letters: String,
}

/// The sites of a motif in the held-out positives, of a depleted motif in the negatives, in the order of the sequences; none without evidence.
/// A site is what the tests took for one.
pub fn sites_of(row: &JudgedMotif, halves: &MotifSequences, both_strands: bool) -> anyhow::Result<Vec<Site>> {
    let Some(evidence) = &row.evidence else { return Ok(Vec::new()) };
    let (motif, threshold) = (&row.found.motif, evidence.enrichment.threshold);
    let (sequences, others) = match row.found.direction {
        MotifDirection::Enriched => (&halves.positives, &halves.negatives),
        MotifDirection::Depleted => (&halves.negatives, &halves.positives),
    };
    let background = Background::of_sequences(others, both_strands)?;
    let (scanner, width) = (scanner(&motif.probabilities, &background, both_strands)?, motif.width());
    let mut sites = Vec::new();
    for record in 0..sequences.len() {
        let mut hits: Vec<Hit> = Vec::new();
        scanner.scan(sequences.sequence(record), threshold, |hit| hits.push(hit));
        sites.extend(hits.into_iter().map(|hit| Site {
            sequence: sequences.ids()[record].clone(),
            start: hit.position,
            end: hit.position + width,
            score: hit.score,
            strand: if hit.strand == Strand::Forward { '+' } else { '-' },
            letters: letters(sequences, record, &hit, width),
        }));
    }
    Ok(sites)
}

/// Writes the sites of each motif as BED lines of seven columns: sequence, start, end, motif, score in bits, strand, and the letters as the
/// motif reads them.
pub fn write_sites(
    out: &mut dyn Write,
    rows: &[JudgedMotif],
    halves: &MotifSequences,
    both_strands: bool,
) -> anyhow::Result<()> {
    for row in rows {
        for site in sites_of(row, halves, both_strands)? {
            write_site(out, &row.found.motif.name, &site)?;
        }
    }
    Ok(())
}

/// Writes one line.
pub fn write_site(out: &mut dyn Write, motif: &str, site: &Site) -> anyhow::Result<()> {
    let Site { sequence, start, end, score, strand, letters } = site;
    Ok(writeln!(out, "{}\t{start}\t{end}\t{motif}\t{score:.3}\t{strand}\t{letters}", cell(sequence))?)
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
