//! A network of a few anchor points that says what the chosen model says, to be read as motifs.

use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::metrics::auroc;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_model::{LayerConfig, LinearHead, Network, NetworkConfig};

use super::subset::Subset;
use super::{AutoData, Found, network};
use crate::{Error, Observer, TrainConfig};

/// Anchor points.
const FILTERS: usize = 16;

/// A network that was taught the scores of a model.
#[derive(Debug, Clone)]
pub struct FewAnchors {
    /// The network.
    pub network: Network,
    /// Its head: scores on the scale of the model's.
    pub head: LinearHead,
    /// Its AUROC on a fold whose scores it was not taught. (The scores that it was taught come from models that saw that fold.)
    pub auroc: f64,
    /// The AUROC of the model's scores of the same fold, by members that had not seen it.
    pub model_auroc: f64,
}

impl Found {
    /// Teaches a network of 16 anchor points the scores that the chosen candidates gave to sequences they had not seen.
    ///
    /// # Errors
    /// Those of the training.
    pub fn few_anchors(&self, data: AutoData<'_>, observer: &mut dyn Observer) -> Result<FewAnchors, Error> {
        let seed = Seed(self.seed);
        let (letters, both) = (data.view.table().letters(), data.view.table().complement().is_some());
        let (width, sigma, border) = if letters <= 4 { (12, 0.3, Border::Valid) } else { (6, 0.5, Border::Same) };
        let shortest = (0..data.view.len()).map(|record| data.view.sequence(record).len()).min().unwrap_or(1);
        let layer = LayerConfig {
            filters: FILTERS,
            width: width.min(shortest.max(1)),
            kernel: DotProductKernel::Exponential { sigma },
            subsampling: 1,
        };
        let config = NetworkConfig {
            letters,
            layers: vec![layer],
            pooling: Pooling::Max,
            strands: if both { Strands::Max } else { Strands::Forward },
            border,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
        };
        let learning = TrainConfig { loss: Loss::Squared, ..TrainConfig::default() };
        let mut taught = |chosen: &[usize]| -> Result<(Network, LinearHead), Error> {
            let records: Vec<usize> = chosen.iter().map(|&place| self.records[place]).collect();
            let scores: Vec<f64> = chosen.iter().map(|&place| self.scores[place]).collect();
            let subset = Subset::new(data, &records);
            let fitted = network::fit(&config, &learning, subset.data()?.view, &scores, seed, observer)?;
            let head = fitted.heads.into_iter().next().ok_or(Error::NothingTried)?;
            Ok((fitted.network, head))
        };
        let (test, training): (Vec<usize>, Vec<usize>) =
            (0..self.records.len()).partition(|&place| self.fold_of[place] == 0);
        let (network, head) = taught(&training)?;
        let records: Vec<usize> = test.iter().map(|&place| self.records[place]).collect();
        let subset = Subset::new(data, &records);
        let part = subset.data()?;
        let scores = network.scores(&[head], part.view)?;
        let of_model: Vec<f64> = test.iter().map(|&place| self.scores[place]).collect();
        let measured = |scores: &[f64]| auroc(scores, part.labels).value().unwrap_or(f64::NAN);
        let (auroc, model_auroc) = (measured(&scores), measured(&of_model));
        let (network, head) = taught(&(0..self.records.len()).collect::<Vec<_>>())?;
        Ok(FewAnchors { network, head, auroc, model_auroc })
    }
}
