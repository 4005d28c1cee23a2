mod co_motifs;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use ckn::bio::motif::Motif;
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::simulate::{Simulation, demo_motifs};
use ckn::interpret::{KnownMotifs, MotifSequences};
use ckn::prelude::*;
use ckn::train::{CheckedTrainConfig, Fitted};
use clap::Args;

use super::given::effects;
use super::recipe::outcome;
use crate::output::{check_free, check_replaceable, save_model, write_results};
use crate::progress::Progress;
use crate::report::{Material, Name, Origin, ReadOutput, Report, ReportFolder, Run, Tested};
use crate::run_record::{Host, RecordedSketch, RunRecord, Seconds, Versions, command_line};
use crate::talk::say;

/// Simulate bound sequences with a planted motif, train on them, find the motif again, and write a report
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no file. Prints a table: the AUROC on sequences that training has not seen, the planted motif, the \
letters of the anchor point of the trained network that resembles it most, and the correlation of their columns. Ends with a \
report: DIR/report.html, to open in a browser, with the motifs (motifs.meme, motifs.tsv, logos) and a table for MultiQC beside \
it.\n\nWith --co-motifs, both classes hold the same two motifs, and only in positives they stand at a distance of 12 bp: a table of \
the AUROC of a network of one layer, which cannot see that, and of two layers, and of the pair that ckn pairs finds.\n\nExamples:\n  \
ckn demo\n  ckn demo --report first_look --out demo.ckn\n  ckn demo --co-motifs"
)]
pub struct Demo {
    /// Root of every random stream
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// Plant two motifs in both classes, at a distance in positives, and learn that
    #[arg(long, conflicts_with = "report")]
    co_motifs: bool,
    /// Save the trained model, for ckn predict and ckn evaluate
    #[arg(long, value_name = "MODEL")]
    out: Option<PathBuf>,
    /// Folder of the report, which is made
    #[arg(long, value_name = "DIR", default_value = "ckn_demo")]
    report: PathBuf,
    /// Overwrite the files of an earlier demo
    #[arg(long)]
    force: bool,
    /// No progress on standard error
    #[arg(long, short)]
    quiet: bool,
}

const RECORDS: usize = 1000;
const LENGTH: usize = 101;
const EPOCHS: usize = 30;

effects!(for Demo: seed, threads, co_motifs, out, report, force, quiet);

