//! What makes one doubt labelled sequences: labels that cannot be right, and properties that give classes away.

use std::collections::HashMap;

use ckn_core::loss::Loss;
use ckn_core::metrics::auroc;

use crate::alphabet::Alphabet;
use crate::labelled::LabelledSequences;

/// Fewest sequences of a class that something can be judged by.
const FEW: usize = 20;

/// Most sequences of a class whose composition is looked at.
const SAMPLE: usize = 2_500;

/// AUROC from which on a property gives classes away; below one less this, it does so the other way round.
const SEPARATES: f64 = 0.9;

/// A reason to doubt labelled sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Doubt {
    /// Fewer than 20 sequences of a class.
    FewOfAClass {
        /// Sequences of the positive class.
        positives: usize,
        /// Sequences of the negative class.
        negatives: usize,
    },
    /// More than one in a hundred sequences stand in both classes, with the same letters.
    BothClasses {
        /// Sequences whose letters the other class has, too.
        sequences: usize,
        /// All sequences.
        all: usize,
    },
    /// All measurements but one or two are the same.
    OneLabel {
        /// The label of the others.
        label: f64,
        /// Sequences that have another.
        others: usize,
    },
    /// Lengths alone separate the classes.
    Length {
        /// AUROC of the length.
        auroc: f64,
    },
    /// GC content alone separates the classes.
    GcContent {
        /// AUROC of the share of G and C among known letters.
        auroc: f64,
    },
}

/// Reasons to doubt data that a model of a loss is trained on: of two classes, or of measurements.
///
/// Lengths and GC content (of nucleic acids) separate two classes where their AUROC on up to 2,500 sequences of each, evenly spaced, is
/// at least 0.9 or at most 0.1. Of a class of fewer than 20 sequences that is not said: it may well be chance.
///
/// ```
/// use ckn_bio::{Alphabet, Doubt, EncodedSequences, LabelledSequences, doubts};
/// use ckn_core::loss::Loss;
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGT")?;
/// sequences.push("peak_2", b"TTGA")?;
/// let data = LabelledSequences::new(sequences, vec![1.0, 0.0])?;
/// assert_eq!(doubts(&data, Loss::Logistic), [Doubt::FewOfAClass { positives: 1, negatives: 1 }]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
pub fn doubts(data: &LabelledSequences, loss: Loss) -> Vec<Doubt> {
    if loss == Loss::Squared && data.tasks().is_empty() {
        return one_label(data).into_iter().collect();
    }
    let Some(positives) = data.positives(loss) else { return Vec::new() };
    let negatives = data.len() - positives;
    let mut found = Vec::new();
    if positives.min(negatives) < FEW {
        found.push(Doubt::FewOfAClass { positives, negatives });
    }
    found.extend(both_classes(data));
    if positives.min(negatives) >= FEW {
        found.extend(composition(data));
    }
    found
}

fn one_label(data: &LabelledSequences) -> Option<Doubt> {
    let mut labels = data.labels().to_vec();
    labels.sort_unstable_by(f64::total_cmp);
    let middle = *labels.get(labels.len() / 2)?;
    let others = labels.iter().filter(|&&label| label != middle).count();
    (labels.len() >= FEW && others <= 2).then_some(Doubt::OneLabel { label: middle, others })
}

fn both_classes(data: &LabelledSequences) -> Option<Doubt> {
    let mut counts: HashMap<&[u8], [usize; 2]> = HashMap::with_capacity(data.len());
    for (tokens, &label) in data.sequences().iter().zip(data.labels()) {
        counts.entry(tokens).or_default()[usize::from(label > 0.5)] += 1;
    }
    let in_both = counts.values().filter(|[negatives, positives]| *negatives > 0 && *positives > 0);
    let (sequences, all) = (in_both.map(|counts| counts.iter().sum::<usize>()).sum::<usize>(), data.len());
    (100 * sequences > all).then_some(Doubt::BothClasses { sequences, all })
}

fn composition(data: &LabelledSequences) -> Vec<Doubt> {
    let mut sample = Vec::new();
    for class in [false, true] {
        let members: Vec<usize> = (0..data.len()).filter(|&record| (data.labels()[record] > 0.5) == class).collect();
        sample.extend(members.iter().copied().step_by(members.len().div_ceil(SAMPLE).max(1)));
    }
    let labels: Vec<f64> = sample.iter().map(|&record| data.labels()[record]).collect();
    let separates = |property: &dyn Fn(&[u8]) -> f64| {
        let values: Vec<f64> = sample.iter().map(|&record| property(data.sequences().sequence(record))).collect();
        auroc(&values, &labels).value().filter(|&area| area >= SEPARATES || area <= 1.0 - SEPARATES)
    };
    let length = separates(&|tokens| tokens.len() as f64).map(|auroc| Doubt::Length { auroc });
    let is_nucleic = data.sequences().alphabet() != Alphabet::Protein;
    let gc_content = is_nucleic.then(|| separates(&gc_content)).flatten().map(|auroc| Doubt::GcContent { auroc });
    length.into_iter().chain(gc_content).collect()
}

/// Share of C and G, tokens 1 and 2, among the letters that are known; one half where none is.
pub(crate) fn gc_content(tokens: &[u8]) -> f64 {
    let known = tokens.iter().filter(|&&token| token < 4).count();
    let strong = tokens.iter().filter(|&&token| token == 1 || token == 2).count();
    if known > 0 { strong as f64 / known as f64 } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoded::EncodedSequences;

    /// 50 sequences of each class.
    fn data(positive: impl Fn(usize) -> String, negative: impl Fn(usize) -> String) -> LabelledSequences {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        let letters = (0..50).map(positive).chain((0..50).map(negative));
        letters.enumerate().for_each(|(i, letters)| {
            sequences.push(&format!("s{i}"), letters.as_bytes()).expect("letters of the alphabet");
        });
        let labels = (0..100).map(|i| f64::from(i < 50)).collect();
        LabelledSequences::new(sequences, labels).expect("as many labels")
    }

    /// Letters that differ from number to number, as many of each.
    fn mixed(number: usize) -> String {
        (0..5).map(|place| ["ACGT", "GTCA", "TACG"][number / 3_usize.pow(place) % 3]).collect()
    }

    #[test]
    fn what_separates_classes_by_itself_is_named() {
        let of = |data: &LabelledSequences| doubts(data, Loss::Logistic);
        assert_eq!(of(&data(mixed, |i| mixed(i + 50))), []);
        assert_eq!(of(&data(mixed, |i| mixed(i) + "ACGT")), [Doubt::Length { auroc: 0.0 }]);
        assert_eq!(of(&data(|i| mixed(i) + "GG", |i| mixed(i) + "TT")), [Doubt::GcContent { auroc: 1.0 }]);
    }

    #[test]
    fn labels_that_contradict_each_other_are_counted() {
        let same = data(mixed, |i| mixed(if i < 2 { i } else { i + 50 }));
        assert_eq!(doubts(&same, Loss::Logistic), [Doubt::BothClasses { sequences: 4, all: 100 }]);
        let measured = |labels: Vec<f64>| {
            doubts(&LabelledSequences::new(same.sequences().clone(), labels).expect("labels"), Loss::Squared)
        };
        let mut labels = vec![3.0; 100];
        labels[7] = 4.0;
        assert_eq!(measured(labels), [Doubt::OneLabel { label: 3.0, others: 1 }]);
        assert_eq!(measured((0..100).map(f64::from).collect()), []);
    }
}
