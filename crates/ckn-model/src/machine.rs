//! Kernel machines: scores by the exact kernel of a sequence with those of the training.

mod kernel;

use ckn_core::mismatch::{WordOperator, Words, cross};
use ckn_core::{LetterTable, TokenView, check_size};
use rayon::prelude::*;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

pub use self::kernel::SequenceKernel;
use crate::error::check_finite;
use crate::file::{Contents, Expected, Key, Kind, Refusal, Values};
use crate::{Error, ModelCard};

const TOKENS: &str = "support.tokens";
const LENGTHS: &str = "support.lengths";
const COEFFICIENTS: &str = "coefficients";
const INTERCEPT: &str = "intercept";

/// Most kernels of a machine.
const MAX_KERNELS: usize = 64;
/// Most outputs of a machine.
const MAX_OUTPUTS: usize = 1024;
/// Most support sequences, and most letters of all of them.
const MAX_SUPPORT: usize = 1 << 24;
const MAX_SUPPORT_LETTERS: usize = 1 << 28;
/// Most places of letters of a support sequence where there is no table of words: 256 MiB of bits.
const MAX_PLACES: usize = 1 << 22;
/// Sequences compared at once with all support sequences.
const ROWS: usize = 256;

/// What a [`KernelMachine`] is, beside its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelMachineConfig {
    /// Number of letters of the alphabet.
    pub letters: usize,
    /// Whether windows of the reverse complement are compared, too.
    pub both_strands: bool,
    /// The kernels; a score is the sum of one machine for each.
    pub kernels: Vec<SequenceKernel>,
    /// Number of support sequences.
    pub support: usize,
    /// Letters of all support sequences.
    pub support_letters: usize,
    /// Scores of a sequence: tasks, or classes of the multinomial loss.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub outputs: usize,
}

fn one() -> usize {
    1
}

// What serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_one(outputs: &usize) -> bool {
    *outputs == 1
}

impl KernelMachineConfig {
    /// Validates every number.
    ///
    /// # Errors
    /// [`ckn_core::Error::Size`] with the field, its value and its limit; [`ckn_core::Error::Parameter`] for a profile outside its
    /// domain.
    pub fn check(self) -> Result<Self, Error> {
        check_size("letters", 0, self.letters, 254)?;
        check_size("number of kernels", 0, self.kernels.len(), MAX_KERNELS)?;
        check_size("number of outputs", 0, self.outputs, MAX_OUTPUTS)?;
        check_size("number of support sequences", 0, self.support, MAX_SUPPORT)?;
        check_size("letters of the support sequences", 0, self.support_letters, MAX_SUPPORT_LETTERS)?;
        for (index, kernel) in self.kernels.iter().enumerate() {
            check_size("width", index, kernel.width, 63)?;
            kernel.profile.values(kernel.width)?;
        }
        Ok(self)
    }
}

/// A machine on exact kernels: `f_o(x) = b_o + Σ_k s_k(x) Σ_i c_oki K_k(x_i, x)`, `s_k(x)` the scale of a sequence under kernel
/// `k`; the scales of the support sequences `x_i` are part of the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelMachine {
    config: KernelMachineConfig,
    /// Tokens of the support sequences, one after the other.
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    /// `[outputs, kernels, support]`.
    coefficients: Vec<f64>,
    /// `[outputs]`.
    intercepts: Vec<f64>,
}

impl KernelMachine {
    /// A machine of one output, of given support sequences and coefficients.
    ///
    /// # Shapes
    /// coefficients `[kernels, support]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are not as many coefficients; [`ckn_core::Error::NotFinite`] if one is NaN or
    /// infinite; those of [`KernelMachineConfig::check`].
    pub fn new(
        support: TokenView<'_>,
        both_strands: bool,
        kernels: Vec<SequenceKernel>,
        coefficients: Vec<f64>,
        intercept: f64,
    ) -> Result<Self, Error> {
        Self::of_outputs(support, both_strands, kernels, coefficients, vec![intercept])
    }

    /// A machine of as many outputs as there are intercepts; all share support sequences and kernels.
    ///
    /// # Shapes
    /// coefficients `[outputs, kernels, support]`, intercepts `[outputs]`.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn of_outputs(
        support: TokenView<'_>,
        both_strands: bool,
        kernels: Vec<SequenceKernel>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Result<Self, Error> {
        let config = KernelMachineConfig {
            letters: support.table().letters(),
            both_strands,
            kernels,
            support: support.len(),
            support_letters: support.tokens().len(),
            outputs: intercepts.len(),
        };
        let lengths = (0..support.len()).map(|record| support.sequence(record).len());
        Self::with_support(config, support.tokens().to_vec(), lengths, coefficients, intercepts)
    }

