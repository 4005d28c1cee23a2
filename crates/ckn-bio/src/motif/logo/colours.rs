//! Colours of letters.

use crate::alphabet::Alphabet;

/// Colours of the letters of a logo.
///
/// | nucleotides | A | C | G | T, U |
/// |---|---|---|---|---|
/// | classic | green | blue | orange | red |
/// | colour-blind safe | bluish green | blue | orange | vermillion |
///
/// Amino acids are coloured by chemistry: acidic (DE), basic (HKR), amide (NQ), polar (CGSTY) and hydrophobic (AFILMPVW).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LogoColours {
    /// Those of most published logos.
    #[default]
    Classic,
    /// Colours that people who see red and green alike tell apart (Okabe and Ito 2008).
    ColourBlindSafe,
}

impl LogoColours {
    /// The colour of a letter, as `#rrggbb`.
    pub fn of(self, alphabet: Alphabet, letter: char) -> &'static str {
        let classic = self == Self::Classic;
        let either = |first, second| if classic { first } else { second };
        match (alphabet, letter) {
            (Alphabet::Protein, 'D' | 'E') => either("#c8202f", "#d55e00"),
            (Alphabet::Protein, 'H' | 'K' | 'R') => either("#1d4fb4", "#0072b2"),
            (Alphabet::Protein, 'N' | 'Q') => either("#8a3ab9", "#cc79a7"),
            (Alphabet::Protein, 'C' | 'G' | 'S' | 'T' | 'Y') => either("#0e8a3e", "#009e73"),
            (Alphabet::Protein, _) => "#1a1a1a",
            (_, 'A') => either("#0e8a3e", "#009e73"),
            (_, 'C') => either("#1d4fb4", "#0072b2"),
            (_, 'G') => either("#f2a200", "#e69f00"),
            _ => either("#c8202f", "#d55e00"),
        }
    }
}
