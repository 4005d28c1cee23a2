//! Alphabets against the tables of IUPAC.

use ckn_bio::{Alphabet, Error};

#[test]
fn nucleotide_codes_are_the_means_of_their_letters_as_iupac_lists_them() {
    // NC-IUB 1984, table 1; rows in the order A, C, G, T.
    let half = 0.5;
    let third = 1.0 / 3.0;
    let table = [
        (b'A', [1.0, 0.0, 0.0, 0.0], 'T'),
        (b'C', [0.0, 1.0, 0.0, 0.0], 'G'),
        (b'G', [0.0, 0.0, 1.0, 0.0], 'C'),
        (b'T', [0.0, 0.0, 0.0, 1.0], 'A'),
        (b'U', [0.0, 0.0, 0.0, 1.0], 'A'),
        (b'R', [half, 0.0, half, 0.0], 'Y'),
        (b'Y', [0.0, half, 0.0, half], 'R'),
        (b'S', [0.0, half, half, 0.0], 'S'),
        (b'W', [half, 0.0, 0.0, half], 'W'),
        (b'K', [0.0, 0.0, half, half], 'M'),
        (b'M', [half, half, 0.0, 0.0], 'K'),
        (b'B', [0.0, third, third, third], 'V'),
        (b'D', [third, 0.0, third, third], 'H'),
        (b'H', [third, third, 0.0, third], 'D'),
        (b'V', [third, third, third, 0.0], 'B'),
        (b'N', [0.25; 4], 'N'),
    ];
    for (code, expected, complement) in table {
        for alphabet in [Alphabet::Dna, Alphabet::Rna] {
            let token = alphabet.encode_letter(code).unwrap();
            assert_eq!(alphabet.encode_letter(code.to_ascii_lowercase()), Some(token));
            assert_eq!(alphabet.table().vector(token), expected, "{}", char::from(code));
            let other = alphabet.decode(alphabet.complement(token).unwrap());
            let rna = if complement == 'T' { 'U' } else { complement };
            assert_eq!(other, if alphabet == Alphabet::Rna { rna } else { complement });
        }
    }
}

#[test]
fn the_complement_of_a_mixture_is_the_mixture_of_complements() {
    for alphabet in [Alphabet::Dna, Alphabet::Rna] {
        for token in 0..alphabet.token_count() as u8 {
            let mut turned = alphabet.table().vector(token).to_vec();
            turned.reverse();
            assert_eq!(alphabet.table().vector(alphabet.complement(token).unwrap()), turned);
        }
    }
}

#[test]
fn amino_acid_codes_are_the_means_of_their_letters() {
    let protein = Alphabet::Protein;
    for (code, members) in [(b'B', "ND"), (b'Z', "QE"), (b'J', "IL"), (b'X', "ARNDCQEGHILKMFPSTWYV")] {
        let vector = protein.table().vector(protein.encode_letter(code).unwrap());
        for (letter, &weight) in protein.letters().chars().zip(vector) {
            let expected = if members.contains(letter) { 1.0 / members.len() as f64 } else { 0.0 };
            assert_eq!(weight, expected, "{} in {}", letter, char::from(code));
        }
    }
    for alias in *b"UuOo*x" {
        assert_eq!(protein.encode_letter(alias), protein.encode_letter(b'X'));
    }
    assert!(!protein.has_complement());
    assert_eq!(protein.complement(0), None);
}

#[test]
fn letters_are_tokens_in_their_order_and_come_back() {
    for alphabet in Alphabet::ALL {
        for (token, letter) in alphabet.letters().bytes().enumerate() {
            assert_eq!(alphabet.encode_letter(letter), Some(token as u8));
        }
        for token in 0..alphabet.token_count() as u8 {
            assert_eq!(alphabet.encode_letter(alphabet.decode(token) as u8), Some(token));
        }
        assert_eq!(alphabet.decode(200), '?');
        assert_eq!(alphabet.table().tokens(), alphabet.token_count());
        assert_eq!(Alphabet::from_name(&alphabet.name().to_uppercase()).unwrap(), alphabet);
    }
    assert!(matches!(Alphabet::from_name("amino"), Err(Error::UnknownAlphabet(got)) if got == "amino"));
}

#[test]
fn everything_else_is_refused() {
    for byte in 0..=u8::MAX {
        let nucleotide = b"ACGTURYSWKMBDHVN".contains(&byte.to_ascii_uppercase());
        assert_eq!(Alphabet::Dna.encode_letter(byte).is_some(), nucleotide, "{byte}");
        assert_eq!(Alphabet::Rna.encode_letter(byte).is_some(), nucleotide, "{byte}");
        let residue = byte.is_ascii_alphabetic() || byte == b'*';
        assert_eq!(Alphabet::Protein.encode_letter(byte).is_some(), residue, "{byte}");
    }
}
