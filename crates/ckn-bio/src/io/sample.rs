//! Random pieces of a genome.

use ckn_core::seed::Seed;
use rand::RngExt;

use crate::error::Error;
use crate::io::genome::{Genome, GenomeRecord};

/// Letters of a piece, at least: long enough that windows across its ends hardly matter.
const PIECE: usize = 1 << 13;

/// Pieces of known letters, each as likely as any other, and the records of the genome.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GenomeSample {
    /// Names and lengths of all records.
    pub records: Vec<GenomeRecord>,
    /// Tokens of each piece.
    pub pieces: Vec<Vec<u8>>,
}

/// Reads a genome once and keeps pieces that hold about `windows` windows of `length` letters; drawn from the stream
/// `scan/pieces`.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Genome, sample_pieces};
/// use ckn_core::seed::Seed;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa");
/// std::fs::write(&path, ">a\nACGTACGTAC\n>b\nACGTNACGT\n")?;
/// let sample = sample_pieces(&Genome::open(&path, Alphabet::Dna)?, 4, 100, Seed(0))?;
/// assert_eq!((sample.records.len(), sample.pieces.len()), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`GenomeReader`](crate::io::GenomeReader).
///
/// # Source
/// Reservoir sampling: Vitter 1985, ACM Transactions on Mathematical Software 11, algorithm R.
pub fn sample_pieces(genome: &Genome, length: usize, windows: usize, seed: Seed) -> Result<GenomeSample, Error> {
    let size = PIECE.max(8 * length);
    let capacity = windows.div_ceil(size + 1 - length);
    let table = genome.alphabet().table();
    let mut random = seed.stream("scan/pieces");
    let mut reader = genome.reader()?;
    let mut sample = GenomeSample { records: Vec::new(), pieces: Vec::new() };
    let (mut seen, mut piece) = (0u64, Vec::with_capacity(size));
    while let Some(id) = reader.next_record()? {
        let mut record = GenomeRecord { id: id.to_owned(), length: 0 };
        loop {
            piece.clear();
            let read = reader.read_letters(&mut piece, size)?;
            if read == 0 {
                break;
            }
            record.length += read as u64;
            if capacity == 0 || read < length || !piece.iter().all(|&token| table.is_letter(token)) {
                continue;
            }
            seen += 1;
            if sample.pieces.len() < capacity {
                sample.pieces.push(piece.clone());
            } else if let Some(slot) = sample.pieces.get_mut(random.random_range(0..seen) as usize) {
                slot.clone_from(&piece);
            }
        }
        sample.records.push(record);
    }
    Ok(sample)
}
