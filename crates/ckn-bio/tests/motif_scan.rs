//! Scores of motifs have the p-values of enumeration, and scanning finds every hit.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::motif::{Background, Hit, LogOdds, MotifScanner, ScoreDistribution};
use ckn_bio::simulate::Strand;
use ckn_bio::{Alphabet, EncodedSequences, Error, MotifError};
use ckn_core::seed::Seed;
use lightmotif::abc::{Background as TheirBackground, Dna, Nucleotide};
use lightmotif::dense::DenseMatrix;
use lightmotif::pwm::ScoringMatrix;
use lightmotif::scan::Scanner;
use lightmotif::seq::EncodedSequence;
use proptest::prelude::*;
use rand::RngExt;

const SKEWED: [f64; 4] = [0.4, 0.15, 0.25, 0.2];

fn matrix(alphabet: Alphabet, width: usize, seed: u64) -> LogOdds {
    let mut draws = Seed(seed).stream("matrix");
    let scores = (0..width * alphabet.letter_count()).map(|_| draws.random_range(-6.0..2.0));
    LogOdds::new(alphabet, scores.collect()).unwrap()
}

fn background(alphabet: Alphabet) -> Background {
    match alphabet {
        Alphabet::Protein => {
            let rising: Vec<f64> = (0..20).map(|letter| f64::from(letter + 40) / 990.0).collect();
            Background::new(alphabet, &rising).unwrap()
        }
        _ => Background::new(alphabet, &SKEWED).unwrap(),
    }
}

fn random_tokens(tokens: u8, length: usize, seed: u64) -> Vec<u8> {
    let mut draws = Seed(seed).stream("tokens");
    (0..length).map(|_| draws.random_range(0..tokens)).collect()
}

/// Score, rounded letter by letter to 1/1024 bit, and probability of every word.
fn words(log_odds: &LogOdds, background: &Background) -> Vec<(f64, f64)> {
    let mut words = vec![(0.0, 1.0)];
    for column in log_odds.values().chunks(log_odds.alphabet().letter_count()) {
        let letters = || column.iter().zip(background.frequencies());
        words = words
            .iter()
            .flat_map(|&(score, probability)| {
                letters().map(move |(x, frequency)| (score + (x * 1024.0).round() / 1024.0, probability * frequency))
            })
            .collect();
    }
    words
}

#[test]
fn p_values_are_those_of_all_words() {
    let cases =
        [(Alphabet::Dna, 1), (Alphabet::Dna, 4), (Alphabet::Rna, 6), (Alphabet::Dna, 8), (Alphabet::Protein, 3)];
    for (seed, (alphabet, width)) in cases.into_iter().enumerate() {
        let (log_odds, background) = (matrix(alphabet, width, seed as u64), background(alphabet));
        let distribution = ScoreDistribution::new(&log_odds, &background).unwrap();
        assert_eq!(distribution.step(), 1.0 / 1024.0);
        let mut words = words(&log_odds, &background);
        words.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut tail = 0.0;
        for tied in words.chunk_by(|a, b| a.0 == b.0) {
            tail += tied.iter().map(|word| word.1).sum::<f64>();
            let (score, p_value) = (tied[0].0, distribution.p_value(tied[0].0));
            assert!((p_value / tail - 1.0).abs() < 1e-11, "{alphabet} {width}: {score} has {p_value}, not {tail}");
        }
        assert_eq!((distribution.best(), distribution.worst()), (words[0].0, words[words.len() - 1].0));
    }
}

#[test]
fn a_distribution_agrees_with_lightmotif_within_its_coarser_grid() {
    for width in [5, 12, 25] {
        let log_odds = matrix(Alphabet::Dna, width, 7);
        let distribution = ScoreDistribution::new(&log_odds, &Background::uniform(Alphabet::Dna)).unwrap();
        let theirs = theirs(&log_odds).to_score_distribution();
        // Both round each letter by up to half a step.
        let reach = width as f64 * 0.51 * (f64::from(theirs.unscale(1) - theirs.unscale(0)) + distribution.step());
        for part in 0..100 {
            let score = distribution.worst() + (distribution.best() - distribution.worst()) * f64::from(part) / 100.0;
            let p_value = theirs.pvalue(score as f32);
            let (low, high) = (distribution.p_value(score + reach), distribution.p_value(score - reach));
            assert!((low * 0.9999..=high * 1.0001).contains(&p_value), "{width}: {score}: {p_value} in {low}..{high}");
        }
    }
}

