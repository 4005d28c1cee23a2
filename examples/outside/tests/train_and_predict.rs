//! Train on two FASTA files, save the model, load it, score sequences.

use ckn::bio::io::read_sequences;
use ckn::prelude::*;
use outside::{Files, Outcome, train};

#[test]
fn train_and_predict() -> Outcome {
    let files = Files::new()?;
    train(&files)?.save(&files.path("model.ckn"), false)?;

    let model = Model::load(&files.path("model.ckn"))?;
    let bound = read_sequences(files.path("bound.fa"), Alphabet::Dna)?;
    let unbound = read_sequences(files.path("unbound.fa"), Alphabet::Dna)?;
    let test = LabelledSequences::from_classes(&bound, &unbound)?;
    let scores = model.scores(test.sequences().view())?;
    for (id, score) in test.sequences().ids().iter().zip(&scores).take(3) {
        println!("{id}\t{score}");
    }
    assert!(auroc(&scores, test.labels()).value() > Some(0.9));
    Ok(())
}
