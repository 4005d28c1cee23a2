//! Motifs of the function itself: its largest words, and those near them.
//!
//! A score that is a sum over windows of a value of words, `f(x) = b + Σ_u F(u)`, has an exact list of what it looks for. Of a
//! machine on the kernel `h(mismatches)`, the norm of the projection of `f` on word `u` in the kernel's space is `|F(u)|/√h(0)`: the
//! largest words are the anchor points on which most of `f` is left, as in matching pursuit (Mallat and Zhang 1993).

use ckn_bio::Alphabet;
use ckn_bio::motif::{Background, Motif, Probabilities};
use ckn_core::mismatch::reverse_complement;
use ckn_model::{Body, Model};

use crate::assembly::{Assembled, Piece, assemble};
use crate::reading::{distinct, numbered};
use crate::{Error, Explainer, ModelMotif, ReadingSettings};

/// Most words of a width that motifs are begun from.
const PICKED: usize = 24;
/// Share of the largest value that such a word has.
const LEAST: f64 = 0.4;
/// Standard deviations, over all words, that it stands above the mean: more than the largest of 4^12 has by chance.
const OUTSTANDING: f64 = 6.5;
/// Share of the letters in which a word differs from those picked before, or else it shows the same.
const APART: f64 = 0.3;
/// Share of the letters in which neighbours of a word differ from it.
const FARTHEST: f64 = 0.4;
/// Share of a word's value below which a neighbour adds nothing: what the kernel's tails give to words of no site.
const FLOOR: f64 = 0.3;
/// Letters of the sequences of a training that a model's file does not tell.
const USUAL: usize = 100;
/// Standard deviations that the AUROC of left-out sequences is above one half, or the model has learnt nothing: 0.01.
const LEARNT: f64 = 2.33;

/// The motifs of a model of one output from the function alone, no sequences needed: words of the largest values, each with its
/// neighbours `v` by `(F(v) − 0.3 F(u))₊`, those that show the same site laid over one another. The most important first. None of a
/// model whose AUROC on sequences left out of its training, as its file says, is what chance gives.
///
/// `weight` of a motif is the value of its best word; it has no anchors.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_core::mismatch::Profile;
/// use ckn_interpret::{ReadingSettings, word_motifs};
/// use ckn_model::{KernelMachine, Model, ModelCard, SequenceKernel};
/// # use ckn_core::loss::Loss;
/// let mut support = EncodedSequences::new(Alphabet::Dna);
/// support.push("site", b"GATTACAG")?;
/// let kernel = SequenceKernel::new(8, Profile::Exponential { sigma: 0.3 }, false);
/// let machine = KernelMachine::new(support.view(), false, vec![kernel], vec![2.0], 0.0)?;
/// let model = Model::new(machine, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// let found = word_motifs(&model, &ReadingSettings { both_strands: false, ..ReadingSettings::default() })?;
/// assert!(found.len() == 1 && (found[0].weight - 2.0).abs() < 1e-9);
/// assert_eq!(found[0].motif.probabilities.consensus(), "GATTACAG");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoWords`] for a model that is no table of words; [`Error::Alphabet`]; [`Error::Model`] for a model of several outputs.
pub fn word_motifs(model: &Model, settings: &ReadingSettings) -> Result<Vec<ModelMotif>, Error> {
    let alphabet = Alphabet::with_letters(&model.card().alphabet, &model.card().letters)?;
    let length = model.card().lengths.map_or(USUAL, |lengths| lengths.shortest.midpoint(lengths.longest));
    let length = length.max(model.shortest_sequence());
    let values = Explainer::new(model, alphabet)?.reader.word_values(alphabet, length)?;
    if values.is_empty() {
        return Err(Error::NoWords { kind: model.kind() });
    }
    if !has_learnt(model) {
        return Ok(Vec::new());
    }
    let background = Background::uniform(alphabet);
    let mut pieces: Vec<Piece> = Vec::new();
    for (&width, values) in &values {
        let table = Table { width, values, alphabet, both_strands: settings.both_strands };
        for word in table.picked() {
            pieces.push(Piece { anchor: pieces.len(), matrix: table.around(word)?, weight: values[word] });
        }
    }
    let assembled = assemble(&pieces, &background, settings.both_strands, settings.information)?;
    let motif = |assembled: Assembled| ModelMotif {
        weight: pieces[assembled.anchors[0]].weight,
        function: None,
        distance: None,
        share: None,
        threshold: None,
        origin: crate::MotifOrigin::Model,
        direction: crate::MotifDirection::Enriched,
        motif: Motif::new("", assembled.matrix),
        anchors: Vec::new(),
    };
    Ok(numbered(distinct(assembled, &background, settings)?.into_iter().map(motif)))
}

