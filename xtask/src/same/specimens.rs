//! Specimens that the commands read: sequences with a planted site, a genome, variants, motifs, tables of labels.
//!
//! They are made here from a seed, by nothing that the compared programs share.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::pictures;

const SITE: &str = "GTCACGTGAC";
const OTHER_SITE: &str = "TTGCGCAA";
/// Letters of a sequence.
const LENGTH: usize = 50;

/// Steele, Lea and Flood's SplitMix64: every stream that specimens come from.
#[derive(Debug)]
pub(super) struct Stream(pub(super) u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    fn letters(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// A sequence with a site, of which one letter in eight is another.
    fn with_site(&mut self, site: &str, length: usize) -> String {
        let mut sequence = self.letters("ACGT", length);
        let start = self.below(length - site.len());
        for (offset, letter) in site.chars().enumerate() {
            if self.below(8) > 0 {
                let place = start + offset;
                sequence.replace_range(place..=place, letter.encode_utf8(&mut [0; 4]));
            }
        }
        sequence
    }

    fn sequences(&mut self, count: usize, site: Option<&str>) -> Vec<String> {
        let mut sequence = |_| match site {
            Some(site) => self.with_site(site, LENGTH),
            None => self.letters("ACGT", LENGTH),
        };
        (0..count).map(&mut sequence).collect()
    }
}

/// Writes all specimens into a folder.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let put = |name: &str, content: &[u8]| {
        fs::write(folder.join(name), content).with_context(|| format!("cannot write {name} to {}", folder.display()))
    };
    let mut stream = Stream(1);
    let (bound, unbound) = (stream.sequences(120, Some(SITE)), stream.sequences(120, None));
    put("bound.fa", fasta("bound", &bound).as_bytes())?;
    put("unbound.fa", fasta("unbound", &unbound).as_bytes())?;
    put("few_bound.fa", fasta("bound", &bound[..30]).as_bytes())?;
    put("few_unbound.fa", fasta("unbound", &unbound[..30]).as_bytes())?;
    put("test_bound.fa", fasta("test_bound", &stream.sequences(60, Some(SITE))).as_bytes())?;
    put("test_unbound.fa", fasta("test_unbound", &stream.sequences(60, None)).as_bytes())?;
    let mut gzipped = GzEncoder::new(File::create(folder.join("bound.fa.gz"))?, Compression::default());
    gzipped.write_all(fasta("bound", &bound).as_bytes())?;
    gzipped.finish()?;
    put("rna.fa", fasta("rna", &bound).replace('T', "U").as_bytes())?;
    put("short.fa", format!(">a\nGTCACG\n>b\nACG\n>c\nN\n{}", fasta("bound", &bound[..60])).as_bytes())?;
    put("odd.fa", odd(&mut stream).as_bytes())?;
    put("bad.fa", b">good\nACGTACGTACGTACGT\n>bad\nACGTACGT!CGTACGT\n")?;
    put("duplicates.fa", format!(">a\n{}\n>a\n{}\n", bound[0], bound[1]).as_bytes())?;
    put("empty.fa", b"")?;
    put("gkm.model.txt", gkm(&bound, &unbound).as_bytes())?;
    put("words.tsv", b"AAC\t0.5\nACG\t-1.25\nCGT\t-1.25\nGAC\t2\n")?;
    tables(&put, &mut stream, &bound, &unbound)?;
    genome(&put, &mut stream)?;
    put("known.meme", motifs(&["MA0001 first", "MA0002 second", "MA0003 third", "MA0004 fourth"], 3).as_bytes())?;
    put("query.meme", motifs(&["q1", "q2"], 5).as_bytes())?;
    put("known.jaspar", JASPAR.as_bytes())?;
    put("known.homer", HOMER.as_bytes())?;
    put("known.transfac", TRANSFAC.as_bytes())?;
    pictures::write(folder)
}

fn fasta(name: &str, sequences: &[String]) -> String {
    let records = sequences.iter().enumerate();
    records.fold(String::new(), |text, (number, letters)| text + &format!(">{name}_{number}\n{letters}\n"))
}

