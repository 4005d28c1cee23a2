use std::collections::BTreeMap;

use ckn::bio::EncodedSequences;
use ckn::bio::motif::{Motif, Probabilities};
use ckn::interpret::{JudgedMotif, KnownMotifs, ModelMotif, MotifDirection};
use ckn::prelude::*;

use super::*;
use crate::plot::Glyphs;
use crate::report::Material;
use crate::report::download::Download;
use crate::report::evaluation::Depth;
use crate::report::examples::{Example, ExampleGroup, Fact, Track};
use crate::report::halves::Contrast;
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
fn model(names: &[String]) -> Model {
    let config = NetworkConfig {
        letters: 4,
        layers: vec![LayerConfig { filters: 2, width: 3, kernel: DotProductKernel::Linear, subsampling: 1 }],
        pooling: Pooling::Max,
        strands: Strands::Forward,
        border: Border::Valid,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
        ..NetworkConfig::of_one_layer(4, 1, 1)
    };
    let network = Network::random(config.check().unwrap(), &mut Seed(0).stream("network")).unwrap();
    let entries = || names.iter().enumerate();
    let card = ModelCard {
        alphabet: "dna".to_owned(),
        letters: "ACGT".to_owned(),
        loss: Loss::Logistic,
        outputs: names.to_vec(),
        classes: Vec::new(),
        seed: 0,
        data: entries().map(|(at, name)| (format!("{at}{name}"), name.clone())).collect(),
        lengths: Some(Lengths { shortest: 3, longest: 30_000 }),
        pad_short: false,
        training: entries().map(|(at, name)| (format!("{at}{name}"), Value::from(name.as_str()))).collect(),
        measured: entries().map(|(at, name)| (name.clone(), at as f64)).collect::<BTreeMap<_, _>>(),
        held_out: None,
    };
    let heads = vec![LinearHead::new(vec![0.5, -0.5], 0.0).unwrap(); names.len()];
    Model::of_network(network, heads, card).unwrap()
}

fn rows(count: usize, known_width: usize, names: &[String]) -> Vec<JudgedMotif> {
    let known = names.iter().enumerate().map(|(at, name)| Motif {
        alternate: (at % 2 == 0).then(|| name.clone()),
        ..Motif::new(name, matrix(at, known_width))
    });
    let known = KnownMotifs::new(known.collect(), Alphabet::Dna).unwrap();
    let row = |at: usize| JudgedMotif {
        found: ModelMotif {
            motif: Motif::new(format!("motif_{}", at + 1), matrix(at, 12)),
            anchors: (0..30).collect(),
            weight: -1.0,
            function: None,
            distance: None,
            share: None,
            threshold: None,
            origin: ckn::interpret::MotifOrigin::Model,
            direction: MotifDirection::Enriched,
        },
        evidence: None,
        anchor_auroc: Some(0.5),
        restarts: None,
        matches: Vec::new(),
    };
    let mut rows: Vec<JudgedMotif> = (0..count).map(row).collect();
    known.name(&mut rows).unwrap();
    rows
}

/// Motifs of some outputs, all of which have the same; of one without a name if there is none.
fn sections(rows: impl Fn() -> Vec<JudgedMotif>, outputs: &[String], database: &Name) -> (Vec<MotifSection>, Glyphs) {
    let mut glyphs = Glyphs::default();
    let glyphs_of_page = &mut glyphs;
    let output_names = outputs.join("\n");
    let mut section = |output: usize| {
        let glyphs = &mut *glyphs_of_page;
        let (rows, note) = (rows(), DatabaseNote { name: database.clone(), size: 100 });
        let cards: Vec<_> = rows.iter().map(|row| MotifCard::new(row, Some(&note), None, glyphs).unwrap()).collect();
        let (name, before) = (outputs.get(output).map(Name::new), output * cards.len());
        MotifSection {
            output,
            name,
            rows,
            before,
            cards,
            judged: false,
            by_scores: false,
            searched: None,
            contrast: Contrast::Labels,
            is_known: false,
            database: Some(note),
            pairs: None,
            downloads: vec![Download::new("motifs.meme", "matrices", output_names.as_bytes())],
        }
    };
    let all = (0..outputs.len().max(1)).map(&mut section).collect();
    (all, glyphs)
}

/// Four sequences of such names.
fn sequences(names: &[String]) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    names.iter().cycle().take(4).for_each(|name| sequences.push(name, b"ACGT").unwrap());
    sequences
}

/// A task of classes of such names, each taken for the next.
fn classes(names: &[String]) -> Task {
    let count = names.len();
    let score = |class: usize| (0..count).map(move |other| if other == (class + 1) % count { 1.0 } else { 0.0 });
    Task {
        name: Some(Name::new(&names[0])),
        classes: names.iter().map(Name::new).collect(),
        place: 0,
        records: (0..count).collect(),
        labels: (0..count).map(|class| class as f64).collect(),
        outputs: count,
        scores: (0..count).flat_map(score).collect(),
    }
}

fn examples(names: &[String]) -> Examples {
    let example = |name: &String| Example {
        name: Name::new(name),
        facts: vec![Fact { text: "of".to_owned(), class: Some(Name::new(name)) }],
        tracks: vec![Track { class: Some(Name::new(name)), score: "1".to_owned(), svg: String::new() }],
    };
    let group = ExampleGroup {
        task: Some(Name::new(&names[0])),
        title: "Highest scores",
        meaning: String::new(),
        examples: names.iter().map(example).collect(),
    };
    Examples { groups: vec![group], sums: false }
}

