//! What to reach: test AUROC of the authors' layers and of two peers on the same splits.
//!
//! Measured once, one seed each, with the PyTorch layers that the authors of CKN-seq published (16 filters of width 12,
//! σ 0.3, 100 epochs, a quarter for validation, forward strand), with a one-layer convolutional network after DeepBind,
//! and with LS-GKM (l 11, k 7). The standard error of one number is about 0.01: judge by means.

/// A setting of training that is a column of the table.
#[derive(Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) label: &'static str,
    /// `--pooling`.
    pub(crate) pooling: &'static str,
    /// `--l2`: the factor `A` in `Σ losses + (A/2)‖w‖²`.
    pub(crate) l2: &'static str,
}

/// A data set that is a row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Its folder in `encode_splits`.
    pub(crate) folder: &'static str,
    /// AUROC of the authors' layers, one for each setting of the protocol.
    pub(crate) reference: &'static [f64],
    /// Lowest accepted mean over seeds, one for each setting; a fixed distance below `reference` where it is empty.
    pub(crate) floor: &'static [f64],
    /// AUROC of each peer.
    pub(crate) peers: &'static [Option<f64>],
}

/// A way of cutting the data, with its table.
#[derive(Debug)]
pub(crate) struct Protocol {
    pub(crate) name: &'static str,
    /// Prefix of the training files: `train_top_pos.fa.gz`.
    pub(crate) prefix: &'static str,
    pub(crate) settings: &'static [Setting],
    pub(crate) peers: &'static [&'static str],
    pub(crate) rows: &'static [Row],
    /// How far a column's mean may lie below the reference's, if that is part of the criterion.
    pub(crate) column_slack: Option<f64>,
}

/// How far a set's mean may lie below its row where no floor is given.
pub(crate) const ROW_SLACK: f64 = 0.03;

impl Row {
    /// Lowest accepted mean over seeds of a setting.
    pub(crate) fn lowest(&self, setting: usize) -> f64 {
        self.floor.get(setting).copied().unwrap_or(self.reference[setting] - ROW_SLACK)
    }
}

const MEAN_STRONG: Setting = Setting { label: "mean, l2 0.1", pooling: "mean", l2: "0.1" };
const MAX_STRONG: Setting = Setting { label: "max, l2 0.1", pooling: "max", l2: "0.1" };
const MEAN_WEAK: Setting = Setting { label: "mean, l2 1e-6", pooling: "mean", l2: "1e-6" };

/// 500 strongest peaks and one shuffle of each.
pub(crate) const TOP: Protocol = Protocol {
    name: "top",
    prefix: "train_top",
    settings: &[MEAN_STRONG, MAX_STRONG, MEAN_WEAK],
    peers: &["DeepBind-like", "LS-GKM"],
    column_slack: Some(0.005),
    rows: &[
        top(
            "CTCFL K562",
            "CTCFL_K562_CTCFL_SC-98982_HudsonAlpha",
            &[0.7576, 0.9413, 0.9178],
            &[Some(0.9714), Some(0.9591)],
        ),
        top(
            "ELK1 GM12878",
            "ELK1_GM12878_ELK1_1277-1_Stanford",
            &[0.8709, 0.9337, 0.9187],
            &[Some(0.9372), Some(0.9626)],
        ),
        top(
            "FOXA1 HepG2",
            "FOXA1_HepG2_FOXA1_SC-101058_HudsonAlpha",
            &[0.8844, 0.9631, 0.8865],
            &[Some(0.9674), Some(0.9845)],
        ),
        top(
            "GABPA GM12878",
            "GABPA_GM12878_GABP_HudsonAlpha",
            &[0.9407, 0.9614, 0.9548],
            &[Some(0.9718), Some(0.9840)],
        ),
        top("MYC H1-hESC", "MYC_H1-hESC_c-Myc_Stanford", &[0.7093, 0.8612, 0.8355], &[Some(0.8518), Some(0.9260)]),
        top("SRF H1-hESC", "SRF_H1-hESC_SRF_HudsonAlpha", &[0.7860, 0.9405, 0.8835], &[None, Some(0.9688)]),
        top(
            "TAF7 H1-hESC",
            "TAF7_H1-hESC_TAF7_SC-101167_HudsonAlpha",
            &[0.5732, 0.6158, 0.7104],
            &[None, Some(0.7822)],
        ),
        top("USF1 H1-hESC", "USF1_H1-hESC_USF-1_HudsonAlpha", &[0.9735, 0.9948, 0.9816], &[None, Some(0.9989)]),
        top("USF1 HepG2", "USF1_HepG2_USF-1_HudsonAlpha", &[0.9725, 0.9912, 0.9856], &[None, Some(0.9966)]),
        top("YY1 H1-hESC", "YY1_H1-hESC_YY1_SC-281_HudsonAlpha", &[0.9320, 0.9787, 0.9544], &[None, Some(0.9874)]),
    ],
};

/// All peaks and one shuffle of each.
pub(crate) const ALL: Protocol = Protocol {
    name: "all",
    prefix: "train_all",
    settings: &[MEAN_WEAK],
    peers: &["LS-GKM"],
    column_slack: None,
    rows: &[
        all("ELK1 GM12878", "ELK1_GM12878_ELK1_1277-1_Stanford", &[0.957], &[0.953], &[Some(0.970)]),
        all("SRF H1-hESC", "SRF_H1-hESC_SRF_HudsonAlpha", &[0.939], &[0.932], &[Some(0.973)]),
        all("GABPA GM12878", "GABPA_GM12878_GABP_HudsonAlpha", &[0.974], &[0.970], &[Some(0.984)]),
    ],
};

const fn top(
    name: &'static str,
    folder: &'static str,
    reference: &'static [f64],
    peers: &'static [Option<f64>],
) -> Row {
    Row { name, folder, reference, floor: &[], peers }
}

const fn all(
    name: &'static str,
    folder: &'static str,
    reference: &'static [f64],
    floor: &'static [f64],
    peers: &'static [Option<f64>],
) -> Row {
    Row { name, folder, reference, floor, peers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_give_the_means_that_were_written_down_with_them() {
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        for (setting, written) in [0.8400, 0.9182, 0.9029].into_iter().enumerate() {
            let found = mean(TOP.rows.iter().map(|row| row.reference[setting]).collect());
            assert!((found - written).abs() <= 5.1e-5, "{}: {found}", TOP.settings[setting].label);
        }
        for (peer, written) in [0.9399, 0.9550].into_iter().enumerate() {
            let found = mean(TOP.rows.iter().filter_map(|row| row.peers[peer]).collect());
            assert!((found - written).abs() <= 5.1e-5, "{}: {found}", TOP.peers[peer]);
        }
    }

    #[test]
    fn every_row_has_a_number_for_each_column() {
        for protocol in [TOP, ALL] {
            for row in protocol.rows {
                assert_eq!(row.reference.len(), protocol.settings.len(), "{}", row.name);
                assert_eq!(row.peers.len(), protocol.peers.len(), "{}", row.name);
                for setting in 0..protocol.settings.len() {
                    assert!(row.lowest(setting) < row.reference[setting], "{}", row.name);
                }
            }
        }
    }
}
