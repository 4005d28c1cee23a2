//! Attributions sum to the score, and are what their rules say.

use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_interpret::{AttributionWay, Error, Explainer};
use ckn_model::Model;

use crate::support::{
    BORDERS, STRANDS, config, ensemble, machine, mixed_ensemble, model, sequences, with_and_without_similarity,
};

fn sums_to_the_score(model: &Model, way: AttributionWay, what: &str) {
    let sequences = sequences();
    let explainer = Explainer::new(model, Alphabet::Dna).unwrap();
    assert!(explainer.is_sum_over_windows());
    let scores = model.scores(sequences.view()).unwrap();
    let all = explainer.attribute_by(sequences.view(), way).unwrap();
    for (record, (attribution, score)) in all.iter().zip(scores).enumerate() {
        let total = attribution.baseline.unwrap() + attribution.contributions.iter().sum::<f64>();
        assert!((total - attribution.score).abs() < 1e-9, "{what} {record}: {total}");
        assert!((attribution.score - score).abs() < 1e-9, "{what} {record}: {attribution:?}, {score}");
        // An unknown letter contributes nothing.
        for (token, contribution) in sequences.sequence(record).iter().zip(&attribution.contributions) {
            assert!(*token != Alphabet::Dna.unknown() || contribution.abs() < 1e-12, "{what} {record}");
        }
    }
}

/// The rules whose contributions sum to the score.
const WAYS: [AttributionWay; 3] = [AttributionWay::Matches, AttributionWay::Shapley, AttributionWay::Gradient];

