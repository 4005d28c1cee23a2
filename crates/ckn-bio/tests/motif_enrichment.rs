//! The evidence for motifs has SciPy's numbers.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::motif::{
    Background, BestThreshold, Centrality, Enrichment, Hit, LogOdds, MotifScanner, PositionalDistribution,
    benjamini_hochberg, fisher_exact,
};
use ckn_bio::{Alphabet, EncodedSequences, Error, MotifError};
use ckn_core::metrics::{Alternative, rank_sum};
use ckn_core::seed::Seed;
use proptest::prelude::*;
use rand::RngExt;
use serde_json::Value;

fn golden(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../../reference/golden/enrichment.json")).unwrap();
    all[section].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{got} is not {expected}");
}

#[test]
fn fishers_p_values_are_scipys_from_four_sequences_to_two_million() {
    for case in golden("fisher") {
        let [first, second] = [0, 1].map(|row| numbers(&case["table"][row]));
        let p_value = fisher_exact([[first[0] as u32, first[1] as u32], [second[0] as u32, second[1] as u32]]);
        close(p_value, case["p_value"].as_f64().unwrap(), 1e-11);
    }
    assert_eq!(fisher_exact([[0, 0], [0, 0]]), 1.0);
    assert_eq!(fisher_exact([[u32::MAX, 0], [u32::MAX, 0]]), 1.0);
    assert_eq!(fisher_exact([[u32::MAX, 0], [0, u32::MAX]]), f64::MIN_POSITIVE);
}

#[test]
fn rank_sums_are_scipys_with_ties() {
    for case in golden("rank_sum") {
        let (positives, negatives) = (numbers(&case["positives"]), numbers(&case["negatives"]));
        let labels: Vec<f64> = [vec![1.0; positives.len()], vec![0.0; negatives.len()]].concat();
        let scores = [positives, negatives].concat();
        for (side, name) in [(Alternative::Greater, "greater"), (Alternative::Less, "less")] {
            let test = rank_sum(&scores, &labels, side).unwrap();
            close(test.auroc, case["auroc"].as_f64().unwrap(), 1e-12);
            close(test.p_value, case[name].as_f64().unwrap(), 1e-10);
        }
    }
    let alike = rank_sum(&[2.0; 5], &[0.0, 1.0, 0.0, 1.0, 1.0], Alternative::Greater).unwrap();
    assert_eq!((alike.auroc, alike.p_value), (0.5, 1.0));
}

#[test]
fn false_discovery_rates_are_scipys() {
    for case in golden("false_discovery") {
        let adjusted = benjamini_hochberg(&numbers(&case["p_values"]));
        let expected = numbers(&case["adjusted"]);
        assert_eq!(adjusted.len(), expected.len());
        adjusted.iter().zip(&expected).for_each(|(&got, &expected)| close(got, expected, 1e-14));
    }
    assert!(benjamini_hochberg(&[]).is_empty());
    assert_eq!(benjamini_hochberg(&[f64::NAN, 0.2, -1.0, 7.0]), [1.0, 0.4, 0.0, 1.0]);
}

/// Sequences of A with one G, and the hits of a motif whose first letter is G and whose others are any.
fn with_sites(lengths: &[usize], positions: &[usize], width: usize) -> (EncodedSequences, Vec<Option<Hit>>) {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for (record, (&length, &position)) in lengths.iter().zip(positions).enumerate() {
        let mut tokens = vec![0; length];
        tokens[position] = 2;
        sequences.push_tokens(&format!("s{record}"), &tokens).unwrap();
    }
    let mut scores = vec![0.0; 4 * width];
    scores[2] = 2.0;
    let log_odds = LogOdds::new(Alphabet::Dna, scores).unwrap();
    let scanner = MotifScanner::new(&log_odds, &Background::uniform(Alphabet::Dna), false).unwrap();
    let best = scanner.best_of_each(&sequences).unwrap();
    (sequences, best)
}

#[test]
fn central_enrichment_has_scipys_binomial_tails() {
    for case in golden("central") {
        let whole = |key: &str| numbers(&case[key]).into_iter().map(|number| number as usize).collect::<Vec<_>>();
        let (width, positions) = (case["width"].as_u64().unwrap() as usize, whole("positions"));
        let (sequences, best) = with_sites(&whole("lengths"), &positions, width);
        let found = PositionalDistribution::new(&sequences, &best, width, 2.0, 10).unwrap();
        assert_eq!(found.counts, whole("counts"), "{}", case["name"]);
        assert_eq!(found.in_window, case["in_window"].as_u64().unwrap() as usize, "{}", case["name"]);
        close(found.window, case["window"].as_f64().unwrap(), 1e-12);
        close(found.p_value, case["p_value"].as_f64().unwrap(), 1e-10);
        let offset =
            |(&length, &position): (&usize, &usize)| position as f64 + width as f64 / 2.0 - length as f64 / 2.0;
        let expected: Vec<f64> = whole("lengths").iter().zip(&positions).map(offset).collect();
        assert_eq!(found.offsets, expected);
    }
}

