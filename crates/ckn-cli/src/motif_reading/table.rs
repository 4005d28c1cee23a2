//! What is written of motifs.

use std::io::Write;

use ckn::bio::motif::Background;
use ckn::bio::simulate::Strand;
use ckn::interpret::{Combination, JudgedAnchor, JudgedMotif, KnownMotif, MotifDirection, MotifOrigin};

const COLUMNS: [&str; 31] = [
    "motif",
    "consensus",
    "width",
    "information",
    "anchors",
    "weight",
    "function",
    "distance",
    "anchor_auroc",
    "sites",
    "share",
    "positives",
    "positives_with_hit",
    "negatives",
    "negatives_with_hit",
    "log2_ratio",
    "fisher_p",
    "auroc",
    "rank_sum_p",
    "q_value",
    "central_p",
    "central_bp",
    "uniqueness",
    "restarts",
    "match",
    "match_name",
    "match_q",
    "found_in",
    "direction",
    "shuffled_p",
    "e_value",
];

/// Writes the table of motifs.
pub fn write(out: &mut dyn Write, rows: &[JudgedMotif]) -> anyhow::Result<()> {
    writeln!(out, "{}", COLUMNS.join("\t"))?;
    for row in rows {
        writeln!(out, "{}", cells(row)?.join("\t"))?;
    }
    Ok(())
}

fn cells(row: &JudgedMotif) -> anyhow::Result<[String; COLUMNS.len()]> {
    let (JudgedMotif { found, evidence, anchor_auroc, restarts, .. }, known) = (row, row.known());
    let matrix = &found.motif.probabilities;
    let information: f64 = matrix.information(&Background::uniform(matrix.alphabet()))?.iter().sum();
    let enrichment = evidence.as_ref().map(|evidence| &evidence.enrichment);
    let positions = evidence.as_ref().and_then(|evidence| evidence.positions.as_ref());
    let count = |value: Option<usize>| value.map_or_else(missing, |value| value.to_string());
    let anchors: Vec<String> = found.anchors.iter().map(usize::to_string).collect();
    Ok([
        found.motif.name.clone(),
        matrix.consensus(),
        matrix.width().to_string(),
        format!("{information:.3}"),
        if anchors.is_empty() { missing() } else { anchors.join(",") },
        decimals(Some(found.weight).filter(|weight| weight.is_finite()), 4),
        decimals(found.function, 4),
        decimals(found.distance, 6),
        decimals(*anchor_auroc, 4),
        decimals(found.motif.sites, 1),
        decimals(found.share, 4),
        count(enrichment.map(|test| test.positives)),
        count(enrichment.map(|test| test.positives_with_hit)),
        count(enrichment.map(|test| test.negatives)),
        count(enrichment.map(|test| test.negatives_with_hit)),
        decimals(enrichment.map(|test| test.log2_ratio), 3),
        small(enrichment.map(|test| test.fisher_p_value)),
        decimals(enrichment.map(|test| test.auroc), 4),
        small(enrichment.map(|test| test.rank_sum_p_value)),
        small(evidence.as_ref().map(|evidence| evidence.q_value)),
        small(positions.map(|positions| positions.p_value)),
        decimals(positions.map(|positions| positions.window_width), 0),
        decimals(evidence.as_ref().and_then(|evidence| evidence.uniqueness), 4),
        restarts.map_or_else(missing, |(with, of)| format!("{with}/{of}")),
        known.map_or_else(missing, |known| cell(&known.motif.name)),
        known.and_then(|known| known.motif.alternate.as_deref()).map_or_else(missing, cell),
        small(known.map(|known| known.found.q_value)),
        match found.origin {
            MotifOrigin::Model => "model".to_owned(),
            MotifOrigin::Sequences => "sequences".to_owned(),
        },
        match found.direction {
            MotifDirection::Enriched => "enriched".to_owned(),
            MotifDirection::Depleted => "depleted".to_owned(),
        },
        small(evidence.as_ref().map(|evidence| evidence.shuffled_p_value)),
        small(evidence.as_ref().map(|evidence| evidence.e_value)),
    ])
}

