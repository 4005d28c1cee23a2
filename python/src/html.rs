//! A model as a table of a notebook.

use ckn::model::Model;

/// A table of what the model is and where it comes from.
pub(crate) fn html_of(model: &Model) -> String {
    let card = model.card();
    let mut rows = vec![
        ("model", model.kind().to_owned()),
        ("alphabet", card.alphabet.clone()),
        ("shortest sequence", format!("{} letters", model.shortest_sequence())),
        ("seed", card.seed.to_string()),
    ];
    if let Some(lengths) = card.lengths {
        rows.push(("trained on", format!("sequences of {} to {} letters", lengths.shortest, lengths.longest)));
    }
    for (what, names) in [("outputs", &card.outputs), ("classes", &card.classes)] {
        if !names.is_empty() {
            rows.push((what, names.join(", ")));
        }
    }
    rows.extend(card.measured.iter().map(|(name, value)| (name.as_str(), format!("{value:.4}"))));
    let cells = |(name, value): (&str, String)| {
        let (name, value) = (escaped(name), escaped(&value));
        format!("<tr><th style=\"text-align:left\">{name}</th><td style=\"text-align:left\">{value}</td></tr>")
    };
    format!("<table><caption>ckn.Model</caption>{}</table>", rows.into_iter().map(cells).collect::<String>())
}

/// Text that is no markup: names come from files of others.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
