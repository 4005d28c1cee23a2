//! How the scores of a model are put together, so that reasons for them can be taken apart.

use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::WindowPooling;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{Body, Model};

use crate::Error;
use crate::attribution::{Attribution, AttributionWay};
use crate::mutagenesis::{Mutagenesis, rescored};
use crate::single_layer::SingleLayer;
use crate::word_reader::WordReader;

/// A model by what its scores are sums of.
#[derive(Debug)]
pub(crate) enum Reader<'a> {
    /// Windows that anchor points see.
    Layer(Box<SingleLayer>),
    /// Windows that stand in tables of words.
    Words(Box<WordReader<'a>>),
    /// Other models, each with its weight.
    Joint { members: Vec<(f64, Self)>, intercept: f64 },
    /// Nothing that could be taken apart: the model is asked for the score of every changed sequence.
    Asked(&'a Model),
}

impl<'a> Reader<'a> {
    /// The reader of a model of one output.
    pub(crate) fn of(model: &'a Model, table: &LetterTable) -> Result<Self, Error> {
        let reader = match model.body() {
            Body::Network(_) => match model.network() {
                Some(network) => SingleLayer::of(network, table)?.map(|layer| Self::Layer(Box::new(layer))),
                None => None,
            },
            Body::Machine(machine) => WordReader::of(machine, table)?.map(|words| Self::Words(Box::new(words))),
            Body::Ensemble(ensemble) => {
                let members = ensemble.members().iter().zip(ensemble.weights());
                let members = members.map(|(member, &weight)| Ok((weight, Self::of(member, table)?)));
                let members = members.collect::<Result<_, Error>>()?;
                Some(Self::Joint { members, intercept: ensemble.intercept() })
            }
            Body::Baseline(_) => None,
        };
        Ok(reader.unwrap_or(Self::Asked(model)))
    }

    /// Whether scores are sums over windows.
    pub(crate) fn is_sum_over_windows(&self) -> bool {
        match self {
            Self::Layer(_) | Self::Words(_) => true,
            Self::Joint { members, .. } => members.iter().all(|(_, member)| member.is_sum_over_windows()),
            Self::Asked(_) => false,
        }
    }

    /// Scores of sequences.
    pub(crate) fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        match self {
            Self::Layer(layer) => layer.scores(view),
            Self::Words(words) => words.scores(view),
            Self::Joint { members, intercept } => {
                let mut scores = vec![*intercept; view.len()];
                for (weight, member) in members {
                    scores.iter_mut().zip(member.scores(view)?).for_each(|(sum, score)| *sum += weight * score);
                }
                Ok(scores)
            }
            Self::Asked(model) => Ok(model.scores(view)?),
        }
    }

    /// Scores of sequences and of as many others, which may differ from them in a few letters.
    pub(crate) fn pair_scores(
        &self,
        before: TokenView<'_>,
        after: TokenView<'_>,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        match self {
            Self::Words(words) => words.pair_scores(before, after),
            Self::Joint { members, intercept } => {
                let mut sums = (vec![*intercept; before.len()], vec![*intercept; after.len()]);
                for (weight, member) in members {
                    let parts = member.pair_scores(before, after)?;
                    sums.0.iter_mut().zip(parts.0).for_each(|(sum, score)| *sum += weight * score);
                    sums.1.iter_mut().zip(parts.1).for_each(|(sum, score)| *sum += weight * score);
                }
                Ok(sums)
            }
            Self::Layer(_) | Self::Asked(_) => Ok((self.scores(before)?, self.scores(after)?)),
        }
    }

    /// The rule that is best, of a model whose scores are sums over windows.
    pub(crate) fn default_way(&self) -> AttributionWay {
        match self {
            Self::Layer(layer) => match (layer.pooled, layer.kernel) {
                (WindowPooling::Maxima, _) => AttributionWay::Matches,
                // Every window of the background counts: letters that match by chance cancel only against random letters.
                (WindowPooling::Sums, DotProductKernel::Exponential { .. }) => AttributionWay::Shapley,
                (WindowPooling::Sums, _) => AttributionWay::Gradient,
            },
            Self::Words(_) | Self::Joint { .. } => AttributionWay::Matches,
            Self::Asked(_) => AttributionWay::Occlusion,
        }
    }

    /// What each letter adds, by a rule that needs scores that are sums over windows.
    pub(crate) fn attribute(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Attribution>, Error> {
        match self {
            Self::Layer(layer) => layer.attribute_all(view, way),
            Self::Words(words) => words.attribute(view, way),
            Self::Joint { members, intercept } => {
                let nothing = |record| Attribution {
                    score: *intercept,
                    baseline: Some(*intercept),
                    contributions: vec![0.0; view.sequence(record).len()],
                };
                let mut sums: Vec<Attribution> = (0..view.len()).map(nothing).collect();
                for (weight, member) in members {
                    let parts = member.attribute(view, way)?;
                    sums.iter_mut().zip(&parts).for_each(|(sum, part)| sum.add(*weight, part));
                }
                Ok(sums)
            }
            Self::Asked(_) => {
                let needs = "a network of one layer of contiguous patches with max, mean or sum pooling, or an exact machine on words of up to 12 letters";
                Err(Error::Way { way: way.name(), needs })
            }
        }
    }

    /// Scores of every substitution of one letter.
    pub(crate) fn mutagenesis(&self, view: TokenView<'_>) -> Result<Vec<Mutagenesis>, Error> {
        match self {
            Self::Layer(layer) => layer.mutagenesis_of_all(view),
            Self::Words(words) => words.mutagenesis(view),
            Self::Joint { members, intercept } => {
                let nothing = |record| Mutagenesis::unchanged(*intercept, view, record);
                let mut sums: Vec<Mutagenesis> = (0..view.len()).map(nothing).collect();
                for (weight, member) in members {
                    let parts = member.mutagenesis(view)?;
                    sums.iter_mut().zip(&parts).for_each(|(sum, part)| sum.add(*weight, part));
                }
                Ok(sums)
            }
            Self::Asked(_) => rescored(view, |view| self.scores(view)),
        }
    }
}
