//! Machines that are known by hand, and ensembles: motifs of what their scores are made of.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_bio::motif::compare::best_alignment;
use ckn_bio::motif::{Motif, Probabilities};
use ckn_bio::simulate::{PlantedStrands, Positions, Simulation};
use ckn_bio::{Alphabet, EncodedSequences, LabelledSequences};
use ckn_core::loss::Loss;
use ckn_core::mismatch::Profile;
use ckn_core::seed::Seed;
use ckn_interpret::{
    Error, JudgedMotif, MotifReading, MotifSequences, MotifSource, ReadingSettings, contribution_motifs, word_motifs,
};
use ckn_model::{Ensemble, KernelMachine, Model, ModelCard, SequenceKernel};
use rand::RngExt;
use rand::seq::SliceRandom;

/// A motif of a word, each letter with a probability of 0.91.
fn motif(alphabet: Alphabet, word: &str) -> Motif {
    let letters = alphabet.letters();
    let rest = 0.09 / (letters.len() - 1) as f64;
    let column = |letter: char| letters.chars().map(move |other| if other == letter { 0.91 } else { rest });
    Motif::new(word, Probabilities::new(alphabet, word.chars().flat_map(column).collect()).unwrap())
}

fn dna(word: &str) -> Motif {
    motif(Alphabet::Dna, word)
}

fn simulated(name: &str, motifs: &[Motif], number: usize) -> EncodedSequences {
    let mut simulation = Simulation::new(name, number, 80);
    (simulation.motifs, simulation.strands, simulation.positions) =
        (motifs.to_vec(), PlantedStrands::Both, Positions::Uniform);
    simulation.run(Seed(4)).unwrap().sequences
}

/// Sequences with motifs, then as many without.
fn labelled(name: &str, motifs: &[Motif], number: usize) -> LabelledSequences {
    let (positives, negatives) = (simulated(name, motifs, number), simulated(&format!("not {name}"), &[], number));
    LabelledSequences::from_classes(&positives, &negatives).unwrap()
}

fn card(alphabet: Alphabet, outputs: &[&str]) -> ModelCard {
    let outputs = outputs.iter().map(|&name| name.to_owned()).collect();
    ModelCard { outputs, ..ModelCard::new(alphabet.name(), alphabet.letters(), Loss::Logistic) }
}

/// The mean kernel with one class minus that with the other; nothing is fitted.
fn coefficients(labels: &[f64]) -> Vec<f64> {
    labels.iter().map(|&label| if label > 0.0 { 10.0 } else { -10.0 } / labels.len() as f64).collect()
}

fn machine(data: &EncodedSequences, labels: &[f64], width: usize) -> Model {
    let kernel = SequenceKernel::new(width, Profile::Exponential { sigma: 0.3 }, true);
    let both = data.alphabet().has_complement();
    let machine = KernelMachine::new(data.view(), both, vec![kernel], coefficients(labels), 0.1).unwrap();
    Model::new(machine, card(data.alphabet(), &[])).unwrap()
}

fn correlation(found: &Motif, planted: &Motif) -> f64 {
    best_alignment(&found.probabilities, &planted.probabilities, 6, true).unwrap().unwrap().correlation
}

/// Motifs found in one half of other sequences and judged by the rest.
fn judged(source: MotifSource<'_>, output: usize, data: &LabelledSequences) -> Vec<JudgedMotif> {
    let halves = MotifSequences::split(data, source.width(), Seed(1)).unwrap();
    let reading = MotifReading::new(ReadingSettings::of(output, Alphabet::Dna));
    let found = reading.find(Some(source), Some(&halves)).unwrap();
    reading.judge(Some(source), &found, Some(&halves)).unwrap()
}

#[test]
fn planted_motifs_are_found_in_what_letters_add_to_the_scores_of_a_machine() {
    let planted = [dna("GATTACAGCC"), dna("CCGGTTAA")];
    let training = labelled("training", &planted, 200);
    let model = machine(training.sequences(), training.labels(), 8);
    let found = judged(MotifSource::of(&model), 0, &labelled("test", &planted, 200));
    assert_eq!(found.len(), 2, "{found:?}");
    for planted in &planted {
        let best = found.iter().map(|found| correlation(&found.found.motif, planted)).fold(0.0, f64::max);
        assert!(best > 0.95, "{best}");
    }
    for motif in &found {
        let evidence = motif.evidence.as_ref().unwrap();
        assert!(evidence.q_value < 1e-20 && motif.found.weight > 0.0 && motif.found.anchors.is_empty());
        // Without its letters the other is left.
        let lost = evidence.uniqueness.unwrap();
        assert!(lost > 0.005 && lost < 0.5, "{lost}");
    }
}

#[test]
fn an_ensemble_is_read_as_a_machine_is() {
    let planted = dna("GATTACAGCC");
    let training = labelled("training", std::slice::from_ref(&planted), 150);
    let member = |width| machine(training.sequences(), training.labels(), width);
    let ensemble = Ensemble::new(vec![member(8), member(6)], vec![0.7, 0.3], -0.2).unwrap();
    let model = Model::new(ensemble, card(Alphabet::Dna, &[])).unwrap();
    let found = judged(MotifSource::of(&model), 0, &labelled("test", std::slice::from_ref(&planted), 120));
    assert!(found.len() == 1 && correlation(&found[0].found.motif, &planted) > 0.95, "{found:?}");
    let words = word_motifs(&model, &ReadingSettings::default()).unwrap();
    assert!(correlation(&words[0].motif, &planted) > 0.9, "{words:?}");
}

