//! Its table and figures.

use super::{calibrated, max, plan};
use crate::compare::experiments::{Comparison, Mode};
use crate::papers::motifs::Way;
use crate::papers::reading::Reading;
use crate::papers::row::{How, Outcome, Row};

/// In the order of the paper.
pub(in crate::papers) const ROWS: &[Row] = &[
    Row {
        name: "figure-1",
        shows: "CKN-seq, figure 1: the scheme of a network of one layer, and of several tasks.",
        paper: "A drawing, without numbers.",
        how: How::Known {
            command: "`cargo test -p ckn-burn layers_and_their_gradients_are_golden_on_every_device`.",
            ours: "The same scheme ([the method](method.md)); golden numbers of a second implementation hold it in place.",
        },
        outcome: Outcome::Repeated,
        remark: "",
    },
    Row {
        name: "figure-2",
        shows: "CKN-seq, figure 2: CKN against DeepBind in all mode, average pooling, 16 filters.",
        paper: "On 506 sets the average AUROC of CKN dominates that of DeepBind; one-sided Wilcoxon test.",
        how: How::Trained(&[plan(Comparison::Deepbind, Mode::All, 2), calibrated(Mode::All, 2, 1)], Reading::Above(0)),
        outcome: Outcome::InPart,
        remark: "Ahead in the mean and on seven sets of ten, but ten sets do not decide it, and the gain is that of hard sets \
                 (row [difficult-sets](#difficult-sets)). Calibrations are too dear in all mode: two draws, on the five sets \
                 of fewest peaks, where two draws are worse than none.",
    },
    Row {
        name: "table-1",
        shows: "CKN-seq, table 1: time to train on one set.",
        paper: "DeepBind with 30 calibrations 55.8 minutes in top mode and 72.0 in all mode, CKN 0.8 and 2.9 (GeForce GTX Titan \
                Black).",
        how: How::Trained(&[calibrated(Mode::Top, 30, 1), calibrated(Mode::All, 2, 1)], Reading::Seconds),
        outcome: Outcome::InPart,
        remark: "The order of the paper is seen: DeepBind costs what its calibrations cost, and without any it is faster than \
                 CKN. Minutes have become seconds on one thread of a processor. Thirty draws in all mode were not run; two \
                 are shown.",
    },
    Row {
        name: "figure-3-left",
        shows: "CKN-seq, figure 3, left: 16 against 128 filters in all mode; the penalty is doubled.",
        paper: "128 filters are better on almost all sets.",
        how: How::Trained(&[plan(Comparison::Filters, Mode::All, 1)], Reading::Above(1)),
        outcome: Outcome::Repeated,
        remark: "On every set that was run but CTCFL; sets of more peaks take minutes each.",
    },
    Row {
        name: "figure-3-right",
        shows: "CKN-seq, figure 3, right: one against two layers in all mode.",
        paper: "Two layers may be better where there are enough sequences; sets on which they are worse generally have fewer.",
        how: How::Trained(&[plan(Comparison::Layers, Mode::All, 1)], Reading::Above(1)),
        outcome: Outcome::InPart,
        remark: "Ahead on four of six; of the four sets of most peaks, for which the paper has the gain, none was run.",
    },
    Row {
        name: "figure-4-left",
        shows: "CKN-seq, figure 4, left: several tasks together against each alone, top mode.",
        paper: "Together is better on almost all sets.",
        how: How::Trained(&[plan(Comparison::Tasks, Mode::Top, 5)], Reading::Above(1)),
        outcome: Outcome::Repeated,
        remark: "Two pairs of sets, four AUROCs: p can be no lower than 0.0625.",
    },
    Row {
        name: "figure-4-right",
        shows: "CKN-seq, figure 4, right: several tasks together against each alone, all mode.",
        paper: "The gain is more limited than in top mode.",
        how: How::Trained(&[plan(Comparison::Tasks, Mode::All, 2)], Reading::Above(1)),
        outcome: Outcome::Repeated,
        remark: "Half the gain of top mode; two pairs of sets are few.",
    },
    Row {
        name: "figure-5",
        shows: "CKN-seq, figure 5, left: information of motifs of CKN and of DeepBind, all mode.",
        paper: "The information of CKN's motifs is higher on average, with a larger variance.",
        how: How::Motifs(
            plan(Comparison::Deepbind, Mode::All, 1),
            &[(0, Way::Projection), (0, Way::Sites), (1, Way::Sites)],
        ),
        outcome: Outcome::InPart,
        remark: "A letter of CKN's motifs says nearly twice as much as one of DeepBind's. A whole motif of DeepBind says more \
                 bits, since it is twice as wide: flanks add up.",
    },
    Row {
        name: "figure-5-logos",
        shows: "CKN-seq, figure 5, middle and right: logos for ATF1 and ATF2 beside those of DeepBind and Factorbook.",
        paper: "All three recover the cAMP response element for ATF1; for ATF2 CKN finds two motifs, and each of the others one.",
        how: How::Known {
            command: "`ckn motifs MODEL --pos FILE --neg FILE --database JASPAR.meme --out FOLDER` draws and names them.",
            ours: "Not tried: the ten sets here hold neither protein.",
        },
        outcome: Outcome::NotTested,
        remark: "What an anchor of ELK1 looks like is in [examples](examples.md#its-motif).",
    },
    Row {
        name: "figure-6-left",
        shows: "CKN-seq, figure 6, left: average pooling against DeepBind in top mode.",
        paper: "CKN is only slightly better in the mean, and worse in the median.",
        how: How::Trained(&[plan(Comparison::Deepbind, Mode::Top, 5), calibrated(Mode::Top, 30, 1)], Reading::Above(0)),
        outcome: Outcome::InPart,
        remark: "Worse on most sets, as the paper says, and not better in the mean. The penalty decides it: 1e-6 is too weak \
                 for 500 peaks. Chosen on training sequences, average pooling is ahead (row [penalty](#penalty)).",
    },
    Row {
        name: "figure-6-right",
        shows: "CKN-seq, figure 6, right: max pooling against DeepBind in top mode.",
        paper: "Max pooling helps on the easier sets of top mode.",
        how: How::Trained(
            &[max(plan(Comparison::Deepbind, Mode::Top, 5)), max(calibrated(Mode::Top, 30, 1))],
            Reading::Above(0),
        ),
        outcome: Outcome::Repeated,
        remark: "Max pooling, with the paper's penalty, is ahead on most sets. DeepBind's 30 calibrations bring it next to \
                 nothing here.",
    },
    Row {
        name: "figure-7-left",
        shows: "CKN-seq, figure 7, left: 16 against 128 filters in top mode.",
        paper: "As in all mode: 128 filters are better.",
        how: How::Trained(&[plan(Comparison::Filters, Mode::Top, 1)], Reading::Above(1)),
        outcome: Outcome::Repeated,
        remark: "In max pooling, with five seeds, 128 filters are better on all ten sets \
                 ([comparisons](comparisons.md#filters)).",
    },
    Row {
        name: "figure-7-right",
        shows: "CKN-seq, figure 7, right: one against two layers in top mode.",
        paper: "As in all mode.",
        how: How::Trained(&[plan(Comparison::Layers, Mode::Top, 1)], Reading::Above(1)),
        outcome: Outcome::InPart,
        remark: "Better on most sets, but one seed, and sets differ much. In max pooling, with five seeds, there is no \
                 difference ([comparisons](comparisons.md#layers)).",
    },
    Row {
        name: "figure-8-left",
        shows: "CKN-seq, figure 8, left: patch width in top mode, σ 0.3.",
        paper: "A width of 12 is generally better.",
        how: How::Trained(&[plan(Comparison::Width, Mode::Top, 2)], Reading::Sweep),
        outcome: Outcome::InPart,
        remark: "The curve is flat from 8 to 14; which width is best depends on the set, and is rarely 12. In max pooling 14 \
                 is best and 12 next ([comparisons](comparisons.md#patch-width)).",
    },
    Row {
        name: "figure-8-right",
        shows: "CKN-seq, figure 8, right: bandwidth σ in top mode, width 12.",
        paper: "0.3 was chosen from it.",
        how: How::Trained(&[plan(Comparison::Sigma, Mode::Top, 2)], Reading::Sweep),
        outcome: Outcome::Repeated,
        remark: "0.3 is best on average, as in max pooling ([comparisons](comparisons.md#bandwidth)). Larger σ costs more in \
                 average pooling.",
    },
];
