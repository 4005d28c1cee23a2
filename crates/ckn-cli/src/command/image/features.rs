use std::path::PathBuf;

use ckn::model::image::ImageModel;
use ckn::vision::io::read_images;
use clap::Args;

use crate::command::given::effects;
use crate::exit;
use crate::numpy::npy_header;
use crate::output::{check_apart, check_free, write_results};

/// Images embedded at once.
const BLOCK: usize = 1000;

/// Write the scaled embeddings of images
#[derive(Debug, Args)]
#[command(after_help = "\
Writes a NumPy file (.npy, f32, one row an image) if its name ends so, and a table otherwise: image (counted from 0), f1, f2, …

Examples:
  ckn image features digits.ckn --images t10k-images-idx3-ubyte.gz --out features.npy
  ckn image features digits.ckn --images new > features.tsv")]
pub struct Features {
    /// The model, as `ckn image train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Images: an IDX, CIFAR or STL-10 file (plain or gz), or a folder of PNG or JPEG files
    #[arg(long, value_name = "FILE")]
    images: PathBuf,
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

effects!(for Features: model, images, out, threads, force);

impl Features {
    pub fn run(self) -> anyhow::Result<u8> {
        crate::command::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.model.as_path(), self.images.as_path()])?;
        }
        let model = ImageModel::load(&self.model)?;
        let images = read_images(&self.images)?;
        let dimension = model.machine().dimension();
        let binary = self.out.as_ref().is_some_and(|path| path.extension().is_some_and(|ending| ending == "npy"));
        write_results(self.out.as_deref(), self.force, |out| {
            if binary {
                out.write_all(&npy_header(&[images.len(), dimension]))?;
            } else {
                write!(out, "image")?;
                (1..=dimension).try_for_each(|at| write!(out, "\tf{at}"))?;
                writeln!(out)?;
            }
            for first in (0..images.len()).step_by(BLOCK) {
                let block: Vec<usize> = (first..images.len().min(first + BLOCK)).collect();
                let features = model.features(&images.select(&block)?)?;
                for (image, row) in block.iter().zip(features.chunks_exact(dimension)) {
                    if binary {
                        row.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))?;
                    } else {
                        write!(out, "{image}")?;
                        row.iter().try_for_each(|value| write!(out, "\t{value}"))?;
                        writeln!(out)?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}
