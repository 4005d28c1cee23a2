//! Variants: the files that they come from, and the windows around them.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write};
use std::path::PathBuf;

use ckn_bio::io::{Genome, Source, Variants};
use ckn_bio::{Alphabet, Error, VariantStatus, variant_contexts};
use tempfile::TempDir;

fn vcf(text: &str) -> Result<Variants, Error> {
    Variants::of_vcf(Source::new("calls.vcf", Cursor::new(text.as_bytes().to_vec()))?, Alphabet::Dna)
}

fn table(text: &str) -> Result<Variants, Error> {
    Variants::of_table(Source::new("calls.tsv", Cursor::new(text.as_bytes().to_vec()))?, Alphabet::Dna)
}

/// Letters without a pattern.
fn letters(count: usize) -> String {
    (0..count as u32).map(|at| ['A', 'C', 'G', 'T'][(at.wrapping_mul(2_654_435_761) >> 15) as usize % 4]).collect()
}

/// A genome of two chromosomes, and the first as a string; with an index or without.
fn genome(folder: &TempDir, indexed: bool) -> (PathBuf, String) {
    let first = letters(300);
    let path = folder.path().join("genome.fa");
    std::fs::write(&path, format!(">chr1\n{}\n>2\n{}\n", first.to_lowercase(), "ACGTR".repeat(20))).unwrap();
    if indexed {
        std::fs::write(folder.path().join("genome.fa.fai"), "chr1\t300\t6\t300\t301\n2\t100\t310\t100\t101\n").unwrap();
    }
    (path, first)
}

