//! Objects in colour with two layers of anchor points after local whitening (64 and 256 filters).
//!
//! ```sh
//! cargo run --release -p ckn-examples --example cifar10 -- FOLDER_OF_TRAINING FOLDER_OR_FILE_OF_TEST
//! ```
//!
//! Each is a folder of class folders of PNG or JPEG files, or CIFAR-10's own binary files.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::ops::ControlFlow;

use ckn::core::svm::Svm;
use ckn::model::image::{ImageCard, ImageModel, shape_of};
use ckn::train::Event;
use ckn::train::image::{ImageData, ImageEvent, ImageTrainConfig, architecture, train_images};
use ckn::vision::io::read_labelled;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let training = read_labelled(arguments.next().ok_or("give the training images")?, None)?;
    let test = read_labelled(arguments.next().ok_or("give the test images")?, None)?;
    // The same class, the same number.
    let test = test.renumbered(training.classes())?;

    let image = shape_of(training.images());
    let recipe = architecture("nystrom", image).ok_or("no such network")?;
    let classes = training.classes().len();
    let data = ImageData { images: training.images(), labels: training.labels(), classes };
    let mut watch = |event: Event<'_>| {
        match event {
            Event::Image(ImageEvent::Layer { layer, patches, .. }) => {
                println!("layer {layer}: filters from {patches} patches");
            }
            Event::Image(ImageEvent::Cost(trial)) => {
                println!("C = {}: {:.2} % wrong of those held out", trial.cost, trial.error);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    };
    let fitted = train_images(data, &recipe, &ImageTrainConfig::default(), &mut watch)?;

    let card = ImageCard {
        seed: 0,
        images: training.len(),
        data: Default::default(),
        training: Default::default(),
        measured: Default::default(),
    };
    let machine = fitted.machine.machine;
    let model = ImageModel::new(image, fitted.branches, machine, training.classes().to_vec(), card)?;
    let scores = model.scores(test.images())?;
    let right = scores.chunks(classes).zip(test.labels()).filter(|(scores, label)| Svm::largest(scores) == **label);
    println!("{:.2} % of {} test images are right", 100.0 * right.count() as f64 / test.len() as f64, test.len());
    Ok(())
}
