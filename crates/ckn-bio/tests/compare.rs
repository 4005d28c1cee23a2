//! Comparison of motifs: another implementation's numbers, enumeration, and what must hold for any database.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::path::{Path, PathBuf};

use ckn_bio::motif::compare::{Database, Match, compare};
use ckn_bio::motif::{Motif, Probabilities};
use ckn_bio::simulate::Strand;
use ckn_bio::{Alphabet, Error, MotifError};
use serde_json::Value;

const A: [f64; 4] = [1.0, 0.0, 0.0, 0.0];
const C: [f64; 4] = [0.0, 1.0, 0.0, 0.0];
const G: [f64; 4] = [0.0, 0.0, 1.0, 0.0];
const T: [f64; 4] = [0.0, 0.0, 0.0, 1.0];
const FLAT: [f64; 4] = [0.25; 4];

fn dna(columns: &[[f64; 4]]) -> Probabilities {
    Probabilities::new(Alphabet::Dna, columns.concat()).unwrap()
}

/// Motifs that are no one's: columns from a small generator of pseudo-random numbers.
fn random(seed: u64, widths: &[usize]) -> Vec<Motif> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 / (1_u64 << 31) as f64).powi(4) + 1e-3
    };
    let mut columns = |width: usize| -> Vec<[f64; 4]> {
        let column = |_| {
            let weights = [number(), number(), number(), number()];
            weights.map(|weight| weight / weights.iter().sum::<f64>())
        };
        (0..width).map(column).collect()
    };
    widths.iter().enumerate().map(|(at, &width)| Motif::new(format!("m{at:04}"), dna(&columns(width)))).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn golden_motifs(value: &Value, alphabet: Alphabet) -> Vec<Motif> {
    let motif = |(at, columns): (usize, &Value)| {
        let values = columns.as_array().unwrap().iter().flat_map(numbers).collect();
        Motif::new(format!("m{at:04}"), Probabilities::new(alphabet, values).unwrap())
    };
    value.as_array().unwrap().iter().enumerate().map(motif).collect()
}

fn by_target(mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by_key(|found| found.target);
    matches
}

#[test]
fn p_values_and_alignments_are_those_of_another_implementation() {
    let text = include_str!("../../../reference/golden/tomtom.json");
    let golden: Value = serde_json::from_str(text).unwrap();
    let (mut pairs, mut aligned, mut turned, mut small) = (0, 0, 0, 0);
    for case in golden["cases"].as_array().unwrap() {
        let alphabet = Alphabet::from_name(case["alphabet"].as_str().unwrap()).unwrap();
        let motifs = &golden["motifs"][case["motifs"].as_str().unwrap()];
        let (targets, queries) =
            (golden_motifs(&motifs["targets"], alphabet), golden_motifs(&motifs["queries"], alphabet));
        let bins = case["bins"].as_u64().unwrap() as usize;
        let database = Database::new(&targets, case["both_strands"].as_bool().unwrap()).unwrap();
        let database = database.with_bins(bins).unwrap();
        for (query, matches) in compare(&queries, &database).unwrap().into_iter().enumerate() {
            for found in by_target(matches) {
                let number = |name: &str| case[name][query][found.target].as_f64().unwrap();
                let (got, expected) = (found.p_value, number("p_values"));
                let pair = format!("{alphabet}, {bins} bins, query {query}, target {}", found.target);
                assert!((got / expected - 1.0).abs() < 1e-3, "{pair}: {got:e}, not {expected:e}");
                pairs += 1;
                small += usize::from(expected < 1e-6);
                if case["unique"][query][found.target].as_bool().unwrap() {
                    let got = (found.offset as f64, found.overlap as f64, found.strand == Strand::Reverse);
                    assert_eq!(got, (number("offsets"), number("overlaps"), number("strands") == 1.0), "{pair}");
                    aligned += 1;
                    turned += usize::from(got.2);
                }
            }
        }
    }
    assert!(pairs > 1000 && aligned > 800 && turned > 100 && small > 20, "{pairs} {aligned} {turned} {small}");
}

