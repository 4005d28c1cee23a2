//! Sequences of a batch, out of the tensors that a burn `Batcher` yields, or of a view.

use burn::tensor::{Int, Tensor};
use ckn_core::pooling::Strands;
use ckn_core::{LetterTable, TokenView};

use crate::Error;
use crate::patches::check_lengths;

/// A batch of sequences with tokens of its own.
///
/// Tokens are read back to the host, where k-mers are coded: keep those of a `Batcher` on the CPU if they need not be elsewhere.
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use ckn_burn::{DeviceChoice, TokenBatch};
/// use ckn_core::LetterTable;
///
/// let device = DeviceChoice::Cpu.open()?;
/// let table = LetterTable::new(4, &[], None)?;
/// // Two sequences; what stands beyond the second does not matter.
/// let tokens = Tensor::<2, Int>::from_data([[0, 1, 2, 3], [3, 3, -1, -1]], &device);
/// let batch = TokenBatch::from_tensor(tokens, &[4, 2], &table)?;
/// assert_eq!(batch.view()?.sequence(1), [3, 3]);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TokenBatch {
    table: LetterTable,
    tokens: Vec<u8>,
    offsets: Vec<usize>,
}

impl TokenBatch {
    /// Sequences of padded rows: sequence `i` is the first `lengths[i]` tokens of row `i`.
    ///
    /// # Shapes
    /// tokens `[batch, longest]`, lengths `[batch]`.
    ///
    /// # Errors
    /// [`Error::Size`] or [`Error::Length`] if lengths do not fit the rows; [`Error::Token`] for a token that the table does
    /// not know; [`ckn_core::Error::Empty`] for no sequences; a device that cannot be read.
    pub fn from_tensor(tokens: Tensor<2, Int>, lengths: &[usize], table: &LetterTable) -> Result<Self, Error> {
        let [count, longest] = tokens.dims();
        check_lengths(lengths, count, longest)?;
        let values = tokens.try_into_data()?.try_into_vec_as::<i64>()?;
        let mut batch = Self { table: table.clone(), tokens: Vec::with_capacity(values.len()), offsets: vec![0] };
        for (record, &length) in lengths.iter().enumerate() {
            for (position, &token) in values[record * longest..][..length].iter().enumerate() {
                let known = u8::try_from(token).ok().filter(|&token| usize::from(token) < table.tokens());
                let unknown = Error::Token { token, record, position, known: table.tokens() };
                batch.tokens.push(known.ok_or(unknown)?);
            }
            batch.offsets.push(batch.tokens.len());
        }
        Ok(batch)
    }

    /// Copies of some records. With two strands, each is followed by its reverse complement.
    ///
    /// # Errors
    /// [`Error::Record`] for a record that does not exist; [`ckn_core::Error::Empty`] for none;
    /// [`ckn_core::Error::NoComplement`] for two strands of an alphabet without one.
    pub fn of_records(view: TokenView<'_>, records: &[usize], strands: Strands) -> Result<Self, Error> {
        if records.is_empty() {
            return Err(ckn_core::Error::Empty { what: "the batch" }.into());
        }
        let complement = match strands {
            Strands::Forward => None,
            Strands::Max | Strands::Mean => Some(view.table().complement().ok_or(ckn_core::Error::NoComplement)?),
        };
        let mut batch = Self { table: view.table().clone(), tokens: Vec::new(), offsets: vec![0] };
        for &record in records {
            if record >= view.len() {
                return Err(Error::Record { record, records: view.len() });
            }
            let sequence = view.sequence(record);
            batch.tokens.extend_from_slice(sequence);
            batch.offsets.push(batch.tokens.len());
            if let Some(complement) = complement {
                batch.tokens.extend(sequence.iter().rev().map(|&token| complement[usize::from(token)]));
                batch.offsets.push(batch.tokens.len());
            }
        }
        Ok(batch)
    }

    /// What the tokens mean.
    pub(crate) fn table(&self) -> &LetterTable {
        &self.table
    }

    /// Tokens of each sequence.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.offsets.windows(2).map(|ends| &self.tokens[ends[0]..ends[1]])
    }

    /// Length of each sequence.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        self.rows().map(<[u8]>::len).collect()
    }

    /// The sequences, as every module takes them.
    ///
    /// # Errors
    /// None that a batch could hold: those of [`TokenView::new`].
    pub fn view(&self) -> Result<TokenView<'_>, ckn_core::Error> {
        TokenView::new(&self.tokens, &self.offsets, &self.table)
    }

    /// The numbers of all sequences, in order.
    pub fn records(&self) -> Vec<usize> {
        (0..self.offsets.len() - 1).collect()
    }
}