/// A hit of a score.
fn scored(score: f64) -> Option<Hit> {
    with_sites(&[8], &[0], 3).1[0].map(|mut hit| {
        hit.score = score;
        hit
    })
}

#[test]
fn the_choice_of_a_threshold_has_the_p_value_of_all_labellings() {
    let hits = |scores: &Value| -> Vec<Option<Hit>> { numbers(scores).iter().map(|&score| scored(score)).collect() };
    for case in golden("best_threshold") {
        let found = BestThreshold::new(&hits(&case["positives"]), &hits(&case["negatives"])).unwrap();
        close(found.fisher_p_value, case["fisher_p"].as_f64().unwrap(), 1e-9);
        close(found.p_value, case["p_value"].as_f64().unwrap(), 1e-9);
        let above = |scores: &Value| numbers(scores).iter().filter(|&&score| score >= found.threshold).count();
        assert_eq!(found.positives_with_hit, above(&case["positives"]));
        assert_eq!(found.negatives_with_hit, above(&case["negatives"]));
    }
    // All positives above all negatives: one labelling of all, however many there are.
    let levels =
        |count: usize, from: f64| -> Vec<Option<Hit>> { (0..count).map(|at| scored(from + at as f64)).collect() };
    let best = BestThreshold::new(&levels(300, 1000.0), &levels(400, 0.0)).unwrap();
    let ln = |count: usize| (1..=count).map(|number| (number as f64).ln()).sum::<f64>();
    close(best.fisher_p_value, (ln(300) + ln(400) - ln(700)).exp(), 1e-9);
    close(best.p_value, best.fisher_p_value, 1e-9);
    assert_eq!((best.positives_with_hit, best.negatives_with_hit, best.threshold), (300, 0, 1000.0));
    // Out of the range that is counted out, the bound; where positives are below, nothing.
    let best = BestThreshold::new(&levels(2000, 5000.0), &levels(2000, 0.0)).unwrap();
    assert!(best.p_value > 0.0 && best.p_value < 1e-300);
    let none = BestThreshold::new(&levels(20, 0.0), &levels(20, 100.0)).unwrap();
    assert_eq!((none.p_value, none.positives_with_hit, none.threshold), (1.0, 0, f64::INFINITY));
    assert!(BestThreshold::new(&[], &levels(2, 0.0)).is_err());
    assert!(BestThreshold::new(&[scored(f64::NAN)], &levels(2, 0.0)).is_err());
}

#[test]
fn p_values_of_chosen_thresholds_are_uniform_where_labels_mean_nothing() {
    let mut random = Seed(20).stream("scores");
    let mut p_values: Vec<f64> = (0..500)
        .map(|_| {
            let mut hits = |count: usize| -> Vec<Option<Hit>> {
                (0..count).map(|_| scored(random.random_range(0.0..20.0))).collect()
            };
            let (positives, negatives) = (hits(150), hits(200));
            BestThreshold::new(&positives, &negatives).unwrap().p_value
        })
        .collect();
    assert!(uniform(&mut p_values) > 0.01);
}

#[test]
fn distances_from_the_centre_have_the_law_of_irwin_and_hall() {
    for case in golden("centrality") {
        let whole = |key: &str| numbers(&case[key]).into_iter().map(|number| number as usize).collect::<Vec<_>>();
        let (width, lengths, positions) =
            (case["width"].as_u64().unwrap() as usize, whole("lengths"), whole("positions"));
        let (sequences, best) = with_sites(&lengths, &positions, width);
        let found = Centrality::new(&sequences, &best, width, 2.0).unwrap();
        assert_eq!(found.hits, lengths.len());
        close(found.distance.unwrap(), case["distance"].as_f64().unwrap(), 1e-12);
        let tolerance = if found.hits <= 12 { 1e-9 } else { 0.01 };
        close(found.p_value, case["p_value"].as_f64().unwrap(), tolerance);
    }
    let (sequences, best) = with_sites(&[20, 30], &[3, 25], 5);
    let none = Centrality::new(&sequences, &[None, None], 5, 0.0).unwrap();
    assert_eq!((none.hits, none.distance, none.p_value), (0, None, 1.0));
    assert!(Centrality::new(&sequences, &best[..1], 5, 0.0).is_err());
    assert!(Centrality::new(&sequences, &best, 6, 0.0).is_err());
}

