//! Models of other programs, whichever they are.

use std::path::Path;

use crate::error::Error;
use crate::io::gkm_model::GkmModel;
use crate::io::source::{Source, open};
use crate::io::word_weights::WordWeights;

/// A model of another program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ForeignModel {
    /// A gkm-SVM of LS-GKM.
    Gkm(GkmModel),
    /// Weights of words, as deltaSVM has them.
    Words(WordWeights),
}

/// How a model of LS-GKM begins.
const HEAD: &[u8] = b"svm_";

/// Reads a model of another program, known by its content; plain or compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::io::{ForeignModel, read_foreign_model};
/// # let folder = tempfile::tempdir()?;
/// # let (words, machine) = (folder.path().join("weights.txt"), folder.path().join("gkm.model.txt"));
/// std::fs::write(&words, "AC\t0.5\nAA\t-1\n")?;
/// let head = "svm_type c_svc\nkernel_type gkm_esttrunc\nL 10\nk 6\nd 3\nnr_class 2\ntotal_sv 1\nrho 0.25\n";
/// std::fs::write(&machine, format!("{head}label 1 -1\nSV\n0.5 GCGGGCGCGG\n"))?;
/// assert!(matches!(read_foreign_model(&words)?, ForeignModel::Words(words) if words.listed() == 2));
/// assert!(matches!(read_foreign_model(&machine)?, ForeignModel::Gkm(machine) if machine.rho == 0.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`read_gkm_model`](super::read_gkm_model) and [`read_word_weights`](super::read_word_weights);
/// [`Error::EmptyFile`].
pub fn read_foreign_model(path: impl AsRef<Path>) -> Result<ForeignModel, Error> {
    read(open(path)?)
}

fn read(mut source: Source) -> Result<ForeignModel, Error> {
    if !source.skip_blank_lines()? {
        return Err(Error::EmptyFile(source.file().clone()));
    }
    let start = source.buffered()?;
    let known = start.len().min(HEAD.len());
    if start[..known] == HEAD[..known] {
        return GkmModel::read(source).map(ForeignModel::Gkm);
    }
    WordWeights::read(source).map(ForeignModel::Words)
}
