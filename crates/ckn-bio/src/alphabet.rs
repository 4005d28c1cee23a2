//! The letters of DNA, RNA and protein, and the codes for mixtures of them.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use ckn_core::LetterTable;

use crate::error::Error;
use crate::place::Place;

/// Marks a byte that is no symbol of an alphabet.
pub(crate) const NO_TOKEN: u8 = u8::MAX;

const DNA_SYMBOLS: &[u8] = b"ACGTRYSWKMBDHVN";
const RNA_SYMBOLS: &[u8] = b"ACGURYSWKMBDHVN";
const PROTEIN_SYMBOLS: &[u8] = b"ARNDCQEGHILKMFPSTWYVBZJX";

/// What the nucleotide codes from R to N stand for, in the order of the symbols.
const NUCLEOTIDE_MIXTURES: [&[u8]; 11] =
    [b"AG", b"CT", b"CG", b"AT", b"GT", b"AC", b"CGT", b"AGT", b"ACT", b"ACG", b"ACGT"];
const PROTEIN_MIXTURES: [&[u8]; 4] = [b"ND", b"QE", b"IL", b"ARNDCQEGHILKMFPSTWYV"];

const NUCLEOTIDE_COMPLEMENT: &[u8] = b"TGCAYRSWMKVHDBN";

static DNA_CODES: [u8; 256] = codes(DNA_SYMBOLS, &[(b'U', b'T')]);
static RNA_CODES: [u8; 256] = codes(RNA_SYMBOLS, &[(b'T', b'U')]);
static PROTEIN_CODES: [u8; 256] = codes(PROTEIN_SYMBOLS, &[(b'U', b'X'), (b'O', b'X'), (b'*', b'X')]);

/// The kind of a sequence: which letters it may hold, and what they mean.
///
/// Letters are read without regard to case. Codes for several letters become *mixture tokens*, whose vector is the mean
/// of their letters (Cornish-Bowden 1985 for nucleotides, IUPAC-IUB 1984 for amino acids):
///
/// | alphabet | letters | mixtures |
/// |---|---|---|
/// | DNA | `ACGT` (and U, read as T) | R Y S W K M B D H V N |
/// | RNA | `ACGU` (and T, read as U) | R Y S W K M B D H V N |
/// | protein | `ARNDCQEGHILKMFPSTWYV` | B (N or D), Z (Q or E), J (I or L), X (any) |
///
/// In protein, selenocysteine U, pyrrolysine O and the stop `*` are read as X, so that every character keeps its
/// position. Gaps (`-`, `.`) are refused: they belong to alignments.
///
/// ```
/// use ckn_bio::Alphabet;
///
/// assert_eq!(Alphabet::Dna.encode_letter(b'g'), Some(2));
/// let r = Alphabet::Dna.encode_letter(b'R').unwrap();
/// assert_eq!(Alphabet::Dna.table().vector(r), [0.5, 0.0, 0.5, 0.0]);
/// assert_eq!(Alphabet::Dna.complement(r).map(|token| Alphabet::Dna.decode(token)), Some('Y'));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// Deoxyribonucleic acid.
    Dna,
    /// Ribonucleic acid.
    Rna,
    /// Protein.
    Protein,
}

impl Alphabet {
    /// Every alphabet.
    pub const ALL: [Self; 3] = [Self::Dna, Self::Rna, Self::Protein];

