//! Contributions as text, one line a letter.

use std::fmt::Write;

use ckn::bio::{Alphabet, Region};

use crate::command::explained::Part;

/// What stands in a line.
#[derive(Debug, Clone, Copy)]
pub enum Lines {
    /// Name, position, letter and contribution; what other letters would contribute, if asked for.
    Table {
        /// Letters of the table.
        alphabet: Alphabet,
        /// Whether there is a column for each letter.
        hypothetical: bool,
    },
    /// Chromosome, start, end and contribution.
    Bedgraph,
}

impl Lines {
    /// The first line of the file.
    pub fn header(self) -> String {
        match self {
            Self::Bedgraph => String::new(),
            Self::Table { alphabet, hypothetical } => {
                let mut header = "id\tposition\tletter\tcontribution".to_owned();
                if hypothetical {
                    header.extend(alphabet.letters().chars().map(|letter| format!("\thypothetical_{letter}")));
                }
                header + "\n"
            }
        }
    }

    /// The lines of one sequence. Writing to a string cannot fail.
    pub fn of(self, part: &Part, record: usize, contributions: &[f64], hypothetical: Option<&[f64]>) -> String {
        let (id, tokens, length) =
            (&part.sequences.ids()[record], part.sequences.sequence(record), part.lengths[record]);
        let mut lines = String::new();
        match self {
            Self::Table { alphabet, .. } => {
                for (position, (&token, contribution)) in tokens.iter().zip(contributions).take(length).enumerate() {
                    let letter = alphabet.decode(token);
                    let _ = write!(lines, "{id}\t{position}\t{letter}\t{contribution}");
                    let letters = alphabet.letter_count();
                    for value in hypothetical.iter().flat_map(|values| &values[position * letters..][..letters]) {
                        let _ = write!(lines, "\t{value}");
                    }
                    lines.push('\n');
                }
            }
            Self::Bedgraph => {
                // The name of an interval says where it lies, if it is as long as it says.
                let region = Region::from_id(id).filter(|region| region.length() == length as u64);
                let (chromosome, start, reverse) = match &region {
                    Some(region) => (region.chromosome.as_str(), region.start, region.reverse),
                    None => (id.as_ref(), 0, false),
                };
                for place in 0..length {
                    let position = if reverse { length - 1 - place } else { place };
                    let (from, contribution) = (start + place as u64, contributions[position]);
                    let _ = writeln!(lines, "{chromosome}\t{from}\t{}\t{contribution}", from + 1);
                }
            }
        }
        lines
    }
}
