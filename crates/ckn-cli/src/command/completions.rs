use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ckn completions bash > ~/.local/share/bash-completion/completions/ckn")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Effects for Completions {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; shell)
    }
}

impl Completions {
    pub fn run(self) -> anyhow::Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "ckn", &mut script);
        crate::output::write_results(None, false, |out| Ok(out.write_all(&script)?))?;
        Ok(exit::DONE)
    }
}
