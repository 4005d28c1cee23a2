//! How alike two motifs are, without a database.

use crate::error::{Error, MotifError};
use crate::motif::Probabilities;
use crate::simulate::Strand;

/// Correlations that differ by less are equal up to rounding: the longer overlap decides.
const ROUNDING: f64 = 1e-12;

/// How two motifs lie over one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Where the first motif's first column lies, in columns from the second's first, on `strand`.
    pub offset: isize,
    /// Whether the second motif is meant as given, or its reverse complement.
    pub strand: Strand,
    /// Number of columns of either that meet one of the other.
    pub overlap: usize,
    /// Pearson correlation of the probabilities in the overlap, between -1 and 1.
    pub correlation: f64,
}

/// The offset, and with `both_strands` the strand of the second motif, at which two motifs correlate best over at least
/// `minimal_overlap` columns; of equals the longer overlap, then the given strand, then the smaller offset.
///
/// The correlation is that of all probabilities in the overlap at once:
///
/// ```text
/// r = Σ (a_il - 1/L)(b_il - 1/L) / √(Σ (a_il - 1/L)² Σ (b_il - 1/L)²),   over columns i and the L letters
/// ```
///
/// Columns thus weigh as much as they are informative, and flat ones nothing; the mean of one correlation a column is not
/// defined where a column is flat, and lets those that hardly differ from it decide.
///
/// `None` where either motif has fewer columns than the minimal overlap, or all that overlap are flat.
///
/// # Errors
/// [`MotifError::Alphabets`]; [`MotifError::NoComplement`] for both strands of an alphabet without complement.
pub fn best_alignment(
    first: &Probabilities,
    second: &Probabilities,
    minimal_overlap: usize,
    both_strands: bool,
) -> Result<Option<Alignment>, Error> {
    if first.alphabet() != second.alphabet() {
        return Err(MotifError::Alphabets { first: first.alphabet(), second: second.alphabet() }.into());
    }
    let opposite = if both_strands { Some(second.reverse_complement()?) } else { None };
    let strands = [(Strand::Forward, Some(second)), (Strand::Reverse, opposite.as_ref())];
    let (wide, long) = (first.width(), second.width());
    let minimal_overlap = minimal_overlap.max(1);
    let mut best: Option<Alignment> = None;
    for (strand, second) in strands.into_iter().filter_map(|(strand, second)| Some((strand, second?))) {
        for shift in 0..wide + long - 1 {
            // Columns of the first that lie before the second, and the other way about.
            let (before, after) = ((wide - 1).saturating_sub(shift), (shift + 1).saturating_sub(wide));
            let overlap = (wide - before).min(long - after);
            if overlap < minimal_overlap {
                continue;
            }
            let columns = first.columns().skip(before).zip(second.columns().skip(after));
            let Some(correlation) = correlation(columns) else { continue };
            let better = best.is_none_or(|best| {
                let gain = correlation - best.correlation;
                gain > ROUNDING || (gain >= -ROUNDING && overlap > best.overlap)
            });
            if better {
                let offset = shift as isize - (wide - 1) as isize;
                best = Some(Alignment { offset, strand, overlap, correlation });
            }
        }
    }
    Ok(best)
}

/// Correlation over pairs of columns, each of mean one over the number of letters; `None` where one side is flat.
fn correlation<'a>(columns: impl Iterator<Item = (&'a [f64], &'a [f64])>) -> Option<f64> {
    let (mut product, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in columns {
        let mean = 1.0 / a.len() as f64;
        for (a, b) in a.iter().zip(b) {
            let (a, b) = (a - mean, b - mean);
            (product, first, second) = (product + a * b, first + a * a, second + b * b);
        }
    }
    let scale = (first * second).sqrt();
    (scale > ROUNDING).then(|| (product / scale).clamp(-1.0, 1.0))
}
