//! How a window is cut into k-mers.

/// Largest number of rows of a table: it stays in the first-level cache for [`super::LANES`] anchors.
const MAX_ROWS: usize = 512;

/// Blocks of a window: block `b` reads the k-mer at `offsets[b]` and owns its letters from `owned_from[b]` on. The last
/// block ends with the window, so that every block reads the same stream of k-mer codes; letters it shares with the
/// block before it belong to that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) letters: usize,
    pub(crate) width: usize,
    /// Letters of a k-mer.
    pub(crate) kmer: usize,
    pub(crate) offsets: Vec<usize>,
    pub(crate) owned_from: Vec<usize>,
}

impl Blocks {
    pub(crate) fn new(letters: usize, width: usize) -> Self {
        let mut kmer = 1;
        while kmer < width && letters.pow(kmer as u32 + 1) <= MAX_ROWS {
            kmer += 1;
        }
        let count = width.div_ceil(kmer);
        let offsets: Vec<usize> = (0..count).map(|b| (b * kmer).min(width - kmer)).collect();
        let owned_from = offsets.iter().enumerate().map(|(b, offset)| b * kmer - offset).collect();
        Self { letters, width, kmer, offsets, owned_from }
    }

    /// Number of different k-mers.
    #[inline(always)]
    pub(crate) fn codes(&self) -> usize {
        self.letters.pow(self.kmer as u32)
    }

    /// Rows of a table: a power of two, so that masking an index proves it in bounds.
    #[inline(always)]
    pub(crate) fn rows(&self) -> usize {
        if self.codes() <= 256 { 256 } else { MAX_ROWS }
    }

    /// Entries of a patch.
    #[inline(always)]
    pub(crate) fn patch(&self) -> usize {
        self.width * self.letters
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.offsets.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_window_is_owned_once() {
        for letters in [2, 4, 20, 254] {
            for width in 1..41 {
                let blocks = Blocks::new(letters, width);
                let mut owners = vec![0; width];
                for (offset, from) in blocks.offsets.iter().zip(&blocks.owned_from) {
                    assert!(offset + blocks.kmer <= width);
                    owners[offset + from..offset + blocks.kmer].iter_mut().for_each(|owner| *owner += 1);
                }
                assert!(owners.iter().all(|&owner| owner == 1), "{letters} letters, width {width}");
                assert!(blocks.codes() <= blocks.rows());
            }
        }
    }
}
