//! Several networks, of which the one of the lowest validation loss is kept (CKN-seq, section B.1).

use ckn_model::CheckedConfig;
use serde::Serialize;

use crate::{Fitted, StopReason};

/// What one network of several came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GridTrial {
    /// The trial, counted from 1.
    pub trial: usize,
    /// Patch width of the first layer, in letters.
    pub width: usize,
    /// Bandwidth of its kernel at the start, if it has one.
    pub sigma: Option<f64>,
    /// The epoch that was best.
    pub best_epoch: usize,
    /// Its validation loss.
    pub loss: f64,
    /// Its AUROC, where labels are two classes.
    pub auroc: Option<f64>,
    /// Whether it was kept.
    pub chosen: bool,
}

/// Trains one network after the other and keeps the one of the lowest validation loss, the first of equals; none follows one that was
/// interrupted. `None` if there is no network.
///
/// All trainings must hold out the same records, as those of one seed do; the loss that chooses is then a little too low for what is
/// chosen, and other data must say how good it is.
///
/// ```
/// use std::convert::Infallible;
/// use ckn_core::{network::NetworkConfig, solver::Termination};
/// use ckn_core::seed::Seed;
/// use ckn_train::{EpochRecord, Fitted, StopReason, train_best};
///
/// let networks = [8, 12, 16].map(|width| NetworkConfig::of_one_layer(4, 4, width).check().unwrap());
/// // In place of trainings: widths nearer to 11 have lower losses.
/// let (kept, trials) = train_best(networks, |config| {
///     let away = config.layers[0].width.abs_diff(11) as f64;
///     let network = ckn_model::Network::random(config, &mut Seed(0).stream("network")).unwrap();
///     let epoch = EpochRecord { validation_loss: away, ..EpochRecord::default() };
///     let (heads, epochs, validation) = (Vec::new(), vec![epoch], Vec::new());
///     let (reason, head_termination) = (StopReason::Epochs, Termination::GradientSmall);
///     Ok::<_, Infallible>(Fitted { network, heads, epochs, best: 0, reason, head_termination, l2: 0.1, validation })
/// })?.unwrap();
/// assert_eq!(kept.network.layers()[0].width(), 12);
/// assert_eq!(trials.iter().map(|trial| (trial.width, trial.chosen)).collect::<Vec<_>>(), [(8, false), (12, true), (16, false)]);
/// # Ok::<(), Infallible>(())
/// ```
///
/// # Errors
/// Those of a training.
pub fn train_best<E>(
    networks: impl IntoIterator<Item = CheckedConfig>,
    mut train: impl FnMut(CheckedConfig) -> Result<Fitted, E>,
) -> Result<Option<(Fitted, Vec<GridTrial>)>, E> {
    let mut kept: Option<(Fitted, f64)> = None;
    let mut trials: Vec<GridTrial> = Vec::new();
    for config in networks {
        let first = config.layers[0];
        let fitted = train(config)?;
        let epoch = fitted.epochs.get(fitted.best);
        let loss = epoch.map_or(f64::NAN, |epoch| epoch.validation_loss);
        let interrupted = fitted.reason == StopReason::Interrupted;
        // A loss that is no number is never lower, and lower than none.
        let lower = kept.as_ref().is_none_or(|(_, lowest)| loss < *lowest || lowest.is_nan());
        trials.iter_mut().for_each(|trial| trial.chosen &= !lower);
        trials.push(GridTrial {
            trial: trials.len() + 1,
            width: first.width,
            sigma: first.kernel.sigma(),
            best_epoch: fitted.best,
            loss,
            auroc: epoch.and_then(|epoch| epoch.validation_auroc),
            chosen: lower,
        });
        if lower {
            kept = Some((fitted, loss));
        }
        if interrupted {
            if let Some((fitted, _)) = &mut kept {
                fitted.reason = StopReason::Interrupted;
            }
            break;
        }
    }
    Ok(kept.map(|(fitted, _)| (fitted, trials)))
}
