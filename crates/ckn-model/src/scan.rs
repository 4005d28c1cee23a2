//! Scores of every window of a long sequence.

use ckn_core::head::LinearHead;
use ckn_core::network::{Prepared, SlidingScores, SlidingScratch};
use ckn_core::pooling::Strands;
use ckn_core::{LetterTable, TokenView};

use crate::{Error, NetworkView};

/// Windows that a scanner likes to see at once; results may be cut anywhere.
const TILE: usize = 1 << 14;
/// Windows that are copied out at once where windows have to be embedded one by one.
const COPIED: usize = 1 << 10;

/// Which strands a scan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannedStrands {
    /// As the sequence stands.
    Forward,
    /// Both: of each window, the strand of the larger score (or the mean, if the network was trained on
    /// [`Strands::Mean`]).
    Both,
}

/// A network made ready to score every window of `length` letters, at stride 1.
///
/// A window's score is that of [`crate::Model::scores`] for its letters (and, where a network of one strand is asked for both,
/// the larger one of the window and of its reverse complement), up to rounding in `f32`. Windows of which more than half
/// of the letters are unknown are not scored.
///
/// With one layer and valid borders, sums and maxima slide along the sequence; otherwise every window is embedded on its
/// own.
#[derive(Debug)]
pub struct Scanner<'a> {
    model: NetworkView<'a>,
    head: &'a LinearHead,
    table: &'a LetterTable,
    length: usize,
    join: Join,
    kind: Kind,
}

/// How the scores of both strands become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Forward,
    Larger,
    Mean,
}

#[derive(Debug)]
enum Kind {
    /// Sums or maxima that slide.
    Sliding(SlidingScores),
    /// Windows that are embedded one by one.
    Embedded(Box<Prepared<f32>>),
}

/// Scores of consecutive windows, in memory that is used again.
#[derive(Debug, Clone, Default)]
pub struct WindowScores {
    /// Score of each window; NaN where it was not scored.
    pub scores: Vec<f64>,
    /// Whether the score is that of the reverse strand.
    pub reverse: Vec<bool>,
    other: Vec<f64>,
    scratch: SlidingScratch,
}

impl<'a> Scanner<'a> {
    /// Makes a model ready for windows of `length` letters.
    ///
    /// # Errors
    /// [`Error::Outputs`] for a model of several outputs; [`Error::Alphabet`] for a table of another number of letters; [`Error::WindowLength`] for windows too short for the
    /// network; [`ckn_core::Error::NoComplement`] for both strands of an alphabet without complement; failures of the
    /// inverse root.
    pub fn new(
        model: NetworkView<'a>,
        table: &'a LetterTable,
        length: usize,
        strands: ScannedStrands,
    ) -> Result<Self, Error> {
        let network = model.network();
        let config = network.config();
        model.card().check_alphabet(config.letters, table)?;
        let head = model.only_head()?;
        if length < config.shortest_sequence() {
            return Err(Error::WindowLength { got: length, shortest: config.shortest_sequence() });
        }
        let join = match (config.strands, strands) {
            (Strands::Max, _) | (Strands::Forward, ScannedStrands::Both) => Join::Larger,
            (Strands::Mean, _) => Join::Mean,
            (Strands::Forward, ScannedStrands::Forward) => Join::Forward,
        };
        if join != Join::Forward && table.complement().is_none() {
            return Err(ckn_core::Error::NoComplement.into());
        }
        let both = join != Join::Forward;
        let kind = match SlidingScores::new(config, &network.anchors(), head, table, length, both)? {
            Some(sliding) => Kind::Sliding(sliding),
            None => Kind::Embedded(Box::new(network.prepared(table)?)),
        };
        Ok(Self { model, head, table, length, join, kind })
    }

    /// Letters of a window.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Windows of a piece of a good size for the caches: enough that the letters that neighbouring pieces share do not
    /// matter.
    pub fn tile(&self) -> usize {
        TILE.max(8 * self.length)
    }

    /// Whether windows have a strand: `false` for one strand, and for the mean of both.
    pub fn is_stranded(&self) -> bool {
        self.join == Join::Larger
    }

