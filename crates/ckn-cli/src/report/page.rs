//! The page.

#[cfg(test)]
mod tests;

use askama::Template;
use ckn::core::loss::Loss;
use ckn::model::{Lengths, Model, ModelCard};
use serde_json::Value;

use super::evaluation::Evaluation;
use super::examples::Examples;
use super::figure::Figure;
use super::headline::{Headline, headline};
use super::motifs::MotifSection;
use super::number::{count, duration, percent};
use super::run::Run;
use super::tested::{Origin, Tested};
use super::{Name, Report, TASKS, training, words};

/// Settings that are shown.
const SETTINGS: usize = 80;
/// Motifs that are shown unfolded.
const UNFOLDED: usize = 12;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    style: &'static str,
    version: &'static str,
    name: &'a Name,
    purpose: String,
    method: String,
    headline: Option<Headline>,
    tested: Option<&'a Tested>,
    tested_facts: Vec<(&'static str, String)>,
    origin: &'static str,
    /// A sentence about it.
    caveat: &'static str,
    evaluations: &'a [Evaluation],
    motifs: &'a [MotifSection],
    /// The letters that logos are made of.
    glyphs: String,
    /// What an output is.
    output_kind: &'static str,
    /// How many outputs there are whose motifs are not shown.
    unread: usize,
    examples: &'a Examples,
    data: Vec<(&'static str, String)>,
    files: Vec<(Name, Name)>,
    measured: Vec<(Name, String)>,
    curves: Vec<Figure>,
    settings: Vec<(Name, Name)>,
    record: Vec<(&'static str, Name)>,
    command: Vec<Name>,
}

/// The report as HTML.
pub fn html(report: &Report<'_>) -> anyhow::Result<String> {
    let material = &report.material;
    let card = material.model.card();
    let run = material.run.as_ref();
    let sequences = material.tested.as_ref().map_or(0, |tested| tested.sequences.len());
    let page = Page {
        style: include_str!("../../templates/report.css"),
        version: env!("CARGO_PKG_VERSION"),
        name: &material.name,
        purpose: words::purpose(material.model),
        method: words::method(material.model),
        headline: headline(&report.evaluations, card.loss, sequences),
        tested: material.tested.as_ref(),
        tested_facts: material.tested.as_ref().map(tested_facts).unwrap_or_default(),
        origin: material.tested.as_ref().map_or("", |tested| origin(tested.origin)),
        caveat: material.tested.as_ref().map_or("", |tested| caveat(tested.origin)),
        evaluations: &report.evaluations,
        motifs: &report.motifs,
        glyphs: report.glyphs.svg(),
        output_kind: if card.loss == Loss::Multinomial { "Class" } else { "Task" },
        unread: card.outputs.len().saturating_sub(report.motifs.len()),
        examples: &report.examples,
        data: data(card, run),
        files: card.data.iter().map(|(role, hash)| (Name::new(role), Name::new(hash))).collect(),
        measured: card
            .measured
            .iter()
            .map(|(name, value)| (Name::new(name.replace('_', " ")), format!("{value:.4}")))
            .collect(),
        curves: run.map(training::figures).unwrap_or_default(),
        settings: settings(material.model),
        record: run.map(record).unwrap_or_default(),
        command: run.iter().flat_map(|run| &run.command).map(Name::of_word).collect(),
    };
    Ok(page.render()?)
}

impl Page<'_> {
    fn has_motifs(&self) -> bool {
        self.motifs.len() > 1 || self.motifs.iter().any(|section| !section.cards.is_empty())
    }

    /// The motifs of a model of one output.
    fn only_motifs(&self) -> Option<&MotifSection> {
        if let [section] = self.motifs { Some(section) } else { None }
    }

    /// Tasks whose plots are shown.
    fn detailed(&self) -> usize {
        TASKS
    }

    /// The measures that an overview of several tasks shows.
    fn overview(&self) -> [&'static str; 2] {
        if self.evaluations.iter().any(|one| one.measure("AUPRC").is_some()) {
            ["AUROC", "AUPRC"]
        } else {
            ["Pearson", "Spearman"]
        }
    }

    /// The level of the headings of plots: below that of the task, where it has one.
    fn figure_level(&self, evaluation: &Evaluation) -> usize {
        if evaluation.name.is_some() { 4 } else { 3 }
    }

    /// A whole number, its thousands apart.
    fn apart(&self, number: &usize) -> String {
        count(*number)
    }

    /// Whether a motif of this place is folded away.
    fn folds(&self, place: &usize) -> bool {
        *place >= UNFOLDED
    }
}

/// What is to be known of the sequences that were tested: the end of "sequences …".
fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Given => "given for this report",
        Origin::Known => "that the model was trained on, at least in part",
        Origin::Validation => "held out from the training",
        Origin::LeftOut => "of the training, each scored by models of the cross-validation that had not seen it",
        Origin::Simulated => "simulated as those of the training were, and not seen by it",
    }
}

