//! Stretches of a genome.

use std::fmt;

/// A stretch of one strand of a chromosome, in bp, 0-based and half-open.
///
/// It prints as the name of its sequence: `chr1:100-201`, or `chr1:100-201(-)` on the reverse strand.
///
/// ```
/// use ckn_bio::Region;
///
/// let region = Region::from_id("chr1:100-201(-)").unwrap();
/// assert_eq!((region.start, region.end, region.reverse), (100, 201, true));
/// assert_eq!(region.to_string(), "chr1:100-201(-)");
/// assert_eq!(Region::from_id("chr1:100-201_shuffled"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region {
    /// Name of the chromosome.
    pub chromosome: String,
    /// First position.
    pub start: u64,
    /// Position after the last.
    pub end: u64,
    /// Whether it is read from the reverse strand.
    pub reverse: bool,
}

impl Region {
    /// The region that the name of a sequence says, if it is one of `chrom:start-end`, `chrom:start-end(+)` and
    /// `chrom:start-end(-)` with `start < end`.
    pub fn from_id(id: &str) -> Option<Self> {
        let (chromosome, start, end, rest) = parts(id)?;
        let reverse = match rest {
            "" | "(+)" => false,
            "(-)" => true,
            _ => return None,
        };
        (start < end).then(|| Self { chromosome: chromosome.to_owned(), start, end, reverse })
    }

    /// The chromosome in the name of a sequence that begins with `chrom:start-end`, such as that of a shuffle.
    pub fn chromosome_of(id: &str) -> Option<&str> {
        parts(id).map(|(chromosome, ..)| chromosome)
    }

    /// Number of letters; 0 if the end is not after the start.
    pub fn length(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strand = if self.reverse { "(-)" } else { "" };
        write!(f, "{}:{}-{}{strand}", self.chromosome, self.start, self.end)
    }
}

/// Chromosome, start, end, and what follows. Names of chromosomes may hold colons (HLA-A*01:01).
fn parts(id: &str) -> Option<(&str, u64, u64, &str)> {
    let (chromosome, range) = id.rsplit_once(':').filter(|(chromosome, _)| !chromosome.is_empty())?;
    let (start, end) = range.split_once('-')?;
    let digits = end.bytes().take_while(u8::is_ascii_digit).count();
    Some((chromosome, position(start.as_bytes())?, position(&end.as_bytes()[..digits])?, &end[digits..]))
}

/// A position as tables write it: digits alone, below any sum that could overflow.
pub(crate) fn position(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|&position: &u64| position < 1 << 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sequences_say_where_they_lie() {
        let found =
            |id| Region::from_id(id).map(|region| (region.chromosome, region.start, region.end, region.reverse));
        assert_eq!(found("chr1:5-10"), Some(("chr1".into(), 5, 10, false)));
        assert_eq!(found("HLA-A*01:01:5-10(+)"), Some(("HLA-A*01:01".into(), 5, 10, false)));
        for wrong in ["chr1", "chr1:5", ":5-10", "chr1:5-10x", "chr1:10-10", "chr1:-5-10", "chr1:5-", "chr1:+5-10"] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert_eq!(found("chr1:5-99999999999999999999"), None);
        assert_eq!(Region::chromosome_of("chr1:5-10_shuffled_2"), Some("chr1"));
        assert_eq!(Region::chromosome_of("peak_1"), None);
    }
}
