//! Motifs that sequences have in common, without a model.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_bio::motif::compare::best_alignment;
use ckn_bio::motif::{Background, Counts, Probabilities};
use ckn_bio::shuffle::shuffled_negatives;
use ckn_bio::{Alphabet, EncodedSequences, LabelledSequences};
use ckn_core::seed::{Random, Seed};
use ckn_interpret::{
    DiscoverySettings, HeldOut, JudgedMotif, ModelMotif, MotifDirection, MotifOrigin, MotifReading, MotifSequences,
    ReadingSettings, discover, evidence,
};
use rand::RngExt;

/// A matrix of a word: nine sites of ten have its letter, two of three where it is small.
fn of_word(word: &str) -> Probabilities {
    let counts = word.bytes().flat_map(|letter| {
        let others = if letter.is_ascii_lowercase() { 3.0 } else { 0.7 };
        b"ACGT".map(|other| if letter == b'N' || other == letter.to_ascii_uppercase() { 18.0 } else { others })
    });
    let background = Background::uniform(Alphabet::Dna);
    Counts::new(Alphabet::Dna, counts.collect()).unwrap().probabilities(0.0, &background).unwrap()
}

/// Sequences in some of which, each with a probability, sites of motifs stand on either strand.
fn sequences(count: usize, motifs: &[(Probabilities, f64)], random: &mut Random) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for number in 0..count {
        let mut tokens: Vec<u8> = (0..120).map(|_| random.random_range(0..4)).collect();
        for (motif, rate) in motifs {
            if !random.random_bool(*rate) {
                continue;
            }
            let mut site = vec![0; motif.width()];
            motif.draw(&mut site, random);
            if random.random_bool(0.5) {
                site.reverse();
                site.iter_mut().for_each(|letter| *letter = 3 - *letter);
            }
            let at = random.random_range(0..=tokens.len() - site.len());
            tokens[at..at + site.len()].copy_from_slice(&site);
        }
        sequences.push_tokens(&format!("s{number}"), &tokens).unwrap();
    }
    sequences
}

fn planted() -> Vec<(Probabilities, f64)> {
    [("TGACTCAG", 0.4), ("CCGGAAGTGC", 0.2), ("GGATTANNNNTTACC", 0.15), ("CACGTGAC", 0.1)]
        .map(|(word, rate)| (of_word(word), rate))
        .to_vec()
}

#[test]
fn all_planted_motifs_are_found_and_nothing_else() {
    let mut random = Seed(3).stream("sequences");
    let motifs = planted();
    let (positives, negatives) = (sequences(900, &motifs, &mut random), sequences(900, &[], &mut random));
    let found = discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap();
    let (fresh, others) = (sequences(900, &motifs, &mut random), sequences(900, &[], &mut random));
    let judged = evidence(None, &found, HeldOut { positives: &fresh, negatives: &others }, true, Seed(0)).unwrap();
    let kept: Vec<&Probabilities> = found
        .iter()
        .zip(&judged)
        .filter(|(_, evidence)| evidence.q_value < 0.01)
        .map(|(motif, _)| &motif.motif.probabilities)
        .collect();
    assert_eq!(kept.len(), motifs.len(), "{:?}", kept.iter().map(|matrix| matrix.consensus()).collect::<Vec<_>>());
    for (motif, _) in &motifs {
        let like = |matrix: &&&Probabilities| {
            best_alignment(motif, matrix, 6, true).unwrap().is_some_and(|alignment| alignment.correlation > 0.9)
        };
        assert_eq!(kept.iter().filter(like).count(), 1, "{}", motif.consensus());
    }
    assert!(found.iter().all(|motif| motif.origin == MotifOrigin::Sequences && motif.threshold.is_some()));
    // The strongest first; sites that hardly look like any are below the threshold.
    let share = found[0].share.unwrap();
    assert!(share > 0.2 && share < 0.45, "{share}");
}

