//! Layers and networks on images: against their printed numbers, and against `ckn_core::image`, which has its own witnesses.

use burn::tensor::{DType, Tensor};
use ckn_burn::{CknLayer2dConfig, Concatenation, ImageCkn, ImageCknConfig};
use ckn_core::image::{
    Encoding, ImageLayerSpec, ImageNetwork, ImageTape, LayerGradient, LayerParameters, MapShape, SpatialPooling,
};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::Border;
use ckn_core::seed::Seed;
use ckn_core::whitening::Regularisation;

use crate::support::{TestDevice, assert_close, devices, double_devices, numbers, scattered, tangential};

const EXPONENTIAL: DotProductKernel = DotProductKernel::Exponential { sigma: 0.6 };
const EXPANSION: Encoding = Encoding::GaussianExpansion { sigma: 0.7 };
const INPUT: MapShape = MapShape { height: 8, width: 7, channels: 2 };
const BATCH: usize = 3;

fn nystrom(kernel: DotProductKernel) -> Encoding {
    Encoding::Nystrom { kernel, regularisation: Regularisation::Shift { epsilon: 1e-2 } }
}

fn spec(patch: usize, filters: usize, encoding: Encoding) -> ImageLayerSpec {
    ImageLayerSpec { patch, filters, border: Border::Valid, centred: false, encoding, pooling: SpatialPooling::None }
}

/// Two layers: every pooling and border, with and without centring, both encodings.
fn networks() -> Vec<ImageCknConfig> {
    let cosine = nystrom(DotProductKernel::ArcCosine { order: 1 });
    let square = nystrom(DotProductKernel::Polynomial { degree: 2 });
    let mut networks = Vec::new();
    for (border, centred, pooling, first, second) in [
        (Border::Valid, false, SpatialPooling::By(2.0), nystrom(EXPONENTIAL), cosine),
        (Border::Same, false, SpatialPooling::Stride(2), nystrom(EXPONENTIAL), nystrom(EXPONENTIAL)),
        (Border::Valid, true, SpatialPooling::To(3), square, nystrom(EXPONENTIAL)),
        (Border::Same, true, SpatialPooling::None, nystrom(EXPONENTIAL), square),
        (Border::Same, true, SpatialPooling::By(1.5), EXPANSION, EXPANSION),
        (Border::Valid, false, SpatialPooling::To(4), EXPANSION, nystrom(EXPONENTIAL)),
    ] {
        let first = ImageLayerSpec { border, centred, pooling, ..spec(3, 4, first) };
        let second = ImageLayerSpec { border, pooling: SpatialPooling::To(2), ..spec(2, 3, second) };
        networks.push(ImageCknConfig { input: INPUT, layers: vec![first, second] });
    }
    networks
}

/// Images with a blank corner, channels last.
fn images() -> Vec<f64> {
    let mut images = scattered(BATCH * INPUT.size(), 70);
    for image in images.chunks_exact_mut(INPUT.size()) {
        for line in image.chunks_exact_mut(INPUT.width * INPUT.channels).take(4) {
            line[..4 * INPUT.channels].fill(0.0);
        }
    }
    images
}

/// Channels last on the host, channels first on the device.
fn upload(test: &TestDevice, values: &[f64], shape: MapShape) -> Tensor<4> {
    let batch = values.len() / shape.size();
    test.tensor::<4>(values, [batch, shape.height, shape.width, shape.channels]).permute([0, 3, 1, 2])
}

fn channels_last(tensor: Tensor<4>) -> Vec<f64> {
    numbers(tensor.permute([0, 2, 3, 1]))
}

/// The same network on slices, in double precision, with the module's own numbers.
fn on_slices(module: &ImageCkn) -> ImageNetwork<f64> {
    let mut network = ImageNetwork::new(module.input(), module.to_parameters().unwrap()).unwrap();
    for (at, layer) in module.layers.iter().enumerate() {
        if let Encoding::Nystrom { .. } = layer.config().spec.encoding {
            network.set_anchors(at, &channels_last(layer.anchors.val())).unwrap();
        }
    }
    network
}

