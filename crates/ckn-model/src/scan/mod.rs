//! Scores of every window of a long sequence, by a model of any kind.

mod member;
mod network;
mod words;

use ckn_core::LetterTable;
use ckn_core::pooling::Strands;

use self::member::{MemberScratch, Members};
use self::network::{NetworkScanner, NetworkScratch};
use crate::{Error, Model};

/// Windows that a scanner likes to see at once; results may be cut anywhere.
const TILE: usize = 1 << 14;

/// Which strands a scan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannedStrands {
    /// As the sequence stands.
    Forward,
    /// Both: of each window, the strand of the larger score (or the model's own joining of both, if it reads both).
    Both,
}

/// A model made ready to score every window of `length` letters, at stride 1.
///
/// A window's score is that of [`Model::scores`] for its letters (and, where a model of one strand is asked for both, the larger
/// one of the window and of its reverse complement), up to rounding in `f32`. Windows of which more than half of the letters are
/// unknown are not scored.
///
/// With one layer and valid borders, sums and maxima slide along the sequence; so do the sums of machines that are tables of
/// words, and the numbers of pairs by which they are normalised. The latter take most of the time, and bounds of them are
/// known: where only scores above a floor matter, few windows need them ([`Self::score_above`]). An ensemble is scanned by its
/// members. Otherwise every window is scored on its own.
#[derive(Debug)]
pub struct Scanner<'a> {
    table: &'a LetterTable,
    length: usize,
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    /// A network, where a score is that of the better strand.
    Network(NetworkScanner<'a>),
    /// Another; `turned` if the reverse complement is to be scored, too, as the model does not.
    Other { scores: Box<Members<'a>>, turned: bool },
}

/// Scores of consecutive windows, in memory that is used again.
#[derive(Debug, Clone, Default)]
pub struct WindowScores {
    /// Score of each window; NaN where it was not scored, negative infinity where it cannot be above the floor.
    pub scores: Vec<f64>,
    /// Whether the score is that of the reverse strand.
    pub reverse: Vec<bool>,
    other: Vec<f64>,
    network: NetworkScratch,
    members: MemberScratch,
}

impl<'a> Scanner<'a> {
    /// Makes a model ready for windows of `length` letters.
    ///
    /// # Errors
    /// [`Error::Outputs`] for a model of several outputs; [`Error::Alphabet`] for a table of another number of letters;
    /// [`Error::WindowLength`] for windows too short for the model; [`ckn_core::Error::NoComplement`] for both strands of an
    /// alphabet without complement; failures of the inverse root.
    ///
    /// # Example
    /// ```
    /// use ckn_core::{LetterTable, loss::Loss};
    /// use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig, ScannedStrands, Scanner, WindowScores};
    ///
    /// // The anchor point "AC".
    /// let anchors = vec![vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]];
    /// let network = Network::new(NetworkConfig::of_one_layer(4, 1, 2).check()?, anchors)?;
    /// let card = ModelCard::new("dna", "ACGT", Loss::Logistic);
    /// let model = Model::of_network(network, vec![LinearHead::new(vec![1.0], 0.0)?], card)?;
    /// let table = LetterTable::new(4, &[], None)?;
    /// let scanner = Scanner::new(&model, &table, 3, ScannedStrands::Forward)?;
    /// let mut windows = WindowScores::default();
    /// // GGACGG has four windows of three letters, of which two hold "AC".
    /// scanner.score(&[2, 2, 0, 1, 2, 2], &mut windows)?;
    /// assert_eq!(windows.scores.len(), 4);
    /// assert!(windows.scores[1] > windows.scores[0] && windows.scores[2] > windows.scores[3]);
    /// # Ok::<(), ckn_model::Error>(())
    /// ```
    pub fn new(
        model: &'a Model,
        table: &'a LetterTable,
        length: usize,
        strands: ScannedStrands,
    ) -> Result<Self, Error> {
        model.check_alphabet(table)?;
        model.card().check_one_output()?;
        let shortest = model.shortest_sequence();
        if length < shortest {
            return Err(Error::WindowLength { got: length, shortest });
        }
        let turned = strands == ScannedStrands::Both && model.strands() == Strands::Forward;
        if turned && table.complement().is_none() {
            return Err(ckn_core::Error::NoComplement.into());
        }
        let kind = match model.network() {
            Some(network) if turned || model.strands() == Strands::Max => {
                Kind::Network(NetworkScanner::new(network, table, length, strands)?)
            }
            _ => Kind::Other { scores: Box::new(Members::new(model, table, length)?), turned },
        };
        Ok(Self { table, length, kind })
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

    /// Whether windows have a strand: `false` for one strand, and where the model joins both to one number itself.
    pub fn is_stranded(&self) -> bool {
        match &self.kind {
            Kind::Network(network) => network.is_stranded(),
            Kind::Other { turned, .. } => *turned,
        }
    }

    /// Scores every window of a piece of sequence, on this thread unless windows are scored one by one.
    ///
    /// The score of a window depends on where the piece starts only by rounding of running sums in `f64`.
    ///
    /// # Shapes
    /// tokens `[n]` → `n − length + 1` windows; none for a shorter piece.
    ///
    /// # Errors
    /// [`ckn_core::Error::Token`] for a token that the table does not have.
    pub fn score(&self, tokens: &[u8], out: &mut WindowScores) -> Result<(), Error> {
        self.score_above(tokens, f64::NEG_INFINITY, out)
    }

    /// Scores the windows of a piece as [`Self::score`] does, to the bit; a score of at most `floor` becomes negative infinity.
    ///
    /// # Errors
    /// Those of [`Self::score`].
    pub fn score_above(&self, tokens: &[u8], floor: f64, out: &mut WindowScores) -> Result<(), Error> {
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
        match &self.kind {
            Kind::Network(network) => network.score(tokens, &mut out.network, &mut out.scores, &mut out.reverse)?,
            Kind::Other { scores, turned } => {
                scores.score(tokens, floor, &mut out.members, &mut out.scores)?;
                if *turned {
                    let reverse: Vec<u8> = self.table.reverse_complement(tokens)?.collect();
                    scores.score(&reverse, floor, &mut out.members, &mut out.other)?;
                    out.other.reverse();
                    take_larger(&mut out.scores, &out.other, &mut out.reverse);
                }
            }
        }
        out.reverse.resize(windows, false);
        if any_unknown {
            self.mask(tokens, &mut out.scores);
        }
        out.scores.iter_mut().filter(|score| **score <= floor).for_each(|score| *score = f64::NEG_INFINITY);
        Ok(())
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

/// Of both strands, the larger score, and whether it is the other one's.
fn take_larger(scores: &mut [f64], other: &[f64], reverse: &mut Vec<bool>) {
    reverse.clear();
    reverse.extend(scores.iter().zip(other).map(|(forward, other)| other > forward));
    scores.iter_mut().zip(other).for_each(|(score, other)| *score = score.max(*other));
}