    fn with_support(
        config: KernelMachineConfig,
        tokens: Vec<u8>,
        lengths: impl Iterator<Item = usize>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Result<Self, Error> {
        let config = config.check()?;
        let mut offsets = vec![0];
        // Lengths of a file may be anything.
        offsets.extend(lengths.scan(0usize, |end, length| {
            *end = end.saturating_add(length);
            Some(*end)
        }));
        let check = |what, expected, got| {
            if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what, expected, got }) }
        };
        check("support sequences", config.support, offsets.len() - 1)?;
        check("letters of the support sequences", config.support_letters, tokens.len())?;
        check("sum of the lengths of the support sequences", tokens.len(), *offsets.last().unwrap_or(&0))?;
        check("coefficients", config.outputs * config.kernels.len() * config.support, coefficients.len())?;
        check("intercepts", config.outputs, intercepts.len())?;
        // Windows without a table of words are compared bit by bit: one word a letter and position.
        let longest = offsets.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
        let places = config.letters.saturating_mul(longest);
        if places > MAX_PLACES && config.kernels.iter().any(|kernel| !kernel.has_word_table(config.letters)) {
            let field = "letters of the alphabet times those of the longest support sequence";
            return Err(ckn_core::Error::Size { field, layer: 1, got: places, limit: MAX_PLACES }.into());
        }
        check_finite("coefficients", coefficients.iter().chain(&intercepts).copied())?;
        Ok(Self { config, tokens, offsets, coefficients, intercepts })
    }

    /// Strands, kernels and sizes.
    pub fn config(&self) -> &KernelMachineConfig {
        &self.config
    }

    /// The support sequences.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the table has another number of letters; those of [`TokenView::new`] if a token is not
    /// one of its tokens.
    pub fn support<'a>(&'a self, table: &'a LetterTable) -> Result<TokenView<'a>, Error> {
        let (expected, got) = (self.config.letters, table.letters());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "letters of the alphabet", expected, got }.into());
        }
        Ok(TokenView::new(&self.tokens, &self.offsets, table)?)
    }

    /// Coefficients `c_oki`, the scales of the support sequences included, `[outputs, kernels, support]`.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Intercepts `b_o`, `[outputs]`.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// Intercept of the score, of the first output where there are several.
    pub fn intercept(&self) -> f64 {
        self.intercepts.first().copied().unwrap_or_default()
    }

    /// The machine of one of its outputs.
    pub(crate) fn with_output(&self, place: usize) -> Self {
        let size = self.config.kernels.len() * self.config.support;
        Self {
            config: KernelMachineConfig { outputs: 1, ..self.config.clone() },
            coefficients: self.coefficients[place * size..][..size].to_vec(),
            intercepts: vec![self.intercepts[place]],
            ..self.clone()
        }
    }

    /// Checks that a card names the outputs, or that there is one.
    pub(crate) fn check_card(&self, card: &ModelCard) -> Result<(), Error> {
        if self.config.outputs == 1 {
            return card.check_one_output();
        }
        let (expected, got) = (card.outputs.len(), self.config.outputs);
        if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what: "outputs", expected, got }.into()) }
    }

    /// Shortest sequence that every kernel can see, in letters.
    pub fn shortest_sequence(&self) -> usize {
        self.config.kernels.iter().map(|kernel| kernel.width).max().unwrap_or(1)
    }

    /// Scores of sequences, on all threads; the result depends neither on their number nor on the other sequences. That of a
    /// sequence without a window of known letters is the intercept.
    ///
    /// # Shapes
    /// `[sequences, outputs]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence that a kernel cannot see; those of [`Self::support`].
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        view.check_width(self.shortest_sequence())?;
        let support = self.support(view.table())?;
        let outputs = self.config.outputs;
        let mut scores = self.intercepts.repeat(view.len());
        for (place, kernel) in self.config.kernels.iter().enumerate() {
            let of_kernel =
                self.coefficients.chunks_exact(support.len()).skip(place).step_by(self.config.kernels.len());
            let coefficients: Vec<&[f64]> = of_kernel.collect();
            let scales = kernel.scales(view, self.config.both_strands)?;
            for (output, sums) in self.sums(kernel, &coefficients, support, view)?.into_iter().enumerate() {
                for ((score, scale), sum) in scores[output..].iter_mut().step_by(outputs).zip(&scales).zip(sums) {
                    *score += scale * sum;
                }
            }
        }
        Ok(scores)
    }

    /// `Σ_i c_i K(x_i, x)` of every sequence, for the coefficients of each output.
    fn sums(
        &self,
        kernel: &SequenceKernel,
        coefficients: &[&[f64]],
        support: TokenView<'_>,
        view: TokenView<'_>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let SequenceKernel { width, profile, .. } = kernel;
        if kernel.has_word_table(self.config.letters) {
            let words = Words::new(support, *width, self.config.both_strands)?;
            let operator = WordOperator::new(*width, profile)?;
            let of_view = Words::new(view, *width, false)?;
            let mut table = vec![0.0f32; operator.words()];
            let mut of_output = |coefficients: &&[f64]| -> Result<Vec<f64>, Error> {
                table.fill(0.0);
                for (record, &coefficient) in coefficients.iter().enumerate() {
                    if coefficient != 0.0 {
                        words.add(record, coefficient as f32, &mut table);
                    }
                }
                operator.apply(&mut table)?;
                Ok((0..view.len()).into_par_iter().map(|record| of_view.sum(record, &table)).collect())
            };
            return coefficients.iter().map(&mut of_output).collect();
        }
        let mut sums = vec![Vec::with_capacity(view.len()); coefficients.len()];
        for first in (0..view.len()).step_by(ROWS) {
            let (from, to) = (view.offsets()[first], view.offsets()[view.len().min(first + ROWS)]);
            let offsets: Vec<usize> =
                view.offsets()[first..=view.len().min(first + ROWS)].iter().map(|offset| offset - from).collect();
            let part = TokenView::new(&view.tokens()[from..to], &offsets, view.table())?;
            let grams = cross(part, support, *width, self.config.both_strands, &[*profile])?;
            for (sums, coefficients) in sums.iter_mut().zip(coefficients) {
                sums.extend((0..part.len()).map(|row| -> f64 {
                    grams.row(0, row).iter().zip(*coefficients).map(|(&value, c)| f64::from(value) * c).sum()
                }));
            }
        }
        Ok(sums)
    }
}

