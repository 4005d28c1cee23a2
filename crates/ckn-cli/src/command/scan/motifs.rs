//! Scanning with the matrices of a motif file instead of a model.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use ckn::bio::Alphabet;
use ckn::bio::io::Genome;
use ckn::bio::motif::{Background, DEFAULT_SITES, Hit, Motif, MotifFile, MotifScanner, read_motifs};
use ckn::bio::simulate::Strand;
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::pieces::Piece;
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

/// Letters that are read at once.
const PIECE: usize = 1 << 16;

fn parse_p(text: &str) -> Result<f64, String> {
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

/// A motif, ready to scan.
struct Ready {
    motif: Motif,
    scanner: MotifScanner,
    threshold: f64,
}

/// The motifs of a run.
pub struct MotifSet {
    background: Background,
    ready: Vec<Ready>,
    /// Motifs none of whose words has so small a p-value.
    pub out_of_reach: usize,
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
        let both = match strands {
            Some(StrandsChoice::Both) if !alphabet.has_complement() => {
                return Err(Usage(format!("{alphabet} has no opposite strand: drop --strands both")).into());
            }
            Some(choice) => choice == StrandsChoice::Both,
            None => alphabet == Alphabet::Dna,
        };
        let background = match self.background {
            BackgroundChoice::File => file.background.unwrap_or_else(|| Background::uniform(alphabet)),
            BackgroundChoice::Uniform => Background::uniform(alphabet),
            BackgroundChoice::Genome => background_of(genome)?,
        };
        let background = if both { background.of_both_strands()? } else { background };
        let prepare = |motif: Motif| {
            // Files may say 0 sites.
            let share = self.pseudocount / motif.sites.unwrap_or(DEFAULT_SITES).max(1.0);
            let scanner = MotifScanner::new(&motif.probabilities.log_odds(share, &background)?, &background, both)?;
            let threshold = scanner.distribution().threshold(self.p_value);
            Ok(threshold.map(|threshold| Ready { motif, scanner: scanner.for_hits_above(threshold), threshold }))
        };
        let motifs = file.motifs.len();
        let ready: Vec<Option<Ready>> =
            file.motifs.into_par_iter().map(prepare).collect::<Result<_, ckn::bio::Error>>()?;
        let ready: Vec<Ready> = ready.into_iter().flatten().collect();
        if ready.is_empty() {
            let p = self.p_value;
            let message =
                format!("no motif can have a p-value of {p} or less, they are too short: give a larger --p-value");
            return Err(Usage(message).into());
        }
        Ok(MotifSet { background, out_of_reach: motifs - ready.len(), ready })
    }

    /// Reads the motifs.
    pub fn read(&self) -> anyhow::Result<MotifFile> {
        Ok(read_motifs(self.motifs.as_ref().context("there is no file of motifs")?)?)
    }
}

/// Frequencies of letters, one added to each count.
fn background_of(genome: &Genome) -> anyhow::Result<Background> {
    if !genome.is_file() {
        let message = "a pipe, such as standard input, is read once: --background genome needs a file";
        return Err(Usage(message.into()).into());
    }
    let mut counts = vec![1.0; genome.alphabet().letter_count()];
    let (mut reader, mut tokens) = (genome.reader()?, Vec::with_capacity(PIECE));
    while reader.next_record()?.is_some() {
        loop {
            tokens.clear();
            if reader.read_letters(&mut tokens, PIECE)? == 0 {
                break;
            }
            for &token in &tokens {
                if let Some(count) = counts.get_mut(usize::from(token)) {
                    *count += 1.0;
                }
            }
        }
    }
    let total: f64 = counts.iter().sum();
    counts.iter_mut().for_each(|count| *count /= total);
    let background = Background::new(genome.alphabet(), &counts);
    Ok(background.map_err(|error| Input(format!("{}: {error}", genome.file())))?)
}

impl MotifSet {
    /// Number of motifs that are looked for.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Frequencies of letters that scores and p-values are relative to, in the order of the alphabet.
    pub fn background(&self) -> &[f64] {
        self.background.frequencies()
    }

    /// Letters of the shortest motif.
    pub fn shortest(&self) -> usize {
        self.ready.iter().map(|ready| ready.scanner.width()).min().unwrap_or(1)
    }

    /// Letters of the longest motif.
    pub fn longest(&self) -> usize {
        self.ready.iter().map(|ready| ready.scanner.width()).max().unwrap_or(1)
    }

    /// Hits at each position, as many as are expected at most in random letters.
    pub fn rate(&self, p_value: f64) -> f64 {
        self.ready.iter().map(|ready| p_value * ready.scanner.strands() as f64).sum()
    }

    /// The lines of a piece, and how many there are.
    pub fn lines(&self, piece: &Piece) -> io::Result<(Vec<u8>, u64)> {
        let mut hits: Vec<(Hit, &Ready)> = Vec::new();
        for ready in &self.ready {
            let tokens = piece.tokens_for(ready.scanner.width());
            ready.scanner.scan(tokens, ready.threshold, |hit| hits.push((hit, ready)));
        }
        // Hits of one motif are in order, and motifs in that of their file.
        hits.sort_by_key(|(hit, ready)| (hit.position, ready.scanner.width()));
        let mut text = Vec::new();
        for (hit, ready) in &hits {
            self.write(piece, hit, ready, &mut text)?;
        }
        Ok((text, hits.len() as u64))
    }

    fn write(&self, piece: &Piece, hit: &Hit, ready: &Ready, text: &mut Vec<u8>) -> io::Result<()> {
        let Ready { motif, scanner, .. } = ready;
        let start = piece.start + hit.position as u64;
        let end = start + scanner.width() as u64;
        let strand = if hit.strand == Strand::Forward { '+' } else { '-' };
        let (id, name, score, p_value) = (&piece.id, &motif.name, hit.score, hit.p_value);
        let second = motif.alternate.as_deref().unwrap_or(".");
        write!(text, "{id}\t{start}\t{end}\t{name}\t{score:.4}\t{strand}\t{p_value:.3e}\t{second}\t")?;
        let window = piece.tokens.get(hit.position..hit.position + scanner.width()).unwrap_or_default();
        let alphabet = self.background.alphabet();
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
}
