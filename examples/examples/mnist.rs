//! Handwritten digits with the network of 12 orientations and 50 filters (Mairal et al. 2014, CKN-GM1).
//!
//! ```sh
//! cargo run --release -p ckn-examples --example mnist -- FOLDER_OF_MNIST [IMAGES]
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;

use ckn::core::svm::Svm;
use ckn::model::image::{ImageCard, ImageModel, shape_of};
use ckn::train::Event;
use ckn::train::image::{ImageData, ImageEvent, ImageTrainConfig, architecture, train_images};
use ckn::vision::io::read_labelled;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give the folder of the four files of MNIST")?);
    let count = arguments.next().map_or(Ok(10_000), |count| count.parse())?;

    // The labels lie beside the images.
    let training = read_labelled(folder.join("train-images-idx3-ubyte.gz"), None)?.take(count);
    let test = read_labelled(folder.join("t10k-images-idx3-ubyte.gz"), None)?;

    let image = shape_of(training.images());
    let recipe = architecture("gm1", image).ok_or("no such network")?;
    let classes = training.classes().len();
    let data = ImageData { images: training.images(), labels: training.labels(), classes };
    let mut watch = |event: Event<'_>| {
        if let Event::Image(ImageEvent::Cost(trial)) = event {
            println!("C = {}: {:.2} % wrong of the images held out", trial.cost, trial.error);
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
    let wrong = scores.chunks(classes).zip(test.labels()).filter(|(scores, label)| Svm::largest(scores) != **label);
    println!("{} of {} test images are wrong", wrong.count(), test.len());
    Ok(())
}