impl Kind for KernelMachine {
    type Config = KernelMachineConfig;
    type Card = ModelCard;
    const KEY: Key = Key::Machine;

    fn parts(&self) -> Result<(KernelMachineConfig, Vec<Values<'_>>), Error> {
        let too_long = |_| Error::Unsavable { reason: "a support sequence is too long".to_owned() };
        let lengths = self.offsets.windows(2).map(|pair| u32::try_from(pair[1] - pair[0]).map_err(too_long));
        let lengths: Vec<u32> = lengths.collect::<Result<_, _>>()?;
        let values = vec![
            Values::Bytes((&self.tokens).into()),
            Values::Words(lengths.into()),
            Values::Double((&self.coefficients).into()),
            Values::Double((&self.intercepts).into()),
        ];
        Ok((self.config.clone(), values))
    }

    fn expected(config: &KernelMachineConfig, card: &ModelCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.clone().check()?;
        card.check_file(config.letters)?;
        let mut shape = vec![config.kernels.len(), config.support];
        if config.outputs > 1 {
            shape.insert(0, config.outputs);
        }
        Ok(vec![
            Expected::new(TOKENS, Dtype::U8, vec![config.support_letters]),
            Expected::new(LENGTHS, Dtype::U32, vec![config.support]),
            Expected::new(COEFFICIENTS, Dtype::F64, shape),
            Expected::new(INTERCEPT, Dtype::F64, vec![config.outputs]),
        ])
    }

    fn from_parts(config: KernelMachineConfig, mut contents: Contents, _: &ModelCard) -> Result<Self, Refusal> {
        let lengths = contents.words(LENGTHS).into_iter().map(|length| length as usize);
        let (tokens, coefficients) = (contents.bytes(TOKENS), contents.double(COEFFICIENTS));
        Ok(Self::with_support(config, tokens, lengths, coefficients, contents.double(INTERCEPT))?)
    }
}
