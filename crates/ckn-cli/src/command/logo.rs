use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ckn::bio::motif::{Background, LogoColours, LogoHeight, LogoOptions, Motif, MotifFile, logo_svg, read_motifs};
use clap::{Args, ValueEnum};

use super::given::effects;
use crate::exit::{self, Input, Usage};
use crate::file_names::unique_file_names;
use crate::output::{check_apart, check_free, write_results};

/// Draw motifs as sequence logos (SVG)
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "With --motif, draws one motif to standard output or a file; otherwise all motifs of the file into the folder \
--out, which is made if it is not there, and prints a table of motif, name (the second name, or NA) and file. Files are \
called after their motifs; of a name, letters and digits of ASCII and _ - + . are kept, and what would be the same name, in \
any case, gets a number.

The height of a column is its information in bits against uniform letters, not corrected for the number of sites, or the same \
for all (--height probability). Motif files are MEME, JASPAR, TRANSFAC or HOMER, known by their content, plain or gzipped.

Examples:
  ckn logo motifs.meme --out logos
  ckn logo motifs.meme --motif MA0139.1 --out ctcf.svg
  ckn logo motifs.jaspar --motif CTCF --reverse-complement --trim 0.3 > ctcf.svg"
)]
pub struct Logo {
    /// Motifs; `-` is standard input
    motifs: PathBuf,
    /// Draw this motif only: its name, or else its second name
    #[arg(long, value_name = "NAME")]
    motif: Option<String>,
    /// Folder of the logos; with --motif the file of the logo [default with --motif: standard output]
    #[arg(long, value_name = "PATH", required_unless_present = "motif")]
    out: Option<PathBuf>,
    /// What the height of a column tells
    #[arg(long, value_enum, default_value_t = Height::Information)]
    height: Height,
    /// Colours of the letters
    #[arg(long, value_enum, default_value_t = Palette::Classic)]
    palette: Palette,
    /// Draw the motif as the opposite strand shows it
    #[arg(long)]
    reverse_complement: bool,
    /// Leave out columns at either end of less information, in bits
    #[arg(long, value_name = "BITS", value_parser = parse_bits)]
    trim: Option<f64>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Height {
    /// Bits, up to 2 for nucleotides
    Information,
    /// The same for all columns
    Probability,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Palette {
    /// Those of most published logos: A green, C blue, G orange, T red
    Classic,
    /// Told apart also by people who see red and green alike
    ColourBlind,
}

fn parse_bits(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(bits) if (0.0..=10.0).contains(&bits) => Ok(bits),
        _ => Err("information is between 0 and 10 bits".into()),
    }
}

effects!(for Logo: motifs, motif, out, height, palette, reverse_complement, trim, force);

impl Logo {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            check_apart(out, [self.motifs.as_path()])?;
        }
        match (&self.motif, &self.out) {
            (None, Some(folder)) => self.draw_all(folder),
            (Some(name), out) => self.draw_one(name, out.as_deref()),
            (None, None) => Err(Usage("nothing to write to: give a folder by --out".into()).into()),
        }?;
        Ok(exit::DONE)
    }

    fn draw_one(&self, name: &str, out: Option<&Path>) -> anyhow::Result<()> {
        if let Some(out) = out {
            check_free(out, self.force)?;
        }
        let file = read_motifs(&self.motifs)?;
        let svg = self.svg(self.find(&file, name)?)?;
        write_results(out, self.force, |out| Ok(out.write_all(svg.as_bytes())?))
    }

    fn draw_all(&self, folder: &Path) -> anyhow::Result<()> {
        check_folder(folder)?;
        let motifs = read_motifs(&self.motifs)?.motifs;
        let names: Vec<&str> = motifs.iter().map(|motif| motif.name.as_str()).collect();
        let files = unique_file_names(&names, "svg");
        let is_new = !folder.exists();
        if !is_new {
            files.iter().try_for_each(|file| check_free(&folder.join(file), self.force))?;
        }
        // What cannot be drawn, such as the opposite strand of protein, is refused before anything is written.
        motifs.first().map(|motif| self.svg(motif)).transpose()?;
        if is_new {
            let message =
                |cause| Usage(format!("the folder {} cannot be made: {cause}: write elsewhere", folder.display()));
            fs::create_dir(folder).map_err(message)?;
        }
        for (motif, file) in motifs.iter().zip(&files) {
            let (path, svg) = (folder.join(file), self.svg(motif)?);
            write_results(Some(&path), self.force, |out| Ok(out.write_all(svg.as_bytes())?))?;
        }
        write_results(None, false, |out| {
            writeln!(out, "motif\tname\tfile")?;
            for (motif, file) in motifs.iter().zip(&files) {
                let name = motif.alternate.as_deref().unwrap_or("NA");
                writeln!(out, "{}\t{name}\t{}", motif.name, folder.join(file).display())?;
            }
            Ok(())
        })
    }

    /// The motif of a name, or else of a second name; there must be one.
    fn find<'a>(&self, file: &'a MotifFile, name: &str) -> anyhow::Result<&'a Motif> {
        let path = self.motifs.display();
        let first: Vec<&Motif> = file.motifs.iter().filter(|motif| motif.name == name).collect();
        let second = || file.motifs.iter().filter(|motif| motif.alternate.as_deref() == Some(name)).collect();
        let found = if first.is_empty() { second() } else { first };
        match found.as_slice() {
            [motif] => Ok(motif),
            [] => {
                let first = file.motifs.first().map(|motif| shown(&motif.name)).unwrap_or_default();
                let message = format!("{path} has no motif `{}`: its first is `{first}`", shown(name));
                Err(Usage(message).into())
            }
            several => {
                let number = several.len();
                Err(Input(format!("{path} has {number} motifs `{}`: leave out --motif to draw all", shown(name)))
                    .into())
            }
        }
    }

    fn svg(&self, motif: &Motif) -> Result<String, ckn::bio::Error> {
        let mut probabilities = motif.probabilities.clone();
        if self.reverse_complement {
            probabilities = probabilities.reverse_complement()?;
        }
        let mut first_position = 1;
        if let Some(bits) = self.trim {
            let (trimmed, first) = probabilities.trimmed(bits, &Background::uniform(probabilities.alphabet()))?;
            (probabilities, first_position) = (trimmed, first as i64 + 1);
        }
        let title = match motif.alternate.as_deref() {
            Some(alternate) if alternate != motif.name => format!("{} {alternate}", motif.name),
            _ => motif.name.clone(),
        };
        let height = match self.height {
            Height::Information => LogoHeight::Information,
            Height::Probability => LogoHeight::Probability,
        };
        let colours = match self.palette {
            Palette::Classic => LogoColours::Classic,
            Palette::ColourBlind => LogoColours::ColourBlindSafe,
        };
        let options = LogoOptions { height, colours, title: Some(title), first_position, ..LogoOptions::default() };
        logo_svg(&probabilities, &options)
    }
}

/// The beginning of a name, fit for one line of a terminal.
fn shown(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}

/// Checks, before any work, that there is a folder, or that one can be made.
fn check_folder(folder: &Path) -> anyhow::Result<()> {
    let name = folder.display();
    match fs::metadata(folder) {
        Ok(status) if status.is_dir() => Ok(()),
        Ok(_) => {
            let remedy = "give a folder, or one motif by --motif";
            Err(Usage(format!("{name} is a file, but all motifs are drawn: {remedy}")).into())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_file = folder.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
            if is_file {
                let message =
                    format!("{name} is called like a file, but all motifs are drawn: give a folder, or --motif");
                return Err(Usage(message).into());
            }
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if parent.is_dir() {
                return Ok(());
            }
            Err(Usage(format!("the folder {} of {name} does not exist: make it first", parent.display())).into())
        }
        Err(error) => Err(Usage(format!("{name} cannot be looked at: {error}: write elsewhere")).into()),
    }
}
