//! How much of a sequence is G or C.

/// Letters that are G or C, and letters that are known, of DNA or RNA.
pub(super) fn counts(tokens: &[u8]) -> (usize, usize) {
    // A, C, G and T (or U) are the tokens 0 to 3.
    let strong = tokens.iter().filter(|&&token| token == 1 || token == 2).count();
    let known = tokens.iter().filter(|&&token| token < 4).count();
    (strong, known)
}

/// The GC content of the known letters; `None` if no letter is known.
pub(super) fn content(tokens: &[u8]) -> Option<f64> {
    let (strong, known) = counts(tokens);
    (known > 0).then(|| strong as f64 / known as f64)
}

/// The mean GC content of sequences; NaN if none has a known letter.
pub(super) fn mean<'a>(sequences: impl Iterator<Item = &'a [u8]>) -> f64 {
    let (sum, count) = sequences.filter_map(content).fold((0.0, 0), |(sum, count), share| (sum + share, count + 1));
    sum / f64::from(count)
}
