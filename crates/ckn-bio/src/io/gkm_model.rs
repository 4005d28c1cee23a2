//! Models of LS-GKM: support vectors as sequences.
//!
//! ```text
//! svm_type c_svc               c_svc, nu_svc: two classes; epsilon_svr, nu_svr: measurements
//! kernel_type gkm_esttrunc     gkm_cnt, gkm_estfull, gkm_esttrunc, gkmrbf, wgkm, wgkmrbf, or 0 to 5
//! L 10                         letters of a word, informative letters, mismatches
//! k 6
//! d 3
//! norc 0                       1: one strand; may be missing
//! gamma 2                      of gkmrbf and wgkmrbf
//! M 50                         of wgkm and wgkmrbf: weight in the middle, and half-life
//! H 50
//! nr_class 2
//! total_sv 2
//! rho 0.379216                 what is taken away from the sum: f(x) = Σ_i α_i K(x_i, x) − rho
//! label 1 -1                   the first is that of positive scores; may be missing
//! nr_sv 1 1                    may be missing
//! SV
//! 0.39632366 GCGGGCGCGGAGGCGG  coefficient α_i (sign and all), sequence
//! -1 TTGACAGGCATTAGAC
//! ```
//!
//! LS-GKM reads every letter other than A, C, G and T as A; so does this reader, which counts them.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::{EncodedSequences, Origin};
use crate::error::{Error, MachineError};
use crate::io::delimited::most_row_bytes;
use crate::io::gkm_header::read_head;
use crate::io::source::{Source, open};
use crate::place::{Place, shown};

pub use crate::io::gkm_header::{GkmHead, GkmKernel};

/// Most support vectors, and most letters of all of them.
const MAX_VECTORS: usize = 1 << 24;
const MAX_VECTOR_LETTERS: usize = 1 << 28;

/// A model of LS-GKM: its score is `Σ_i α_i K(x_i, x) − rho`, and above zero where it says class 1.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GkmModel {
    /// Kernel and strands.
    pub head: GkmHead,
    /// What is taken away from the sum.
    pub rho: f64,
    /// Coefficients, one a vector.
    pub coefficients: Vec<f64>,
    /// The vectors, named by their numbers from 1.
    pub vectors: EncodedSequences,
    /// Letters other than A, C, G and T, which were read as A.
    pub other_letters: usize,
    /// Whether the head names class −1 first: then `rho` and the coefficients have the opposite sign of those in the file, so that
    /// class 1 has the positive scores.
    pub turned: bool,
}

/// Reads a model of LS-GKM, plain or compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::io::read_gkm_model;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("gkm.model.txt");
/// let head = "svm_type c_svc\nkernel_type gkm_esttrunc\nL 10\nk 6\nd 3\nnr_class 2\ntotal_sv 2\nrho 0.25\n";
/// // Negatives have the positive scores.
/// std::fs::write(&path, format!("{head}label -1 1\nSV\n0.5 GCGGGCGCGG\n-1 TTGACAGGCANT\n"))?;
/// let model = read_gkm_model(&path)?;
/// assert_eq!((model.head.width, model.head.informative, model.head.mismatches), (10, 6, 3));
/// assert_eq!((model.turned, model.rho, &model.coefficients[..]), (true, -0.25, &[-0.5, 1.0][..]));
/// assert_eq!((model.vectors.decode(1), model.other_letters), ("TTGACAGGCAAT".to_owned(), 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MachineError`] for a head or a vector that is none; [`Error::Letter`] for a character of a sequence that is no letter; those of
/// [`open`] and [`Source::read_line`].
pub fn read_gkm_model(path: impl AsRef<Path>) -> Result<GkmModel, Error> {
    GkmModel::read(open(path)?)
}

impl GkmModel {
    /// Reads a model to the end of a source.
    ///
    /// # Errors
    /// As [`read_gkm_model`].
    pub fn read(mut source: Source) -> Result<Self, Error> {
        let file = Arc::clone(source.file());
        let (head, counts) = read_head(&mut source)?;
        let mut model = Self {
            head,
            rho: counts.rho,
            coefficients: Vec::new(),
            vectors: EncodedSequences::new(Alphabet::Dna),
            other_letters: 0,
            turned: false,
        };
        let (mut line, mut tokens) = (Vec::new(), Vec::new());
        loop {
            let number = source.next_line();
            if !source.read_line(&mut line, most_row_bytes())? {
                break;
            }
            let text = line.trim_ascii();
            if !text.is_empty() {
                model.push(text, &mut tokens, &file, number)?;
            }
        }
        let (expected, got) = (counts.vectors, model.vectors.len());
        if expected != got {
            return Err(MachineError::VectorCount { file, expected, got }.into());
        }
        if counts.negative_first {
            model.turned = true;
            model.rho = -model.rho;
            model.coefficients.iter_mut().for_each(|coefficient| *coefficient = -*coefficient);
        }
        Ok(model)
    }

    /// Adds the vector of a line.
    fn push(&mut self, text: &[u8], tokens: &mut Vec<u8>, file: &Arc<str>, line: u64) -> Result<(), Error> {
        let record = self.vectors.len() + 1;
        let at = || Place::record(file, line, record, "");
        let mut cells = text.split(u8::is_ascii_whitespace).filter(|cell| !cell.is_empty());
        let (Some(coefficient), Some(letters), None) = (cells.next(), cells.next(), cells.next()) else {
            return Err(MachineError::Vector { at: at() }.into());
        };
        self.coefficients.push(finite(coefficient).ok_or_else(|| number(at(), coefficient))?);
        tokens.clear();
        for (position, &letter) in letters.iter().enumerate() {
            let token = match letter.to_ascii_uppercase() {
                b'A' => 0,
                b'C' => 1,
                b'G' => 2,
                b'T' => 3,
                b'B'..=b'Z' => {
                    self.other_letters += 1;
                    0
                }
                _ => return Err(Alphabet::Dna.bad_letter(letter, position + 1, at())),
            };
            tokens.push(token);
        }
        let (letters, width) = (tokens.len(), self.head.width);
        if letters < width {
            return Err(MachineError::ShortVector { at: at(), letters, width }.into());
        }
        if record > MAX_VECTORS {
            return Err(MachineError::TooLarge { at: at(), limit: "16,777,216 vectors" }.into());
        }
        if self.vectors.tokens().len() + letters > MAX_VECTOR_LETTERS {
            return Err(MachineError::TooLarge { at: at(), limit: "268,435,456 letters" }.into());
        }
        self.vectors.push_trusted(
            record.to_string(),
            tokens,
            Some(Origin { file: Some(Arc::clone(file)), line, record }),
        );
        Ok(())
    }
}

/// A finite number, if a word is one.
pub(super) fn finite(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The error of a word that is no finite number.
pub(super) fn number(at: Box<Place>, word: &[u8]) -> Error {
    MachineError::Number { at, got: shown(word) }.into()
}
