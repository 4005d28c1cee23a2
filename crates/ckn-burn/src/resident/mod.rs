//! A network of one layer that is computed and trained where its sequences live: on a graphics card.
//!
//! Sequences are copied to the device once, one byte a letter. A minibatch is eight kernels: tables and Gram matrix, inverse
//! root, pooling, head, gradient by windows, its sum, adjoint of the root, a step of Adam. Within a pass over the data nothing is
//! copied to the device and nothing read from it.
//!
//! Every kernel keeps within what the smallest devices have: 8 buffers, 16 KiB of shared memory, 256 units, no atomics, no
//! double precision. Sums are taken in a fixed order, so that a seed gives the same bits in every run on a device.

mod buffers;
mod copy;
mod descent;
// A condition that is known when a kernel is compiled stands alone.
#[allow(clippy::collapsible_if)]
mod kernels;
mod launches;
mod self_test;
mod shape;
mod traffic;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::backend::DispatchDevice;
use burn::tensor::Device;
use ckn_core::TokenView;
use ckn_core::network::CheckedConfig;
use ckn_model::Network;
use cubecl::client::Client;

use self::buffers::Buffer;
use self::kernels::kappa::Formula;
use self::shape::{Cut, MOST_UNITS};
use crate::Error;

pub use self::descent::{DevicePass, Moments};
pub use self::traffic::Traffic;

/// Most numbers of embeddings that are on the device at once.
const EMBEDDED: usize = 1 << 22;

/// Turns of all loops of a unit that Mesa's software driver makes; it has 65,535 and counts some others among them.
const SIMULATED_TURNS: usize = 60_000;

/// Sequences that live on a device, and what it takes to compute a network of one layer there.
pub struct Resident {
    client: Client,
    config: CheckedConfig,
    cut: Cut,
    records: usize,
    /// Windows of the longest sequence.
    windows: usize,
    /// Whether the card is simulated in software.
    simulated: bool,
    /// Numbers of packed letters.
    packed: usize,
    /// Packed letters, then the offsets of records.
    data: Buffer,
    /// Vectors of the tokens, of both strands.
    vectors: Buffer,
    /// Squared norms of the words of a window, by their place.
    squares: Buffer,
    tables: Buffer,
    gram: Buffer,
    roots: Buffer,
    work: Buffer,
    sums: Buffer,
    /// Anchors, and the room for those after a step.
    anchors: [Buffer; 2],
    /// What the first of `anchors` holds, as the network has it; tables and roots are of it.
    ready: Option<Vec<f32>>,
    /// `α` of the kernel.
    alpha: f32,
    traffic: Traffic,
}

impl fmt::Debug for Resident {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (device, records, traffic) = (self.client.name(), self.records, self.traffic);
        out.debug_struct("Resident")
            .field("device", &device)
            .field("records", &records)
            .field("traffic", &traffic)
            .finish()
    }
}

impl Resident {
    /// Copies sequences to a device, for networks of this shape.
    ///
    /// # Errors
    /// [`Error::NotResident`] for networks that the kernels are not written for, and devices that have none;
    /// [`Error::DeviceMemory`] for more sequences than a buffer of the device holds; [`Error::Failed`] if the driver gives up.
    pub fn new(device: &Device, view: TokenView<'_>, network: &Network) -> Result<Self, Error> {
        guarded(device, || Self::copied(device, view, network))
    }

    /// Whether networks of this configuration are computed here, on sequences of its letters alone.
    ///
    /// # Errors
    /// [`Error::NotResident`] says which are not.
    pub fn check(config: &CheckedConfig) -> Result<(), Error> {
        Cut::new(config, config.letters, MOST_UNITS).map(|_| ())
    }

    /// What a device allows, in words.
    ///
    /// # Errors
    /// [`Error::NotResident`] for devices that are no graphics cards.
    pub fn limits(device: &Device) -> Result<String, Error> {
        let properties = client(device)?.properties_shared();
        let (buffer, hardware) = (properties.memory.max_page_size >> 20, &properties.hardware);
        let (shared, units) = (hardware.max_shared_memory_size >> 10, hardware.max_units_per_cube);
        Ok(format!(
            "buffers of {buffer} MiB, {shared} KiB shared by {units} units, {} buffers a kernel",
            hardware.max_bindings
        ))
    }

    /// What was asked of the device so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Bytes on the device that a training in minibatches of `batch` records takes.
    pub fn bytes(&self, batch: usize) -> u64 {
        let fixed =
            [&self.data, &self.vectors, &self.squares, &self.tables, &self.gram, &self.roots, &self.work, &self.sums];
        let fixed: usize = fixed.into_iter().chain(&self.anchors).map(Buffer::length).sum();
        let moving = self.cut.values(batch) + self.cut.partials(batch) + 2 * self.cut.parameters();
        4 * (fixed + moving) as u64
    }

