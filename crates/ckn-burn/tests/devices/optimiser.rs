//! burn's own optimisers on modules: what they leave is what is exported.

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{DType, Tensor};
use ckn_burn::{FirstLayer, ImageCkn, ImageCknConfig, SequenceCkn};
use ckn_core::TokenView;
use ckn_core::image::{Encoding, ImageLayerSpec, ImageNetwork, ImageTape, MapShape, SpatialPooling};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, Strands};
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;

use crate::encoding::nucleotides;
use crate::network::{OFFSETS, TOKENS, network};
use crate::support::{TestDevice, assert_close, devices, double_devices, numbers, scattered};

/// One step of AdamW, with a rate that takes every anchor point far off the sphere.
fn stepped<M: Module>(module: M, loss: Tensor<1>) -> M {
    let gradients = GradientsParams::from_grads(loss.backward(), &module);
    AdamWConfig::new().init().step(0.3, module, gradients)
}

fn single_precision() -> Vec<TestDevice> {
    devices().into_iter().filter(|test| test.dtype == DType::F32).map(TestDevice::tracking).collect()
}

#[test]
fn a_sequence_network_exported_after_a_step_of_adamw_embeds_as_the_module_does() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    let records = [2, 0, 1];
    for test in single_precision() {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum, Pooling::Gmp] {
            let start = network(Strands::Max, Border::Same, pooling);
            let module = SequenceCkn::from_network(&start, &test.device, test.dtype).unwrap();
            let weights = test.tensor(&scattered(3 * 2 * 3, 7), [3, 2, 3]);
            let loss = (module.forward(view, &records).unwrap() * weights).sum();
            let module = stepped(module, loss);
            let norm = numbers(module.layers[0].anchors.val().square().sum())[0];
            assert!((norm - 5.0).abs() > 0.1, "the step left the anchor points on the sphere: {norm}");
            let exported = module.to_network().unwrap();
            assert_ne!(exported, start);
            // In double precision, so that only the module rounds.
            let prepared = exported.prepared::<f64>(&table).unwrap();
            let mut want = vec![0.0; records.len() * prepared.row()];
            prepared.embed(&prepared.config().index(view).unwrap(), &records, &mut want).unwrap();
            let got = numbers(module.forward(view, &records).unwrap());
            let tolerance = if test.tolerance > 1e-5 { test.tolerance } else { 1e-6 };
            assert_close(&got, &want, tolerance, &format!("{} {pooling:?}", test.name));
        }
    }
}

const INPUT: MapShape = MapShape { height: 6, width: 5, channels: 2 };

fn images_config() -> ImageCknConfig {
    let layer = |filters, encoding| ImageLayerSpec {
        patch: 2,
        filters,
        border: Border::Valid,
        centred: false,
        encoding,
        pooling: SpatialPooling::To(2),
    };
    let kernel = DotProductKernel::Exponential { sigma: 0.6 };
    let regularisation = Regularisation::Shift { epsilon: 1e-2 };
    let nystrom = Encoding::Nystrom { kernel, regularisation };
    let first = ImageLayerSpec { pooling: SpatialPooling::None, ..layer(4, nystrom) };
    ImageCknConfig::new(INPUT, vec![first, layer(3, nystrom)])
}

#[test]
fn an_image_network_exported_after_a_step_of_adamw_embeds_as_the_module_does() {
    let pixels = scattered(2 * INPUT.size(), 72);
    for test in single_precision() {
        let module = images_config().init(Seed(4), &test.device).unwrap();
        let images: Tensor<4> = test.tensor(&pixels, [2, INPUT.height, INPUT.width, INPUT.channels]);
        let images = images.permute([0, 3, 1, 2]);
        let weights = test.tensor(&scattered(2 * 12, 73), [2, 12]);
        let loss = (module.embed(images.clone()).unwrap() * weights).sum();
        let module = stepped(module, loss);
        let exported = ImageNetwork::<f32>::new(INPUT, module.to_parameters().unwrap()).unwrap();
        let mut want = Vec::new();
        for image in pixels.chunks_exact(INPUT.size()) {
            let mut tape = ImageTape::default();
            let image: Vec<f32> = image.iter().map(|&value| value as f32).collect();
            exported.forward(&image, &mut tape).unwrap();
            want.extend(tape.output().iter().map(|&value| f64::from(value)));
        }
        let tolerance = if test.tolerance > 1e-5 { test.tolerance } else { 1e-6 };
        assert_close(&numbers(module.embed(images).unwrap()), &want, tolerance, &test.name);
    }
}

