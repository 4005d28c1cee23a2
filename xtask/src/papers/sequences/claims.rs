//! What its text says beside the figures.

use super::{max, plan};
use crate::compare::experiments::{Comparison, Mode};
use crate::papers::motifs::Way;
use crate::papers::reading::Reading;
use crate::papers::row::{How, Outcome, Row};

/// In the order of the text.
pub(in crate::papers) const ROWS: &[Row] = &[
    Row {
        name: "stable",
        shows: "CKN-seq, abstract: results are more stable than those of convolutional networks.",
        paper: "A statement without a number.",
        how: How::Trained(
            &[
                plan(Comparison::Deepbind, Mode::Top, 5),
                max(plan(Comparison::Deepbind, Mode::Top, 5)),
                plan(Comparison::Deepbind, Mode::All, 2),
            ],
            Reading::Stability,
        ),
        outcome: Outcome::InPart,
        remark: "In top mode both vary alike with the seed; in all mode CKN varies less than half as much, by two seeds. \
                 Shuffles are the same for all seeds, so that this is the variation of the training alone.",
    },
    Row {
        name: "sensitivity",
        shows: "CKN-seq, sections 1 and 3.2: CKN is less sensitive to hyper-parameters than DeepBind, and needs no calibration.",
        paper: "Defaults serve all sets; DeepBind draws 30 settings.",
        how: How::Trained(
            &[plan(Comparison::Width, Mode::Top, 2), plan(Comparison::Sigma, Mode::Top, 2)],
            Reading::Sweep,
        ),
        outcome: Outcome::InPart,
        remark: "Defaults serve all sets, but for the penalty (row [penalty](#penalty)). Less sensitive it is not: a wrong σ \
                 costs up to 0.3, and 30 calibrations do not move our DeepBind (row [figure-6-right](#figure-6-right)).",
    },
    Row {
        name: "reverse-complement",
        shows: "CKN-seq, section 2.1: a loss of the better of both strands improves predictions (of DeepBind).",
        paper: "Reported of DeepBind, without a number.",
        how: How::Trained(
            &[plan(Comparison::Strands, Mode::Top, 5), plan(Comparison::Strands, Mode::All, 2)],
            Reading::Above(1),
        ),
        outcome: Outcome::Repeated,
        remark: "Of CKN, in both modes.",
    },
    Row {
        name: "alternating",
        shows: "CKN-seq, section 2.2: heads by L-BFGS and filters in turn are more efficient than SGD on both.",
        paper: "A statement without a number.",
        how: How::Known { command: "None.", ours: "Not tried: `ckn train` has no SGD on both." },
        outcome: Outcome::NotTested,
        remark: "",
    },
    Row {
        name: "inner-product",
        shows: "CKN-seq, sections 2.2 and A.2: inner products of ψ are those of the projections in the kernel's space.",
        paper: "Proved.",
        how: How::Known {
            command: "`cargo test -p ckn-core networks_whose_anchors_are_all_patches_have_the_exact_kernel`.",
            ours: "Where all patches are anchor points nothing is lost, and the exact kernel comes out to six digits (of images, \
                   whose layers are the same).",
        },
        outcome: Outcome::Repeated,
        remark: "",
    },
    Row {
        name: "sparse-projection",
        shows: "CKN-seq, section 2.4: the projection on matrices makes them sparse, and more informative, without sequences.",
        paper: "A statement without a number.",
        how: How::Motifs(plan(Comparison::Deepbind, Mode::All, 1), &[(0, Way::Projection), (0, Way::Sites)]),
        outcome: Outcome::InPart,
        remark: "Matrices of the projection are sparse, those of sites are not. Their information a letter is not higher: \
                 sites are trimmed to the letters that say something, and found by evidence.",
    },
    Row {
        name: "more-sequences",
        shows: "CKN-seq, sections 3.1 and C.1: all peaks give better predictions than the 500 strongest.",
        paper: "Typically so.",
        how: How::Trained(
            &[plan(Comparison::Strands, Mode::Top, 5), plan(Comparison::Strands, Mode::All, 2)],
            Reading::Means,
        ),
        outcome: Outcome::Repeated,
        remark: "By 0.03 to 0.04.",
    },
    Row {
        name: "difficult-sets",
        shows: "CKN-seq, section 3.2: CKN gains most where DeepBind is poor.",
        paper: "Substantial improvement on the most difficult sets.",
        how: How::Trained(
            &[plan(Comparison::Deepbind, Mode::All, 2), plan(Comparison::Deepbind, Mode::Top, 5)],
            Reading::Hard(0),
        ),
        outcome: Outcome::InPart,
        remark: "Signs are the paper's in both modes; the size is not, and it is one set, TAF7, that makes most of it.",
    },
    Row {
        name: "faster",
        shows: "CKN-seq, section 3.2: training is 25 times as fast as that of DeepBind in all mode, and 70 times in top mode.",
        paper: "25 and 70 times, with DeepBind's 30 calibrations.",
        how: How::Known {
            command: "`cargo xtask papers table-1`.",
            ours: "18 times in top mode. In all mode 1.1 times with two draws, on the five sets of fewest peaks: about 11 \
                   times, if each of thirty costs as much as these (4.1 s; the training after them 5.1 s, CKN 11.6 s).",
        },
        outcome: Outcome::InPart,
        remark: "A draw of our DeepBind costs less than one of the original, which trains on at least 100,000 rows whatever \
                 the set. Against an uncalibrated DeepBind, CKN is slower.",
    },
    Row {
        name: "orthogonal-filters",
        shows: "CKN-seq, sections 3.3 and 3.6: of too many filters some are orthogonal to all matrices, and have small weights.",
        paper: "Observed, without a number; it would explain why more filters do not overfit.",
        how: How::Motifs(plan(Comparison::Filters, Mode::Top, 1), &[(0, Way::Projection), (1, Way::Projection)]),
        outcome: Outcome::NotRepeated,
        remark: "Next to no filter is far from all matrices, of 16 or of 128, by the distance of `ckn motifs`, in which \
                 matrices have norm one, as filters do ([where ckn differs](divergences.md#the-papers)). What there is has \
                 small weights, as the paper says.",
    },
    Row {
        name: "deeper",
        shows: "CKN-seq, section 3.5: deeper networks may capture motifs that stand together; to be validated on simulated data.",
        paper: "Left to the future.",
        how: How::Known {
            command: "`ckn demo --co-motifs`, 15 s.",
            ours: "Sequences that differ in the distance of two motifs alone: AUROC 0.5404 of one layer, 0.9715 of two.",
        },
        outcome: Outcome::Repeated,
        remark: "[Motifs in pairs](co-motifs.md) has the rest.",
    },
    Row {
        name: "simulated",
        shows: "CKN-seq, section 4: simulated sequences with known motifs would validate the motifs of a model.",
        paper: "Left to the future.",
        how: How::Known {
            command: "`ckn demo`.",
            ours: "The planted motif is found again ([first model](first-model.md)).",
        },
        outcome: Outcome::Repeated,
        remark: "",
    },
    Row {
        name: "removed-filters",
        shows: "CKN-seq, section 3.6: filters far from all matrices, or with weights below 0.05 of the largest, are left out.",
        paper: "A rule; some filters converge to motifs that do not exist.",
        how: How::Known {
            command: "`ckn motifs MODEL --by projection --out FOLDER`: `anchors.tsv` says of each anchor point why it is left out.",
            ours: "Distance, and evidence in sequences held out from the training, in place of weights.",
        },
        outcome: Outcome::NotTested,
        remark: "Anchor points that fit noise have large weights, too ([motifs](motifs.md)).",
    },
    Row {
        name: "neighbourhood",
        shows: "CKN-seq, section A.3: σ is the radius of a neighbourhood of mismatches, by a quantile of χ².",
        paper: "A bound on the radius.",
        how: How::Known {
            command: "`ckn motifs MODEL --tau TAU`: `anchors.tsv` has the distance, the radius and the τ of every anchor point.",
            ours: "The quantile with `--tau`; the radius is 3σ without, as in the authors' code.",
        },
        outcome: Outcome::InPart,
        remark: "At 16 filters and σ 0.3 the squared radius of the 0.95 quantile is 2.25, and no two patches are further apart \
                 than 2: it rejects nothing. 3σ is τ = 0.12 there ([where ckn differs](divergences.md)).",
    },
    Row {
        name: "consistent-sigma",
        shows: "CKN-seq, section B.1: the best σ is much the same for all sets.",
        paper: "Quite consistent.",
        how: How::Trained(&[plan(Comparison::Sigma, Mode::Top, 2)], Reading::Sweep),
        outcome: Outcome::Repeated,
        remark: "0.2 or 0.3 is best on nine of ten sets or nearly so.",
    },
    Row {
        name: "penalty",
        shows: "CKN-seq, section B.1: λ matters little above a threshold where sequences are many, and more where they are few.",
        paper: "λ = 0.1/n, which is `--l2 0.1`, in all experiments.",
        how: How::Chosen(&[plan(Comparison::Penalty, Mode::Top, 2), plan(Comparison::Penalty, Mode::All, 1)]),
        outcome: Outcome::InPart,
        remark: "In top mode its choice is subtle, as the paper says; but the paper's own 0.1 loses 0.08 against the best, \
                 since means over positions are tiny. On what scale the authors had theirs is not known. Chosen on held-out \
                 training sequences, average pooling has 0.9339 where uncalibrated DeepBind has 0.9273 (row \
                 [figure-6-left](#figure-6-left)); 1e-6, which all other rows have, is too weak for 500 peaks. \
                 In all mode, two sets of which were run, 1e-8 to 1e-4 are alike. `--l2 auto`, which chooses once for the \
                 anchor points of the start, has 0.9301.",
    },
    Row {
        name: "unsupervised",
        shows: "CKN-seq, section B.2: anchor points of k-means do about as well, with a very large number of filters.",
        paper: "Usually similar.",
        how: How::Trained(&[plan(Comparison::Unsupervised, Mode::Top, 1)], Reading::Above(2)),
        outcome: Outcome::Repeated,
        remark: "At 1,024 they are ahead of 16 that are learnt; 16 of k-means are far below.",
    },
    Row {
        name: "pooling",
        shows: "CKN-seq, section C.1: max pooling is usually better in top mode, average pooling in all mode.",
        paper: "A statement without a number.",
        how: How::Trained(
            &[plan(Comparison::Pooling, Mode::Top, 5), plan(Comparison::Pooling, Mode::All, 1)],
            Reading::Above(1),
        ),
        outcome: Outcome::InPart,
        remark: "Top mode: max is better on eight sets, and TAF7 makes up for most of it. All mode: the difference is small; \
                 five seeds give 0.0032 ± 0.0027 for the mean ([comparisons](comparisons.md#pooling)).",
    },
];
