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

use ckn::bio::EncodedSequences;
use ckn::core::seed::Seed;
use ckn::interpret::{Error, KnownMotifs, MotifReading, MotifSequences, MotifSource, ReadingSettings};
use ckn::model::Model;

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
    /// Positives that are examples where none are held out.
    pub positives: Option<EncodedSequences>,
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
        Self { name, model, run: None, tested: None, outputs, positives: None, known: None, seed: 0 }
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
        let held_out =
            material.outputs.iter().find_map(|output| output.halves.as_ref()).map(|halves| &halves.positives);
        let (examples, sums) = match held_out.or(material.positives.as_ref()) {
            Some(positives) => examples::examples(material.model, positives)?,
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

/// The motifs of a model, for each output that is read; none of a model that must be read from sequences where there are none.
fn read_motifs(material: &Material<'_>) -> anyhow::Result<Vec<MotifSection>> {
    let source = MotifSource::of(material.model);
    let mut before = 0;
    let mut sections = Vec::new();
    for output in &material.outputs {
        if let Some(section) = read_output(material, source, output, before)? {
            before += section.cards.len();
            sections.push(section);
        }
    }
    Ok(sections)
}

/// The motifs of one output, numbered on the page from those `before` it on.
fn read_output(
    material: &Material<'_>,
    model: MotifSource<'_>,
    output: &ReadOutput,
    before: usize,
) -> anyhow::Result<Option<MotifSection>> {
    let alphabet = crate::command::predict::alphabet_of(model.card())?;
    let halves = output.halves.as_ref();
    let reading = MotifReading::new(ReadingSettings::of(output.place, alphabet));
    let found = match (reading.find(Some(model), halves), model, halves) {
        (Err(Error::NoWords { .. }), ..) | (_, MotifSource::Detectors(..), None) => return Ok(None),
        (found, ..) => found?,
    };
    let mut rows = reading.judge(Some(model), &found, halves)?;
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
    let judged = halves.is_some();
    let by_scores = matches!(model, MotifSource::Scores(_));
    Ok(Some(MotifSection { output: output.place, name, rows, before, cards, judged, by_scores, searched, database }))
}
