//! Scores of every window of a long sequence, by a network.

use ckn_core::head::LinearHead;
use ckn_core::network::{Prepared, SlidingScores};
use ckn_core::pooling::{Border, Strands};
use ckn_core::{LetterTable, TokenView};
use rayon::prelude::*;

use super::{ScannedStrands, WindowScores};
use crate::{Error, NetworkView};

/// Windows that are copied out at once where windows have to be embedded one by one.
const COPIED: usize = 1 << 10;

/// A network made ready to score every window of `length` letters, at stride 1: sums and maxima slide along the sequence, or
/// every window is embedded on its own.
#[derive(Debug)]
pub(super) struct NetworkScanner<'a> {
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

impl<'a> NetworkScanner<'a> {
    /// Makes a network ready for windows that are long enough for it, of its alphabet.
    ///
    /// # Errors
    /// Those of [`super::Scanner::new`].
    pub(super) fn new(
        model: NetworkView<'a>,
        table: &'a LetterTable,
        length: usize,
        strands: ScannedStrands,
    ) -> Result<Self, Error> {
        let network = model.network();
        let config = network.config();
        let head = model.only_head()?;
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

    /// Whether windows have a strand: `false` for one strand, and for the mean of both.
    pub(super) fn is_stranded(&self) -> bool {
        self.join == Join::Larger
    }

    /// What every word of known letters is worth, both strands joined, `[4^width]`; `None` where a sum over few anchor points takes
    /// no longer than looking it up, and for the better one of two strands.
    ///
    /// # Errors
    /// Failures of the inverse root.
    pub(super) fn word_values(&self) -> Result<Option<Vec<f32>>, Error> {
        let network = self.model.network();
        let config = network.config();
        if !config.has_word_values() || self.join == Join::Larger || config.border != Border::Valid {
            return Ok(None);
        }
        let (anchors, width) = (network.layers()[0].anchors(), config.layers[0].width);
        let root = config.inverse_root(0, anchors)?;
        let anchors: Vec<f64> = anchors.iter().map(|&value| f64::from(value)).collect();
        let values = config.word_values(&anchors, root.matrix(), self.head.weights())?;
        let value = |word: usize| match (self.join, self.table.complement()) {
            (Join::Mean, Some(map)) => {
                let turned = (0..width).fold(0, |code, at| code << 2 | usize::from(map[word >> (2 * at) & 3]));
                0.5 * (values[word] + values[turned])
            }
            _ => values[word],
        };
        Ok(Some((0..values.len()).into_par_iter().map(|word| value(word) as f32).collect()))
    }

    /// Scores of every window of a piece of known letters, by the values of words.
    pub(super) fn slide_words(&self, values: &[f32], tokens: &[u8], scores: &mut Vec<f64>) {
        let config = self.model.network().config();
        let (width, patches) = (config.layers[0].width, self.length + 1 - config.layers[0].width);
        let (share, intercept) = (config.pooling.share(patches), self.head.intercept());
        let value = |code: usize| f64::from(values[code & (values.len() - 1)]);
        let (mut come, mut gone, mut sum) = (0, 0, 0.0);
        for (end, &token) in tokens.iter().enumerate() {
            come = come << 2 | usize::from(token);
            if end + 1 >= width {
                sum += value(come);
            }
            if let Some(last) = (end + 1).checked_sub(self.length) {
                scores.push(intercept + share * sum);
                // The first word of this window leaves.
                if last == 0 {
                    gone = tokens[..width].iter().fold(0, |code, &token| code << 2 | usize::from(token));
                } else {
                    gone = gone << 2 | usize::from(tokens[last + width - 1]);
                }
                sum -= value(gone);
            }
        }
    }

    /// Scores every window of a piece that has one.
    pub(super) fn score(&self, tokens: &[u8], out: &mut WindowScores) -> Result<(), Error> {
        let windows = tokens.len() + 1 - self.length;
        let offsets = [0, tokens.len()];
        let view = TokenView::new(tokens, &offsets, self.table)?;
        match &self.kind {
            Kind::Sliding(sliding) => {
                let index = sliding.index(view)?;
                sliding.score(&index, 0, &mut out.sliding, &mut out.scores)?;
                if self.join != Join::Forward {
                    sliding.score(&index, 1, &mut out.sliding, &mut out.other)?;
                }
            }
            Kind::Embedded(encoder) => self.embed(encoder, tokens, windows, out)?,
        }
        self.join(windows, out);
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
            Join::Larger => out.take_larger(),
            Join::Mean => {
                out.reverse.resize(windows, false);
                out.scores.iter_mut().zip(&out.other).for_each(|(score, other)| *score = 0.5 * (*score + other));
            }
        }
    }
}
