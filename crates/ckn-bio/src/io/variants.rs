//! Variants of a genome: VCF, and tables.
//!
//! ```text
//! VCF     ##fileformat=VCFv4.5
//!         #CHROM  POS  ID    REF  ALT   QUAL  FILTER  INFO     lines that start with # are passed over; columns after the
//!         chr1    101  rs1   A    G,AT  .     PASS    .        fifth are not looked at
//!
//! tables  chrom  pos  ref  alt  id                             columns by name, in any order; `id` may be missing
//!         chr1   101  A    G    rs1
//! ```
//!
//! Positions count from 1, and are those of the first letter of REF. A row of several alternative alleles, separated by commas,
//! is as many variants.
//!
//! Source: *The Variant Call Format Specification*, VCFv4.5.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::error::{Error, VariantError};
use crate::io::columns::{optional, required};
use crate::io::delimited::most_row_bytes;
use crate::io::record::Record;
use crate::io::rows::Rows;
use crate::io::source::{Source, open};
use crate::place::{Place, is_name, name, shown};
use crate::region::position;
use crate::variant::{Variant, is_spelt, is_symbolic};

/// Bytes of the variants of one file: names and alleles, those of a row once for each of its alternative alleles.
pub const MAX_VARIANT_BYTES: usize = 1 << 30;

/// The variants of a file.
#[derive(Debug, Clone)]
pub struct Variants {
    file: Arc<str>,
    records: Vec<Variant>,
    /// Of names and alleles.
    bytes: usize,
}

