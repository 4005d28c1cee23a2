//! Windows of a genome that match positives.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::collections::HashSet;
use std::fmt::Write as _;

use ckn_bio::background::{Matched, Matching, matched_windows};
use ckn_bio::io::{Bed, CutSequences, Genome, Source, Unfit, cut};
use ckn_bio::{Alphabet, Error, IntervalError, Region};
use ckn_core::seed::Seed;
use proptest::prelude::*;
use rand::RngExt;

/// Chromosomes whose GC content rises from 0.2 to 0.8 along them, with a run of N in the middle.
fn genome(folder: &tempfile::TempDir, length: usize) -> Genome {
    let mut rng = Seed(11).stream("genome");
    let mut text = String::new();
    for name in ["chr1", "chr2", "chrUn"] {
        let letters: String = (0..length)
            .map(|at| {
                let strong = rng.random_bool(0.2 + 0.6 * at as f64 / length as f64);
                match (strong, rng.random_bool(0.5)) {
                    _ if (length / 2..length / 2 + length / 20).contains(&at) => 'N',
                    (true, true) => 'G',
                    (true, false) => 'C',
                    (false, true) => 'A',
                    (false, false) => 'T',
                }
            })
            .collect();
        writeln!(text, ">{name}\n{letters}").unwrap();
    }
    let path = folder.path().join("genome.fa");
    std::fs::write(&path, text).unwrap();
    Genome::open(path, Alphabet::Dna).unwrap()
}

fn bed(text: &str) -> Bed {
    Bed::read(Source::new("peaks.bed", std::io::Cursor::new(text.as_bytes().to_vec())).unwrap()).unwrap()
}

fn content(tokens: &[u8]) -> f64 {
    let (strong, known) = tokens.iter().fold((0.0, 0.0), |(strong, known), token| match token {
        1 | 2 => (strong + 1.0, known + 1.0),
        0 | 3 => (strong, known + 1.0),
        _ => (strong, known),
    });
    strong / known
}

fn overlap(one: &Region, chromosome: &str, start: u64, end: u64) -> bool {
    one.chromosome == chromosome && one.start < end && start < one.end
}

/// What must hold of all windows.
fn check(bed: &Bed, positives: &CutSequences, matched: &Matched, matching: Matching) {
    let regions: Vec<Region> = matched.sequences.ids().iter().map(|id| Region::from_id(id).unwrap()).collect();
    for (record, region) in regions.iter().enumerate() {
        for other in positives.regions.iter().chain(&regions[..record]) {
            assert!(!overlap(region, &other.chromosome, other.start, other.end), "{region} {other}");
        }
        for other in bed.records() {
            assert!(!overlap(region, &other.chromosome, other.start, other.end), "{region}");
        }
        assert!(matched.sequences.sequence(record).iter().all(|&token| token < 4), "{region}");
        assert_eq!(matched.sequences.sequence(record).len() as u64, region.length());
        assert!(region.chromosome != "chrUn");
    }
    assert_eq!(regions.len() + matched.missing, matching.per_positive * positives.regions.len());
    if matched.missing == 0 {
        let partners = positives.sequences.iter().flat_map(|tokens| std::iter::repeat_n(tokens, matching.per_positive));
        for (positive, negative) in partners.zip(matched.sequences.iter()) {
            assert_eq!(positive.len(), negative.len());
            assert!((content(positive) - content(negative)).abs() <= matching.tolerance + 1e-9);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn windows_match_their_positives_and_overlap_none(
        peaks in prop::collection::vec((1u8..3, 0u64..29_000, 1u64..400), 1..30),
        window in prop::option::of(20usize..120),
        per_positive in 1usize..4,
        tolerance in 0.0..0.1f64,
        seed in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let genome = genome(&folder, 30_000);
        let lines: String =
            peaks.iter().map(|(chromosome, start, length)| format!("chr{chromosome}\t{start}\t{}\n", start + length)).collect();
        let bed = bed(&lines);
        let Ok(positives) = cut(&genome, &bed, window, Unfit::Drop) else { return Ok(()) };
        let matching = Matching { per_positive, tolerance };
        match matched_windows(&genome, &bed, &positives, matching, Seed(seed)) {
            Ok(matched) => {
                check(&bed, &positives, &matched, matching);
                let again = matched_windows(&genome, &bed, &positives, matching, Seed(seed)).unwrap();
                prop_assert_eq!(again.sequences, matched.sequences);
            }
            Err(error) => prop_assert!(matches!(error, Error::Interval(IntervalError::NoMatch { .. })), "{}", error),
        }
    }
}

#[test]
fn the_mean_gc_content_is_that_of_the_positives_and_not_of_the_genome() {
    let folder = tempfile::tempdir().unwrap();
    let genome = genome(&folder, 200_000);
    // From the GC-rich end of both chromosomes.
    let lines: String = (0..200)
        .map(|peak| format!("chr{}\t{}\t{}\n", 1 + peak % 2, 160_000 + 150 * peak, 160_101 + 150 * peak))
        .collect();
    let bed = bed(&lines);
    let positives = cut(&genome, &bed, Some(101), Unfit::Refuse).unwrap();
    let matched = matched_windows(&genome, &bed, &positives, Matching::default(), Seed(1)).unwrap();
    check(&bed, &positives, &matched, Matching::default());
    assert_eq!(matched.missing, 0);
    assert!(matched.positive_gc > 0.65, "{}", matched.positive_gc);
    assert!(
        (matched.positive_gc - matched.negative_gc).abs() < 0.005,
        "{} {}",
        matched.positive_gc,
        matched.negative_gc
    );
    let ids: HashSet<&String> = matched.sequences.ids().iter().collect();
    assert_eq!(ids.len(), 200);
    let other = matched_windows(&genome, &bed, &positives, Matching::default(), Seed(2)).unwrap();
    assert_ne!(other.sequences, matched.sequences);
}

#[test]
fn what_cannot_be_matched_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.fa");
    std::fs::write(&path, ">chr1\nACGTACGTAAAAAAAANNNN\n").unwrap();
    let genome = Genome::open(&path, Alphabet::Dna).unwrap();
    let bed = bed("chr1\t0\t8\n");
    let positives = cut(&genome, &bed, None, Unfit::Refuse).unwrap();
    let search = |per_positive, tolerance| {
        matched_windows(&genome, &bed, &positives, Matching { per_positive, tolerance }, Seed(0))
    };
    // One window is left, without G or C.
    let message = search(1, 0.1).unwrap_err().to_string();
    assert!(
        message.contains("small.fa") && message.contains("at most 0.1") && message.contains("--gc-tolerance"),
        "{message}"
    );
    let all = search(2, 1.0).unwrap();
    assert_eq!((all.sequences.ids(), all.missing), (&["chr1:8-16".to_owned()][..], 1));
    assert!(matches!(search(0, 0.1), Err(Error::Parameter { .. })));
    assert!(matches!(search(1, f64::NAN), Err(Error::Parameter { .. })));
    let protein = Genome::open(&path, Alphabet::Protein).unwrap();
    let refused = matched_windows(&protein, &bed, &positives, Matching::default(), Seed(0));
    assert!(matches!(refused, Err(Error::Interval(IntervalError::NoGc(..)))));
}
