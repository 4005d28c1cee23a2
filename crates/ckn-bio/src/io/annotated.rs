//! VCF with numbers of its variants written into INFO.

use std::io::Write;

use crate::error::Error;
use crate::io::delimited::most_row_bytes;
use crate::io::source::Source;
use crate::io::variants::Variants;

/// Column of INFO, counted from 0, and what stands in columns before it that a row lacks.
const INFO: usize = 7;
const MISSING: &[u8] = b".";

/// A number of every variant of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct InfoField {
    /// Its name in INFO.
    pub id: &'static str,
    /// What it says, without quotation marks.
    pub description: String,
    /// One number a variant, in the order of [`Variants::records`]; `None` is written as a point.
    pub values: Vec<Option<f64>>,
}

/// Copies a VCF file and adds fields to INFO, with one number for each alternative allele; fields of the same names are replaced.
/// `variants` are those of the file.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{InfoField, Source, Variants, annotate_vcf};
/// let file = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t5\trs1\tA\tG,T\t.\t.\tDP=3;EFFECT=9\n";
/// let open = || Source::new("calls.vcf", std::io::Cursor::new(file));
/// let variants = Variants::of_vcf(open()?, Alphabet::Dna)?;
/// let effects = InfoField { id: "EFFECT", description: "Change of the score".to_owned(), values: vec![Some(0.5), None] };
/// let mut written = Vec::new();
/// annotate_vcf(open()?, &variants, &[effects], &mut written)?;
/// let written = String::from_utf8(written)?;
/// assert!(written.starts_with("##INFO=<ID=EFFECT,Number=A,Type=Float,Description=\"Change of the score\">\n#CHROM"));
/// assert!(written.ends_with("\tDP=3;EFFECT=0.500000,.\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`Source::read_line`]; [`Error::Write`] if a line cannot be written.
pub fn annotate_vcf(
    mut source: Source,
    variants: &Variants,
    fields: &[InfoField],
    out: &mut dyn Write,
) -> Result<(), Error> {
    let (mut line, mut next, mut stated) = (Vec::new(), 0, false);
    loop {
        let number = source.next_line();
        if !source.read_line(&mut line, most_row_bytes())? {
            return Ok(());
        }
        let text = line.trim_ascii_end();
        if text.starts_with(b"##") {
            let same = |field: &InfoField| text.starts_with(format!("##INFO=<ID={},", field.id).as_bytes());
            if !fields.iter().any(same) {
                write_line(out, text)?;
            }
            continue;
        }
        if !stated {
            for InfoField { id, description, .. } in fields {
                writeln!(out, "##INFO=<ID={id},Number=A,Type=Float,Description=\"{description}\">")?;
            }
            stated = true;
        }
        let alleles = variants.records()[next..].iter().take_while(|variant| variant.line == number).count();
        if alleles == 0 {
            write_line(out, text)?;
            continue;
        }
        let mut cells: Vec<&[u8]> = text.split(|&byte| byte == b'\t').collect();
        cells.resize(cells.len().max(INFO + 1), MISSING);
        let info = info(cells[INFO], fields, next..next + alleles);
        cells[INFO] = &info;
        write_line(out, &cells.join(&b'\t'))?;
        next += alleles;
    }
}

/// The cell of INFO with the fields of some variants behind what stands there of others.
fn info(cell: &[u8], fields: &[InfoField], variants: std::ops::Range<usize>) -> Vec<u8> {
    let is_new = |entry: &[u8]| {
        let name = entry.split(|&byte| byte == b'=').next().unwrap_or_default();
        fields.iter().any(|field| field.id.as_bytes() == name)
    };
    let kept =
        cell.split(|&byte| byte == b';').filter(|entry| !entry.is_empty() && *entry != MISSING && !is_new(entry));
    let mut entries: Vec<Vec<u8>> = kept.map(<[u8]>::to_vec).collect();
    for field in fields {
        let number = |index: usize| field.values.get(index).copied().flatten();
        let written = |value: Option<f64>| value.map_or(".".to_owned(), |value| format!("{value:.6}"));
        let numbers: Vec<String> = variants.clone().map(|index| written(number(index))).collect();
        entries.push(format!("{}={}", field.id, numbers.join(",")).into_bytes());
    }
    entries.join(&b';')
}

fn write_line(out: &mut dyn Write, line: &[u8]) -> std::io::Result<()> {
    out.write_all(line)?;
    out.write_all(b"\n")
}
