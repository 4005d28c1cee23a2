//! Simulated data hold what the record says.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::motif::{Motif, Probabilities};
use ckn_bio::simulate::{Planted, PlantedStrands, Positions, Simulation, Strand, demo_motifs};
use ckn_bio::{Alphabet, Error, MotifError};
use ckn_core::seed::Seed;

const ACG: [[f64; 4]; 3] = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]];

fn all_t(number: usize, length: usize) -> Simulation {
    Simulation { background: [0.0, 0.0, 0.0, 1.0], ..Simulation::new("t", number, length) }
}

fn motif(rows: &[[f64; 4]]) -> Motif {
    Motif::new("motif", Probabilities::new(Alphabet::Dna, rows.concat()).unwrap())
}

#[test]
fn planted_motifs_are_where_the_record_says_and_nowhere_else() {
    let motifs = vec![motif(&ACG), motif(&ACG[..2])];
    let simulation = Simulation { motifs, probability: 0.6, ..all_t(300, 12) };
    let simulated = simulation.run(Seed(3)).unwrap();
    let mut expected = vec!["T".repeat(12).into_bytes(); 300];
    for site in &simulated.planted {
        let letters: &[u8] = match (site.motif, site.strand) {
            (0, Strand::Forward) => b"ACG",
            (0, Strand::Reverse) => b"CGT",
            (_, Strand::Forward) => b"AC",
            (_, Strand::Reverse) => b"GT",
        };
        let place = &mut expected[site.record][site.position..site.position + letters.len()];
        assert!(place.iter().all(|&letter| letter == b'T'), "sites overlap");
        place.copy_from_slice(letters);
    }
    for record in 0..300 {
        assert_eq!(simulated.sequences.decode(record).as_bytes(), expected[record]);
    }
    // 600 trials of probability 0.6: 360 ± 12.
    assert!((310..410).contains(&simulated.planted.len()), "{}", simulated.planted.len());
    let reverse = simulated.planted.iter().filter(|site| site.strand == Strand::Reverse).count();
    assert!((130..230).contains(&reverse), "{reverse}");
}

#[test]
fn every_position_is_equally_likely() {
    let simulation = Simulation { motifs: vec![motif(&ACG)], strands: PlantedStrands::Forward, ..all_t(8000, 10) };
    let simulated = simulation.run(Seed(11)).unwrap();
    let mut counts = [0.0f64; 8];
    simulated.planted.iter().for_each(|site| counts[site.position] += 1.0);
    let chi_square: f64 = counts.iter().map(|count| (count - 1000.0).powi(2) / 1000.0).sum();
    // 99.9 % point of chi-square with 7 degrees of freedom.
    assert!(chi_square < 24.322, "{counts:?}");
    assert!(simulated.planted.iter().all(|site| site.strand == Strand::Forward));
}

#[test]
fn arrangements_of_two_motifs_are_equally_likely() {
    // Two sites of 3 and 2 letters among 8: 3 free letters, so 5 · 4 = 20 arrangements.
    let simulation = Simulation { motifs: vec![motif(&ACG), motif(&ACG[..2])], ..all_t(20_000, 8) };
    let mut counts = std::collections::BTreeMap::new();
    for pair in simulation.run(Seed(12)).unwrap().planted.chunks(2) {
        let mut sites = [(pair[0].motif, pair[0].position), (pair[1].motif, pair[1].position)];
        sites.sort_unstable();
        *counts.entry(sites).or_insert(0.0f64) += 1.0;
    }
    assert_eq!(counts.len(), 20);
    let chi_square: f64 = counts.values().map(|count| (count - 1000.0).powi(2) / 1000.0).sum();
    // 99.9 % point of chi-square with 19 degrees of freedom.
    assert!(chi_square < 43.820, "{counts:?}");
}

#[test]
fn letters_follow_their_probabilities() {
    let background = [0.1, 0.2, 0.3, 0.4];
    let simulation = Simulation { background, ..Simulation::new("b", 100, 1000) };
    let simulated = simulation.run(Seed(4)).unwrap();
    assert!(simulated.planted.is_empty());
    for (token, probability) in background.into_iter().enumerate() {
        let share = simulated.sequences.tokens().iter().filter(|&&t| usize::from(t) == token).count() as f64 / 1e5;
        // Five standard deviations of a share of 100,000 draws.
        assert!(
            (share - probability).abs() < 5.0 * (probability * (1.0 - probability) / 1e5).sqrt(),
            "{token}: {share}"
        );
    }
}

