//! Files of motifs: MEME, JASPAR, TRANSFAC and HOMER, plain or compressed with gzip.
//!
//! ```text
//! MEME      MEME version 5                                       JASPAR    >MA0006.1 Ahr::Arnt
//!                                                                          A [ 3 0 ]
//!           ALPHABET= ACGT                                                 C [ 8 0 ]
//!                                                                          G [ 2 23 ]
//!           strands: + -                                                   T [ 11 1 ]
//!
//!           Background letter frequencies                        TRANSFAC  AC  MA0006.1
//!           A 0.25 C 0.25 G 0.25 T 0.25                                    XX
//!                                                                          ID  Ahr::Arnt
//!           MOTIF MA0006.1 Ahr::Arnt                                       XX
//!           letter-probability matrix: alength= 4 w= 2                     P0  A  C  G  T
//!            0.125 0.333 0.083 0.458                                       01  3  8  2  11  T
//!            0.000 0.000 0.958 0.042                                       02  0  0  23 1   G
//!           URL https://jaspar.elixir.no/matrix/MA0006.1                   XX
//!                                                                          //
//! HOMER     >TG  Ahr  1.3                     columns separated by tabs: consensus, name, threshold in nats
//!           0.125 0.333 0.083 0.458
//!           0.000 0.000 0.958 0.042
//! ```
//!
//! Files are read whole or refused: a row, a column or a name that is not as it should be is an error that says where. Two
//! motifs may have the same name, as they do in databases that were joined.

mod homer;
mod jaspar;
mod letters;
mod lines;
mod meme;
mod names;
mod numbers;
mod rows;
mod transfac;

use std::path::Path;
use std::sync::Arc;

pub use homer::write_homer;
pub use jaspar::write_jaspar;
use lines::{Limits, Lines};
pub use meme::write_meme;
pub use transfac::write_transfac;

use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};
use crate::io::{Source, open};
use crate::motif::{Background, Motif};
use crate::place::{Place, shown};

/// The number of sites that is written where it is not known: what programs that read MEME files assume.
pub const DEFAULT_SITES: f64 = 20.0;

/// Lines that may stand before the version line of a MEME file.
const LINES_BEFORE_VERSION: usize = 100;

/// A format of motif files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MotifFormat {
    /// MEME's text formats, minimal or whole, of versions 3 to 5 (Bailey et al. 2015).
    Meme,
    /// JASPAR's matrices of counts, with letters and brackets or bare.
    Jaspar,
    /// TRANSFAC's flat files of counts (Wingender et al. 1996).
    Transfac,
    /// HOMER's matrices of probabilities with a threshold (Heinz et al. 2010).
    Homer,
}

/// What a file of motifs holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MotifFile {
    /// Its format.
    pub format: MotifFormat,
    /// The alphabet of all its motifs.
    pub alphabet: Alphabet,
    /// Frequencies of letters outside of motifs; only MEME files say them.
    pub background: Option<Background>,
    /// Whether both strands of sequences are meant; only MEME files say so.
    pub both_strands: Option<bool>,
    /// The motifs in the order of the file, at least one. Names may repeat.
    pub motifs: Vec<Motif>,
}

/// Reads a file of motifs in any [`MotifFormat`], recognised by its content; plain or compressed with gzip, or standard input
/// if the path is `-`.
///
/// Counts become probabilities without pseudocount, and their largest column sum the number of sites; fractions that sum to
/// one are probabilities of an unknown number of sites. Memory: at most four times that of the decompressed text, which may
/// have up to 256 MiB, 10 million lines and one million motifs.
///
/// ```
/// use ckn_bio::motif::{MotifFormat, read_motifs};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("motifs.jaspar");
/// std::fs::write(&path, ">MA0006.1 Ahr::Arnt\nA [ 3 0 ]\nC [ 8 0 ]\nG [ 2 23 ]\nT [ 11 1 ]\n")?;
/// let file = read_motifs(&path)?;
/// assert_eq!(file.format, MotifFormat::Jaspar);
/// assert_eq!(file.motifs[0].alternate.as_deref(), Some("Ahr::Arnt"));
/// assert_eq!(file.motifs[0].sites, Some(24.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MotifError`], with the file and the line; those of [`open`] and [`Source::read_line`].
pub fn read_motifs(path: impl AsRef<Path>) -> Result<MotifFile, Error> {
    MotifFile::read(open(path)?)
}

impl MotifFile {
    /// Reads motifs to the end of a source.
    ///
    /// # Errors
    /// As [`read_motifs`].
    pub fn read(source: Source) -> Result<Self, Error> {
        Self::read_within(source, Limits::default())
    }

    fn read_within(source: Source, limits: Limits) -> Result<Self, Error> {
        let file = Arc::clone(source.file());
        let mut lines = Lines::new(source, limits);
        let read = match detect(&mut lines)? {
            MotifFormat::Meme => meme::read(&mut lines),
            MotifFormat::Jaspar => jaspar::read(&mut lines),
            MotifFormat::Transfac => transfac::read(&mut lines),
            MotifFormat::Homer => homer::read(&mut lines),
        }?;
        read.ok_or_else(|| MotifError::NoMotifs(file).into())
    }

    /// A file of a format that says nothing but motifs; `None` if there is none. All are of one alphabet.
    fn of_motifs(format: MotifFormat, motifs: Vec<Motif>) -> Option<Self> {
        let alphabet = motifs.first()?.probabilities.alphabet();
        Some(Self { format, alphabet, background: None, both_strands: None, motifs })
    }
}

/// Recognises the format, and leaves the line that tells it to be read again.
fn detect(lines: &mut Lines) -> Result<MotifFormat, Error> {
    if !lines.advance_to_text()? {
        return Err(Error::EmptyFile(Arc::clone(lines.file())));
    }
    let (at, starts) = (lines.at(), shown(lines.text()));
    let first = lines.text();
    let format = if first.starts_with(b">") {
        let is_homer = homer::is_header(first);
        Some(if is_homer { MotifFormat::Homer } else { MotifFormat::Jaspar })
    } else if transfac::is_first_line(first) {
        Some(MotifFormat::Transfac)
    } else {
        let mut found = None;
        for _ in 0..LINES_BEFORE_VERSION {
            if meme::is_version(lines.text()) {
                found = Some(MotifFormat::Meme);
                break;
            }
            if !lines.advance()? {
                break;
            }
        }
        found
    };
    lines.again();
    format.ok_or_else(|| MotifError::UnknownFormat { at, starts }.into())
}

/// The motifs of a file under way.
struct Collected {
    motifs: Vec<Motif>,
    limit: usize,
}

impl Collected {
    fn new(lines: &Lines) -> Self {
        Self { motifs: Vec::new(), limit: lines.limits().motifs }
    }

    /// Adds a motif that started on a line; all must be of the alphabet of the first.
    fn push(&mut self, motif: Motif, at: Box<Place>) -> Result<(), Error> {
        if self.motifs.len() >= self.limit {
            return Err(MotifError::TooLarge { at, limit: "1,000,000 motifs" }.into());
        }
        if let Some(first) = self.motifs.first() {
            let (first, second) = (first.probabilities.alphabet(), motif.probabilities.alphabet());
            if first != second {
                let cause = Box::new(MotifError::Alphabets { first, second });
                return Err(MotifError::InFile { at, motif: motif.name, cause }.into());
            }
        }
        self.motifs.push(motif);
        Ok(())
    }
}
