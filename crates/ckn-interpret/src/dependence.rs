//! Whether sequences and their labels have to do with each other at all: a test by the exact kernel of whole sequences.

mod form;

use ckn_core::TokenView;
use ckn_core::mismatch::Profile;
use ckn_core::seed::{Random, Seed};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use self::form::Form;
use crate::{Error, Strata};

/// Settings of [`dependence`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DependenceSettings {
    /// Letters of the windows that are compared.
    pub width: usize,
    /// What two windows are worth, by their mismatches.
    pub profile: Profile,
    /// Whether windows of the reverse complement are compared, too.
    pub both_strands: bool,
    /// Random permutations of the labels.
    pub permutations: usize,
    /// Root of the random streams.
    pub seed: u64,
}

/// What sequences and labels have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// `HSIC = ‖(1/n) Σ_i y_i φ(x_i)‖²`, labels scaled to mean 0 (of each group) and variance 1, `φ(x)` of unit norm: 0 where the mean of `φ` is the
    /// same whatever the label.
    pub hsic: f64,
    /// For labels 0 and 1, the squared maximum mean discrepancy of the classes, without bias: below 0 by chance, up to 2.
    pub mmd: Option<f64>,
    /// Standard deviations of `hsic` above its mean under permutations; `None` where those do not differ, as one alone does not.
    pub z: Option<f64>,
    /// `(1 + permutations with an HSIC as large)/(1 + permutations)`.
    pub p_value: f64,
}

/// Tests whether sequences and labels are independent, by permuting the labels.
///
/// The statistic is the Hilbert–Schmidt independence criterion of the sequences' normalised kernel and of the labels' linear one; of two
/// classes it is a multiple of the squared maximum mean discrepancy. Under the null hypothesis that labels are exchangeable the
/// p-value is valid at any sample size. A small one says that the sets differ, not in what: a difference of composition or
/// length is one. Where sequences are `given` in groups, labels are less the mean of their group and permuted within it, and a small p-value says
/// that sequences of one group differ.
///
/// ```
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_bio::LabelledSequences;
/// use ckn_core::{mismatch::Profile, seed::Seed};
/// use ckn_interpret::{DependenceSettings, Strata, dependence};
/// let bound = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 50, 60) }.run(Seed(0))?.sequences;
/// let data = LabelledSequences::from_classes(&bound, &Simulation::new("random", 50, 60).run(Seed(0))?.sequences)?;
/// let profile = Profile::GappedKmer { informative: 6, mismatches: 2 };
/// let settings = DependenceSettings { width: 8, profile, both_strands: true, permutations: 99, seed: 0 };
/// let found = dependence(data.sequences().view(), data.labels(), &Strata::one(100), &settings)?;
/// assert_eq!(found.p_value, 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// Gretton, Borgwardt, Rasch, Schölkopf and Smola 2012 (MMD, its unbiased estimate: equation 3); Gretton et al. 2008 (HSIC).
///
/// # Errors
/// [`ckn_core::Error::Parameter`] for labels that are all alike or not finite, fewer than one permutation, and profiles outside
/// their domain; [`ckn_core::Error::Shape`] unless there is one label a sequence; [`ckn_core::Error::Memory`] for more proteins than
/// their kernel matrix has room for.
pub fn dependence(
    view: TokenView<'_>,
    labels: &[f64],
    given: &Strata,
    settings: &DependenceSettings,
) -> Result<Dependence, Error> {
    let refuse = |name, got, expected| Err(ckn_core::Error::Parameter { name, got, expected }.into());
    if labels.len() != view.len() {
        let error = ckn_core::Error::Shape { what: "labels", expected: view.len(), got: labels.len() };
        return Err(error.into());
    }
    if given.of().len() != view.len() {
        let error = ckn_core::Error::Shape { what: "strata", expected: view.len(), got: given.of().len() };
        return Err(error.into());
    }
    if settings.permutations == 0 {
        return refuse("permutations", 0.0, "at least 1");
    }
    let count = labels.len() as f64;
    let centred = centred(labels, given);
    let variance = centred.iter().map(|label| label.powi(2)).sum::<f64>() / count;
    if !variance.is_finite() || variance <= 0.0 {
        return refuse(
            "variance of the labels",
            variance,
            "above 0: labels that are not all alike among sequences that are",
        );
    }
    let form = Form::new(view, settings)?;
    let scaled: Vec<f64> = centred.iter().map(|label| label / variance.sqrt() / count).collect();
    let hsic = form.energy(&scaled, &mut Vec::new())?;
    let permuted: Vec<f64> = (0..settings.permutations as u64)
        .into_par_iter()
        .map_init(Vec::new, |table, number| {
            let drawn = permuted_within(&scaled, given, &mut Seed(settings.seed).stream_at("permutations", number));
            form.energy(&drawn, table)
        })
        .collect::<Result<_, Error>>()?;
    let drawn = permuted.len() as f64;
    let centre = permuted.iter().sum::<f64>() / drawn;
    let spread = (permuted.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / drawn).sqrt();
    let as_large = permuted.iter().filter(|&&value| value >= hsic).count() as f64;
    Ok(Dependence {
        hsic,
        mmd: form.discrepancy(labels)?,
        z: (spread > 0.0).then(|| (hsic - centre) / spread),
        p_value: (1.0 + as_large) / (1.0 + drawn),
    })
}

