//! Motifs that are written are read again, here and by another program.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use ckn_bio::io::Source;
use ckn_bio::motif::{
    Background, Motif, MotifFile, Probabilities, read_motifs, write_homer, write_jaspar, write_meme, write_transfac,
};
use ckn_bio::{Alphabet, Error, MotifError};
use lightmotif::abc::{Dna, Protein, Symbol};
use proptest::prelude::*;

fn read(text: &[u8]) -> MotifFile {
    MotifFile::read(Source::new("in.txt", Cursor::new(text.to_vec())).unwrap()).unwrap()
}

fn meme(motifs: &[Motif], background: &Background, both_strands: bool) -> Vec<u8> {
    let mut text = Vec::new();
    write_meme(motifs, background, both_strands, &mut text).unwrap();
    text
}

fn written(write: Writer, motifs: &[Motif]) -> Vec<u8> {
    let mut text = Vec::new();
    write(motifs, &mut text).unwrap();
    text
}

type Writer = fn(&[Motif], &mut Vec<u8>) -> Result<(), Error>;

const COUNTED: [Writer; 2] = [|motifs, text| write_jaspar(motifs, text), |motifs, text| write_transfac(motifs, text)];

fn alphabets() -> impl Strategy<Value = Alphabet> {
    prop::sample::select(Alphabet::ALL.to_vec())
}

fn distribution(weights: &[u32], letters: usize) -> Vec<f64> {
    let column = |weights: &[u32]| {
        let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum::<f64>() + 1.0;
        let column: Vec<f64> =
            (0..letters).map(|a| (f64::from(weights[a]) + f64::from(u8::from(a == 0))) / total).collect();
        column
    };
    weights.chunks_exact(letters).flat_map(column).collect()
}

/// Weights of every size, zeros among them.
fn weights(letters: usize, width: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![Just(0), 0..10u32, 0..1_000_000_000u32], letters * width)
}

fn motifs(alphabet: Alphabet) -> impl Strategy<Value = Vec<Motif>> {
    let letters = alphabet.letters().len();
    let probabilities = (1usize..9)
        .prop_flat_map(move |width| weights(letters, width))
        .prop_map(move |weights| Probabilities::new(alphabet, distribution(&weights, letters)).unwrap());
    let number = || prop::option::of(prop_oneof![(1..5000u32).prop_map(f64::from), 1e-300..1e6f64]);
    let text = || prop::option::of("[!-~α-ω]{1,12}");
    let motif =
        ("[!-~α-ω\u{202e}]{1,20}", text(), probabilities, number(), number(), prop::option::of(-50.0..50.0f64), text());
    let motif = motif.prop_map(|(name, alternate, probabilities, sites, e_value, threshold, url)| Motif {
        alternate,
        sites,
        e_value,
        threshold,
        url,
        ..Motif::new(name, probabilities)
    });
    prop::collection::vec(motif, 1..5)
}

fn of_any_alphabet() -> impl Strategy<Value = (Vec<Motif>, Background, bool)> {
    alphabets().prop_flat_map(|alphabet| {
        let letters = alphabet.letters().len();
        let background = weights(letters, 1).prop_map(move |weights| {
            let frequencies: Vec<u32> = weights.iter().map(|weight| weight % 1000 + 1).collect();
            Background::new(alphabet, &distribution(&frequencies, letters)).unwrap()
        });
        (motifs(alphabet), background, any::<bool>())
    })
}