/// Sums over all tuples of columns, at every offset of the query over a target.
fn enumerated_p_value(scores: &[Vec<i64>], unaligned: i64, width: usize, score: i64) -> f64 {
    let query = scores.len() as i64;
    let mut below = 1.0;
    for offset in 1 - query..width as i64 {
        let aligned: Vec<usize> =
            (0..scores.len()).filter(|&i| (0..width as i64).contains(&(i as i64 + offset))).collect();
        let mut sums = vec![unaligned * (query - aligned.len() as i64)];
        for column in aligned {
            sums = sums.iter().flat_map(|sum| scores[column].iter().map(move |score| sum + score)).collect();
        }
        below *= sums.iter().filter(|&&sum| sum < score).count() as f64 / sums.len() as f64;
    }
    1.0 - below
}

#[test]
fn p_values_are_those_of_all_targets_that_columns_of_the_database_make() {
    let targets = random(4, &[3, 1, 2, 4]);
    let columns: Vec<&[f64]> = targets.iter().flat_map(|target| target.probabilities.columns()).collect();
    let database = Database::new(&targets, false).unwrap().with_bins(50).unwrap();
    let query = &random(9, &[3])[0].probabilities;
    let distance = |a: &[f64], b: &[f64]| -> f64 { -a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt() };
    let centred: Vec<Vec<f64>> = query
        .columns()
        .map(|q| {
            let scores: Vec<f64> = columns.iter().map(|t| distance(q, t)).collect();
            let mut sorted = scores.clone();
            sorted.sort_by(f64::total_cmp);
            scores.iter().map(|score| score - sorted[4]).collect()
        })
        .collect();
    let least = centred.iter().flatten().copied().fold(f64::INFINITY, f64::min).floor();
    let most = centred.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = (50.0 / (most - least)).floor();
    let binned: Vec<Vec<i64>> =
        centred.iter().map(|row| row.iter().map(|s| ((s - least) * scale).round() as i64).collect()).collect();
    let unaligned = (-least * scale) as i64;
    let mut start = 0;
    for (target, found) in targets.iter().zip(by_target(database.search(query).unwrap())) {
        let width = target.width() as i64;
        let score_at = |offset: i64| -> i64 {
            let column = |i: i64| match i + offset {
                at if (0..width).contains(&at) => binned[i as usize][start + at as usize],
                _ => unaligned,
            };
            (0..3).map(column).sum()
        };
        let best = (-2..width).map(score_at).max().unwrap();
        let expected = enumerated_p_value(&binned, unaligned, target.width(), best);
        assert!((found.p_value - expected).abs() < 1e-12, "{}: {} not {expected}", target.name, found.p_value);
        assert_eq!(score_at(found.offset as i64), best);
        start += target.width();
    }
}

#[test]
fn a_shifted_turned_and_trimmed_copy_is_found_where_it_was_cut() {
    let targets = random(1, &[12, 9, 15, 8, 20, 11, 7, 10, 14, 13, 6, 16, 12, 9, 15, 8, 20, 11, 7, 10]);
    let database = Database::new(&targets, true).unwrap();
    let target = &targets[4].probabilities;
    let cut = Probabilities::new(Alphabet::Dna, target.values()[4 * 5..4 * 15].to_vec()).unwrap();
    let found = &database.search(&cut).unwrap()[0];
    assert_eq!((database.name(found.target), found.offset, found.strand), ("m0004", 5, Strand::Forward));
    assert_eq!(found.overlap, 10);
    assert!(found.p_value < 1e-9 && found.e_value == found.p_value * 20.0);

    // What ends five columns before the target does begins five columns after the turned target.
    let found = &database.search(&cut.reverse_complement().unwrap()).unwrap()[0];
    assert_eq!((found.target, found.offset, found.strand, found.overlap), (4, 5, Strand::Reverse, 10));

    // A query that hangs over the left end has a negative offset.
    let longer: Vec<f64> = [FLAT; 3].concat().into_iter().chain(targets[6].probabilities.values().to_vec()).collect();
    let found = &database.search(&Probabilities::new(Alphabet::Dna, longer).unwrap()).unwrap()[0];
    assert_eq!((found.target, found.offset, found.overlap), (6, -3, 7));
}