/// Adds a number to one entry of one parameter.
struct Moved {
    parameter: usize,
    entry: usize,
    by: f64,
    scale: f64,
}

impl ModuleMapper for Moved {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let here = self.parameter == 0;
        self.parameter = self.parameter.wrapping_sub(1);
        parameter.map(|tensor| {
            let (shape, options) = (tensor.dims(), (&tensor.device(), tensor.dtype()));
            let mut values = numbers(tensor * self.scale);
            if here {
                values[self.entry] += self.by;
            }
            Tensor::from_data(burn::tensor::TensorData::new(values, shape), options).require_grad()
        })
    }
}

fn check_differences<M: Module>(module: &M, what: &str, objective: impl Fn(&M) -> Tensor<1>, gradients: &[Vec<f64>]) {
    let step = 1e-5;
    for (parameter, gradient) in gradients.iter().enumerate() {
        let at = |entry, by| {
            let moved = module.clone().map(&mut Moved { parameter, entry, by, scale: 1.0 });
            numbers(objective(&moved))[0]
        };
        let want: Vec<f64> =
            (0..gradient.len()).map(|entry| (at(entry, step) - at(entry, -step)) / (2.0 * step)).collect();
        assert_close(gradient, &want, 1e-6, &format!("{what}, parameter {parameter}"));
    }
}

/// A module whose parameters are all `scale` times as large, as a plain optimiser might leave them.
fn scaled<M: Module>(module: M, scale: f64) -> M {
    module.map(&mut Moved { parameter: usize::MAX, entry: 0, by: 0.0, scale })
}

#[test]
fn gradients_of_a_sequence_network_are_by_anchor_points_of_any_norm() {
    let table = nucleotides();
    let view = TokenView::new(&TOKENS, &OFFSETS, &table).unwrap();
    for test in double_devices().into_iter().map(TestDevice::tracking) {
        for first in [FirstLayer::Reference, FirstLayer::Tables] {
            let network = network(Strands::Mean, Border::Valid, Pooling::Mean);
            let module = SequenceCkn::from_network(&network, &test.device, test.dtype).unwrap();
            let module = scaled(module.with_first_layer(first), 1.7);
            let weights = test.tensor(&scattered(2 * 2 * 3, 8), [2, 2, 3]);
            let objective = |module: &SequenceCkn| (module.forward(view, &[1, 0]).unwrap() * weights.clone()).sum();
            let gradients = objective(&module).backward();
            let gradients: Vec<Vec<f64>> =
                module.layers.iter().map(|layer| numbers(layer.anchors.val().grad(&gradients).unwrap())).collect();
            check_differences(&module, &format!("{} {first:?}", test.name), objective, &gradients);
        }
    }
}

#[test]
fn gradients_of_an_image_network_are_by_anchor_points_of_any_norm() {
    let pixels = scattered(2 * INPUT.size(), 74);
    for test in double_devices().into_iter().map(TestDevice::tracking) {
        let parameters = images_config().init(Seed(5), &test.device).unwrap().to_parameters().unwrap();
        let module = ImageCkn::from_parameters(INPUT, &parameters, &test.device, test.dtype).unwrap();
        let module = scaled(module, 0.6);
        let images: Tensor<4> = test.tensor(&pixels, [2, INPUT.channels, INPUT.height, INPUT.width]);
        let weights = test.tensor(&scattered(2 * 12, 75), [2, 12]);
        let objective = |module: &ImageCkn| (module.embed(images.clone()).unwrap() * weights.clone()).sum();
        let gradients = objective(&module).backward();
        let gradients: Vec<Vec<f64>> =
            module.layers.iter().map(|layer| numbers(layer.anchors.val().grad(&gradients).unwrap())).collect();
        check_differences(&module, &test.name, objective, &gradients);
    }
}
