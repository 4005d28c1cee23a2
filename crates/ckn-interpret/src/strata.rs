//! Sequences whose labels may be exchanged.

/// Groups of sequences that are alike in something that labels are known to have to do with: a test that exchanges labels within groups only
/// asks whether they have to do with anything else.
///
/// ```
/// use ckn_interpret::Strata;
///
/// let strata = Strata::new(&[40, 55, 40, 40]);
/// assert_eq!(strata.members(), [vec![0, 2, 3], vec![1]]);
/// assert_eq!(Strata::one(2).members(), [vec![0, 1]]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strata {
    members: Vec<Vec<usize>>,
    of: Vec<usize>,
}

impl Strata {
    /// Sequences of the same key are a group; groups are in the order of their keys.
    pub fn new<K: Ord + Clone>(keys: &[K]) -> Self {
        let mut kinds = keys.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        let of: Vec<usize> = keys.iter().map(|key| kinds.partition_point(|kind| kind < key)).collect();
        let mut members = vec![Vec::new(); kinds.len()];
        of.iter().enumerate().for_each(|(record, &group)| members[group].push(record));
        Self { members, of }
    }

    /// All sequences are alike.
    pub fn one(sequences: usize) -> Self {
        Self { members: vec![(0..sequences).collect()], of: vec![0; sequences] }
    }

    /// Sequences of each group, ascending.
    pub fn members(&self) -> &[Vec<usize>] {
        &self.members
    }

    /// The group of each sequence.
    pub fn of(&self) -> &[usize] {
        &self.of
    }

    /// Sequences of the group of one.
    pub(crate) fn beside(&self, record: usize) -> &[usize] {
        &self.members[self.of[record]]
    }
}