/// Embeddings, gradients by the images, and by the layers if all have one.
fn host_pass(
    network: &ImageNetwork<f64>,
    images: &[f64],
    upstream: &[f64],
) -> (Vec<f64>, Vec<f64>, Option<Vec<LayerGradient>>) {
    let mut tape = ImageTape::default();
    let mut gradient = network.zero_gradient();
    let (mut embeddings, mut by_images, mut known) = (Vec::new(), Vec::new(), true);
    for (image, upstream) in
        images.chunks_exact(network.input().size()).zip(upstream.chunks_exact(network.output().size()))
    {
        network.forward(image, &mut tape).unwrap();
        embeddings.extend_from_slice(tape.output());
        known &= network.pull_back_to_map(&mut tape, upstream, &mut gradient).is_ok();
        by_images.extend_from_slice(tape.by_map());
    }
    (embeddings, by_images, known.then(|| network.finish(&gradient).unwrap()))
}

fn random_module(config: &ImageCknConfig, seed: u64, test: &TestDevice) -> ImageCkn {
    let parameters = config.init(Seed(seed), &test.device).unwrap().to_parameters().unwrap();
    ImageCkn::from_parameters(config.input, &parameters, &test.device, test.dtype).unwrap()
}

/// `α = 1/0.36`, `Z = ((1, 0), (0.6, 0.8))`; numbers found by finite differences in NumPy.
#[test]
fn a_layer_has_its_printed_value_and_gradients() {
    for test in devices().into_iter().map(TestDevice::tracking) {
        let regularisation = Regularisation::Shift { epsilon: 1e-3 };
        let spec = spec(1, 2, Encoding::Nystrom { kernel: EXPONENTIAL, regularisation });
        let config = CknLayer2dConfig { channels: 2, spec };
        let layer = config.init_with(test.tensor(&[1.0, 0.0, 0.6, 0.8], [2, 2, 1, 1]), None).unwrap();
        let map: Tensor<4> = test.tensor(&[3.0, 1.0, 0.0, 4.0, -1.0, 2.0], [1, 2, 1, 3]).require_grad();
        let output = layer.forward(map.clone()).unwrap();
        let tolerance = test.tolerance.max(2e-9);
        let expected = [0.8351364704, 0.6436895536, -0.0727683502, 4.9272279305, -0.0486924452, 1.1755307357];
        assert_close(&numbers(output.clone()), &expected, tolerance, &test.name);
        let gradients = (output * test.tensor(&[1.0, -1.0, 0.5, 2.0, 0.0, 1.0], [1, 2, 1, 3])).sum().backward();
        let by_anchors = numbers(layer.anchors.val().grad(&gradients).unwrap());
        // Printed by points on the sphere; the layer scales to the sphere what it has.
        let printed = [0.7939863611, 2.5030097097, -3.0791682821, 1.2697348852];
        let want = tangential(&printed, &[1.0, 0.0, 0.6, 0.8], 2);
        assert_close(&by_anchors, &want, tolerance, &test.name);
        let expected = [1.6868803616, -0.9498914295, 0.9731419759, 1.4072378143, -0.3062018754, 0.5695732801];
        assert_close(&numbers(map.grad(&gradients).unwrap()), &expected, tolerance, &test.name);
    }
}

#[test]
fn modules_equal_slices_forward_and_backward() {
    for test in devices().into_iter().map(TestDevice::tracking) {
        for (index, config) in networks().into_iter().enumerate() {
            let place = format!("{} network {index}", test.name);
            let module = random_module(&config, index as u64, &test);
            assert_eq!(module.config(), config);
            let network = on_slices(&module);
            assert_eq!(module.output(), network.output());
            let images = images();
            let dimension = network.output().size();
            let upstream = scattered(BATCH * dimension, 80);
            let (embeddings, by_images, by_layers) = host_pass(&network, &images, &upstream);
            let map = upload(&test, &images, INPUT).require_grad();
            let got = module.embed(map.clone()).unwrap();
            // Roots of Gram matrices amplify the rounding of single precision.
            let tolerance = 10.0 * test.tolerance;
            assert_close(&numbers(got.clone()), &embeddings, tolerance, &place);
            assert_close(&channels_last(module.forward(map.clone()).unwrap()), &embeddings, tolerance, &place);

            let gradients = (got * test.tensor(&upstream, [BATCH, dimension])).sum().backward();
            let learned = config.layers.iter().all(|layer| matches!(layer.encoding, Encoding::Nystrom { .. }));
            assert_eq!(by_layers.is_some(), learned, "{place}");
            let Some(by_layers) = by_layers else { continue };
            let got = channels_last(map.grad(&gradients).unwrap());
            assert_close(&got, &by_images, tolerance, &format!("{place}, by images"));
            for (layer, want) in module.layers.iter().zip(by_layers) {
                let anchors = channels_last(layer.anchors.val());
                let got = channels_last(layer.anchors.val().grad(&gradients).unwrap());
                let size = anchors.len() / layer.config().spec.filters;
                let want = tangential(&want.anchors, &anchors, size);
                assert_close(&got, &want, tolerance, &format!("{place}, by anchors"));
            }
        }
    }
}

