//! A burn module of one's own around a convolutional kernel network: fed by a `Batcher`, trained by AdamW through burn's
//! `Learner`, exported, and scored by `ckn` without burn. The argument names a device: `cpu` (default), `gpu`.
// burn's training steps have no channel for errors.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::sync::Arc;

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::AdamWConfig;
use burn::tensor::activation::softplus;
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn::train::logger::InMemoryMetricLogger;
use burn::train::metric::LossMetric;
use burn::train::{InferenceStep, Learner, RegressionOutput, SupervisedTraining, TrainOutput, TrainStep};
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::model::{LinearHead, Model};
use ckn::prelude::*;
use ckn_burn::{DeviceChoice, SequenceCkn, SequenceCknConfig};

/// One labelled sequence of a data set.
#[derive(Debug, Clone)]
struct Labelled {
    tokens: Vec<u8>,
    label: f32,
}

/// Sequences of one batch, padded to the longest.
#[derive(Debug, Clone)]
struct Batch {
    tokens: Tensor<2, Int>,
    lengths: Vec<usize>,
    labels: Tensor<2>,
}

struct Padding;

impl Batcher<Labelled, Batch> for Padding {
    fn batch(&self, items: Vec<Labelled>, device: &Device) -> Batch {
        let lengths: Vec<usize> = items.iter().map(|item| item.tokens.len()).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        // What stands beyond a sequence does not matter: no letter has the number −1.
        let mut tokens = vec![-1i32; items.len() * longest];
        for (row, item) in tokens.chunks_exact_mut(longest).zip(&items) {
            row.iter_mut().zip(&item.tokens).for_each(|(slot, &token)| *slot = i32::from(token));
        }
        let labels: Vec<f32> = items.iter().map(|item| item.label).collect();
        Batch {
            tokens: Tensor::from_data(TensorData::new(tokens, [items.len(), longest]), device),
            lengths,
            labels: Tensor::from_data(TensorData::new(labels, [items.len(), 1]), device),
        }
    }
}

/// A network of kernel layers, and a linear layer of burn's on its embeddings.
#[derive(Module, Debug)]
struct Binding {
    embedding: SequenceCkn,
    linear: Linear,
}

impl Binding {
    /// Scores `[batch, 1]`: the larger of both strands'.
    fn forward(&self, batch: &Batch) -> Result<Tensor<2>, ckn_burn::Error> {
        let table = Alphabet::Dna.table();
        let embeddings = self.embedding.forward_tokens(batch.tokens.clone(), &batch.lengths, table)?;
        Ok(self.linear.forward(embeddings).max_dim(1).flatten(1, 2))
    }

    /// The logistic loss, for labels of 0 and 1.
    fn loss(&self, batch: Batch) -> RegressionOutput {
        let scores = self.forward(&batch).expect("every sequence is as long as a filter");
        let signs = batch.labels.clone().mul_scalar(-2.0).add_scalar(1.0);
        RegressionOutput::new(softplus(scores.clone() * signs, 1.0).mean(), scores, batch.labels)
    }

    /// The model that `ckn` reads, writes, scans with and explains.
    fn to_model(&self, card: ModelCard) -> Result<Model, Box<dyn std::error::Error>> {
        let weights = self.linear.weight.val().try_into_vec_as::<f64>()?;
        let intercept = self.linear.bias.as_ref().map(|bias| bias.val().try_into_vec_as::<f64>()).transpose()?;
        let head = LinearHead::new(weights, intercept.map_or(0.0, |bias| bias[0]))?;
        Ok(Model::of_network(self.embedding.to_network()?, vec![head], card)?)
    }
}

impl TrainStep for Binding {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let output = self.loss(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Binding {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> RegressionOutput {
        self.loss(batch)
    }
}

/// Sequences with a motif, and the same shuffled.
fn simulated(name: &str, length: usize) -> Result<LabelledSequences, ckn::bio::Error> {
    let mut simulation = Simulation::new(name, 300, length);
    simulation.motifs = demo_motifs().into_iter().take(1).collect();
    let bound = simulation.run(Seed(1))?.sequences;
    LabelledSequences::from_classes(&bound, &shuffled_negatives(&bound, 2, 1, Seed(1))?)
}

fn items(set: &LabelledSequences) -> impl Iterator<Item = Labelled> {
    let view = set.sequences().view();
    let label = |record: usize| if set.labels()[record] > 0.0 { 1.0 } else { 0.0 };
    (0..view.len()).map(move |record| Labelled { tokens: view.sequence(record).to_vec(), label: label(record) })
}

fn loader(items: Vec<Labelled>, device: &Device) -> Arc<dyn DataLoader<Batch>> {
    let builder = DataLoaderBuilder::new(Padding).batch_size(64).shuffle(1).set_device(device.clone());
    builder.build(InMemDataset::new(items))
}

fn configuration() -> NetworkConfig {
    let kernel = DotProductKernel::Exponential { sigma: 0.3 };
    NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters: 16, width: 12, kernel, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Max,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-2 },
        gap_decay: 0.0,
        letter_similarity: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "cpu".to_owned());
    let device = name.parse::<DeviceChoice>()?.open()?;
    let tracking = device.clone().autodiff();
    // Of two lengths, so that batches are padded.
    let (long, short) = (simulated("long", 101)?, simulated("short", 61)?);
    let held_out = simulated("held out", 81)?;

    let module = Binding {
        embedding: SequenceCknConfig::new(configuration()).with_seed(1).init(&tracking)?,
        linear: LinearConfig::new(16, 1).init(&tracking),
    };
    let training = loader(items(&long).chain(items(&short)).collect(), &tracking);
    let validation = loader(items(&held_out).collect(), &device);
    let result = SupervisedTraining::new(std::env::temp_dir(), training, validation)
        .metrics((LossMetric::new(),))
        .with_metric_logger(InMemoryMetricLogger::new())
        .with_application_logger(None)
        .num_epochs(8)
        .launch(Learner::new(module, AdamWConfig::new().init(), 0.02));
    if let Some(error) = result.error {
        return Err(error.to_string().into());
    }

    let card = ModelCard {
        alphabet: "dna".to_owned(),
        letters: "ACGT".to_owned(),
        loss: Loss::Logistic,
        outputs: Vec::new(),
        classes: Vec::new(),
        seed: 1,
        data: Default::default(),
        lengths: None,
        pad_short: false,
        training: Default::default(),
        measured: Default::default(),
        held_out: None,
    };
    let scores = result.model.to_model(card)?.scores(held_out.sequences().view())?;
    let batch = Padding.batch(items(&held_out).collect(), &device);
    let on_device = result.model.forward(&batch)?.try_into_vec_as::<f64>()?;
    let largest = scores.iter().fold(1.0f64, |most, score| most.max(score.abs()));
    let difference = scores.iter().zip(&on_device).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / largest;
    println!("AUROC on {} unseen sequences: {:.3}", held_out.len(), auroc(&scores, held_out.labels()));
    println!("largest difference between the module on {name} and its model on slices: {difference:.1e}");
    if difference < 1e-6 { Ok(()) } else { Err("the exported model is not the module".into()) }
}
