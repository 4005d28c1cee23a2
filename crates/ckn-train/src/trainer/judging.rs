//! The heads of the present anchors, and how good the pair is.

use ckn_model::{LinearHead, Network};

use super::{Best, Trainer, strands};
use crate::heads::{FittedHeads, fit_heads};
use crate::judged::Judged;
use crate::targets::reported;
use crate::{Engine, EpochRecord, Error, Selection};

/// Penalties to choose from, the strongest first.
const L2_GRID: [f64; 10] = [1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

impl<E: Engine> Trainer<'_, E> {
    fn row(&self) -> usize {
        self.network.dimension() * self.network.config().strands.count()
    }

    fn embed(&mut self, network: &Network, records: &[usize]) -> Result<Vec<f32>, Error> {
        let mut embeddings = vec![0.0; records.len() * self.row()];
        self.engine.embed(network, records, &mut embeddings)?;
        Ok(embeddings)
    }

    /// The heads for some records, from a warm start.
    pub(super) fn fit(
        &mut self,
        network: &Network,
        start: &[LinearHead],
        records: &[usize],
    ) -> Result<FittedHeads, Error> {
        let embeddings = self.embed(network, records)?;
        fit_heads(&self.targets, &self.config, strands(network), &embeddings, start, records, self.l2)
    }

    /// Fits the heads for the present anchors and judges the pair that [`Selection`] names.
    pub(super) fn judge(&mut self) -> Result<EpochRecord, Error> {
        let epoch = self.epochs.len();
        let network = self.network.clone();
        let moved_under = (std::mem::take(&mut self.heads), self.termination);
        let training = std::mem::take(&mut self.split.training);
        let fitted = match self.config.choose_l2 && epoch == 0 {
            true => self.choose_l2(&network, &moved_under.0, &training),
            false => self.fit(&network, &moved_under.0, &training),
        };
        self.split.training = training;
        let fitted = fitted?;
        self.heads = fitted.heads;
        self.termination = fitted.termination;
        let (heads, termination) = match self.config.selection {
            Selection::Moved if epoch > 0 => moved_under,
            Selection::Moved | Selection::Refitted => (self.heads.clone(), self.termination),
        };
        let judged = self.validate(&network, &heads)?;
        let lowest = match (&self.best, self.config.selection) {
            // The k-means start is a candidate only where nothing moved.
            (None, _) | (Some(Best { epoch: 0, .. }), Selection::Moved) => f64::INFINITY,
            (Some(best), _) => self.epochs[best.epoch].validation_loss,
        };
        let best = judged.loss < lowest || self.best.is_none();
        let sigmas = match self.config.learn_sigma {
            true => network.layers().iter().filter_map(|layer| layer.kernel().sigma()).collect(),
            false => Vec::new(),
        };
        if best {
            self.best = Some(Best { epoch, network, heads, termination });
        }
        let record = EpochRecord {
            epoch,
            training_loss: reported(self.config.loss, fitted.mean_loss),
            validation_loss: judged.loss,
            validation_auroc: judged.auroc,
            task_aurocs: judged.task_aurocs,
            sigmas,
            learning_rate: self.learning_rate,
            head_iterations: fitted.iterations,
            head_termination: Some(fitted.termination),
            best,
        };
        self.epochs.push(record.clone());
        Ok(record)
    }

    /// Fits under one penalty after the other, from the strongest on, and keeps the one of the lowest validation loss.
    fn choose_l2(&mut self, network: &Network, start: &[LinearHead], training: &[usize]) -> Result<FittedHeads, Error> {
        let validation = self.split.validation.clone();
        let (embeddings, held_out) = (self.embed(network, training)?, self.embed(network, &validation)?);
        let mut best: Option<(f64, f64, FittedHeads)> = None;
        let mut warm = start.to_vec();
        for l2 in L2_GRID {
            let fitted = fit_heads(&self.targets, &self.config, strands(network), &embeddings, &warm, training, l2)?;
            warm.clone_from(&fitted.heads);
            let loss = Judged::new(&self.targets, strands(network), &held_out, &validation, &fitted.heads).loss;
            if best.as_ref().is_none_or(|(lowest, ..)| loss < *lowest) {
                best = Some((loss, l2, fitted));
            }
        }
        let (_, l2, fitted) = best.ok_or(ckn_core::Error::Empty { what: "the grid of penalties" })?;
        self.l2 = l2;
        Ok(fitted)
    }

    /// Loss on the validation part, and AUROCs where labels are two classes.
    fn validate(&mut self, network: &Network, heads: &[LinearHead]) -> Result<Judged, Error> {
        let validation = std::mem::take(&mut self.split.validation);
        let embeddings = self.embed(network, &validation);
        self.split.validation = validation;
        Ok(Judged::new(&self.targets, strands(network), &embeddings?, &self.split.validation, heads))
    }
}
