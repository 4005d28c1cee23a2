use clap::Args;

use super::given::{Effects, Given, effects};
use super::recipe::{Recipe, Way};
use super::train::summary;
use crate::exit::{self, Input, Usage};
use crate::output::write_results;
use crate::progress::Progress;

/// Try the candidates of `ckn train` without training what is chosen
#[derive(Debug, Args)]
#[command(after_help = "\
Takes the data, --effort (thorough where it is left out), --budget, --seed and --threads of `ckn train`, and prints the table of its trials: trial, candidate, \
penalty, auroc (mean over folds of the AUROC on the fold left out), auroc_sd (its standard deviation), seconds, chosen \
(whether the average of the model would have it), folds (that it was judged on: one of a machine that was given up there).

Examples:
  ckn tune --seq ELK1_AC.seq.gz --mode top > trials.tsv
  ckn tune --pos bound.fa --neg unbound.fa --effort standard --budget 60")]
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
        let mut plan = self.recipe.plan()?;
        let (data, _) = self.recipe.read(&mut plan)?;
        let mut progress = Progress::new(self.recipe.quiet);
        let Some(found) = plan.search(&data, &mut progress)? else {
            let message = "there is nothing to choose: candidates are for two classes, of at least 4 sequences each";
            return Err(Input(message.into()).into());
        };
        write_results(None, false, |out| summary::write_trials(out, &found.trials))?;
        Ok(if progress.interrupted() { exit::INTERRUPTED } else { exit::DONE })
    }
}
