//! The motifs of a model, as a page shows them.

use ckn::bio::motif::Background;
use ckn::bio::simulate::Strand;
use ckn::interpret::{Evidence, FEWEST_FOR_Q, JudgedMotif, KnownMotif, MotifDirection, MotifOrigin};

use super::Name;
use super::number::{count, percent, signed, small};
use crate::plot::{logo_pair, positions};

/// The motifs that were found for one output.
pub struct MotifSection {
    /// Its place among the outputs.
    pub output: usize,
    /// What it is called, of a model of several.
    pub name: Option<Name>,
    /// All that is known of the motifs.
    pub rows: Vec<JudgedMotif>,
    /// Motifs of outputs before it.
    pub before: usize,
    pub cards: Vec<MotifCard>,
    /// Whether there were sequences to judge the motifs by.
    pub judged: bool,
    /// Whether they were read from scores, not from anchor points.
    pub by_scores: bool,
    /// Sequences that were searched, and those that are evidence.
    pub searched: Option<(String, String, String)>,
    pub database: Option<DatabaseNote>,
}

/// Where known motifs come from.
pub struct DatabaseNote {
    pub name: Name,
    pub size: usize,
}

impl DatabaseNote {
    /// Whether its p-values mean something.
    pub fn is_null_model(&self) -> bool {
        self.size >= FEWEST_FOR_Q
    }
}

/// A motif.
pub struct MotifCard {
    pub name: String,
    pub consensus: String,
    pub width: usize,
    pub information: String,
    /// Whether the negatives have more of it.
    pub depleted: bool,
    pub logos: String,
    pub positions: Option<String>,
    pub known: Option<KnownCard>,
    /// Others that it is like, too.
    pub others: Vec<KnownCard>,
    pub evidence: Option<EvidenceCard>,
    pub facts: Vec<(&'static str, String)>,
}

/// The known motif that it is like.
pub struct KnownCard {
    pub label: Name,
    /// Its identifier, where it is not the label.
    pub identifier: Option<Name>,
    pub reverse: bool,
    pub q_value: Option<String>,
}

/// What held-out sequences say.
pub struct EvidenceCard {
    pub in_positives: String,
    pub in_negatives: String,
    pub auroc: String,
    pub q_value: String,
    pub facts: Vec<(&'static str, String)>,
}

impl MotifCard {
    pub fn new(row: &JudgedMotif, database: Option<&DatabaseNote>) -> anyhow::Result<Self> {
        let motif = &row.found.motif;
        let matrix = &motif.probabilities;
        let information: f64 = matrix.information(&Background::uniform(matrix.alphabet()))?.iter().sum();
        let (known, is_null_model) = (row.known(), database.is_some_and(DatabaseNote::is_null_model));
        let places = row.evidence.as_ref().and_then(|evidence| evidence.positions.as_ref());
        let anchors: Vec<String> = row.found.anchors.iter().take(8).map(usize::to_string).collect();
        let more = row.found.anchors.len().saturating_sub(anchors.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let weight = signed(row.found.weight, 3);
        let mut facts = match (anchors.is_empty(), row.found.share) {
            _ if row.found.origin == MotifOrigin::Sequences => {
                vec![("Found in", "the sequences, not in the model".to_owned())]
            }
            (true, Some(_)) => vec![("A site adds to the score, on average", weight)],
            (true, None) => vec![("The best word adds to the score", weight)],
            (false, _) => {
                vec![("Anchor points", format!("{}{more}", anchors.join(", "))), ("Weight of the first", weight)]
            }
        };
        facts.extend(row.anchor_auroc.map(|auroc| ("AUROC of the first alone", format!("{auroc:.3}"))));
        facts.extend(motif.sites.map(|sites| ("Sites it was counted from", count(sites.round() as usize))));
        Ok(Self {
            name: motif.name.replace('_', " "),
            consensus: matrix.consensus(),
            width: matrix.width(),
            information: format!("{information:.1}"),
            depleted: row.found.direction == MotifDirection::Depleted,
            logos: logo_pair(&motif.name.replace('_', " "), matrix, known.map(|known| (&known.motif, &known.found)))?,
            positions: places.map(|places| positions(&motif.name.replace('_', " "), &places.counts)),
            known: known.map(|known| KnownCard::new(known, is_null_model)),
            others: row.matches.iter().skip(1).map(|known| KnownCard::new(known, is_null_model)).collect(),
            evidence: row.evidence.as_ref().map(EvidenceCard::new),
            facts,
        })
    }
}

impl KnownCard {
    fn new(known: &KnownMotif, has_null_model: bool) -> Self {
        let named = known.motif.alternate.is_some();
        Self {
            label: Name::new(known.label()),
            identifier: named.then(|| Name::new(&known.motif.name)),
            reverse: known.found.strand == Strand::Reverse,
            q_value: has_null_model.then(|| small(known.found.q_value)),
        }
    }
}

impl EvidenceCard {
    fn new(evidence: &Evidence) -> Self {
        let test = &evidence.enrichment;
        let mut facts = vec![("Enrichment", format!("{}\u{a0}×", signed(test.log2_ratio.exp2(), 1)))];
        facts.push(("p-value, sequences with a hit", small(test.fisher_p_value)));
        facts.push(("p-value, best scores", small(test.rank_sum_p_value)));
        facts.extend(Some(("p-value, against shuffles of the same sequences", small(evidence.shuffled_p_value))));
        facts.push(("E-value", small(evidence.e_value)));
        if let Some(places) = &evidence.positions {
            let central = format!("{} (middle\u{a0}{:.0}\u{a0}bp)", small(places.p_value), places.window_width);
            facts.push(("p-value, hits near the centre", central));
        }
        facts.extend(evidence.uniqueness.map(|loss| ("AUROC lost without it", signed(loss, 3))));
        Self {
            in_positives: percent(test.positives_with_hit, test.positives),
            in_negatives: percent(test.negatives_with_hit, test.negatives),
            auroc: format!("{:.3}", test.auroc),
            q_value: small(evidence.q_value),
            facts,
        }
    }
}
