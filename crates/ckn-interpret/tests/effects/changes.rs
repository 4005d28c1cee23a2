//! Effects of changes: replaced ranges, and motifs put into backgrounds.

// One range for each sequence, and not a list of its numbers.
#![allow(clippy::single_range_in_vec_init)]

use ckn_bio::motif::{Background, MotifScanner, Probabilities};
use ckn_bio::simulate::Simulation;
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_interpret::{Effect, Explainer, Filler, consensus_site, hit_ranges, sampled_sites};

use crate::support::{config, model, sequences};

fn tgact() -> Probabilities {
    let certain = |letter: usize| (0..4).map(move |at| f64::from(u8::from(at == letter)));
    Probabilities::new(Alphabet::Dna, [3, 2, 0, 1, 3].into_iter().flat_map(certain).collect()).unwrap()
}

#[test]
fn p_values_are_ranks_among_the_effects_of_substitutions_that_can_be_listed() {
    // One context of eight letters, of which only the first may change: its three substitutions, each about a third of the null.
    let model = model(config(Pooling::Mean, Strands::Forward, Border::Valid));
    let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
    let mut contexts = EncodedSequences::new(Alphabet::Dna);
    contexts.push("context", b"ACGTTGAN").unwrap();
    let scores = explainer.scores(contexts.view()).unwrap();
    let count = 3_000;
    let null = explainer.null_effects(contexts.view(), &[1..7], &scores, count, Seed(5)).unwrap();
    assert_eq!(null.len(), count);
    let mutants = &explainer.mutagenesis(contexts.view()).unwrap()[0];
    let mut effects: Vec<Effect> = (1..4).map(|letter| mutants.effect(0, letter).unwrap()).collect();
    effects.sort_by(|left, right| left.difference().abs().total_cmp(&right.difference().abs()));
    for (rank, effect) in effects.iter().enumerate() {
        // A little larger and smaller than the effect itself, which rounding may move.
        let scaled = |factor: f64| Effect { before: 0.0, after: factor * effect.difference() };
        let (larger, smaller) = (null.p_value(scaled(1.0 + 1e-9)), null.p_value(scaled(1.0 - 1e-9)));
        assert!((smaller - (3 - rank) as f64 / 3.0).abs() < 0.03, "{rank} {smaller}");
        assert!((larger - (2 - rank) as f64 / 3.0).abs() < 0.03, "{rank} {larger}");
    }
    let beyond = Effect { before: 0.0, after: 1e9 };
    assert_eq!(null.p_value(beyond), 1.0 / (count as f64 + 1.0));
    assert_eq!(null.p_value(Effect { before: 2.0, after: 2.0 }), 1.0);
    // Nothing can change, and nothing is drawn.
    let none = explainer.null_effects(contexts.view(), &[0..8], &scores, count, Seed(5)).unwrap();
    assert!(none.is_empty() && none.p_value(beyond) == 1.0);
    assert!(explainer.null_effects(contexts.view(), &[], &scores, 1, Seed(5)).is_err());
    assert!(explainer.effects(contexts.view(), sequences().view()).is_err());
}

#[test]
fn a_marginal_is_the_mean_over_backgrounds_of_scores_with_a_site_and_without() {
    let model = model(config(Pooling::Max, Strands::Max, Border::Valid));
    let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
    let backgrounds = Simulation::new("background", 12, 30).run(Seed(2)).unwrap().sequences;
    let site = consensus_site(&tgact());
    let marginal = explainer.marginalise(&backgrounds, std::slice::from_ref(&site)).unwrap();
    let mut with = EncodedSequences::new(Alphabet::Dna);
    for tokens in backgrounds.iter() {
        let mut tokens = tokens.to_vec();
        tokens[13..18].copy_from_slice(&site);
        with.push_tokens("with", &tokens).unwrap();
    }
    assert!(with.decode(0)[13..].starts_with("TGACT"));
    let (before, after) = (model.scores(backgrounds.view()).unwrap(), model.scores(with.view()).unwrap());
    let differences: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    let mean = differences.iter().sum::<f64>() / 12.0;
    let variance = differences.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 11.0;
    assert!((marginal.mean - mean).abs() < 1e-9);
    assert!((marginal.standard_error.unwrap() - (variance / 12.0).sqrt()).abs() < 1e-9);
    for (effect, difference) in marginal.effects.iter().zip(differences) {
        assert!((effect.difference() - difference).abs() < 1e-9);
    }
    let one = backgrounds.select(&[0]).unwrap();
    assert_eq!(explainer.marginalise(&one, &[site]).unwrap().standard_error, None);
    assert!(explainer.marginalise(&one, &[vec![0; 31]]).unwrap_err().to_string().contains("31"));
    assert!(explainer.marginalise(&one, &[]).is_err());
    assert!(explainer.marginalise(&one, &[vec![99]]).is_err());
}

#[test]
fn sampled_sites_follow_the_columns() {
    let motif = Probabilities::new(Alphabet::Dna, vec![0.5, 0.0, 0.5, 0.0, 0.1, 0.2, 0.3, 0.4]).unwrap();
    let sites = sampled_sites(&motif, 4_000, Seed(1));
    assert_eq!(sites, sampled_sites(&motif, 4_000, Seed(1)));
    for at in 0..2 {
        for (letter, probability) in (0u8..).zip(motif.column(at)) {
            let share = sites.iter().filter(|site| site[at] == letter).count() as f64 / 4_000.0;
            assert!((share - probability).abs() < 0.03 && (share > 0.0) == (*probability > 0.0), "{at} {letter}");
        }
    }
}

#[test]
fn letters_are_taken_away_where_a_motif_stands() {
    let model = model(config(Pooling::Max, Strands::Forward, Border::Valid));
    let explainer = Explainer::new(&model, Alphabet::Dna).unwrap();
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    sequences.push("twice", b"AATGACTCCAGTCATT").unwrap();
    sequences.push("never", b"AAAAAAAAAAAAAAAA").unwrap();
    let background = Background::uniform(Alphabet::Dna);
    let scanner = MotifScanner::new(&tgact().log_odds(0.01, &background).unwrap(), &background, true).unwrap();
    let ranges = hit_ranges(&scanner, 5, &sequences, 9.0);
    assert_eq!(ranges, [vec![2..7, 9..14], vec![]]);
    let effects = explainer.replace(&sequences, &ranges, Filler::Unknown).unwrap();
    let mut without = EncodedSequences::new(Alphabet::Dna);
    without.push("twice", b"AANNNNNCCNNNNNTT").unwrap();
    let expected = model.scores(without.view()).unwrap()[0];
    assert!((effects[0].after - expected).abs() < 1e-9 && effects[1].difference() == 0.0);
    // A shuffle of equal letters changes nothing, one of others something.
    let all = [vec![0..16], vec![0..16]];
    let shuffled = explainer.replace(&sequences, &all, Filler::Shuffled(Seed(1))).unwrap();
    assert!(shuffled[0].difference() != 0.0 && shuffled[1].difference() == 0.0);
    assert_eq!(shuffled, explainer.replace(&sequences, &all, Filler::Shuffled(Seed(1))).unwrap());
    assert!(
        explainer.replace(&sequences, &[vec![], vec![10..17]], Filler::Unknown).unwrap_err().to_string().contains("17")
    );
    assert!(explainer.replace(&sequences, &[], Filler::Unknown).is_err());
}
