//! Windows of a genome that resemble positives in length and GC content, and nothing else: negatives of real sequence.
//!
//! Shuffles keep the composition of every single positive, but not the repeats, codons and other order of a genome, which a
//! model may then learn in place of the motif. Windows of the genome have all of these; matching their GC content keeps a
//! model from learning that alone, which differs between open and closed chromatin.

mod candidates;
mod gc;
mod matching;
mod occupied;

pub use matching::{Matched, Matching, matched_windows};
