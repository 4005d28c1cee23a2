//! Two classes from one file.

use std::fs;
use std::path::Path;

use super::hash;
use crate::exit::Usage;

/// Refuses positives and negatives from the same file, or from two of the same content.
pub fn check_differ(positives: &Path, negatives: &Path) -> anyhow::Result<()> {
    let remedy = "give those that are not positive, or leave them out to have them made by shuffling";
    if let (Ok(one), Ok(other)) = (fs::canonicalize(positives), fs::canonicalize(negatives))
        && one == other
    {
        let message = format!("{} is given as positives and as negatives: {remedy}", positives.display());
        return Err(Usage(message).into());
    }
    let length = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len());
    // What cannot be read is said where it is read.
    let same = length(positives).is_some()
        && length(positives) == length(negatives)
        && matches!((hash(positives), hash(negatives)), (Ok(one), Ok(other)) if one == other);
    if same {
        let (positives, negatives) = (positives.display(), negatives.display());
        let message = format!("{positives}, of positives, and {negatives}, of negatives, hold the same: {remedy}");
        return Err(Usage(message).into());
    }
    Ok(())
}