    /// The name that model files and the command line use: `dna`, `rna` or `protein`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dna => "dna",
            Self::Rna => "rna",
            Self::Protein => "protein",
        }
    }

    /// The alphabet of a name, as long as its letters stand in the given order: tokens are read as letters by their place.
    ///
    /// # Errors
    /// [`Error::UnknownAlphabet`]; [`Error::LetterOrder`].
    pub fn with_letters(name: &str, letters: &str) -> Result<Self, Error> {
        let alphabet = Self::from_name(name)?;
        match alphabet.letters() == letters {
            true => Ok(alphabet),
            false => Err(Error::LetterOrder { alphabet, got: letters.to_owned() }),
        }
    }

    /// The alphabet of a name, without regard to case.
    ///
    /// # Errors
    /// [`Error::UnknownAlphabet`].
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|alphabet| alphabet.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| Error::UnknownAlphabet(name.to_owned()))
    }

    /// The letters in the order of their tokens: letter `i` is token `i` and channel `i` of a one-hot encoding.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Dna => "ACGT",
            Self::Rna => "ACGU",
            Self::Protein => "ARNDCQEGHILKMFPSTWYV",
        }
    }

    /// What each token means: the vectors of letters and mixtures, and the complement.
    pub fn table(self) -> &'static LetterTable {
        static TABLES: [OnceLock<LetterTable>; 3] = [const { OnceLock::new() }; 3];
        TABLES[self as usize].get_or_init(|| build_table(self))
    }

    /// The token of a letter or code, or `None` if the alphabet has no such symbol.
    #[inline]
    pub fn encode_letter(self, letter: u8) -> Option<u8> {
        match self.codes()[usize::from(letter)] {
            NO_TOKEN => None,
            token => Some(token),
        }
    }

    /// The token of the letter that may be any: N, or X in protein.
    pub fn unknown(self) -> u8 {
        self.codes()[usize::from(if self == Self::Protein { b'X' } else { b'N' })]
    }

    /// The symbol of a token, in upper case; `?` for a number that is no token of the alphabet.
    #[inline]
    pub fn decode(self, token: u8) -> char {
        self.symbols().get(usize::from(token)).map_or('?', |&symbol| char::from(symbol))
    }

    /// The token on the opposite strand; `None` for protein, and for a number that is no token.
    #[inline]
    pub fn complement(self, token: u8) -> Option<u8> {
        self.table().complement()?.get(usize::from(token)).copied()
    }

    /// Whether sequences have a reverse strand.
    pub fn has_complement(self) -> bool {
        self != Self::Protein
    }

    /// Number of letters.
    pub fn letter_count(self) -> usize {
        self.letters().len()
    }

    /// Number of tokens: letters and mixtures.
    pub fn token_count(self) -> usize {
        self.symbols().len()
    }

    /// The token of each byte, [`NO_TOKEN`] where there is none.
    pub(crate) fn codes(self) -> &'static [u8; 256] {
        match self {
            Self::Dna => &DNA_CODES,
            Self::Rna => &RNA_CODES,
            Self::Protein => &PROTEIN_CODES,
        }
    }

    fn symbols(self) -> &'static [u8] {
        match self {
            Self::Dna => DNA_SYMBOLS,
            Self::Rna => RNA_SYMBOLS,
            Self::Protein => PROTEIN_SYMBOLS,
        }
    }

    /// Appends the tokens of a whole sequence, or nothing if a letter is none.
    pub(crate) fn encode(
        self,
        letters: &[u8],
        tokens: &mut Vec<u8>,
        at: impl FnOnce() -> Box<Place>,
    ) -> Result<(), Error> {
        let (start, codes) = (tokens.len(), self.codes());
        tokens.extend(letters.iter().map(|&letter| codes[usize::from(letter)]));
        let Some(index) = tokens[start..].iter().position(|&token| token == NO_TOKEN) else { return Ok(()) };
        tokens.truncate(start);
        Err(self.bad_letter(letters[index], index + 1, at()))
    }

    /// The error of a byte that is no symbol, at a position counted from 1.
    pub(crate) fn bad_letter(self, letter: u8, position: usize, at: Box<Place>) -> Error {
        Error::Letter { at, letter, position, alphabet: self, remedy: self.remedy(letter) }
    }

    /// Whether a byte that is no symbol of this alphabet suggests protein.
    pub fn may_be_protein(self, letter: u8) -> bool {
        self != Self::Protein && b"EFIJLOPQZX*".contains(&letter.to_ascii_uppercase())
    }

    /// What to do about a byte that is no symbol.
    fn remedy(self, letter: u8) -> &'static str {
        match (self, letter.to_ascii_uppercase()) {
            (_, b'-' | b'.') => "remove the gaps and give unaligned sequences",
            (Self::Dna | Self::Rna, b'X') => "write N for an unknown base; if this is protein, choose that alphabet",
            (_, other) if self.may_be_protein(other) => "is this protein? choose that alphabet",
            (_, b'>') => "start each FASTA record on a line of its own",
            (Self::Dna | Self::Rna, _) => "remove it, or write N for an unknown base",
            (Self::Protein, _) => "remove it, or write X for an unknown residue",
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dna => "DNA",
            Self::Rna => "RNA",
            Self::Protein => "protein",
        })
    }
}

impl FromStr for Alphabet {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name)
    }
}

const fn codes(symbols: &[u8], aliases: &[(u8, u8)]) -> [u8; 256] {
    let mut codes = [NO_TOKEN; 256];
    let mut token = 0;
    while token < symbols.len() {
        codes[symbols[token] as usize] = token as u8;
        codes[symbols[token].to_ascii_lowercase() as usize] = token as u8;
        token += 1;
    }
    let mut index = 0;
    while index < aliases.len() {
        let (alias, symbol) = aliases[index];
        codes[alias as usize] = codes[symbol as usize];
        codes[alias.to_ascii_lowercase() as usize] = codes[symbol as usize];
        index += 1;
    }
    codes
}

#[expect(clippy::expect_used, reason = "the input is three constants of this file, all built by the tests")]
fn build_table(alphabet: Alphabet) -> LetterTable {
    let mixtures: &[&[u8]] = match alphabet {
        Alphabet::Dna | Alphabet::Rna => &NUCLEOTIDE_MIXTURES,
        Alphabet::Protein => &PROTEIN_MIXTURES,
    };
    let letters = alphabet.letter_count();
    let mut weights = vec![0.0; mixtures.len() * letters];
    for (row, members) in weights.chunks_exact_mut(letters).zip(mixtures) {
        for &member in *members {
            row[usize::from(alphabet.codes()[usize::from(member)])] = 1.0 / members.len() as f64;
        }
    }
    let complement: Option<Vec<u8>> = alphabet
        .has_complement()
        .then(|| NUCLEOTIDE_COMPLEMENT.iter().map(|&symbol| alphabet.codes()[usize::from(symbol)]).collect());
    LetterTable::new(letters, &weights, complement.as_deref()).expect("the alphabets are sound")
}
