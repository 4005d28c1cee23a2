use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ckn::core::image::MapShape;
use ckn::model::image::{ImageCard, ImageModel, shape_of};
use ckn::model::lock_folder;
use ckn::train::image::{
    ARCHITECTURES, Augmentation, EncodingRecipe, FittedImages, ImageData, ImageRecipe, ImageTrainConfig, Optimiser,
    SupervisedConfig, architecture, train_images,
};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::input::{Labelled, hashes};
use super::progress::Progress;
use super::record::ImageRecord;
use crate::command::given::{Effects, Given, effects};
use crate::exit::{self, Input, Usage, is_of_memory};
use crate::output::{check_apart, check_free, check_replaceable, save_model, write_results};
use crate::run_record::path_beside;
use crate::text_file::read_text;

/// Train a network on images and their classes
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub struct Train {
    #[command(flatten)]
    data: Labelled,
    /// The network: a name (see below), or a TOML file
    #[arg(long, value_name = "NETWORK")]
    network: String,
    /// File of the trained model
    #[arg(long, value_name = "MODEL")]
    out: PathBuf,
    /// Penalty C of the machine; chosen by cross-validation inside the training images by default
    #[arg(long, value_name = "C")]
    cost: Option<f64>,
    /// Patches that filters are learned from
    #[arg(long, default_value_t = ImageTrainConfig::default().patches)]
    patches: usize,
    /// Most iterations of the solver of an expansion
    #[arg(long, default_value_t = ImageTrainConfig::default().expansion_iterations)]
    iterations: usize,
    /// Train the anchors with labels; the network `supervised` does so unless --epochs is 0
    #[arg(long)]
    supervised: bool,
    /// Passes with labels
    #[arg(long, default_value_t = SupervisedConfig::default().epochs, help_heading = "Training with labels")]
    epochs: usize,
    /// Images of a minibatch
    #[arg(long, default_value_t = SupervisedConfig::default().batch, help_heading = "Training with labels")]
    batch: usize,
    /// How anchors move
    #[arg(long, value_enum, default_value_t = Method::Adam, help_heading = "Training with labels")]
    optimiser: Method,
    /// Learning rate of the first pass; 0.003 for Adam and 0.1 for SGD by default
    #[arg(long, help_heading = "Training with labels")]
    learning_rate: Option<f64>,
    /// Passes without a lower error on images held out, after which training ends
    #[arg(long, default_value_t = SupervisedConfig::default().patience, help_heading = "Training with labels")]
    patience: usize,
    /// Use every image in every pass, also those that no class's loss depends on
    #[arg(long, help_heading = "Training with labels")]
    all_images: bool,
    /// Shift images at random by at most so many pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 0, help_heading = "Training with labels")]
    shift: usize,
    /// Mirror every second image at random
    #[arg(long, help_heading = "Training with labels")]
    flip: bool,
    /// Root of all random streams
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = crate::command::parse_threads)]
    threads: Option<usize>,
    /// No progress on standard error
    #[arg(short, long)]
    quiet: bool,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Stochastic gradient descent with momentum
    Sgd,
    /// Adam
    Adam,
}

fn after_help() -> String {
    let names = ARCHITECTURES.map(|known| format!("  {:<11} {}", known.name, known.description)).join("\n");
    format!(
        "Networks:\n{names}\n\nA TOML file lists branches and their layers:\n  [[branch]]\n  input = \"pixels\"  \
# or \"gradient\", or {{ local-whitening = {{ patch = 3, power = 0.25 }} }}\n  [[branch.layer]]\n  patch = 5\n  filters = 50\n  \
centred = true\n  encoding = {{ nystrom = {{ kernel = {{ type = \"exponential\", sigma = 0.6 }} }} }}  # or {{ expansion = {{}} }}\n  \
pooling = {{ by = 2.0 }}  # or {{ to = 4 }}, {{ stride = 2 }}, \"none\"\n\n\
Filters are learned layer by layer without labels, then a linear support vector machine on centred and scaled embeddings; its C \
is chosen on images held out (five folds of fewer than 20,000 images, 10,000 held out of more). Test images are never needed \
here.\n\nPrints a table of one row: model, images, classes, dimension, parameters, cost, held_out_error (per cent), seconds. \
MODEL.run.json beside the model records every step.\n\nExamples:\n  \
ckn image train --images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --network gm1 --out digits.ckn\n  \
ckn image train --images cifar/train --network nystrom --out objects.ckn"
    )
}

impl Effects for Train {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let without = (!self.wants_labels()).then_some("belongs to training with labels: add --supervised, or drop it");
        let none = (self.epochs == 0).then_some("has no effect without passes: drop it, or --epochs 0");
        effects!(given, self; data, network, out, cost, patches, iterations, seed, threads, quiet, force;
            supervised => none;
            epochs => without;
            batch, optimiser, learning_rate, patience, all_images, shift, flip => without.or(none))?;
        self.data.check_effects(given)
    }
}

