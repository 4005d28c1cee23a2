//! A network from sequences to embeddings.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use ckn_core::TokenView;
use ckn_core::pooling::Pooling;
use ckn_core::seed::Seed;
use ckn_core::sequence::SequenceLayerConfig;
use ckn_model::{CheckedConfig, Network};

use crate::encoding::{check_records, encode_positions};
use crate::error::check_size;
use crate::fused;
use crate::gather::{self, Letters};
use crate::patches::Windows;
use crate::transfer::{check_number_type, read_single, upload_single};
use crate::{CknLayer1d, CknLayer1dConfig, Error};

/// What a [`SequenceCkn`] is before it has anchor points.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceCknConfig {
    /// The network.
    pub network: CheckedConfig,
    /// Seed of the random anchor points.
    pub seed: Seed,
}

impl SequenceCknConfig {
    /// A network with random anchor points, the same on every device, in single precision.
    ///
    /// # Errors
    /// Those of [`Network::random`].
    pub fn init(&self, device: &Device) -> Result<SequenceCkn, Error> {
        let network = Network::random(self.network.clone(), &mut self.seed.stream("anchors"))?;
        SequenceCkn::from_network(&network, device, DType::F32)
    }
}

/// How the first layer is computed. All ways have one meaning, and differ by rounding only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstLayer {
    /// From k-mer tables: on the CPU, for networks of one layer, as one operation of `ckn_core`; elsewhere by gathering
    /// rows of tables, for batches of known letters and exponential kernels; for the rest as [`Self::Reference`].
    #[default]
    Tables,
    /// From unit vectors of letters, patch by patch.
    Reference,
}

/// Layers, global pooling and strands: the map from sequences to embeddings.
#[derive(Module, Debug)]
pub struct SequenceCkn {
    /// Layers, the first on the letters.
    pub layers: Vec<CknLayer1d>,
    #[module(skip)]
    config: CheckedConfig,
    #[module(skip)]
    first_layer: FirstLayer,
}

