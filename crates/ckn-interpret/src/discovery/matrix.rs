//! From hits to matrices.

use std::ops::Range;

use ckn_bio::Alphabet;
use ckn_bio::motif::{Background, Probabilities};
use ckn_bio::simulate::Strand;

use crate::Error;

/// Fewest columns.
const NARROWEST: usize = 4;
/// Share of the sites that the background is given beside those counted.
const PSEUDOCOUNT: f64 = 0.02;

/// The letters of a site, and so many on either side, as the matrix reads them: those of the other strand turned, those beyond the ends
/// unknown.
pub(super) fn letters_around(
    tokens: &[u8],
    site: Range<usize>,
    strand: Strand,
    reach: usize,
    alphabet: Alphabet,
) -> impl Iterator<Item = u8> {
    (0..site.len() + 2 * reach).map(move |column| {
        let place = match strand {
            Strand::Forward => (site.start + column).checked_sub(reach),
            Strand::Reverse => (site.end - 1 + reach).checked_sub(column),
        };
        let token = place.and_then(|place| tokens.get(place)).copied();
        let read = match strand {
            Strand::Forward => token,
            Strand::Reverse => token.and_then(|token| alphabet.complement(token)),
        };
        read.unwrap_or(alphabet.unknown())
    })
}

/// The matrix of letters that were counted at so many sites, of at most `widest` columns, without ends of less information (bits); none if it
/// is narrower than a motif. What is below nothing counts nothing, and a column of nothing is of the background.
///
/// # Shapes
/// `counts`: `[columns, letters]`.
pub(super) fn of_counts(
    counts: &[f64],
    sites: f64,
    information: f64,
    widest: usize,
    background: &Background,
) -> Result<Option<Probabilities>, Error> {
    let frequencies = background.frequencies();
    let pseudo = (PSEUDOCOUNT * sites).max(1e-6);
    let values = counts.chunks_exact(frequencies.len()).flat_map(|column| {
        let total: f64 = column.iter().map(|count| count.max(0.0)).sum();
        column.iter().zip(frequencies).map(move |(count, rate)| (count.max(0.0) + pseudo * rate) / (total + pseudo))
    });
    let matrix = Probabilities::new(background.alphabet(), values.collect())?;
    let (mut matrix, _) = matrix.trimmed(information, background)?;
    while matrix.width() > widest {
        matrix = without_weaker_end(&matrix, background)?;
    }
    Ok((matrix.width() >= NARROWEST).then_some(matrix))
}

fn without_weaker_end(matrix: &Probabilities, background: &Background) -> Result<Probabilities, Error> {
    let (information, letters) = (matrix.information(background)?, matrix.alphabet().letter_count());
    let (first, last) = (information.first().copied(), information.last().copied());
    let kept = if first < last { letters..matrix.values().len() } else { 0..matrix.values().len() - letters };
    Ok(Probabilities::new(matrix.alphabet(), matrix.values()[kept].to_vec())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_around_a_hit_are_read_as_the_matrix_reads_them() {
        // AACGT.
        let around = |position: usize, strand: Strand, reach: usize| -> Vec<u8> {
            letters_around(&[0, 0, 1, 2, 3], position..position + 2, strand, reach, Alphabet::Dna).collect()
        };
        assert_eq!(around(1, Strand::Forward, 1), [0, 0, 1, 2]);
        // ACGTT, of which CG stands in the same place.
        assert_eq!(around(2, Strand::Reverse, 1), [0, 1, 2, 3]);
        let unknown = Alphabet::Dna.unknown();
        assert_eq!(around(0, Strand::Forward, 2), [unknown, unknown, 0, 0, 1, 2]);
        assert_eq!(around(0, Strand::Reverse, 1), [2, 3, 3, unknown]);
    }

    #[test]
    fn counts_make_a_matrix_without_ends_that_say_nothing() {
        let background = Background::uniform(Alphabet::Dna);
        let sure = [100.0, 0.0, -7.0, 0.0];
        let counts = [[25.0; 4].as_slice(), &sure.repeat(5), &[25.0; 4]].concat();
        let matrix = of_counts(&counts, 100.0, 0.25, 24, &background).unwrap().unwrap();
        assert_eq!(matrix.consensus(), "AAAAA");
        // Two of 102 letters are the background's.
        assert!((matrix.values()[0] - 100.5 / 102.0).abs() < 1e-12 && (matrix.values()[2] - 0.5 / 102.0).abs() < 1e-12);
        assert_eq!(of_counts(&counts, 100.0, 0.25, 4, &background).unwrap().unwrap().width(), 4);
        assert!(of_counts(&counts, 100.0, 0.25, 3, &background).unwrap().is_none());
    }
}