/// Labels less the mean of their group.
fn centred(labels: &[f64], given: &Strata) -> Vec<f64> {
    let mut centred = labels.to_vec();
    for members in given.members() {
        let mean = members.iter().map(|&record| labels[record]).sum::<f64>() / members.len() as f64;
        members.iter().for_each(|&record| centred[record] -= mean);
    }
    centred
}

/// Values that changed places within their groups.
fn permuted_within(values: &[f64], given: &Strata, random: &mut Random) -> Vec<f64> {
    let mut permuted = values.to_vec();
    for members in given.members() {
        let mut drawn: Vec<f64> = members.iter().map(|&record| values[record]).collect();
        drawn.shuffle(random);
        members.iter().zip(drawn).for_each(|(&record, value)| permuted[record] = value);
    }
    permuted
}

#[cfg(test)]
mod tests {
    use ckn_core::LetterTable;
    use ckn_core::mismatch::gram;
    use rand::RngExt;

    use super::*;

    /// Sequences of 60 letters; those of label 1 hold CACGTGAC with some probability.
    fn sequences(count: usize, planted: f64, seed: u64) -> (Vec<u8>, Vec<usize>, Vec<f64>) {
        let mut random = Seed(seed).stream("sequences");
        let (mut tokens, mut offsets, mut labels) = (Vec::new(), vec![0], Vec::new());
        for record in 0..count {
            let mut letters: Vec<u8> = (0..60).map(|_| random.random_range(0..4u8)).collect();
            if record % 2 == 1 && random.random_range(0.0..1.0) < planted {
                letters[20..28].copy_from_slice(&[1, 0, 1, 2, 3, 2, 0, 1]);
            }
            tokens.extend(letters);
            offsets.push(tokens.len());
            labels.push((record % 2) as f64);
        }
        (tokens, offsets, labels)
    }

    fn table(letters: usize) -> LetterTable {
        let complement: Vec<u8> = (0..letters as u8).rev().collect();
        LetterTable::new(letters, &[], Some(&complement)).unwrap()
    }

    fn settings(both_strands: bool) -> DependenceSettings {
        let profile = Profile::GappedKmer { informative: 4, mismatches: 2 };
        DependenceSettings { width: 6, profile, both_strands, permutations: 199, seed: 1 }
    }

    #[test]
    fn statistics_are_those_of_the_kernel_matrix() {
        let (tokens, offsets, labels) = sequences(40, 0.5, 3);
        let table = table(4);
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        for both_strands in [false, true] {
            let found = dependence(view, &labels, &Strata::one(40), &settings(both_strands)).unwrap();
            let raw = gram(view, 6, both_strands, &[settings(both_strands).profile]).unwrap().into_values();
            let k = |i: usize, j: usize| {
                f64::from(raw[i * 40 + j]) / (f64::from(raw[i * 41]) * f64::from(raw[j * 41])).sqrt()
            };
            let (mut hsic, mut within, mut between) = (0.0, [0.0; 2], 0.0);
            for i in 0..40 {
                for j in 0..40 {
                    let sign = if labels[i] == labels[j] { 1.0 } else { -1.0 };
                    hsic += sign * k(i, j) / 1600.0;
                    match (labels[i] == labels[j], i == j) {
                        (true, false) => within[labels[i] as usize] += k(i, j) / (20.0 * 19.0),
                        (false, _) => between += k(i, j) / 800.0,
                        _ => {}
                    }
                }
            }
            assert!((found.hsic - hsic).abs() < 1e-5 * hsic, "{} {hsic}", found.hsic);
            let mmd = within[0] + within[1] - 2.0 * between;
            assert!((found.mmd.unwrap() - mmd).abs() < 1e-5, "{:?} {mmd}", found.mmd);
        }
    }

