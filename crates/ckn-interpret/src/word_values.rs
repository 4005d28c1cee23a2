//! What words of letters are worth to a model, of all words of a width.

use std::collections::BTreeMap;

use ckn_bio::Alphabet;
use ckn_core::TokenView;
use ckn_core::mismatch::reverse_complement;
use ckn_core::seed::Seed;
use rand::RngExt;

use crate::Error;
use crate::reader::Reader;
use crate::single_layer::SingleLayer;
use crate::word_reader::WordReader;

/// Random sequences that the norm of a sequence is measured on.
const SAMPLES: usize = 20;

/// What each word of a width adds to the score of a sequence of usual length, `[4^width]`, by the width.
pub(crate) type WordValues = BTreeMap<usize, Vec<f64>>;

impl Reader<'_> {
    /// Values of all words: of machines that are tables of words, and of networks of many anchor points under a sum. Other
    /// members of an ensemble have none.
    pub(crate) fn word_values(&self, alphabet: Alphabet, length: usize) -> Result<WordValues, Error> {
        let random = &mut Seed(0).stream("words");
        let letters = alphabet.letters().len() as u8;
        let tokens: Vec<u8> = (0..SAMPLES * length).map(|_| random.random_range(0..letters)).collect();
        let offsets: Vec<usize> = (0..=SAMPLES).map(|sample| sample * length).collect();
        let mut values = WordValues::new();
        self.add_words(TokenView::new(&tokens, &offsets, alphabet.table())?, 1.0, &mut values)?;
        Ok(values)
    }

    fn add_words(&self, usual: TokenView<'_>, weight: f64, values: &mut WordValues) -> Result<(), Error> {
        match self {
            Self::Words(words) => words.add_words(usual, weight, values),
            Self::Layer(layer) => layer.add_words(usual, weight, values),
            Self::Joint { members, .. } => {
                members.iter().try_for_each(|(share, member)| member.add_words(usual, weight * share, values))
            }
            Self::Asked(_) => Ok(()),
        }
    }
}

impl WordReader<'_> {
    fn add_words(&self, usual: TokenView<'_>, weight: f64, values: &mut WordValues) -> Result<(), Error> {
        for table in self.tables().tables() {
            let scales = table.kernel().scales(usual, self.tables().both_strands())?;
            let scale = weight * scales.iter().sum::<f64>() / scales.len() as f64;
            let sums = values.entry(table.kernel().width).or_insert_with(|| vec![0.0; table.values().len()]);
            sums.iter_mut().zip(table.values()).for_each(|(sum, value)| *sum += scale * value);
        }
        Ok(())
    }
}

impl SingleLayer {
    fn add_words(&self, usual: TokenView<'_>, weight: f64, values: &mut WordValues) -> Result<(), Error> {
        let Some(words) = self.word_values()? else { return Ok(()) };
        let scale = weight * self.pooling.share(self.border.windows(usual.sequence(0).len(), self.width));
        let complement = if self.strands.count() == 2 { self.table().complement() } else { None };
        let sums = values.entry(self.width).or_insert_with(|| vec![0.0; words.len()]);
        for (code, (sum, &value)) in sums.iter_mut().zip(words).enumerate() {
            let turned = complement.map(|complement| words[reverse_complement(code, self.width, complement)]);
            *sum += scale * self.strands.join(std::iter::once(value).chain(turned)).unwrap_or(value);
        }
        Ok(())
    }
}
