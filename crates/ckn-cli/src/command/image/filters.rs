use std::path::PathBuf;

use ckn::core::image::ImageNetwork;
use ckn::model::image::ImageModel;
use ckn::vision::{filter_grid_png, filter_grid_svg};
use clap::Args;

use crate::command::given::effects;
use crate::exit::{self, Usage};
use crate::output::{check_apart, check_free, write_results};

/// Draw the filters of a layer
#[derive(Debug, Args)]
#[command(after_help = "\
Each filter is scaled symmetrically about zero, which is grey. Filters on one or three channels are drawn as grey or coloured \
squares; of filters on more channels every channel is a square, one filter a row.

Example:
  ckn image filters digits.ckn --out filters.png")]
pub struct Filters {
    /// The model, as `ckn image train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The layer, counted from 1
    #[arg(long, default_value_t = 1)]
    layer: usize,
    /// The branch, counted from 1
    #[arg(long, default_value_t = 1)]
    branch: usize,
    /// Filters side by side; as many as make a square by default
    #[arg(long)]
    columns: Option<usize>,
    /// Picture to write: PNG or SVG, by its ending
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Filters: model, layer, branch, columns, out, force);

impl Filters {
    pub fn run(self) -> anyhow::Result<u8> {
        let ending = self.out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let svg = match ending.as_deref() {
            Some("svg") => true,
            Some("png") => false,
            _ => return Err(Usage(format!("{} ends neither in .png nor in .svg", self.out.display())).into()),
        };
        check_free(&self.out, self.force)?;
        check_apart(&self.out, [self.model.as_path()])?;
        let model = ImageModel::load(&self.model)?;
        let branches = model.branches();
        let Some(branch) = self.branch.checked_sub(1).and_then(|at| branches.get(at)) else {
            return Err(Usage(format!("the model has {} branches, counted from 1", branches.len())).into());
        };
        let layers = branch.network.parameters();
        let Some(index) = self.layer.checked_sub(1).filter(|&at| at < layers.len()) else {
            return Err(Usage(format!("the branch has {} layers, counted from 1", layers.len())).into());
        };
        let layer = &layers[index];
        // What the layer sees is what those before it give.
        let before = ImageNetwork::<f32>::new(branch.network.input(), layers[..index].to_vec())?;
        let (patch, channels, filters) = (layer.spec.patch, before.output().channels, layer.spec.filters);
        let (squares, shown, columns) = if channels == 1 || channels == 3 {
            (layer.filters.clone(), channels, (filters as f64).sqrt().ceil() as usize)
        } else {
            (by_channel(&layer.filters, patch, channels), 1, channels)
        };
        let columns = self.columns.unwrap_or(columns);
        let picture = if svg {
            filter_grid_svg(&squares, patch, shown, columns)?.into_bytes()
        } else {
            filter_grid_png(&squares, patch, shown, columns)?
        };
        write_results(Some(&self.out), self.force, |out| Ok(out.write_all(&picture)?))?;
        Ok(exit::DONE)
    }
}

/// Every channel of every filter as a square of its own.
fn by_channel(filters: &[f32], patch: usize, channels: usize) -> Vec<f32> {
    let squares = filters.chunks_exact(patch * patch * channels).flat_map(|filter| {
        (0..channels).flat_map(move |channel| filter.iter().skip(channel).step_by(channels).copied())
    });
    squares.collect()
}