impl Train {
    pub fn run(self, given: &Given) -> anyhow::Result<u8> {
        crate::command::set_threads(self.threads)?;
        check_replaceable(&self.out)?;
        let record_path = path_beside(&self.out);
        for path in [&self.out, &record_path] {
            check_free(path, self.force)?;
            check_apart(path, self.data.paths())?;
        }
        let config = self.config();
        config.check()?;
        let start = Instant::now();
        let data = self.data.read(self.seed)?;
        let image = shape_of(data.images());
        let recipe = self.recipe(image)?;
        refuse_of_other_layers(&recipe, given)?;
        recipe.check(image)?;
        let parameters = recipe.parameters(image)?;
        let reading = start.elapsed().as_secs_f64();
        let mut progress = Progress::new(self.quiet);
        progress.note(format_args!(
            "{} images of {} x {} pixels, {} channels, {} classes; {parameters} filter coefficients",
            data.len(),
            image.height,
            image.width,
            image.channels,
            data.classes().len(),
        ));
        let given = ImageData { images: data.images(), labels: data.labels(), classes: data.classes().len() };
        let start = Instant::now();
        let fitted = train_images(given, &recipe, &config, &mut progress)?;
        let training = start.elapsed().as_secs_f64();
        progress.finish();

        let data_hashes = hashes(&data);
        let settings = json!({ "network": recipe, "settings": config, "cost": fitted.cost });
        let measured = held_out_error(&fitted).map(|error| ("held_out_error".to_owned(), error));
        let card = ImageCard {
            seed: self.seed,
            images: data.len(),
            data: data_hashes.clone(),
            training: settings.clone(),
            measured: BTreeMap::from_iter(measured),
        };
        let FittedImages { branches, machine, cost, trials, epochs, interrupted } = fitted;
        let converged = machine.converged;
        let model = ImageModel::new(image, branches, machine.machine, data.classes().to_vec(), card)?;
        let _together = lock_folder(&self.out);
        save_model(&self.out, self.force, |path, overwrite| model.save(path, overwrite))?;
        let record = ImageRecord::new(self.seed, (reading, training), data_hashes, settings, &trials, &epochs);
        record.save(&record_path, self.force)?;
        let error = model.card().measured.get("held_out_error").map_or("NA".to_owned(), |error| format!("{error:.4}"));
        write_results(None, false, |out| {
            writeln!(out, "model\timages\tclasses\tdimension\tparameters\tcost\theld_out_error\tseconds")?;
            let (name, classes) = (self.out.display(), data.classes().len());
            let (dimension, seconds) = (model.machine().dimension(), reading + training);
            let images = data.len();
            writeln!(out, "{name}\t{images}\t{classes}\t{dimension}\t{parameters}\t{cost}\t{error}\t{seconds:.2}")?;
            Ok(())
        })?;
        if interrupted {
            return Ok(exit::INTERRUPTED);
        }
        if !converged {
            progress.note("the machine did not converge; the model was written all the same");
            return Ok(exit::NOT_CONVERGED);
        }
        Ok(exit::DONE)
    }

    /// Whether labels are to train the anchors, if there are passes.
    fn wants_labels(&self) -> bool {
        self.supervised || self.network == "supervised"
    }

    fn config(&self) -> ImageTrainConfig {
        let supervised = self.wants_labels() && self.epochs > 0;
        let (optimiser, rate) = match self.optimiser {
            Method::Sgd => (Optimiser::Sgd, 0.1),
            Method::Adam => (Optimiser::Adam, SupervisedConfig::default().learning_rate),
        };
        let supervised = supervised.then(|| SupervisedConfig {
            epochs: self.epochs,
            batch: self.batch,
            optimiser,
            learning_rate: self.learning_rate.unwrap_or(rate),
            active_set: !self.all_images,
            patience: self.patience,
            augmentation: Augmentation { shift: self.shift, flip: self.flip },
        });
        ImageTrainConfig {
            seed: self.seed,
            patches: self.patches,
            expansion_iterations: self.iterations,
            cost: self.cost,
            supervised,
            ..ImageTrainConfig::default()
        }
    }

    /// The network of a name, or of a file.
    fn recipe(&self, image: MapShape) -> anyhow::Result<ImageRecipe> {
        if let Some(recipe) = architecture(&self.network, image) {
            return Ok(recipe);
        }
        let path = Path::new(&self.network);
        if fs::metadata(path).is_err() {
            let names = ARCHITECTURES.map(|known| known.name).join(", ");
            let message = format!("no network is named {}, and no file is: the names are {names}", self.network);
            return Err(Usage(message).into());
        }
        let (name, text) = (path.display(), read_text(path)?);
        let recipe: ImageRecipe =
            toml::from_str(&text).map_err(|error| Input(format!("{name} is no network: {error}")))?;
        if let Err(error) = recipe.check(image)
            && is_of_memory(&error)
        {
            return Err(Input(format!("{name} is too large: {error}")).into());
        }
        Ok(recipe)
    }
}

/// Refuses options of layers that a network does not have.
fn refuse_of_other_layers(recipe: &ImageRecipe, given: &Given) -> Result<(), Usage> {
    let mut encodings = recipe.branch.iter().flat_map(|branch| &branch.layer).map(|layer| layer.encoding);
    if !encodings.clone().any(|encoding| matches!(encoding, EncodingRecipe::Expansion { .. })) {
        given.refuse("iterations", "belongs to expansions, and the network has none: drop it")?;
    }
    if encodings.all(|encoding| encoding == EncodingRecipe::Orientations) {
        given.refuse("patches", "is for filters that are learned, and the network has none: drop it")?;
    }
    Ok(())
}

/// Error on images held out, of the penalty that was chosen.
fn held_out_error(fitted: &FittedImages) -> Option<f64> {
    fitted.trials.iter().find(|trial| trial.cost == fitted.cost).map(|trial| trial.error)
}
