//! Scores of every window of a long sequence, by a network.

use ckn_core::head::LinearHead;
use ckn_core::mismatch::reverse_complement;
use ckn_core::network::{Prepared, SlidingScores, SlidingScratch};
use ckn_core::pooling::Strands;
use ckn_core::{LetterTable, TokenView};

use super::{ScannedStrands, take_larger};
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

/// A network as a table: the score of a window of known letters is the intercept and the share times the sum of its words' values.
#[derive(Debug)]
pub(super) struct TabledNetwork {
    pub(super) width: usize,
    pub(super) share: f64,
    pub(super) intercept: f64,
    /// `[4^width]`, the first letter the most significant digit.
    pub(super) values: Vec<f32>,
}

/// Memory that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub(super) struct NetworkScratch {
    sliding: SlidingScratch,
    other: Vec<f64>,
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

    /// The network as a table of words, both strands joined; `None` where a sum over few anchor points takes no longer than looking it
    /// up, and for the better one of two strands.
    ///
    /// # Errors
    /// Those of [`word_values`](ckn_core::network::CheckedConfig::word_values).
    pub(super) fn tabled(&self) -> Result<Option<TabledNetwork>, Error> {
        let network = self.model.network();
        let config = network.config();
        let weights = match &self.kind {
            Kind::Sliding(sliding) if config.has_word_values() && self.join != Join::Larger => sliding.patch_weights(),
            Kind::Sliding(_) | Kind::Embedded(_) => None,
        };
        let Some(weights) = weights else { return Ok(None) };
        let width = config.layers[0].width;
        let mut values = config.word_values::<_, f32>(network.layers()[0].anchors(), weights)?;
        if let (Join::Mean, Some(map)) = (self.join, self.table.complement()) {
            let (first, second) = (turned(width / 2, map), turned(width - width / 2, map));
            for (high, turned_high) in first.iter().enumerate() {
                for (low, turned_low) in second.iter().enumerate() {
                    let (word, turned) = (high * second.len() + low, turned_low * first.len() + turned_high);
                    if word < turned {
                        let mean = 0.5 * (values[word] + values[turned]);
                        (values[word], values[turned]) = (mean, mean);
                    }
                }
            }
        }
        let share = config.pooling.share(self.length + 1 - width);
        Ok(Some(TabledNetwork { width, share, intercept: self.head.intercept(), values }))
    }

    /// Scores every window of a piece that has one; `reverse` says where a score is that of the reverse strand.
    pub(super) fn score(
        &self,
        tokens: &[u8],
        scratch: &mut NetworkScratch,
        scores: &mut Vec<f64>,
        reverse: &mut Vec<bool>,
    ) -> Result<(), Error> {
        let windows = tokens.len() + 1 - self.length;
        let offsets = [0, tokens.len()];
        let view = TokenView::new(tokens, &offsets, self.table)?;
        let NetworkScratch { sliding: memory, other } = scratch;
        match &self.kind {
            Kind::Sliding(sliding) => {
                let index = sliding.index(view)?;
                sliding.score(&index, 0, memory, scores)?;
                if self.join != Join::Forward {
                    sliding.score(&index, 1, memory, other)?;
                }
            }
            Kind::Embedded(encoder) => self.embed(encoder, tokens, windows, scores, other)?,
        }
        match self.join {
            Join::Larger => take_larger(scores, other, reverse),
            Join::Mean => scores.iter_mut().zip(other).for_each(|(score, other)| *score = 0.5 * (*score + *other)),
            Join::Forward => {}
        }
        Ok(())
    }

    /// Copies windows out, and embeds each.
    fn embed(
        &self,
        encoder: &Prepared<f32>,
        tokens: &[u8],
        windows: usize,
        scores: &mut Vec<f64>,
        other: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let strands = self.model.network().config().strands;
        let both = strands == Strands::Forward && self.join == Join::Larger;
        other.clear();
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
                        (true, Some(score), _) => other.push(score),
                        (false, Some(forward), backward) => {
                            scores.push(forward);
                            other.extend(backward);
                        }
                        (_, None, _) => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// The reverse complement of every word of some letters.
fn turned(letters: usize, complement: &[u8]) -> Vec<usize> {
    (0..1 << (2 * letters)).map(|word| reverse_complement(word, letters, complement)).collect()
}
