use std::collections::BTreeSet;
use std::path::PathBuf;

use ckn::core::mismatch::{MAX_WORD, reverse_complement};
use ckn::model::{Body, KernelMachine, Model};
use clap::Args;

use super::given::effects;
use super::predict::alphabet_of;
use crate::exit::{self, Input, Usage};
use crate::input::load_model;
use crate::output::{check_apart, check_free, write_results};
use crate::talk::say;

/// Show what every word of letters adds to the score of a kernel machine
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table with the columns kmer, reverse_complement and weight, one row for a word and its reverse complement, \
in the order of the alphabet; with --top, the largest weights first. The weight is what a window of these letters, on either strand, \
adds to a score: the score is the intercept plus the sum over all windows. Where sequences have unit norm (`normalised` in \
`ckn info`), as in gkm-SVMs, that sum is divided by the norm of the sequence, which changes little with a letter.

With --alone, the weight is the score of the word as a sequence of its own: what gkmpredict gives to a file of all words, and \
deltaSVM takes its weights from. --deltasvm writes words and weights alone, the file that deltasvm.pl reads.

Models are kernel machines, of DNA or RNA, of words of up to 12 letters: those of `ckn train --auto` and `ckn import`.

Examples:
  ckn kmers nfe2.ckn --top 20
  ckn kmers nfe2.ckn --alone --deltasvm --out nfe2.weights.txt
  ckn kmers auto.ckn --width 11 --out kmers.tsv"
)]
pub struct Kmers {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Letters of the words, where the model has kernels of several widths
    #[arg(long, value_name = "LETTERS")]
    width: Option<usize>,
    /// The scores of the words as sequences of their own
    #[arg(long)]
    alone: bool,
    /// Only so many words, those of the largest weights first
    #[arg(long, value_name = "WORDS", value_parser = super::parse_words)]
    top: Option<usize>,
    /// Words and weights alone, without a header
    #[arg(long)]
    deltasvm: bool,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Kmers: model, width, alone, top, deltasvm, out, force);

/// A kernel of a machine, and the weight that its scores have in the model.
struct Part<'a> {
    machine: &'a KernelMachine,
    kernel: usize,
    weight: f64,
}

