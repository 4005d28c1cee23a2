//! Networks whose anchors are known by hand: what is read from them is known, too.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use ckn_bio::motif::compare::best_alignment;
use ckn_bio::motif::{Background, Motif, Probabilities};
use ckn_bio::simulate::{PlantedStrands, Positions, Simulation};
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::kernel::DotProductKernel;
use ckn_core::loss::Loss;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;
use ckn_interpret::{
    HeldOut, MotifDirection, ReadingSettings, Weights, combinations, count_motifs, evidence, held_out_anchors,
    project_motifs, without,
};
use ckn_model::{LayerConfig, LinearHead, Model, ModelCard, Network, NetworkConfig};

const WIDTH: usize = 8;

fn card() -> ModelCard {
    ModelCard {
        alphabet: "dna".into(),
        letters: "ACGT".into(),
        loss: Loss::Logistic,
        outputs: Vec::new(),
        classes: Vec::new(),
        pad_short: false,
        seed: 0,
        data: BTreeMap::new(),
        lengths: None,
        training: Default::default(),
        measured: BTreeMap::new(),
        held_out: None,
    }
}

/// One-hot anchors of words, `[filters, letters, width]`.
fn words(words: &[&str]) -> Vec<f32> {
    let mut anchors = vec![0f32; words.len() * 4 * WIDTH];
    for (anchor, word) in anchors.chunks_exact_mut(4 * WIDTH).zip(words) {
        for (position, letter) in word.chars().enumerate() {
            anchor["ACGT".find(letter).unwrap() * WIDTH + position] = 1.0;
        }
    }
    anchors
}

fn model(of: &[&str], weights: &[f64]) -> Model {
    let kernel = DotProductKernel::Exponential { sigma: 0.3 };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters: of.len(), width: WIDTH, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Max,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-6 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    let network = Network::new(config.check().unwrap(), vec![words(of)]).unwrap();
    Model::of_network(network, vec![LinearHead::new(weights.to_vec(), -1.0).unwrap()], card()).unwrap()
}

/// A motif of a word, each letter with a probability of 0.91.
fn motif(word: &str) -> Motif {
    let column = |letter: char| "ACGT".chars().map(move |other| if other == letter { 0.91 } else { 0.03 });
    Motif::new(word, Probabilities::new(Alphabet::Dna, word.chars().flat_map(column).collect()).unwrap())
}

fn simulated(name: &str, motifs: &[Motif], number: usize) -> EncodedSequences {
    let mut simulation = Simulation::new(name, number, 80);
    (simulation.motifs, simulation.strands, simulation.positions) =
        (motifs.to_vec(), PlantedStrands::Both, Positions::Uniform);
    simulation.run(Seed(4)).unwrap().sequences
}

fn correlation(first: &Probabilities, second: &Probabilities) -> f64 {
    best_alignment(first, second, 6, true).unwrap().unwrap().correlation
}

#[test]
fn the_function_at_well_separated_anchors_is_their_weight() {
    let model = model(&["ACGTACCA", "TTGGCATG", "GGGTTTAC"], &[2.0, -0.5, 0.01]);
    let weights = Weights::of(model.network().unwrap(), 0).unwrap();
    for (anchor, want) in [2.0, -0.5, 0.01].into_iter().enumerate() {
        assert!((weights.function.as_ref().unwrap()[anchor] - want).abs() < 0.02);
        assert_eq!(weights.coordinate[anchor], want);
    }
    // 0.05 of the largest, whatever the sign.
    assert!(weights.matters(0) && weights.matters(1) && !weights.matters(2));
    assert!(Weights::of(model.network().unwrap(), 1).is_err());
}

