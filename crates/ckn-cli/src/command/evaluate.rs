mod tables;

use std::path::{Path, PathBuf};

use ckn::bio::{Alphabet, EncodedSequences, KnownSequences, LabelledSequences, Likeness, io, leaks};
use ckn::core::loss::Loss;
use ckn::model::{Model, ModelCard};
use clap::Args;

use self::tables::Scored;
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::{
    Loaded, Mode, NegativesArguments, Source, TaskArguments, Unasked, check_labels, in_classes_of, load_model,
};
use crate::output::write_results;
use crate::run_record::sketch_beside;
use crate::talk::say;

/// Compare the scores of models with known labels
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table of one row for each model: model, records, positives, negatives, auroc, auprc, accuracy \
and log_loss (nats).\nFor models of measurements (--loss squared): model, records, auroc (if the labels are 0 \
and 1), mean_squared_error, pearson and spearman.\nWhat is not defined, such as the AUROC of one class, is NA.\n\nWith \
several models of two classes there are four columns more, on the row's AUROC less that of the first row: difference, its \
95 % interval (difference_low, difference_high), and p_value, two-sided, of DeLong's test for two AUROCs on the same \
sequences.\n\nOn data of several tasks there is a row for each, and a column task; a model of several outputs scores \
each task by the output of its name. For models of several classes: model, records, classes, accuracy and log_loss.\n\nThe last \
columns are 95 % intervals, and what else is quoted: auroc_low and auroc_high (DeLong), auprc_low and auprc_high (2,000 \
bootstrap resamples of each class), accuracy_low and accuracy_high (Wilson), and mcc, Matthews' correlation coefficient. \
Accuracy and mcc are those of the model's own threshold: a score (log-odds) of 0, a probability of 0.5. Of measurements \
pearson_low, pearson_high, spearman_low and spearman_high (Fisher's transform). Of several classes auroc_macro, the mean of \
auroc:CLASS, each class against the rest by its probability.\n\nWarns if the record beside a model (MODEL.run.json) says that \
it was trained on some of the sequences, by hashes of 4,096 of them: exact for that many, else an estimate.\n\nLabels may be names of \
classes: those that the model was trained on.\n\nExamples:\n  ckn evaluate model.ckn --seq ELK1_B.seq.gz\n  \
ckn evaluate model.ckn --pos test_bound.fa --neg test_unbound.fa\n  \
ckn evaluate baseline.ckn model.ckn --pos test_bound.fa --neg test_unbound.fa\n  \
ckn evaluate model.ckn --bed test.bed --genome hg38.2bit --window 101 --negatives genome\n  \
ckn evaluate usf1.ckn --task HepG2=hepg2_test.fa,hepg2_neg.fa --task H1=h1_test.fa,h1_neg.fa"
)]
pub struct Evaluate {
    /// Models, as `ckn train` wrote them
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    negatives: NegativesArguments,
    /// Root of the random streams of --negatives
    #[arg(long, default_value_t = 0, requires = "negatives")]
    seed: u64,
    #[command(flatten)]
    tasks: TaskArguments,
    /// The output that is evaluated, of models of several tasks, on data of one
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Sequences of the training (FASTA, FASTQ or table): warns of those that the test data hold, too
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Accept several sequences of the same name in a file
    #[arg(long)]
    allow_duplicates: bool,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
}

impl Effects for Evaluate {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; models, source, negatives, seed, tasks, output, against, allow_duplicates, threads)?;
        self.source.check_effects(given)?;
        self.tasks.check_effects(given, None)?;
        let tasks = self.tasks.given().then_some("has no effect on --tasks and --task: drop it");
        self.negatives.check(given, Unasked::Nothing, self.source.intervals.genome.is_some(), tasks)
    }
}

impl Evaluate {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        if !self.tasks.given() {
            self.source.check()?;
        }
        if self.against.as_deref() == Some(Path::new("-")) && self.source.paths().any(|path| path == Path::new("-")) {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        let paths = || self.source.paths();
        let models = self.models.iter().map(|path| load_model(path, paths())).collect::<anyhow::Result<Vec<_>>>()?;
        let Some(first) = models.first() else {
            return Err(Usage("give a model".into()).into());
        };
        self.check_alike(&models)?;
        let (alphabet, loss) = (super::predict::alphabet_of(first.card())?, first.card().loss);
        let data = self.read(alphabet, first.card())?;
        self.warn_of_known(data.sequences());
        if let Some(path) = &self.against {
            warn_of_leaks(data.sequences(), &io::read_sequences(path, alphabet)?, path);
        }
        let scored = self.models.iter().zip(&models).map(|(path, model)| {
            let scores = super::predict::scores(model, data.sequences())?;
            let (card, name) = (model.card(), path.display().to_string());
            Ok(Scored { name, loss: card.loss, outputs: card.outputs.clone(), scores })
        });
        let scored = scored.collect::<anyhow::Result<Vec<_>>>()?;
        if loss == Loss::Multinomial {
            for model in &scored {
                model.check_classes(data.labels())?;
            }
            write_results(None, false, |out| tables::write_several_classes(out, data.labels(), &scored))?;
            return Ok(exit::DONE);
        }
        let mut chosen = Vec::new();
        for (task, name) in data.tasks().iter().map(Some).chain(data.tasks().is_empty().then_some(None)).enumerate() {
            let wanted = name.or(self.output.as_ref());
            let models = scored.iter().map(|model| model.output(wanted)).collect::<anyhow::Result<Vec<_>>>()?;
            chosen.push(tables::Task::new(name, &data, task, models));
        }
        if loss == Loss::Squared {
            write_results(None, false, |out| tables::write_measurements(out, &chosen))?;
            return Ok(exit::DONE);
        }
        for task in &chosen {
            task.explain();
        }
        write_results(None, false, |out| tables::write_two_classes(out, &chosen))?;
        Ok(exit::DONE)
    }

