//! How much each variant of a VCF file changes the score of what is around it, the largest effect first.

use ckn::bio::io::{Genome, read_vcf};
use ckn::bio::{VariantStatus, variant_contexts};
use ckn::interpret::Explainer;
use ckn::prelude::*;
use outside::{Files, Outcome, train};

#[test]
fn rank_variants() -> Outcome {
    let (files, window) = (Files::new()?, 51);
    let (model, genome) = (train(&files)?, Genome::open(files.path("genome.fa"), Alphabet::Dna)?);
    let variants = read_vcf(files.path("calls.vcf"), Alphabet::Dna)?;
    let contexts = variant_contexts(&genome, &variants, window)?;
    let offsets: Vec<usize> = (0..=contexts.changed.len()).map(|context| context * window).collect();
    let of = |tokens| TokenView::new(tokens, &offsets, Alphabet::Dna.table());
    let effects = Explainer::new(&model, Alphabet::Dna)?.effects(of(&contexts.before)?, of(&contexts.after)?)?;
    let spelt = variants.records().iter().zip(&contexts.status).filter(|(_, status)| **status == VariantStatus::Ok);
    let mut rows: Vec<_> =
        spelt.zip(effects).map(|((variant, _), effect)| (&variant.id, effect.difference())).collect();
    rows.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    rows.iter().take(3).for_each(|(id, difference)| println!("{id}\t{difference}"));
    assert_eq!(rows.len(), 101);
    Ok(())
}
