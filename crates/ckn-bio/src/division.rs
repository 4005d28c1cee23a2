//! Which records are for training and which for the test.

use std::collections::BTreeSet;

use ckn_core::seed::Seed;

use crate::encoded::EncodedSequences;
use crate::error::{DivisionError, Error};
use crate::folds::{grouped_folds, stratified_folds};
use crate::leakage::{Leak, leaks};
use crate::region::Region;

/// Names that a message lists.
const LISTED: usize = 8;

/// The records of one training and one test set, each in the order of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Records of the training set.
    pub training: Vec<usize>,
    /// Records of the test set.
    pub test: Vec<usize>,
}

impl Division {
    /// One division for each fold, which is its test set: of groups that are not divided ([`grouped_folds`]), or at random with
    /// as much of each label in each ([`stratified_folds`]).
    ///
    /// ```
    /// use ckn_bio::Division;
    /// use ckn_core::seed::Seed;
    ///
    /// let divisions = Division::of_folds(&[1.0, 0.0, 1.0, 0.0], None, 2, Seed(0))?;
    /// assert_eq!((divisions[0].test.len(), &divisions[0].test), (2, &divisions[1].training));
    /// # Ok::<(), ckn_bio::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`DivisionError::Folds`].
    pub fn of_folds(labels: &[f64], groups: Option<&[String]>, folds: usize, seed: Seed) -> Result<Vec<Self>, Error> {
        let fold_of = match groups {
            Some(groups) => grouped_folds(groups, folds, seed)?,
            None => stratified_folds(labels, folds, seed)?,
        };
        Ok((0..folds).map(|fold| Self::by(fold_of.len(), |record| fold_of[record] == fold)).collect())
    }

    /// The records of some groups, such as chromosomes, are the test set.
    ///
    /// ```
    /// use ckn_bio::Division;
    ///
    /// let groups = ["chr1", "chr2", "chr1"].map(str::to_owned);
    /// let division = Division::holding_out(&groups, &["chr1".to_owned()])?;
    /// assert_eq!((division.training, division.test), (vec![1], vec![0, 2]));
    /// # Ok::<(), ckn_bio::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`DivisionError::NoSuchGroup`] for a name that no record has; [`DivisionError::NoTraining`] if nothing is left for training.
    pub fn holding_out(groups: &[String], test: &[String]) -> Result<Self, Error> {
        let known: BTreeSet<&str> = groups.iter().map(String::as_str).collect();
        if let Some(name) = test.iter().find(|name| !known.contains(name.as_str())) {
            let few: Vec<&str> = known.iter().copied().take(LISTED).collect();
            let more = if known.len() > few.len() { ", ..." } else { "" };
            return Err(
                DivisionError::NoSuchGroup { name: name.clone(), known: format!("{}{more}", few.join(", ")) }.into()
            );
        }
        let division = Self::by(groups.len(), |record| test.contains(&groups[record]));
        if division.training.is_empty() { Err(DivisionError::NoTraining.into()) } else { Ok(division) }
    }

    fn by(records: usize, is_test: impl Fn(usize) -> bool) -> Self {
        let (test, training) = (0..records).partition(|&record| is_test(record));
        Self { training, test }
    }

    /// The training records that the test set holds, too, in ascending order; `record` and `other` count in the whole data.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`] for a record that is not in the data.
    pub fn leaks(&self, sequences: &EncodedSequences) -> Result<Vec<Leak>, Error> {
        let (training, test) = (sequences.select(&self.training)?, sequences.select(&self.test)?);
        let mut found = leaks(&training, &test);
        for leak in &mut found {
            (leak.record, leak.other) = (self.training[leak.record], self.test[leak.other]);
        }
        Ok(found)
    }

    /// Leaves leaking records, in ascending order, out of the training set.
    ///
    /// # Errors
    /// [`DivisionError::NoTraining`] if nothing is left for training.
    pub fn drop_leaks(&mut self, leaks: &[Leak]) -> Result<(), Error> {
        self.training.retain(|record| leaks.binary_search_by_key(record, |leak| leak.record).is_err());
        if self.training.is_empty() { Err(DivisionError::NoTraining.into()) } else { Ok(()) }
    }
}

/// The chromosome in the name of each sequence, such as `chr1:100-201`.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, chromosomes};
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// for id in ["chr2:10-14", "chr1:5-9", "chr2:30-34(-)"] {
///     sequences.push(id, b"ACGT")?;
/// }
/// assert_eq!(chromosomes(&sequences)?, ["chr2", "chr1", "chr2"]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`DivisionError::NoChromosome`] for a name without.
pub fn chromosomes(sequences: &EncodedSequences) -> Result<Vec<String>, Error> {
    let chromosome = |(record, id): (usize, &String)| {
        let no_chromosome = || Error::from(DivisionError::NoChromosome { at: Box::new(sequences.place(record)) });
        Region::chromosome_of(id).map(str::to_owned).ok_or_else(no_chromosome)
    };
    sequences.ids().iter().enumerate().map(chromosome).collect()
}
