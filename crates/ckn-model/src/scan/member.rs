//! Scores of windows as a model has them, put together from those of its members.

use std::ops::Range;

use ckn_core::{LetterTable, TokenView};

use super::ScannedStrands;
use super::network::{NetworkScanner, NetworkScratch, TabledNetwork};
use super::words::{WordScanner, WordSums};
use crate::{Body, Error, KernelMachine, Model};

/// Letters of the windows that are copied out at once where each is scored on its own.
const COPIED: usize = 1 << 17;

/// A model of one output made ready for windows of one length; a score is that of the model for the letters of the window.
#[derive(Debug)]
pub(super) struct Members<'a> {
    table: &'a LetterTable,
    length: usize,
    intercept: f64,
    /// Machines and networks that are tables of words.
    words: WordScanner<'a>,
    /// Intercepts of these networks, with their weights.
    tabled_intercept: f64,
    /// These networks, each with its weight, for pieces with unknown letters.
    tabled: Vec<(f64, Other<'a>)>,
    others: Vec<(f64, Other<'a>)>,
}

/// A member that is scored at every window.
#[derive(Debug)]
enum Other<'a> {
    /// A network, with the strands that it reads itself.
    Network(Box<NetworkScanner<'a>>),
    /// A model that is asked for the score of every window.
    Asked(&'a Model),
}

/// Memory that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub(super) struct MemberScratch {
    network: NetworkScratch,
    sums: WordSums,
    part: Vec<f64>,
    bounds: Vec<f64>,
}

/// The members of a model, each with its weight, as they are found.
#[derive(Default)]
struct Found<'a> {
    intercept: f64,
    machines: Vec<(f64, &'a KernelMachine)>,
    tables: Vec<(f64, TabledNetwork)>,
    tabled: Vec<(f64, Other<'a>)>,
    others: Vec<(f64, Other<'a>)>,
}

impl<'a> Found<'a> {
    /// Takes a model whose scores count so much.
    fn take(&mut self, model: &'a Model, weight: f64, table: &'a LetterTable, length: usize) -> Result<(), Error> {
        let other = match model.body() {
            Body::Network(_) => match model.network() {
                Some(view) => {
                    let network = Box::new(NetworkScanner::new(view, table, length, ScannedStrands::Forward)?);
                    if let Some(tabled) = network.tabled()? {
                        self.tables.push((weight, tabled));
                        self.tabled.push((weight, Other::Network(network)));
                        return Ok(());
                    }
                    Other::Network(network)
                }
                None => Other::Asked(model),
            },
            Body::Machine(machine) if machine.has_word_tables() => {
                self.intercept += weight * machine.intercept();
                self.machines.push((weight, machine));
                return Ok(());
            }
            Body::Ensemble(ensemble) => {
                self.intercept += weight * ensemble.intercept();
                let mut members = ensemble.members().iter().zip(ensemble.weights());
                return members.try_for_each(|(member, &own)| self.take(member, weight * own, table, length));
            }
            Body::Machine(_) | Body::Baseline(_) => Other::Asked(model),
        };
        self.others.push((weight, other));
        Ok(())
    }
}

impl<'a> Members<'a> {
    pub(super) fn new(model: &'a Model, table: &'a LetterTable, length: usize) -> Result<Self, Error> {
        let mut found = Found::default();
        found.take(model, 1.0, table, length)?;
        let Found { intercept, machines, tables, tabled, others } = found;
        let tabled_intercept = tables.iter().map(|(weight, network)| weight * network.intercept).sum();
        let words = WordScanner::new(&machines, tables, table, length)?;
        Ok(Self { table, length, intercept, words, tabled_intercept, tabled, others })
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
        let MemberScratch { network, sums, part, bounds } = scratch;
        let by_tables = tokens.iter().all(|&token| self.table.is_letter(token));
        let tabled = if by_tables { &[] } else { &self.tabled[..] };
        for (weight, other) in self.others.iter().chain(tabled) {
            other.score(tokens, self.table, self.length, network, part)?;
            scores.iter_mut().zip(&*part).for_each(|(sum, score)| *sum += weight * score);
        }
        if self.words.is_empty() {
            return Ok(());
        }
        self.words.sum(tokens, sums);
        if by_tables {
            scores.iter_mut().for_each(|score| *score += self.tabled_intercept);
            self.words.add_networks(sums, scores);
        }
        bounds.clear();
        bounds.extend_from_slice(scores);
        if floor > f64::NEG_INFINITY {
            self.words.add_bounds(sums, bounds);
        }
        let mut end = 0;
        while let Some(run) = next_run(bounds, floor, end, self.length) {
            scores[end..run.start].fill(f64::NEG_INFINITY);
            end = run.end;
            self.words.add_machines(tokens, run, sums, scores)?;
        }
        scores[end..].fill(f64::NEG_INFINITY);
        Ok(())
    }
}

/// The next windows, from `start` on, that may be above the floor; with those between that take less time than a new beginning.
fn next_run(bounds: &[f64], floor: f64, start: usize, length: usize) -> Option<Range<usize>> {
    // Rounding: a bound is a sum in another order than the score that it is the bound of.
    let may_exceed = |bound: f64| bound.is_nan() || bound + 1e-9 * (1.0 + bound.abs()) > floor;
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
            Self::Network(network) => {
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
