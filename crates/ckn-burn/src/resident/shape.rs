//! How a network and its sequences are cut into cubes, tiles and chunks.

use ckn_core::network::CheckedConfig;
use ckn_core::pooling::{Pooling, WindowPooling};

use super::kernels::kappa::Formula;
use super::kernels::products::STRIP;
use super::kernels::root::{MOST_FILTERS, MOST_SWEEPS};
use super::kernels::windows::{UNROLLED, WindowShape};
use crate::Error;

/// Shared memory of a cube that every device has, in bytes (Vulkan and WebGPU promise 16 KiB).
const SHARED_BYTES: usize = 16 * 1024;
/// Units of a cube that every device has room for.
pub(super) const MOST_UNITS: u32 = 256;
/// Filters of a cube of a sum.
const MOST_LANES: u32 = 64;
/// Letters of windows that are staged at once.
const STAGED: usize = 1024;
/// Kernel values of windows that are held at once before a maximum is taken.
const MAP: usize = 2048;
/// Most kinds of letters two of which are looked up at once.
const FEW_TOKENS: usize = 8;
/// Partial gradients of a minibatch.
const CHUNKS: usize = 64;

/// How a network is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) filters: usize,
    pub(super) letters: usize,
    pub(super) strands: usize,
    pub(super) maxima: bool,
    pub(super) mean: bool,
    pub(super) formula: Formula,
    /// Windows as pooling sees them.
    pub(super) forward: WindowShape,
    /// Windows as their gradient does.
    pub(super) backward: WindowShape,
    /// Filters of a cube of a sum.
    pub(super) lanes: u32,
    /// Filters of a cube of the gradient.
    pub(super) gradient_lanes: u32,
    /// Units of a cube.
    pub(super) units: u32,
}

impl Cut {
    /// Cuts a network for `tokens` kinds of letters and cubes of at most `most_units`.
    ///
    /// # Errors
    /// [`Error::NotResident`] for networks that the kernels are not written for.
    pub(super) fn new(config: &CheckedConfig, tokens: usize, most_units: u32) -> Result<Self, Error> {
        let refuse = |what| Err(Error::NotResident { what });
        let [layer] = config.layers[..] else {
            return refuse("networks of several layers");
        };
        if config.has_gaps() {
            return refuse("networks of gapped patches");
        }
        if config.has_letter_similarity() {
            return refuse("networks of similar letters");
        }
        let Some(pooling) = config.by_windows() else {
            return refuse("generalised max pooling");
        };
        let Some((formula, _)) = Formula::of(&layer.kernel) else {
            return refuse("networks of this kernel");
        };
        if layer.filters > MOST_FILTERS as usize {
            return refuse("networks of more than 256 filters");
        }
        let width = layer.width;
        let (before, after) = (config.border.before(width), config.border.after(width));
        let lost = width - 1 - before - after;
        let tokens = tokens + usize::from(before + after > 0);
        // A power of two: units share windows in equal parts.
        let units = 1 << most_units.clamp(MOST_LANES, MOST_UNITS).ilog2();
        let pairs = tokens <= FEW_TOKENS;
        let (words, codes) = if pairs { (width.div_ceil(2), tokens * tokens) } else { (width, tokens) };
        let tiled = |most: usize| (STAGED / words).clamp(1, most);
        // Four bytes for every word that is staged, every norm, every slope and every sum.
        let shared = |lanes: usize, tile: usize| 4 * (tile * (words + 1 + lanes) + words * codes * lanes);
        let gradient_tile = tiled(32);
        let gradient_lanes = [32, 16, 8, 4, 2, 1]
            .into_iter()
            .filter(|&lanes| lanes < 2 * layer.filters)
            .find(|&lanes| shared(lanes, gradient_tile) <= SHARED_BYTES);
        let Some(gradient_lanes) = gradient_lanes.filter(|_| words <= STAGED) else {
            return refuse("windows as wide as these");
        };
        let maxima = pooling == WindowPooling::Maxima;
        let tile = if maxima { tiled(16).min(MAP / layer.filters) } else { tiled(128) };
        let shape = |tile: usize| WindowShape {
            width: width as u32,
            tokens: tokens as u32,
            before: before as u32,
            after: after as u32,
            lost: lost as u32,
            tile: tile as u32,
            pairs,
        };
        Ok(Self {
            filters: layer.filters,
            letters: config.letters,
            strands: config.strands.count(),
            maxima,
            mean: config.pooling == Pooling::Mean,
            formula,
            forward: shape(tile),
            backward: shape(gradient_tile),
            lanes: (layer.filters.next_power_of_two() as u32).min(MOST_LANES),
            gradient_lanes: gradient_lanes as u32,
            units,
        })
    }

    /// Letters of a window by their place: width × tokens.
    pub(super) fn rows(&self) -> usize {
        (self.forward.width * self.forward.tokens) as usize
    }

    /// Words of a window by their place.
    pub(super) fn rows_of_words(&self) -> usize {
        (self.forward.words() * self.forward.codes()) as usize
    }

    /// Numbers of the anchors.
    pub(super) fn parameters(&self) -> usize {
        self.forward.width as usize * self.letters * self.filters
    }

    /// Numbers of one record's embeddings.
    pub(super) fn row(&self) -> usize {
        self.strands * self.filters
    }

    /// Numbers that are kept of some records between kernels.
    pub(super) fn values(&self, records: usize) -> usize {
        records * self.row() * if self.maxima { 2 } else { 3 }
    }

    /// Records of a partial gradient, and how many of those there are.
    pub(super) fn chunks(&self, records: usize) -> (usize, usize) {
        let chunk = records.div_ceil(CHUNKS).max(1);
        (chunk, records.div_ceil(chunk))
    }

    /// Numbers of the partial gradients of some records.
    pub(super) fn partials(&self, records: usize) -> usize {
        let by_root = if self.maxima { self.filters * self.filters } else { 0 };
        self.chunks(records).1 * self.strands * (self.rows() * self.filters + by_root)
    }

    /// The most turns of all loops that one unit of one cube makes for minibatches of sequences of so many windows.
    pub(super) fn turns(&self, windows: usize, records: usize) -> usize {
        let (units, filters, width) = (self.units as usize, self.filters, self.forward.words() as usize);
        let unrolled = if width <= UNROLLED as usize { 1 } else { width };
        let product = filters / STRIP as usize + STRIP as usize;
        let squared = filters * filters / units + 1;
        let root =
            squared * product + MOST_SWEEPS as usize * (filters + 1) * (filters * filters * 3 / 4 / (16 * units) + 3);
        let adjoint = 4 * squared * product;

        let tile = self.forward.tile as usize;
        let staged = |tile: usize| tile * width / units + tile / units * unrolled + 4;
        let pooled = match self.maxima {
            true => (tile * filters / units + 1) * unrolled + (filters / units + 1) * product,
            false => tile * self.lanes as usize / units * unrolled + 1,
        };
        let forward = windows.div_ceil(tile) * (staged(tile) + pooled);

        let (tile, lanes) = (self.backward.tile as usize, self.gradient_lanes as usize);
        let entries = if self.maxima { filters } else { windows };
        let shared = (tile * lanes / units + 1) * unrolled + (width * lanes / units + 1) * tile;
        let backward = self.chunks(records).0 * entries.div_ceil(tile) * (staged(tile) + shared);
        let added = records * self.strands / STRIP as usize;
        [root, adjoint, forward, backward, added].into_iter().max().unwrap_or(0)
    }
}
