//! The page.

use askama::Template;
use ckn::model::{AnyModel, Lengths, ModelCard};
use serde_json::Value;

use super::evaluation::{Evaluation, Figure};
use super::examples::Example;
use super::motifs::MotifSection;
use super::number::{count, duration, percent};
use super::run::Run;
use super::tested::{Origin, Tested};
use super::{Name, Report, training, words};

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
    evaluations: &'a [Evaluation],
    motifs: Option<&'a MotifSection>,
    examples: &'a [Example],
    sums: bool,
    data: Vec<(&'static str, String)>,
    files: Vec<(Name, Name)>,
    measured: Vec<(Name, String)>,
    curves: Vec<Figure>,
    settings: Vec<(Name, Name)>,
    record: Vec<(&'static str, Name)>,
    command: Vec<Name>,
}

/// The one number of the summary.
struct Headline {
    auroc: String,
    interval: Option<String>,
    pairs: String,
    sequences: String,
}

/// The report as HTML.
pub fn html(report: &Report<'_>) -> anyhow::Result<String> {
    let material = &report.material;
    let card = material.model.card();
    let run = material.run.as_ref();
    let page = Page {
        style: include_str!("../../templates/report.css"),
        version: env!("CARGO_PKG_VERSION"),
        name: &material.name,
        purpose: words::purpose(material.model),
        method: words::method(material.model),
        headline: headline(&report.evaluations),
        tested: material.tested.as_ref(),
        tested_facts: material.tested.as_ref().map(tested_facts).unwrap_or_default(),
        origin: material.tested.as_ref().map_or("", |tested| origin(tested.origin)),
        evaluations: &report.evaluations,
        motifs: report.motifs.as_ref(),
        examples: &report.examples,
        sums: report.sums,
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
        self.motifs.is_some_and(|section| !section.cards.is_empty())
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

/// Of a model of one task that was tested.
fn headline(evaluations: &[Evaluation]) -> Option<Headline> {
    let [evaluation] = evaluations else { return None };
    let auroc = evaluation.auroc?;
    Some(Headline {
        auroc: format!("{auroc:.3}"),
        interval: evaluation.interval.map(|(low, high)| format!("{low:.3} to {high:.3}")),
        pairs: format!("{:.0}", 100.0 * auroc),
        sequences: count(evaluation.records),
    })
}

/// What is to be known of the sequences that were tested: the end of "sequences …".
fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Given => "given for this report",
        Origin::Known => {
            "that the model was trained on, at least in part: it does better on them than it would on others"
        }
        Origin::Validation => {
            "held out from the training, which chose its epoch by them: other sequences may do slightly worse"
        }
        Origin::Simulated => "simulated as those of the training were, and not seen by it",
    }
}

fn tested_facts(tested: &Tested) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Sequences", count(tested.sequences))];
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
fn settings(model: &AnyModel) -> Vec<(Name, Name)> {
    let mut rows = Vec::new();
    if let AnyModel::Ckn(model) = model
        && let Some(layer) = model.network().layers().first()
    {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ckn::bio::motif::{Motif, Probabilities};
    use ckn::interpret::ModelMotif;
    use ckn::prelude::*;

    use super::*;
    use crate::motif_reading::{KnownMotifs, Row};
    use crate::report::Material;
    use crate::report::motifs::{DatabaseNote, MotifCard};
    use crate::report::tested::{File, Task};

    /// A hundred names that nobody should have.
    fn hostile_names() -> Vec<String> {
        let bad = [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "'><svg onload=alert(1)>",
            "</style><script>alert(1)</script>",
            "</title></head><body onload=alert(1)>",
            "<!--",
            "]]>",
            "{{ 7 * 7 }}{% raw %}",
            "&lt;b&gt;&amp;#60;",
            "javascript:alert(1)",
            "../../x",
            "..\\..\\x",
            "/etc/passwd",
            "CON",
            "a\tb",
            "a\nb\r\nc",
            "\u{202e}exe.fa\u{202c}",
            "\u{2066}\u{200f}\u{200b}\u{feff}",
            "a\0b\u{1b}[31m\u{85}\u{2028}",
            "https://example.com/x.png",
        ];
        let longest = "<b>".repeat(22_000);
        let mut names: Vec<String> = bad.iter().map(|name| (*name).to_owned()).collect();
        names.extend(bad.iter().map(|name| format!("{name}{longest}")));
        names.extend(bad.iter().map(|name| format!(" {name} ")));
        names.extend(bad.iter().map(|name| format!("é\u{301}漢字🧬{name}")));
        names.extend(bad.iter().map(|name| format!("\u{202b}{name}\u{0}")));
        names
    }

    fn matrix(shift: usize, width: usize) -> Probabilities {
        let column = |at: usize| (0..4).map(move |letter| if letter == (at * at + shift) % 4 { 0.85 } else { 0.05 });
        Probabilities::new(Alphabet::Dna, (0..width).flat_map(column).collect()).unwrap()
    }

    /// A model whose card is full of names.
    fn model(names: &[String]) -> AnyModel {
        let config = NetworkConfig {
            letters: 4,
            layers: vec![LayerConfig { filters: 2, width: 3, kernel: DotProductKernel::Linear, subsampling: 1 }],
            pooling: Pooling::Max,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
        };
        let network = Network::random(config.check().unwrap(), &mut Seed(0).stream("network")).unwrap();
        let entries = || names.iter().enumerate();
        let card = ModelCard {
            alphabet: "dna".to_owned(),
            letters: "ACGT".to_owned(),
            loss: Loss::Logistic,
            outputs: names.to_vec(),
            seed: 0,
            data: entries().map(|(at, name)| (format!("{at}{name}"), name.clone())).collect(),
            lengths: Some(Lengths { shortest: 3, longest: 30_000 }),
            pad_short: false,
            training: entries().map(|(at, name)| (format!("{at}{name}"), Value::from(name.as_str()))).collect(),
            measured: entries().map(|(at, name)| (name.clone(), at as f64)).collect::<BTreeMap<_, _>>(),
            held_out: None,
        };
        let heads = vec![LinearHead::new(vec![0.5, -0.5], 0.0).unwrap(); names.len()];
        Model::with_heads(network, heads, card).unwrap().into()
    }

    fn rows(count: usize, known_width: usize, names: &[String]) -> Vec<Row> {
        let known = names.iter().enumerate().map(|(at, name)| Motif {
            alternate: (at % 2 == 0).then(|| name.clone()),
            ..Motif::new(name, matrix(at, known_width))
        });
        let known = KnownMotifs::new(known.collect(), Alphabet::Dna).unwrap();
        let row = |at: usize| Row {
            found: ModelMotif {
                motif: Motif::new(format!("motif_{}", at + 1), matrix(at, 12)),
                anchors: (0..30).collect(),
                weight: -1.0,
                function: None,
                distance: None,
                share: None,
            },
            evidence: None,
            anchor_auroc: Some(0.5),
            restarts: None,
            known: None,
        };
        let mut rows: Vec<Row> = (0..count).map(row).collect();
        known.name(&mut rows).unwrap();
        rows
    }

    fn section(rows: &[Row], database: Name) -> MotifSection {
        let note = DatabaseNote { name: database, size: 100 };
        let cards = rows.iter().map(|row| MotifCard::new(row, Some(&note)).unwrap()).collect();
        MotifSection { cards, judged: false, searched: None, database: Some(note) }
    }

    fn report<'a>(model: &'a AnyModel, names: &[String], rows: Vec<Row>) -> Report<'a> {
        let name = || Name::new(&names[0]);
        let task = |name: &String| Task {
            name: Some(Name::new(name)),
            labels: vec![0.0, 1.0, 1.0, 0.0],
            outputs: 1,
            scores: vec![0.1, 0.4, -0.2, -1.0],
        };
        let tested = Tested {
            origin: Origin::Given,
            files: names.iter().map(|name| File { name: Name::new(name), hash: Name::new(name) }).collect(),
            notes: names.iter().map(Name::new).collect(),
            sequences: 4,
            lengths: None,
            tasks: names.iter().map(task).collect(),
        };
        let run = Run { command: names.to_vec(), engine: Some(names[1].clone()), ..Run::default() };
        let evaluations = tested.tasks.iter().map(|task| Evaluation::new(task, Loss::Logistic, Seed(0))).collect();
        let motifs = Some(section(&rows, name()));
        let material = Material { run: Some(run), tested: Some(tested), ..Material::new(name(), model) };
        Report { material, evaluations, motifs, rows }
    }

    #[test]
    fn hostile_names_are_text_and_nothing_else() {
        let names = hostile_names();
        assert_eq!(names.len(), 100);
        // One motif for each name: all are closest to one of the known motifs.
        let (model, rows) = (model(&names), rows(4, 12, &names[..4]));
        let html = html(&report(&model, &names, rows)).unwrap();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let page = roxmltree::Document::parse_with_options(&html, options).unwrap();
        let elements = "a article bdi body caption circle code dd desc details div dl dt figcaption figure footer g h1 h2 h3 \
                        head header html li line main meta nav p path rect section span strong style summary svg table \
                        tbody td text th thead title tr ul";
        let attributes = "aria-label aria-labelledby charset class content cx cy d fill font-family font-size height href \
                          http-equiv id lang name points r role scope stroke stroke-width style tabindex text-anchor \
                          transform viewBox width x x1 x2 y y1 y2 font-weight";
        for node in page.descendants().filter(roxmltree::Node::is_element) {
            let name = node.tag_name().name();
            assert!(elements.split_whitespace().any(|known| known == name), "<{name}>");
            for attribute in node.attributes() {
                let (name, value) = (attribute.name(), attribute.value());
                assert!(attributes.split_whitespace().any(|known| known == name), "{name}={value}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
                assert!(name == "d" || name == "content" || value.len() < 500, "{name} is long");
            }
        }
        let text: String = page.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect();
        for shown in
            ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "a␉b", "a␊b␍␊c", "../../x"]
        {
            assert!(text.contains(shown), "{shown}");
        }
        let unseen = |letter: char| {
            (letter.is_control() && letter != '\n') || "\u{202e}\u{2066}\u{200f}\u{feff}\u{2028}".contains(letter)
        };
        assert_eq!(html.chars().find(|&letter| unseen(letter)), None);
        assert!(!html.contains("<b><b>") && html.contains("<b>".replace('<', "&#60;").replace('>', "&#62;").as_str()));
        // Nothing to load but the text of a name.
        let outside = html.replace("https://example.com", "");
        assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("url("));
        assert!(html.contains("default-src 'none'"));
    }

    #[test]
    fn fifty_motifs_of_thirty_columns_fit_into_three_megabytes() {
        let names: Vec<String> = (0..60).map(|at| format!("name{at}")).collect();
        let (model, rows) = (model(&names[..1]), rows(50, 30, &names));
        let html = html(&report(&model, &names[..2], rows)).unwrap();
        assert_eq!(html.matches("<article").count(), 50);
        assert!(html.len() < 3_000_000, "{}", html.len());
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let names = vec!["name".to_owned()];
        let model = model(&names);
        let material = Material::new(Name::new("m"), &model);
        let page = html(&Report { material, evaluations: Vec::new(), motifs: None, rows: Vec::new() }).unwrap();
        for absent in ["Performance", "Motifs", "Command", "Loss", "NaN", "None", "<dd><bdi></bdi>"] {
            assert!(!page.contains(absent), "{absent}");
        }
    }
}