impl Demo {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_replaceable(out)?;
            check_free(out, self.force)?;
        }
        if self.co_motifs {
            return co_motifs::run(&self);
        }
        let folder = ReportFolder { path: &self.report, force: self.force };
        folder.check(self.out.iter().map(PathBuf::as_path))?;
        let start = Instant::now();
        let motif = demo_motifs().into_iter().next();
        let training = self.simulate("demo-training", motif.clone())?;
        let held_out = self.simulate("demo-held-out", motif.clone())?;
        if !self.quiet {
            say(format_args!("engine slices on CPU, threads {}, seed {}", rayon::current_num_threads(), self.seed));
            say(format_args!(
                "simulated {RECORDS} sequences of {LENGTH} bp with a planted motif, and a dinucleotide shuffle of each"
            ));
        }
        let layers = vec![LayerConfig {
            filters: 16,
            width: 12,
            kernel: DotProductKernel::Exponential { sigma: 0.3 },
            subsampling: 1,
        }];
        let mut progress = Progress::new(self.quiet);
        let (fitted, checked) = self.fit(&training, layers, &mut progress)?;
        let data = &training;
        let model = outcome::model(fitted.clone(), &checked, data, &Default::default())?;
        let view = model.network().context("the demo trains a network")?;
        let network = view.network();
        let training_seconds = start.elapsed().as_secs_f64();
        if let Some(out) = &self.out {
            save_model(out, self.force, |path, overwrite| model.save(path, overwrite))?;
        }
        let scores = model.scores(held_out.sequences().view())?;
        let found = motif.as_ref().map(|motif| best_anchor(network, motif)).transpose()?;
        write_results(None, false, |out| {
            writeln!(out, "quantity\tvalue")?;
            writeln!(out, "held_out_auroc\t{:.4}", auroc(&scores, held_out.labels()))?;
            if let (Some(motif), Some(found)) = (&motif, &found) {
                writeln!(out, "planted_motif\t{}", motif.probabilities.consensus())?;
                writeln!(out, "found_motif\t{}", found.consensus)?;
                writeln!(out, "column_correlation\t{:.3}", found.correlation)?;
            }
            writeln!(out, "seconds\t{:.1}", start.elapsed().as_secs_f64())?;
            Ok(())
        })?;
        let record = RunRecord {
            versions: Versions::of_this_program(),
            host: Host::of_this_run(),
            command: command_line(),
            engine: "slices",
            device: "CPU",
            threads: rayon::current_num_threads(),
            seed: self.seed,
            seconds: Seconds { training: training_seconds, ..Seconds::default() },
            data: Default::default(),
            records: data.sequences().len(),
            positives: data.positives(model.card().loss),
            unknown_letters: data.sequences().unknown_count(),
            network: serde_json::to_value(network.config())?,
            training: model.card().training.clone(),
            calibration: &[],
            penalties: &[],
            grid: &[],
            trials: &[],
            stopped: fitted.reason,
            best_epoch: fitted.best,
            epochs: &fitted.epochs,
            epoch_seconds: &progress.seconds,
            warnings: &[],
            model: None,
            sketch: RecordedSketch::of(data.sequences()),
        };
        let halves = MotifSequences::of(&training, &held_out, view.into())?;
        let known = KnownMotifs::new(demo_motifs(), Alphabet::Dna)?;
        let name = self.out.as_deref().map_or_else(|| Name::new("ckn demo"), Name::of_file);
        let material = Material {
            run: Some(Run::of(&record)?),
            tested: Some(Tested::new(&model, &held_out, None, Origin::Simulated)?),
            outputs: vec![ReadOutput { place: 0, halves, is_known: false }],
            known: Some((known, Name::new("the simulation"))),
            seed: self.seed,
            ..Material::new(name, &model)
        };
        let page = folder.write(&Report::new(material)?)?;
        progress.note(format_args!("report: {}", page.display()));
        Ok(outcome::status(&fitted))
    }

    /// Trains a network of max pooling on both strands.
    fn fit(
        &self,
        training: &LabelledSequences,
        layers: Vec<LayerConfig>,
        progress: &mut Progress,
    ) -> anyhow::Result<(Fitted, CheckedTrainConfig)> {
        let config = NetworkConfig {
            letters: 4,
            layers,
            pooling: Pooling::Max,
            strands: Strands::Max,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
        };
        let network = Network::random(config.check()?, &mut Seed(self.seed).stream("network"))?;
        let data = TrainingData::of_one_task(training.sequences().view(), training.labels());
        let mut engine = SliceEngine::new(data.view, &network)?;
        let checked = TrainConfig { epochs: EPOCHS, seed: self.seed, ..TrainConfig::default() }.check()?;
        Ok((Trainer::init(checked, &mut engine, data, network, progress)?.run(progress)?, checked))
    }

    fn simulate(&self, name: &str, motif: Option<Motif>) -> anyhow::Result<LabelledSequences> {
        let mut simulation = Simulation::new(name, RECORDS, LENGTH);
        simulation.motifs = motif.into_iter().collect();
        let positives = simulation.run(Seed(self.seed))?.sequences;
        let negatives = shuffled_negatives(&positives, 2, 1, Seed(self.seed))?;
        Ok(LabelledSequences::from_classes(&positives, &negatives)?)
    }
}

/// An anchor point, laid over a motif.
struct Found {
    /// Its letters over the motif's columns.
    consensus: String,
    /// Pearson correlation of the overlaid columns.
    correlation: f64,
}

/// The anchor, strand and offset whose columns correlate best with the motif's, over the whole shorter one.
fn best_anchor(network: &Network, motif: &Motif) -> anyhow::Result<Found> {
    let layer = &network.layers()[0];
    let width = layer.width();
    let mut best = Found { consensus: String::new(), correlation: f64::NEG_INFINITY };
    for anchor in layer.anchors().chunks_exact(layer.patch_size()) {
        let columns: Vec<[f64; 4]> =
            (0..width).map(|j| std::array::from_fn(|letter| f64::from(anchor[letter * width + j]))).collect();
        for planted in [motif.clone(), motif.reverse_complement()?] {
            let (overlap, reversed) = (width.min(planted.width()), planted != *motif);
            for (from, to) in offsets(width, planted.width()) {
                let ours = &columns[from..from + overlap];
                let theirs = &planted.probabilities.values()[4 * to..4 * (to + overlap)];
                let correlation =
                    ckn::core::metrics::pearson(&ours.concat(), theirs).value().unwrap_or(f64::NEG_INFINITY);
                if correlation > best.correlation {
                    let mut shown = ours.to_vec();
                    if reversed {
                        shown.reverse();
                        shown.iter_mut().for_each(|column| column.reverse());
                    }
                    best = Found { consensus: consensus(&shown), correlation };
                }
            }
        }
    }
    Ok(best)
}

/// Starts of the overlap in either of two rows of columns, the shorter inside the longer.
fn offsets(ours: usize, theirs: usize) -> Vec<(usize, usize)> {
    if ours >= theirs {
        (0..=ours - theirs).map(|from| (from, 0)).collect()
    } else {
        (0..=theirs - ours).map(|to| (0, to)).collect()
    }
}

/// The likeliest letter of every column.
fn consensus(columns: &[[f64; 4]]) -> String {
    let likeliest = |column: &[f64; 4]| (0..4).max_by(|&a, &b| column[a].total_cmp(&column[b])).unwrap_or(0);
    columns.iter().map(|column| char::from(b"ACGT"[likeliest(column)])).collect()
}
