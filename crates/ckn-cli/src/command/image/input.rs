//! Images, with or without their classes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ckn::core::seed::Seed;
use ckn::vision::LabelledImages;
use ckn::vision::io::read_labelled;
use clap::Args;
use rand::seq::index::sample;
use sha2::{Digest, Sha256};

use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};
use crate::input::hexadecimal;

/// Images with classes, as the command line names them.
#[derive(Debug, Args)]
pub struct Labelled {
    /// Images: an IDX, CIFAR or STL-10 file (plain or gz), or a folder with a folder of PNG or JPEG files for each class
    #[arg(long, value_name = "FILE")]
    images: PathBuf,
    /// Their classes: IDX, STL-10, or text with one a line; those that the images bring, or that lie beside them, if not given
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// So many images only, drawn at random
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Labelled {
    /// Reads them; those beyond the limit are left out, which are drawn by the seed.
    pub fn read(&self, seed: u64) -> anyhow::Result<LabelledImages> {
        let all = read_labelled(&self.images, self.labels.as_deref())?;
        if all.is_empty() {
            return Err(Input(format!("{} holds no image", self.images.display())).into());
        }
        match self.limit {
            Some(limit) if limit < all.len() => {
                let mut chosen = sample(&mut Seed(seed).stream("limit"), all.len(), limit).into_vec();
                chosen.sort_unstable();
                Ok(all.select(&chosen)?)
            }
            _ => Ok(all),
        }
    }

    /// Says that each option has an effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; images, labels, limit)
    }

    /// Whether only some of the images are read.
    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// The files that are read.
    pub fn paths(&self) -> impl Iterator<Item = &std::path::Path> {
        [Some(&self.images), self.labels.as_ref()].into_iter().flatten().map(PathBuf::as_path)
    }
}

/// SHA-256 of pixels and labels, whatever the format they came in.
pub fn hashes(data: &LabelledImages) -> BTreeMap<String, String> {
    let (mut pixels, mut labels) = (Sha256::new(), Sha256::new());
    pixels.update(data.images().bytes());
    data.labels().iter().for_each(|label| labels.update(label.to_le_bytes()));
    BTreeMap::from([("images".to_owned(), hexadecimal(pixels)), ("labels".to_owned(), hexadecimal(labels))])
}