/// What that means for the numbers: a sentence, or nothing.
fn caveat(origin: Origin) -> &'static str {
    match origin {
        Origin::Known => "It does better on them than it would on others.",
        Origin::Validation => "It chose its epoch by them: other sequences may do slightly worse.",
        Origin::LeftOut => {
            "The model itself was trained on all of them, and was chosen by these scores: other sequences may do slightly worse."
        }
        Origin::Given | Origin::Simulated => "",
    }
}

fn tested_facts(tested: &Tested) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Sequences", count(tested.sequences.len()))];
    facts.extend(tested.lengths.map(|lengths| ("Length", span(lengths))));
    facts
}

fn span(lengths: Lengths) -> String {
    match lengths.common() {
        Some(length) => format!("{} letters", count(length)),
        None => format!("{} to {} letters", count(lengths.shortest), count(lengths.longest)),
    }
}

/// The sequences of the training.
fn data(card: &ModelCard, run: Option<&Run>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Alphabet", words::alphabet(&card.alphabet).to_owned())];
    let records = run.and_then(|run| run.records);
    facts.extend(records.map(|records| ("Sequences", count(records))));
    if let (Some(records), Some(positives)) = (records, run.and_then(|run| run.positives)) {
        let negatives = records.saturating_sub(positives);
        facts.push(("Positives", format!("{} ({})", count(positives), percent(positives, records))));
        facts.push(("Negatives", format!("{} ({})", count(negatives), percent(negatives, records))));
    }
    facts.extend(card.lengths.map(|lengths| ("Length", span(lengths))));
    facts.extend(run.and_then(|run| run.unknown_letters).map(|letters| ("Unknown letters", count(letters))));
    facts
}

/// What computed, and how long it took.
fn record(run: &Run) -> Vec<(&'static str, Name)> {
    let text = |text: &Option<String>| text.as_ref().map(Name::new);
    let time = |seconds: Option<f64>| {
        seconds.filter(|seconds| *seconds > 0.0 && seconds.is_finite()).map(|seconds| Name::new(duration(seconds)))
    };
    let number = |number: Option<u64>| number.map(|number| Name::new(number.to_string()));
    let rows = [
        ("ckn", text(&run.versions.ckn)),
        ("burn", text(&run.versions.burn)),
        ("Engine", text(&run.engine)),
        ("Device", text(&run.device)),
        ("Threads", number(run.threads)),
        ("Operating system", text(&run.host.operating_system)),
        ("Architecture", text(&run.host.architecture)),
        ("Cores", number(run.host.cores)),
        ("Seed", number(run.seed)),
        ("Reading", time(run.seconds.reading)),
        ("Training", time(run.seconds.training)),
        ("Stopped by", text(&run.stopped)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Settings of the network and of the training, nested names joined by dots.
fn settings(model: &Model) -> Vec<(Name, Name)> {
    let mut rows = Vec::new();
    if let Some(layer) = model.network().and_then(|view| view.network().layers().first()) {
        rows.push((Name::new("kernel"), Name::new(words::kernel(layer.kernel()))));
    }
    flatten("", &model.card().training, &mut rows);
    rows
}

fn flatten(path: &str, value: &Value, rows: &mut Vec<(Name, Name)>) {
    if rows.len() >= SETTINGS {
        return;
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Null => {}
        Value::Object(entries) => entries.iter().for_each(|(key, value)| flatten(&below(key), value, rows)),
        Value::String(text) => rows.push((Name::new(path), Name::new(text))),
        other => rows.push((Name::new(path), Name::new(other.to_string()))),
    }
}