    /// Embeddings of some records.
    ///
    /// # Shapes
    /// out `[records, strands, filters]`.
    ///
    /// # Errors
    /// [`Error::Size`] if the output does not fit; [`Error::Record`]; [`Error::Failed`] if the driver gives up.
    pub fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        crate::error::check_size("embeddings", records.len() * self.cut.row(), out.len())?;
        let device = self.client.name();
        guarded(&device, || {
            self.check_turns(1)?;
            self.prepare(network)?;
            let most = (EMBEDDED / self.cut.values(1)).max(1);
            let order = self.upload_order(records)?;
            let values = Buffer::empty(&self.client, "embeddings", self.cut.values(records.len().min(most)))?;
            for (chunk, out) in out.chunks_mut(most * self.cut.row()).enumerate() {
                let count = out.len() / self.cut.row();
                self.pool(&order, &values, chunk * most, count);
                if !self.cut.maxima {
                    self.apply_root(&values, count);
                }
                out.copy_from_slice(&self.read(&values, count * self.cut.row(), out.len())?);
            }
            Ok(())
        })
    }

    /// Gradient by the anchors of a function of the embeddings of some records.
    ///
    /// # Shapes
    /// `upstream` is handed the embeddings `[records, strands, filters]` and as many zeros to write the gradient into →
    /// `[filters, letters, width]`, not projected on the sphere's tangent.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn pull_back(
        &mut self,
        network: &Network,
        records: &[usize],
        upstream: &mut dyn FnMut(&[f32], &mut [f32]),
    ) -> Result<Vec<f32>, Error> {
        let device = self.client.name();
        guarded(&device, || self.gradient(network, records, upstream))
    }

    /// Makes tables, Gram matrix and inverse root for a network, unless they are there.
    fn prepare(&mut self, network: &Network) -> Result<(), Error> {
        let [layer] = network.layers() else {
            return Err(Error::NotResident { what: "networks of several layers" });
        };
        crate::error::check_size("anchor points", self.cut.parameters(), layer.anchors().len())?;
        let Some((_, alpha)) = Formula::of(&layer.kernel()) else {
            return Err(Error::NotResident { what: "networks of this kernel" });
        };
        if self.alpha == alpha && self.ready.as_deref() == Some(layer.anchors()) {
            return Ok(());
        }
        let filter_last = self.filter_last(layer.anchors());
        self.ready = None;
        self.anchors[0] = self.upload("anchors", &filter_last)?;
        self.alpha = alpha;
        self.tables();
        self.inverse_root();
        self.ready = Some(layer.anchors().to_vec());
        Ok(())
    }

    /// Refuses loops that a software driver would end too early, and without a word.
    fn check_turns(&self, records: usize) -> Result<(), Error> {
        match self.simulated && self.cut.turns(self.windows, records) > SIMULATED_TURNS {
            true => Err(Error::NotResident {
                what: "on a card simulated in software, sequences or minibatches as long as these",
            }),
            false => Ok(()),
        }
    }

    fn upload(&mut self, what: &'static str, values: &[f32]) -> Result<Buffer, Error> {
        self.traffic.uploaded += values.len();
        Buffer::of_singles(&self.client, what, values)
    }

    fn upload_order(&mut self, records: &[usize]) -> Result<Buffer, Error> {
        if let Some(&record) = records.iter().find(|&&record| record >= self.records) {
            return Err(Error::Record { record, records: self.records });
        }
        let order: Vec<u32> = records.iter().map(|&record| record as u32).collect();
        self.traffic.uploaded += order.len();
        Buffer::of_integers(&self.client, "order of the records", &order)
    }

    fn read(&mut self, buffer: &Buffer, from: usize, count: usize) -> Result<Vec<f32>, Error> {
        self.traffic.waits += 1;
        self.traffic.downloaded += count;
        buffer.read(&self.client, from, count)
    }

    /// `[filters, letters, width]` as `[width · letters, filters]`.
    fn filter_last(&self, anchors: &[f32]) -> Vec<f32> {
        let mut turned = vec![0.0; anchors.len()];
        anchors.iter().zip(self.turned_places()).for_each(|(&value, place)| turned[place] = value);
        turned
    }

    /// The inverse of [`Self::filter_last`].
    fn filter_first(&self, turned: &[f32]) -> Vec<f32> {
        self.turned_places().map(|place| turned[place]).collect()
    }

    /// Places in `[width · letters, filters]`, in the order of `[filters, letters, width]`.
    fn turned_places(&self) -> impl Iterator<Item = usize> {
        let (filters, letters, width) = (self.cut.filters, self.cut.letters, self.cut.forward.width as usize);
        (0..filters).flat_map(move |filter| {
            (0..letters * width).map(move |at| (at % width * letters + at / width) * filters + filter)
        })
    }
}

fn client(device: &Device) -> Result<Client, Error> {
    match device.as_dispatch() {
        DispatchDevice::Cube(cube) => Ok(cube.client()),
        _ => Err(Error::NotResident { what: "networks on devices that are no graphics cards" }),
    }
}

/// Runs something on a device whose driver reports what it cannot do by unwinding.
fn guarded<T>(device: &dyn std::fmt::Debug, run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
        Err(Error::Failed { device: format!("{device:?}"), reason: crate::self_test::reason(cause.as_ref()) })
    })
}