proptest! {
    #[test]
    fn meme_keeps_every_number_name_and_background((motifs, background, both_strands) in of_any_alphabet()) {
        let text = meme(&motifs, &background, both_strands);
        let file = read(&text);
        prop_assert_eq!(file.both_strands, (background.alphabet() == Alphabet::Dna).then_some(both_strands));
        prop_assert_eq!(file.background.as_ref(), Some(&background));
        let expected: Vec<Motif> = motifs.into_iter().map(|motif| Motif {
            sites: motif.sites.or(Some(20.0)),
            e_value: motif.e_value.or(Some(0.0)),
            threshold: None,
            ..motif
        }).collect();
        prop_assert_eq!(&file.motifs, &expected);
        // Written again, the text is the same.
        prop_assert_eq!(meme(&file.motifs, &background, both_strands), text);
    }

    #[test]
    fn homer_keeps_every_number_and_the_threshold(motifs in motifs(Alphabet::Dna)) {
        let first = read(&written(|motifs, text| write_homer(motifs, text), &motifs)).motifs;
        for (first, motif) in first.iter().zip(&motifs) {
            prop_assert_eq!(&first.probabilities, &motif.probabilities);
            prop_assert_eq!(&first.name, &motif.name);
            if let Some(threshold) = motif.threshold {
                prop_assert!((first.threshold.unwrap() - threshold).abs() <= 1e-14 * threshold.abs());
            }
        }
        let second = read(&written(|motifs, text| write_homer(motifs, text), &first)).motifs;
        prop_assert_eq!(second, first);
    }

    #[test]
    fn counts_keep_numbers_up_to_rounding((motifs, ..) in of_any_alphabet()) {
        for write in COUNTED {
            let file = read(&written(write, &motifs));
            prop_assert_eq!(file.motifs.len(), motifs.len());
            for (read, motif) in file.motifs.iter().zip(&motifs) {
                prop_assert_eq!((&read.name, &read.alternate), (&motif.name, &motif.alternate));
                let sites = motif.sites.unwrap_or(20.0);
                if let Some(found) = read.sites {
                    prop_assert!((found - sites).abs() <= 1e-9 * sites, "{} {}", found, sites);
                }
                for (read, value) in read.probabilities.values().iter().zip(motif.probabilities.values()) {
                    prop_assert!((read - value).abs() <= 1e-8, "{} {}", read, value);
                }
            }
        }
    }

    #[test]
    fn whole_counts_are_kept_exactly(
        (alphabet, sites, picks) in (alphabets(), 1usize..60, prop::collection::vec(any::<u32>(), 60 * 5))
    ) {
        // Each column counts the letters of the same number of sites.
        let letters = alphabet.letters().len();
        let mut counts = vec![0.0; 5 * letters];
        for (column, picks) in picks.chunks_exact(60).enumerate() {
            picks[..sites].iter().for_each(|pick| counts[column * letters + *pick as usize % letters] += 1.0);
        }
        let values = counts.iter().map(|count| count / sites as f64).collect();
        let motif = Motif { sites: Some(sites as f64), ..Motif::new("m", Probabilities::new(alphabet, values).unwrap()) };
        for write in COUNTED {
            let text = written(write, std::slice::from_ref(&motif));
            prop_assert!(!String::from_utf8_lossy(&text).contains('.'));
            prop_assert_eq!(&read(&text).motifs, std::slice::from_ref(&motif));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(>|MEME version 4\n|AC x\n)([ -~\n\t]|MOTIF |P0 A C G T\n|w= |0.5 0.5 0 0\n){0,60}") {
        let _ = Source::new("in.txt", Cursor::new(text.into_bytes())).and_then(MotifFile::read);
    }

    #[test]
    fn dna_written_as_meme_is_read_alike_by_lightmotif(motifs in motifs(Alphabet::Dna)) {
        let text = meme(&motifs, &Background::uniform(Alphabet::Dna), true);
        let theirs: Vec<_> = lightmotif_io::meme::Reader::<_, Dna>::new(Cursor::new(text)).map(Result::unwrap).collect();
        prop_assert_eq!(theirs.len(), motifs.len());
        for (theirs, motif) in theirs.iter().zip(&motifs) {
            prop_assert_eq!((theirs.id(), theirs.name()), (motif.name.as_str(), motif.alternate.as_deref()));
            prop_assert_eq!(difference::<Dna>(theirs.matrix(), motif, 1e-6), None);
        }
    }

    #[test]
    fn proteins_written_as_meme_are_read_alike_by_lightmotif(motifs in motifs(Alphabet::Protein)) {
        let text = meme(&motifs, &Background::uniform(Alphabet::Protein), true);
        let theirs: Vec<_> =
            lightmotif_io::meme::Reader::<_, Protein>::new(Cursor::new(text)).map(Result::unwrap).collect();
        prop_assert_eq!(theirs.len(), motifs.len());
        for (theirs, motif) in theirs.iter().zip(&motifs) {
            prop_assert_eq!(difference::<Protein>(theirs.matrix(), motif, 1e-6), None);
        }
    }
}

/// Where two matrices differ by more than a tolerance.
fn difference<A: lightmotif::abc::Alphabet>(
    theirs: &lightmotif::pwm::FrequencyMatrix<A>,
    motif: &Motif,
    tolerance: f64,
) -> Option<(usize, char, f32, f64)> {
    assert_eq!(theirs.matrix().rows(), motif.width());
    for (position, column) in motif.probabilities.columns().enumerate() {
        for (letter, &value) in motif.probabilities.alphabet().letters().chars().zip(column) {
            let symbol = A::Symbol::from_char(letter).unwrap();
            let their = theirs.matrix()[position][symbol.as_index()];
            if (f64::from(their) - value).abs() > tolerance {
                return Some((position, letter, their, value));
            }
        }
    }
    None
}

#[test]
fn jaspar_and_transfac_are_read_alike_by_lightmotif() {
    let counts = [[3.0, 8.0, 2.0, 11.0], [0.0, 0.0, 23.0, 1.0]];
    let values = counts.concat().iter().map(|count| count / 24.0).collect();
    let motif = Motif { sites: Some(24.0), ..Motif::new("m", Probabilities::new(Alphabet::Dna, values).unwrap()) };
    let motifs = [Motif { alternate: Some("second".into()), ..motif.clone() }, motif];
    let jaspar = written(COUNTED[0], &motifs);
    let theirs: Vec<_> =
        lightmotif_io::jaspar16::read::<_, Dna>(Cursor::new(jaspar)).map(|record| record.unwrap()).collect();
    assert_eq!(theirs.len(), 2);
    for record in &theirs {
        let matrix = record.matrix().matrix();
        for (position, column) in counts.iter().enumerate() {
            for (letter, &count) in "ACGT".chars().zip(column) {
                let symbol = <Dna as lightmotif::abc::Alphabet>::Symbol::from_char(letter).unwrap();
                assert_eq!(f64::from(matrix[position][symbol.as_index()]), count);
            }
        }
    }
    let transfac = written(COUNTED[1], &motifs);
    let theirs: Vec<_> =
        lightmotif_io::transfac::read::<_, Dna>(Cursor::new(transfac)).map(|record| record.unwrap()).collect();
    assert_eq!(theirs.len(), 2);
    for (theirs, motif) in theirs.iter().zip(&motifs) {
        assert_eq!(theirs.accession(), Some(motif.name.as_str()));
        assert_eq!(difference::<Dna>(&theirs.to_freq(0.0).unwrap(), motif, 1e-6), None);
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let of = |alphabet: Alphabet, name: &str| {
        Motif::new(name, Probabilities::new(alphabet, Background::uniform(alphabet).frequencies().to_vec()).unwrap())
    };
    let rna = of(Alphabet::Rna, "m");
    let outcome = write_homer(std::slice::from_ref(&rna), Vec::new());
    assert!(matches!(outcome, Err(Error::Motif(MotifError::FormatAlphabet { .. }))));
    let outcome = write_meme(&[rna], &Background::uniform(Alphabet::Dna), true, Vec::new());
    assert!(matches!(outcome, Err(Error::Motif(MotifError::Alphabets { .. }))));
    let nameless = [of(Alphabet::Dna, " ")];
    let outcomes = [
        write_meme(&nameless, &Background::uniform(Alphabet::Dna), true, Vec::new()),
        write_jaspar(&nameless, Vec::new()),
        write_transfac(&nameless, Vec::new()),
        write_homer(&nameless, Vec::new()),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Error::Motif(MotifError::Name { .. }))));
    }
    let mut full: &mut [u8] = &mut [0; 10];
    let outcome = write_jaspar(&[of(Alphabet::Dna, "m")], &mut full);
    assert!(matches!(outcome, Err(Error::Motif(MotifError::Write { .. }))));
}

