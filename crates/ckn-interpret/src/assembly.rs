//! From matrices of single anchors to motifs: those that show the same site are laid over one another.
//!
//! A site is seen by several anchors: shifted, as the reverse complement, in its variants, and piece by piece where it is
//! wider than the window.

use ckn_bio::motif::compare::{Alignment, best_alignment};
use ckn_bio::motif::{Background, Probabilities};
use ckn_bio::simulate::Strand;

use crate::Error;

/// Correlation over the overlap above which two matrices show the same site.
const ALIKE: f64 = 0.8;
/// Correlation above which a matrix is a variant of a heavier one, and no motif of its own.
pub(crate) const VARIANT: f64 = 0.7;
/// Columns that must overlap.
const OVERLAP: usize = 6;
/// Columns without information that part two motifs.
const GAP: usize = 4;

/// One anchor's matrix, and how much it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) anchor: usize,
    pub(crate) matrix: Probabilities,
    pub(crate) weight: f64,
}

/// Matrices that show the same site, as one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Assembled {
    /// Anchors, the heaviest first.
    pub(crate) anchors: Vec<usize>,
    pub(crate) matrix: Probabilities,
}

/// Joins pieces, the heaviest first: each goes to the first motif that it overlaps and is like, or starts its own.
///
/// A column is the mean of the pieces that cover it, by weight; one that little covers, less than half of what the best
/// covered column has, is drawn towards the background, as it is known from few. Ends below `bits` of information are cut.
pub(crate) fn assemble(
    pieces: &[Piece],
    background: &Background,
    both_strands: bool,
    bits: f64,
) -> Result<Vec<Assembled>, Error> {
    let mut order: Vec<&Piece> = pieces.iter().filter(|piece| piece.weight > 0.0).collect();
    order.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.anchor.cmp(&b.anchor)));
    let mut stacks: Vec<Stack> = Vec::new();
    for piece in order {
        let mut home = None;
        for (at, stack) in stacks.iter().enumerate() {
            let alignment = aligned(&stack.matrix(background)?, &piece.matrix, both_strands, ALIKE)?;
            if let Some(alignment) = alignment {
                home = Some((at, alignment));
                break;
            }
        }
        match home {
            Some((at, alignment)) => stacks[at].add(piece, alignment)?,
            None => stacks.push(Stack::new(piece)),
        }
    }
    let finish = |stack: Stack| {
        let (matrix, _) = stack.matrix(background)?.trimmed(bits, background)?;
        Ok(Assembled { anchors: stack.anchors, matrix })
    };
    stacks.into_iter().map(finish).collect()
}

/// Where a matrix lies over another that it correlates with; `None` if it does not.
pub(crate) fn aligned(
    first: &Probabilities,
    second: &Probabilities,
    both_strands: bool,
    correlation: f64,
) -> Result<Option<Alignment>, Error> {
    let overlap = OVERLAP.min(first.width()).min(second.width());
    let best = best_alignment(first, second, overlap, both_strands)?;
    Ok(best.filter(|alignment| alignment.correlation >= correlation))
}

/// Parts of a matrix between gaps of at least four columns below `bits` of information: sites that stand at a distance.
pub(crate) fn parts(matrix: &Probabilities, background: &Background, bits: f64) -> Result<Vec<Probabilities>, Error> {
    let information = matrix.information(background)?;
    let letters = matrix.alphabet().letters().len();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for at in (0..information.len()).filter(|&at| information[at] >= bits) {
        match ranges.last_mut() {
            Some((_, end)) if at < *end + GAP => *end = at + 1,
            _ => ranges.push((at, at + 1)),
        }
    }
    let cut = |(start, end): (usize, usize)| {
        Ok(Probabilities::new(matrix.alphabet(), matrix.values()[start * letters..end * letters].to_vec())?)
    };
    ranges.into_iter().map(cut).collect()
}

/// Sums of weighted columns.
struct Stack {
    anchors: Vec<usize>,
    alphabet: ckn_bio::Alphabet,
    /// `[columns, letters]`.
    sums: Vec<f64>,
    /// `[columns]`.
    weights: Vec<f64>,
}

impl Stack {
    fn new(piece: &Piece) -> Self {
        Self {
            anchors: vec![piece.anchor],
            alphabet: piece.matrix.alphabet(),
            sums: piece.matrix.values().iter().map(|value| value * piece.weight).collect(),
            weights: vec![piece.weight; piece.matrix.width()],
        }
    }

    fn add(&mut self, piece: &Piece, alignment: Alignment) -> Result<(), Error> {
        let matrix = match alignment.strand {
            Strand::Forward => piece.matrix.clone(),
            Strand::Reverse => piece.matrix.reverse_complement()?,
        };
        let letters = self.alphabet.letters().len();
        // Where the piece's first column lies.
        let start = -alignment.offset;
        let before = (-start).max(0) as usize;
        self.sums.splice(0..0, std::iter::repeat_n(0.0, before * letters));
        self.weights.splice(0..0, std::iter::repeat_n(0.0, before));
        let start = start.max(0) as usize;
        let width = self.weights.len().max(start + matrix.width());
        self.weights.resize(width, 0.0);
        self.sums.resize(width * letters, 0.0);
        self.weights[start..start + matrix.width()].iter_mut().for_each(|weight| *weight += piece.weight);
        let slots = self.sums[start * letters..].iter_mut();
        slots.zip(matrix.values()).for_each(|(slot, value)| *slot += piece.weight * value);
        self.anchors.push(piece.anchor);
        Ok(())
    }

    fn matrix(&self, background: &Background) -> Result<Probabilities, Error> {
        let most = self.weights.iter().copied().fold(0.0, f64::max);
        let letters = self.alphabet.letters().len();
        let columns = self.sums.chunks_exact(letters).zip(&self.weights);
        let values = columns.flat_map(|(column, &weight)| {
            let known = weight.max(0.5 * most);
            let rest = known - weight;
            column.iter().zip(background.frequencies()).map(move |(sum, b)| (sum + rest * b) / known)
        });
        Ok(Probabilities::new(self.alphabet, values.collect())?)
    }
}