/// Sequences of several lengths, with unknown letters, lower case, and sites at both ends and on both strands.
fn odd(stream: &mut Stream) -> String {
    let letters = stream.letters("ACGT", 40);
    format!(
        ">plain\n{}\n>long second name\n{}\n>unknown\n{}NNNNN{SITE}N{}\n>lower\n{}\n>at_start\n{SITE}{letters}\n\
         >at_end\n{letters}{SITE}\n>twice\n{SITE}{letters}{SITE}\n>other\n{letters}{OTHER_SITE}\n>mixture\n{letters}RYSWK\n",
        stream.with_site(SITE, 50),
        stream.with_site(SITE, 71),
        stream.letters("ACGT", 15),
        stream.letters("ACGT", 15),
        stream.with_site(SITE, 40).to_lowercase(),
    )
}

fn tables(
    put: &impl Fn(&str, &[u8]) -> anyhow::Result<()>,
    stream: &mut Stream,
    bound: &[String],
    unbound: &[String],
) -> anyhow::Result<()> {
    let mut deepbind = String::from("FoldID\tEventID\tseq\tBound\n");
    let mut classes = String::from("sequence\tlabel\n");
    let mut affinities = String::from("sequence,label\n");
    let mut wide = String::from("sequence\tlabel:A\tlabel:B\n");
    let mut long = String::from("sequence\ttask\tlabel\n");
    let mut families = String::from("id\tsequence\tlabel\tgroup\n");
    let other = stream.sequences(80, Some(OTHER_SITE));
    for (number, (first, second)) in bound.iter().zip(unbound).take(80).enumerate() {
        let third = &other[number];
        writeln!(deepbind, "A\tpeak_{number}\t{first}\t1")?;
        write!(classes, "{first}\t1\n{second}\t0\n{third}\t2\n")?;
        let noise = stream.below(100) as f64 / 100.0;
        write!(affinities, "{first},{:.2}\n{second},{:.2}\n", 2.0 + noise, noise - 1.0)?;
        let unknown = ["NA", "", ".", "0"][number % 4];
        write!(wide, "{first}\t1\t{unknown}\n{second}\t0\t0\n{third}\t{unknown}\t1\n")?;
        write!(long, "{first}\tA\t1\n{second}\tA\t0\n{third}\tB\t1\n{second}\tB\t0\n")?;
        let family = number % 5;
        write!(families, "b{number}\t{first}\t1\tfamily_{family}\nu{number}\t{second}\t0\tfamily_{family}\n")?;
    }
    // The same letters, and their reverse complement, in two groups: a split must see the leaks.
    writeln!(families, "leak\t{}\t1\tfamily_1\nturned\t{}\t1\tfamily_2", bound[0], reverse_complement(&bound[1]))?;
    put("bound.seq", deepbind.as_bytes())?;
    put("classes.tsv", classes.as_bytes())?;
    put("affinities.tsv", affinities.as_bytes())?;
    put("tasks.tsv", wide.as_bytes())?;
    put("tasks_long.tsv", long.as_bytes())?;
    put("families.tsv", families.as_bytes())?;
    let mut peptides = String::from("sequence\tlabel\n");
    for _ in 0..60 {
        let mut peptide = || stream.letters("ACDEFGHIKLMNPQRSTVWY", 14);
        let (first, second) = (peptide(), peptide());
        write!(peptides, "{}RGDKW{}\t1\n{second}\t0\n", &first[..5], &first[5..])?;
    }
    put("peptides.tsv", peptides.as_bytes())?;
    put("short_peptides.tsv", (peptides + "RGDK\t1\n").as_bytes())?;
    put(
        "experiments.tsv",
        b"name\tpos\tneg\tfilters\twidth\tepochs\tpooling\ttest-pos\ttest-neg\n\
          # a comment\n\
          one\tbound.fa\tunbound.fa\t6\t8\t2\tmax\ttest_bound.fa\ttest_unbound.fa\n\
          two\tbound.fa\tunbound.fa\t4\t8\t1\tmean\ttest_bound.fa\ttest_unbound.fa\n\
          wrong\tnothing.fa\tunbound.fa\t4\t8\t1\tmean\ttest_bound.fa\ttest_unbound.fa\n",
    )?;
    let row = |number: usize| format!("set_{number}\t0.{}\t0.{}\n", 80 + number * 7 % 19, 79 + number * 5 % 17);
    put("aurocs.tsv", ((0..12).map(row).fold("set\tckn\tother\n".to_owned(), |text, row| text + &row)).as_bytes())
}