#[test]
fn vcf_and_tables_say_the_same() {
    let text = "##fileformat=VCFv4.5\n##x\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\n\
                chr1\t7\trs1\tA\tg,AT\t.\tPASS\nchr1\t9\t.\tACG\t<DEL>\r\n\n2\t0\t.\tN\t.\t\t\t\t";
    let variants = vcf(text).unwrap();
    let shown = |variants: &Variants| -> Vec<String> {
        let one = |v: &ckn_bio::Variant| {
            format!("{} {} {} {} {}", v.chromosome, v.position, v.id, v.reference, v.alternative)
        };
        variants.records().iter().map(one).collect()
    };
    let expected = ["chr1 7 rs1 A g", "chr1 7 rs1 A AT", "chr1 9 . ACG <DEL>", "2 0 . N ."];
    assert_eq!(shown(&variants), expected);
    assert_eq!(variants.records().iter().map(|variant| variant.line).collect::<Vec<_>>(), [4, 4, 5, 7]);
    let rows = "alt\tID\tchrom\tpos\tref\tmore\ng,AT\trs1\tchr1\t7\tA\t\n<DEL>\t\tchr1\t9\tACG\t\n.\t.\t2\t0\tN\t\n";
    assert_eq!(shown(&table(rows).unwrap()), expected);
    assert_eq!(shown(&table("chrom,pos,ref,alt\nx,1,A,C\n").unwrap()), ["x 1 . A C"]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let source = Source::new("calls.vcf.gz", Cursor::new(encoder.finish().unwrap())).unwrap();
    assert_eq!(shown(&Variants::of_vcf(source, Alphabet::Dna).unwrap()), expected);
}

#[test]
fn a_malformed_line_is_an_error_that_names_file_and_line() {
    let start = "##fileformat=VCFv4.5\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t7\t.\tA\tG\n";
    for (line, says) in [
        ("chr1 8 . A G", "1 columns"),
        ("chr1\t8\t.\tA", "4 columns"),
        ("chr1\t-8\t.\tA\tG", "`-8`"),
        ("chr1\t8.0\t.\tA\tG", "`8.0`"),
        ("chr1\t99999999999999999999\t.\tA\tG", "counted from 1"),
        ("\t8\t.\tA\tG", "no name"),
        ("chr1\t8\t.\t\tG", "allele ``"),
        ("chr1\t8\t.\tA-\tG", "`A-`"),
        ("chr1\t8\t.\t<DEL>\tG", "`<DEL>`"),
        ("chr1\t8\t.\tA\tG,,C", "allele ``"),
        ("chr1\t8\t.\tA\tQ\u{1b}[31m", "\\u{1b}"),
        ("chr1\t8\t.\tA\tJ", "DNA"),
        ("chr\u{7}1\t8\t.\tA\tG", "control characters"),
    ] {
        let message = vcf(&format!("{start}{line}\n")).unwrap_err().to_string();
        assert!(message.contains("calls.vcf, line 4") && message.contains(says), "{line}: {message}");
        assert!(!message.contains('\u{1b}'), "{message}");
    }
    assert!(vcf("#CHROM\n").unwrap_err().to_string().contains("no rows"));
    assert!(table("chrom\tpos\tref\nx\t1\tA\n").unwrap_err().to_string().contains("`alt`"));
    assert!(table("chrom\tpos\tref\talt\nx\t1\tA\n").unwrap_err().to_string().contains("3 cells"));
}

#[test]
fn a_row_that_asks_for_all_memory_is_an_error() {
    // 20 MB of file would be 20 GB of reference alleles.
    let row = |alternatives: usize| {
        let alternatives = vec!["C"; alternatives].join(",");
        format!("chr1\t1\t.\tA\tC\nchr1\t7\tlong\t{}\t{alternatives}\n", "A".repeat(1 << 20))
    };
    assert_eq!(vcf(&row(1_000)).unwrap().records().len(), 1_001);
    let message = vcf(&row(20_000)).unwrap_err().to_string();
    assert!(["calls.vcf, line 2", "1073741824 bytes", "split"].iter().all(|part| message.contains(part)), "{message}");
    assert!(message.len() < 300);
}

#[test]
fn symbolic_alleles_and_what_is_none_have_a_status_of_their_own() {
    let folder = TempDir::new().unwrap();
    let (path, first) = genome(&folder, true);
    let genome = Genome::open(&path, Alphabet::Dna).unwrap();
    let letter = &first[149..150];
    let other = if letter == "A" { "C" } else { "A" };
    use VariantStatus::{NearEnd, NoAlternative, Ok, Outside, ReferenceMismatch, Symbolic, UnknownChromosome};
    for (row, status) in [
        (format!("chr1\t150\t.\t{letter}\t{other}"), Ok),
        (format!("chr1\t150\t.\t{}\tn", letter.to_lowercase()), Ok),
        (format!("chr1\t150\t.\tN\t{other}"), Ok),
        (format!("chr1\t150\t.\t{letter}\t{letter}"), Ok),
        (format!("chr1\t150\t.\t{other}\t{letter}"), ReferenceMismatch),
        (format!("chr1\t150\t.\t{letter}\t<INS:ME>"), Symbolic),
        (format!("chr1\t150\t.\t{letter}\t*"), Symbolic),
        (format!("chr1\t150\t.\t{letter}\t]2:5]A"), Symbolic),
        (format!("chr1\t150\t.\t{letter}\t{letter}."), Symbolic),
        (format!("chr1\t150\t.\t{letter}\t."), NoAlternative),
        (format!("chr3\t150\t.\t{letter}\t{other}"), UnknownChromosome),
        ("chr1\t0\t.\tA\tC".into(), Outside),
        ("chr1\t301\t.\tA\tC".into(), Outside),
        (format!("chr1\t300\t.\t{}A\tC", &first[299..]), Outside),
        (format!("chr1\t300\t.\t{}\tN", &first[299..]), NearEnd),
        (format!("chr1\t1\t.\t{}\tN", &first[..1]), NearEnd),
        (format!("chr1\t10\t.\t{}\tN", &first[9..10]), NearEnd),
        (format!("chr1\t11\t.\t{}\tN", &first[10..11]), Ok),
        (format!("chr1\t290\t.\t{}\tN", &first[289..290]), Ok),
        (format!("chr1\t291\t.\t{}\tN", &first[290..291]), NearEnd),
        // The genome has R there.
        ("2\t50\t.\tA\tC".into(), Ok),
        ("2\t50\t.\tC\tA".into(), ReferenceMismatch),
    ] {
        let contexts = variant_contexts(&genome, &vcf(&row).unwrap(), 21).unwrap();
        assert_eq!(contexts.status, [status], "{row}");
        assert_eq!(contexts.before.len(), if status == Ok { 21 } else { 0 }, "{row}");
    }
    assert!(variant_contexts(&genome, &vcf("2\t50\t.\tA\tC").unwrap(), 0).is_err());
}

#[test]
fn windows_are_cut_from_either_chromosome_around_what_changes() {
    let folder = TempDir::new().unwrap();
    for indexed in [false, true] {
        let (path, first) = genome(&folder, indexed);
        let genome = Genome::open(&path, Alphabet::Dna).unwrap();
        // Place, letters removed, letters added, and letters that both alleles share before and after.
        for (start, removed, added, shared) in [
            (150usize, 1usize, "N", (0usize, 0usize)),
            (150, 1, "N", (2, 3)),
            (150, 3, "NRN", (0, 0)),
            (150, 4, "NN", (0, 1)),
            (150, 0, "NYN", (1, 0)),
            (150, 7, "", (1, 0)),
            (150, 40, "", (1, 0)),
            (150, 0, "NRYNRYNRYNRYNRYNRYNRYNRYNRYNRY", (1, 0)),
            (150, 60, "NRYNRYNRYNRYNRYNRYNRYNRYNRYNRY", (0, 0)),
        ] {
            let reference = &first[start - shared.0..start + removed + shared.1];
            let alternative =
                format!("{}{added}{}", &first[start - shared.0..start], &first[start + removed..][..shared.1]);
            let row = format!("chr1\t{}\t.\t{reference}\t{alternative}", start - shared.0 + 1);
            let changed = format!("{}{added}{}", &first[..start], &first[start + removed..]);
            for window in [1, 2, 20, 21, 22] {
                let contexts = variant_contexts(&genome, &vcf(&row).unwrap(), window).unwrap();
                assert_eq!(contexts.status, [VariantStatus::Ok], "{row}");
                let cut = |chromosome: &str, allele: usize| {
                    let from = start + allele / 2 - window / 2;
                    chromosome[from..from + window].to_owned()
                };
                let text = |tokens: &[u8]| tokens.iter().map(|&token| Alphabet::Dna.decode(token)).collect::<String>();
                assert_eq!(text(&contexts.before), cut(&first, removed), "{row}, window {window}");
                assert_eq!(text(&contexts.after), cut(&changed, added.len()), "{row}, window {window}");
                let from = start + removed / 2 - window / 2;
                let inside = |at: usize| at.clamp(from, from + window) - from;
                assert_eq!(contexts.changed[0], inside(start)..inside(start + removed), "{row}, window {window}");
            }
        }
    }
}

#[test]
fn chromosomes_are_found_with_chr_and_without() {
    let folder = TempDir::new().unwrap();
    for indexed in [false, true] {
        let (path, first) = genome(&folder, indexed);
        let genome = Genome::open(&path, Alphabet::Dna).unwrap();
        let rows =
            format!("1\t150\t.\t{0}\tN\nchr1\t150\t.\t{0}\tN\nchr2\t51\t.\tA\tN\n2\t51\t.\tA\tN", &first[149..150]);
        let contexts = variant_contexts(&genome, &vcf(&rows).unwrap(), 11).unwrap();
        assert_eq!(contexts.status, [VariantStatus::Ok; 4], "indexed {indexed}");
        let renamed: Vec<_> = contexts.renamed.iter().map(|(one, other)| (one.as_str(), other.as_str())).collect();
        assert_eq!(renamed, [("1", "chr1"), ("chr2", "2")]);
    }
}

#[test]
fn the_chromosome_of_mitochondria_is_found_by_each_of_its_names() {
    let names = ["chrM", "MT", "M", "chrMT"];
    let folder = TempDir::new().unwrap();
    for there in names {
        let path = folder.path().join(format!("{there}.fa"));
        std::fs::write(&path, format!(">chr1\n{}\n>{there}\n{}\n", letters(50), "ACGTA".repeat(20))).unwrap();
        let genome = Genome::open(&path, Alphabet::Dna).unwrap();
        for asked in names {
            let contexts = variant_contexts(&genome, &vcf(&format!("{asked}\t51\t.\tA\tG")).unwrap(), 11).unwrap();
            assert_eq!(contexts.status, [VariantStatus::Ok], "{asked} in {there}");
            let renamed: Vec<_> = contexts.renamed.into_iter().collect();
            let expected = (asked != there).then(|| (asked.to_owned(), there.to_owned()));
            assert_eq!(renamed, Vec::from_iter(expected));
        }
        for other in ["m", "chrMito", "MTX", "X"] {
            let contexts = variant_contexts(&genome, &vcf(&format!("{other}\t51\t.\tA\tG")).unwrap(), 11).unwrap();
            assert_eq!(contexts.status, [VariantStatus::UnknownChromosome], "{other} in {there}");
        }
    }
}
