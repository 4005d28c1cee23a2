//! The motifs that queries are compared with, and the null model that their columns make.

use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};
use crate::motif::Motif;

/// Levels that column scores are rounded to, unless asked otherwise.
const BINS: usize = 1_000;

/// Fewest levels: a distance between columns is then known to a quarter.
pub(super) const MIN_BINS: usize = 16;

/// Most levels: ten times the default, at a hundred times its cost.
const MAX_BINS: usize = 10_000;

/// Target motifs of one alphabet, their columns side by side.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Motif, Probabilities, compare::Database};
///
/// let motif = |name: &str, columns: &[[f64; 4]]| {
///     Probabilities::new(Alphabet::Dna, columns.concat()).map(|probabilities| Motif::new(name, probabilities))
/// };
/// let [a, c, g] = [[0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01], [0.01, 0.01, 0.97, 0.01]];
/// let targets = [motif("ACG", &[a, c, g])?, motif("GAA", &[g, a, a])?];
/// let database = Database::new(&targets, true)?;
/// let matches = database.search(&motif("query", &[c, g])?.probabilities)?;
/// assert_eq!((database.name(matches[0].target), matches[0].offset), ("ACG", 1));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Database {
    alphabet: Alphabet,
    names: Vec<String>,
    /// First column of each target, and the number of all columns.
    starts: Vec<usize>,
    /// Columns of the targets as given and, with both strands, as the opposite strand shows them; `[letters, columns]`.
    strands: Vec<Vec<f64>>,
    bins: usize,
}

impl Database {
    /// Gathers the columns of the targets.
    ///
    /// With `both_strands`, queries are compared with the reverse complements of the targets, too: right for DNA. Tomtom
    /// compares RNA on the given strand only.
    ///
    /// # Errors
    /// [`MotifError::EmptyDatabase`]; [`MotifError::Alphabets`] for targets of two alphabets; [`MotifError::NoComplement`] for both
    /// strands of an alphabet without complement.
    pub fn new(targets: &[Motif], both_strands: bool) -> Result<Self, Error> {
        let Some(first) = targets.first() else { return Err(MotifError::EmptyDatabase.into()) };
        let alphabet = first.probabilities.alphabet();
        if let Some(other) =
            targets.iter().map(|target| target.probabilities.alphabet()).find(|&other| other != alphabet)
        {
            return Err(MotifError::Alphabets { first: alphabet, second: other }.into());
        }
        if both_strands && !alphabet.has_complement() {
            return Err(MotifError::NoComplement(alphabet).into());
        }
        let mut starts = vec![0];
        starts.extend(targets.iter().scan(0, |end, target| {
            *end += target.width();
            Some(*end)
        }));
        let columns = starts[targets.len()];
        let letters = alphabet.letter_count();
        let mut strands = vec![vec![0.0; letters * columns]; if both_strands { 2 } else { 1 }];
        for (target, &start) in targets.iter().zip(&starts) {
            let opposite = if both_strands { Some(target.probabilities.reverse_complement()?) } else { None };
            for (strand, probabilities) in
                strands.iter_mut().zip(std::iter::once(&target.probabilities).chain(&opposite))
            {
                for (at, column) in probabilities.columns().enumerate() {
                    (0..letters).for_each(|letter| strand[letter * columns + start + at] = column[letter]);
                }
            }
        }
        let names = targets.iter().map(|target| target.name.clone()).collect();
        Ok(Self { alphabet, names, starts, strands, bins: BINS })
    }

    /// The same targets, with column scores rounded to at most `bins` levels: 100 gives the p-values of Tomtom.
    ///
    /// # Errors
    /// [`Error::Parameter`] for fewer than 16 or more than 10,000.
    pub fn with_bins(self, bins: usize) -> Result<Self, Error> {
        if !(MIN_BINS..=MAX_BINS).contains(&bins) {
            let expected = "a number of levels between 16 and 10000";
            return Err(Error::Parameter { name: "bins", got: bins as f64, expected });
        }
        Ok(Self { bins, ..self })
    }

    /// The alphabet of all targets.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Number of targets.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no targets: never.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a target; empty past the last.
    pub fn name(&self, target: usize) -> &str {
        self.names.get(target).map_or("", String::as_str)
    }

    /// Whether reverse complements of the targets are compared, too.
    pub fn both_strands(&self) -> bool {
        self.strands.len() > 1
    }

    pub(super) fn bins(&self) -> usize {
        self.bins
    }

    /// Number of columns of each target.
    pub(super) fn widths(&self) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.starts.windows(2).map(|ends| ends[1] - ends[0])
    }

    /// First column of each target, and the number of all columns.
    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// Columns of all targets on each strand, `[letters, columns]`.
    pub(super) fn strands(&self) -> &[Vec<f64>] {
        &self.strands
    }
}