/// In single precision, a difference of squares would be off by a tenth here.
#[test]
fn low_contrast_survives_a_bright_background() {
    let layer = ImageLayerSpec { centred: true, ..spec(3, 4, nystrom(EXPONENTIAL)) };
    let config = ImageCknConfig { input: INPUT, layers: vec![layer] };
    let images: Vec<f64> =
        scattered(BATCH * INPUT.size(), 71).into_iter().map(|value| f64::from((1.0 + 1e-3 * value) as f32)).collect();
    for test in devices() {
        let module = random_module(&config, 2, &test);
        let network = on_slices(&module);
        let (want, _, _) = host_pass(&network, &images, &vec![0.0; BATCH * network.output().size()]);
        let got = numbers(module.embed(upload(&test, &images, INPUT)).unwrap());
        assert_close(&got, &want, 1e-3, &test.name);
    }
}

/// Expansions have no gradient on slices.
#[test]
fn gradients_of_expansions_equal_central_differences() {
    let spec = ImageLayerSpec { pooling: SpatialPooling::By(2.0), ..spec(2, 3, EXPANSION) };
    let shape = [3, INPUT.channels, 2, 2];
    let filters = scattered(shape.iter().product(), 90);
    let weights = [0.3, 1.0, 0.02];
    for test in double_devices().into_iter().map(TestDevice::tracking) {
        let config = CknLayer2dConfig { channels: INPUT.channels, spec };
        let objective = |filters: &[f64], weights: &[f64]| {
            let layer =
                config.init_with(test.tensor(filters, shape), Some(test.tensor(weights, [weights.len()]))).unwrap();
            let maps = layer.forward(upload(&test, &images(), INPUT)).unwrap();
            let upstream = scattered(maps.dims().iter().product(), 91);
            let objective = (maps.clone() * test.tensor(&upstream, maps.dims())).sum();
            (layer, objective)
        };
        let (layer, value) = objective(&filters, &weights);
        let gradients = value.backward();
        let step = 1e-5;
        let central = |at: &dyn Fn(f64) -> Tensor<1>| (numbers(at(step))[0] - numbers(at(-step))[0]) / (2.0 * step);
        let moved = |start: &[f64], at: usize, by: f64| {
            let mut moved = start.to_vec();
            moved[at] += by;
            moved
        };
        let want: Vec<f64> =
            (0..filters.len()).map(|at| central(&|by| objective(&moved(&filters, at, by), &weights).1)).collect();
        assert_close(&numbers(layer.anchors.val().grad(&gradients).unwrap()), &want, 1e-6, "filters");
        let want: Vec<f64> =
            (0..weights.len()).map(|at| central(&|by| objective(&filters, &moved(&weights, at, by)).1)).collect();
        let by_weights = layer.expansion_weights.unwrap().val().grad(&gradients).unwrap();
        assert_close(&numbers(by_weights), &want, 1e-6, "weights");
    }
}

#[test]
fn blank_images_are_zero_and_have_finite_gradients() {
    for test in devices().into_iter().map(TestDevice::tracking) {
        for (index, config) in networks().into_iter().enumerate() {
            let module = random_module(&config, 5, &test);
            let images: Tensor<4> = upload(&test, &vec![0.0; 2 * INPUT.size()], INPUT);
            let images = images.require_grad();
            let embeddings = module.embed(images.clone()).unwrap();
            assert!(numbers(embeddings.clone()).iter().all(|&value| value == 0.0), "{} {index}", test.name);
            let gradients = embeddings.sum().backward();
            let by_anchors = module.layers.iter().filter_map(|layer| layer.anchors.val().grad(&gradients));
            let all = by_anchors.chain(images.grad(&gradients)).flat_map(numbers);
            assert!(all.into_iter().all(f64::is_finite), "{} {index}", test.name);
        }
    }
}

