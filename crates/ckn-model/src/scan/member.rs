//! Scores of windows as a model has them, put together from those of its members.

use std::ops::Range;

use ckn_core::mismatch::PackedWords;
use ckn_core::{LetterTable, TokenView};

use super::ScannedStrands;
use super::network::{NetworkScanner, NetworkScratch};
use super::words::{WordScanner, WordSums};
use crate::{Body, Error, Model};

/// Letters of the windows that are copied out at once where each is scored on its own.
const COPIED: usize = 1 << 17;

/// A model of one output made ready for windows of one length; a score is that of the model for the letters of the window.
#[derive(Debug)]
pub(super) struct Members<'a> {
    table: &'a LetterTable,
    length: usize,
    intercept: f64,
    /// Machines that are tables of words, each with its weight.
    machines: Vec<(f64, WordScanner<'a>)>,
    others: Vec<(f64, Other<'a>)>,
}

/// A member that is scored at every window.
#[derive(Debug)]
enum Other<'a> {
    /// A network, with the strands that it reads itself.
    Network(Box<NetworkScanner<'a>>),
    /// A network of many anchor points by a table of all words, where all letters are known.
    Tabled { values: Vec<f32>, network: Box<NetworkScanner<'a>> },
    /// A model that is asked for the score of every window.
    Asked(&'a Model),
}

/// Memory that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub(super) struct MemberScratch {
    network: NetworkScratch,
    sums: Vec<WordSums>,
    words: PackedWords,
    part: Vec<f64>,
    bounds: Vec<f64>,
}

impl<'a> Members<'a> {
    pub(super) fn new(model: &'a Model, table: &'a LetterTable, length: usize) -> Result<Self, Error> {
        let (machines, others) = (Vec::new(), Vec::new());
        let mut members = Self { table, length, intercept: 0.0, machines, others };
        members.take(model, 1.0)?;
        Ok(members)
    }

    /// Takes a model whose scores count so much.
    fn take(&mut self, model: &'a Model, weight: f64) -> Result<(), Error> {
        let (table, length) = (self.table, self.length);
        let other = match model.body() {
            Body::Network(_) => match model.network() {
                Some(view) => {
                    let network = Box::new(NetworkScanner::new(view, table, length, ScannedStrands::Forward)?);
                    match network.word_values()? {
                        Some(values) => Other::Tabled { values, network },
                        None => Other::Network(network),
                    }
                }
                None => Other::Asked(model),
            },
            Body::Machine(machine) => match WordScanner::new(machine, table, length)? {
                Some(words) => {
                    self.intercept += weight * words.intercept();
                    self.machines.push((weight, words));
                    return Ok(());
                }
                None => Other::Asked(model),
            },
            Body::Ensemble(ensemble) => {
                self.intercept += weight * ensemble.intercept();
                let mut members = ensemble.members().iter().zip(ensemble.weights());
                return members.try_for_each(|(member, &own)| self.take(member, weight * own));
            }
            Body::Baseline(_) => Other::Asked(model),
        };
        self.others.push((weight, other));
        Ok(())
    }

    /// Scores of the windows of a piece that has one. Of a window whose score cannot exceed `floor`, it may be negative infinity.
    pub(super) fn score(
        &self,
        tokens: &[u8],
        floor: f64,
        scratch: &mut MemberScratch,
        scores: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let windows = tokens.len() + 1 - self.length;
        scores.clear();
        scores.resize(windows, self.intercept);
        let MemberScratch { network, sums, words, part, bounds } = scratch;
        for (weight, other) in &self.others {
            other.score(tokens, self.table, self.length, network, part)?;
            scores.iter_mut().zip(&*part).for_each(|(sum, score)| *sum += weight * score);
        }
        if self.machines.is_empty() {
            return Ok(());
        }
        sums.resize_with(self.machines.len(), WordSums::default);
        self.machines.iter().zip(&mut *sums).for_each(|((_, machine), sums)| machine.sum(tokens, sums));
        bounds.clear();
        bounds.extend_from_slice(scores);
        if floor > f64::NEG_INFINITY {
            for ((weight, machine), sums) in self.machines.iter().zip(&*sums) {
                machine.add_bounds(*weight, sums, bounds);
            }
        }
        let mut end = 0;
        while let Some(run) = next_run(bounds, floor, end, self.length) {
            scores[end..run.start].fill(f64::NEG_INFINITY);
            end = run.end;
            for ((weight, machine), sums) in self.machines.iter().zip(&*sums) {
                machine.add(*weight, tokens, run.clone(), sums, words, scores)?;
            }
        }
        scores[end..].fill(f64::NEG_INFINITY);
        Ok(())
    }
}

/// The next windows, from `start` on, that may be above the floor; with those between that take less time than a new beginning.
fn next_run(bounds: &[f64], floor: f64, start: usize, length: usize) -> Option<Range<usize>> {
    // Rounding: a bound is a sum in another order than the score that it is the bound of.
    let may_exceed = |bound: f64| !(bound + 1e-9 * (1.0 + bound.abs()) <= floor);
    let first = start + bounds[start..].iter().position(|&bound| may_exceed(bound))?;
    let mut end = first + 1;
    for (window, &bound) in bounds.iter().enumerate().skip(end) {
        if may_exceed(bound) {
            end = window + 1;
        } else if window >= end + length / 2 {
            break;
        }
    }
    Some(first..end)
}

impl Other<'_> {
    fn score(
        &self,
        tokens: &[u8],
        table: &LetterTable,
        length: usize,
        scratch: &mut NetworkScratch,
        scores: &mut Vec<f64>,
    ) -> Result<(), Error> {
        scores.clear();
        match self {
            Self::Tabled { values, network } if tokens.iter().all(|&token| table.is_letter(token)) => {
                network.slide_words(values, tokens, scores);
            }
            Self::Network(network) | Self::Tabled { network, .. } => {
                network.score(tokens, scratch, scores, &mut Vec::new())?;
            }
            Self::Asked(model) => {
                let windows = tokens.len() + 1 - length;
                let at_once = (COPIED / length).max(1);
                for first in (0..windows).step_by(at_once) {
                    let starts = first..windows.min(first + at_once);
                    let copies: Vec<u8> =
                        starts.clone().flat_map(|start| &tokens[start..start + length]).copied().collect();
                    let offsets: Vec<usize> = (0..=starts.len()).map(|window| window * length).collect();
                    scores.extend(model.scores(TokenView::new(&copies, &offsets, table)?)?);
                }
            }
        }
        Ok(())
    }
}