/// Reads a VCF file, plain or compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("calls.vcf");
/// std::fs::write(&path, "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t5\trs1\tA\tG,T\n")?;
/// let variants = io::read_vcf(&path, Alphabet::Dna)?;
/// // One alternative allele a row.
/// assert_eq!(variants.records().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`VariantError::Columns`], [`VariantError::Position`], [`VariantError::Allele`]; [`VariantError::TooManyBytes`] for more than
/// [`MAX_VARIANT_BYTES`]; [`Error::MissingId`] and [`Error::BadId`] for a name that is none; [`Error::NoRows`]; those of [`open`]
/// and [`Source::read_line`].
pub fn read_vcf(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<Variants, Error> {
    Variants::of_vcf(open(path)?, alphabet)
}

/// Reads a table with the columns `chrom`, `pos`, `ref`, `alt` and, if it is there, `id`; from a TSV or CSV file, plain or
/// compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("snps.tsv");
/// std::fs::write(&path, "chrom\tpos\tref\talt\nchr1\t5\tA\tG\n")?;
/// let variants = io::read_variant_table(&path, Alphabet::Dna)?;
/// assert_eq!(variants.records()[0].position, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`read_vcf`]; [`Error::MissingColumn`], [`Error::DuplicateColumn`], [`Error::CellCount`], [`Error::Quote`].
pub fn read_variant_table(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<Variants, Error> {
    Variants::of_table(open(path)?, alphabet)
}

impl Variants {
    /// Reads VCF to the end of a source.
    ///
    /// # Errors
    /// As [`read_vcf`].
    pub fn of_vcf(mut source: Source, alphabet: Alphabet) -> Result<Self, Error> {
        let mut variants = Self { file: Arc::clone(source.file()), records: Vec::new(), bytes: 0 };
        let mut line = Vec::new();
        loop {
            let number = source.next_line();
            if !source.read_line(&mut line, most_row_bytes())? {
                break;
            }
            if line.starts_with(b"#") || line.trim_ascii().is_empty() {
                continue;
            }
            let cells: Vec<&[u8]> = line.splitn(6, |&byte| byte == b'\t').map(<[u8]>::trim_ascii).collect();
            let [chromosome, position, id, reference, alternatives, ..] = cells[..] else {
                let at = Place::line(&variants.file, number);
                return Err(VariantError::Columns { at, got: cells.len() }.into());
            };
            let before = variants.footprint();
            variants.push(Row { chromosome, position, id, reference, alternatives, line: number }, alphabet)?;
            source.hold(variants.footprint() - before)?;
        }
        variants.check_any()
    }

    /// Reads a table to the end of a source.
    ///
    /// # Errors
    /// As [`read_variant_table`].
    pub fn of_table(source: Source, alphabet: Alphabet) -> Result<Self, Error> {
        let mut rows = Rows::new(source)?;
        let mut variants = Self { file: Arc::clone(rows.file()), records: Vec::new(), bytes: 0 };
        let column = |name: &str| required(&[name.to_owned()], rows.names(), rows.header());
        let (chromosome, position, reference) = (column("chrom")?, column("pos")?, column("ref")?);
        let alternatives = column("alt")?;
        let id = optional(&["id"], rows.names(), rows.header())?;
        let mut record = Record::default();
        while rows.next_row(&mut record)? {
            let row = Row {
                chromosome: rows.cell(chromosome),
                position: rows.cell(position),
                id: id.map_or(b".", |column| rows.cell(column)),
                reference: rows.cell(reference),
                alternatives: rows.cell(alternatives),
                line: record.line,
            };
            let before = variants.footprint();
            variants.push(row, alphabet)?;
            rows.hold(variants.footprint() - before)?;
        }
        variants.check_any()
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The variants, in the order of the file.
    pub fn records(&self) -> &[Variant] {
        &self.records
    }

    /// Bytes of memory; a list grows by doubling.
    fn footprint(&self) -> usize {
        self.bytes + 2 * size_of::<Variant>() * self.records.len()
    }

    fn check_any(self) -> Result<Self, Error> {
        if self.records.is_empty() { Err(Error::NoRows(self.file)) } else { Ok(self) }
    }

    /// Adds each alternative allele of a row.
    fn push(&mut self, row: Row<'_>, alphabet: Alphabet) -> Result<(), Error> {
        let at = || Place::line(&self.file, row.line);
        let name = |bytes: &[u8]| name(bytes, at).map(Arc::<str>::from);
        let number = position(row.position)
            .ok_or_else(|| Error::from(VariantError::Position { at: at(), got: shown(row.position) }))?;
        let chromosome = name(row.chromosome)?;
        let id = if row.id.is_empty() { ".".into() } else { name(row.id)? };
        let wrong = |allele: &[u8]| Error::from(VariantError::Allele { at: at(), got: shown(allele), alphabet });
        let text = |allele: &[u8]| match std::str::from_utf8(allele) {
            Ok(text) if is_name(text) => Ok(text.to_owned()),
            _ => Err(wrong(allele)),
        };
        if !is_spelt(row.reference, alphabet) {
            return Err(wrong(row.reference));
        }
        let reference: Arc<str> = text(row.reference)?.into();
        for allele in row.alternatives.split(|&byte| byte == b',') {
            if !is_spelt(allele, alphabet) && !is_symbolic(allele) && allele != b"." {
                return Err(wrong(allele));
            }
            // A row repeats its reference allele for each alternative: a few megabytes of file could ask for all memory.
            self.bytes += chromosome.len() + id.len() + reference.len() + allele.len();
            if self.bytes > MAX_VARIANT_BYTES {
                return Err(VariantError::TooManyBytes { at: at(), limit: MAX_VARIANT_BYTES }.into());
            }
            self.records.push(Variant {
                chromosome: Arc::clone(&chromosome),
                position: number,
                id: Arc::clone(&id),
                reference: Arc::clone(&reference),
                alternative: text(allele)?,
                line: row.line,
            });
        }
        Ok(())
    }
}

/// Cells of a row.
struct Row<'a> {
    chromosome: &'a [u8],
    position: &'a [u8],
    id: &'a [u8],
    reference: &'a [u8],
    alternatives: &'a [u8],
    line: u64,
}
