//! Sets of sequences.

use ckn_bio::{Alphabet, EncodedSequences, Error, LabelledSequences};

fn set(alphabet: Alphabet, records: &[(&str, &str)]) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(alphabet);
    for (id, letters) in records {
        assert!(sequences.push(id, letters.as_bytes()).is_ok(), "{id}");
    }
    sequences
}

#[test]
fn a_set_is_flat_tokens_and_offsets() {
    let sequences = set(Alphabet::Dna, &[("a", "ACgt"), ("empty", ""), ("b", "NR")]);
    assert_eq!(sequences.tokens(), [0, 1, 2, 3, 14, 4]);
    assert_eq!(sequences.offsets(), [0, 4, 4, 6]);
    assert_eq!(sequences.view().sequence(2), [14, 4]);
    assert_eq!(sequences.unknown_count(), 2);
    assert_eq!((sequences.decode(0), sequences.decode(1), sequences.len()), ("ACGT".into(), String::new(), 3));
    assert!(sequences.iter().eq([&[0u8, 1, 2, 3][..], &[], &[14, 4]]));
}

#[test]
fn a_refused_sequence_leaves_the_set_as_it_was() {
    let mut sequences = set(Alphabet::Dna, &[("a", "AC")]);
    let before = sequences.clone();
    let message = sequences.push("b", b"ACGE").unwrap_err().to_string();
    assert_eq!(
        message,
        "sequence `b` (record 2): letter 4 is `E`, which is not DNA: is this protein? choose that alphabet"
    );
    assert!(matches!(sequences.push("", b"A"), Err(Error::MissingId(..))));
    assert!(matches!(sequences.push("a\tb", b"A"), Err(Error::BadId(..))));
    assert!(matches!(sequences.push_tokens("c", &[0, 15]), Err(Error::Token { token: 15, index: 1, known: 15, .. })));
    assert_eq!(sequences, before);
    assert_eq!(sequences.view().len(), 1);
}

#[test]
fn the_reverse_complement_of_each_sequence_is_its_own() {
    let sequences = set(Alphabet::Dna, &[("a", "AACGTR"), ("b", "KBD"), ("c", "")]);
    let turned = sequences.reverse_complement().unwrap();
    assert_eq!([turned.decode(0), turned.decode(1), turned.decode(2)], ["YACGTT", "HVM", ""]);
    assert_eq!(turned.reverse_complement().unwrap(), sequences);
    assert_eq!(set(Alphabet::Rna, &[("a", "GAU")]).reverse_complement().unwrap().decode(0), "AUC");
    let protein = set(Alphabet::Protein, &[("a", "MKV")]).reverse_complement();
    assert!(matches!(protein, Err(Error::NoComplement(Alphabet::Protein))));
}

#[test]
fn selection_and_extension_keep_names_and_places() {
    let mut sequences = set(Alphabet::Dna, &[("a", "A"), ("b", "CC"), ("c", "GGG")]);
    let chosen = sequences.select(&[2, 0, 2]).unwrap();
    assert_eq!(chosen.ids(), ["c", "a", "c"]);
    assert_eq!(chosen.decode(0), "GGG");
    assert_eq!(chosen.place(0).record, Some(3));
    assert!(matches!(sequences.select(&[3]), Err(Error::NoSuchRecord { index: 3, len: 3 })));
    sequences.extend(&chosen).unwrap();
    assert_eq!((sequences.len(), sequences.decode(3), sequences.decode(4)), (6, "GGG".into(), "A".into()));
    assert!(matches!(sequences.extend(&set(Alphabet::Rna, &[])), Err(Error::MixedAlphabets { .. })));
}

#[test]
fn equal_names_are_told_with_their_records() {
    let sequences = set(Alphabet::Dna, &[("long", "ACGTACGTACGT"), ("short", "ACGTA"), ("long", "A")]);
    let message = sequences.check_unique_ids().unwrap_err().to_string();
    assert!(message.starts_with("sequence `long` (record 1) and sequence `long` (record 3)"), "{message}");
    assert!(sequences.select(&[0, 1]).unwrap().check_unique_ids().is_ok());
}

#[test]
fn labels_belong_to_sequences_one_by_one() {
    let (positives, negatives) = (set(Alphabet::Dna, &[("p", "AC")]), set(Alphabet::Dna, &[("n", "GT"), ("m", "TT")]));
    let labelled = LabelledSequences::from_classes(&positives, &negatives).unwrap();
    assert_eq!(labelled.labels(), [1.0, 0.0, 0.0]);
    let chosen = labelled.select(&[2, 0]).unwrap();
    assert_eq!((chosen.sequences().ids(), chosen.labels()), (&["m".into(), "p".into()][..], &[0.0, 1.0][..]));
    let wrong = LabelledSequences::new(positives.clone(), vec![1.0, 2.0]);
    assert!(matches!(wrong, Err(Error::LabelCount { sequences: 1, labels: 2 })));
    assert!(matches!(LabelledSequences::new(positives, vec![f64::NAN]), Err(Error::Label { .. })));
}
