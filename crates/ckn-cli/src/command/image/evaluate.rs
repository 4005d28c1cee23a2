use std::path::PathBuf;

use ckn::core::metrics::wilson_interval;
use ckn::core::svm::Svm;
use ckn::model::image::ImageModel;
use clap::Args;

use super::input::Labelled;
use crate::command::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::output::write_results;

/// Compare the classes that models predict with known ones
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table of one row for each model: model, images, wrong, error (per cent), and the 95 % interval of the error (Wilson), \
error_low and error_high.

Example:
  ckn image evaluate digits.ckn --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz")]
pub struct Evaluate {
    /// Models, as `ckn image train` wrote them
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    data: Labelled,
    /// Root of the random stream of --limit
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = crate::command::parse_threads)]
    threads: Option<usize>,
}

impl Effects for Evaluate {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; models, data, threads;
            seed => (!self.data.is_limited()).then_some("is the root of the random stream of --limit: drop it, or add --limit"))?;
        self.data.check_effects(given)
    }
}

impl Evaluate {
    pub fn run(self) -> anyhow::Result<u8> {
        crate::command::set_threads(self.threads)?;
        let models = self.models.iter().map(|path| ImageModel::load(path)).collect::<Result<Vec<_>, _>>()?;
        let data = self.data.read(self.seed)?;
        let mut rows = Vec::new();
        for (path, model) in self.models.iter().zip(&models) {
            let classes = &model.config().classes;
            let labelled = data.clone().renumbered(classes)?;
            let scores = model.scores(labelled.images())?;
            let predicted = scores.chunks_exact(classes.len()).map(Svm::largest);
            let wrong = predicted.zip(labelled.labels()).filter(|(class, label)| class != *label).count();
            rows.push((path.display(), wrong, wilson_interval(wrong, data.len(), 0.95)));
        }
        write_results(None, false, |out| {
            writeln!(out, "model\timages\twrong\terror\terror_low\terror_high")?;
            for (path, wrong, (low, high)) in rows {
                let (images, error) = (data.len(), 100.0 * wrong as f64 / data.len() as f64);
                writeln!(out, "{path}\t{images}\t{wrong}\t{error:.4}\t{:.4}\t{:.4}", 100.0 * low, 100.0 * high)?;
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}