/// A model of LS-GKM of ten vectors.
fn gkm(bound: &[String], unbound: &[String]) -> String {
    let head = "svm_type c_svc\nkernel_type gkm_esttrunc\nL 8\nk 5\nd 3\nnr_class 2\ntotal_sv 10\nrho 0.125\nlabel 1 -1\nnr_sv 5 5\nSV\n";
    let line = |text: String, (sequence, sign): (&String, &str)| text + sign + "0.5 " + sequence + "\n";
    let positives = bound[..5].iter().map(|sequence| (sequence, ""));
    positives.chain(unbound[..5].iter().map(|sequence| (sequence, "-"))).fold(head.to_owned(), line)
}

fn reverse_complement(letters: &str) -> String {
    let complement = |letter| match letter {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        other => other,
    };
    letters.chars().rev().map(complement).collect()
}

fn genome(put: &impl Fn(&str, &[u8]) -> anyhow::Result<()>, stream: &mut Stream) -> anyhow::Result<()> {
    let mut chromosomes: Vec<(&str, String)> = Vec::new();
    let mut peaks = String::new();
    for (name, length) in [("chrA", 4000), ("chrB", 3000), ("chrC", 1500)] {
        let mut letters = stream.letters("ACGT", length);
        for (number, start) in (100..length - 150).step_by(90).enumerate() {
            letters.replace_range(start + 20..start + 70, &stream.with_site(SITE, 50));
            let end = start + 80;
            writeln!(peaks, "{name}\t{start}\t{end}\tpeak_{number}\t100\t.\t5\t-1\t-1\t{}", 38 + number % 5)?;
        }
        letters.replace_range(30..60, &"N".repeat(30));
        chromosomes.push((name, letters));
    }
    peaks.push_str("chrC\t1490\t1500\tlast\t1\t.\t1\t-1\t-1\t9\nchrQ\t1\t100\tnowhere\t1\t.\t1\t-1\t-1\t50\n");
    put("peaks.narrowPeak", peaks.as_bytes())?;
    let other = (0..40).map(|_| stream.below(2900)).map(|start| format!("chrB\t{start}\t{}\n", start + 60));
    put("others.bed", other.collect::<String>().as_bytes())?;
    let text = |chromosomes: &[(&str, String)]| {
        chromosomes.iter().fold(String::new(), |text, (name, letters)| {
            let (upper, lower) = letters.split_at(letters.len() / 2);
            format!("{text}>{name} a chromosome\n{upper}\n{}\n", lower.to_lowercase())
        })
    };
    put("genome.fa", text(&chromosomes).as_bytes())?;
    put("genome.2bit", &two_bit(&chromosomes))?;
    put("long_genome.fa", format!(">chrL\n{}\n", stream.letters("ACGT", 60_000)).as_bytes())?;
    put("small_genome.fa", format!(">chrS\n{}\n", &chromosomes[2].1[..400]).as_bytes())?;
    variants(put, &chromosomes[0].1)
}

