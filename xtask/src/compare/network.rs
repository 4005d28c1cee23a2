//! Networks as options of `ckn train`.

use clap::ValueEnum;

/// Global pooling of the networks of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pooling {
    /// The paper's average pooling, with a penalty of 1e-6
    Mean,
    /// The best site counts, with a penalty of 0.1
    Max,
}

impl Pooling {
    /// Penalty A of the weights. That of the paper, 0.1, is too much for means over positions, which are tiny.
    fn penalty(self) -> &'static str {
        match self {
            Self::Mean => "1e-6",
            Self::Max => "0.1",
        }
    }

    /// Twice the penalty, as the paper has it for more filters.
    pub(crate) fn doubled_penalty(self) -> &'static str {
        match self {
            Self::Mean => "2e-6",
            Self::Max => "0.2",
        }
    }

    /// The word that `ckn train` knows it by.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }
}

/// A network with every option said, so that one network is always one text, whichever comparison asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    pub(crate) filters: &'static str,
    pub(crate) width: &'static str,
    pub(crate) sigma: &'static str,
    pub(crate) pooling: Pooling,
    pub(crate) penalty: &'static str,
    pub(crate) strands: &'static str,
    pub(crate) unsupervised: bool,
}

impl Network {
    /// One layer of 16 filters of width 12, σ 0.3 (CKN-seq, section 3.2).
    pub(crate) fn of_the_paper(pooling: Pooling) -> Self {
        let penalty = pooling.penalty();
        Self { filters: "16", width: "12", sigma: "0.3", pooling, penalty, strands: "forward", unsupervised: false }
    }

    /// Options of `ckn train`.
    pub(crate) fn options(&self) -> Vec<String> {
        let named = [
            ("--filters", self.filters),
            ("--width", self.width),
            ("--sigma", self.sigma),
            ("--pooling", self.pooling.word()),
            ("--l2", self.penalty),
            ("--strands", self.strands),
        ];
        let mut options: Vec<String> = named.iter().flat_map(|&(name, value)| [name.into(), value.into()]).collect();
        options.extend(self.unsupervised.then(|| "--unsupervised".into()));
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_text() {
        let network = Network { width: "12", ..Network::of_the_paper(Pooling::Mean) };
        let said = "--filters 16 --width 12 --sigma 0.3 --pooling mean --l2 1e-6 --strands forward";
        assert_eq!(network.options().join(" "), said);
        assert!(Network { unsupervised: true, ..network }.options().ends_with(&["--unsupervised".to_owned()]));
    }
}