#[test]
fn p_values_of_distances_are_uniform_where_all_places_are_alike() {
    let mut random = Seed(21).stream("places");
    let mut p_values: Vec<f64> = (0..500)
        .map(|_| {
            let lengths: Vec<usize> = (0..60).map(|_| random.random_range(80..200)).collect();
            let positions: Vec<usize> = lengths.iter().map(|&length| random.random_range(0..length - 7)).collect();
            let (sequences, best) = with_sites(&lengths, &positions, 8);
            Centrality::new(&sequences, &best, 8, 2.0).unwrap().p_value
        })
        .collect();
    assert!(uniform(&mut p_values) > 0.01);
}

/// P-value of Kolmogorov and Smirnov's test that numbers are spread evenly between 0 and 1, by the limit of its law.
fn uniform(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let apart =
        values.iter().enumerate().map(|(at, &value)| (value - at as f64 / count).max((at + 1) as f64 / count - value));
    let square = count * apart.fold(0.0, f64::max).powi(2);
    (1..=100).map(|k| 2.0 * (-1f64).powi(k - 1) * (-2.0 * f64::from(k * k) * square).exp()).sum::<f64>().clamp(0.0, 1.0)
}

#[test]
fn positions_say_what_does_not_fit() {
    let (sequences, best) = with_sites(&[20, 30], &[3, 25], 5);
    let error = |found: Result<PositionalDistribution, Error>| found.unwrap_err();
    let missing = error(PositionalDistribution::new(&sequences, &best[..1], 5, 0.0, 10));
    assert!(matches!(missing, Error::Motif(MotifError::HitCount { hits: 1, sequences: 2 })), "{missing}");
    let wide = error(PositionalDistribution::new(&sequences, &best, 6, 0.0, 10));
    assert!(matches!(wide, Error::Motif(MotifError::HitPosition { position: 25, .. })), "{wide}");
    assert!(PositionalDistribution::new(&sequences, &best, usize::MAX, 0.0, 10).is_err());
    assert!(PositionalDistribution::new(&sequences, &best, 5, 0.0, 0).is_err());
    let none = PositionalDistribution::new(&sequences, &[None, None], 5, 0.0, 3).unwrap();
    assert_eq!((none.counts, none.p_value, none.in_window), (vec![0; 3], 1.0, 0));
    // A sequence as long as the motif has one position, in the centre of every window.
    let (sequences, best) = with_sites(&[5; 40], &[0; 40], 5);
    assert_eq!(PositionalDistribution::new(&sequences, &best, 5, 0.0, 3).unwrap().p_value, 1.0);
}

fn random_set(records: usize, length: usize, site: Option<&[u8]>, seed: u64) -> EncodedSequences {
    let mut draws = Seed(seed).stream("sequences");
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for record in 0..records {
        let mut tokens: Vec<u8> = (0..length).map(|_| draws.random_range(0..4)).collect();
        if let Some(site) = site.filter(|_| record % 2 == 0) {
            tokens[length / 2..length / 2 + site.len()].copy_from_slice(site);
        }
        sequences.push_tokens(&format!("s{record}"), &tokens).unwrap();
    }
    sequences
}

/// A scanner for TGACGTAA on both strands, and the site.
fn scanner() -> (MotifScanner, [u8; 8]) {
    let site = [3, 2, 0, 1, 2, 3, 0, 0];
    let column = |letter: u8| (0..4).map(move |other| if other == letter { 1.75 } else { -3.0 });
    let log_odds = LogOdds::new(Alphabet::Dna, site.into_iter().flat_map(column).collect()).unwrap();
    (MotifScanner::new(&log_odds, &Background::uniform(Alphabet::Dna), true).unwrap(), site)
}

