//! Scanning with the matrices of a motif file instead of a model.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use ckn::bio::io::{Genome, Tile};
use ckn::bio::motif::{Background, MotifFile, MotifSet, Site, read_motifs};
use ckn::bio::simulate::Strand;
use ckn::bio::{Alphabet, Error};
use clap::{Args, ValueEnum};

use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};
use crate::names::StrandsChoice;

#[derive(Debug, Args)]
#[command(next_help_heading = "Motifs instead of a model")]
pub struct MotifArguments {
    /// Look for the motifs of a file: MEME, JASPAR, TRANSFAC or HOMER, plain or gzipped
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    pub motifs: Option<PathBuf>,
    /// Report positions of a p-value of at most this
    #[arg(long, value_name = "P", default_value_t = 1e-4, value_parser = parse_p)]
    p_value: f64,
    /// What letters are where there is no motif
    #[arg(long, value_enum, default_value_t = BackgroundChoice::File)]
    background: BackgroundChoice,
    /// Sites like the background that are added to those of each motif (20 where their number is not known)
    #[arg(long, value_name = "SITES", default_value_t = 0.1, value_parser = parse_sites)]
    pseudocount: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BackgroundChoice {
    /// As the motif file says; uniform where it does not
    File,
    /// All letters alike
    Uniform,
    /// The frequencies of the genome, which is read once more
    Genome,
}

pub fn parse_p(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if p > 0.0 && p <= 1.0 => Ok(p),
        _ => Err("a p-value is above 0 and at most 1".into()),
    }
}

fn parse_sites(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(sites) if (1e-9..=1e6).contains(&sites) => Ok(sites),
        _ => Err("a pseudocount is between 1e-9 and 1000000 sites".into()),
    }
}

impl MotifArguments {
    /// Refuses options of motifs where a model scores.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        let of_motifs = self.motifs.is_none().then_some("belongs to --motifs: drop it");
        effects!(given, self; motifs; p_value, background, pseudocount => of_motifs)
    }

    /// The largest p-value of a hit.
    pub fn p_value(&self) -> f64 {
        self.p_value
    }

    /// Makes scanners of motifs.
    pub fn prepare(
        &self,
        file: MotifFile,
        genome: &Genome,
        strands: Option<StrandsChoice>,
    ) -> anyhow::Result<MotifSet> {
        let alphabet = file.alphabet;
        let both = StrandsChoice::both(strands, alphabet)?.unwrap_or(alphabet == Alphabet::Dna);
        let background = match self.background {
            BackgroundChoice::File => file.background.unwrap_or_else(|| Background::uniform(alphabet)),
            BackgroundChoice::Uniform => Background::uniform(alphabet),
            BackgroundChoice::Genome => background_of(genome)?,
        };
        let set = MotifSet::new(file.motifs, background, both, self.pseudocount, self.p_value)?;
        if set.is_empty() {
            let p = self.p_value;
            let message =
                format!("no motif can have a p-value of {p} or less, they are too short: give a larger --p-value");
            return Err(Usage(message).into());
        }
        Ok(set)
    }

    /// Reads the motifs.
    pub fn read(&self) -> anyhow::Result<MotifFile> {
        Ok(read_motifs(self.motifs.as_ref().context("there is no file of motifs")?)?)
    }
}

/// Frequencies of letters in a genome.
fn background_of(genome: &Genome) -> anyhow::Result<Background> {
    if !genome.is_file() {
        let message = "a pipe, such as standard input, is read once: --background genome needs a file";
        return Err(Usage(message.into()).into());
    }
    Background::of_genome(genome).map_err(|error| match error {
        Error::Motif(_) => Input(format!("{}: {error}", genome.file())).into(),
        error => error.into(),
    })
}

/// The lines of a tile, and how many there are.
pub fn lines(set: &MotifSet, tile: &Tile) -> io::Result<(Vec<u8>, u64)> {
    let (sites, mut text) = (set.sites(tile), Vec::new());
    sites.iter().try_for_each(|site| write_site(set.background().alphabet(), tile, site, &mut text))?;
    Ok((text, sites.len() as u64))
}

fn write_site(alphabet: Alphabet, tile: &Tile, site: &Site<'_>, text: &mut Vec<u8>) -> io::Result<()> {
    let Site { hit, motif, .. } = site;
    let (start, width) = (tile.start + hit.position as u64, motif.width());
    let end = start + width as u64;
    let strand = if hit.strand == Strand::Forward { '+' } else { '-' };
    let (id, name, score, p_value) = (&tile.id, &motif.name, hit.score, hit.p_value);
    let second = motif.alternate.as_deref().unwrap_or(".");
    write!(text, "{id}\t{start}\t{end}\t{name}\t{score:.4}\t{strand}\t{p_value:.3e}\t{second}\t")?;
    let window = tile.tokens.get(hit.position..hit.position + width).unwrap_or_default();
    let letter = |token: u8| alphabet.decode(token) as u8;
    match hit.strand {
        Strand::Forward => text.extend(window.iter().map(|&token| letter(token))),
        Strand::Reverse => {
            let opposite = |&token: &u8| letter(alphabet.complement(token).unwrap_or(token));
            text.extend(window.iter().rev().map(opposite));
        }
    }
    text.push(b'\n');
    Ok(())
}
