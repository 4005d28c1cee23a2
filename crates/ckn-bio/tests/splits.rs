//! Dividing sequences into training and test, and what must not stand on both sides.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::{Alphabet, DivisionError, EncodedSequences, Error, Likeness, grouped_folds, io, leaks, stratified_folds};
use ckn_core::seed::Seed;
use proptest::prelude::*;

fn set(alphabet: Alphabet, records: &[(&str, &str)]) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(alphabet);
    records.iter().for_each(|(id, letters)| sequences.push(id, letters.as_bytes()).unwrap());
    sequences
}

proptest! {
    #[test]
    fn folds_have_equal_sizes_and_as_much_of_each_class(
        labels in prop::collection::vec(0u8..3, 2..200),
        folds in 2usize..8,
        seed in any::<u64>(),
    ) {
        let labels: Vec<f64> = labels.into_iter().map(f64::from).collect();
        prop_assume!(folds <= labels.len());
        let fold_of = stratified_folds(&labels, folds, Seed(seed)).unwrap();
        prop_assert_eq!(&fold_of, &stratified_folds(&labels, folds, Seed(seed)).unwrap());
        for class in [None, Some(0.0), Some(1.0), Some(2.0)] {
            let mut sizes = vec![0; folds];
            for (fold, label) in fold_of.iter().zip(&labels) {
                sizes[*fold] += usize::from(class.is_none_or(|class| class == *label));
            }
            prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{:?}", sizes);
        }
    }

    #[test]
    fn groups_stay_whole(groups in prop::collection::vec(0u8..20, 20..200), folds in 2usize..5, seed in any::<u64>()) {
        let groups: Vec<String> = groups.into_iter().map(|group| format!("g{group}")).collect();
        let fold_of = grouped_folds(&groups, folds, Seed(seed)).unwrap();
        prop_assert_eq!(&fold_of, &grouped_folds(&groups, folds, Seed(seed)).unwrap());
        for (one, fold) in groups.iter().zip(&fold_of) {
            for (other, same) in groups.iter().zip(&fold_of) {
                prop_assert!(one != other || fold == same);
            }
        }
        prop_assert!((0..folds).all(|fold| fold_of.contains(&fold)));
    }

    #[test]
    fn overlaps_are_those_that_comparing_all_pairs_finds(
        one in prop::collection::vec((0u64..60, 1u64..20), 1..20),
        two in prop::collection::vec((0u64..60, 1u64..20), 1..20),
    ) {
        // Letters that differ in all records, so that only places can be alike.
        let make = |places: &[(u64, u64)], letter: &str| {
            let records: Vec<(String, String)> = places
                .iter()
                .enumerate()
                .map(|(at, (start, length))| (format!("c:{start}-{}", start + length), letter.repeat(at + 1)))
                .collect();
            let records: Vec<(&str, &str)> = records.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
            set(Alphabet::Dna, &records)
        };
        let found = leaks(&make(&one, "A"), &make(&two, "C"));
        let shared = |a: (u64, u64), b: (u64, u64)| (a.0 + a.1).min(b.0 + b.1).saturating_sub(a.0.max(b.0));
        let expected: Vec<usize> =
            (0..one.len()).filter(|&at| two.iter().any(|&other| shared(one[at], other) > 0)).collect();
        prop_assert_eq!(found.iter().map(|leak| leak.record).collect::<Vec<_>>(), expected);
        for leak in found {
            prop_assert_eq!(leak.likeness, Likeness::Overlap { letters: shared(one[leak.record], two[leak.other]) });
        }
    }
}

#[test]
fn a_sequence_is_known_by_its_letters_on_either_strand_or_by_its_place() {
    let one = set(
        Alphabet::Dna,
        &[("a", "ACGTT"), ("b", "aacgt"), ("chr1:10-15", "CCCCC"), ("chr1:10-15_shuffled", "CCCCA"), ("c", "GATTACA")],
    );
    let two = set(Alphabet::Dna, &[("x", "TTTTT"), ("y", "ACGTT"), ("z", "ACGTT"), ("chr1:14-19(-)", "TTTTG")]);
    let found: Vec<_> = leaks(&one, &two).into_iter().map(|leak| (leak.record, leak.other, leak.likeness)).collect();
    let expected =
        [(0, 1, Likeness::Identical), (1, 1, Likeness::ReverseComplement), (2, 3, Likeness::Overlap { letters: 1 })];
    assert_eq!(found, expected);
    // Protein has no other strand.
    let (one, two) = (set(Alphabet::Protein, &[("a", "MKV")]), set(Alphabet::Protein, &[("b", "VKM")]));
    assert!(leaks(&one, &two).is_empty());
}

#[test]
fn impossible_folds_are_refused() {
    for folds in [0, 1, 4] {
        assert!(matches!(
            stratified_folds(&[0.0, 1.0, 1.0], folds, Seed(0)),
            Err(Error::Division(DivisionError::Folds { .. }))
        ));
    }
    let message = grouped_folds(&["a".into(), "a".into()], 2, Seed(0)).unwrap_err().to_string();
    assert!(message.starts_with("2 folds of 1 groups: take at least 2"), "{message}");
}

#[test]
fn groups_are_read_beside_labels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.tsv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        io::read_grouped(&path, Alphabet::Dna)
    };
    let data = read("id\tsequence\tlabel\tGroup\na\tACGT\t1\tfamily 1\nb\tTTTT\t0\tx\n").unwrap();
    assert_eq!(
        (data.labels(), data.groups().unwrap()),
        (&[1.0, 0.0][..], &["family 1".to_owned(), "x".to_owned()][..])
    );
    assert_eq!(read("sequence\tlabel\nACGT\t1\n").unwrap().groups(), None);
    let message = read("sequence\tlabel\tgroup\nACGT\t1\ta\nACGT\t1\t\n").unwrap_err().to_string();
    assert!(message.contains("line 3") && message.contains("name of the group is empty"), "{message}");
}
