//! Models of images: bit for bit through their file, and refused where they are damaged.

use std::collections::BTreeMap;
use std::path::Path;

use ckn_core::image::{Encoding, ImageLayerSpec, ImageNetwork, LayerParameters, MapShape, SpatialPooling};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::Border;
use ckn_core::svm::Svm;
use ckn_core::whitening::Regularisation;
use ckn_model::image::{Branch, ImageCard, ImageModel, InputMap, LearnedScaling};
use ckn_model::{Error, Model};
use ckn_vision::Images;

const IMAGE: MapShape = MapShape { height: 6, width: 5, channels: 1 };

fn layer(patch: usize, filters: usize, channels: usize, encoding: Encoding) -> LayerParameters {
    let pooling = SpatialPooling::By(2.0);
    let spec = ImageLayerSpec { patch, filters, border: Border::Same, centred: false, encoding, pooling };
    let size = spec.patch_size(channels);
    let mut numbers: Vec<f32> = (0..filters * size).map(|k| 1.0 + (k as f32 * 0.7).sin()).collect();
    for row in numbers.chunks_exact_mut(size) {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter_mut().for_each(|x| *x /= norm);
    }
    let expansion = matches!(encoding, Encoding::GaussianExpansion { .. });
    LayerParameters { spec, filters: numbers, expansion_weights: vec![0.3; if expansion { filters } else { 0 }] }
}

fn model() -> ImageModel {
    let kernel = DotProductKernel::Exponential { sigma: 0.6 };
    let nystrom = Encoding::Nystrom { kernel, regularisation: Regularisation::Shift { epsilon: 1e-3 } };
    let expansion = Encoding::GaussianExpansion { sigma: 0.7 };
    let branches = [
        (InputMap::Pixels, vec![layer(3, 4, 1, nystrom), layer(2, 3, 4, nystrom)]),
        (InputMap::Gradient, vec![layer(1, 5, 2, expansion)]),
    ]
    .map(|(input, layers)| {
        let network = ImageNetwork::new(input.shape(IMAGE), layers).unwrap();
        let dimension = network.output().size();
        let mean = (0..dimension).map(|k| k as f32 * 0.01).collect();
        Branch { input, network, scaling: LearnedScaling { mean, scale: 1.25 } }
    });
    let dimension: usize = branches.iter().map(Branch::dimension).sum();
    let weights = (0..2 * dimension).map(|k| (k as f64 * 0.37).cos()).collect();
    let card = ImageCard {
        seed: 3,
        images: 7,
        data: BTreeMap::new(),
        training: serde_json::json!({ "b": 1, "a": 2 }),
        measured: BTreeMap::from([("held_out_error".to_owned(), 1.5)]),
    };
    let classes = vec!["cat".to_owned(), "dog".to_owned()];
    ImageModel::new(IMAGE, branches.to_vec(), Svm { weights, intercepts: vec![0.1, -0.2] }, classes, card).unwrap()
}

fn images(count: usize) -> Images {
    let bytes = (0..count * IMAGE.size()).map(|k| (k * 37 % 251) as u8).collect();
    Images::new(bytes, IMAGE.height, IMAGE.width, IMAGE.channels).unwrap()
}

#[test]
fn a_model_comes_back_bit_by_bit_and_scores_the_same() {
    let (model, images) = (model(), images(5));
    let bytes = model.to_bytes().unwrap();
    let back = ImageModel::from_bytes(&bytes, Path::new("m")).unwrap();
    assert_eq!(back.to_bytes().unwrap(), bytes);
    assert_eq!((back.config(), back.card()), (model.config(), model.card()));
    let scores = model.scores(&images).unwrap();
    assert_eq!(back.scores(&images).unwrap(), scores);
    // Alone, an image has the same score.
    assert_eq!(back.scores(&images.select(&[3]).unwrap()).unwrap(), scores[6..8]);
    // Scores are products of the scaled embeddings.
    let features = model.features(&images).unwrap();
    let dimension = model.machine().dimension();
    for (image, row) in features.chunks_exact(dimension).enumerate() {
        for class in 0..2 {
            let weights = &model.machine().weights[class * dimension..][..dimension];
            let want: f64 = row.iter().zip(weights).map(|(&x, w)| f64::from(x) * w).sum::<f64>() + [0.1, -0.2][class];
            assert!((f64::from(scores[image * 2 + class]) - want).abs() < 1e-4);
        }
    }
}

#[test]
fn damaged_files_are_refused_at_every_length_and_for_many_flipped_bytes() {
    let bytes = model().to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(7) {
        assert!(ImageModel::from_bytes(&bytes[..length], Path::new("m")).is_err(), "{length}");
    }
    for at in (0..bytes.len()).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5a;
        // Either refused, or a number that is another one: never a panic.
        if let Ok(model) = ImageModel::from_bytes(&damaged, Path::new("m")) {
            let _ = model.scores(&images(1));
        }
    }
}

#[test]
fn models_of_sequences_and_of_images_are_told_apart() {
    let bytes = model().to_bytes().unwrap();
    let refused = Model::from_bytes(&bytes, Path::new("m")).err();
    assert!(matches!(&refused, Some(Error::Malformed { reason, .. }) if reason.contains("ckn image")), "{refused:?}");
    let sequences = crate::support::model().to_bytes().unwrap();
    let refused = ImageModel::from_bytes(&sequences, Path::new("m")).unwrap_err();
    assert!(matches!(&refused, Error::Malformed { reason, .. } if reason.contains("model of sequences")), "{refused}");
}

#[test]
fn images_of_another_shape_are_named() {
    let other = Images::new(vec![0; 36], 6, 6, 1).unwrap();
    let refused = model().scores(&other).unwrap_err();
    assert!(refused.to_string().contains("6 x 6 pixels of 1 channels"), "{refused}");
}

#[test]
fn sizes_that_a_header_lies_about_are_refused_before_memory_is_set_aside() {
    let bytes = model().to_bytes().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    // The metadata stand in the header as an escaped string.
    assert!(text.contains("\\\"filters\\\":4"));
    let start = bytes.windows(14).position(|window| window == b"\\\"filters\\\":4,\\"[..14].as_ref());
    let at = start.unwrap() + 12;
    let mut damaged = bytes.clone();
    damaged[at] = b'9';
    let refused = ImageModel::from_bytes(&damaged, Path::new("m")).unwrap_err();
    assert!(matches!(refused, Error::Malformed { .. }), "{refused}");
}
