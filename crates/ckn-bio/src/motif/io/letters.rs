//! Letters in the order in which a file has them.

use crate::alphabet::Alphabet;

/// The letters of an alphabet, ordered as the columns of a file are.
///
/// MEME orders amino acids by their letters, [`Alphabet::letters`] by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letters {
    alphabet: Alphabet,
    /// The place of each column's letter in the alphabet.
    places: Vec<usize>,
}

impl Letters {
    /// Letters as they are given, of either case; `None` if they are not those of an alphabet, each once.
    pub(super) fn of(letters: &[u8]) -> Option<Self> {
        Alphabet::ALL.into_iter().find_map(|alphabet| {
            let known = alphabet.letters().as_bytes();
            let place = |letter: &u8| known.iter().position(|other| other.eq_ignore_ascii_case(letter));
            let places: Vec<usize> = letters.iter().take(known.len() + 1).map(place).collect::<Option<_>>()?;
            let is_whole = places.len() == known.len() && (0..known.len()).all(|place| places.contains(&place));
            is_whole.then_some(Self { alphabet, places })
        })
    }

    /// By the alphabet, from A on.
    pub(super) fn sorted(alphabet: Alphabet) -> Self {
        let known = alphabet.letters().as_bytes();
        let mut places: Vec<usize> = (0..known.len()).collect();
        places.sort_unstable_by_key(|&place| known.get(place));
        Self { alphabet, places }
    }

    pub(super) fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Number of letters.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The letters in the order of the file.
    pub(super) fn text(&self) -> impl Iterator<Item = char> {
        self.in_file_order(self.alphabet.letters().as_bytes()).map(|&letter| char::from(letter))
    }

    /// What belongs to each letter, from the order of the alphabet to that of the file.
    pub(super) fn in_file_order<'a, T>(&'a self, values: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.places.iter().filter_map(|&place| values.get(place))
    }

    /// Brings one row of a file into the order of the alphabet; it has as many numbers as there are letters.
    pub(super) fn sort(&self, row: &mut [f64]) {
        let mut sorted = [0.0; 20];
        for (&place, &value) in self.places.iter().zip(row.iter()) {
            if let Some(slot) = sorted.get_mut(place) {
                *slot = value;
            }
        }
        row.iter_mut().zip(sorted).for_each(|(value, sorted)| *value = sorted);
    }
}
