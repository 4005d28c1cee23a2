//! Memory of a device.

use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::prelude::BufferArg;
use cubecl::server::Handle;

use crate::Error;

/// Numbers of four bytes each on a device.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    handle: Handle,
    length: usize,
}

impl Buffer {
    /// Memory that holds anything.
    pub(super) fn empty(client: &Client, what: &'static str, length: usize) -> Result<Self, Error> {
        let length = length.max(1);
        let bytes = 4 * length as u64;
        let limit = client.properties().memory.max_page_size;
        if bytes > limit || u32::try_from(length).is_err() {
            return Err(Error::DeviceMemory { what, bytes, limit });
        }
        Ok(Self { handle: client.empty(4 * length), length })
    }

    /// Copies numbers to the device.
    pub(super) fn of_singles(client: &Client, what: &'static str, values: &[f32]) -> Result<Self, Error> {
        Self::of(client, what, values.iter().map(|value| value.to_bits()))
    }

    /// Copies numbers to the device.
    pub(super) fn of_integers(client: &Client, what: &'static str, values: &[u32]) -> Result<Self, Error> {
        Self::of(client, what, values.iter().copied())
    }

    fn of(client: &Client, what: &'static str, words: impl ExactSizeIterator<Item = u32>) -> Result<Self, Error> {
        let length = words.len().max(1);
        let (bytes, limit) = (4 * length as u64, client.properties().memory.max_page_size);
        if bytes > limit || u32::try_from(length).is_err() {
            return Err(Error::DeviceMemory { what, bytes, limit });
        }
        let mut raw: Vec<u8> = words.flat_map(u32::to_ne_bytes).collect();
        raw.resize(4 * length, 0);
        Ok(Self { handle: client.create(Bytes::from_bytes_vec(raw)), length })
    }

    /// Numbers that it holds.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// As an argument of a kernel.
    // CubeCL asks callers to vouch for the length of a buffer; here it is the length that was allocated.
    #[allow(unsafe_code)]
    pub(super) fn argument(&self) -> BufferArg {
        // SAFETY: `length` numbers of four bytes were allocated for the handle, and neither changes.
        unsafe { BufferArg::from_raw_parts(self.handle.clone(), self.length) }
    }

    /// Waits for the device and reads numbers `from..from + count`.
    pub(super) fn read(&self, client: &Client, from: usize, count: usize) -> Result<Vec<f32>, Error> {
        let rest = self.length - from - count;
        let handle = self.handle.clone().offset_start(4 * from as u64).offset_end(4 * rest as u64);
        let bytes = client
            .read_one(handle)
            .map_err(|error| Error::Failed { device: client.name().to_owned(), reason: error.to_string() })?;
        Ok(bytes.chunks_exact(4).map(|word| f32::from_ne_bytes([word[0], word[1], word[2], word[3]])).collect())
    }
}
