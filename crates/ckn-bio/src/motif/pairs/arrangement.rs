//! How two sites stand to one another, whichever strand a sequence is read on.

use std::fmt;

use ckn_core::metrics::pearson;

use crate::motif::{Hit, Motif};
use crate::simulate::Strand;

/// Order and direction of two sites; those that the reverse complement turns into one another are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arrangement {
    /// The first motif, and after it, on the same strand, the second.
    FirstThenSecond,
    /// The second motif, and after it, on the same strand, the first.
    SecondThenFirst,
    /// Each reads towards the other.
    Facing,
    /// Each reads away from the other.
    BackToBack,
}

impl fmt::Display for Arrangement {
    /// The sites from left to right, each with the direction that it reads in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstThenSecond => "1> 2>",
            Self::SecondThenFirst => "2> 1>",
            Self::Facing => "1> <2",
            Self::BackToBack => "<1 2>",
        })
    }
}

/// Two sites of one sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Joint {
    /// Starts and strands.
    pub(super) sites: [(usize, Strand); 2],
    pub(super) arrangement: Arrangement,
    /// Letters between them.
    pub(super) gap: usize,
}

/// What of two motifs says how their sites stand to one another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) widths: [usize; 2],
    pub(super) palindromes: [bool; 2],
    pub(super) both_strands: bool,
    pub(super) same: bool,
}

/// Correlation with its own reverse complement from which on a motif has no direction.
const PALINDROME: f64 = 0.9;

/// Whether a motif reads the same on both strands.
pub(super) fn is_palindrome(motif: &Motif) -> bool {
    let turned = motif.reverse_complement().ok();
    let correlation =
        turned.and_then(|turned| pearson(motif.probabilities.values(), turned.probabilities.values()).value());
    correlation.is_some_and(|correlation| correlation >= PALINDROME)
}

impl Places {
    /// The arrangements that can be told apart.
    pub(super) fn arrangements(&self) -> &'static [Arrangement] {
        use Arrangement::{BackToBack, Facing, FirstThenSecond, SecondThenFirst};
        match (self.both_strands, self.palindromes, self.same) {
            (_, [true, true], _) | (false, _, true) => &[FirstThenSecond],
            (false, _, false) | (true, [true, false] | [false, true], _) => &[FirstThenSecond, SecondThenFirst],
            (true, [false, false], true) => &[FirstThenSecond, Facing, BackToBack],
            (true, [false, false], false) => &[FirstThenSecond, SecondThenFirst, Facing, BackToBack],
        }
    }

    /// Arrangement and gap of two sites; `None` if they overlap.
    ///
    /// Starts are counted from anywhere. A palindrome reads in the direction of the other motif.
    pub(super) fn arranged(&self, starts: [i64; 2], strands: [Strand; 2]) -> Option<(Arrangement, usize)> {
        let [first_end, second_end] = [0, 1].map(|site| starts[site] + self.widths[site] as i64);
        let (first_is_left, gap) = match starts[0] <= starts[1] {
            true => (true, starts[1] - first_end),
            false => (false, starts[0] - second_end),
        };
        let gap = usize::try_from(gap).ok()?;
        let strands = match self.palindromes {
            [true, true] => [Strand::Forward; 2],
            [true, false] => [strands[1]; 2],
            [false, true] => [strands[0]; 2],
            [false, false] => strands,
        };
        let left_to_right = if first_is_left { strands } else { [strands[1], strands[0]] };
        let arrangement = match left_to_right {
            [Strand::Forward, Strand::Reverse] => Arrangement::Facing,
            [Strand::Reverse, Strand::Forward] => Arrangement::BackToBack,
            [direction, _] => {
                let in_order = first_is_left == (direction == Strand::Forward);
                match in_order || self.same || self.palindromes == [true, true] {
                    true => Arrangement::FirstThenSecond,
                    false => Arrangement::SecondThenFirst,
                }
            }
        };
        Some((arrangement, gap))
    }

    /// The two hits of a sequence that do not overlap and score best together; of equal ones the first.
    pub(super) fn best(&self, some: &[Hit], others: &[Hit]) -> Option<Joint> {
        let mut best: Option<(f64, Joint)> = None;
        for hit in some {
            for other in others {
                // Each two of one motif once.
                if self.same && hit.position >= other.position {
                    continue;
                }
                let score = hit.score + other.score;
                if best.is_some_and(|(most, _)| score <= most) {
                    continue;
                }
                let starts = [hit, other].map(|hit| hit.position as i64);
                if let Some((arrangement, gap)) = self.arranged(starts, [hit.strand, other.strand]) {
                    let sites = [hit, other].map(|hit| (hit.position, hit.strand));
                    best = Some((score, Joint { sites, arrangement, gap }));
                }
            }
        }
        best.map(|(_, joint)| joint)
    }
}
