//! A report on a model: one page that needs nothing else.

mod calibration;
mod curves;
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
use ckn::model::AnyModel;

use self::evaluation::Evaluation;
use self::examples::Example;
pub use self::folder::ReportFolder;
use self::motifs::{DatabaseNote, MotifCard, MotifSection};
pub use self::name::Name;
pub use self::run::Run;
pub use self::tested::{Origin, Tested};
use crate::motif_reading::{self, Halves, KnownMotifs, MAX_Q, MotifReading, Row};
use crate::output::write_results;

/// What a report is made of; what is `None` is left out.
pub struct Material<'a> {
    /// What the model is called.
    pub name: Name,
    pub model: &'a AnyModel,
    pub run: Option<Run>,
    pub tested: Option<Tested>,
    /// The output whose motifs are read; `None` of a model of several that are all shown.
    pub output: Option<usize>,
    /// Sequences that motifs are searched and judged in.
    pub halves: Option<Halves>,
    /// Known motifs, and what they are called.
    pub known: Option<(KnownMotifs, Name)>,
    pub seed: u64,
}

impl<'a> Material<'a> {
    /// A model of which nothing else is known; its motifs are read if it has one output.
    pub fn new(name: Name, model: &'a AnyModel) -> Self {
        let output = model.card().outputs.is_empty().then_some(0);
        Self { name, model, run: None, tested: None, output, halves: None, known: None, seed: 0 }
    }
}

/// All numbers, plots and motifs of a report.
pub struct Report<'a> {
    material: Material<'a>,
    evaluations: Vec<Evaluation>,
    motifs: Option<MotifSection>,
    rows: Vec<Row>,
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
        let (motifs, rows) = read_motifs(&material)?;
        let (examples, sums) = match &material.halves {
            Some(halves) => examples::examples(material.model, &halves.positives)?,
            None => (Vec::new(), false),
        };
        Ok(Self { material, evaluations, motifs, rows, examples, sums })
    }

    /// Writes the page, whole or not at all.
    pub fn write(&self, path: &Path, force: bool) -> anyhow::Result<()> {
        let html = page::html(self)?;
        write_results(Some(path), force, |out| Ok(out.write_all(html.as_bytes())?))
    }
}

/// The motifs of a network; other models have none.
fn read_motifs(material: &Material<'_>) -> anyhow::Result<(Option<MotifSection>, Vec<Row>)> {
    let (AnyModel::Ckn(model), Some(output)) = (material.model, material.output) else { return Ok((None, Vec::new())) };
    let alphabet = crate::command::predict::alphabet_of(model.card())?;
    let halves = material.halves.as_ref();
    let reading = MotifReading { settings: motif_reading::settings(output, alphabet), project: false, max_q: MAX_Q };
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
    Ok((Some(MotifSection { cards, judged: halves.is_some(), searched, database }), rows))
}
