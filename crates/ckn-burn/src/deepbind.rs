//! The network after DeepBind, as tensors compute it.

use burn::module::{Module, Param};
use burn::tensor::ops::{ConvOptions, PadMode};
use burn::tensor::{DType, Device, Tensor};
use ckn_core::TokenView;
use ckn_model::{CheckedDeepBindConfig, DeepBindConfig};

use crate::Error;
use crate::encoding::encode;
use crate::error::check_size;
use crate::head::join;
use crate::patches::factors;
use crate::pull_back::pull_back;
use crate::transfer::{check_number_type, read_single, upload_single};

/// Convolution, rectifier, maximum over windows, linear score: [`ckn_model::DeepBind`] on any device.
///
/// # Source
/// Alipanahi, Delong, Weirauch and Frey 2015 (DeepBind), supplementary note 1.
#[derive(Module, Debug)]
pub struct DeepBind {
    /// Filters: `[filters, letters, width]`.
    pub filters: Param<Tensor<3>>,
    /// Biases of the detectors: `[filters]`.
    pub biases: Param<Tensor<1>>,
    /// Weights of the detectors: `[filters]`.
    pub weights: Param<Tensor<1>>,
    /// Intercept: `[1]`.
    pub intercept: Param<Tensor<1>>,
    #[module(skip)]
    config: CheckedDeepBindConfig,
}

impl DeepBind {
    /// The module of a network, in a number type.
    ///
    /// # Errors
    /// [`Error::NumberType`].
    pub fn from_network(network: &ckn_model::DeepBind, device: &Device, dtype: DType) -> Result<Self, Error> {
        check_number_type(dtype)?;
        let config = *network.config();
        let vector = |values: &[f32]| Param::from_tensor(upload_single(values.to_vec(), [values.len()], device, dtype));
        let shape = [config.filters, config.letters, config.width];
        Ok(Self {
            filters: Param::from_tensor(upload_single(network.filters().to_vec(), shape, device, dtype)),
            biases: vector(network.biases()),
            weights: vector(network.weights()),
            intercept: vector(&[network.intercept()]),
            config,
        })
    }

    /// The network of this module.
    ///
    /// # Errors
    /// A failure of the device; parameters that are not finite.
    pub fn to_network(&self) -> Result<ckn_model::DeepBind, Error> {
        let mut parameters = read_single(self.filters.val())?;
        for vector in [&self.biases, &self.weights, &self.intercept] {
            parameters.extend(read_single(vector.val())?);
        }
        Ok(ckn_model::DeepBind::new(self.config, parameters)?)
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedDeepBindConfig {
        &self.config
    }

    /// Scores of some records; `masks` scale the rectified responses of each record (dropout).
    ///
    /// # Shapes
    /// masks `[records, filters]` → `[records]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] for a record without letters; [`Error::Size`] if the masks or the alphabet do not fit;
    /// those of [`encode`].
    pub fn forward(
        &self,
        view: TokenView<'_>,
        records: &[usize],
        masks: Option<Tensor<2>>,
    ) -> Result<Tensor<1>, Error> {
        let (device, dtype) = (self.filters.val().device(), self.filters.val().dtype());
        let DeepBindConfig { filters, letters, width, strands } = *self.config;
        check_size("letters of the sequences", letters, view.table().letters())?;
        let encoded = encode(view, records, strands, &device, dtype)?;
        if let Some(row) = encoded.lengths.iter().position(|&length| length == 0) {
            let record = records[row / strands.count()];
            return Err(ckn_core::Error::TooShort { record, length: 0, width: 1 }.into());
        }
        let [rows, _, longest] = encoded.map.dims();
        // Unknown letters beyond each sequence and on either side.
        let unknown = 1.0 / letters as f64;
        let beyond = factors(&encoded.lengths, longest, |_| 1.0, &device, dtype).sub_scalar(1.0).mul_scalar(-unknown);
        let map = encoded.map + beyond.reshape([rows, 1, longest]);
        let map = map.pad((width - 1, width - 1, 0, 0), PadMode::Constant(unknown as f32));
        let options = ConvOptions::new([1], [0], [1], 1);
        let responses = burn::tensor::module::conv1d(map, self.filters.val(), Some(self.biases.val()), options);
        let windows = responses.dims()[2];
        let counts: Vec<usize> = encoded.lengths.iter().map(|length| length + width - 1).collect();
        let own = factors(&counts, windows, |_| 1.0, &device, dtype);
        let beyond = own.equal_scalar(0.0).reshape([rows, 1, windows]).expand([rows, filters, windows]);
        let best = responses.mask_fill(beyond, f64::NEG_INFINITY).max_dim(2).clamp_min(0.0);
        let mut best = best.reshape([records.len(), strands.count(), filters]);
        if let Some(masks) = masks {
            check_size("records of the masks", records.len(), masks.dims()[0])?;
            check_size("filters of the masks", filters, masks.dims()[1])?;
            best = best * masks.reshape([records.len(), 1, filters]);
        }
        let scores = (best * self.weights.val().reshape([1, 1, filters])).sum_dim(2);
        let scores = scores + self.intercept.val().reshape([1, 1, 1]);
        Ok(join(scores, strands).squeeze_dim(1))
    }

    /// Scores of some records, and the gradient by all parameters of a function of them: `upstream` is handed the scores,
    /// and writes the gradient by them.
    ///
    /// # Shapes
    /// masks `[records, filters]`; the gradient is laid out as [`ckn_model::DeepBind::parameters`].
    ///
    /// # Errors
    /// [`Error::NotTracked`] unless the module lives on `device.autodiff()`; those of [`Self::forward`].
    pub fn gradient(
        &self,
        view: TokenView<'_>,
        records: &[usize],
        masks: &[f32],
        upstream: &mut dyn FnMut(&[f32], &mut [f32]),
    ) -> Result<Vec<f32>, Error> {
        let (device, dtype) = (self.filters.val().device(), self.filters.val().dtype());
        check_size("numbers of the masks", records.len() * self.config.filters, masks.len())?;
        let masks = upload_single(masks.to_vec(), [records.len(), self.config.filters], &device, dtype);
        let gradients = pull_back(self.forward(view, records, Some(masks))?, upstream)?;
        let mut gradient = read_single(self.filters.val().grad(&gradients).ok_or(Error::NotTracked)?)?;
        for vector in [&self.biases, &self.weights, &self.intercept] {
            gradient.extend(read_single(vector.val().grad(&gradients).ok_or(Error::NotTracked)?)?);
        }
        Ok(gradient)
    }
}
