//! The data of a training: read, judged by their labels, and given negatives.

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::model::check_output_names;

use super::labels::{loss_of, loss_of_names};
use super::plan::Method;
use super::{Plan, Recipe, Short};
use crate::exit::{Input, Usage};
use crate::input::{Mode, check_classes, check_labels, check_lengths};
use crate::talk::say;

impl Recipe {
    /// Reads the data, makes negatives where there are none, and lengthens what is too short if asked to; settles the plan where
    /// the labels say what is done. Also returns what makes one doubt the data, which was said.
    pub fn read(&self, plan: &mut Plan) -> anyhow::Result<(LabelledSequences, Vec<String>)> {
        let (loss, shortest) = match &plan.method {
            Method::Ckn { network, learning, .. } => (learning.loss, network.shortest_sequence()),
            Method::Grid { networks, learning } => {
                (learning.loss, networks.iter().map(|network| network.shortest_sequence()).min().unwrap_or(0))
            }
            Method::DeepBind { learning, .. } => (learning.loss, 1),
            Method::Exact(settings) => (settings.loss, 0),
            Method::Open | Method::Auto(_) => {
                let (data, loss) = self.read_labelled(self.learning.loss)?;
                let warnings = self.doubts(&data, loss)?;
                let (data, method) = self.close(data, loss)?;
                plan.method = method;
                return Ok((data, warnings));
            }
        };
        let (mut data, _) = self.read_labelled(Some(loss))?;
        let warnings = self.doubts(&data, loss)?;
        if self.short == Short::Pad {
            data = data.padded(shortest);
        }
        self.exact.check_lengths(&data)?;
        check_lengths(data.sequences(), shortest)?;
        self.retain_fitting(&mut plan.method, &data);
        Ok((data, warnings))
    }

    /// Reads the data for a loss, or finds the loss that goes with their labels.
    fn read_labelled(&self, loss: Option<Loss>) -> anyhow::Result<(LabelledSequences, Loss)> {
        if self.of_tasks() {
            if loss == Some(Loss::Multinomial) {
                return Err(Usage("--loss multinomial has classes, not tasks: give --tsv".into()).into());
            }
            let data = match &self.source.memory {
                Some(data) => data.clone(),
                None => self.tasks.read(self.alphabet, self.allow_duplicates, self.seed)?,
            };
            let loss = loss.map_or_else(|| loss_of(&data), Ok)?;
            check_labels(&data, loss, "; for measurements, use --loss squared")?;
            check_classes(&data, loss)?;
            check_savable(&data)?;
            return Ok((data, loss));
        }
        let loaded = self.source.read(self.alphabet, self.mode.unwrap_or(Mode::All), self.allow_duplicates)?;
        let (loss, note) = loss_of_names(&loaded.data, loss)?;
        let loss = loss.map_or_else(|| loss_of(&loaded.data), Ok)?;
        check_labels(&loaded.data, loss, "; for measurements, use --loss squared")?;
        check_savable(&loaded.data)?;
        if !self.quiet {
            note.iter().for_each(say);
        }
        let loaded = self.negatives.add(loaded, self.seed, self.unasked(self.way()))?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
        }
        Ok((loaded.data, loss))
    }
}

/// Checks, before a training, that a file can hold the outputs of its model.
fn check_savable(data: &LabelledSequences) -> anyhow::Result<()> {
    let names = if data.tasks().is_empty() { data.classes() } else { data.tasks() };
    let refused = |error| Input(format!("{error}: rename the classes or tasks, or join some"));
    Ok(check_output_names(names).map_err(refused)?)
}
