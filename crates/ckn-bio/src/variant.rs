//! Variants of a genome, and the sequences around them with either allele.

mod window;

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use ckn_core::LetterTable;

use self::window::{Change, Span};
use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::io::pieces::{Pieces, read_pieces};

use crate::io::{Genome, MAX_LETTERS, Variants};
use crate::place::Place;
use crate::region::Region;

/// One alternative allele at one place of a genome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variant {
    /// Name of the chromosome.
    pub chromosome: Arc<str>,
    /// Position of the first letter of the reference allele, counted from 1; 0 is before the first letter (a telomere).
    pub position: u64,
    /// Its name, `.` if it has none.
    pub id: Arc<str>,
    /// Reference allele.
    pub reference: Arc<str>,
    /// Alternative allele, as the file writes it.
    pub alternative: String,
    /// Line of the file, counted from 1.
    pub line: u64,
}

/// What became of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VariantStatus {
    /// It has a sequence with either allele.
    Ok,
    /// The genome has other letters than the reference allele. Ambiguous letters agree with those that they may be.
    ReferenceMismatch,
    /// The alternative allele is not spelt: `<DEL>`, `*`, a breakend.
    Symbolic,
    /// There is no alternative allele (`.`).
    NoAlternative,
    /// The genome has no such chromosome.
    UnknownChromosome,
    /// The reference allele lies before the start or past the end of its chromosome.
    Outside,
    /// The window around it reaches over an end of its chromosome.
    NearEnd,
}

impl VariantStatus {
    /// The word for it in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ReferenceMismatch => "reference_mismatch",
            Self::Symbolic => "symbolic",
            Self::NoAlternative => "no_alternative",
            Self::UnknownChromosome => "unknown_chromosome",
            Self::Outside => "outside",
            Self::NearEnd => "near_end",
        }
    }
}

/// Windows around variants, with the reference allele and with the alternative one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VariantContexts {
    /// What became of each variant.
    pub status: Vec<VariantStatus>,
    /// Letters with the reference allele, of the variants that are [`VariantStatus::Ok`], `[ok variants, window]`.
    pub before: Vec<u8>,
    /// Letters with the alternative allele, `[ok variants, window]`.
    pub after: Vec<u8>,
    /// What changes in each window with the reference allele; empty for insertions.
    pub changed: Vec<Range<usize>>,
    /// Chromosomes that the genome names otherwise (with `chr` where the variants do not, `M` for `MT`, or the other way round):
    /// both names.
    pub renamed: BTreeSet<(String, String)>,
}

/// Cuts windows of `window` letters around variants, with either allele.
///
/// Letters that both alleles share at their ends are no part of the change; of what is left, the letter in the middle (right of
/// it for an even number) comes to stand at `window / 2`, in both windows: the window with the alternative allele is cut from the
/// changed chromosome, around its own middle. So both have the same length, and a substitution changes nothing but its letters.
/// A chromosome that the genome does not have is looked for with or without `chr`, that of mitochondria as `M` and as `MT`.
///
/// The genome is read once, in pieces; parts without variants are jumped over if it is 2bit or has an index.
///
/// ```
/// use ckn_bio::{Alphabet, VariantStatus, io, variant_contexts};
/// # let folder = tempfile::tempdir()?;
/// # let (genome, calls) = (folder.path().join("genome.fa"), folder.path().join("calls.vcf"));
/// std::fs::write(&genome, ">chr1\nAACCGGTTAC\n")?;
/// std::fs::write(&calls, "#CHROM\tPOS\tID\tREF\tALT\n1\t5\t.\tG\tT\n1\t3\t.\tC\tCAA\n1\t4\t.\tA\tC\n")?;
/// let (genome, variants) = (io::Genome::open(&genome, Alphabet::Dna)?, io::read_vcf(&calls, Alphabet::Dna)?);
/// let contexts = variant_contexts(&genome, &variants, 4)?;
/// assert_eq!(contexts.status, [VariantStatus::Ok, VariantStatus::Ok, VariantStatus::ReferenceMismatch]);
/// let letters = |tokens: &[u8]| tokens.iter().map(|&token| Alphabet::Dna.decode(token)).collect::<String>();
/// assert_eq!((letters(&contexts.before), letters(&contexts.after)), ("CCGGACCG".to_owned(), "CCTGCAAC".to_owned()));
/// assert_eq!(contexts.changed, [2..3, 2..2]);
/// assert!(contexts.renamed.contains(&("1".to_owned(), "chr1".to_owned())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for a window of 0 letters; [`Error::TooManyLetters`]; those of reading the genome.
pub fn variant_contexts(genome: &Genome, variants: &Variants, window: usize) -> Result<VariantContexts, Error> {
    if window == 0 {
        return Err(Error::Parameter { name: "window", got: 0.0, expected: "at least 1" });
    }
    let alphabet = genome.alphabet();
    let changes: Vec<Result<Change, VariantStatus>> =
        variants.records().iter().map(|variant| Change::new(variant, alphabet)).collect();
    let (mut regions, mut places) = (Vec::new(), vec![Vec::new(); changes.len()]);
    let names: Option<HashSet<String>> =
        genome.records().map(|records| records.into_iter().map(|record| record.id).collect());
    for (index, (variant, change)) in variants.records().iter().zip(&changes).enumerate() {
        let Ok(change) = change else { continue };
        let Span { start, end } = change.span(window);
        for chromosome in all_names(&variant.chromosome) {
            if names.as_ref().is_none_or(|names| names.contains(&chromosome)) {
                places[index].push(regions.len());
                regions.push(Region { chromosome, start: start.unwrap_or(0), end, reverse: false });
                // What is known to be there needs no other name.
                if names.is_some() {
                    break;
                }
            }
        }
    }
    let pieces = read_pieces(genome, &regions)?;
    if let Some(piece) = pieces.overflow() {
        let index = places.iter().position(|places| places.contains(&piece)).unwrap_or(0);
        let line = variants.records().get(index).map_or(0, |variant| variant.line);
        return Err(Error::TooManyLetters { at: Place::line(variants.file(), line), limit: MAX_LETTERS });
    }
    let mut contexts = VariantContexts {
        status: Vec::with_capacity(changes.len()),
        before: Vec::new(),
        after: Vec::new(),
        changed: Vec::new(),
        renamed: BTreeSet::new(),
    };
    for ((variant, change), places) in variants.records().iter().zip(&changes).zip(&places) {
        let status = match change {
            Err(status) => *status,
            Ok(change) => contexts.cut(variant, change, places, &regions, &pieces, window, alphabet.table()),
        };
        contexts.status.push(status);
    }
    Ok(contexts)
}

