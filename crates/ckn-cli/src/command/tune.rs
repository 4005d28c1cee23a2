use clap::Args;

use super::given::{Effects, Given, effects};
use super::recipe::{Recipe, Way};
use super::train::summary;
use crate::exit::{self, Usage};
use crate::output::write_results;
use crate::progress::Progress;

/// Try the candidates of `ckn train --auto` without training what is chosen
#[derive(Debug, Args)]
#[command(after_help = "\
Takes the data, --seed, --threads and --budget of `ckn train --auto`, and prints the table of its trials: trial, candidate, \
penalty, auroc (mean over folds of the AUROC on the fold left out), auroc_sd (its standard deviation), seconds, chosen \
(whether the average of the model would have it).

Examples:
  ckn tune --seq ELK1_AC.seq.gz --mode top > trials.tsv
  ckn tune --pos bound.fa --neg unbound.fa --budget 60")]
pub struct Tune {
    #[command(flatten)]
    pub recipe: Recipe,
}

impl Effects for Tune {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; recipe)?;
        self.recipe.check(given, Way::Auto)
    }
}

impl Tune {
    pub fn run(mut self) -> anyhow::Result<u8> {
        self.recipe.choose_model();
        let plan = self.recipe.plan()?;
        let data = self.recipe.read(&plan)?;
        let mut progress = Progress::new(self.recipe.quiet);
        if let Some(found) = plan.search(&data, &mut progress)? {
            write_results(None, false, |out| summary::write_trials(out, &found.trials))?;
        }
        Ok(if progress.interrupted() { exit::INTERRUPTED } else { exit::DONE })
    }
}
