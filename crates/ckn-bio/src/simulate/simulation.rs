//! The simulator.

use ckn_core::seed::Seed;
use rand::RngExt;

use crate::alphabet::Alphabet;
use crate::drawing::draw_letter;
use crate::encoded::EncodedSequences;
use crate::error::{Error, MotifError};
use crate::motif::Motif;
use crate::simulate::placing::{Planted, PlantedStrands, Positions, Strand};

/// What to simulate: DNA of independent letters, with motifs planted over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Sequences are called `<name>_1`, `<name>_2` and so on. The name also chooses the random streams, so that positives and
    /// negatives of one seed differ if their names do.
    pub name: String,
    /// Number of sequences.
    pub number: usize,
    /// Length of each in letters.
    pub length: usize,
    /// Probabilities of A, C, G, T outside motifs.
    pub background: [f64; 4],
    /// The motifs, of DNA.
    pub motifs: Vec<Motif>,
    /// Probability that a sequence holds a given motif, for each motif on its own.
    pub probability: f64,
    /// The strands that motifs are planted on.
    pub strands: PlantedStrands,
    /// The positions that motifs are planted at; they never overlap.
    pub positions: Positions,
}

/// Simulated sequences and where their motifs are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Simulated {
    /// The sequences.
    pub sequences: EncodedSequences,
    /// Every planted motif, by sequence and position.
    pub planted: Vec<Planted>,
}

impl Simulation {
    /// Sequences of uniform letters without motifs: the negatives, and the base of everything else.
    ///
    /// Motifs that are added are planted once in every sequence, at any position of either strand.
    pub fn new(name: &str, number: usize, length: usize) -> Self {
        Self {
            name: name.to_owned(),
            number,
            length,
            background: [0.25; 4],
            motifs: Vec::new(),
            probability: 1.0,
            strands: PlantedStrands::Both,
            positions: Positions::Uniform,
        }
    }

    /// Draws the sequences.
    ///
    /// Sequence `i` takes its letters from the stream `simulate/<name>/background/i` and its motifs from
    /// `simulate/<name>/planting/i`: outside the sites it does not depend on the motifs.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a background or a probability that is none; [`Error::MotifsTooWide`] and
    /// [`Error::MotifPosition`] for motifs that do not fit; [`MotifError::Alphabets`] for a motif that is not of DNA;
    /// [`Error::MissingId`] and [`Error::BadId`] for the name.
    pub fn run(&self, seed: Seed) -> Result<Simulated, Error> {
        self.check()?;
        let backgrounds = format!("simulate/{}/background", self.name);
        let plantings = format!("simulate/{}/planting", self.name);
        let turned: Vec<Motif> = self.motifs.iter().map(Motif::reverse_complement).collect::<Result<_, Error>>()?;
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        let mut planted = Vec::new();
        for record in 0..self.number {
            let mut rng = seed.stream_at(&backgrounds, record as u64);
            let mut tokens: Vec<u8> = (0..self.length).map(|_| draw_letter(&self.background, &mut rng)).collect();
            let mut rng = seed.stream_at(&plantings, record as u64);
            let chosen: Vec<usize> = (0..self.motifs.len()).filter(|_| rng.random_bool(self.probability)).collect();
            let (places, common) = self.positions.place(&self.motifs, &chosen, self.length, self.strands, &mut rng);
            for (motif, position) in places {
                let strand = common.unwrap_or_else(|| self.strands.draw(&mut rng));
                let oriented = match strand {
                    Strand::Reverse => &turned[motif],
                    Strand::Forward => &self.motifs[motif],
                };
                oriented.probabilities.draw(&mut tokens[position..], &mut rng);
                planted.push(Planted { record, motif, position, strand });
            }
            sequences.push_tokens(&format!("{}_{}", self.name, record + 1), &tokens)?;
        }
        planted.sort_unstable_by_key(|site| (site.record, site.position));
        Ok(Simulated { sequences, planted })
    }

    fn check(&self) -> Result<(), Error> {
        if let Err(got) = check_distribution(&self.background) {
            let expected = "1, of probabilities >= 0";
            return Err(Error::Parameter { name: "sum of the background", got, expected });
        }
        if !(0.0..=1.0).contains(&self.probability) {
            let expected = "between 0 and 1";
            return Err(Error::Parameter { name: "probability of planting", got: self.probability, expected });
        }
        if let Some(other) = self.motifs.iter().find(|motif| motif.probabilities.alphabet() != Alphabet::Dna) {
            let (first, second) = (Alphabet::Dna, other.probabilities.alphabet());
            return Err(MotifError::Alphabets { first, second }.into());
        }
        self.positions.check(&self.motifs, self.length)
    }
}

/// Checks that weights are probabilities of all outcomes; otherwise returns their sum.
fn check_distribution(weights: &[f64; 4]) -> Result<(), f64> {
    let total: f64 = weights.iter().sum();
    let sound = weights.iter().all(|&weight| weight >= 0.0) && (total - 1.0).abs() <= 1e-6;
    if sound { Ok(()) } else { Err(total) }
}
