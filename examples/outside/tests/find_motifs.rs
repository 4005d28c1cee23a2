//! The motifs of a model, each with the evidence that sequences have for it which were not searched.

use ckn::bio::io::read_sequences;
use ckn::interpret::{MotifReading, MotifSequences, MotifSource, ReadingSettings};
use ckn::prelude::*;
use outside::{Files, Outcome, train};

#[test]
fn find_motifs() -> Outcome {
    let files = Files::new()?;
    let model = train(&files)?;
    let read = |name| read_sequences(files.path(name), Alphabet::Dna);
    let data = LabelledSequences::from_classes(&read("bound.fa")?, &read("unbound.fa")?)?;
    let source = MotifSource::of(&model);
    let halves = MotifSequences::split(&data, source.width(), Seed(0))?;
    let reading = MotifReading::new(ReadingSettings::of(0, Alphabet::Dna));
    let motifs = reading.find(Some(source), Some(&halves))?;
    let judged = reading.judge(Some(source), &motifs, Some(&halves))?;
    for row in &judged {
        println!("{}\tp {:.1e}", row.found.motif.probabilities.consensus(), row.p_value());
    }
    assert!(!judged.is_empty());
    Ok(())
}
