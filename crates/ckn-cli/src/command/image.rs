//! The commands on images.

mod evaluate;
mod features;
mod filters;
mod input;
mod predict;
mod progress;
mod record;
mod train;

use clap::{Args, Subcommand};

/// Networks on images: train, evaluate, predict, features, pictures of filters
#[derive(Debug, Args)]
#[command(after_help = "\
Images are IDX (MNIST), CIFAR-10, CIFAR-100 or STL-10 binaries, plain or gz, or folders of PNG and JPEG files, one folder a class.

Examples:
  ckn image train --images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --network gm1 --out digits.ckn
  ckn image evaluate digits.ckn --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz
  ckn image filters digits.ckn --layer 2 --out filters.png")]
pub struct Image {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Predict(predict::Predict),
    Features(features::Features),
    Filters(filters::Filters),
}

impl Image {
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Train(command) => command.run(),
            Command::Evaluate(command) => command.run(),
            Command::Predict(command) => command.run(),
            Command::Features(command) => command.run(),
            Command::Filters(command) => command.run(),
        }
    }
}
