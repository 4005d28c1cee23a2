//! What of a recipe goes with sequences that have no labels.

use ckn::model::CheckedConfig;

use super::auto::AutoArguments;
use super::deepbind::DeepBindArguments;
use super::engine::EngineArguments;
use super::exact::ExactArguments;
use super::learning::LearningArguments;
use super::{Recipe, Way};
use crate::command::given::Given;
use crate::exit::Usage;
use crate::input::{NegativesArguments, Source, TaskArguments};

const WHY: &str = "has no effect on --unlabelled, which fits anchor points and learns from no label: drop it";
const PATCHES: &str = "patches";

impl Recipe {
    /// Refuses options that have no effect on anchor points that are fitted without labels.
    pub fn check_without_labels(&self, given: &Given) -> Result<(), Usage> {
        given.refuse_group::<Source>(&[], WHY)?;
        given.refuse_group::<TaskArguments>(&[], WHY)?;
        given.refuse_group::<NegativesArguments>(&[], WHY)?;
        given.refuse_group::<AutoArguments>(&[], WHY)?;
        given.refuse_group::<DeepBindArguments>(&[], WHY)?;
        given.refuse_group::<ExactArguments>(&[], WHY)?;
        given.refuse_group::<EngineArguments>(&[], WHY)?;
        given.refuse_group::<LearningArguments>(&[PATCHES], WHY)?;
        for option in ["mode", "allow_duplicates", "short", "model", "anchors"] {
            given.refuse(option, WHY)?;
        }
        self.network.check(given, Way::Ckn, self.alphabet)
    }

    /// The network whose anchor points are fitted.
    pub fn network_without_labels(&self) -> anyhow::Result<CheckedConfig> {
        // Settings of k-means are among those of learning.
        self.learning.config(self.seed)?;
        self.one_network()
    }

    /// The network of options that leave nothing to choose.
    pub(super) fn one_network(&self) -> anyhow::Result<CheckedConfig> {
        let one = <[CheckedConfig; 1]>::try_from(self.network.configs(self.alphabet)?);
        let [config] =
            one.map_err(|_| Usage("auto chooses by labels, which --unlabelled has none of: give a number".into()))?;
        Ok(config)
    }

    /// Most patches that k-means sees.
    pub fn patches(&self) -> usize {
        self.learning.patches
    }

    /// Sets the number of threads.
    pub fn set_threads(&self) -> anyhow::Result<()> {
        crate::command::set_threads(self.threads)
    }
}
