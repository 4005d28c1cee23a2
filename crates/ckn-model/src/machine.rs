//! Kernel machines: scores by the exact kernel of a sequence with those of the training.

mod centre;
mod kernel;
mod kind;
mod placed;
mod radial;
mod table;
mod words;

use ckn_core::mismatch::cross;
use ckn_core::{LetterTable, TokenView, check_size};
use serde::{Deserialize, Serialize};

pub use self::centre::CentreWeight;
pub use self::kernel::SequenceKernel;
pub(crate) use self::table::WordScales;
pub use self::table::{WordTable, WordTables};
use crate::error::check_finite;
use crate::{Error, ModelCard};

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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// domain, or weights or an exponential where there can be none.
    pub fn check(self) -> Result<Self, Error> {
        check_size("letters", 0, self.letters, 254)?;
        check_size("number of kernels", 0, self.kernels.len(), MAX_KERNELS)?;
        check_size("number of outputs", 0, self.outputs, MAX_OUTPUTS)?;
        check_size("number of support sequences", 0, self.support, MAX_SUPPORT)?;
        check_size("letters of the support sequences", 0, self.support_letters, MAX_SUPPORT_LETTERS)?;
        for (index, kernel) in self.kernels.iter().enumerate() {
            kernel.check(index, self.letters)?;
        }
        Ok(self)
    }
}

/// A machine on exact kernels: `f_o(x) = b_o + Σ_k s_k(x) Σ_i c_oki K_k(x_i, x)`, `s_k(x)` the scale of a sequence under kernel
/// `k`; the scales of the support sequences `x_i` are part of the coefficients. Kernels with an exponential on top
/// ([`SequenceKernel::gamma`]) take scales inside: of them a machine adds `Σ_i c_oki exp(γ (K̂_k(x_i, x) − 1))`.
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
    ///
    /// # Example
    /// ```
    /// use ckn_core::{LetterTable, TokenView, mismatch::Profile};
    /// use ckn_model::{KernelMachine, SequenceKernel};
    ///
    /// let table = LetterTable::new(4, &[], None)?;
    /// // ACGT has three words of two letters once, TTTT one of them three times: worth 3 and 9 to themselves, nothing to each other.
    /// let sequences = TokenView::new(&[0, 1, 2, 3, 3, 3, 3, 3], &[0, 4, 8], &table)?;
    /// let kernel = SequenceKernel::new(2, Profile::GappedKmer { informative: 2, mismatches: 0 }, false);
    /// let machine = KernelMachine::new(sequences, false, vec![kernel], vec![2.0, -1.0], 0.5)?;
    /// assert_eq!(machine.scores(sequences)?, [6.5, -8.5]);
    /// # Ok::<(), ckn_model::Error>(())
    /// ```
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

    /// Coefficients of one kernel, of the first output, `[support]`.
    fn coefficients_of(&self, kernel: usize) -> &[f64] {
        &self.coefficients[kernel * self.config.support..][..self.config.support]
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
        let outputs = self.config.outputs;
        if outputs == 1 {
            return self.scores_of_one(view);
        }
        let mut scores = vec![0.0; view.len() * outputs];
        for output in 0..outputs {
            let of_output = self.with_output(output).scores_of_one(view)?;
            scores[output..].iter_mut().step_by(outputs).zip(of_output).for_each(|(slot, score)| *slot = score);
        }
        Ok(scores)
    }

    /// Scores of a machine of one output.
    fn scores_of_one(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        if let Some(tables) = self.word_tables::<f64>(view.table())? {
            return tables.scores(view);
        }
        let support = self.support(view.table())?;
        let mut scores = vec![self.intercept(); view.len()];
        for (index, kernel) in self.config.kernels.iter().enumerate() {
            let coefficients = self.coefficients_of(index);
            if let Some(gamma) = kernel.gamma {
                let sums = radial::sums(kernel, gamma, coefficients, support, self.config.both_strands, view)?;
                scores.iter_mut().zip(sums).for_each(|(score, sum)| *score += sum);
                continue;
            }
            let scales = kernel.scales(view, self.config.both_strands)?;
            let sums = self.sums(kernel, coefficients, support, view)?;
            for ((score, scale), sum) in scores.iter_mut().zip(scales).zip(sums) {
                *score += scale * sum;
            }
        }
        Ok(scores)
    }

    /// `Σ_i c_i K(x_i, x)` of every sequence, by a table of words or by counting pairs of windows.
    fn sums(
        &self,
        kernel: &SequenceKernel,
        coefficients: &[f64],
        support: TokenView<'_>,
        view: TokenView<'_>,
    ) -> Result<Vec<f64>, Error> {
        let both_strands = self.config.both_strands;
        if let Some(places) = kernel.places {
            return placed::sums(kernel, places, coefficients, support, both_strands, view);
        }
        if kernel.has_word_table(self.config.letters) {
            return kernel.table_sums(coefficients, support, both_strands, view);
        }
        let mut sums = Vec::with_capacity(view.len());
        for first in (0..view.len()).step_by(ROWS) {
            let (tokens, offsets) = rows(view, first);
            let part = TokenView::new(tokens, &offsets, view.table())?;
            let grams = cross(part, support, kernel.width, both_strands, &[kernel.profile])?;
            sums.extend((0..part.len()).map(|row| -> f64 {
                grams.row(0, row).iter().zip(coefficients).map(|(&value, c)| f64::from(value) * c).sum()
            }));
        }
        Ok(sums)
    }
}

/// Tokens and offsets of [`ROWS`] sequences from one on, or of those that are left.
fn rows(view: TokenView<'_>, first: usize) -> (&[u8], Vec<usize>) {
    let offsets = &view.offsets()[first..=view.len().min(first + ROWS)];
    let (from, to) = (offsets[0], offsets[offsets.len() - 1]);
    (&view.tokens()[from..to], offsets.iter().map(|offset| offset - from).collect())
}