    /// Models on the same data have the same alphabet and the same kind of labels.
    fn check_alike(&self, models: &[Model]) -> anyhow::Result<()> {
        let Some(first) = models.first().map(Model::card) else { return Ok(()) };
        let kind = |loss: Loss| (loss.is_classification(), loss == Loss::Multinomial);
        for (path, model) in self.models.iter().zip(models) {
            let card = model.card();
            let of_another_kind = if card.alphabet != first.alphabet {
                "alphabet"
            } else if kind(card.loss) != kind(first.loss) {
                "kind of labels (two classes, several classes or measurements)"
            } else if other_names(&card.classes, &first.classes)
                || (card.loss == Loss::Multinomial && other_names(&card.outputs, &first.outputs))
            {
                "order of classes, or other classes,"
            } else {
                continue;
            };
            let (path, first) = (path.display(), self.models[0].display());
            let message = format!("{path} has another {of_another_kind} than {first}: evaluate them one by one");
            return Err(Usage(message).into());
        }
        if self.output.is_some() && (self.tasks.given() || models.iter().all(|model| model.card().outputs.is_empty())) {
            let message = "--output names one output of a model of several, for data of one task: drop it";
            return Err(Usage(message.into()).into());
        }
        Ok(())
    }

    /// Says how many of the data each model was trained on, as far as the records beside them tell.
    fn warn_of_known(&self, data: &EncodedSequences) {
        for path in &self.models {
            match sketch_beside(path) {
                Ok(Some(sketch)) => known_in_words(sketch.known_among(data), path).iter().for_each(say),
                Ok(None) => {}
                Err(cause) => {
                    say(format_args!("{cause}: whether the model was trained on these sequences is not checked"))
                }
            }
        }
    }

    fn read(&self, alphabet: Alphabet, card: &ModelCard) -> anyhow::Result<LabelledSequences> {
        let loss = card.loss;
        if self.tasks.given() {
            if loss == Loss::Multinomial {
                return Err(Usage("a model of several classes has no tasks: give --tsv".into()).into());
            }
            let data = self.tasks.read(alphabet, self.allow_duplicates, self.seed)?;
            check_labels(&data, loss, ", as in the training of this model")?;
            return Ok(data);
        }
        let loaded = self.source.read(alphabet, Mode::All, self.allow_duplicates)?;
        let loaded = Loaded { data: in_classes_of(loaded.data, card)?, ..loaded };
        check_labels(&loaded.data, loss, ", as in the training of this model")?;
        let loaded = self.negatives.add(loaded, self.seed, Unasked::Nothing)?;
        loaded.notes.iter().for_each(say);
        Ok(loaded.data)
    }
}

/// Whether classes of the same number have different names.
fn other_names(some: &[String], others: &[String]) -> bool {
    some.iter().zip(others).any(|(one, other)| one != other)
}

/// What is said of test sequences that a model was trained on; nothing where there are none.
fn known_in_words(known: KnownSequences, model: &Path) -> Option<String> {
    let KnownSequences { found, sequences, is_exact, .. } = known;
    let share = 100.0 * known.share().filter(|_| found > 0)?;
    let share = if share < 1.0 { format!("{share:.1}") } else { format!("{share:.0}") };
    let (least, about) = if is_exact { ("", "") } else { ("at least ", "about ") };
    let (model, were) = (model.display(), if found == 1 && is_exact { "was" } else { "were" });
    Some(format!(
        "{least}{found} of {sequences} test sequences ({about}{share} %) {were} trained on by {model}: their scores say \
         nothing of new ones"
    ))
}

/// Says how many of the data the training knew already.
fn warn_of_leaks(data: &EncodedSequences, training: &EncodedSequences, path: &Path) {
    let found = leaks(data, training);
    let count = |kind: fn(&Likeness) -> bool| found.iter().filter(|leak| kind(&leak.likeness)).count();
    let identical = count(|kind| matches!(kind, Likeness::Identical));
    let reverse = count(|kind| matches!(kind, Likeness::ReverseComplement));
    let (all, records, path) = (found.len(), data.len(), path.display());
    say(match found.first() {
        None => format!("none of the {records} sequences leaks from {path}"),
        Some(first) => format!(
            "{all} of {records} sequences leak from {path}: {identical} identical, {reverse} reverse complements, {} \
             overlapping, the first of them `{}`: what is measured on them is too good",
            all - identical - reverse,
            data.ids()[first.record]
        ),
    });
}
