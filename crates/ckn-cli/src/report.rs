//! A report on a model: one page that needs nothing else.

mod download;
mod evaluation;
mod examples;
mod figure;
mod folder;
pub mod halves;
mod headline;
mod motifs;
mod multiqc;
mod name;
mod number;
mod page;
mod run;
mod tested;
mod training;
mod words;

use std::ops::Range;
use std::path::Path;

use ckn::bio::EncodedSequences;
use ckn::core::seed::Seed;
use ckn::interpret::{KnownMotifs, MotifSequences};
use ckn::model::Model;

use self::evaluation::{Depth, Evaluation};
use self::examples::Examples;
pub use self::folder::ReportFolder;
use self::motifs::MotifSection;
pub use self::name::Name;
pub use self::run::Run;
pub use self::tested::{Origin, Tested};
use crate::output::write_results;
use crate::plot::Glyphs;

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
    /// Whether the model was trained on what is evidence.
    pub is_known: bool,
}

/// Outputs whose motifs and examples are shown, of a model of many: each makes a page longer.
const OUTPUTS: usize = 8;
/// Tasks whose plots are shown, of very many.
const TASKS: usize = 12;

impl<'a> Material<'a> {
    /// A model of which nothing else is known.
    pub fn new(name: Name, model: &'a Model) -> Self {
        let outputs = places(model).map(|place| ReadOutput { place, halves: None, is_known: false }).collect();
        Self { name, model, run: None, tested: None, outputs, positives: None, known: None, seed: 0 }
    }
}

/// The outputs of a model whose motifs are read: all, or the first of many.
pub fn places(model: &Model) -> Range<usize> {
    0..model.card().outputs.len().clamp(1, OUTPUTS)
}

/// All numbers, plots and motifs of a report.
pub struct Report<'a> {
    material: Material<'a>,
    evaluations: Vec<Evaluation>,
    motifs: Vec<MotifSection>,
    /// The letters that logos are made of.
    glyphs: Glyphs,
    examples: Examples,
}

impl<'a> Report<'a> {
    /// Computes what the material says.
    pub fn new(material: Material<'a>) -> anyhow::Result<Self> {
        let (loss, seed) = (material.model.card().loss, Seed(material.seed));
        let tasks = material.tested.iter().flat_map(|tested| &tested.tasks);
        let depth = |at: usize| if at < TASKS { Depth::All } else { Depth::Numbers };
        let evaluations = tasks.enumerate().map(|(at, task)| Evaluation::new(task, loss, seed, depth(at))).collect();
        let (motifs, glyphs) = motifs::read_motifs(&material)?;
        let held_out =
            material.outputs.iter().find_map(|output| output.halves.as_ref()).map(|halves| &halves.positives);
        let positives = material.positives.as_ref().or(held_out);
        let examples = Examples::new(material.model, material.tested.as_ref(), positives)?;
        Ok(Self { material, evaluations, motifs, glyphs, examples })
    }

    /// Writes the page, whole or not at all.
    pub fn write(&self, path: &Path, force: bool) -> anyhow::Result<()> {
        let html = page::html(self)?;
        write_results(Some(path), force, |out| Ok(out.write_all(html.as_bytes())?))
    }
}
