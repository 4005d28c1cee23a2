pub mod summary;
mod unlabelled;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::lock_folder;
use ckn::train::StopReason;
use clap::Args;

use self::summary::Judged;
use super::given::{Effects, Given, effects};
use super::recipe::{CheckpointArguments, Plan, Recipe, Trained, kept};
use super::score_table;
use crate::exit::Usage;
use crate::input::hash;
use crate::motif_reading::read_known;
use crate::output::{check_apart, check_free, check_replaceable, save_model, write_results};
use crate::progress::Progress;
use crate::report::{Material, Name, Origin, Report, ReportFolder, Run, Tested, halves};
use crate::run_record::{Host, RecordedSketch, RunRecord, Seconds, Versions, command_line, path_beside};

/// A file beside the model.
fn beside(model: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(model);
    name.push(ending);
    PathBuf::from(name)
}

/// Train a model on labelled sequences
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Without an option of a model, one is chosen: an exact kernel, a network, or their average, whichever does best on sequences left \
out of the training data (--effort quick: a few seconds to a minute). One line says what and why, and MODEL.run.json what was tried. \
--auto tries more, for minutes. --model, or any option of a network, makes just that. Several tasks and classes get an exact kernel, \
measurements a network.

Where only positives are given (--seq with Bound = 1 throughout, --pos alone, or --bed), negatives are made by shuffling them,
with their dinucleotide counts kept (several times each, where a model is chosen); --negatives genome draws windows of the genome instead, from the chromosomes that have
intervals, outside all of them, without unknown letters, and with the GC content of each positive. A network holds out a quarter of the
sequences to choose the epoch; never use test data here.

Several tasks (--tasks, --task) share the anchor points; each has a head of its own, and all count alike. Several classes
are three or more names in the column `label`, or with --loss multinomial numbers from 0. Two names are two classes: of pairs such
as neg and pos, no and yes, control and case, other and anything, the positive is known, else it is the second by the alphabet; one
line says which. Numbers with a fraction are measurements.

Warns, and notes in the record, where the data cannot be right: sequences in both classes, fewer than 20 of a class, classes that
length or GC content alone tells apart, measurements that are all the same, or so skewed that logarithms do better.

--unlabelled fits anchor points to windows drawn from any number of sequences, and writes a file without a head: a table of one row
(anchors, sequences, windows, kept, mean_cosine, seconds), no record. --anchors begins with them, or, with --unsupervised, keeps them.

Prints a table of one row, or one for each task (model, records, positives, negatives, best_epoch, validation_loss, validation_auroc, seconds;
of a choice trials and members in place of epoch and loss). Beside MODEL, MODEL.run.json records versions, settings, hashes of the
data, a sketch of the sequences by which `ckn evaluate` knows them again, and every epoch or trial. Ctrl-C, and the signal TERM, write the best so far within seconds.

Examples:
  ckn train --seq ELK1_AC.seq.gz --mode top --out elk1.ckn
  ckn train --seq ELK1_AC.seq.gz --mode top --auto --out best.ckn
  ckn train --seq ELK1_AC.seq.gz --effort standard --budget 60 --out minute.ckn
  ckn train --pos bound.fa.gz --neg unbound.fa.gz --model network --strands max --out network.ckn
  ckn train --bed peaks.narrowPeak.gz --genome hg38.2bit --window 101 --negatives genome --out model.ckn
  ckn train --tsv peptides.tsv --alphabet protein --width 6 --out peptides.ckn
  ckn train --tsv affinities.tsv --out affinities.ckn
  ckn train --tsv enhancer_or_promoter_or_other.tsv --out classes.ckn
  ckn train --pos bound.fa --filters 64,16 --width 12,3 --sigma 0.3,0.6 --out deep.ckn
  ckn train --task HepG2=hepg2.fa --task H1=h1.fa --strands max --out usf1.ckn
  ckn train --tasks accessibility.tsv --class-weight balanced --out tissues.ckn
  ckn train --pos bound.fa --filters 256 --unsupervised --standardise --out many.ckn
  ckn train --unlabelled promoters.fa.gz enhancers.fa.gz --filters 64 --out filters.ckn
  ckn train --pos bound.fa --anchors filters.ckn --out model.ckn
  ckn train --pos bound.fa --model deepbind --out baseline.ckn
  ckn train --pos bound.fa --model exact --out exact.ckn
  ckn train --tsv affinities.tsv --loss squared --model exact --profile exponential:10,0.3 --out exact.ckn
  ckn train --pos bound.fa --strands max --out model.ckn --report report