#[test]
fn motifs_that_share_a_core_are_told_apart() {
    let mut random = Seed(7).stream("sequences");
    let motifs: Vec<(Probabilities, f64)> =
        [("tgatCACGTGttac", 0.25), ("cccgCACGTGgagc", 0.2)].map(|(word, rate)| (of_word(word), rate)).to_vec();
    let settings = DiscoverySettings::new(true);
    let found_with = |motifs: &[(Probabilities, f64)], random: &mut Random| {
        discover(&sequences(1_200, motifs, random), &sequences(1_200, &[], random), &settings).unwrap()
    };
    let correlation = |first: &Probabilities, second: &ModelMotif| {
        let second = &second.motif.probabilities;
        best_alignment(first, second, 10, true).unwrap().map_or(-1.0, |alignment| alignment.correlation)
    };
    let found = found_with(&motifs, &mut random);
    for (motif, rate) in &motifs {
        let own = found.iter().find(|other| correlation(motif, other) > 0.95);
        let own = own.unwrap_or_else(|| panic!("{} is not found", motif.consensus()));
        // Half of the sites have all six letters of the core (0.9⁶); others are weak, or written over.
        let share = own.share.unwrap();
        assert!(share > 0.4 * rate && share < 1.1 * rate, "{share} of {rate}");
    }
    // One motif stays one.
    let alone = found_with(&motifs[..1], &mut random);
    let like = alone.iter().filter(|other| correlation(&motifs[0].0, other) > 0.6).count();
    assert_eq!(like, 1);
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    let mut random = Seed(4).stream("sequences");
    let make = |random: &mut Random| sequences(250, &[], random);
    let (positives, negatives) = (make(&mut random), make(&mut random));
    let found = discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap();
    let (fresh, others) = (make(&mut random), make(&mut random));
    let judged = evidence(None, &found, HeldOut { positives: &fresh, negatives: &others }, true, Seed(0)).unwrap();
    assert!(judged.iter().all(|evidence| evidence.q_value > 0.01));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut random = Seed(5).stream("sequences");
    let (positives, negatives) = (sequences(120, &planted(), &mut random), sequences(120, &[], &mut random));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap());
        found.iter().map(|motif| motif.motif.probabilities.values().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn motifs_of_one_strand_and_of_proteins_are_found() {
    let mut sequences = [Alphabet::Protein, Alphabet::Protein].map(EncodedSequences::new);
    let mut random = Seed(6).stream("peptides");
    for (class, set) in sequences.iter_mut().enumerate() {
        for number in 0..300 {
            let mut letters: Vec<u8> = (0..40).map(|_| b"ARNDCQEGHILKMFPSTWYV"[random.random_range(0..20)]).collect();
            if class == 0 && number % 3 == 0 {
                let at = random.random_range(0..34);
                letters[at..at + 6].copy_from_slice(b"KKWCHR");
            }
            set.push(&format!("p{number}"), &letters).unwrap();
        }
    }
    let found = discover(&sequences[0], &sequences[1], &DiscoverySettings::new(false)).unwrap();
    assert!(
        found[0].motif.probabilities.consensus().contains("KKWCHR"),
        "{}",
        found[0].motif.probabilities.consensus()
    );
}

/// What a search without a model shows of positives and negatives.
fn shown(positives: &EncodedSequences, negatives: &EncodedSequences) -> Vec<JudgedMotif> {
    let data = LabelledSequences::from_classes(positives, negatives).unwrap();
    let halves = MotifSequences::split(&data, 8, Seed(0)).unwrap();
    let reading = MotifReading::new(ReadingSettings::of(0, Alphabet::Dna));
    let found = reading.find(None, Some(&halves)).unwrap();
    reading.judge(None, &found, Some(&halves)).unwrap()
}

#[test]
fn a_motif_of_the_negatives_is_depleted_and_comes_after_those_of_the_positives() {
    let mut random = Seed(7).stream("sequences");
    let (raises, lowers) = (of_word("CCGGAAGTGC"), of_word("TGACTCAGCA"));
    let positives = sequences(800, &[(raises.clone(), 0.3)], &mut random);
    let negatives = sequences(800, &[(lowers.clone(), 0.2)], &mut random);
    let rows = shown(&positives, &negatives);
    let directions: Vec<MotifDirection> = rows.iter().map(|row| row.found.direction).collect();
    assert_eq!(directions, [MotifDirection::Enriched, MotifDirection::Depleted]);
    for (row, planted) in rows.iter().zip([&raises, &lowers]) {
        let alignment = best_alignment(planted, &row.found.motif.probabilities, 8, true).unwrap().unwrap();
        assert!(alignment.correlation >= 0.9, "{} {}", planted.consensus(), alignment.correlation);
    }
    // Named in the order shown; tables are of positives and negatives, whichever have more.
    let (evidence, depleted) = (rows[1].evidence.as_ref().unwrap(), rows[1].evidence.as_ref().unwrap().enrichment);
    assert_eq!(rows[1].found.motif.name, "motif_2");
    assert_eq!((depleted.positives, depleted.negatives), (400, 400));
    assert!(depleted.negatives_with_hit > 2 * depleted.positives_with_hit);
    assert!(depleted.log2_ratio < -1.0 && depleted.auroc < 0.5);
    let share = rows[1].found.share.unwrap();
    assert!((0.1..0.3).contains(&share), "{share}");
    // Both tests must say so, and the p-value is that of the larger.
    let against_positives = 2.0 * depleted.fisher_p_value.min(depleted.rank_sum_p_value);
    let larger = against_positives.max(evidence.shuffled_p_value);
    assert!(evidence.p_value == larger && larger < 1e-6, "{larger}");
    let enriched = rows[0].evidence.as_ref().unwrap();
    assert!(enriched.p_value >= enriched.shuffled_p_value && enriched.p_value < 1e-6, "{enriched:?}");
}

#[test]
fn what_a_class_owes_to_its_composition_is_no_motif_of_it() {
    // Letters of the negatives are C and G three times in five, of the positives two in five: words differ, motifs do not.
    let mut random = Seed(8).stream("sequences");
    let mut of_content = |content: f64| {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        for number in 0..400 {
            let letter = |random: &mut Random| match (random.random_bool(content), random.random_bool(0.5)) {
                (true, first) => 1 + u8::from(first),
                (false, first) => 3 * u8::from(first),
            };
            let tokens: Vec<u8> = (0..100).map(|_| letter(&mut random)).collect();
            sequences.push_tokens(&format!("s{number}"), &tokens).unwrap();
        }
        sequences
    };
    let (positives, negatives) = (of_content(0.4), of_content(0.6));
    let data = LabelledSequences::from_classes(&positives, &negatives).unwrap();
    let halves = MotifSequences::split(&data, 8, Seed(0)).unwrap();
    let reading = MotifReading::new(ReadingSettings::of(0, Alphabet::Dna));
    let found = reading.find(None, Some(&halves)).unwrap();
    let held_out = HeldOut { positives: &halves.positives, negatives: &halves.negatives };
    for direction in [MotifDirection::Enriched, MotifDirection::Depleted] {
        let of_direction: Vec<ModelMotif> =
            found.iter().filter(|motif| motif.direction == direction).cloned().collect();
        assert!(!of_direction.is_empty());
        let judged = evidence(None, &of_direction, held_out, true, Seed(0)).unwrap();
        // Against the other class alone they would be shown.
        assert!(judged.iter().any(|evidence| evidence.enrichment.rank_sum_p_value < 1e-20));
        assert!(judged.iter().all(|evidence| evidence.q_value > 0.01), "{direction:?}");
    }
    // Nor of shuffles, which have no motif whatever their sequences have.
    let positives = sequences(400, &planted(), &mut Seed(9).stream("sequences"));
    let rows = shown(&positives, &shuffled_negatives(&positives, 2, 1, Seed(1)).unwrap());
    assert!(!rows.is_empty() && rows.iter().all(|row| row.found.direction == MotifDirection::Enriched));
}