    /// Scores every window of a piece of sequence, on this thread unless windows are embedded one by one.
    ///
    /// The score of a window depends on where the piece starts only by rounding of running sums in `f64`.
    ///
    /// # Shapes
    /// tokens `[n]` → `n − length + 1` windows; none for a shorter piece.
    ///
    /// # Errors
    /// [`ckn_core::Error::Token`] for a token that the table does not have.
    pub fn score(&self, tokens: &[u8], out: &mut WindowScores) -> Result<(), Error> {
        out.scores.clear();
        out.reverse.clear();
        let windows = (tokens.len() + 1).saturating_sub(self.length);
        if windows == 0 {
            return Ok(());
        }
        let unknown = |token: &&u8| !self.table.is_letter(**token);
        let any_unknown = tokens.iter().any(|token| unknown(&token));
        if any_unknown && tokens.iter().filter(unknown).count() > tokens.len() - self.length.div_ceil(2) {
            // No window can have known letters for its half.
            out.scores.resize(windows, f64::NAN);
            out.reverse.resize(windows, false);
            return Ok(());
        }
        let offsets = [0, tokens.len()];
        let view = TokenView::new(tokens, &offsets, self.table)?;
        match &self.kind {
            Kind::Sliding(sliding) => {
                let index = sliding.index(view)?;
                sliding.score(&index, 0, &mut out.scratch, &mut out.scores)?;
                if self.join != Join::Forward {
                    sliding.score(&index, 1, &mut out.scratch, &mut out.other)?;
                }
            }
            Kind::Embedded(encoder) => self.embed(encoder, tokens, windows, out)?,
        }
        self.join(windows, out);
        if any_unknown {
            self.mask(tokens, &mut out.scores);
        }
        Ok(())
    }

    /// Copies windows out, and embeds each.
    fn embed(
        &self,
        encoder: &Prepared<f32>,
        tokens: &[u8],
        windows: usize,
        out: &mut WindowScores,
    ) -> Result<(), Error> {
        let strands = self.model.network().config().strands;
        let both = strands == Strands::Forward && self.join == Join::Larger;
        out.other.clear();
        let (mut copies, mut turned, mut embeddings) = (Vec::new(), Vec::new(), Vec::new());
        for start in (0..windows).step_by(COPIED) {
            let count = COPIED.min(windows - start);
            copies.clear();
            (start..start + count).for_each(|at| copies.extend_from_slice(&tokens[at..at + self.length]));
            let offsets: Vec<usize> = (0..=count).map(|window| window * self.length).collect();
            let records: Vec<usize> = (0..count).collect();
            turned.clear();
            if both {
                for window in copies.chunks_exact(self.length) {
                    turned.extend(self.table.reverse_complement(window)?);
                }
            }
            for (letters, reverse) in [(&copies, false), (&turned, true)] {
                if reverse && !both {
                    continue;
                }
                let view = TokenView::new(letters, &offsets, self.table)?;
                embeddings.resize(count * encoder.row(), 0.0);
                encoder.embed(&encoder.config().index(view)?, &records, &mut embeddings)?;
                for row in embeddings.chunks_exact(encoder.row()) {
                    // Strands that the network itself embeds are joined by `join`, which also says which one it was.
                    let mut each = row.chunks_exact(row.len() / strands.count());
                    let mut next = || each.next().map(|strand| self.head.strand_score(strand));
                    match (reverse, next(), next()) {
                        (true, Some(score), _) => out.other.push(score),
                        (false, Some(forward), other) => {
                            out.scores.push(forward);
                            out.other.extend(other);
                        }
                        (_, None, _) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Joins the scores of both strands into those of windows.
    fn join(&self, windows: usize, out: &mut WindowScores) {
        match self.join {
            Join::Forward => out.reverse.resize(windows, false),
            Join::Larger => {
                out.reverse.extend(out.scores.iter().zip(&out.other).map(|(forward, reverse)| reverse > forward));
                out.scores.iter_mut().zip(&out.other).for_each(|(score, other)| *score = score.max(*other));
            }
            Join::Mean => {
                out.reverse.resize(windows, false);
                out.scores.iter_mut().zip(&out.other).for_each(|(score, other)| *score = 0.5 * (*score + other));
            }
        }
    }

    /// Takes back the scores of windows that are mostly unknown.
    fn mask(&self, tokens: &[u8], scores: &mut [f64]) {
        let unknown = |token: &u8| usize::from(!self.table.is_letter(*token));
        let mut count: usize = tokens[..self.length].iter().map(unknown).sum();
        for (start, score) in scores.iter_mut().enumerate() {
            if 2 * count > self.length {
                *score = f64::NAN;
            }
            count -= unknown(&tokens[start]);
            count += tokens.get(start + self.length).map_or(0, unknown);
        }
    }
}