#[test]
fn shifted_turned_and_doubled_anchors_are_one_motif() {
    // Two windows of TTACGGCATG, one of its reverse complement, and another motif.
    let model = model(&["TTACGGCA", "ACGGCATG", "CATGCCGT", "GGGTTTAC"], &[3.0, 2.5, 2.0, 2.2]);
    let settings = ReadingSettings { by_function: false, ..ReadingSettings::default() };
    let found = project_motifs(model.network().unwrap(), &settings).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].motif.probabilities.consensus(), "TTACGGCATG");
    assert_eq!(found[0].anchors, [0, 1, 2]);
    assert_eq!((found[1].motif.name.as_str(), found[1].anchors.as_slice()), ("motif_2", &[3][..]));
    assert!(found[0].distance.unwrap() < 1e-6);
}

#[test]
fn anchors_that_lower_the_score_or_hardly_matter_are_not_shown() {
    let model = model(&["ACGTACCA", "TTGGCATG", "GGGTTTAC"], &[2.0, -2.0, 0.05]);
    let found = project_motifs(model.network().unwrap(), &ReadingSettings::default()).unwrap();
    assert_eq!(found.iter().map(|motif| motif.anchors.clone()).collect::<Vec<_>>(), [[0]]);
}

#[test]
fn plain_projections_are_of_anchors_that_lower_the_score_too() {
    let model = model(&["ACGTACCA", "TTGGCATG", "GGGTTTAC"], &[2.0, -2.5, -0.05]);
    let settings = ReadingSettings { by_function: false, ..ReadingSettings::default() };
    let found = project_motifs(model.network().unwrap(), &settings).unwrap();
    let read: Vec<_> = found.iter().map(|motif| (&motif.anchors[..], motif.direction, motif.weight)).collect();
    let directions = (MotifDirection::Enriched, MotifDirection::Depleted);
    assert_eq!(read, [(&[0][..], directions.0, 2.0), (&[1][..], directions.1, -2.5)]);
    assert_eq!(found[1].motif.probabilities.consensus(), "TTGGCATG");
    assert_eq!(found[1].motif.name, "motif_2");
}

#[test]
fn sites_and_evidence_are_those_of_the_planted_motif() {
    let planted = [motif("GATTACAGCC"), motif("CCGGTTAA")];
    let (positives, negatives) = (simulated("with", &planted, 300), simulated("without", &[], 300));
    let model = model(&["ATTACAGC", "CCGGTTAA", "TGTGTGTG"], &[3.0, 2.0, 1.0]);
    let found = count_motifs(model.network().unwrap(), &positives, &ReadingSettings::default()).unwrap();
    for planted in &planted {
        let best = found.iter().map(|found| correlation(&found.motif.probabilities, &planted.probabilities));
        assert!(best.fold(0.0, f64::max) > 0.98, "{found:?}");
    }
    // The window was of 8 letters, the site is of 10.
    assert_eq!(found[0].motif.probabilities.consensus(), "GATTACAGCC");
    let bits = |matrix: &Probabilities| -> f64 {
        matrix.information(&Background::uniform(Alphabet::Dna)).unwrap().iter().sum()
    };
    let ratio = bits(&found[0].motif.probabilities) / bits(&planted[0].probabilities);
    assert!((0.9..1.1).contains(&ratio), "{ratio}");

    let held_out = HeldOut { positives: &simulated("other", &planted, 200), negatives: &negatives };
    let judged = evidence(Some((model.network().unwrap().into(), 0)), &found, held_out, true, Seed(0)).unwrap();
    assert!(judged[0].q_value < 1e-30 && judged[1].q_value < 1e-30);
    // Either motif alone tells nearly all.
    assert!(judged[0].uniqueness.unwrap() > 0.0 && judged[0].uniqueness.unwrap() < 0.1);
    assert!(found.iter().zip(&judged).skip(2).all(|(_, evidence)| evidence.q_value > 1e-3), "{judged:?}");
    // Where nothing is planted nothing is found.
    let nothing = HeldOut { positives: &simulated("nothing", &[], 200), negatives: &negatives };
    assert!(evidence(None, &found, nothing, true, Seed(0)).unwrap().iter().all(|evidence| evidence.q_value > 1e-3));
}

