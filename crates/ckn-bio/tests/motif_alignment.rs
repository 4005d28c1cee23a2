//! The best alignment of two motifs, and its correlation.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::Alphabet;
use ckn_bio::motif::Probabilities;
use ckn_bio::motif::compare::best_alignment;
use ckn_bio::simulate::Strand;

const A: [f64; 4] = [1.0, 0.0, 0.0, 0.0];
const C: [f64; 4] = [0.0, 1.0, 0.0, 0.0];
const G: [f64; 4] = [0.0, 0.0, 1.0, 0.0];
const T: [f64; 4] = [0.0, 0.0, 0.0, 1.0];
const FLAT: [f64; 4] = [0.25; 4];

fn dna(columns: &[[f64; 4]]) -> Probabilities {
    Probabilities::new(Alphabet::Dna, columns.concat()).unwrap()
}

#[test]
fn two_motifs_align_where_one_was_cut_from_the_other() {
    let long = dna(&[A, C, G, T, T, A]);
    let cut = dna(&[G, T, T]);
    let aligned = best_alignment(&cut, &long, 3, true).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.strand, aligned.overlap), (2, Strand::Forward, 3));
    assert!((aligned.correlation - 1.0).abs() < 1e-12);
    let aligned = best_alignment(&long, &cut, 3, true).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.strand, aligned.overlap), (-2, Strand::Forward, 3));
    // AAC is the opposite strand of GTT, the second to fourth of TAACGT.
    let aligned = best_alignment(&dna(&[A, A, C]), &long, 3, true).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.strand, aligned.overlap), (1, Strand::Reverse, 3));
    let aligned = best_alignment(&dna(&[A, A, C]), &long, 3, false).unwrap().unwrap();
    assert!(aligned.strand == Strand::Forward && aligned.correlation < 0.7);
}

#[test]
fn correlation_is_that_of_all_probabilities_in_the_overlap() {
    let correlation = |a: &[[f64; 4]], b: &[[f64; 4]]| best_alignment(&dna(a), &dna(b), a.len(), false).unwrap();
    assert!((correlation(&[A], &[C]).unwrap().correlation + 1.0 / 3.0).abs() < 1e-12);
    // Of centred vectors (3, -1, -1, -1)/4 and (1, 1, -1, -1)/4: 4/√(12 · 4).
    let half = [0.5, 0.5, 0.0, 0.0];
    assert!((correlation(&[A], &[half]).unwrap().correlation - 1.0 / 3.0_f64.sqrt()).abs() < 1e-12);
    // A flat column on one side adds to the other's variance only: 12/√(24 · 12).
    assert!((correlation(&[A, C], &[A, FLAT]).unwrap().correlation - 0.5_f64.sqrt()).abs() < 1e-12);
    assert_eq!(correlation(&[A, C], &[FLAT, FLAT]), None);
}

#[test]
fn alignments_keep_to_the_minimal_overlap_and_prefer_long_ones() {
    // One column alone would fit at the ends, too.
    let aligned = best_alignment(&dna(&[A, C, A]), &dna(&[A, C, A]), 1, true).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.overlap, aligned.strand), (0, 3, Strand::Forward));
    // A palindrome fits on both strands: the given one.
    let aligned = best_alignment(&dna(&[A, C, G, T]), &dna(&[A, C, G, T]), 1, true).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.overlap, aligned.strand), (0, 4, Strand::Forward));
    let aligned = best_alignment(&dna(&[A, C, C]), &dna(&[G, A, A]), 1, false).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.overlap), (2, 1));
    let aligned = best_alignment(&dna(&[A, C, C]), &dna(&[G, A, A]), 2, false).unwrap().unwrap();
    assert_eq!((aligned.offset, aligned.overlap), (1, 2));
    assert_eq!(best_alignment(&dna(&[A, C]), &dna(&[A, C, G]), 3, true).unwrap(), None);
    let protein = Probabilities::new(Alphabet::Protein, vec![0.05; 20]).unwrap();
    assert!(best_alignment(&dna(&[A]), &protein, 1, false).is_err());
    assert!(best_alignment(&protein, &protein, 1, true).is_err());
}