/// The matrix in the order A, C, T, G, N of lightmotif; N is never scored.
fn theirs(log_odds: &LogOdds) -> ScoringMatrix<Dna> {
    let row = |row: &[f64]| [row[0], row[1], row[3], row[2], f64::NEG_INFINITY].map(|score| score as f32).to_vec();
    let rows: Vec<Vec<f32>> = log_odds.values().chunks(4).map(row).collect();
    ScoringMatrix::new(TheirBackground::uniform(), DenseMatrix::from_rows(rows))
}

#[test]
fn tails_keep_all_digits_however_small_they_are() {
    let uniform = Background::uniform(Alphabet::Dna);
    let one_letter = |width| {
        let log_odds = LogOdds::new(Alphabet::Dna, [1.875, -4.0, -4.0, -4.0].repeat(width)).unwrap();
        ScoreDistribution::new(&log_odds, &uniform).unwrap()
    };
    let distribution = one_letter(40);
    assert!((distribution.p_value(distribution.best()) / 0.25f64.powi(40) - 1.0).abs() < 1e-13);
    // One mismatch: 120 words more.
    let second = distribution.best() - 5.875;
    assert!((distribution.p_value(second) / (121.0 * 0.25f64.powi(40)) - 1.0).abs() < 1e-13);
    // 4⁻¹⁰⁰⁰ is no f64, but a hit has a p-value.
    let distribution = one_letter(1000);
    assert!(distribution.step() > 1.0 / 1024.0);
    assert_eq!(distribution.p_value(distribution.best()), f64::MIN_POSITIVE);
    assert_eq!(distribution.p_value(distribution.best() + 2000.0), 0.0);
    assert_eq!(distribution.p_value(f64::NAN), 1.0);
}

