//! The scan of a genome in memory.

use std::hint::black_box;

use ckn::bio::Alphabet;
use ckn::core::loss::Loss;
use ckn::model::{LinearHead, Model, ModelCard, ScannedStrands, Scanner, WindowScores};
use rayon::prelude::*;

use super::stage::Work;
use super::stopwatch::seconds_of;
use super::subject::Subject;

const STRANDS: usize = 2;

impl Subject<'_> {
    /// Scores every window of the genome, tile by tile.
    pub fn scan(&mut self) -> anyhow::Result<(f64, Work)> {
        let alphabet = Alphabet::Dna;
        let card = ModelCard::new(alphabet.name(), alphabet.letters(), Loss::Logistic);
        // A scan's time does not depend on the weights.
        let head = LinearHead::new(vec![1.0; self.network.dimension()], 0.0)?;
        let model = Model::of_network(self.network.clone(), vec![head], card)?;
        let length = self.data.labelled.sequences().sequence(0).len();
        let scanner = Scanner::new(&model, alphabet.table(), length, ScannedStrands::Both)?;
        let genome = self.data.genome.sequence(0);
        let windows = genome.len() + 1 - length;
        let starts: Vec<usize> = (0..windows).step_by(scanner.tile()).collect();
        let (seconds, ()) = seconds_of(|| {
            let scored =
                starts.par_iter().with_max_len(1).try_for_each_init(WindowScores::default, |scores, &start| {
                    let end = genome.len().min(start + scanner.tile() + length - 1);
                    scanner.score(&genome[start..end], scores)?;
                    black_box(&scores.scores);
                    Ok::<_, ckn::model::Error>(())
                });
            Ok(scored?)
        })?;
        let patches = genome.len() + 1 - self.index.width();
        let work = Work {
            task: format!("{} letters, both strands", genome.len()),
            sequences: Some(windows as f64),
            letters: Some(genome.len() as f64),
            bytes: Some((patches * STRANDS * self.bytes_per_window) as f64),
        };
        Ok((seconds, work))
    }
}