With mean pooling on few sequences, let the penalty be chosen: --pooling mean --l2 auto."
)]
pub struct Train {
    #[command(flatten)]
    pub recipe: Recipe,
    /// In place of labelled data: sequences without labels, in any number of files, from which anchor points are fitted that trainings
    /// begin with (--anchors); a record at a time is held in memory
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Data")]
    unlabelled: Vec<PathBuf>,
    /// File of the trained model, or of the anchor points
    #[arg(long, value_name = "MODEL", help_heading = "Output")]
    out: PathBuf,
    /// Also write id, label and score of every training sequence
    #[arg(long, value_name = "TSV", help_heading = "Output")]
    scores: Option<PathBuf>,
    /// Also write a report: DIR/report.html, its motifs and logos, and a table for MultiQC
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Known motifs that the report names those of the model by: MEME, JASPAR, TRANSFAC or HOMER
    #[arg(long, value_name = "FILE", requires = "report", help_heading = "Output")]
    database: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Output")]
    checkpoint: CheckpointArguments,
    /// Overwrite existing files
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Effects for Train {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let unlabelled = (!self.unlabelled.is_empty())
            .then_some("has no effect on --unlabelled, which fits anchor points and learns from no label: drop it");
        effects!(given, self; recipe, unlabelled, out, checkpoint, force; scores, report, database => unlabelled)?;
        if let Some(why) = unlabelled {
            given.refuse_group::<CheckpointArguments>(&[], why)?;
            return self.recipe.check_without_labels(given);
        }
        self.checkpoint.check(given, self.recipe.keeps_no_state())?;
        self.recipe.check(given, self.recipe.way())
    }
}

impl Train {
    pub fn run(mut self) -> anyhow::Result<u8> {
        if !self.unlabelled.is_empty() {
            return self.without_labels(&self.unlabelled);
        }
        self.checkpoint.check_free(&self.out, self.force)?;
        self.force |= self.checkpoint.goes_on(&self.out);
        self.check_outputs()?;
        let mut plan = self.recipe.plan()?;

        let known = self.database.as_deref().map(|path| anyhow::Ok((read_known(path, self.recipe.alphabet)?, path)));
        let known = known.transpose()?;

        let mut seconds = Seconds::default();
        let start = Instant::now();
        let hashes = self.recipe.hashes()?;
        let (data, warnings) = self.recipe.read(&mut plan)?;
        seconds.reading = start.elapsed().as_secs_f64();

        let start = Instant::now();
        let mut progress = Progress::new(self.recipe.quiet);
        let mut checkpoint = self.checkpoint.of(&self.out);
        let trained = plan.fit(&data, hashes, &mut progress, &mut checkpoint)?;
        seconds.training = start.elapsed().as_secs_f64();

        let start = Instant::now();
        let scores = match &self.scores {
            Some(path) => Some((path, super::predict::scores(&trained.model, data.sequences())?)),
            None => None,
        };
        seconds.scoring = start.elapsed().as_secs_f64();
        // Of two trainings that end together, one writes all its files, then the other.
        let _together = lock_folder(&self.out);
        save_model(&self.out, self.force, |path, overwrite| trained.model.save(path, overwrite))?;
        if let Some(chosen) = trained.auto.as_ref().filter(|_| self.recipe.writes_trials()) {
            let trials = beside(&self.out, ".trials.tsv");
            write_results(Some(&trials), self.force, |out| summary::write_trials(out, &chosen.trials))?;
        }
        let device = plan.engine.device();
        let record = RunRecord {
            warnings: &warnings,
            model: Some(hash(&self.out)?),
            ..self.record(&plan, &device, &trained, &data, seconds, &progress.seconds)?
        };
        record.save(&self.out, self.force)?;
        if trained.reason == StopReason::Interrupted {
            checkpoint.remedy().iter().for_each(|remedy| progress.note(remedy));
        } else {
            checkpoint.remove();
        }
        let card = trained.model.card();
        if let Some((path, scores)) = scores {
            write_results(Some(path), self.force, |out| score_table::write(out, &data, &card.outputs, &scores, None))?;
        }
        write_results(None, false, |out| {
            if let Some(chosen) = &trained.auto {
                return summary::write_chosen(out, &self.out, chosen, &data, seconds.total());
            }
            let judged = match kept(&trained.penalties) {
                Some(trial) => Judged::by_penalty(trial),
                None => Judged::by_epoch(&trained.epochs, trained.best),
            };
            summary::write_summary(out, &self.out, judged, &data, card.loss, seconds.total())
        })?;
        if let Some(folder) = &self.report {
            let known = known.map(|(known, path)| (known, Name::of_file(path)));
            let material = Material {
                run: Some(Run::of(&record)?),
                known,
                ..material(&trained, &data, Name::of_file(&self.out), self.recipe.seed)?
            };
            let page = ReportFolder { path: folder, force: self.force }.write(&Report::new(material)?)?;
            progress.note(format_args!("report: {}", page.display()));
        }
        Ok(trained.status)
    }

