//! The commands on images.

mod evaluate;
mod features;
mod filters;
mod input;
mod predict;
mod progress;
pub(super) mod record;
mod train;

use clap::{Args, Subcommand};

use super::given::{Effects, Given};
use crate::exit::Usage;

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

impl Effects for Image {
    /// Those of the command inside.
    fn check(&self, _: &Given) -> Result<(), Usage> {
        let Self { command: _ } = self;
        Ok(())
    }
}

impl Image {
    pub fn run(self, given: &Given) -> anyhow::Result<u8> {
        match self.command {
            Command::Train(command) => given.check(command)?.run(given),
            Command::Evaluate(command) => given.check(command)?.run(),
            Command::Predict(command) => given.check(command)?.run(),
            Command::Features(command) => given.check(command)?.run(),
            Command::Filters(command) => given.check(command)?.run(),
        }
    }
}
