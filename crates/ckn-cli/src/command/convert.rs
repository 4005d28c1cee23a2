use std::path::PathBuf;

use ckn::bio::Alphabet;
use ckn::bio::motif::{Background, MotifFile, read_motifs, write_homer, write_jaspar, write_meme, write_transfac};
use clap::{Args, ValueEnum};

use super::given::effects;
use crate::exit;
use crate::output::{check_apart, check_free, write_results};

/// Write a file of motifs in another format
#[derive(Debug, Args)]
#[command(
    after_help = "Files are MEME, JASPAR, TRANSFAC or HOMER, known by their content, plain or gzipped. Nothing is lost on the \
way to MEME but HOMER's thresholds; the background and the strands of a MEME file are kept, and are uniform and both strands of \
DNA otherwise. JASPAR and TRANSFAC hold counts: probabilities times the number of sites, 20 where it is not known. HOMER holds \
DNA; where there is no threshold, 0.6 of the best score is written.

White space and control characters in names become % and two hexadecimal digits where the format has no room for them.

Examples:
  ckn convert motifs.jaspar --to meme --out motifs.meme
  ckn convert known.homer.gz --to meme | ckn compare found.meme -"
)]
pub struct Convert {
    /// Motifs; `-` is standard input
    motifs: PathBuf,
    /// The format that is written
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// MEME's minimal format, version 5
    Meme,
    /// Counts, with letters and brackets
    Jaspar,
    /// Counts, one row a position
    Transfac,
    /// Probabilities, with a threshold
    Homer,
}

effects!(for Convert: motifs, to, out, force);

impl Convert {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.motifs.as_path()])?;
        }
        let MotifFile { alphabet, background, both_strands, motifs, .. } = read_motifs(&self.motifs)?;
        write_results(self.out.as_deref(), self.force, |out| {
            match self.to {
                Format::Meme => {
                    let background = background.unwrap_or_else(|| Background::uniform(alphabet));
                    write_meme(&motifs, &background, both_strands.unwrap_or(alphabet == Alphabet::Dna), out)
                }
                Format::Jaspar => write_jaspar(&motifs, out),
                Format::Transfac => write_transfac(&motifs, out),
                Format::Homer => write_homer(&motifs, out),
            }?;
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}
