//! What counts as a site, for the commands that test motifs in two sets of sequences.

use clap::Args;

use super::given::{Given, effects};
use crate::exit::Usage;
use crate::names::StrandsChoice;

/// How sites are found, and what is printed.
#[derive(Debug, Args)]
pub struct SiteArguments {
    /// Strands that sites stand on [default: both of DNA]
    #[arg(long, value_enum, help_heading = "Test")]
    pub strands: Option<StrandsChoice>,
    /// Probability that a random sequence has a hit
    #[arg(long, value_name = "P", default_value_t = 0.1, value_parser = chance, help_heading = "Test")]
    pub chance: f64,
    /// Sites like the background that are added to those of each motif (20 where their number is not known)
    #[arg(long, value_name = "SITES", default_value_t = 0.1, value_parser = pseudocount, help_heading = "Test")]
    pub pseudocount: f64,
    /// False discovery rate up to which a row is printed
    #[arg(long, value_name = "Q", default_value_t = 0.05, value_parser = rate, help_heading = "Test")]
    pub max_q: f64,
}

impl SiteArguments {
    /// Says that each option has an effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; strands, chance, pseudocount, max_q)
    }
}

fn chance(text: &str) -> Result<f64, String> {
    let within = text.parse().ok().filter(|chance| (1e-6..=0.9).contains(chance));
    within.ok_or_else(|| "a probability of a hit is between 1e-6 and 0.9".to_owned())
}

fn pseudocount(text: &str) -> Result<f64, String> {
    let within = text.parse().ok().filter(|sites| (1e-9..=1e6).contains(sites));
    within.ok_or_else(|| "a pseudocount is between 1e-9 and 1000000 sites".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let within = text.parse().ok().filter(|rate| *rate > 0.0 && *rate <= 1.0);
    within.ok_or_else(|| "a false discovery rate is above 0, and at most 1".to_owned())
}
