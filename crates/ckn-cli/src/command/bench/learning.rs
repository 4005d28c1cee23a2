//! Stages of learning: k-means, heads, epochs, and all of it.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use ckn::core::head::{HeadConfig, fit_head};
use ckn::core::kmeans::{KMeansConfig, Patches, WindowPatches, spherical_kmeans};
use ckn::core::seed::Seed;
use ckn::core::solver::Lbfgs;
use ckn::train::{CheckedTrainConfig, Event, SliceEngine, TrainConfig, Trainer, TrainingData};

use super::stage::Work;
use super::stopwatch::seconds_of;
use super::subject::Subject;

/// Epochs of a training: enough that the first, whose head starts at zero, is one of several.
const EPOCHS: usize = 5;
/// Limits of k-means, as in training.
const ITERATIONS: usize = 100;
const TOLERANCE: f64 = 1e-6;
/// Patches of the k-means before an epoch that is measured alone.
const FEW_PATCHES: usize = 4096;

impl Subject<'_> {
    /// Places anchors on the centres of patches.
    pub fn k_means(&mut self) -> anyhow::Result<(f64, Work)> {
        let config =
            KMeansConfig { centres: self.layer.config().dimension(), max_iterations: ITERATIONS, tolerance: TOLERANCE };
        let (seconds, (patches, iterations)) = seconds_of(|| {
            let mut random = Seed(self.seed).stream_at("anchors", 0);
            let letters = self.layer.config().letter_space(self.index.view().table())?;
            let windows =
                WindowPatches::sample(&self.index, &letters, &self.all, TrainConfig::default().patches, &mut random);
            let found = spherical_kmeans(&windows, &config, &mut random)?;
            Ok((windows.len(), found.objective.len()))
        })?;
        let work = Work {
            task: format!("{patches} patches, {iterations} iterations"),
            sequences: Some(self.records()),
            letters: Some(self.letters()),
            bytes: Some(self.k_means_bytes(patches, iterations)),
        };
        Ok((seconds, work))
    }

    /// Fits a head on the embeddings of all sequences.
    pub fn head(&mut self) -> anyhow::Result<(f64, Work)> {
        let train = TrainConfig::default();
        let config = HeadConfig {
            loss: train.loss,
            positive_weight: 1.0,
            l2: train.l2,
            strands: self.network.config().strands,
            standardise: train.standardise,
            solver: Lbfgs::default(),
        };
        let zero = vec![0.0; self.network.dimension()];
        let labels = self.data.labelled.labels();
        let (seconds, fitted) = seconds_of(|| Ok(fit_head(&self.embeddings, labels, (&zero, 0.0), &config)?))?;
        let work = Work {
            task: format!("{} iterations", fitted.iterations),
            sequences: Some(self.records()),
            letters: Some(self.letters()),
            bytes: None,
        };
        Ok((seconds, work))
    }

    /// Steps of a training, which begins before the clock does.
    pub fn epoch(&mut self) -> anyhow::Result<(f64, Work)> {
        let mut training = 0;
        let mut observer = |event: Event<'_>| {
            if let Event::Started { training: records, .. } = event {
                training = records;
            }
            ControlFlow::Continue(())
        };
        let network = self.untrained()?;
        let mut engine = SliceEngine::new(self.index.view(), &network)?;
        let config = TrainConfig { patches: FEW_PATCHES, ..self.settings() }.check()?;
        let mut trainer = Trainer::init(config, &mut engine, self.training_data(), network, &mut observer)?;
        let start = Instant::now();
        for _ in 0..EPOCHS {
            let _ = trainer.step(&mut observer)?;
        }
        let seconds = start.elapsed().as_secs_f64() / EPOCHS as f64;
        let work = Work {
            task: format!("one of {EPOCHS} epochs"),
            sequences: Some(self.records()),
            letters: Some(self.letters()),
            bytes: Some(self.epoch_bytes(training)),
        };
        Ok((seconds, work))
    }

    /// A training from letters to a network.
    pub fn training(&mut self) -> anyhow::Result<(f64, Work)> {
        let (mut training, mut k_means) = (0, (0, 0));
        let mut observer = |event: Event<'_>| {
            match event {
                Event::Started { training: records, .. } => training = records,
                Event::Anchors { patches, iterations, .. } => k_means = (patches, iterations),
                _ => {}
            }
            ControlFlow::Continue(())
        };
        let config: CheckedTrainConfig = self.settings().check()?;
        let start = Instant::now();
        let network = self.untrained()?;
        let mut engine = SliceEngine::new(self.index.view(), &network)?;
        let trainer = Trainer::init(config, &mut engine, self.training_data(), network, &mut observer)?;
        black_box(trainer.run(&mut observer)?);
        let seconds = start.elapsed().as_secs_f64();
        // The last epoch is judged, too, and a last head may be fitted on all sequences.
        let heads = if config.refit { 2.0 } else { 1.0 };
        let epochs = EPOCHS as f64 * self.epoch_bytes(training) + heads * self.forward_bytes();
        let work = Work {
            task: format!("{EPOCHS} epochs, k-means of {} iterations", k_means.1),
            sequences: Some(EPOCHS as f64 * self.records()),
            letters: Some(EPOCHS as f64 * self.letters()),
            bytes: Some(self.k_means_bytes(k_means.0, k_means.1) + epochs),
        };
        Ok((seconds, work))
    }

    fn settings(&self) -> TrainConfig {
        TrainConfig { epochs: EPOCHS, seed: self.seed, ..TrainConfig::default() }
    }

    fn training_data(&self) -> TrainingData<'_> {
        TrainingData::of_one_task(self.data.labelled.sequences().view(), self.data.labelled.labels())
    }

    /// Table traffic of k-means: its start compares the patches with one centre at a time, an iteration with all.
    fn k_means_bytes(&self, patches: usize, iterations: usize) -> f64 {
        let filters = self.layer.config().dimension();
        let one_centre = self.bytes_per_window / filters.div_ceil(16);
        patches as f64 * ((filters - 1) * one_centre + iterations * self.bytes_per_window) as f64
    }

    /// Table traffic of an epoch: every sequence embedded to fit and judge the head, those of the training part again to
    /// move the anchors.
    fn epoch_bytes(&self, training: usize) -> f64 {
        self.forward_bytes() * (1.0 + self.backward_factor() * training as f64 / self.records())
    }
}
