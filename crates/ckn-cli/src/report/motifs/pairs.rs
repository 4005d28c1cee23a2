//! Motifs that stand together, as a page shows them.

use ckn::bio::motif::{Motif, MotifPair, PairSettings, motif_pairs};
use ckn::interpret::{JudgedMotif, MAX_Q, MotifDirection, MotifSequences};

use super::super::number::{count, percent, small};

/// Two motifs, or two sites of one, at a preferred distance and in a preferred direction.
pub struct PairRow {
    /// From left to right.
    pub names: [String; 2],
    pub directions: [&'static str; 2],
    pub gap: String,
    pub arranged: String,
    pub expected: String,
    pub in_negatives: String,
    pub q_value: String,
}

/// The pairs among the enriched motifs that the held-out positives have more often than the places of each motif by itself make it, as `ckn
/// pairs` tests them, up to the false discovery rate that motifs are shown at; the most significant first.
pub fn pairs(rows: &[JudgedMotif], halves: &MotifSequences, both_strands: bool) -> anyhow::Result<Vec<PairRow>> {
    let enriched = rows.iter().filter(|row| row.found.direction == MotifDirection::Enriched);
    let motifs: Vec<Motif> = enriched.map(|row| row.found.motif.clone()).collect();
    if motifs.is_empty() {
        return Ok(Vec::new());
    }
    let found = motif_pairs(&motifs, &halves.positives, &halves.negatives, &PairSettings::new(both_strands))?;
    let sets = [halves.positives.len(), halves.negatives.len()];
    Ok(found.iter().filter(|pair| pair.q_value <= MAX_Q).map(|pair| PairRow::new(pair, &motifs, sets)).collect())
}

impl PairRow {
    fn new(pair: &MotifPair, motifs: &[Motif], [positives, negatives]: [usize; 2]) -> Self {
        let name = |of: usize| motifs[pair.motifs[of]].name.replace('_', " ");
        let arrangement = pair.arrangement.to_string();
        // Such as `2> 1>`: the site on the left, then that on the right, each with the direction that it reads in.
        let site = |word: &str| {
            let second = usize::from(word.contains('2'));
            (name(second), if word.starts_with('<') { "←" } else { "→" })
        };
        let (left, right) = arrangement.split_once(' ').unwrap_or(("1>", "2>"));
        let ((first, one), (second, other)) = (site(left), site(right));
        let [from, to] = pair.gap;
        Self {
            names: [first, second],
            directions: [one, other],
            gap: if from == to { count(from) } else { format!("{}–{}", count(from), count(to)) },
            arranged: format!("{} ({})", count(pair.positives_arranged), percent(pair.positives_arranged, positives)),
            expected: format!("{:.1}", pair.expected),
            in_negatives: format!(
                "{} ({})",
                count(pair.negatives_arranged),
                percent(pair.negatives_arranged, negatives)
            ),
            q_value: small(pair.q_value),
        }
    }
}
