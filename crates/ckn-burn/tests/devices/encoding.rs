//! Letters as unit vectors, IUPAC codes as mixtures, the reverse strand.

use ckn_burn::{Error, encode};
use ckn_core::pooling::Strands;
use ckn_core::{LetterTable, TokenView};

use crate::support::{devices, numbers};

/// A, C, G, T, then R (A or G), Y (C or T), N; complements T, G, C, A, Y, R, N.
pub(crate) fn nucleotides() -> LetterTable {
    let mixtures = [0.5, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.5, 0.25, 0.25, 0.25, 0.25];
    LetterTable::new(4, &mixtures, Some(&[3, 2, 1, 0, 5, 4, 6])).unwrap()
}

#[test]
fn letters_codes_and_the_outside_are_encoded() {
    let table = nucleotides();
    // ACR, then NT.
    let view = TokenView::new(&[0, 1, 4, 6, 3], &[0, 3, 5], &table).unwrap();
    for test in devices() {
        let encoded = encode(view, &[1, 0], Strands::Forward, &test.device, test.dtype).unwrap();
        assert_eq!(encoded.lengths, [2, 3]);
        assert_eq!(encoded.map.dims(), [2, 4, 3]);
        #[rustfmt::skip]
        let expected = [
            0.25, 0.0, 0.0,  0.25, 0.0, 0.0,  0.25, 0.0, 0.0,  0.25, 1.0, 0.0,
            1.0, 0.0, 0.5,   0.0, 1.0, 0.0,   0.0, 0.0, 0.5,   0.0, 0.0, 0.0,
        ];
        assert_eq!(numbers(encoded.map), expected);
    }
}

#[test]
fn the_reverse_strand_is_the_reverse_complement_next_to_its_sequence() {
    let table = nucleotides();
    // ACR and its reverse complement YGT.
    let view = TokenView::new(&[0, 1, 4, 5, 2, 3], &[0, 3, 6], &table).unwrap();
    for test in devices() {
        let both = encode(view, &[0], Strands::Max, &test.device, test.dtype).unwrap();
        let each = encode(view, &[0, 1], Strands::Forward, &test.device, test.dtype).unwrap();
        assert_eq!(both.lengths, each.lengths);
        assert_eq!(numbers(both.map), numbers(each.map));
    }
}

#[test]
fn records_and_strands_that_do_not_exist_are_refused() {
    let test = &devices()[0];
    let table = LetterTable::new(2, &[], None).unwrap();
    let view = TokenView::new(&[0, 1], &[0, 2], &table).unwrap();
    let refused = |records: &[usize], strands| encode(view, records, strands, &test.device, test.dtype).unwrap_err();
    assert!(matches!(refused(&[1], Strands::Forward), Error::Record { record: 1, records: 1 }));
    assert!(matches!(refused(&[0], Strands::Mean), Error::Core(ckn_core::Error::NoComplement)));
    assert!(matches!(refused(&[], Strands::Forward), Error::Core(ckn_core::Error::Empty { .. })));
}
