use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::given::effects;
use crate::exit;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ckn completions bash > ~/.local/share/bash-completion/completions/ckn")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

effects!(for Completions: shell);

impl Completions {
    pub fn run(self) -> anyhow::Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "ckn", &mut script);
        crate::output::write_results(None, false, |out| Ok(out.write_all(&script)?))?;
        Ok(exit::DONE)
    }
}