#[test]
fn contributions_and_the_baseline_sum_to_the_score() {
    for (both, widths) in [(true, vec![4, 6, 4]), (false, vec![3, 5]), (true, vec![1])] {
        for way in [AttributionWay::Matches, AttributionWay::Shapley] {
            sums_to_the_score(&machine(both, &widths), way, &format!("{way:?} machine of widths {widths:?}"));
        }
    }
    sums_to_the_score(&ensemble(), AttributionWay::Matches, "ensemble");
    let kernels = [
        DotProductKernel::Exponential { sigma: 0.2 },
        DotProductKernel::Polynomial { degree: 3 },
        DotProductKernel::ArcCosine { order: 1 },
        DotProductKernel::Linear,
    ];
    for pooling in [Pooling::Max, Pooling::Mean, Pooling::Sum] {
        for strands in STRANDS {
            for border in BORDERS {
                for kernel in kernels {
                    let mut config = config(pooling, strands, border);
                    config.layers[0].kernel = kernel;
                    let exponential = matches!(kernel, DotProductKernel::Exponential { .. });
                    for config in with_and_without_similarity(&config) {
                        let what = format!("{config:?}");
                        let model = model(config);
                        for way in WAYS.into_iter().filter(|way| exponential || *way != AttributionWay::Shapley) {
                            sums_to_the_score(&model, way, &format!("{way:?} {what}"));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_baseline_is_the_score_of_unknown_letters_where_windows_lie_inside() {
    let mut unknown = EncodedSequences::new(Alphabet::Dna);
    unknown.push("unknown", &[b'N'; 21]).unwrap();
    for pooling in [Pooling::Max, Pooling::Mean, Pooling::Sum] {
        for strands in STRANDS {
            let [plain, similar] = with_and_without_similarity(&config(pooling, strands, Border::Valid)).map(model);
            let ways = [AttributionWay::Matches, AttributionWay::Gradient];
            for (model, way) in [&plain, &similar].into_iter().flat_map(|model| ways.map(|way| (model, way))) {
                let explainer = Explainer::new(model, Alphabet::Dna).unwrap();
                let expected = explainer.scores(unknown.view()).unwrap()[0];
                let baseline = explainer.attribute_by(sequences().view(), way).unwrap()[0].baseline.unwrap();
                // Of both strands, that of the larger score of the sequence: unknown letters score alike on both only by chance.
                let own = explainer.attribute_by(unknown.view(), way).unwrap()[0].baseline.unwrap();
                assert!((own - expected).abs() < 1e-9, "{way:?} {pooling:?} {strands:?}");
                if strands != Strands::Max {
                    assert!(
                        (baseline - expected).abs() < 1e-9,
                        "{way:?} {pooling:?} {strands:?}: {baseline} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_reverse_complement_is_attributed_alike_in_reverse() {
    let sequences = sequences();
    let turned = sequences.reverse_complement().unwrap();
    for pooling in [Pooling::Max, Pooling::Mean] {
        for strands in [Strands::Max, Strands::Mean] {
            let model = model(config(pooling, strands, Border::Valid));
            let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
            for way in WAYS.into_iter().chain([AttributionWay::Substitution, AttributionWay::Occlusion]) {
                let pairs = explainer.attribute_by(sequences.view(), way).unwrap().into_iter();
                for (one, mut other) in pairs.zip(explainer.attribute_by(turned.view(), way).unwrap()) {
                    other.contributions.reverse();
                    let same = one.contributions.iter().zip(&other.contributions).all(|(a, b)| (a - b).abs() < 1e-9);
                    let what = format!("{way:?} {pooling:?} {strands:?} {one:?} {other:?}");
                    assert!(same && (one.score - other.score).abs() < 1e-9, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_linear_kernel_gives_each_letter_its_entry_above_the_mean() {
    // One anchor, whose inverse root is 1/√(1 + ε): the score is w/√(1 + ε) Σ_t ⟨z, x_t⟩, linear in every letter.
    let mut settings = config(Pooling::Sum, Strands::Forward, Border::Valid);
    settings.layers[0].kernel = DotProductKernel::Linear;
    settings.layers[0].filters = 1;
    let any = model(settings);
    let network = any.network().unwrap();
    let factor = network.heads()[0].weights()[0] / 1.01f64.sqrt();
    let anchor = network.network().layers()[0].anchors();
    let sequences = sequences();
    let explainer = Explainer::new(&any, Alphabet::Dna).unwrap();
    let attribution = &explainer.attribute_by(sequences.view(), AttributionWay::Gradient).unwrap()[0];
    let letters = sequences.sequence(0);
    for (at, contribution) in attribution.contributions.iter().enumerate() {
        let mut expected = 0.0;
        for start in (at + 1).saturating_sub(6)..=at.min(letters.len() - 6) {
            let entry = |letter: usize| f64::from(anchor[letter * 6 + at - start]);
            expected += entry(usize::from(letters[at])) - 0.25 * (0..4).map(entry).sum::<f64>();
        }
        assert!((contribution - factor * expected).abs() < 1e-9, "{at}: {contribution} {}", factor * expected);
    }
}

#[test]
fn other_models_lose_by_occlusion() {
    let sequences = sequences();
    let mut gmp = config(Pooling::Gmp, Strands::Max, Border::Valid);
    gmp.layers[0].width = 4;
    for model in [mixed_ensemble(), model(gmp)] {
        let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
        assert!(!explainer.is_sum_over_windows());
        for (record, attribution) in explainer.attribute(sequences.view()).unwrap().iter().enumerate() {
            assert_eq!(attribution.baseline, None);
            for (at, contribution) in attribution.contributions.iter().enumerate() {
                let mut tokens = sequences.sequence(record).to_vec();
                tokens[at] = Alphabet::Dna.unknown();
                let mut without = EncodedSequences::new(Alphabet::Dna);
                without.push_tokens("without", &tokens).unwrap();
                let score = model.scores(without.view()).unwrap()[0];
                assert!((attribution.score - score - contribution).abs() < 1e-9, "{record} {at}");
            }
        }
    }
}

#[test]
fn shapley_values_of_one_window_are_those_over_all_sets_of_known_letters() {
    const WIDTH: usize = 6;
    let words: Vec<Vec<u8>> =
        (0..4usize.pow(6)).map(|word| (0..WIDTH).map(|at| (word >> (2 * at)) as u8 & 3).collect()).collect();
    let mut all = EncodedSequences::new(Alphabet::Dna);
    words.iter().for_each(|word| all.push_tokens("word", word).unwrap());
    let pooled = |pooling| with_and_without_similarity(&config(pooling, Strands::Forward, Border::Valid));
    for config in [Pooling::Max, Pooling::Sum].into_iter().flat_map(pooled) {
        let pooling = config.pooling;
        let model = model(config);
        let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
        let scores = explainer.scores(all.view()).unwrap();
        let word = 0b10_01_11_00_01_10;
        // The mean score of the words that agree with this one where the letters of a set are known.
        let worth: Vec<f64> = (0..1usize << WIDTH)
            .map(|set| {
                let agrees = |other: &Vec<u8>| (0..WIDTH).all(|at| set >> at & 1 == 0 || other[at] == words[word][at]);
                let (sum, count) = words
                    .iter()
                    .zip(&scores)
                    .filter(|(other, _)| agrees(other))
                    .fold((0.0, 0.0), |(sum, count), (_, score)| (sum + score, count + 1.0));
                sum / count
            })
            .collect();
        let factorial = |number: usize| (1..=number).product::<usize>() as f64;
        let mut one = EncodedSequences::new(Alphabet::Dna);
        one.push_tokens("word", &words[word]).unwrap();
        let attribution = &explainer.attribute_by(one.view(), AttributionWay::Shapley).unwrap()[0];
        for at in 0..WIDTH {
            let without = (0..worth.len()).filter(|set| set >> at & 1 == 0);
            let expected: f64 = without
                .map(|set| {
                    let size = set.count_ones() as usize;
                    let orders = factorial(size) * factorial(WIDTH - 1 - size) / factorial(WIDTH);
                    orders * (worth[set | 1 << at] - worth[set])
                })
                .sum();
            let got = attribution.contributions[at];
            assert!((got - expected).abs() < 1e-9, "{pooling:?} {at}: {got} {expected}");
        }
        assert!((attribution.baseline.unwrap() - worth[0]).abs() < 1e-9);
    }
}

#[test]
fn matching_letters_share_what_an_anchor_adds_and_others_get_nothing() {
    let mut settings = config(Pooling::Max, Strands::Forward, Border::Valid);
    settings.layers[0].filters = 1;
    let any = model(settings);
    let anchor = any.network().unwrap().network().layers()[0].anchors();
    let explainer = Explainer::new(&any, Alphabet::Dna).unwrap();
    let mut one = EncodedSequences::new(Alphabet::Dna);
    one.push("window", b"ACGTTG").unwrap();
    let attribution = &explainer.attribute_by(one.view(), AttributionWay::Matches).unwrap()[0];
    let entries =
        one.sequence(0).iter().enumerate().map(|(at, &letter)| f64::from(anchor[usize::from(letter) * 6 + at]));
    let entries: Vec<f64> = entries.map(|entry| entry.max(0.0)).collect();
    let rise = attribution.score - attribution.baseline.unwrap();
    let matched: f64 = entries.iter().sum();
    for (contribution, entry) in attribution.contributions.iter().zip(&entries) {
        assert!((contribution - rise * entry / matched).abs() < 1e-9, "{attribution:?} {entries:?}");
    }
}

#[test]
fn substitution_is_the_mean_loss_over_the_other_letters() {
    let sequences = sequences();
    for model in [ensemble(), model(config(Pooling::Max, Strands::Max, Border::Same))] {
        let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
        let attributions = explainer.attribute_by(sequences.view(), AttributionWay::Substitution).unwrap();
        for (record, attribution) in attributions.iter().enumerate() {
            let tokens = sequences.sequence(record);
            for (at, contribution) in attribution.contributions.iter().enumerate() {
                let mut changed = EncodedSequences::new(Alphabet::Dna);
                for letter in (0u8..4).filter(|letter| *letter != tokens[at]) {
                    let mut tokens = tokens.to_vec();
                    tokens[at] = letter;
                    changed.push_tokens("changed", &tokens).unwrap();
                }
                let scores = explainer.scores(changed.view()).unwrap();
                let expected = attribution.score - scores.iter().sum::<f64>() / scores.len() as f64;
                assert!((contribution - expected).abs() < 1e-9, "{record} {at}");
            }
        }
    }
}

#[test]
fn rules_that_a_model_does_not_allow_are_refused() {
    let sequences = sequences();
    let mixed = mixed_ensemble();
    let explainer = Explainer::new(&mixed, Alphabet::Dna).unwrap();
    assert_eq!(explainer.default_way(), AttributionWay::Occlusion);
    for way in WAYS {
        assert!(way.needs_windows());
        assert!(matches!(explainer.attribute_by(sequences.view(), way), Err(Error::Way { .. })), "{way:?}");
    }
    let machine = machine(true, &[4]);
    let explainer = Explainer::new(&machine, Alphabet::Dna).unwrap();
    assert_eq!(explainer.default_way(), AttributionWay::Matches);
    assert!(matches!(explainer.attribute_by(sequences.view(), AttributionWay::Gradient), Err(Error::Way { .. })));
    let mut linear = config(Pooling::Max, Strands::Max, Border::Valid);
    linear.layers[0].kernel = DotProductKernel::Linear;
    let linear = model(linear);
    let explainer = Explainer::new(&linear, Alphabet::Dna).unwrap();
    assert_eq!(explainer.default_way(), AttributionWay::Matches);
    let refused = explainer.attribute_by(sequences.view(), AttributionWay::Shapley);
    assert!(refused.unwrap_err().to_string().contains("exponential"));
}

#[test]
fn contributions_do_not_depend_on_the_number_of_threads() {
    let sequences = sequences();
    let model = model(config(Pooling::Max, Strands::Max, Border::Valid));
    let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
    for way in WAYS {
        let by = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| explainer.attribute_by(sequences.view(), way).unwrap())
        };
        assert_eq!(by(1), by(3), "{way:?}");
    }
}

#[test]
fn narrow_bandwidths_give_numbers() {
    // Products of factors would be too large for a number.
    let mut narrow = config(Pooling::Max, Strands::Max, Border::Same);
    narrow.layers[0].kernel = DotProductKernel::Exponential { sigma: 0.02 };
    let narrow = model(narrow);
    let explainer = Explainer::new(&narrow, Alphabet::Dna).unwrap();
    for way in WAYS {
        for attribution in explainer.attribute_by(sequences().view(), way).unwrap() {
            assert!(attribution.contributions.iter().all(|contribution| contribution.is_finite()), "{way:?}");
        }
    }
}
