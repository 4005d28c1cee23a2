//! Layers and inverse roots against JAX, mpmath and NumPy: `reference/layer_golden.py`.

use burn::tensor::Tensor;
use ckn_burn::{CknLayer1dConfig, inverse_root};
use ckn_core::pooling::Pooling;
use ckn_model::LayerConfig;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{TestDevice, assert_close, devices, numbers, tangential};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../reference/golden/layer.json")).unwrap()
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn shape<const D: usize>(value: &Value) -> [usize; D] {
    let mut value = value;
    std::array::from_fn(|_| {
        let items = value.as_array().unwrap();
        value = &items[0];
        items.len()
    })
}

fn from<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn check_layer(test: &TestDevice, case: &Value, index: usize) {
    let anchors = &case["anchors"];
    let [filters, channels, width] = shape(anchors);
    let config = CknLayer1dConfig {
        channels,
        layer: LayerConfig {
            filters,
            width,
            kernel: from(&case["kernel"]),
            subsampling: case["subsampling"].as_u64().unwrap() as usize,
        },
        border: from(&case["border"]),
        regularisation: from(&case["regularisation"]),
    };
    let layer = config.init_with(test.tensor(&flat(anchors), [filters, channels, width])).unwrap();
    let map: Tensor<3> = test.tensor(&flat(&case["map"]), shape(&case["map"])).require_grad();
    let lengths: Vec<usize> = from(&case["lengths"]);
    let pooling: Option<Pooling> = from(&case["pooling"]);
    let upstream = flat(&case["upstream"]);
    let (output, objective) = match pooling {
        Some(pooling) => {
            let pooled = layer.forward_pooled(map.clone(), &lengths, pooling).unwrap();
            (numbers(pooled.clone()), (pooled * test.tensor(&upstream, shape(&case["upstream"]))).sum())
        }
        None => {
            let (mapped, _) = layer.forward(map.clone(), &lengths).unwrap();
            (numbers(mapped.clone()), (mapped * test.tensor(&upstream, shape(&case["upstream"]))).sum())
        }
    };
    let gradients = objective.backward();
    let by_anchors = numbers(layer.anchors.val().grad(&gradients).unwrap());
    let by_map = numbers(map.grad(&gradients).unwrap());
    let what = |part| format!("{part} of case {index} ({config:?}, {pooling:?}) on {}", test.name);
    assert_close(&output, &flat(&case["output"]), test.tolerance, &what("output"));
    assert_close(&by_map, &flat(&case["gradient_by_map"]), test.tolerance, &what("gradient by the map"));
    // Twins 1e-3 apart lose three of the seven digits of single precision, whatever the algorithm.
    let twins: bool = from(&case["near_duplicates"]);
    let tolerance = if twins && !test.is_double() { 10.0 * test.tolerance } else { test.tolerance };
    // The golden gradient is by points on the sphere, the layer's by what it scales to the sphere.
    let want = tangential(&flat(&case["gradient_by_anchors"]), &flat(anchors), channels * width);
    assert_close(&by_anchors, &want, tolerance, &what("gradient by the anchors"));
}

#[test]
fn layers_and_their_gradients_are_golden_on_every_device() {
    let golden = golden();
    for test in devices().into_iter().map(TestDevice::tracking) {
        for (index, case) in golden["layers"].as_array().unwrap().iter().enumerate() {
            check_layer(&test, case, index);
        }
    }
}

#[test]
fn inverse_roots_and_their_adjoints_are_golden_on_every_device() {
    let golden = golden();
    for test in devices().into_iter().map(TestDevice::tracking) {
        for case in golden["roots"].as_array().unwrap() {
            let gram: Tensor<2> = test.tensor(&flat(&case["gram"]), shape(&case["gram"])).require_grad();
            let root = inverse_root(gram.clone(), from(&case["regularisation"])).unwrap();
            assert_close(&numbers(root.clone()), &flat(&case["root"]), test.tolerance, &test.name);
            let upstream = test.tensor(&flat(&case["upstream"]), shape(&case["upstream"]));
            let gradients = (root * upstream).sum().backward();
            let adjoint = numbers(gram.grad(&gradients).unwrap());
            assert_close(&adjoint, &flat(&case["adjoint"]), test.tolerance, &test.name);
        }
    }
}