#[test]
fn a_planted_motif_is_enriched_and_central() {
    let (scanner, site) = scanner();
    let (positives, negatives) = (random_set(400, 100, Some(&site), 1), random_set(600, 100, None, 2));
    let threshold = scanner.threshold_for(100.0, Enrichment::CHANCE).unwrap();
    let best = [&positives, &negatives].map(|sequences| scanner.best_of_each(sequences).unwrap());
    let enrichment = Enrichment::new(&best[0], &best[1], threshold).unwrap();
    assert_eq!((enrichment.positives, enrichment.negatives), (400, 600));
    let counted = |best: &[Option<Hit>]| best.iter().filter(|hit| hit.unwrap().score >= threshold).count();
    let (a, c) = (counted(&best[0]), counted(&best[1]));
    assert_eq!((enrichment.positives_with_hit, enrichment.negatives_with_hit), (a, c));
    assert!(a >= 200);
    close(enrichment.log2_ratio, ((a as f64 + 0.5) / 401.0 / ((c as f64 + 0.5) / 601.0)).log2(), 1e-12);
    assert!(enrichment.fisher_p_value < 1e-40 && enrichment.rank_sum_p_value < 1e-30 && enrichment.auroc > 0.7);
    let positions = PositionalDistribution::new(&positives, &best[0], 8, threshold, 20).unwrap();
    assert!(positions.p_value < 1e-50 && positions.window < 0.2, "{positions:?}");
    let elsewhere = PositionalDistribution::new(&negatives, &best[1], 8, f64::NEG_INFINITY, 20).unwrap();
    assert!(elsewhere.p_value > 1e-3, "{elsewhere:?}");
    let opposite = Enrichment::new(&best[1], &best[0], threshold).unwrap();
    close(opposite.log2_ratio, -enrichment.log2_ratio, 1e-12);
    assert!(opposite.fisher_p_value > 0.999 && opposite.rank_sum_p_value > 0.999);
}

#[test]
fn one_random_sequence_in_ten_reaches_the_threshold() {
    let (scanner, _) = scanner();
    // Few scores are possible, so that the chance is below what was asked for.
    for (length, chance) in [(100, 0.1), (300, 0.1), (200, 0.5)] {
        let threshold = scanner.threshold_for(length as f64, chance).unwrap();
        let best = scanner.best_of_each(&random_set(4000, length, None, length as u64)).unwrap();
        let share = best.iter().flatten().filter(|hit| hit.score >= threshold).count() as f64 / 4000.0;
        let windows = 2.0 * (length - 7) as f64;
        let expected = 1.0 - (1.0 - scanner.distribution().p_value(threshold)).powf(windows);
        assert!(expected <= chance && (share - expected).abs() < 0.025, "{share}, not {expected}");
    }
    // The best of 4⁸ words comes by chance in a megabase.
    assert_eq!(scanner.threshold_for(1e6, 0.1).unwrap(), scanner.distribution().best());
    assert!(scanner.threshold_for(1e6, 0.0).is_err() && scanner.threshold_for(f64::NAN, 0.1).is_err());
}

#[test]
fn sequences_without_windows_rank_last_and_have_no_hit() {
    let (scanner, site) = scanner();
    let positives = vec![scanner.best(&site); 3];
    let enrichment = Enrichment::new(&positives, &[None, None], scanner.distribution().best()).unwrap();
    assert_eq!((enrichment.auroc, enrichment.positives_with_hit, enrichment.negatives_with_hit), (1.0, 3, 0));
    let nothing = Enrichment::new(&positives, &[], 1.0).unwrap_err();
    assert!(matches!(nothing, Error::Motif(MotifError::NoSequences("negatives"))), "{nothing}");
    assert!(Enrichment::new(&positives, &positives, f64::NAN).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fishers_p_value_falls_with_every_hit_more(positives in 1..200u32, negatives in 0..200u32, hits in 0..100u32, a in 0..200u32) {
        let a = a.min(positives - 1);
        let of = |a: u32| fisher_exact([[a, positives - a], [hits.min(negatives), negatives - hits.min(negatives)]]);
        prop_assert!(of(a) > 0.0 && of(a) <= 1.0 && of(a + 1) <= of(a) * (1.0 + 1e-12));
    }

    #[test]
    fn adjusted_p_values_are_in_order_and_never_smaller(p_values in prop::collection::vec(0.0..=1.0f64, 0..40)) {
        let adjusted = benjamini_hochberg(&p_values);
        for (i, (p, q)) in p_values.iter().zip(&adjusted).enumerate() {
            prop_assert!(q >= p && *q <= 1.0);
            prop_assert!(p_values.iter().zip(&adjusted).skip(i).all(|(p2, q2)| (p <= p2 || q >= q2) && (p >= p2 || q <= q2)));
        }
    }

    #[test]
    fn central_p_values_are_probabilities(lengths in prop::collection::vec(5..60usize, 1..30), seed: u64) {
        let mut draws = Seed(seed).stream("positions");
        let positions: Vec<usize> = lengths.iter().map(|length| draws.random_range(0..=length - 5)).collect();
        let (sequences, best) = with_sites(&lengths, &positions, 5);
        let found = PositionalDistribution::new(&sequences, &best, 5, 2.0, 7).unwrap();
        prop_assert!(found.p_value > 0.0 && found.p_value <= 1.0);
        prop_assert_eq!(found.counts.iter().sum::<usize>(), lengths.len());
    }
}