impl VariantContexts {
    /// Adds the windows of one variant, if they can be cut.
    fn cut(
        &mut self,
        variant: &Variant,
        change: &Change,
        places: &[usize],
        regions: &[Region],
        pieces: &Pieces,
        window: usize,
        table: &LetterTable,
    ) -> VariantStatus {
        let known = |place: &&usize| pieces.lengths().contains_key(&regions[**place].chromosome);
        let Some(&place) = places.iter().find(known) else { return VariantStatus::UnknownChromosome };
        let region = &regions[place];
        if *region.chromosome != *variant.chromosome {
            self.renamed.insert((variant.chromosome.to_string(), region.chromosome.clone()));
        }
        let length = pieces.lengths().get(&region.chromosome).copied().unwrap_or(0);
        let Some(letters) = pieces.tokens(place) else {
            return if change.fits(length) { VariantStatus::NearEnd } else { VariantStatus::Outside };
        };
        let Span { start: Some(start), .. } = change.span(window) else { return VariantStatus::NearEnd };
        if !change.agrees(letters, start, table) {
            return VariantStatus::ReferenceMismatch;
        }
        let Some(changed) = change.push(letters, start, window, &mut self.before, &mut self.after) else {
            return VariantStatus::NearEnd;
        };
        self.changed.push(changed);
        VariantStatus::Ok
    }
}

/// The names that a chromosome may have, the given one first: with `chr` or without, and that of mitochondria `M` or `MT`.
fn all_names(chromosome: &str) -> Vec<String> {
    let bare = chromosome.strip_prefix("chr").unwrap_or(chromosome);
    let cores = if matches!(bare, "M" | "MT") { ["M", "MT"] } else { [bare; 2] };
    let mut names = vec![chromosome.to_owned()];
    for name in cores.into_iter().flat_map(|core| [format!("chr{core}"), core.to_owned()]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether an allele is written in letters.
pub(crate) fn is_spelt(allele: &[u8], alphabet: Alphabet) -> bool {
    allele != b"*" && !allele.is_empty() && allele.iter().all(|&letter| alphabet.encode_letter(letter).is_some())
}

/// Whether an allele is one of those that VCF describes in place of spelling them: `<NAME>`, `*`, or a breakend.
pub(crate) fn is_symbolic(allele: &[u8]) -> bool {
    let named = allele.len() > 2 && allele.starts_with(b"<") && allele.ends_with(b">");
    let single = allele.len() > 1 && (allele.starts_with(b".") != allele.ends_with(b"."));
    named || allele == b"*" || single || allele.iter().any(|byte| matches!(byte, b'[' | b']'))
}
