//! Sequences and their letters, copied to a device.

use burn::tensor::Device;
use ckn_core::TokenView;
use ckn_model::Network;

use super::buffers::Buffer;
use super::kernels::windows::WindowShape;
use super::shape::Cut;
use super::{Resident, Traffic, client};
use crate::Error;

impl Resident {
    pub(super) fn copied(device: &Device, view: TokenView<'_>, network: &Network) -> Result<Self, Error> {
        let client = client(device)?;
        let config = network.config().clone();
        view.check_width(config.shortest_sequence())?;
        // Places of letters are numbers of 32 bits there.
        let (letters, limit) = (view.tokens().len() as u64, u64::from(u32::MAX));
        if letters > limit {
            return Err(Error::DeviceMemory { what: "sequences", bytes: letters, limit });
        }
        let table = view.table();
        let mut dense = [u8::MAX; 256];
        let mut tokens = Vec::new();
        for &token in view.tokens() {
            if dense[usize::from(token)] == u8::MAX {
                dense[usize::from(token)] = tokens.len() as u8;
                tokens.push(token);
            }
        }
        let cut = Cut::new(&config, tokens.len(), client.properties().hardware.max_units_per_cube)?;
        let padded = cut.forward.tokens as usize;
        let mut vectors = vec![0.0; cut.strands * padded * cut.letters];
        let mut squares = vec![0.0; padded];
        for (place, &token) in tokens.iter().enumerate() {
            squares[place] = table.squared_norm(token) as f32;
            for strand in 0..cut.strands {
                let token = match (strand, table.complement()) {
                    (0, _) => token,
                    (_, Some(map)) => map[usize::from(token)],
                    (_, None) => return Err(ckn_core::Error::NoComplement.into()),
                };
                let slots = &mut vectors[(strand * padded + place) * cut.letters..][..cut.letters];
                slots.iter_mut().zip(table.vector(token)).for_each(|(slot, value)| *slot = *value as f32);
            }
        }
        let mut data: Vec<u32> = view
            .tokens()
            .chunks(4)
            .map(|four| {
                let bytes = four.iter().enumerate();
                bytes.fold(0, |word, (at, &token)| word | u32::from(dense[usize::from(token)]) << (8 * at))
            })
            .collect();
        let packed = data.len();
        data.extend(view.offsets().iter().map(|&offset| offset as u32));
        let squared = cut.filters * cut.filters;
        let size = cut.strands * cut.rows() * cut.filters;
        let words = cut.strands * cut.rows_of_words() * cut.filters;
        let squares = squares_of_words(cut.forward, &squares);
        Ok(Self {
            records: view.len(),
            windows: (0..view.len()).map(|record| view.sequence(record).len()).max().unwrap_or(0),
            simulated: client.properties().identity.physical.is_none(),
            packed,
            data: Buffer::of_integers(&client, "sequences", &data)?,
            vectors: Buffer::of_singles(&client, "letters", &vectors)?,
            squares: Buffer::of_singles(&client, "letters", &squares)?,
            tables: Buffer::empty(&client, "tables of anchors", words)?,
            gram: Buffer::empty(&client, "Gram matrix", 2 * squared)?,
            roots: Buffer::empty(&client, "inverse root", 3 * squared + 2 * cut.filters)?,
            work: Buffer::empty(&client, "inverse root", 2 * squared)?,
            sums: Buffer::empty(&client, "gradient", size + squared)?,
            anchors: [
                Buffer::empty(&client, "anchors", cut.parameters())?,
                Buffer::empty(&client, "anchors", cut.parameters())?,
            ],
            ready: None,
            alpha: 0.0,
            traffic: Traffic { uploaded: data.len() + vectors.len() + squares.len(), ..Traffic::default() },
            client,
            config,
            cut,
        })
    }
}

/// Squared norms of all words of a window, `[words, codes]`, from those of the tokens.
fn squares_of_words(shape: WindowShape, squares: &[f32]) -> Vec<f32> {
    let tokens = shape.tokens as usize;
    let each = (0..shape.words()).flat_map(|word| (0..shape.codes() as usize).map(move |code| (word, code)));
    each.map(|(word, code)| match shape.pairs {
        true if 2 * word + 1 < shape.width => squares[code / tokens] + squares[code % tokens],
        true => squares[code / tokens],
        false => squares[code],
    })
    .collect()
}