#[test]
fn the_words_of_a_machine_show_the_motif_without_any_sequence() {
    let planted = dna("GATTACAGCC");
    let training = labelled("training", std::slice::from_ref(&planted), 150);
    let words = word_motifs(&machine(training.sequences(), training.labels(), 8), &ReadingSettings::default()).unwrap();
    assert!(correlation(&words[0].motif, &planted) > 0.9, "{words:?}");
    // Wider than the windows: neighbouring words are laid over one another.
    assert!(words[0].motif.probabilities.width() > 8, "{words:?}");
    assert!(words[0].weight > 0.0 && words[0].share.is_none() && words[0].anchors.is_empty());
}

#[test]
fn where_labels_mean_nothing_there_is_no_motif() {
    let planted = [dna("GATTACAGCC")];
    let training = labelled("training", &planted, 200);
    let mut labels = training.labels().to_vec();
    labels.shuffle(&mut Seed(3).stream("labels"));
    let model = machine(training.sequences(), &labels, 8);
    let mut labels: Vec<f64> = labels.iter().map(|_| 0.0).collect();
    labels.iter_mut().step_by(2).for_each(|label| *label = 1.0);
    let test = LabelledSequences::new(labelled("test", &planted, 200).sequences().clone(), labels).unwrap();
    assert!(judged(MotifSource::of(&model), 0, &test).is_empty());
    let nothing = labelled("nothing", &[], 200);
    let model = machine(nothing.sequences(), nothing.labels(), 8);
    assert!(judged(MotifSource::of(&model), 0, &labelled("nothing else", &[], 200)).is_empty());
    assert!(word_motifs(&model, &ReadingSettings::default()).unwrap().is_empty());
}

#[test]
fn a_model_that_did_no_better_than_chance_has_no_words() {
    let planted = [dna("GATTACAGCC")];
    let training = labelled("training", &planted, 200);
    let model = machine(training.sequences(), training.labels(), 8);
    let with_auroc = |auroc: f64| {
        let measured = [("validation_auroc".to_owned(), auroc)].into();
        Model::new(model.body().clone(), ModelCard { measured, ..model.card().clone() }).unwrap()
    };
    assert!(word_motifs(&with_auroc(0.52), &ReadingSettings::default()).unwrap().is_empty());
    assert!(!word_motifs(&with_auroc(0.6), &ReadingSettings::default()).unwrap().is_empty());
}

#[test]
fn every_output_of_a_machine_has_its_own_motifs() {
    let planted = [dna("GATTACAGCC"), dna("TTGCGCAATG")];
    let sets = planted.clone().map(|motif| simulated(&motif.name, std::slice::from_ref(&motif), 150));
    let mut support = sets[0].clone();
    support.extend(&sets[1]).unwrap();
    let first: Vec<f64> = (0..300).map(|record| f64::from(record < 150)).collect();
    let second: Vec<f64> = first.iter().map(|label| 1.0 - label).collect();
    let coefficients = [coefficients(&first), coefficients(&second)].concat();
    let kernel = SequenceKernel::new(8, Profile::Exponential { sigma: 0.3 }, true);
    let machine = KernelMachine::of_outputs(support.view(), true, vec![kernel], coefficients, vec![0.0, 0.0]).unwrap();
    let model = Model::new(machine, card(Alphabet::Dna, &["first", "second"])).unwrap();
    for (output, motif) in planted.iter().enumerate() {
        let found = judged(MotifSource::of(&model), output, &labelled("test", std::slice::from_ref(motif), 150));
        assert!(correlation(&found[0].found.motif, motif) > 0.95, "{found:?}");
        let reading = MotifReading::new(ReadingSettings::of(output, Alphabet::Dna));
        let words = reading.find(Some(MotifSource::of(&model)), None).unwrap();
        assert!(correlation(&words[0].motif, motif) > 0.9, "{words:?}");
    }
    let reading = MotifReading::new(ReadingSettings::of(2, Alphabet::Dna));
    assert!(matches!(reading.find(Some(MotifSource::of(&model)), None), Err(Error::Output { got: 2, heads: 2 })));
}

/// Random peptides, each with the motif at place 15 if there is one.
fn peptides(motif: Option<&Motif>) -> EncodedSequences {
    let mut random = Seed(2).stream(if motif.is_some() { "with" } else { "without" });
    let mut peptides = EncodedSequences::new(Alphabet::Protein);
    for _ in 0..60 {
        let mut tokens: Vec<u8> = (0..40).map(|_| random.random_range(0..20)).collect();
        if let Some(motif) = motif {
            motif.probabilities.draw(&mut tokens[15..15 + motif.width()], &mut random);
        }
        peptides.push_tokens("peptide", &tokens).unwrap();
    }
    peptides
}

#[test]
fn other_alphabets_are_read_from_sequences_alone() {
    let planted = motif(Alphabet::Protein, "WCHWKM");
    let (positives, negatives) = (peptides(Some(&planted)), peptides(None));
    let data = LabelledSequences::from_classes(&positives, &negatives).unwrap();
    let model = machine(data.sequences(), data.labels(), 4);
    let settings = ReadingSettings::of(0, Alphabet::Protein);
    let found = contribution_motifs(&model, &positives, &settings).unwrap();
    let alignment = best_alignment(&found[0].motif.probabilities, &planted.probabilities, 4, false).unwrap().unwrap();
    assert!(alignment.correlation > 0.9, "{found:?}");
    assert!(matches!(word_motifs(&model, &settings), Err(Error::NoWords { .. })));
}