#[test]
fn of_equal_scores_the_longer_overlap_wins_and_then_the_given_strand() {
    // A flat column is as far from every other: it scores its median, as if it were not aligned. So A meets A with and
    // without a column before it.
    let targets = [dna(&[A, C, A]), dna(&[A, C, G, T]), dna(&[C, T])].map(|columns| Motif::new("m", columns));
    let search = |both_strands, query: &[[f64; 4]]| {
        by_target(Database::new(&targets, both_strands).unwrap().search(&dna(query)).unwrap())
    };
    let found = &search(false, &[FLAT, A])[0];
    assert_eq!((found.offset, found.overlap), (1, 2));
    let found = &search(true, &[A, C, G, T])[1];
    assert_eq!((found.offset, found.overlap, found.strand), (0, 4, Strand::Forward));
}

#[test]
fn matches_are_sorted_and_q_values_are_those_of_benjamini_and_hochberg() {
    let targets = random(2, &[8; 40]);
    let database = Database::new(&targets, true).unwrap();
    let matches = database.search(&targets[7].probabilities).unwrap();
    assert_eq!((matches.len(), matches[0].target), (40, 7));
    assert!(matches.windows(2).all(|pair| pair[0].p_value <= pair[1].p_value));
    for (rank, found) in matches.iter().enumerate() {
        let beyond = matches.iter().enumerate().skip(rank);
        let q = beyond.map(|(rank, found)| (found.p_value * (40.0 / (rank + 1) as f64)).min(1.0)).fold(1.0, f64::min);
        assert_eq!(found.q_value, q);
        assert!(found.q_value >= found.p_value);
    }
}

#[test]
fn targets_that_occur_twice_are_both_reported_in_order_of_their_names() {
    let mut targets = random(3, &[7; 30]);
    targets[20] = Motif { name: "b".into(), ..targets[10].clone() };
    targets[10].name = "c".into();
    targets[25] = Motif { name: "b".into(), ..targets[10].clone() };
    let database = Database::new(&targets, true).unwrap();
    let matches = database.search(&targets[10].probabilities).unwrap();
    let names = matches.iter().take(3).map(|found| (database.name(found.target), found.target)).collect::<Vec<_>>();
    assert_eq!(names, [("b", 20), ("b", 25), ("c", 10)]);
    assert_eq!(matches[0].p_value, matches[2].p_value);
    assert_eq!(matches[0].q_value, matches[2].p_value * 10.0);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let targets = random(5, &(0..300).map(|at| 4 + at % 19).collect::<Vec<_>>());
    let database = Database::new(&targets, true).unwrap().with_bins(200).unwrap();
    let of_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| compare(&targets[..3], &database).unwrap())
    };
    assert_eq!(of_threads(1), of_threads(5));
}

#[test]
fn odd_shapes_give_p_values() {
    let flat = Motif::new("flat", dna(&[FLAT; 6]));
    let single = Motif::new("single", dna(&[A]));
    let wide = random(6, &[1_000]).remove(0);
    let sets = [
        vec![flat.clone()],
        vec![single.clone()],
        vec![flat.clone(), flat.clone(), flat.clone()],
        vec![single.clone(), flat.clone(), wide.clone()],
        random(7, &[3, 30]),
    ];
    for targets in &sets {
        let database = Database::new(targets, true).unwrap().with_bins(16).unwrap();
        for query in [&flat, &single, &wide] {
            let matches = database.search(&query.probabilities).unwrap();
            assert_eq!(matches.len(), targets.len());
            for found in matches {
                assert!(found.p_value > 0.0 && found.p_value <= 1.0 && found.q_value <= 1.0);
                let width = targets[found.target].width();
                assert!(found.overlap >= 1 && found.overlap <= width.min(query.width()));
                assert!(found.offset > -(query.width() as isize) && found.offset < width as isize);
            }
        }
    }
    // Where all columns are alike, nothing is more similar than anything else.
    let database = Database::new(&sets[0], false).unwrap();
    assert_eq!(database.search(&flat.probabilities).unwrap()[0].p_value, 1.0);
}

