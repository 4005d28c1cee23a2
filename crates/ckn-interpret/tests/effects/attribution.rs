//! Attributions sum to the score, and point at the motif.

use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_interpret::Explainer;
use ckn_model::Model;

use crate::support::{BORDERS, STRANDS, config, ensemble, machine, mixed_ensemble, model, sequences};

fn sums_to_the_score(model: &Model, what: &str) {
    let sequences = sequences();
    let explainer = Explainer::new(model, Alphabet::Dna).unwrap();
    assert!(explainer.is_sum_over_windows());
    let scores = model.scores(sequences.view()).unwrap();
    let all = explainer.attribute(sequences.view()).unwrap();
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

#[test]
fn contributions_and_the_baseline_sum_to_the_score() {
    for (both, widths) in [(true, vec![4, 6, 4]), (false, vec![3, 5]), (true, vec![1])] {
        sums_to_the_score(&machine(both, &widths), &format!("machine of widths {widths:?}"));
    }
    sums_to_the_score(&ensemble(), "ensemble");
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
                    let model = model(config);
                    sums_to_the_score(&model, &format!("{pooling:?} {strands:?} {border:?} {kernel:?}"));
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
            let model = model(config(pooling, strands, Border::Valid));
            let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
            let expected = explainer.scores(unknown.view()).unwrap()[0];
            let baseline = explainer.attribute(sequences().view()).unwrap()[0].baseline.unwrap();
            // Of both strands, that of the larger score of the sequence: unknown letters score alike on both only by chance.
            let own = explainer.attribute(unknown.view()).unwrap()[0].baseline.unwrap();
            assert!((own - expected).abs() < 1e-9, "{pooling:?} {strands:?}");
            if strands != Strands::Max {
                assert!((baseline - expected).abs() < 1e-9, "{pooling:?} {strands:?}: {baseline} {expected}");
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
            let pairs = explainer.attribute(sequences.view()).unwrap().into_iter();
            for (one, mut other) in pairs.zip(explainer.attribute(turned.view()).unwrap()) {
                other.contributions.reverse();
                let same = one.contributions.iter().zip(&other.contributions).all(|(a, b)| (a - b).abs() < 1e-9);
                assert!(same && (one.score - other.score).abs() < 1e-9, "{pooling:?} {strands:?} {one:?} {other:?}");
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
    let attribution = &Explainer::new(&any, Alphabet::Dna).unwrap().attribute(sequences.view()).unwrap()[0];
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
