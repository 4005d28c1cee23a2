//! From what was chosen to one model, trained on all sequences.

use std::time::Duration;

use ckn_model::{Ensemble, KernelMachine, LinearHead, Model, ModelCard, Network, SequenceKernel};

use super::clock::Clock;
use super::join::{Choice, Part};
use super::subset::{Subset, screening, within};
use super::{AutoData, Candidate, Found, folds, machine, network};
use crate::kernel_matrix::MOST_WRITTEN;
use crate::taken::supported;
use crate::{Error, Observer};

/// Time that trainings have once the observer asks to stop.
const GRACE: Duration = Duration::from_secs(1);

/// What was chosen, trained.
#[derive(Debug, Clone)]
pub struct AutoFitted {
    /// The machines, one for each sort: of kernels with places or without, of both strands or of one.
    pub machines: Vec<AutoMachine>,
    /// The networks.
    pub networks: Vec<AutoNetwork>,
    /// What is added to the sum.
    pub intercept: f64,
    /// Members that there was no time to train on all sequences: they are the mean of those of the cross-validation.
    pub of_folds: usize,
}

/// What machines have in common that become one. Those whose windows have no places are a table of words each, as long as they are by
/// themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    has_places: bool,
    both_strands: bool,
}

impl Sort {
    fn of(candidate: &Candidate) -> Option<Self> {
        match candidate {
            Candidate::Machine { kernel, both_strands } => {
                Some(Self { has_places: kernel.places.is_some(), both_strands: *both_strands })
            }
            Candidate::Network { .. } => None,
        }
    }
}

/// The machines of a chosen model whose kernels are of one sort, as one.
#[derive(Debug, Clone)]
pub struct AutoMachine {
    /// The machine; its scores have weight 1.
    pub machine: KernelMachine,
    /// Mean over folds of the AUROC of its candidate on the fold left out; `None` of a sum of several.
    pub auroc: Option<f64>,
}

/// A network of a chosen model.
#[derive(Debug, Clone)]
pub struct AutoNetwork {
    /// The network.
    pub network: Network,
    /// Its head.
    pub head: LinearHead,
    /// The weight of its scores; the machine's is 1.
    pub weight: f64,
    /// Mean over folds of the AUROC of its candidate on the fold left out.
    pub auroc: f64,
    /// Records that chose its epoch; none where that is not one set for all records.
    pub validation: Vec<usize>,
    /// What every training reached on the records that chose its epoch; the highest was kept.
    pub reached: Vec<f64>,
}

impl Found {
    /// Trains the chosen candidates, as long as the budget, or a second after the observer asks to stop, allow: what is not
    /// trained by then is the mean of the models of the cross-validation.
    ///
    /// # Errors
    /// Those of the trainings.
    pub fn fit(&self, data: AutoData<'_>, observer: &mut dyn Observer) -> Result<AutoFitted, Error> {
        let groups = folds::renumbered(data.groups);
        let data = AutoData { groups: &groups, ..data };
        let mut clock = Clock::new(observer, self.deadline, GRACE);
        let mut fitted =
            AutoFitted { machines: Vec::new(), networks: Vec::new(), intercept: self.intercept, of_folds: 0 };
        let mut sorts: Vec<Sort> = Vec::new();
        for sort in self.choices.iter().filter_map(|choice| Sort::of(&choice.candidate)) {
            if !sorts.contains(&sort) {
                sorts.push(sort);
            }
        }
        for sort in sorts {
            self.fit_machines(data, sort, &mut fitted, &mut clock)?;
        }
        self.fit_networks(data, &mut fitted, &mut clock)?;
        Ok(fitted)
    }

    /// Fits the machines of one sort as one.
    fn fit_machines(
        &self,
        data: AutoData<'_>,
        sort: Sort,
        fitted: &mut AutoFitted,
        clock: &mut Clock<'_>,
    ) -> Result<(), Error> {
        let chosen: Vec<(&SequenceKernel, &Choice)> = (self.choices.iter())
            .filter_map(|choice| match &choice.candidate {
                Candidate::Machine { kernel, .. } if Sort::of(&choice.candidate) == Some(sort) => {
                    Some((kernel, choice))
                }
                Candidate::Machine { .. } | Candidate::Network { .. } => None,
            })
            .collect();
        let both = sort.both_strands;
        // Kernels without a table of words need their matrix.
        let letters = data.view.table().letters();
        let written = chosen.iter().any(|(kernel, _)| !kernel.has_word_table(letters));
        let most = within(data.view, if written { MOST_WRITTEN } else { usize::MAX }, self.limits.machine_letters);
        let records =
            if data.view.len() > most { screening(data, most, self.seed) } else { (0..data.view.len()).collect() };
        let support = Subset::new(data, &records);
        let part = support.data()?;
        let (sequences, mut coefficients, mut sum) = (data.view.len(), Vec::new(), fitted.intercept);
        for (kernel, choice) in &chosen {
            let penalty = choice.penalty.unwrap_or(1.0);
            let on_all = machine::fit_on_all(kernel, both, penalty, part.view, part.labels, clock)?;
            let (own, intercept, of) = match (&on_all, &choice.part) {
                (Some((own, intercept)), _) => (own, *intercept, &records),
                (None, Part::Machine { coefficients, intercept }) => {
                    fitted.of_folds += 1;
                    (coefficients, *intercept, &self.records)
                }
                (None, Part::Networks(_)) => return Err(Error::NothingTried),
            };
            let mut of_all = vec![0.0; sequences];
            of.iter().zip(own).for_each(|(&record, value)| of_all[record] = choice.weight * value);
            coefficients.extend(of_all);
            sum += choice.weight * intercept;
        }
        fitted.intercept = 0.0;
        let kernels: Vec<SequenceKernel> = chosen.iter().map(|(kernel, _)| **kernel).collect();
        let machine = supported(data.view, both, kernels, &coefficients, vec![sum])?;
        let auroc = match chosen[..] {
            [(_, only)] => Some(only.auroc),
            _ => None,
        };
        fitted.machines.push(AutoMachine { machine, auroc });
        Ok(())
    }