impl SequenceCkn {
    /// A network's parameters as a module. On `device.autodiff()` its anchor points track gradients.
    ///
    /// # Errors
    /// [`Error::NumberType`] unless the type is `F32` or `F64`.
    pub fn from_network(network: &Network, device: &Device, dtype: DType) -> Result<Self, Error> {
        check_number_type(dtype)?;
        let config = network.config();
        let layers = network
            .layers()
            .iter()
            .map(|layer| {
                let shape = [layer.filters(), layer.channels(), layer.width()];
                let anchors = upload_single(layer.anchors().to_vec(), shape, device, dtype);
                CknLayer1dConfig {
                    channels: layer.channels(),
                    filters: layer.filters(),
                    width: layer.width(),
                    kernel: layer.kernel(),
                    border: config.border,
                    regularisation: config.regularisation,
                    subsampling: layer.subsampling(),
                }
                .init_with(anchors)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { layers, config: config.clone(), first_layer: FirstLayer::default() })
    }

    /// The module's parameters as a network, rounded to single precision.
    ///
    /// # Errors
    /// Anchor points that are zero or not finite; a device that cannot be read.
    pub fn to_network(&self) -> Result<Network, Error> {
        let anchors =
            self.layers.iter().map(|layer| read_single(layer.anchors.val())).collect::<Result<Vec<_>, _>>()?;
        Ok(Network::new(self.config.clone(), anchors)?)
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedConfig {
        &self.config
    }

    /// Numbers of an embedding of one strand.
    pub fn dimension(&self) -> usize {
        self.config.dimension()
    }

    /// The same network with its first layer computed in a given way.
    pub fn with_first_layer(mut self, first_layer: FirstLayer) -> Self {
        self.first_layer = first_layer;
        self
    }

    /// Replaces the anchor points of a layer, scaling each to unit norm; the module is unchanged if that fails.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`Error::Layer`]; those of [`CknLayer1d::with_anchors`].
    pub fn set_anchors(&mut self, layer: usize, anchors: &[f32]) -> Result<(), Error> {
        let layers = self.layers.len();
        let slot = self.layers.get_mut(layer).ok_or(Error::Layer { layer, layers })?;
        *slot = slot.clone().with_anchors(anchors)?;
        Ok(())
    }

    /// Embeddings of records. With two strands the second is the reverse complement, encoded and padded on its own.
    ///
    /// # Shapes
    /// → `[records, strands, dimension]`.
    ///
    /// # Errors
    /// Those of [`crate::encode`] and of [`CknLayer1d::forward`]; [`Error::Size`] if the sequences' alphabet has another
    /// number of letters.
    pub fn forward(&self, view: TokenView<'_>, records: &[usize]) -> Result<Tensor<3>, Error> {
        check_size("letters of the alphabet", self.config.letters, view.table().letters())?;
        let Some(first) = self.layers.first() else {
            return Err(ckn_core::Error::Empty { what: "the network" }.into());
        };
        check_records(view, records)?;
        self.check_lengths(view, records)?;
        let shape = [records.len(), self.config.strands.count(), self.dimension()];
        if self.first_layer == FirstLayer::Tables
            && self.layers.len() == 1
            && self.config.pooling != Pooling::Gmp
            && is_host(&first.anchors.device())
        {
            let pooled = fused::embeddings(first.anchors.val(), self.fused(first), self.config.border, view, records)?;
            return Ok(pooled.reshape(shape));
        }
        let (values, norms, windows) = self.first_evaluations(first, view, records)?;
        let pooling = self.config.pooling;
        let pooled = match &self.layers[1..] {
            [] => first.pool_evaluations(values, norms, &windows, pooling)?,
            [inner @ .., last] => {
                let (mut map, mut lengths) = first.transform_evaluations(values, norms, &windows)?;
                for layer in inner {
                    (map, lengths) = layer.transform(map, &lengths)?;
                }
                last.pool(map, &lengths, pooling)?
            }
        };
        Ok(pooled.reshape(shape))
    }

    /// The first layer's kernel values and norms of patches, with the windows that they belong to.
    fn first_evaluations(
        &self,
        first: &CknLayer1d,
        view: TokenView<'_>,
        records: &[usize],
    ) -> Result<(Tensor<3>, Tensor<2>, Windows), Error> {
        let (strands, border) = (self.config.strands, self.config.border);
        let kernel = self.config.layers[0].kernel;
        if self.first_layer == FirstLayer::Tables
            && let Some(alpha) = kernel.alpha()
            && let Some(letters) = Letters::of(view, records, strands, border, kernel)
        {
            let windows = first.windows(&letters.lengths())?;
            let (values, norms) = gather::evaluations(first.anchors.val(), alpha, &letters, &windows)?;
            return Ok((values, norms, windows));
        }
        let (device, dtype) = (first.anchors.device(), first.anchors.val().dtype());
        let (map, lengths) = encode_positions(view, records, strands, &device, dtype)?;
        let windows = first.windows(&lengths)?;
        let (values, norms) = first.evaluations(map, &windows)?;
        Ok((values, norms, windows))
    }

    fn fused(&self, first: &CknLayer1d) -> SequenceLayerConfig {
        let layer = &self.config.layers[0];
        let [filters, _, width] = first.anchors.dims();
        SequenceLayerConfig {
            filters,
            width,
            kernel: layer.kernel,
            pooling: self.config.pooling,
            strands: self.config.strands,
            regularisation: self.config.regularisation,
        }
    }

    /// Names a record that is too short by its own number, before layers would name its place in the batch.
    fn check_lengths(&self, view: TokenView<'_>, records: &[usize]) -> Result<(), Error> {
        let width = self.config.shortest_sequence();
        for &record in records.iter().filter(|&&record| record < view.len()) {
            let length = view.sequence(record).len();
            if length < width {
                return Err(ckn_core::Error::TooShort { record, length, width }.into());
            }
        }
        Ok(())
    }
}

/// Whether a device computes in the host's memory.
fn is_host(device: &Device) -> bool {
    // burn knows the hardware of graphics cards only.
    #[cfg(feature = "wgpu")]
    return device.identity().is_none();
    #[cfg(not(feature = "wgpu"))]
    {
        let _ = device;
        true
    }
}