#[test]
fn parameters_come_back_as_they_were() {
    for test in devices().into_iter().filter(|test| test.dtype == DType::F32) {
        for config in networks() {
            let module = config.init(Seed(3), &test.device).unwrap();
            let parameters = module.to_parameters().unwrap();
            let specs: Vec<ImageLayerSpec> = parameters.iter().map(|layer| layer.spec).collect();
            assert_eq!(specs, config.layers);
            // Anchor [filter 1, row 2, column 0, channel 1] of the first layer, by both orders.
            let channels_first = numbers(module.layers[0].anchors.val());
            assert_eq!(f64::from(parameters[0].filters[18 + 2 * 6 + 1]), channels_first[18 + 9 + 2 * 3]);
            let again = ImageCkn::from_parameters(INPUT, &parameters, &test.device, test.dtype).unwrap();
            assert_eq!(again.to_parameters().unwrap(), parameters);
        }
    }
}

#[test]
fn a_concatenation_scales_and_joins_embeddings() {
    for test in devices() {
        let configs = networks();
        let modules = [&configs[0], &configs[4]].map(|config| random_module(config, 8, &test));
        let images = upload(&test, &images(), INPUT);
        let alone = modules.clone().map(|module| numbers(module.embed(images.clone()).unwrap()));
        let [one, two] = modules;
        let dimensions = [one.output().size(), two.output().size()];
        let both = Concatenation::new([(one, 0.5), (two, 3.0)]).unwrap();
        assert_eq!(both.dimension(), dimensions[0] + dimensions[1]);
        let got = numbers(both.embed(vec![images.clone(), images.clone()]).unwrap());
        let want: Vec<f64> = (0..BATCH)
            .flat_map(|row| {
                let [one, two] =
                    [0, 1].map(|network| &alone[network][row * dimensions[network]..][..dimensions[network]]);
                one.iter().map(|value| 0.5 * value).chain(two.iter().map(|value| 3.0 * value)).collect::<Vec<_>>()
            })
            .collect();
        assert_close(&got, &want, test.tolerance, &test.name);
        assert!(both.embed(vec![images]).is_err());
        assert!(Concatenation::new([]).is_err());
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let config = &networks()[0];
    let json = serde_json::to_string(config).unwrap();
    assert_eq!(&serde_json::from_str::<ImageCknConfig>(&json).unwrap(), config);
    assert!(
        serde_json::from_str::<ImageCknConfig>(&json.replacen("{\"patch\"", "{\"depth\": 2,\"patch\"", 1)).is_err()
    );
    for test in devices() {
        let message = |layers: Vec<ImageLayerSpec>, input| {
            ImageCknConfig { input, layers }.init(Seed(0), &test.device).unwrap_err().to_string()
        };
        let layer = spec(3, 2, nystrom(EXPONENTIAL));
        assert!(message(vec![layer; 3], MapShape { height: 6, ..INPUT }).contains("do not fit into a map of 2 x 3"));
        assert!(message(vec![spec(0, 2, EXPANSION)], INPUT).contains("patch = 0"));
        let pooling = SpatialPooling::To(9);
        assert!(message(vec![ImageLayerSpec { pooling, ..layer }], INPUT).contains("pooling to 9 x 9 cells"));

        let module = random_module(config, 0, &test);
        let error = |shape| module.forward(test.tensor(&vec![0.5; shape_size(shape)], shape)).unwrap_err().to_string();
        assert!(error([1, 3, 8, 7]).contains("channels"));
        assert!(error([1, 2, 9, 7]).contains("height"));
        assert!(error([1, 2, 8, 6]).contains("width"));

        let one = CknLayer2dConfig { channels: 2, spec: layer };
        let filters = |value| test.tensor(&[value; 36], [2, 2, 3, 3]);
        assert!(one.init_with(filters(0.0), None).unwrap_err().to_string().contains("norm"));
        assert!(one.init_with(filters(1.0), Some(test.tensor(&[1.0, 1.0], [2]))).is_err());
        let expansion = CknLayer2dConfig { spec: spec(3, 2, EXPANSION), ..one };
        assert!(expansion.init_with(filters(1.0), None).is_err());
        assert!(expansion.init_with(test.tensor(&[1.0; 24], [2, 2, 3, 2]), None).is_err());
        let parameters = LayerParameters { spec: layer, filters: vec![1.0; 35], expansion_weights: Vec::new() };
        assert!(ImageCkn::from_parameters(INPUT, &[parameters], &test.device, test.dtype).is_err());
        assert_eq!(expansion.init(&test.device).unwrap().forward(module_input(&test)).unwrap().dims(), [1, 2, 5, 4]);
    }
}

fn shape_size(shape: [usize; 4]) -> usize {
    shape.iter().product()
}

fn module_input(test: &TestDevice) -> Tensor<4> {
    Tensor::ones([1, 2, 7, 6], (&test.device, DType::F32))
}
