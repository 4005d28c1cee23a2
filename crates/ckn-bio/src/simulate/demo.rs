//! Motifs written by hand for demonstrations and tests.

use crate::alphabet::Alphabet;
use crate::motif::{Motif, Probabilities};

const STRONG: f64 = 0.94;
const WEAK: f64 = 0.02;

const A: [f64; 4] = [STRONG, WEAK, WEAK, WEAK];
const C: [f64; 4] = [WEAK, STRONG, WEAK, WEAK];
const G: [f64; 4] = [WEAK, WEAK, STRONG, WEAK];
const T: [f64; 4] = [WEAK, WEAK, WEAK, STRONG];
const R: [f64; 4] = [0.48, 0.02, 0.48, 0.02];
const Y: [f64; 4] = [0.02, 0.48, 0.02, 0.48];
const W: [f64; 4] = [0.45, 0.05, 0.05, 0.45];
const MOSTLY_G: [f64; 4] = [0.15, 0.10, 0.65, 0.10];
const MOSTLY_C: [f64; 4] = [0.10, 0.65, 0.10, 0.15];

/// `gtCACGTGac`: an E-box, its own reverse complement, with weak flanks.
const E_BOX: [[f64; 4]; 10] =
    [MOSTLY_G, [0.15, 0.15, 0.10, 0.60], C, A, C, G, T, G, [0.60, 0.10, 0.15, 0.15], MOSTLY_C];

/// `RTGAYWWCATRY`-like: longer, degenerate, different on each strand.
const DEGENERATE: [[f64; 4]; 14] = [R, T, G, A, Y, W, W, MOSTLY_C, A, T, R, Y, MOSTLY_G, W];

/// Two motifs: an E-box of 10 bp that reads the same on both strands, and a degenerate motif of 14 bp that does not.
///
/// ```
/// use ckn_bio::simulate::demo_motifs;
/// assert_eq!(demo_motifs()[0].probabilities.width(), 10);
/// ```
pub fn demo_motifs() -> Vec<Motif> {
    [("E-box", &E_BOX[..]), ("degenerate", &DEGENERATE[..])]
        .into_iter()
        .filter_map(|(name, columns)| Some(Motif::new(name, Probabilities::new(Alphabet::Dna, columns.concat()).ok()?)))
        .collect()
}

/// `AGATAAGG`: a motif that does not read the same on both strands.
const FIRST: [[f64; 4]; 8] = [A, G, A, T, A, A, G, MOSTLY_G];

/// `CATTCCAG`: unlike the other, on either strand.
const SECOND: [[f64; 4]; 8] = [MOSTLY_C, A, T, T, C, C, A, G];

/// Two motifs of 8 bp, unlike each other and their reverse complements, for sequences in which both stand together.
///
/// ```
/// use ckn_bio::simulate::demo_pair;
/// assert_eq!(demo_pair().len(), 2);
/// ```
pub fn demo_pair() -> Vec<Motif> {
    [("first", &FIRST[..]), ("second", &SECOND[..])]
        .into_iter()
        .filter_map(|(name, columns)| Some(Motif::new(name, Probabilities::new(Alphabet::Dna, columns.concat()).ok()?)))
        .collect()
}
