//! Scores of windows as a model has them, joined with those of others.

use ckn_core::{LetterTable, TokenView};

use super::network::NetworkScanner;
use super::{ScannedStrands, WindowScores};
use crate::machine::{WordScratch, WordTables};
use crate::{Body, Error, Model};

/// Letters of the windows that are copied out at once where each is scored on its own.
const COPIED: usize = 1 << 17;

/// A model of one output made ready for windows of one length; a score is that of the model for the letters of the window.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// A network, with the strands that it reads itself.
    Network(Box<NetworkScanner<'a>>),
    /// A network of many anchor points by a table of all words, where all letters are known.
    Tabled { values: Vec<f32>, network: Box<NetworkScanner<'a>>, table: &'a LetterTable },
    /// A machine by its tables of words.
    Words { tables: WordTables<f32>, table: &'a LetterTable, length: usize },
    /// Several models, each with its weight.
    Joint { members: Vec<(f64, Self)>, intercept: f64 },
    /// A model that is asked for the score of every window.
    Asked { model: &'a Model, table: &'a LetterTable, length: usize },
}

/// Memory that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub(super) struct MemberScratch {
    windows: WindowScores,
    words: WordScratch,
    part: Vec<f64>,
    member: Option<Box<Self>>,
}

impl<'a> Member<'a> {
    pub(super) fn new(model: &'a Model, table: &'a LetterTable, length: usize) -> Result<Self, Error> {
        let asked = Self::Asked { model, table, length };
        Ok(match model.body() {
            Body::Network(_) => match model.network() {
                Some(view) => {
                    let network = Box::new(NetworkScanner::new(view, table, length, ScannedStrands::Forward)?);
                    match network.word_values()? {
                        Some(values) => Self::Tabled { values, network, table },
                        None => Self::Network(network),
                    }
                }
                None => asked,
            },
            Body::Machine(machine) => match machine.word_tables(table)? {
                Some(tables) => Self::Words { tables, table, length },
                None => asked,
            },
            Body::Ensemble(ensemble) => {
                let members = ensemble.members().iter().zip(ensemble.weights());
                let members = members.map(|(member, &weight)| Ok((weight, Self::new(member, table, length)?)));
                Self::Joint { members: members.collect::<Result<_, Error>>()?, intercept: ensemble.intercept() }
            }
            Body::Baseline(_) => asked,
        })
    }

    /// Scores of the windows of a piece that has one.
    pub(super) fn score(&self, tokens: &[u8], scratch: &mut MemberScratch, scores: &mut Vec<f64>) -> Result<(), Error> {
        scores.clear();
        match self {
            Self::Tabled { values, network, table } if tokens.iter().all(|&token| table.is_letter(token)) => {
                network.slide_words(values, tokens, scores);
            }
            Self::Network(network) | Self::Tabled { network, .. } => {
                let windows = &mut scratch.windows;
                windows.scores.clear();
                windows.reverse.clear();
                network.score(tokens, windows)?;
                scores.extend_from_slice(&windows.scores);
            }
            Self::Words { tables, table, length } => {
                tables.slide(tokens, table, *length, &mut scratch.words, scores)?;
            }
            Self::Joint { members, intercept } => {
                let mut part = std::mem::take(&mut scratch.part);
                for (weight, member) in members {
                    member.score(tokens, scratch.member.get_or_insert_default(), &mut part)?;
                    scores.resize(part.len(), *intercept);
                    scores.iter_mut().zip(&part).for_each(|(sum, score)| *sum += weight * score);
                }
                scratch.part = part;
            }
            Self::Asked { model, table, length } => {
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