#[test]
fn an_anchor_that_repeats_another_one_knows_nothing_beside_it() {
    let planted = [motif("GATTACAG")];
    let mut sequences = simulated("with", &planted, 150);
    sequences.extend(&simulated("without", &[], 150)).unwrap();
    let labels: Vec<f64> = (0..300).map(|record| f64::from(record < 150)).collect();
    let records: Vec<usize> = (0..300).collect();
    let model = model(&["GATTACAG", "ATTACAGC", "TGTGTGTG"], &[3.0, 2.0, 1.0]);
    let held_out = held_out_anchors(model.network().unwrap(), sequences.view(), &labels, &records).unwrap().unwrap();
    assert_eq!((held_out.positives, held_out.negatives), (150, 150));
    assert!(held_out.auroc[0] > 0.9 && held_out.auroc[1] > 0.8 && held_out.auroc[2] < 0.6);
    assert!(held_out.beside[0] == held_out.auroc[0] && held_out.beside[1] < 0.6, "{held_out:?}");
    assert!(held_out_anchors(model.network().unwrap(), sequences.view(), &vec![1.0; 300], &records).unwrap().is_none());
}

#[test]
fn without_an_anchor_only_what_is_its_own_is_lost() {
    let sequences = simulated("with", &[motif("GATTACAG")], 40);
    // The second is the first but for its last letter. What stays says what the function says at its anchor.
    let full = model(&["GATTACAG", "GATTACAC", "CCGTGTCT"], &[2.0, 0.5, 1.0]);
    let rest = without(full.network().unwrap(), &[0, 2]).unwrap().unwrap();
    assert_eq!(rest.network().layers()[0].anchors(), &full.network().unwrap().network().layers()[0].anchors()[32..64]);
    let at_anchor = Weights::of(full.network().unwrap(), 0).unwrap().function.unwrap()[1];
    assert!((rest.heads()[0].weights()[0] - at_anchor).abs() < 1e-5 * at_anchor);
    assert_eq!(rest.heads()[0].intercept(), full.network().unwrap().heads()[0].intercept());
    // Nothing removed, nothing lost.
    let same = without(full.network().unwrap(), &[]).unwrap().unwrap();
    let (before, after) = (full.scores(sequences.view()).unwrap(), same.scores(sequences.view(), false).unwrap());
    before.iter().zip(&after).for_each(|(a, b)| assert!((a - b).abs() < 1e-3, "{a} {b}"));
    assert!(without(full.network().unwrap(), &[0, 1, 2]).unwrap().is_none());
}

#[test]
fn a_second_layer_is_told_by_the_anchors_it_answers_to() {
    let kernel = |sigma| DotProductKernel::Exponential { sigma };
    let config = NetworkConfig {
        letters: 4,
        layers: vec![
            LayerConfig { filters: 2, width: WIDTH, kernel: kernel(0.3), subsampling: 3 },
            LayerConfig { filters: 1, width: 2, kernel: kernel(0.6), subsampling: 1 },
        ],
        pooling: Pooling::Max,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-6 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    // The second layer wants the second anchor first, and the first one after it: `[filters, channels, width]`.
    let anchors = vec![words(&["ACGTACCA", "TTGGCATG"]), vec![0.0, 1.0, 1.0, 0.0]];
    let network = Network::new(config.check().unwrap(), anchors).unwrap();
    let model = Model::of_network(network, vec![LinearHead::new(vec![1.5], 0.0).unwrap()], card()).unwrap();
    let found = combinations(model.network().unwrap(), 0).unwrap();
    assert_eq!((found.len(), found[0].spacing, found[0].weight), (1, 3, 1.5));
    let strongest: Vec<usize> = found[0].positions.iter().map(|responses| responses[0].anchor).collect();
    assert_eq!(strongest, [1, 0]);
    assert_eq!(found[0].positions[0][0].word, "TTGGCATG");
    assert!((found[0].positions[0][0].strength - 0.5f64.sqrt()).abs() < 0.01);
    let weights = Weights::of(model.network().unwrap(), 0).unwrap();
    assert!(weights.function.is_none() && weights.coordinate.iter().all(|weight| *weight > 1.0));
}