    #[test]
    fn a_motif_in_some_positives_is_found_and_p_values_without_one_are_uniform() {
        let table = table(4);
        let p_value = |planted, seed| {
            let (tokens, offsets, labels) = sequences(60, planted, seed);
            let view = TokenView::new(&tokens, &offsets, &table).unwrap();
            let settings = DependenceSettings { permutations: 99, seed, ..settings(true) };
            dependence(view, &labels, &Strata::one(60), &settings).unwrap().p_value
        };
        assert!((0..5).all(|seed| p_value(0.9, seed) <= 0.01));
        // Uniform on 0.01, 0.02, …, 1: of 200 about 20 are at most 0.1, and the mean is 0.505.
        let null: Vec<f64> = (100..300).map(|seed| p_value(0.0, seed)).collect();
        let below = null.iter().filter(|p| **p <= 0.1).count();
        assert!((8..=34).contains(&below), "{below}");
        let mean = null.iter().sum::<f64>() / 200.0;
        assert!((mean - 0.505).abs() < 0.07, "{mean}");
    }

    #[test]
    fn within_groups_only_what_differs_there_counts() {
        let table = table(4);
        let settings = |seed| DependenceSettings { permutations: 99, seed, ..settings(true) };
        // The number of G that labels have to do with is that of the group, too.
        let found = |planted: f64, seed: u64, given: bool| {
            let (mut tokens, offsets, labels) = sequences(60, planted, seed);
            let mut random = Seed(seed).stream("groups");
            let groups: Vec<usize> = labels.iter().map(|&label| random.random_range(0..=label as usize + 1)).collect();
            groups.iter().enumerate().for_each(|(record, &group)| tokens[60 * record..60 * record + 8 * group].fill(2));
            let view = TokenView::new(&tokens, &offsets, &table).unwrap();
            let strata = if given { Strata::new(&groups) } else { Strata::one(60) };
            dependence(view, &labels, &strata, &settings(seed)).unwrap()
        };
        let null: Vec<f64> = (0..200).map(|seed| found(0.0, seed, true).p_value).collect();
        let below = |p_values: &[f64]| p_values.iter().filter(|p| **p <= 0.1).count();
        assert!((8..=34).contains(&below(&null)), "{}", below(&null));
        let apart: Vec<f64> = (0..20).map(|seed| found(0.0, seed, false).p_value).collect();
        assert!(below(&apart) >= 15, "{apart:?}");
        assert!((0..5).all(|seed| found(0.9, seed, true).p_value <= 0.02));
        // One label a group: nothing can be exchanged.
        let (tokens, offsets, labels) = sequences(20, 0.0, 1);
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        let groups: Vec<u8> = labels.iter().map(|&label| label as u8).collect();
        assert!(dependence(view, &labels, &Strata::new(&groups), &settings(1)).is_err());
    }

    #[test]
    fn proteins_and_measurements_are_tested_and_labels_all_alike_refused() {
        let mut random = Seed(5).stream("proteins");
        let tokens: Vec<u8> = (0..50 * 12).map(|_| random.random_range(0..20u8)).collect();
        let offsets: Vec<usize> = (0..=50).map(|record| record * 12).collect();
        let table = table(20);
        let view = TokenView::new(&tokens, &offsets, &table).unwrap();
        // The measured number is that of a letter.
        let labels: Vec<f64> = tokens.chunks(12).map(|s| s.iter().filter(|&&t| t < 10).count() as f64).collect();
        let profile = Profile::Exponential { sigma: 0.5 };
        let settings = DependenceSettings { width: 1, profile, both_strands: false, permutations: 99, seed: 1 };
        let found = dependence(view, &labels, &Strata::one(50), &settings).unwrap();
        assert!(found.p_value == 0.01 && found.mmd.is_none() && found.z > Some(3.0), "{found:?}");
        assert!(dependence(view, &[1.0; 50], &Strata::one(50), &settings).is_err());
        assert!(dependence(view, &labels[1..], &Strata::one(50), &settings).is_err());
    }
}