/// Variants of a chromosome, and some that cannot be scored.
fn variants(put: &impl Fn(&str, &[u8]) -> anyhow::Result<()>, letters: &str) -> anyhow::Result<()> {
    let mut calls = String::from("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    let mut table = String::from("chrom\tpos\tref\talt\tid\n");
    for place in (140..1600).step_by(97) {
        let reference = &letters[place..=place];
        let alternative = if reference == "A" { "C" } else { "A" };
        writeln!(calls, "chrA\t{}\tv{place}\t{reference}\t{alternative},T{reference}\t.\t.\t.", place + 1)?;
        writeln!(table, "chrA\t{}\t{reference}\t{alternative}\ts{place}", place + 1)?;
        let two = &letters[place + 2..place + 4];
        writeln!(calls, "A\t{}\t.\t{two}\t{}\t.\t.\t.", place + 3, &two[..1])?;
    }
    let wrong = if &letters[500..501] == "G" { "C" } else { "G" };
    let at_end = &letters[..1];
    write!(
        calls,
        "chrA\t501\twrong\t{wrong}\tA\t.\t.\t.\nchrA\t1\tend\t{at_end}\tAC\t.\t.\t.\nchrA\t601\tsymbol\tA\t<DEL>\t.\t.\t.\n\
         chrA\t602\tnone\tA\t.\t.\t.\t.\nchrX\t5\tunknown\tA\tC\t.\t.\t.\nchrA\t90000\toutside\tA\tC\t.\t.\t.\n"
    )?;
    put("calls.vcf", calls.as_bytes())?;
    put("snps.tsv", table.as_bytes())
}

/// UCSC's packed form: records of letters, runs of N, no lower case.
fn two_bit(chromosomes: &[(&str, String)]) -> Vec<u8> {
    let number = |value: usize| (value as u32).to_le_bytes();
    let mut file: Vec<u8> = [0x1a41_2743, 0, chromosomes.len(), 0].into_iter().flat_map(number).collect();
    let index: usize = chromosomes.iter().map(|(name, _)| name.len() + 5).sum();
    let mut place = file.len() + index;
    let mut bodies = Vec::new();
    for (name, letters) in chromosomes {
        let code = |letter: &u8| match letter {
            b'C' => 1,
            b'A' => 2,
            b'G' => 3,
            _ => 0,
        };
        let pack = |four: &[u8]| (0..4).fold(0, |byte, at| byte << 2 | four.get(at).map_or(0, code));
        let mut body: Vec<u8> = [letters.len(), 1, 30, 30, 0, 0].into_iter().flat_map(number).collect();
        body.extend(letters.as_bytes().chunks(4).map(pack));
        file.push(name.len() as u8);
        file.extend(name.as_bytes());
        file.extend(number(place));
        place += body.len();
        bodies.extend(body);
    }
    file.extend(bodies);
    file
}

/// A MEME file of motifs: the site, a weaker site, and random columns.
fn motifs(names: &[&str], seed: u64) -> String {
    let mut stream = Stream(seed);
    let mut text = String::from(
        "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\n",
    );
    for (number, name) in names.iter().enumerate() {
        let consensus = [SITE.to_owned(), OTHER_SITE.to_owned(), stream.letters("ACGT", 7)].into_iter().nth(number);
        let consensus = consensus.unwrap_or_else(|| stream.letters("ACGT", 9));
        text += &format!("\nMOTIF {name}\nletter-probability matrix: alength= 4 w= {} nsites= 20\n", consensus.len());
        for letter in consensus.chars() {
            let high = 85 - 10 * stream.below(3);
            let row = ['A', 'C', 'G', 'T'].map(|one| if one == letter { high } else { (100 - high) / 3 });
            let left = 100 - row.iter().sum::<usize>();
            let cells = row.map(|share| format!("0.{:02}", if share == high { share + left } else { share }));
            text += &format!(" {}\n", cells.join(" "));
        }
    }
    text
}

const JASPAR: &str = ">MA0005.1 fifth\n\
                      A [ 0 1 18 0 19 0 ]\nC [ 1 18 1 20 0 1 ]\nG [ 18 0 1 0 1 19 ]\nT [ 1 1 0 0 0 0 ]\n\
                      >MA0006.1 sixth\nA [ 5 10 0 ]\nC [ 5 0 0 ]\nG [ 5 0 20 ]\nT [ 5 10 0 ]\n";
const HOMER: &str = ">CACGTG\tseventh\t5.0\n0.1\t0.7\t0.1\t0.1\n0.8\t0.1\t0.05\t0.05\n0.05\t0.85\t0.05\t0.05\n\
                     0.05\t0.05\t0.85\t0.05\n0.05\t0.05\t0.05\t0.85\n0.1\t0.1\t0.7\t0.1\n";
const TRANSFAC: &str = "ID eighth\nXX\nP0 A C G T\n01 0 20 0 0 C\n02 18 1 1 0 A\n03 1 17 1 1 C\n04 0 0 20 0 G\n\
                        05 2 2 2 14 T\nXX\n//\n";