#[test]
fn the_smallest_p_values_are_not_zero() {
    let targets = random(8, &[150, 150, 150, 10]);
    let database = Database::new(&targets, true).unwrap().with_bins(100).unwrap();
    let matches = database.search(&targets[1].probabilities).unwrap();
    assert_eq!(matches[0].target, 1);
    assert!(matches[0].p_value > 0.0 && matches[0].p_value < 1e-250);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let motif = |alphabet: Alphabet| {
        let letters = alphabet.letter_count();
        Motif::new("m", Probabilities::new(alphabet, vec![1.0 / letters as f64; 3 * letters]).unwrap())
    };
    let [dna, rna, protein] = Alphabet::ALL.map(motif);
    let refusal = |result: Result<Database, Error>| result.err().map(|error| error.to_string());
    assert!(matches!(Database::new(&[], true), Err(Error::Motif(MotifError::EmptyDatabase))));
    let mixed = Database::new(&[dna.clone(), rna.clone()], false);
    assert_eq!(refusal(mixed).unwrap(), "a motif of DNA meets one of RNA: give both of one alphabet");
    let turned = Database::new(std::slice::from_ref(&protein), true);
    assert!(matches!(turned, Err(Error::Motif(MotifError::NoComplement(Alphabet::Protein)))));
    let database = Database::new(std::slice::from_ref(&rna), true).unwrap();
    assert!(matches!(database.search(&dna.probabilities), Err(Error::Motif(MotifError::Alphabets { .. }))));
    assert!(matches!(compare(&[rna, protein], &database), Err(Error::Motif(MotifError::Alphabets { .. }))));
    for bins in [15, 10_001] {
        assert!(matches!(database.clone().with_bins(bins), Err(Error::Parameter { name: "bins", .. })));
    }
}

/// The matrices of a MEME file.
fn meme_motifs(path: &Path) -> Vec<Motif> {
    let text = std::fs::read_to_string(path).unwrap();
    let motif = |section: &str| {
        let name = section.split_whitespace().next().unwrap().to_owned();
        let rows = section.lines().filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit()));
        let values = rows.skip(1).flat_map(|row| row.split_whitespace().map(|cell| cell.parse().unwrap())).collect();
        Motif::new(name, Probabilities::new(Alphabet::Dna, values).unwrap())
    };
    text.split("MOTIF ").skip(1).map(motif).collect()
}

#[test]
fn motifs_of_a_real_database_find_themselves() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("motifs/JASPAR2020_CORE_vertebrates.meme");
    if !path.is_file() {
        println!("skipped: {} does not exist (set CKN_DATA)", path.display());
        return;
    }
    let targets = meme_motifs(&path);
    assert_eq!(targets.len(), 746);
    let database = Database::new(&targets, true).unwrap().with_bins(100).unwrap();
    let queries: Vec<Motif> = targets.iter().step_by(60).cloned().collect();
    for (query, matches) in queries.iter().zip(compare(&queries, &database).unwrap()) {
        assert_eq!((database.name(matches[0].target), matches[0].offset), (query.name.as_str(), 0));
        assert_eq!(matches[0].overlap, query.width());
        assert!(matches[0].e_value < 0.01);
        // Of 745 others, some are relatives, and most are none: their p-values spread to one.
        let above = matches.iter().filter(|found| found.p_value > 0.5).count();
        assert!((150..500).contains(&above), "{}: {above}", query.name);
    }
}