/// Writes the known motifs that each motif is like: one row for each of both.
pub fn write_matches(out: &mut dyn Write, rows: &[JudgedMotif]) -> anyhow::Result<()> {
    writeln!(out, "motif\trank\ttarget\tname\tp_value\te_value\tq_value\toverlap\toffset\tstrand")?;
    for row in rows {
        for (known, rank) in row.matches.iter().zip(1..) {
            let KnownMotif { motif, found } = known;
            let (name, target) = (&row.found.motif.name, cell(&motif.name));
            let second = motif.alternate.as_deref().map_or_else(missing, cell);
            let [p_value, e_value, q_value] =
                [found.p_value, found.e_value, found.q_value].map(|value| small(Some(value)));
            let (overlap, offset) = (found.overlap, found.offset);
            let strand = if found.strand == Strand::Forward { '+' } else { '-' };
            writeln!(
                out,
                "{name}\t{rank}\t{target}\t{second}\t{p_value}\t{e_value}\t{q_value}\t{overlap}\t{offset}\t{strand}"
            )?;
        }
    }
    Ok(())
}

/// Writes what the second layer's anchors combine: one row an anchor and position.
pub fn write_combinations(
    out: &mut dyn Write,
    combinations: &[Combination],
    rows: &[JudgedMotif],
) -> anyhow::Result<()> {
    writeln!(out, "anchor\tweight\tposition\tmotif\tfirst_layer_anchor\tword\tstrength")?;
    let name = |anchor: usize| {
        let motif = rows.iter().find(|row| row.found.anchors.contains(&anchor));
        motif.map_or_else(missing, |row| row.found.motif.name.clone())
    };
    for combination in combinations {
        for (position, responses) in combination.positions.iter().enumerate() {
            for response in responses {
                let (anchor, weight, bp) = (combination.anchor, combination.weight, position * combination.spacing);
                let (motif, below, word) = (name(response.anchor), response.anchor, &response.word);
                let strength = response.strength;
                writeln!(out, "{anchor}\t{weight:.4}\t{bp}\t{motif}\t{below}\t{word}\t{strength:.4}")?;
            }
        }
    }
    Ok(())
}

/// A row for each anchor point of the first layer, and what becomes of it.
pub fn write_anchors(out: &mut dyn Write, anchors: &[JudgedAnchor]) -> anyhow::Result<()> {
    writeln!(out, "anchor\tword\tweight\tfunction\tdistance\tinput_distance\tradius\ttau\tanchor_auroc\tverdict")?;
    for (number, anchor) in anchors.iter().enumerate() {
        let (word, weight, function) = (&anchor.word, anchor.weight, decimals(anchor.function, 4));
        let (distance, input, radius) = (anchor.distance, anchor.input_distance, anchor.radius);
        let (tau, auroc, verdict) = (small(anchor.tau), decimals(anchor.held_out_auroc, 4), anchor.verdict);
        writeln!(
            out,
            "{number}\t{word}\t{weight:.4}\t{function}\t{distance:.4}\t{input:.4}\t{radius:.4}\t{tau}\t{auroc}\t{verdict}"
        )?;
    }
    Ok(())
}

fn missing() -> String {
    "NA".to_owned()
}

fn decimals(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(missing, |value| format!("{value:.digits$}"))
}

/// P-values keep their digits however small they are.
fn small(value: Option<f64>) -> String {
    value.map_or_else(missing, |value| format!("{value:.3e}"))
}

/// Text from a file, without what would break a table, and as text where a spreadsheet would take it for a formula.
pub fn cell(text: &str) -> String {
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    if text.starts_with(['=', '@']) { std::iter::once('\'').chain(plain).collect() } else { plain.collect() }
}
