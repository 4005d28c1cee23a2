use std::path::{Path, PathBuf};

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::Model;
use clap::Args;

use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::{LabelledArguments, TaskArguments, Unasked, check_labels, in_classes_of, load_model};
use crate::motif_reading::{output_of, read_known};
use crate::output::{check_apart, check_free, check_replaceable};
use crate::report::{Material, Name, Origin, ReadOutput, Report, Run, Tested, halves, places};
use crate::run_record::path_beside;
use crate::talk::say;

/// Write a report on a model: one HTML page for a colleague
#[derive(Debug, Args)]
#[command(after_help = "\
The page says what the model is, how it was trained (from MODEL.run.json, if it lies beside the model) and which motifs it \
looks for. With labelled sequences it also says how well the model tells them apart, with 95 % intervals, and how often the \
motifs stand in positives and negatives; sequences that the model was not trained on make honest numbers. Where there are only \
positives, negatives are made by shuffling them.

It is one file: no scripts, no fonts, no connection to anywhere. It can be sent by mail, printed, and read on a telephone.

Examples:
  ckn report model.ckn --out report.html
  ckn report model.ckn --pos test_bound.fa --neg test_unbound.fa --database JASPAR.meme --out report.html
  ckn report classes.ckn --tsv test_classes.tsv --out report.html
  ckn report cells.ckn --task HepG2=hepg2_test.fa --task H1=h1_test.fa --out report.html")]
pub struct ReportCommand {
    /// The model, as `ckn train` wrote it
    model: PathBuf,
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    #[command(flatten, next_help_heading = "Sequences")]
    tasks: TaskArguments,
    /// The output that is shown, of a model of several tasks or classes
    #[arg(long, value_name = "NAME", help_heading = "Motifs")]
    output: Option<String>,
    /// Known motifs to name those of the model by: MEME, JASPAR, TRANSFAC or HOMER
    #[arg(long, value_name = "FILE", help_heading = "Motifs")]
    database: Option<PathBuf>,
    /// The page
    #[arg(long, value_name = "HTML", help_heading = "Output")]
    out: PathBuf,
    /// Overwrite an existing file
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Root of the random streams: halves, shuffles, intervals
    #[arg(long, default_value_t = 0, help_heading = "Running")]
    seed: u64,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads, help_heading = "Running")]
    threads: Option<usize>,
    /// No messages on standard error
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

impl Effects for ReportCommand {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; model, sequences, tasks, output, database, out, force, seed, threads, quiet)?;
        self.sequences.check_effects(given)
    }
}

impl ReportCommand {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let record = path_beside(&self.model);
        check_replaceable(&self.out)?;
        check_free(&self.out, self.force)?;
        let read = [self.model.as_path(), record.as_path()].into_iter().chain(self.database.as_deref());
        check_apart(&self.out, self.paths().chain(read))?;

        let model = load_model(&self.model, [])?;
        let card = model.card();
        let alphabet = super::predict::alphabet_of(card)?;
        // All outputs are shown, but sequences with one label each are those of one task.
        let of_one_task = self.sequences.given() && card.loss != Loss::Multinomial;
        let one = card.outputs.is_empty() || self.output.is_some() || of_one_task;
        let output = if one { Some(output_of(card, self.output.as_deref())?) } else { None };
        let known = self.database.as_deref().map(|path| anyhow::Ok((read_known(path, alphabet)?, Name::of_file(path))));
        let known = known.transpose()?;
        let outputs = output.map_or_else(|| places(&model), |place| place..place + 1);
        let mut outputs: Vec<ReadOutput> =
            outputs.map(|place| ReadOutput { place, halves: None, is_known: false }).collect();
        let tested = match self.read(&model)? {
            None => None,
            Some((data, notes)) => {
                let tested = Tested::new(&model, &data, output, Origin::Given)?.with_files(&model, self.paths())?;
                let is_known = tested.origin.is_known();
                if is_known && !self.quiet {
                    say("these are sequences of the model's training: numbers are too good; give others");
                }
                for output in &mut outputs {
                    // A task of an output, where there are several; of an output that no task is of there is nothing.
                    let task = if card.loss == Loss::Multinomial || !self.tasks.given() {
                        Some(0)
                    } else {
                        tested.tasks.iter().position(|task| task.place == output.place)
                    };
                    let Some(task) = task else { continue };
                    output.halves = halves::split(&model, &data, (task, output.place), Seed(self.seed))?;
                    output.is_known = is_known;
                }
                Some(Tested { notes, ..tested })
            }
        };
        let run = Run::read(&record).unwrap_or_else(|cause| {
            say(format_args!("{cause}: the report goes without it"));
            None
        });
        let name = Name::of_file(&self.model);
        let material = Material { name, model: &model, run, tested, outputs, positives: None, known, seed: self.seed };
        Report::new(material)?.write(&self.out, self.force)?;
        if !self.quiet {
            say(format_args!("report: {}", self.out.display()));
        }
        Ok(exit::DONE)
    }

    /// Files of sequences.
    fn paths(&self) -> impl Iterator<Item = &Path> + Clone {
        let paths: Vec<&Path> = self.sequences.paths().chain(self.tasks.files().map(|(_, path)| path)).collect();
        paths.into_iter()
    }

    /// The labelled sequences, if there are any, and what there is to say about how they were read.
    fn read(&self, model: &Model) -> anyhow::Result<Option<(LabelledSequences, Vec<Name>)>> {
        let card = model.card();
        let alphabet = super::predict::alphabet_of(card)?;
        let check = |data: LabelledSequences| {
            let data = in_classes_of(data, card)?;
            check_labels(&data, card.loss, ", as in the training of this model")?;
            Ok(data)
        };
        if self.tasks.given() {
            if card.loss == Loss::Multinomial {
                return Err(Usage("a model of several classes has no tasks: give --tsv".into()).into());
            }
            return Ok(Some((check(self.tasks.read(alphabet, false, self.seed)?)?, Vec::new())));
        }
        if !self.sequences.given() {
            return Ok(None);
        }
        let two_classes = matches!(card.loss, Loss::Logistic | Loss::SquaredHinge);
        let unasked = if two_classes { Unasked::Shuffle } else { Unasked::Nothing };
        let loaded = self.sequences.read(alphabet, unasked, self.seed, check)?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
        }
        Ok(Some((loaded.data, loaded.notes.iter().map(Name::new).collect())))
    }
}