/// Whether the AUROC of left-out sequences is above that of chance (Mann–Whitney, by the normal approximation), where the file has
/// it and the sequences of the training.
fn has_learnt(model: &Model) -> bool {
    let Some(&auroc) = model.card().measured.get("validation_auroc") else { return true };
    let of = |model: &Model| match model.body() {
        Body::Machine(machine) => {
            let positives = machine.coefficients().iter().take(machine.config().support).filter(|&&c| c > 0.0).count();
            Some((positives as f64, (machine.config().support - positives) as f64))
        }
        _ => None,
    };
    let classes = match model.body() {
        Body::Ensemble(ensemble) => ensemble.members().iter().find_map(of),
        _ => of(model),
    };
    classes.is_none_or(|(positives, negatives)| {
        if positives == 0.0 || negatives == 0.0 {
            return true;
        }
        let deviation = ((positives + negatives + 1.0) / (12.0 * positives * negatives)).sqrt();
        auroc - 0.5 > LEARNT * deviation
    })
}

/// Values of all words of a width.
struct Table<'a> {
    width: usize,
    values: &'a [f64],
    alphabet: Alphabet,
    both_strands: bool,
}

impl Table<'_> {
    /// The largest words, each far from those before it on either strand.
    fn picked(&self) -> Vec<usize> {
        let count = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        let deviation = (self.values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let largest = self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = (LEAST * largest).max(mean + OUTSTANDING * deviation);
        let mut order: Vec<usize> =
            (0..self.values.len()).filter(|&code| self.values[code] > 0.0 && self.values[code] >= least).collect();
        order.sort_by(|&a, &b| self.values[b].total_cmp(&self.values[a]).then(a.cmp(&b)));
        let apart = (APART * self.width as f64).ceil() as u32;
        let complement = if self.both_strands { self.alphabet.table().complement() } else { None };
        let mut picked: Vec<usize> = Vec::new();
        let mut known: Vec<usize> = Vec::new();
        for code in order {
            if picked.len() == PICKED {
                break;
            }
            if known.iter().all(|&other| mismatches(code, other) >= apart) {
                picked.push(code);
                known.push(code);
                known.extend(complement.map(|complement| reverse_complement(code, self.width, complement)));
            }
        }
        picked
    }

    /// The neighbours of a word as a matrix, by what they are worth above the floor.
    fn around(&self, word: usize) -> Result<Probabilities, Error> {
        let farthest = (FARTHEST * self.width as f64) as usize;
        let floor = FLOOR * self.values[word];
        let mut sums = vec![0.0; self.width * 4];
        self.visit(word, 0, farthest, &mut |code| {
            let weight = (self.values[code] - floor).max(0.0);
            if weight > 0.0 {
                for place in 0..self.width {
                    sums[4 * place + (code >> (2 * (self.width - 1 - place)) & 3)] += weight;
                }
            }
        });
        let total: f64 = sums[..4].iter().sum();
        sums.iter_mut().for_each(|sum| *sum /= total);
        Ok(Probabilities::new(self.alphabet, sums)?)
    }

    /// Every word that differs in at most so many letters from the digit at `place` on, each once.
    fn visit(&self, word: usize, place: usize, most: usize, then: &mut impl FnMut(usize)) {
        then(word);
        if most == 0 {
            return;
        }
        for place in place..self.width {
            for other in 1..4 {
                self.visit(word ^ other << (2 * place), place + 1, most - 1, then);
            }
        }
    }
}

/// Letters in which two words differ.
fn mismatches(first: usize, second: usize) -> u32 {
    let differing = first ^ second;
    ((differing | differing >> 1) & (usize::MAX / 3)).count_ones()
}
