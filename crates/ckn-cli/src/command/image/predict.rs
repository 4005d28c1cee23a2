use std::path::PathBuf;

use ckn::core::svm::Svm;
use ckn::model::image::ImageModel;
use ckn::vision::io::read_images;
use clap::Args;

use crate::command::given::effects;
use crate::exit;
use crate::output::{check_apart, check_free, write_results};

/// Predict the classes of images
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table with a row for each image: image (counted from 0, in the order of the file, or of the sorted names of a folder), \
class, score, and with --scores the score of every class.

Example:
  ckn image predict digits.ckn --images t10k-images-idx3-ubyte.gz > classes.tsv")]
pub struct Predict {
    /// The model, as `ckn image train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Images: an IDX, CIFAR or STL-10 file (plain or gz), or a folder of PNG or JPEG files
    #[arg(long, value_name = "FILE")]
    images: PathBuf,
    /// The scores of all classes
    #[arg(long)]
    scores: bool,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = crate::command::parse_threads)]
    threads: Option<usize>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Predict: model, images, scores, out, threads, force);

impl Predict {
    pub fn run(self) -> anyhow::Result<u8> {
        crate::command::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.model.as_path(), self.images.as_path()])?;
        }
        let model = ImageModel::load(&self.model)?;
        let scores = model.scores(&read_images(&self.images)?)?;
        let classes = &model.config().classes;
        write_results(self.out.as_deref(), self.force, |out| {
            write!(out, "image\tclass\tscore")?;
            if self.scores {
                classes.iter().try_for_each(|class| write!(out, "\tscore_{class}"))?;
            }
            writeln!(out)?;
            for (image, row) in scores.chunks_exact(classes.len()).enumerate() {
                let best = Svm::largest(row) as usize;
                write!(out, "{image}\t{}\t{}", classes[best], row[best])?;
                if self.scores {
                    row.iter().try_for_each(|score| write!(out, "\t{score}"))?;
                }
                writeln!(out)?;
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}
