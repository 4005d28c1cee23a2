//! Which way leads to a model, and why an option has no effect on it.

use clap::ValueEnum;

use super::Recipe;
use super::deepbind::DeepBindArguments;
use super::engine::EngineArguments;
use super::exact::ExactArguments;
use super::network::NetworkArguments;

/// Kinds of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Convolutional kernel network: anchor points that are learnt (also `ckn`)
    #[value(alias = "ckn")]
    Network,
    /// Convolution, rectifier, maximum, linear score (Alipanahi et al. 2015): a baseline to compare with (also `baseline`)
    #[value(alias = "baseline")]
    Deepbind,
    /// Machine on an exact kernel of whole sequences (--profile): no anchor points
    Exact,
}

/// Which way leads to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Auto,
    Ckn,
    DeepBind,
    Exact,
}

impl Way {
    /// Why an option leaves nothing to choose.
    pub fn chosen(self) -> Option<&'static str> {
        (self == Self::Auto).then_some("is chosen by --auto or --effort: drop one of them")
    }

    /// Why an option of networks has no effect on a machine.
    pub fn of_networks(self) -> Option<&'static str> {
        (self == Self::Exact).then_some("belongs to networks: drop it (--model exact has --profile and --l2)")
    }

    /// Why there is no shortest sequence.
    pub fn of_windows(self) -> Option<&'static str> {
        (self == Self::Exact).then_some(
            "has no effect on --model exact: the score of a sequence without a window is the intercept; drop it",
        )
    }

    /// Why an option of models with a penalty, of several tasks and of classes with weights, has no effect on the other kind.
    pub fn of_kernels(self) -> Option<&'static str> {
        (self == Self::DeepBind)
            .then_some("belongs to kernel networks: drop it (the penalty of --model deepbind is --weight-decay)")
    }

    /// Why an option of kernel networks has no effect on the other kinds.
    pub fn of_kernel_networks(self) -> Option<&'static str> {
        self.of_kernels().or(self.of_networks())
    }

    /// Why an option of the baseline has no effect on the other kinds.
    pub fn of_deepbind(self) -> Option<&'static str> {
        matches!(self, Self::Ckn | Self::Exact)
            .then_some("belongs to --model deepbind: drop it, or add --model deepbind")
    }

    /// Why an option of machines has no effect on the other kinds.
    pub fn of_exact(self) -> Option<&'static str> {
        (self != Self::Exact).then_some("belongs to --model exact: drop it, or add --model exact")
    }
}

impl Recipe {
    /// Has the model chosen inside the training data, among all candidates where nothing else is said.
    pub fn choose_model(&mut self) {
        self.auto.ask();
    }

    /// Which way leads to the model: a choice, unless its kind or one of its options is given.
    pub fn way(&self) -> Way {
        match self.model {
            _ if self.auto.is_asked() => Way::Auto,
            Some(Kind::Network) => Way::Ckn,
            Some(Kind::Deepbind) => Way::DeepBind,
            Some(Kind::Exact) => Way::Exact,
            None if self.option_of_a_network().is_some() => Way::Ckn,
            None => Way::Auto,
        }
    }

    /// The option that says that a network is wanted, where no kind of model is named.
    fn option_of_a_network(&self) -> Option<String> {
        let given = &self.given;
        (given.has("short").then(|| "short".to_owned()))
            .or_else(|| given.first_of::<NetworkArguments>())
            .or_else(|| given.first_of::<EngineArguments>())
            .or_else(|| given.first_of::<DeepBindArguments>())
            .or_else(|| given.first_of::<ExactArguments>())
            .or_else(|| self.learning.names_a_network(given))
    }

    /// Why no model is chosen, where an option decides it.
    pub(super) fn why_a_network(&self) -> Option<String> {
        if self.model.is_some() || self.auto.is_asked() {
            return None;
        }
        let option = self.option_of_a_network()?.replace('_', "-");
        Some(format!("--{option} is an option of networks: one is trained, and no model is chosen"))
    }
}
