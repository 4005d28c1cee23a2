//! A report on a model: one page that needs nothing else.

mod evaluation;
mod examples;
mod folder;
mod motifs;
mod multiqc;
mod name;
mod number;
mod page;
mod run;
mod tested;
mod training;
mod words;

use std::path::Path;

use ckn::core::seed::Seed;
use ckn::interpret::{KnownMotifs, MotifReading, MotifSequences, ReadingSettings};
use ckn::model::{Model, NetworkView};

use self::evaluation::Evaluation;
use self::examples::Example;
pub use self::folder::ReportFolder;
use self::motifs::{DatabaseNote, MotifCard, MotifSection};
pub use self::name::Name;
pub use self::run::Run;
pub use self::tested::{Origin, Tested};
use crate::output::write_results;

/// What a report is made of; what is `None` is left out.
pub struct Material<'a> {
    /// What the model is called.
    pub name: Name,
    pub model: &'a Model,
    pub run: Option<Run>,
    pub tested: Option<Tested>,
    /// The outputs whose motifs are read.
    pub outputs: Vec<ReadOutput>,
    /// Known motifs, and what they are called.
    pub known: Option<(KnownMotifs, Name)>,
    pub seed: u64,
}

/// An output of a model whose motifs are read.
pub struct ReadOutput {
    /// Its place among the outputs.
    pub place: usize,
    /// Sequences that motifs are searched and judged in.
    pub halves: Option<MotifSequences>,
}

/// Outputs whose motifs are read, of a model of many: each makes a page longer.
const OUTPUTS: usize = 8;

impl<'a> Material<'a> {
    /// A model of which nothing else is known.
    pub fn new(name: Name, model: &'a Model) -> Self {
        let outputs = read_outputs(model, |_| None);
        Self { name, model, run: None, tested: None, outputs, known: None, seed: 0 }
    }
}

/// The outputs of a model whose motifs are read: all, or the first of many.
pub fn read_outputs(model: &Model, halves: impl Fn(usize) -> Option<MotifSequences>) -> Vec<ReadOutput> {
    let count = model.card().outputs.len().clamp(1, OUTPUTS);
    (0..count).map(|place| ReadOutput { place, halves: halves(place) }).collect()
}

/// All numbers, plots and motifs of a report.
pub struct Report<'a> {
    material: Material<'a>,
    evaluations: Vec<Evaluation>,
    motifs: Vec<MotifSection>,
    examples: Vec<Example>,
    /// Whether the letters of an example contribute all of its score.
    sums: bool,
}

impl<'a> Report<'a> {
    /// Computes what the material says.
    pub fn new(material: Material<'a>) -> anyhow::Result<Self> {
        let (loss, seed) = (material.model.card().loss, Seed(material.seed));
        let tasks = material.tested.iter().flat_map(|tested| &tested.tasks);
        let evaluations = tasks.map(|task| Evaluation::new(task, loss, seed)).collect();
        let motifs = read_motifs(&material)?;
        let (examples, sums) = match material.outputs.iter().find_map(|output| output.halves.as_ref()) {
            Some(halves) => examples::examples(material.model, &halves.positives)?,
            None => (Vec::new(), false),
        };
        Ok(Self { material, evaluations, motifs, examples, sums })
    }

    /// Writes the page, whole or not at all.
    pub fn write(&self, path: &Path, force: bool) -> anyhow::Result<()> {
        let html = page::html(self)?;
        write_results(Some(path), force, |out| Ok(out.write_all(html.as_bytes())?))
    }
}

/// The motifs of a network, for each output that is read; other models have none.
fn read_motifs(material: &Material<'_>) -> anyhow::Result<Vec<MotifSection>> {
    let Some(model) = material.model.network() else { return Ok(Vec::new()) };
    let mut before = 0;
    let section = |output| {
        let section = read_output(material, model, output, before)?;
        before += section.cards.len();
        Ok(section)
    };
    material.outputs.iter().map(section).collect()
}

/// The motifs of one output, numbered on the page from those `before` it on.
fn read_output(
    material: &Material<'_>,
    model: NetworkView<'_>,
    output: &ReadOutput,
    before: usize,
) -> anyhow::Result<MotifSection> {
    let alphabet = crate::command::predict::alphabet_of(model.card())?;
    let halves = output.halves.as_ref();
    let reading = MotifReading::new(ReadingSettings::of(output.place, alphabet));
    let found = reading.find(model.into(), halves)?;
    let mut rows = reading.judge(model.into(), &found, halves)?;
    let database = material.known.as_ref().map(|(known, name)| DatabaseNote { name: name.clone(), size: known.len() });
    if let Some((known, _)) = &material.known {
        known.name(&mut rows)?;
    }
    let cards = rows.iter().map(|row| MotifCard::new(row, database.as_ref())).collect::<anyhow::Result<Vec<_>>>()?;
    let searched = halves.map(|halves| {
        let [searched, positives, negatives] =
            [&halves.searched, &halves.positives, &halves.negatives].map(|sequences| number::count(sequences.len()));
        (searched, positives, negatives)
    });
    let name = model.card().outputs.get(output.place).map(Name::new);
    Ok(MotifSection { output: output.place, name, rows, before, cards, judged: halves.is_some(), searched, database })
}