#[test]
fn scores_that_cannot_be_told_apart_are_refused() {
    let uniform = Background::uniform(Alphabet::Dna);
    let far = LogOdds::new(Alphabet::Dna, vec![0.0, 0.0, 0.0, 0.0, 0.0, -1e9, 0.0, 0.0]).unwrap();
    let refused = ScoreDistribution::new(&far, &uniform).unwrap_err();
    assert!(matches!(refused, Error::Motif(MotifError::Value { column: 2, .. })), "{refused}");
    let rna = Background::uniform(Alphabet::Rna);
    assert!(ScoreDistribution::new(&matrix(Alphabet::Dna, 3, 0), &rna).is_err());
    let constant = LogOdds::new(Alphabet::Dna, vec![1e6; 4]).unwrap();
    assert_eq!(ScoreDistribution::new(&constant, &uniform).unwrap().p_value(1e6), 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_threshold_is_the_smallest_score_of_its_p_value(seed: u64, width in 1..30usize, exponent in -12.0..0.0f64) {
        let p_value = 10f64.powf(exponent);
        let distribution = ScoreDistribution::new(&matrix(Alphabet::Dna, width, seed), &background(Alphabet::Dna)).unwrap();
        match distribution.threshold(p_value) {
            Some(score) => {
                prop_assert!(distribution.p_value(score) <= p_value);
                prop_assert!(distribution.p_value(score - distribution.step()) > p_value);
            }
            None => prop_assert!(distribution.p_value(distribution.best()) > p_value),
        }
        prop_assert_eq!(distribution.threshold(f64::NAN), None);
        prop_assert_eq!(distribution.threshold(1.0), Some(distribution.worst()));
    }

    #[test]
    fn p_values_fall_as_scores_rise(seed: u64, width in 1..30usize, scores in prop::collection::vec(-200.0..60.0f64, 2)) {
        let distribution = ScoreDistribution::new(&matrix(Alphabet::Dna, width, seed), &background(Alphabet::Dna)).unwrap();
        let [low, high] = [scores[0].min(scores[1]), scores[0].max(scores[1])].map(|score| distribution.p_value(score));
        prop_assert!((0.0..=1.0).contains(&high) && high <= low && low <= 1.0);
    }

    #[test]
    fn scanning_scores_every_window_without_ambiguous_letters(
        seed: u64, width in 1..20usize, length in prop_oneof![0..60usize, 500..1500usize], which in 0..3usize, fraction in 0.0..1.0f64
    ) {
        let alphabet = Alphabet::ALL[which];
        let (log_odds, background) = (matrix(alphabet, width, seed), background(alphabet));
        let both = alphabet != Alphabet::Protein;
        let scanner = MotifScanner::new(&log_odds, &background, both).unwrap();
        let tokens = random_tokens(alphabet.letter_count() as u8 + 1, length, seed);
        let threshold = scanner.distribution().worst() * (1.0 - fraction);
        let mut hits = Vec::new();
        scanner.scan(&tokens, threshold, |hit| hits.push(hit));
        let naive = naive(&log_odds, &tokens, both);
        let expected: Vec<_> = naive.iter().copied().filter(|&(_, _, score)| score >= threshold).collect();
        prop_assert_eq!(hits.iter().map(|hit| (hit.position, hit.strand, hit.score)).collect::<Vec<_>>(), expected);
        for hit in &hits {
            prop_assert_eq!(hit.p_value, scanner.distribution().p_value(hit.score));
            prop_assert!(hit.p_value > 0.0 && hit.p_value <= 1.0);
        }
        let best = naive.iter().fold(None, |best: Option<(usize, Strand, f64)>, &hit| {
            if best.is_some_and(|best| best.2 >= hit.2) { best } else { Some(hit) }
        });
        prop_assert_eq!(scanner.best(&tokens).map(|hit| (hit.position, hit.strand, hit.score)), best);
    }
}

/// Rounded scores of all windows, from their definition.
fn naive(log_odds: &LogOdds, tokens: &[u8], both: bool) -> Vec<(usize, Strand, f64)> {
    let alphabet = log_odds.alphabet();
    let letters = alphabet.letter_count();
    let mut scores = Vec::new();
    for (position, window) in tokens.windows(log_odds.width()).enumerate() {
        if window.iter().any(|&token| usize::from(token) >= letters) {
            continue;
        }
        let rounded = |(column, &token): (&[f64], &u8)| (column[usize::from(token)] * 1024.0).round() / 1024.0;
        let score = |word: &[u8]| log_odds.values().chunks(letters).zip(word).map(rounded).sum::<f64>();
        scores.push((position, Strand::Forward, score(window)));
        if both {
            let turned: Vec<u8> = window.iter().rev().map(|&token| alphabet.complement(token).unwrap()).collect();
            scores.push((position, Strand::Reverse, score(&turned)));
        }
    }
    scores
}

#[test]
fn long_sequences_have_the_hits_of_lightmotif() {
    let values = matrix(Alphabet::Dna, 14, 3).values().iter().map(|score| (score * 1024.0).round() / 1024.0).collect();
    let log_odds = LogOdds::new(Alphabet::Dna, values).unwrap();
    let scanner = MotifScanner::new(&log_odds, &Background::uniform(Alphabet::Dna), false).unwrap();
    let mut tokens = random_tokens(4, 30_000, 5);
    tokens[4090..4100].fill(14);
    let map = [Nucleotide::A, Nucleotide::C, Nucleotide::G, Nucleotide::T];
    let letters = tokens.iter().map(|&token| map.get(usize::from(token)).copied().unwrap_or(Nucleotide::N));
    let theirs = theirs(&log_odds);
    let mut striped = EncodedSequence::<Dna>::new(letters.collect()).to_striped();
    striped.configure(&theirs);
    for p_value in [1e-2, 1e-3] {
        let threshold = scanner.distribution().threshold(p_value).unwrap();
        let mut hits = Vec::new();
        scanner.scan(&tokens, threshold, |hit| hits.push((hit.position, hit.score as f32)));
        let mut search = Scanner::new(&theirs, &striped);
        search.threshold(threshold as f32);
        let mut expected: Vec<_> = search.map(|hit| (hit.position(), hit.score())).collect();
        expected.sort_by_key(|hit| hit.0);
        assert_eq!(hits, expected);
        let rate = hits.len() as f64 / 30_000.0;
        assert!((0.5..1.5).contains(&(rate / p_value)), "{rate} of {p_value}");
    }
}

#[test]
fn both_strands_share_the_p_values_of_their_mean_background() {
    let log_odds = matrix(Alphabet::Dna, 9, 11);
    let scanner = MotifScanner::new(&log_odds, &background(Alphabet::Dna), true).unwrap();
    let mean = Background::new(Alphabet::Dna, &[0.3, 0.2, 0.2, 0.3]).unwrap();
    let turned = ScoreDistribution::new(&log_odds.reverse_complement().unwrap(), &mean).unwrap();
    for tokens in (0..20).map(|seed| random_tokens(4, 30, seed)) {
        let hit = scanner.best(&tokens).unwrap();
        assert!((turned.p_value(hit.score) / hit.p_value - 1.0).abs() < 1e-11);
    }
}

#[test]
fn a_palindrome_is_hit_on_both_strands() {
    // CACGTG.
    let score = |letter: usize| (0..4).map(move |other| if other == letter { 2.0 } else { -2.0 });
    let log_odds = LogOdds::new(Alphabet::Dna, [1, 0, 1, 2, 3, 2].into_iter().flat_map(score).collect()).unwrap();
    let scanner = MotifScanner::new(&log_odds, &Background::uniform(Alphabet::Dna), true).unwrap();
    let mut hits: Vec<Hit> = Vec::new();
    scanner.scan(&[3, 1, 0, 1, 2, 3, 2, 0], 12.0, |hit| hits.push(hit));
    let found: Vec<_> = hits.iter().map(|hit| (hit.position, hit.strand, hit.p_value)).collect();
    assert_eq!(found, [(1, Strand::Forward, 0.25f64.powi(6)), (1, Strand::Reverse, 0.25f64.powi(6))]);
}

#[test]
fn every_record_has_the_hits_of_a_scan_of_its_own() {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for record in 0..300u64 {
        let tokens = random_tokens(5, record as usize % 80, record);
        sequences.push_tokens(&format!("s{record}"), &tokens).unwrap();
    }
    let scanner = MotifScanner::new(&matrix(Alphabet::Dna, 7, 2), &background(Alphabet::Dna), true).unwrap();
    let (best, hits) = (scanner.best_of_each(&sequences).unwrap(), scanner.hits_of_each(&sequences, -10.0).unwrap());
    for (record, tokens) in sequences.iter().enumerate() {
        let mut alone = Vec::new();
        scanner.scan(tokens, -10.0, |hit| alone.push(hit));
        assert_eq!((best[record], &hits[record]), (scanner.best(tokens), &alone));
    }
    assert!(hits.iter().any(|hits| hits.len() > 1));
}

#[test]
fn what_cannot_be_scanned_is_said() {
    let protein = matrix(Alphabet::Protein, 3, 0);
    let refused = MotifScanner::new(&protein, &background(Alphabet::Protein), true).unwrap_err();
    assert!(matches!(refused, Error::Motif(MotifError::NoComplement(..))), "{refused}");
    let scanner = MotifScanner::new(&protein, &background(Alphabet::Protein), false).unwrap();
    assert!(matches!(scanner.best_of_each(&EncodedSequences::new(Alphabet::Dna)), Err(Error::MixedAlphabets { .. })));
    assert_eq!(scanner.best(&[1, 2]), None);
    assert_eq!(scanner.best(&[]), None);
    assert_eq!(scanner.best(&[255; 10]), None);
}

#[test]
fn a_scanner_for_hits_above_a_threshold_finds_them_with_the_same_p_values() {
    let background = background(Alphabet::Dna);
    let tokens = random_tokens(4, 20_000, 8);
    let hits = |scanner: &MotifScanner, threshold: f64| {
        let mut hits: Vec<Hit> = Vec::new();
        scanner.scan(&tokens, threshold, |hit| hits.push(hit));
        hits
    };
    for width in [1, 6, 13] {
        let scanner = MotifScanner::new(&matrix(Alphabet::Dna, width, 21), &background, true).unwrap();
        for p_value in [1e-3, 0.1, 1.0] {
            let Some(threshold) = scanner.distribution().threshold(p_value) else { continue };
            let small = scanner.clone().for_hits_above(threshold);
            assert_eq!(hits(&small, threshold), hits(&scanner, threshold), "{width} {p_value}");
            assert_eq!(
                small.distribution().threshold(p_value / 10.0),
                scanner.distribution().threshold(p_value / 10.0)
            );
            assert_eq!(small.distribution().p_value(scanner.distribution().worst() - 1.0), 1.0);
        }
        let place = |scanner: &MotifScanner| scanner.best(&tokens).map(|hit| (hit.position, hit.strand, hit.score));
        assert_eq!(place(&scanner.clone().for_hits_above(f64::INFINITY)), place(&scanner));
    }
}
