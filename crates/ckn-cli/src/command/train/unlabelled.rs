//! Anchor points from sequences without labels: a file that later trainings begin with.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ckn::bio::io::{SequenceReader, open};
use ckn::bio::{EncodedSequences, WindowSample};
use ckn::core::seed::Seed;
use ckn::model::{HeadlessCard, HeadlessNetwork};
use ckn::train::{Event, Observer, fit_without_labels};

use super::Train;
use crate::exit::{self, Input, Usage};
use crate::input::hashes;
use crate::output::{check_apart, check_free, check_replaceable, save_model, write_results};
use crate::progress::Progress;
use crate::run_record::path_beside;
use crate::talk::counted;

/// Sequences that are read between two looks at the signals.
const BETWEEN_LOOKS: u64 = 256;

/// What was read: sequences, windows, and those that were kept.
struct Sampled {
    sequences: u64,
    seen: u64,
    windows: EncodedSequences,
}

impl Train {
    /// Fits anchor points to some files and writes them.
    pub(super) fn without_labels(&self, files: &[PathBuf]) -> anyhow::Result<u8> {
        check_replaceable(&self.out)?;
        // The record of a model that was here would be one of another file.
        let record = path_beside(&self.out);
        for path in [&self.out, &record] {
            check_free(path, self.force)?;
        }
        check_apart(&self.out, files.iter().map(PathBuf::as_path))?;
        for (number, path) in files.iter().enumerate() {
            if files[..number].contains(path) {
                return Err(Usage(format!("{} is named twice: its windows would count twice", path.display())).into());
            }
        }
        if files.iter().filter(|path| path.as_path() == Path::new("-")).count() > 1 {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        self.recipe.set_threads()?;
        let config = self.recipe.network_without_labels()?;
        let start = Instant::now();
        let mut progress = Measured { progress: Progress::new(self.recipe.quiet), cosines: Vec::new() };
        let length = config.receptive_field();
        let seed = Seed(self.recipe.seed);
        let Some(sampled) = self.sample(files, length, seed, &progress.progress)? else {
            return Ok(exit::INTERRUPTED);
        };
        let Sampled { sequences, seen, windows } = sampled;
        if windows.is_empty() {
            return Err(Input(format!(
                "none of the {sequences} sequences has {length} known letters side by side, which the network sees at once: give \
                 longer sequences, or a smaller --width"
            ))
            .into());
        }
        progress.progress.note(format_args!(
            "{} in {}, of {length} letters each; kept {}",
            counted(seen as usize, "window"),
            counted(sequences as usize, "sequence"),
            windows.len()
        ));
        let Some(network) = fit_without_labels(config, windows.view(), self.recipe.patches(), seed, &mut progress)?
        else {
            return Ok(exit::INTERRUPTED);
        };

        let alphabet = self.recipe.alphabet;
        let numbered = (1..).zip(files).map(|(number, path)| (format!("unlabelled.{number}"), path.as_path()));
        let mut measured = BTreeMap::from([
            ("sequences".to_owned(), sequences as f64),
            ("windows".to_owned(), seen as f64),
            ("kept".to_owned(), windows.len() as f64),
        ]);
        let layers = (1..).zip(&progress.cosines);
        measured.extend(layers.map(|(layer, &cosine)| (format!("cosine.layer.{layer}"), cosine)));
        let card = HeadlessCard {
            alphabet: alphabet.name().to_owned(),
            letters: alphabet.letters().to_owned(),
            seed: self.recipe.seed,
            data: hashes(numbered)?,
            training: serde_json::json!({ "patches": self.recipe.patches() }),
            measured,
        };
        let headless = HeadlessNetwork::new(network, card)?;
        save_model(&self.out, self.force, |path, overwrite| headless.save(path, overwrite))?;
        if record.exists() {
            fs::remove_file(&record)?;
        }
        let first = progress.cosines.first().copied().unwrap_or(f64::NAN);
        write_results(None, false, |out| {
            writeln!(out, "anchors\tsequences\twindows\tkept\tmean_cosine\tseconds")?;
            let (path, kept, seconds) = (self.out.display(), windows.len(), start.elapsed().as_secs_f64());
            Ok(writeln!(out, "{path}\t{sequences}\t{seen}\t{kept}\t{first:.6}\t{seconds:.1}")?)
        })?;
        Ok(exit::DONE)
    }

    /// Draws windows from files, one record in memory at a time; `None` if a signal came.
    fn sample(
        &self,
        files: &[PathBuf],
        length: usize,
        seed: Seed,
        progress: &Progress,
    ) -> anyhow::Result<Option<Sampled>> {
        let alphabet = self.recipe.alphabet;
        let mut sample = WindowSample::new(alphabet, length, self.recipe.patches(), seed);
        let mut sequences = 0;
        for path in files {
            let mut reader = SequenceReader::new(open(Path::new(path))?, alphabet)?;
            let mut record = ckn::bio::io::Record::default();
            while reader.read_record(&mut record)? {
                sample.add(&record.tokens);
                sequences += 1;
                if sequences % BETWEEN_LOOKS == 0 && progress.interrupted() {
                    return Ok(None);
                }
            }
        }
        Ok(Some(Sampled { sequences, seen: sample.seen(), windows: sample.finish()? }))
    }
}

/// Remembers how well each layer's anchor points stand for its patches.
struct Measured {
    progress: Progress,
    cosines: Vec<f64>,
}

impl Observer for Measured {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        if let Event::Anchors { cosine, .. } = event {
            self.cosines.push(cosine);
        }
        self.progress.observe(event)
    }
}
