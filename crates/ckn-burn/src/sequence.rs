//! A network from sequences to embeddings.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor};
use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use ckn_model::{CheckedConfig, Network, NetworkConfig};

use crate::encoding::unit_vectors;
use crate::error::check_size;
use crate::fused;
use crate::gather;
use crate::transfer::{check_number_type, read_single, upload_single};
use crate::unit_layer::{Evaluations, UnitLayer};
use crate::{CknLayer1d, CknLayer1dConfig, Error, TokenBatch};

/// Configuration of a [`SequenceCkn`].
#[derive(Config, Debug, PartialEq)]
pub struct SequenceCknConfig {
    /// The network.
    pub network: NetworkConfig,
    /// Seed of the random anchor points.
    #[config(default = 0)]
    pub seed: u64,
}

impl SequenceCknConfig {
    /// A network with random anchor points, the same on every device, in single precision.
    ///
    /// # Errors
    /// Those of [`NetworkConfig::check`], [`Network::random`] and [`SequenceCkn::from_network`].
    pub fn init(&self, device: &Device) -> Result<SequenceCkn, Error> {
        let network = Network::random(self.network.clone().check()?, &mut Seed(self.seed).stream("anchors"))?;
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

/// Layers, global pooling and strands: the map from sequences to embeddings, as a part of any burn module.
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use ckn_burn::{DeviceChoice, SequenceCknConfig};
/// use ckn_core::LetterTable;
/// # use ckn_core::kernel::DotProductKernel;
/// # use ckn_core::pooling::{Border, Pooling, Strands};
/// # use ckn_core::whitening::Regularisation;
/// # use ckn_model::{LayerConfig, NetworkConfig};
/// # let kernel = DotProductKernel::Exponential { sigma: 0.3 };
/// # let network = NetworkConfig {
/// #     letters: 4,
/// #     layers: vec![LayerConfig { filters: 8, width: 3, kernel, subsampling: 1 }],
/// #     pooling: Pooling::Max,
/// #     strands: Strands::Max,
/// #     border: Border::Valid,
/// #     regularisation: Regularisation::Shift { epsilon: 1e-3 },
/// #     gap_decay: 0.0,
/// #     letter_similarity: Vec::new(),
/// # };
/// // network: a ckn_model::NetworkConfig.
/// let device = DeviceChoice::Cpu.open()?;
/// let module = SequenceCknConfig::new(network).with_seed(1).init(&device)?;
/// let dna = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// let tokens = Tensor::<2, Int>::from_data([[0, 1, 2, 3, 0], [3, 3, 1, -1, -1]], &device);
/// let embeddings = module.forward_tokens(tokens, &[5, 3], &dna)?;
/// assert_eq!(embeddings.dims(), [2, 2, 8]);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
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
    /// [`Error::NumberType`] unless the type is `F32` or `F64`; [`Error::NotTensors`] for gapped patches and similar letters.
    pub fn from_network(network: &Network, device: &Device, dtype: DType) -> Result<Self, Error> {
        check_number_type(dtype)?;
        let config = network.config();
        if config.has_gaps() {
            return Err(Error::NotTensors { what: "networks of gapped patches" });
        }
        if config.has_letter_similarity() {
            return Err(Error::NotTensors { what: "networks of similar letters" });
        }
        let layers = network
            .layers()
            .iter()
            .zip(&config.layers)
            .map(|(layer, description)| {
                let channels = layer.channels();
                let shape = [layer.filters(), channels, layer.width()];
                let anchors = upload_single(layer.anchors().to_vec(), shape, device, dtype);
                let (border, regularisation) = (config.border, config.regularisation);
                CknLayer1dConfig { channels, layer: *description, border, regularisation }.init_with(anchors)
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

    /// Embeddings of records. With two strands the second is the reverse complement, encoded and padded on its own.
    ///
    /// # Shapes
    /// → `[records, strands, dimension]`.
    ///
    /// # Errors
    /// Those of [`crate::encode`] and of [`CknLayer1d::forward`]; [`Error::Size`] if the sequences' alphabet has another
    /// number of letters.
    pub fn forward(&self, view: TokenView<'_>, records: &[usize]) -> Result<Tensor<3>, Error> {
        self.embed(&self.units()?, view, records)
    }

    /// [`Self::forward`] of padded rows of tokens, as a burn `Batcher` yields them: sequence `i` is the first `lengths[i]` tokens
    /// of row `i`, and what stands beyond never matters.
    ///
    /// # Shapes
    /// tokens `[batch, longest]`, lengths `[batch]` → `[batch, strands, dimension]`.
    ///
    /// # Errors
    /// Those of [`TokenBatch::from_tensor`] and of [`Self::forward`].
    pub fn forward_tokens(
        &self,
        tokens: Tensor<2, Int>,
        lengths: &[usize],
        table: &LetterTable,
    ) -> Result<Tensor<3>, Error> {
        let batch = TokenBatch::from_tensor(tokens, lengths, table)?;
        self.forward(batch.view()?, &batch.records())
    }

    /// The layers with their anchor points on the sphere, for one pass.
    pub(crate) fn units(&self) -> Result<Vec<UnitLayer>, Error> {
        self.layers.iter().map(CknLayer1d::unit).collect()
    }

    /// [`Self::forward`] by given layers.
    pub(crate) fn embed(
        &self,
        layers: &[UnitLayer],
        view: TokenView<'_>,
        records: &[usize],
    ) -> Result<Tensor<3>, Error> {
        check_size("letters of the alphabet", self.config.letters, view.table().letters())?;
        let [first, deeper @ ..] = layers else {
            return Err(ckn_core::Error::Empty { what: "the network" }.into());
        };
        self.check_lengths(view, records)?;
        let shape = [records.len(), self.config.strands.count(), self.dimension()];
        let pooling = self.config.pooling;
        let pooled = match deeper {
            [] if self.first_layer == FirstLayer::Tables
                && self.config.by_windows().is_some()
                && is_host(&first.anchors.tensor.device()) =>
            {
                fused::embeddings(&first.anchors, &self.config, view, records)?
            }
            [] => first.pool_evaluations(self.first_evaluations(first, view, records)?, pooling)?,
            [inner @ .., last] => {
                let evaluations = self.first_evaluations(first, view, records)?;
                let (mut map, mut lengths) = first.transform_evaluations(evaluations)?;
                for layer in inner {
                    (map, lengths) = layer.transform(map, &lengths)?;
                }
                last.pool(map, &lengths, pooling)?
            }
        };
        Ok(pooled.reshape(shape))
    }

    /// The first layer's kernel values.
    fn first_evaluations(
        &self,
        first: &UnitLayer,
        view: TokenView<'_>,
        records: &[usize],
    ) -> Result<Evaluations, Error> {
        let batch = TokenBatch::of_records(view, records, self.config.strands)?;
        if self.first_layer == FirstLayer::Tables
            && let Some(alpha) = first.config.layer.kernel.alpha()
            && gather::is_possible(&batch, self.config.border)
        {
            let windows = first.windows(&batch.lengths())?;
            return gather::evaluations(first.anchors.tensor.clone(), alpha, &batch, windows);
        }
        let anchors = &first.anchors.tensor;
        first.evaluations(unit_vectors(&batch, &anchors.device(), anchors.dtype()), &batch.lengths())
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
