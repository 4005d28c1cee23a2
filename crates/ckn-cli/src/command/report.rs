use std::path::PathBuf;

use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::interpret::{MotifSequences, MotifSource};
use ckn::model::Model;
use clap::Args;

use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::{LabelledArguments, Unasked, check_labels, in_classes_of, load_model};
use crate::motif_reading::{output_of, read_known};
use crate::output::{check_apart, check_free, check_replaceable};
use crate::report::{Material, Name, Origin, ReadOutput, Report, Run, Tested, read_outputs};
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
  ckn report model.ckn --pos test_bound.fa --neg test_unbound.fa --database JASPAR.meme --out report.html")]
pub struct ReportCommand {
    /// The model, as `ckn train` wrote it
    model: PathBuf,
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
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
        effects!(given, self; model, sequences, output, database, out, force, seed, threads, quiet)?;
        self.sequences.check_effects(given)
    }
}

impl ReportCommand {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let given = self.sequences.given();
        let record = path_beside(&self.model);
        check_replaceable(&self.out)?;
        check_free(&self.out, self.force)?;
        let read = [self.model.as_path(), record.as_path()].into_iter().chain(self.database.as_deref());
        check_apart(&self.out, self.sequences.paths().chain(read))?;

        let model = load_model(&self.model, [])?;
        let card = model.card();
        let alphabet = super::predict::alphabet_of(card)?;
        // All outputs are shown, but sequences with one label each are those of one task.
        let one = card.outputs.is_empty() || self.output.is_some() || (given && card.loss != Loss::Multinomial);
        let output = if one { Some(output_of(card, self.output.as_deref())?) } else { None };
        let known = self.database.as_deref().map(|path| anyhow::Ok((read_known(path, alphabet)?, Name::of_file(path))));
        let known = known.transpose()?;
        let (tested, halves) = if given { self.test(&model, output)? } else { (None, None) };
        let run = Run::read(&record).unwrap_or_else(|cause| {
            say(format_args!("{cause}: the report goes without it"));
            None
        });
        let material = Material {
            name: Name::of_file(&self.model),
            model: &model,
            run,
            tested,
            outputs: match output {
                Some(place) => vec![ReadOutput { place, halves }],
                None => read_outputs(&model, |_| None),
            },
            positives: None,
            known,
            seed: self.seed,
        };
        Report::new(material)?.write(&self.out, self.force)?;
        if !self.quiet {
            say(format_args!("report: {}", self.out.display()));
        }
        Ok(exit::DONE)
    }

    /// Scores the sequences, and divides them into those that motifs are searched in and those that are evidence.
    fn test(&self, model: &Model, output: Option<usize>) -> anyhow::Result<(Option<Tested>, Option<MotifSequences>)> {
        let card = model.card();
        let two_classes = matches!(card.loss, Loss::Logistic | Loss::SquaredHinge);
        let unasked = if two_classes { Unasked::Shuffle } else { Unasked::Nothing };
        let alphabet = super::predict::alphabet_of(card)?;
        let mut loaded = self.sequences.read(alphabet, unasked, self.seed, |data| {
            let data = in_classes_of(data, card)?;
            check_labels(&data, card.loss, ", as in the training of this model")?;
            Ok(data)
        })?;
        let notes = std::mem::take(&mut loaded.notes);
        if !self.quiet {
            notes.iter().for_each(say);
        }
        // None where there are too few sequences for motifs.
        let source = MotifSource::of(model);
        let split = two_classes.then(|| MotifSequences::split(&loaded.data, source.width(), Seed(self.seed)));
        let halves = split.and_then(Result::ok);
        let data = loaded.data;
        let tested = Tested::new(model, &data, output, Origin::Given)?.with_files(model, self.sequences.paths())?;
        if tested.origin == Origin::Known && !self.quiet {
            say("these are sequences of the model's training: numbers are too good; give others");
        }
        Ok((Some(Tested { notes: notes.iter().map(Name::new).collect(), ..tested }), halves))
    }
}
