//! From what a training leaves to a model that says where it comes from.

use std::collections::BTreeMap;

use ckn_core::TokenView;
use ckn_core::loss::Loss;
use ckn_model::{Lengths, Model, ModelCard};
use serde::Serialize;

use crate::{CheckedTrainConfig, EpochRecord, Error, Fitted, FittedDeepBind, FittedExact};

/// Description of the training data for the card of a model.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// The sequences that were trained on.
    pub view: TokenView<'a>,
    /// Name of the alphabet (`dna`, `rna`, `protein`).
    pub alphabet: &'a str,
    /// Its letters in the order of the tokens.
    pub letters: &'a str,
    /// Names of the tasks, if there are several.
    pub tasks: &'a [String],
    /// Names of the classes that labels are the numbers of, if they have some.
    pub classes: &'a [String],
    /// Whether the model lengthens sequences that are too short by unknown letters.
    pub pad_short: bool,
    /// SHA-256 of each input file, by its role.
    pub files: &'a BTreeMap<String, String>,
}

impl<'a> Provenance<'a> {
    /// One task of sequences that come from no file.
    pub fn of(view: TokenView<'a>, alphabet: &'a str, letters: &'a str) -> Self {
        static NO_FILES: BTreeMap<String, String> = BTreeMap::new();
        Self { view, alphabet, letters, tasks: &[], classes: &[], pad_short: false, files: &NO_FILES }
    }

    /// The card of a model that was trained under some settings, which are kept with it.
    ///
    /// # Errors
    /// [`Error::Settings`] for settings that are not JSON.
    pub fn card(&self, loss: Loss, seed: u64, settings: &impl Serialize) -> Result<ModelCard, Error> {
        Ok(ModelCard {
            alphabet: self.alphabet.to_owned(),
            letters: self.letters.to_owned(),
            loss,
            outputs: self.tasks.to_vec(),
            classes: if loss == Loss::Multinomial { Vec::new() } else { self.classes.to_vec() },
            pad_short: self.pad_short,
            seed,
            lengths: Lengths::of(self.view),
            data: self.files.clone(),
            training: serde_json::to_value(settings)?,
            measured: BTreeMap::new(),
            held_out: None,
        })
    }

    /// Names of so many classes: their numbers, where they have none of their own.
    fn class_names(&self, classes: usize) -> Vec<String> {
        (0..classes).map(|class| self.classes.get(class).cloned().unwrap_or_else(|| class.to_string())).collect()
    }

    /// What the validation part said of an epoch, by name.
    fn measured(&self, epoch: Option<&EpochRecord>) -> BTreeMap<String, f64> {
        epoch.map_or_else(BTreeMap::new, |epoch| {
            self.by_name(epoch.validation_loss, epoch.validation_auroc, &epoch.task_aurocs)
        })
    }

