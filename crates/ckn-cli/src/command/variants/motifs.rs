//! Which motif a variant makes or breaks.

use std::path::PathBuf;

use ckn::bio::Alphabet;
use ckn::bio::motif::{Background, Motif, MotifSet, read_motifs};
use clap::Args;
use rayon::prelude::*;

use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};

/// Known motifs.
#[derive(Debug, Args)]
pub struct MotifArguments {
    /// Known motifs, to say which one a variant makes or breaks: MEME, JASPAR, TRANSFAC or HOMER, plain or gzipped
    #[arg(long, value_name = "FILE")]
    motifs: Option<PathBuf>,
    /// Largest p-value of a site that counts
    #[arg(long, value_name = "P", default_value_t = 1e-4, value_parser = crate::command::scan::parse_p)]
    motif_p_value: f64,
}

impl MotifArguments {
    /// Says when each option has an effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; motifs;
            motif_p_value => self.motifs.is_none().then_some("is that of sites of --motifs: drop it, or add them"))
    }

    /// The motifs, ready to be looked for.
    pub fn read(&self, alphabet: Alphabet) -> anyhow::Result<Option<MotifSet>> {
        let Some(path) = &self.motifs else { return Ok(None) };
        let file = read_motifs(path)?;
        if file.alphabet != alphabet {
            let (got, path) = (file.alphabet, path.display());
            return Err(Input(format!("{path} holds motifs of {got}, the model reads {alphabet}: give others")).into());
        }
        let background = file.background.unwrap_or_else(|| Background::uniform(alphabet));
        let set = MotifSet::new(file.motifs, background, alphabet.has_complement(), 0.1, self.motif_p_value)?;
        if set.is_empty() {
            let message = format!("no motif of {} has a site of a p-value of {}", path.display(), self.motif_p_value);
            return Err(Usage(format!("{message}: raise --motif-p-value")).into());
        }
        Ok(Some(set))
    }
}

/// Names of the columns.
pub const HEADER: &str = "motif\tmotif_before\tmotif_after";

/// Cells of each pair: the motif that changes most and its bits before and after, or NA.
pub fn cells<'a>(set: &MotifSet, pairs: Vec<(&'a [u8], &'a [u8])>) -> Vec<String> {
    let of_pair = |(before, after): (&[u8], &[u8])| match set.change(before, after) {
        Some(change) => format!("{}\t{:.4}\t{:.4}", named(change.motif), change.before, change.after),
        None => NONE.to_owned(),
    };
    pairs.into_par_iter().map(of_pair).collect()
}

/// What a motif is called: its factor, where the file names it, and its identifier.
fn named(motif: &Motif) -> String {
    match &motif.alternate {
        Some(factor) => format!("{factor} ({})", motif.name),
        None => motif.name.clone(),
    }
}

/// Cells where no motif is made or broken.
pub const NONE: &str = "NA\tNA\tNA";