#[test]
fn hostile_names_are_written_on_one_line() {
    let probabilities = Probabilities::new(Alphabet::Dna, vec![0.25; 4]).unwrap();
    let name = "a b\n>c\tMOTIF d\u{7}//";
    let motif = Motif { alternate: Some("e\nf".into()), url: Some("x\ny".into()), ..Motif::new(name, probabilities) };
    let motifs = [motif.clone(), motif];
    let background = Background::uniform(Alphabet::Dna);
    let texts = [
        meme(&motifs, &background, true),
        written(COUNTED[0], &motifs),
        written(COUNTED[1], &motifs),
        written(|motifs, text| write_homer(motifs, text), &motifs),
    ];
    for text in texts {
        let names: Vec<String> = read(&text).motifs.into_iter().map(|motif| motif.name).collect();
        assert_eq!(names.len(), 2);
        assert!(names.iter().all(|name| name.replace("%20", " ") == "a b%0A>c%09MOTIF d%07//"), "{names:?}");
    }
}

#[test]
fn a_motif_without_threshold_gets_a_share_of_its_best_score() {
    let probabilities = Probabilities::new(Alphabet::Dna, vec![1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0]).unwrap();
    let text = written(|motifs, text| write_homer(motifs, text), &[Motif::new("m", probabilities)]);
    // 0.6 (2 + 1) bits.
    assert!((read(&text).motifs[0].threshold.unwrap() - 1.8).abs() < 1e-12);
}