impl Kmers {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.model.as_path()])?;
        }
        let model = load_model(&self.model, [])?;
        let alphabet = alphabet_of(model.card())?;
        let (parts, intercept) = self.parts(&model)?;
        let width = self.width_of(&parts)?;
        let chosen: Vec<&Part<'_>> = parts.iter().filter(|part| part.width() == width).collect();
        self.check(&chosen, parts.len())?;
        let joined = chosen.iter().all(|part| part.machine.config().both_strands);
        let mut weights = vec![if self.alone { intercept } else { 0.0 }; 1 << (2 * width)];
        for part in &chosen {
            let Some(table) = part.machine.word_weights(part.kernel, alphabet.table())? else {
                return Err(self.no_sum(part));
            };
            let scales = self.alone.then(|| part.scales()).transpose()?;
            for (code, (sum, value)) in weights.iter_mut().zip(table).enumerate() {
                let scale = scales.as_ref().map_or(1.0, |scales| scales(code));
                *sum += part.weight * scale * value;
            }
        }
        let mut words: Vec<usize> = (0..weights.len()).filter(|&code| !joined || code <= turned(code, width)).collect();
        if let Some(top) = self.top {
            words.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
            words.truncate(top);
        }
        write_results(self.out.as_deref(), self.force, |out| {
            let letters = alphabet.letters().as_bytes();
            let with_reverse = joined && !self.deltasvm;
            if !self.deltasvm {
                writeln!(out, "kmer\t{}weight", if with_reverse { "reverse_complement\t" } else { "" })?;
            }
            let mut row = Vec::new();
            for &code in &words {
                row.clear();
                push_word(code, width, letters, &mut row);
                row.push(b'\t');
                if with_reverse {
                    push_word(turned(code, width), width, letters, &mut row);
                    row.push(b'\t');
                }
                out.write_all(&row)?;
                writeln!(out, "{}", weights[code])?;
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }

    /// The kernels of all machines of a model, and the intercept of their sum.
    fn parts<'a>(&self, model: &'a Model) -> anyhow::Result<(Vec<Part<'a>>, f64)> {
        let members: Vec<(&Model, f64)> = match model.body() {
            Body::Ensemble(ensemble) => ensemble.members().iter().zip(ensemble.weights().iter().copied()).collect(),
            _ => vec![(model, 1.0)],
        };
        let mut intercept = if let Body::Ensemble(ensemble) = model.body() { ensemble.intercept() } else { 0.0 };
        let mut parts = Vec::new();
        for (member, weight) in members {
            let Body::Machine(machine) = member.body() else {
                return Err(Input(format!(
                    "{} is a {} model, and words have weights in kernel machines alone: give one, or ask `ckn mutagenesis` what \
                     letters change",
                    self.model.display(),
                    member.kind()
                ))
                .into());
            };
            intercept += weight * machine.intercept();
            parts.extend((0..machine.config().kernels.len()).map(|kernel| Part { machine, kernel, weight }));
        }
        Ok((parts, intercept))
    }

    fn width_of(&self, parts: &[Part<'_>]) -> anyhow::Result<usize> {
        let widths: BTreeSet<usize> = parts.iter().map(Part::width).collect();
        let listed = || widths.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        match (self.width, widths.first()) {
            (Some(width), _) if widths.contains(&width) => Ok(width),
            (Some(width), _) => {
                Err(Usage(format!("--width {width}: the model has kernels of {} letters", listed())).into())
            }
            (None, Some(&width)) if widths.len() == 1 => Ok(width),
            _ => Err(Usage(format!("the model has kernels of {} letters: choose one by --width", listed())).into()),
        }
    }

    /// Checks that the words of the chosen kernels have weights.
    fn check(&self, chosen: &[&Part<'_>], all: usize) -> anyhow::Result<()> {
        if let Some(part) = chosen.iter().find(|part| !part.is_sum()) {
            return Err(self.no_sum(part));
        }
        if self.alone && chosen.len() < all {
            let why = "kernels of other widths see nothing of a word of this one, and --alone asks for whole scores: leave it out";
            return Err(Usage(why.into()).into());
        }
        let norms = chosen.iter().filter(|part| part.is_normalised()).count();
        if !self.alone && norms > 0 && chosen.len() > 1 {
            return Err(Usage(format!(
                "{} kernels of the model have this width, and sequences have another norm under each: weights of words do not add \
                 up; ask for the scores of words by --alone",
                chosen.len()
            ))
            .into());
        }
        if chosen.len() < all {
            say(format_args!("{} of {all} kernels have this width: the others are left out", chosen.len()));
        }
        if !self.alone && norms > 0 {
            say("sequences have unit norm: the sum over a sequence's windows is divided by its norm");
        }
        Ok(())
    }

    fn no_sum(&self, part: &Part<'_>) -> anyhow::Error {
        let kernel = &part.machine.config().kernels[part.kernel];
        let why = if kernel.gamma.is_some() {
            "has an exponential on top".to_owned()
        } else if kernel.centre.is_some() || kernel.places.is_some() {
            "weighs windows by their place".to_owned()
        } else {
            format!(
                "has words of {} letters of {}, and tables end at {MAX_WORD} of 4",
                kernel.width,
                part.machine.config().letters
            )
        };
        let message = format!(
            "{}: its kernel {why}, so that a score is no sum of weights of words: ask `ckn mutagenesis` what letters change",
            self.model.display()
        );
        Input(message).into()
    }
}

impl Part<'_> {
    fn width(&self) -> usize {
        self.machine.config().kernels[self.kernel].width
    }

    fn is_sum(&self) -> bool {
        self.machine.config().kernels[self.kernel].is_window_sum(self.machine.config().letters)
    }

    fn is_normalised(&self) -> bool {
        self.machine.config().kernels[self.kernel].normalised
    }

    /// The scale of a word as a sequence of its own.
    fn scales(&self) -> anyhow::Result<impl Fn(usize) -> f64 + use<>> {
        let kernel = self.machine.config().kernels[self.kernel];
        let (width, both_strands) = (kernel.width, self.machine.config().both_strands);
        let values = kernel.profile.values(width)?;
        Ok(move |code| {
            if !kernel.normalised {
                return 1.0;
            }
            let differing = code ^ turned(code, width);
            let mismatches = ((differing | differing >> 1) & 0x5555_5555).count_ones() as usize;
            1.0 / (values[0] + if both_strands { values[mismatches] } else { 0.0 }).sqrt()
        })
    }
}

/// The reverse complement of the word of a code: letters are in the order A, C, G, T.
fn turned(code: usize, width: usize) -> usize {
    reverse_complement(code, width, &[3, 2, 1, 0])
}

fn push_word(code: usize, width: usize, letters: &[u8], row: &mut Vec<u8>) {
    row.extend((0..width).rev().map(|place| letters[code >> (2 * place) & 3]));
}

#[cfg(test)]
mod tests {
    use ckn::bio::Alphabet;

    use super::*;

    #[test]
    fn letters_of_dna_and_rna_stand_across_from_each_other() {
        for alphabet in [Alphabet::Dna, Alphabet::Rna] {
            assert!((0..4).all(|token| alphabet.complement(token) == Some(3 - token)));
        }
        // ACGG and CCGT.
        assert_eq!(turned(0b00_01_10_10, 4), 0b01_01_10_11);
    }
}