    /// What was measured on sequences left out, by name.
    fn by_name(&self, loss: f64, auroc: Option<f64>, task_aurocs: &[Option<f64>]) -> BTreeMap<String, f64> {
        let all = [("validation_loss", Some(loss)), ("validation_auroc", auroc)];
        let all = all.into_iter().map(|(name, value)| (name.to_owned(), value));
        let tasks = self.tasks.iter().zip(task_aurocs);
        let by_task = tasks.map(|(task, auroc)| (format!("validation_auroc:{task}"), *auroc));
        all.chain(by_task).filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Fitted {
    /// The model of this training, to be saved and predicted with; evidence of single anchors is not measured here
    /// (`ckn_interpret::held_out_anchors` does, on the records of [`Self::validation`]).
    ///
    /// # Example
    /// ```
    /// # use ckn_core::{LetterTable, TokenView};
    /// # let table = LetterTable::new(4, &[], None)?;
    /// # let letter = |at: usize| if at / 12 % 2 == 0 && at % 12 < 4 { at % 12 } else { at / 7 % 4 };
    /// # let tokens: Vec<u8> = (0..40 * 12).map(|at| letter(at) as u8).collect();
    /// # let offsets: Vec<usize> = (0..=40).map(|record| record * 12).collect();
    /// # let view = TokenView::new(&tokens, &offsets, &table)?;
    /// # let labels: Vec<f64> = (0..40).map(|record| f64::from(record % 2 == 0)).collect();
    /// # use ckn_core::kernel::DotProductKernel;
    /// # use ckn_core::pooling::{Border, Pooling, Strands};
    /// # use ckn_core::seed::Seed;
    /// # use ckn_core::whitening::Regularisation;
    /// # use ckn_model::{LayerConfig, Network, NetworkConfig};
    /// # let network = NetworkConfig {
    /// #     letters: 4,
    /// #     layers: vec![LayerConfig { filters: 4, width: 4, kernel: DotProductKernel::Exponential { sigma: 0.4 }, subsampling: 1 }],
    /// #     pooling: Pooling::Max,
    /// #     strands: Strands::Forward,
    /// #     border: Border::Valid,
    /// #     regularisation: Regularisation::Shift { epsilon: 1e-3 },
    /// #     gap_decay: 0.0,
    /// #     letter_similarity: Vec::new(),
    /// # };
    /// # let network = Network::random(network.check()?, &mut Seed(0).stream("network"))?;
    /// use ckn_train::{Ignore, Provenance, SliceEngine, TrainConfig, Trainer, TrainingData};
    ///
    /// let config = TrainConfig { epochs: 2, ..TrainConfig::default() }.check()?;
    /// let mut engine = SliceEngine::new(view, &network)?;
    /// let data = TrainingData::of_one_task(view, &labels);
    /// let fitted = Trainer::init(config, &mut engine, data, network, &mut Ignore)?.run(&mut Ignore)?;
    /// let files = Default::default();
    /// let provenance = Provenance { view, alphabet: "dna", letters: "ACGT", tasks: &[], classes: &[], pad_short: false, files: &files };
    /// let model = fitted.into_model(&config, provenance)?;
    /// assert_eq!(model.scores(view)?.len(), 40);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Settings`]; [`Error::Model`] if the alphabet is not the network's.
    pub fn into_model(self, config: &CheckedTrainConfig, provenance: Provenance<'_>) -> Result<Model, Error> {
        let mut card = provenance.card(config.loss, config.seed, config)?;
        if config.loss == Loss::Multinomial {
            card.outputs = provenance.class_names(self.heads.len());
        }
        card.measured = provenance.measured(self.epochs.get(self.best));
        if config.choose_l2 {
            card.measured.insert("l2".to_owned(), self.l2);
        }
        Ok(Model::of_network(self.network, self.heads, card)?)
    }
}

impl FittedExact {
    /// The model of this training, to be saved and predicted with. It lengthens sequences that are too short by unknown letters:
    /// without a window of known letters their score is the intercept.
    ///
    /// # Errors
    /// [`Error::Settings`]; [`Error::Model`] if the alphabet is not the machine's, or if there are not as many tasks as outputs.
    pub fn into_model(self, provenance: Provenance<'_>) -> Result<Model, Error> {
        let mut card = provenance.card(self.settings.loss, self.settings.seed, &self.settings)?;
        card.pad_short = true;
        if self.settings.loss == Loss::Multinomial {
            card.outputs = provenance.class_names(self.machine.config().outputs);
        }
        if let Some(kept) = self.trials.iter().find(|trial| trial.chosen) {
            card.measured = provenance.by_name(kept.loss, kept.auroc, &kept.task_aurocs);
            card.measured.insert("l2".to_owned(), self.l2);
        }
        Ok(Model::new(self.machine, card)?)
    }
}

impl FittedDeepBind {
    /// The model of this training, to be saved and predicted with.
    ///
    /// # Errors
    /// [`Error::Settings`]; [`Error::Model`] if the alphabet is not the network's.
    pub fn into_model(self, provenance: Provenance<'_>) -> Result<Model, Error> {
        let mut card = provenance.card(self.settings.loss, self.settings.seed, &self.settings)?;
        card.measured = provenance.measured(self.epochs.get(self.best));
        Ok(Model::new(self.network, card)?)
    }
}
