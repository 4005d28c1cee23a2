//! What each letter of a sequence contributes to its score, and what every substitution would do.

use ckn::bio::io::read_sequences;
use ckn::interpret::Explainer;
use ckn::prelude::*;
use outside::{Files, Outcome, train};

#[test]
fn explain() -> Outcome {
    let files = Files::new()?;
    let (model, sequences) = (train(&files)?, read_sequences(files.path("bound.fa"), Alphabet::Dna)?);
    let explainer = Explainer::new(&model, Alphabet::Dna)?;
    let attribution = &explainer.attribute(sequences.view())?[0];
    let sum = attribution.baseline.unwrap_or_default() + attribution.contributions.iter().sum::<f64>();
    assert!((sum - attribution.score).abs() < 1e-6 * attribution.score.abs().max(1.0));

    let mutants = &explainer.mutagenesis(sequences.view())?[0];
    let worst = mutants.effects().min_by(|a, b| a.effect.difference().total_cmp(&b.effect.difference()));
    let worst = worst.ok_or("no letters")?;
    println!("{} at {} costs {}", Alphabet::Dna.decode(worst.alternative), worst.position, worst.effect.difference());
    assert!(worst.effect.difference() < 0.0);
    Ok(())
}