#[test]
fn a_seed_repeats_and_motifs_do_not_change_the_letters_around_them() {
    let plain = Simulation::new("peak", 30, 50);
    let with_motifs = Simulation { motifs: demo_motifs(), ..plain.clone() };
    let (a, b) = (plain.run(Seed(1)).unwrap(), with_motifs.run(Seed(1)).unwrap());
    assert_eq!(with_motifs.run(Seed(1)).unwrap(), b);
    assert_ne!(with_motifs.run(Seed(2)).unwrap(), b);
    let renamed = Simulation { name: "other".into(), ..plain }.run(Seed(1)).unwrap();
    assert_ne!(renamed.sequences.tokens(), a.sequences.tokens());
    for record in 0..30 {
        let sites: Vec<_> = b.planted.iter().filter(|site| site.record == record).collect();
        for position in 0..50 {
            let planted = sites.iter().any(|site| {
                (site.position..site.position + with_motifs.motifs[site.motif].width()).contains(&position)
            });
            assert!(planted || a.sequences.sequence(record)[position] == b.sequences.sequence(record)[position]);
        }
    }
}

#[test]
fn given_positions_are_taken() {
    let motifs = vec![motif(&ACG), motif(&ACG[..2])];
    let given = |starts: &[usize]| Simulation {
        positions: Positions::Given(starts.to_vec()),
        strands: PlantedStrands::Forward,
        motifs: motifs.clone(),
        ..all_t(1, 6)
    };
    assert_eq!(given(&[2, 0]).run(Seed(1)).unwrap().sequences.decode(0), "ACACGT");
    for starts in [[4, 0], [0, 2], [1, 1], [0, usize::MAX]] {
        assert!(matches!(given(&starts).run(Seed(1)), Err(Error::MotifPosition { .. })), "{starts:?}");
    }
    assert!(matches!(given(&[1]).run(Seed(1)), Err(Error::Parameter { name: "number of positions", .. })));
}

#[test]
fn the_demo_motifs_are_an_e_box_and_a_longer_one() {
    let motifs = demo_motifs();
    assert_eq!(motifs.iter().map(Motif::width).collect::<Vec<_>>(), [10, 14]);
    assert_eq!(motifs[0].probabilities.consensus(), "GTCACGTGAC");
    assert_eq!(motifs[0].reverse_complement().unwrap(), motifs[0]);
    assert_ne!(motifs[1].reverse_complement().unwrap(), motifs[1]);
}

#[test]
fn impossible_simulations_are_refused() {
    let of_rna = Motif::new("m", Probabilities::new(Alphabet::Rna, ACG.concat()).unwrap());
    let mixed = Simulation { motifs: vec![motif(&ACG), of_rna], ..all_t(1, 8) };
    assert!(matches!(mixed.run(Seed(1)), Err(Error::Motif(MotifError::Alphabets { .. }))));
    let wide = Simulation { motifs: vec![motif(&ACG); 3], ..all_t(1, 8) };
    assert!(matches!(wide.run(Seed(1)), Err(Error::MotifsTooWide { width: 9, length: 8 })));
    for probability in [-0.1, 1.1, f64::NAN] {
        assert!(Simulation { probability, ..all_t(1, 8) }.run(Seed(1)).is_err());
    }
    assert!(Simulation { background: [0.5; 4], ..all_t(1, 8) }.run(Seed(1)).is_err());
}

#[test]
fn the_numbers_of_a_seed_stay_as_they_were() {
    let simulation = Simulation { motifs: demo_motifs(), ..Simulation::new("peak", 50, 101) };
    let simulated = simulation.run(Seed(7)).unwrap();
    // FNV-1a.
    let hash = |bytes: &mut dyn Iterator<Item = u8>| {
        bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let letters = hash(&mut simulated.sequences.tokens().iter().copied());
    let site = |site: &Planted| {
        [site.record as u8, site.motif as u8, site.position as u8, u8::from(site.strand == Strand::Reverse)]
    };
    let sites = hash(&mut simulated.planted.iter().flat_map(site));
    assert_eq!((letters, sites), (14_719_574_862_182_619_091, 10_207_996_589_641_833_122));
}
