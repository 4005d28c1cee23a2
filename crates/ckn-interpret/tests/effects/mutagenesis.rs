//! In-silico mutagenesis: every letter in place of every other.

use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_interpret::Explainer;
use ckn_model::{LayerConfig, Model, NetworkConfig};

use crate::support::{
    BORDERS, POOLINGS, STRANDS, config, ensemble, machine, mixed_ensemble, model, model_of, sequences,
    with_and_without_similarity,
};

/// Checks every substitution against the model's own score of the changed sequence.
fn check(model: &Model, sequences: &EncodedSequences, what: &str) {
    let explainer = Explainer::new(model, sequences.alphabet()).unwrap();
    let all = explainer.mutagenesis(sequences.view()).unwrap();
    let before = model.scores(sequences.view()).unwrap();
    let mut changed = EncodedSequences::new(sequences.alphabet());
    let (mut expected_before, mut got) = (Vec::new(), Vec::new());
    for (record, mutants) in all.iter().enumerate() {
        let letters = sequences.sequence(record);
        let unknown =
            letters.iter().filter(|&&token| usize::from(token) >= sequences.alphabet().letter_count()).count();
        let substitutions = letters.len() * (sequences.alphabet().letter_count() - 1) + unknown;
        assert_eq!(mutants.effects().count(), substitutions, "{what}");
        for mutant in mutants.effects() {
            let mut tokens = letters.to_vec();
            assert_eq!(tokens[mutant.position], mutant.reference);
            tokens[mutant.position] = mutant.alternative;
            changed.push_tokens("changed", &tokens).unwrap();
            expected_before.push(before[record]);
            got.push(mutant.effect);
        }
    }
    let expected = model.scores(changed.view()).unwrap();
    for (at, ((effect, before), after)) in got.iter().zip(expected_before).zip(expected).enumerate() {
        let close = (effect.before - before).abs() < 1e-9 && (effect.after - after).abs() < 1e-9;
        assert!(close, "{what}, substitution {at}: {effect:?}, expected {before} and {after}");
    }
}

#[test]
fn every_substitution_scores_as_the_model_scores_the_changed_sequence() {
    let sequences = sequences();
    for pooling in POOLINGS {
        for strands in STRANDS {
            for border in BORDERS {
                for width in [1, 5, 6] {
                    let mut config = config(pooling, strands, border);
                    config.layers[0].width = width;
                    check(&model(config), &sequences, &format!("{pooling:?} {strands:?} {border:?} {width}"));
                }
            }
        }
    }
}

#[test]
fn networks_of_many_anchor_points_are_read_from_tables_of_words() {
    let sequences = sequences();
    for pooling in [Pooling::Mean, Pooling::Sum] {
        for strands in STRANDS {
            for border in BORDERS {
                let mut config = config(pooling, strands, border);
                config.layers[0].filters = 64;
                check(&model(config), &sequences, &format!("{pooling:?} {strands:?} {border:?}"));
            }
        }
    }
}

#[test]
fn sequences_shorter_than_a_window_have_substitutions_where_borders_are_padded() {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for (id, letters) in [("one", "A"), ("three", "ACN"), ("ten", "ACGTTGACAG")] {
        sequences.push(id, letters.as_bytes()).unwrap();
    }
    for pooling in [Pooling::Max, Pooling::Mean, Pooling::Sum] {
        check(&model(config(pooling, Strands::Max, Border::Same)), &sequences, &format!("{pooling:?}"));
    }
}

#[test]
fn other_kernels_alphabets_and_deeper_models_are_scored_likewise() {
    let sequences = sequences();
    for kernel in [DotProductKernel::Linear, DotProductKernel::ArcCosine { order: 1 }] {
        let mut config = config(Pooling::Max, Strands::Mean, Border::Valid);
        config.layers[0].kernel = kernel;
        check(&model(config), &sequences, &format!("{kernel:?}"));
    }
    let kernel = DotProductKernel::Exponential { sigma: 0.6 };
    let two = |border| NetworkConfig {
        layers: vec![
            LayerConfig { filters: 4, width: 3, kernel, subsampling: 1 },
            LayerConfig { filters: 3, width: 2, kernel, subsampling: 1 },
        ],
        ..config(Pooling::Mean, Strands::Max, border)
    };
    check(&model(two(Border::Valid)), &sequences, "two layers");
    for pooling in [Pooling::Max, Pooling::Mean] {
        let gaps = NetworkConfig { gap_decay: 0.4, ..config(pooling, Strands::Max, Border::Valid) };
        check(&model(gaps), &sequences, "gaps");
        for border in BORDERS {
            let [_, similar] = with_and_without_similarity(&config(pooling, Strands::Max, border));
            check(&model(similar), &sequences, "similar letters");
        }
    }
    check(&ensemble(), &sequences, "ensemble");
    check(&mixed_ensemble(), &sequences, "ensemble of a member that is no sum over windows");
    for both in [true, false] {
        check(&machine(both, &[4, 6, 4]), &sequences, "machine");
    }
    check(&machine(true, &[1, 5, 1]), &sequences, "machine of single letters");
    let mut proteins = EncodedSequences::new(Alphabet::Protein);
    proteins.push("peptide", b"SIINFEKLXRAGLLM").unwrap();
    let mut config = config(Pooling::Max, Strands::Forward, Border::Same);
    config.letters = 20;
    check(&model_of(Alphabet::Protein, config), &proteins, "protein");
}

#[test]
fn long_sequences_are_cut_into_blocks() {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    let letters: Vec<u8> =
        (0..1_100u32).map(|at| b"ACGT"[(at.wrapping_mul(2_654_435_761) >> 20) as usize % 4]).collect();
    sequences.push("long", &letters).unwrap();
    check(&model(config(Pooling::Max, Strands::Forward, Border::Valid)), &sequences, "max");
    check(&model(config(Pooling::Mean, Strands::Max, Border::Same)), &sequences, "mean");
}

#[test]
fn a_sequence_without_a_window_and_another_alphabet_are_refused() {
    let model = model(config(Pooling::Max, Strands::Max, Border::Valid));
    let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
    let mut short = EncodedSequences::new(Alphabet::Dna);
    short.push("short", b"ACGTA").unwrap();
    assert!(explainer.mutagenesis(short.view()).unwrap_err().to_string().contains('5'));
    assert!(explainer.attribute(short.view()).is_err() && explainer.scores(short.view()).is_err());
    assert!(Explainer::new(&model, Alphabet::Protein).unwrap_err().to_string().contains("protein"));
}