fn published(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from).join("motifs").join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {} does not exist (set CKN_DATA)", path.display());
    None
}

#[test]
fn jaspar_2020_is_read_as_lightmotif_reads_it() {
    let Some(path) = published("JASPAR2020_CORE_vertebrates.meme") else { return };
    let text = std::fs::read(&path).unwrap();
    let file = read_motifs(&path).unwrap();
    assert_eq!((file.motifs.len(), file.alphabet, file.both_strands), (746, Alphabet::Dna, Some(true)));
    let lines = |start: &str| String::from_utf8_lossy(&text).lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(file.motifs.len(), lines("MOTIF "));
    assert_eq!(file.motifs.iter().map(Motif::width).sum::<usize>(), lines(" ") + lines("\t"));
    assert_eq!(file.motifs.iter().filter(|motif| motif.url.is_some()).count(), lines("URL "));
    let theirs: Vec<_> =
        lightmotif_io::meme::Reader::<_, Dna>::new(Cursor::new(&text)).map(|record| record.unwrap()).collect();
    assert_eq!(theirs.len(), 746);
    // Columns of six digits that do not sum to one are scaled here, and not there.
    for (theirs, motif) in theirs.iter().zip(&file.motifs) {
        assert_eq!((theirs.id(), theirs.name()), (motif.name.as_str(), motif.alternate.as_deref()));
        assert_eq!(difference::<Dna>(theirs.matrix(), motif, 3e-6), None, "{}", motif.name);
    }
    let again = read(&meme(&file.motifs, file.background.as_ref().unwrap(), true));
    assert_eq!(again, file);
}

#[test]
fn rna_binding_motifs_are_read_completely() {
    let Some(path) = published("Ray2013_rbp_RNA.meme") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let file = read_motifs(&path).unwrap();
    assert_eq!((file.motifs.len(), file.alphabet, file.both_strands), (102, Alphabet::Rna, None));
    assert_eq!(text.lines().filter(|line| line.starts_with("MOTIF ")).count(), 102);
    let rows: Vec<Vec<f64>> = text
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect())
        .collect();
    let ours: Vec<&[f64]> = file.motifs.iter().flat_map(|motif| motif.probabilities.columns()).collect();
    assert_eq!(ours.len(), rows.len());
    for (ours, row) in ours.iter().zip(&rows) {
        assert!(ours.iter().zip(row).all(|(a, b)| (a - b).abs() < 3e-6), "{ours:?} {row:?}");
    }
    assert_eq!(read(&meme(&file.motifs, file.background.as_ref().unwrap(), true)), file);
}