    /// Checks, before any work, that everything can be written.
    fn check_outputs(&self) -> anyhow::Result<()> {
        let record = path_beside(&self.out);
        check_replaceable(&self.out)?;
        let of_search = self.recipe.writes_trials().then(|| beside(&self.out, ".trials.tsv"));
        let own = [Some(&self.out), Some(&record), self.scores.as_ref()].into_iter().flatten();
        for path in own.clone().chain(of_search.iter()) {
            check_free(path, self.force)?;
            check_apart(path, self.recipe.paths())?;
        }
        if let Some(folder) = &self.report {
            let written = own.chain(of_search.iter()).map(PathBuf::as_path);
            let read = self.recipe.paths().chain(self.database.as_deref());
            let others: Vec<&Path> = written.chain(read).collect();
            ReportFolder { path: folder, force: self.force }.check(others.into_iter())?;
        }
        match &self.scores {
            Some(scores) => {
                check_apart(scores, [self.out.as_path(), record.as_path()])?;
                check_apart(scores, of_search.iter().map(PathBuf::as_path))
            }
            None => Ok(()),
        }
    }

    fn record<'a>(
        &self,
        plan: &'a Plan,
        device: &'a str,
        trained: &'a Trained,
        data: &LabelledSequences,
        seconds: Seconds,
        epoch_seconds: &'a [f64],
    ) -> anyhow::Result<RunRecord<'a>> {
        let card = trained.model.card();
        Ok(RunRecord {
            versions: Versions::of_this_program(),
            host: Host::of_this_run(),
            command: command_line(),
            engine: plan.engine.name(),
            device,
            threads: rayon::current_num_threads(),
            seed: self.recipe.seed,
            seconds,
            data: card.data.clone(),
            records: data.sequences().len(),
            positives: data.positives(card.loss),
            unknown_letters: data.sequences().unknown_count(),
            network: plan.network(&trained.model)?,
            training: card.training.clone(),
            calibration: &trained.calibration,
            penalties: &trained.penalties,
            grid: &trained.grid,
            trials: trained.auto.as_ref().map_or(&[], |chosen| &chosen.trials),
            stopped: trained.reason,
            best_epoch: trained.best,
            epochs: &trained.epochs,
            epoch_seconds,
            warnings: &[],
            model: None,
            sketch: RecordedSketch::of(data.sequences()),
        })
    }
}

/// What a report on a training is made of: tested on what was held out to choose the epoch, which motifs found in the rest are
/// judged by, too; or on what models of a cross-validation had not seen, and then half of the sequences is searched for motifs and the
/// other half judges them. Where neither is there, nothing is tested, and examples are those it was trained on.
fn material<'a>(trained: &'a Trained, data: &LabelledSequences, name: Name, seed: u64) -> anyhow::Result<Material<'a>> {
    let model = &trained.model;
    let mut material = Material { seed, ..Material::new(name, model) };
    // Where tasks are several, each has an output of its own; of several classes there is one task.
    let task_of = |output: usize| if data.task_count() > 1 { output } else { 0 };
    if !trained.validation.is_empty() {
        let held_out = data.select(&trained.validation)?;
        material.tested = Some(Tested::new(model, &held_out, None, Origin::Validation)?);
        let mut is_held_out = vec![false; data.sequences().len()];
        trained.validation.iter().for_each(|&record| is_held_out[record] = true);
        let rest: Vec<usize> = (0..is_held_out.len()).filter(|&record| !is_held_out[record]).collect();
        let rest = data.select(&rest)?;
        for output in &mut material.outputs {
            output.halves = halves::apart(model, [&rest, &held_out], (task_of(output.place), output.place))?;
        }
        return Ok(material);
    }
    if let Some(left_out) = &trained.left_out {
        material.tested = Some(Tested::left_out(model, data, left_out)?);
    }
    for output in &mut material.outputs {
        output.halves = halves::split(model, data, (task_of(output.place), output.place), Seed(seed))?;
        output.is_known = true;
    }
    let two_classes = matches!(model.card().loss, Loss::Logistic | Loss::SquaredHinge);
    if two_classes && model.card().outputs.is_empty() {
        let is_positive = |&record: &usize| data.labels()[record] > 0.0;
        let positives: Vec<usize> = (0..data.sequences().len()).filter(is_positive).collect();
        material.positives = Some(data.sequences().select(&positives)?);
    }
    Ok(material)
}