    fn fit_networks(&self, data: AutoData<'_>, fitted: &mut AutoFitted, clock: &mut Clock<'_>) -> Result<(), Error> {
        // More shuffles bring networks little, and cost them most.
        let most = within(data.view, usize::MAX, self.limits.network_letters);
        let records = screening(data, most, self.seed);
        let subset = Subset::new(data, &records);
        let part = subset.data()?;
        for choice in &self.choices {
            let Candidate::Network { network, learning, .. } = &choice.candidate else { continue };
            let (auroc, view, labels) = (choice.auroc, part.view, part.labels);
            let mut trained = Vec::new();
            for training in 0..self.limits.trainings {
                let seed = if training == 0 { self.seed } else { self.seed.child(&format!("training/{training}")) };
                let fit = network::Fit { network, learning, view, labels, expected: auroc, seed };
                let Some(outcome) = fit.run(clock)? else { break };
                trained.push(outcome);
            }
            match &choice.part {
                _ if !trained.is_empty() => {
                    let weight = choice.weight / trained.len() as f64;
                    for (trained, reached) in trained {
                        let head = trained.heads.into_iter().next().ok_or(Error::NothingTried)?;
                        let validation = trained.validation.iter().map(|&place| records[place]).collect();
                        let network = trained.network;
                        fitted.networks.push(AutoNetwork { network, head, weight, auroc, validation, reached });
                    }
                }
                Part::Networks(of_folds) => {
                    fitted.of_folds += 1;
                    let weight = choice.weight / of_folds.len().max(1) as f64;
                    fitted.networks.extend(of_folds.iter().map(|(network, head)| AutoNetwork {
                        network: network.clone(),
                        head: head.clone(),
                        weight,
                        auroc,
                        validation: Vec::new(),
                        reached: Vec::new(),
                    }));
                }
                Part::Machine { .. } => return Err(Error::NothingTried),
            }
        }
        Ok(())
    }
}

impl AutoFitted {
    /// The weighted sum of the members as a model, with a card for each part (`machine`, `network` or `whole`) and its own AUROC
    /// on the folds left out, where it was measured. A single member is the model itself. It lengthens sequences that are too short
    /// by unknown letters.
    ///
    /// # Errors
    /// Those of the cards; [`Error::Model`] if the alphabet of a card is not that of the members.
    pub fn into_model(
        mut self,
        found: &Found,
        card: impl Fn(&str, Option<f64>) -> Result<ModelCard, Error>,
    ) -> Result<Model, Error> {
        // What is asked of it later may be shorter than what it was chosen on.
        let whole = ModelCard { pad_short: true, ..card("whole", Some(found.auroc))? };
        if self.networks.is_empty()
            && self.machines.len() == 1
            && let Some(AutoMachine { machine, .. }) = self.machines.pop()
        {
            return Ok(Model::new(machine, whole)?);
        }
        if self.machines.is_empty()
            && self.networks.len() == 1
            && let Some(AutoNetwork { network, head, weight, .. }) = self.networks.pop()
        {
            let weights = head.weights().iter().map(|value| weight * value).collect();
            let head = LinearHead::new(weights, weight * head.intercept() + self.intercept)?;
            return Ok(Model::of_network(network, vec![head], whole)?);
        }
        let mut parts: Vec<(Model, f64)> = Vec::new();
        for AutoMachine { machine, auroc } in self.machines {
            parts.push((Model::new(machine, card("machine", auroc)?)?, 1.0));
        }
        for AutoNetwork { network, head, weight, auroc, .. } in self.networks {
            parts.push((Model::of_network(network, vec![head], card("network", Some(auroc))?)?, weight));
        }
        let (members, weights) = parts.into_iter().unzip();
        Ok(Model::new(Ensemble::new(members, weights, self.intercept)?, whole)?)
    }
}
