//! The motifs of a model, as a page shows them.

mod pairs;
mod reading;
mod sites;

use ckn::bio::Alphabet;
use ckn::bio::motif::Background;
use ckn::bio::simulate::Strand;
use ckn::interpret::{Evidence, FEWEST_FOR_Q, JudgedMotif, KnownMotif, MotifDirection, MotifOrigin};

pub use self::pairs::PairRow;
pub use self::reading::read_motifs;
pub use self::sites::ShownSites;
use super::Name;
use super::download::Download;
use super::halves::Contrast;
use super::number::{count, percent, signed, small};
use crate::plot::{Glyphs, logo_pair, positions};

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
    /// What positives and negatives are.
    pub contrast: Contrast,
    /// Whether the model was trained on the sequences that are evidence.
    pub is_known: bool,
    pub database: Option<DatabaseNote>,
    /// Motifs that stand together; `None` where there are no sequences to test them on.
    pub pairs: Option<Vec<PairRow>>,
    /// The motifs as files.
    pub downloads: Vec<Download>,
}

impl MotifSection {
    /// The level of the headings of motifs: below that of the output, where it has one.
    pub fn level(&self) -> usize {
        if self.name.is_some() { 4 } else { 3 }
    }

    /// What is to be known of the evidence: sentences.
    pub fn notes(&self) -> Vec<&'static str> {
        let contrast = match self.contrast {
            Contrast::Labels => None,
            Contrast::Rest => Some("Positives are the sequences of the class, negatives those of all others."),
            Contrast::Thirds => Some(
                "Positives are the third of the sequences that were measured highest, negatives the third measured lowest.",
            ),
        };
        let known = "The model was trained on these sequences, too: p-values of motifs that it shows are too small.";
        contrast.into_iter().chain(self.is_known.then_some(known)).filter(|_| self.judged).collect()
    }
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
    /// Logos of the motif and of the closest known one; their letters are those of the page.
    pub logos: String,
    /// The logo of the other strand, of DNA.
    pub reverse: Option<String>,
    pub sites: Option<ShownSites>,
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
    pub fn new(
        row: &JudgedMotif,
        database: Option<&DatabaseNote>,
        sites: Option<ShownSites>,
        glyphs: &mut Glyphs,
    ) -> anyhow::Result<Self> {
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
        let name = motif.name.replace('_', " ");
        let logos = logo_pair(&name, matrix, known.map(|known| (&known.motif, &known.found)))?;
        let reverse = match matrix.alphabet() {
            Alphabet::Dna => {
                Some(logo_pair(&format!("{name}, reverse complement"), &matrix.reverse_complement()?, None)?)
            }
            _ => None,
        };
        Ok(Self {
            consensus: matrix.consensus(),
            width: matrix.width(),
            information: format!("{information:.1}"),
            depleted: row.found.direction == MotifDirection::Depleted,
            logos: glyphs.compact(&logos),
            reverse: reverse.map(|logo| glyphs.compact(&logo)),
            sites,
            positions: places.map(|places| positions(&name, &places.counts)),
            known: known.map(|known| KnownCard::new(known, is_null_model)),
            others: row.matches.iter().skip(1).map(|known| KnownCard::new(known, is_null_model)).collect(),
            evidence: row.evidence.as_ref().map(EvidenceCard::new),
            facts,
            name,
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