fn report<'a>(model: &'a Model, names: &[String], (motifs, glyphs): (Vec<MotifSection>, Glyphs)) -> Report<'a> {
    let name = || Name::new(&names[0]);
    let task = |name: &String| Task {
        name: Some(Name::new(name)),
        classes: Vec::new(),
        place: 0,
        records: (0..4).collect(),
        labels: vec![0.0, 1.0, 1.0, 0.0],
        outputs: 1,
        scores: vec![0.1, 0.4, -0.2, -1.0],
    };
    let tested = Tested {
        origin: Origin::Given,
        files: names.iter().map(|name| File { name: Name::new(name), hash: Name::new(name) }).collect(),
        notes: names.iter().map(Name::new).collect(),
        sequences: sequences(names),
        lengths: None,
        tasks: names.iter().map(task).collect(),
    };
    let run = Run { command: names.to_vec(), engine: Some(names[1].clone()), ..Run::default() };
    let mut evaluations: Vec<Evaluation> =
        tested.tasks.iter().map(|task| Evaluation::new(task, Loss::Logistic, Seed(0), Depth::All)).collect();
    evaluations
        .insert(1, Evaluation::new(&classes(&names[..names.len().min(30)]), Loss::Multinomial, Seed(0), Depth::All));
    let material = Material { run: Some(run), tested: Some(tested), ..Material::new(name(), model) };
    Report { material, evaluations, motifs, glyphs, examples: examples(names) }
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    let names = hostile_names();
    assert_eq!(names.len(), 100);
    // One motif for each name: all are closest to one of the known motifs.
    let (model, rows) = (model(&names), || rows(4, 12, &names[..4]));
    let motifs = sections(rows, &names[..8], &Name::new(&names[0]));
    let html = html(&report(&model, &names, motifs)).unwrap();
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let page = roxmltree::Document::parse_with_options(&html, options).unwrap();
    let elements = "a article bdi body caption circle code dd defs desc details div dl dt figcaption figure footer g h1 h2 h3 \
                    h4 head header html li line main meta nav p path rect section span strong style summary svg table \
                    tbody td text th thead title tr ul use";
    let attributes = "aria-hidden aria-label aria-labelledby charset class content cx cy d download fill font-family font-size height href \
                      http-equiv id lang name points r role scope stroke stroke-width style tabindex text-anchor \
                      transform viewBox width x x1 x2 y y1 y2 font-weight";
    for node in page.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(elements.split_whitespace().any(|known| known == name), "<{name}>");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(attributes.split_whitespace().any(|known| known == name), "{name}={value}");
            let is_file = name == "href" && value.starts_with("data:text/plain;charset=utf-8,");
            assert!(name != "href" || value.starts_with('#') || is_file, "{value}");
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ":/;%.,-_=+()".contains(letter);
            assert!(!is_file || value.chars().all(is_plain), "{value}");
            assert!(name == "d" || name == "content" || is_file || value.len() < 500, "{name} is long");
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
    // Every motif of every output has a place of its own.
    assert!(html.contains("92 more are not shown"));
    let places: Vec<&str> = page.descendants().filter_map(|node| node.attribute("id")).collect();
    assert_eq!(places.iter().filter(|id| id.starts_with("motif-") && !id.ends_with("heading")).count(), 32);
    assert!(places.iter().enumerate().all(|(at, id)| !places[..at].contains(id)));
    let links = page.descendants().filter_map(|node| node.attribute("href"));
    let inside = links.filter(|link| !link.starts_with("data:"));
    inside.for_each(|link| assert!(places.contains(&&link[1..]), "{link}"));
}

#[test]
fn fifty_motifs_of_thirty_columns_fit_into_three_megabytes() {
    let names: Vec<String> = (0..60).map(|at| format!("name{at}")).collect();
    let (model, rows) = (model(&names[..1]), || rows(50, 30, &names));
    let html = html(&report(&model, &names[..2], sections(rows, &[], &Name::new("known")))).unwrap();
    assert_eq!(html.matches("<article").count(), 50);
    assert!(html.len() < 3_000_000, "{}", html.len());
}

#[test]
fn all_known_motifs_that_one_is_like_are_named_and_depleted_ones_are_marked() {
    let names: Vec<String> = ["first", "second"].map(str::to_owned).to_vec();
    let model = model(&names[..1]);
    let page = |direction: MotifDirection, known: &[&str]| {
        let alike = known.iter().map(|name| Motif::new(*name, matrix(0, 12))).collect();
        let known = KnownMotifs::new(alike, Alphabet::Dna).unwrap();
        let rows = || {
            let mut rows = rows(1, 12, &names);
            known.name(&mut rows).unwrap();
            rows[0].found.direction = direction;
            rows
        };
        html(&report(&model, &names, sections(rows, &[], &Name::new("known")))).unwrap()
    };
    let both = page(MotifDirection::Depleted, &["this", "that"]);
    assert!(both.contains("<bdi>that</bdi></strong>") && both.contains("It is like <bdi>this</bdi>"), "{both}");
    assert_eq!(both.matches("<span class=\"quiet\">depleted</span>").count(), 2);
    let one = page(MotifDirection::Enriched, &["this"]);
    assert!(!one.contains("It is like") && !one.contains(">depleted<"));
}

#[test]
fn what_is_not_known_is_left_out() {
    let names = vec!["name".to_owned()];
    let model = model(&names);
    let material = Material::new(Name::new("m"), &model);
    let page = html(&Report {
        material,
        evaluations: Vec::new(),
        motifs: Vec::new(),
        glyphs: Glyphs::default(),
        examples: Examples::default(),
    })
    .unwrap();
    for absent in ["Performance", "Motifs", "Command", "Loss", "NaN", "None", "<dd><bdi></bdi>"] {
        assert!(!page.contains(absent), "{absent}");
    }
}
