//! Sequences among which a test may exchange labels.

use ckn::bio::{Alphabet, EncodedSequences, gc_strata};
use ckn::interpret::Strata;

use crate::exit::{Input, Usage};
use crate::talk::counted;

/// Sequences that are alike in what is given, and what there is to say about them: all of them, or those of the same share of C and G.
pub fn alike(sequences: &EncodedSequences, labels: &[f64], given_gc: bool) -> anyhow::Result<(Strata, Option<String>)> {
    if !given_gc {
        return Ok((Strata::one(sequences.len()), None));
    }
    if sequences.alphabet() == Alphabet::Protein {
        return Err(Usage("--given-gc: proteins have no share of C and G".into()).into());
    }
    let strata = Strata::new(&gc_strata(sequences)?);
    let differ = |members: &&Vec<usize>| members.iter().any(|&record| labels[record] != labels[members[0]]);
    let told_apart: usize = strata.members().iter().filter(differ).map(Vec::len).sum();
    if told_apart == 0 {
        let message = "--given-gc: no two sequences of the same share of C and G have different labels: nothing is left to tell apart";
        return Err(Input(message.to_owned()).into());
    }
    let all = counted(sequences.len(), "sequence");
    let note = format!("{told_apart} of {all} have another beside them of the same share of C and G and another label");
    Ok((strata, Some(note)))
}
