//! Published files, where there are any: `CKN_DATA`, or `../shared/data` beside the workspace.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};

use ckn_bio::{Alphabet, io, shuffle};
use ckn_core::seed::Seed;

fn data_folder(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} does not exist (set CKN_DATA)", folder.display());
    None
}

#[test]
fn encode_tables_have_the_rows_that_zcat_counts() {
    let Some(folder) = data_folder("encode") else { return };
    // `zcat FILE | tail -n +2 | wc -l`, and `| cut -f3 | tr -d '\n' | wc -c`.
    let table = [
        ("ELK1_GM12878_ELK1_(1277-1)_Stanford_AC.seq.gz", 5084, 513_484),
        ("FOXA1_HepG2_FOXA1_(SC-101058)_HudsonAlpha_AC.seq.gz", 42_614, 4_304_014),
        ("MYC_H1-hESC_c-Myc_Stanford_AC.seq.gz", 4051, 409_151),
    ];
    for (name, rows, letters) in table {
        let labelled =
            io::delimited::read_labelled(folder.join(name), Alphabet::Dna, &io::Columns::seq_table()).unwrap();
        assert_eq!((labelled.len(), labelled.sequences().tokens().len()), (rows, letters), "{name}");
        assert!(labelled.labels().iter().all(|&label| label == 1.0));
        assert_eq!(labelled.sequences().unknown_count(), 0);
        labelled.sequences().check_unique_ids().unwrap();
        assert!(labelled.sequences().iter().all(|tokens| tokens.len() >= 101));
        assert_eq!(&io::read_sequences(folder.join(name), Alphabet::Dna).unwrap(), labelled.sequences());
    }
}

#[test]
fn encode_test_negatives_could_be_shuffles_of_ours() {
    let Some(folder) = data_folder("encode") else { return };
    let path = folder.join("ELK1_GM12878_ELK1_(1277-1)_Stanford_B.seq.gz");
    let labelled = io::read_labelled(path, Alphabet::Dna).unwrap();
    let of_class =
        |class: f64| -> Vec<usize> { (0..labelled.len()).filter(|&i| labelled.labels()[i] == class).collect() };
    let positives = labelled.select(&of_class(1.0)).unwrap().sequences().clone();
    let theirs = labelled.select(&of_class(0.0)).unwrap().sequences().clone();
    let ours = shuffle::shuffled_negatives(&positives, 2, 1, Seed(1)).unwrap();
    assert_eq!((positives.len(), theirs.len()), (500, 500));
    let composition = |set: &ckn_bio::EncodedSequences| {
        let mut all: Vec<Vec<usize>> = set
            .iter()
            .map(|tokens| {
                let mut counts = vec![0; 16];
                tokens.windows(2).for_each(|pair| counts[usize::from(4 * pair[0] + pair[1])] += 1);
                counts
            })
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(composition(&ours), composition(&theirs));
    let same = (0..500).filter(|&record| ours.sequence(record) == positives.sequence(record)).count();
    assert_eq!(same, 0);
}

#[test]
fn rna_and_protein_files_have_the_records_and_letters_that_grep_counts() {
    // `zcat FILE | grep -c '>'`, and `zcat FILE | grep -v '>' | tr -d '\r\n ' | wc -c`.
    let table = [
        ("rna/pum2.train.positive.fa.gz", Alphabet::Rna, 3888, 777_600),
        ("protein/AMP_train_common.fa.gz", Alphabet::Protein, 3338, 101_640),
        ("protein/non_AMP_test_balanced.fa.gz", Alphabet::Protein, 835, 25_981),
    ];
    for (name, alphabet, records, letters) in table {
        let Some(folder) = data_folder(name.split('/').next().unwrap_or_default()) else { return };
        let path = folder.parent().unwrap().join(name);
        let sequences = io::read_sequences(&path, alphabet).unwrap();
        assert_eq!((sequences.len(), sequences.tokens().len()), (records, letters), "{name}");
        if alphabet == Alphabet::Protein {
            let message = io::read_sequences(&path, Alphabet::Dna).unwrap_err().to_string();
            assert!(message.contains("is this protein? choose that alphabet"), "{message}");
        }
    }
}
