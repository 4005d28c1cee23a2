//! Sequence logos (Schneider and Stephens 1990) as SVG.
//!
//! Each column is a stack of its letters, the most probable on top. Letters are outlines and no font, so that they fill their
//! boxes exactly and look the same everywhere; numbers and titles are text.

mod colours;
mod drawing;
mod glyphs;

pub use colours::LogoColours;

use crate::error::{Error, MotifError};
use crate::motif::{Background, Probabilities};

/// What the height of a stack tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LogoHeight {
    /// Its information in bits, relative to the background: `Σ_a µ_a log2(µ_a/b_a)`.
    #[default]
    Information,
    /// One: the letters show probabilities.
    Probability,
}

/// How a logo looks.
#[derive(Debug, Clone, PartialEq)]
pub struct LogoOptions {
    /// What the height of a stack tells.
    pub height: LogoHeight,
    /// What information is relative to; all letters alike where it is `None`.
    pub background: Option<Background>,
    /// Number of sites that the probabilities were counted from. If given, information is corrected for how few they are, by
    /// `(|A| - 1)/(2 n ln 2)` bits a column (Schneider et al. 1986); a column that falls below 0 bits is left empty. Without it
    /// nothing is corrected: that suits probabilities that were smoothed, or that are of no sites at all.
    pub sites: Option<f64>,
    /// Colours of the letters.
    pub colours: LogoColours,
    /// Printed above, and read out by screen readers.
    pub title: Option<String>,
    /// Number of the first position.
    pub first_position: i64,
    /// Width of a column in pixels.
    pub column_width: f64,
    /// Height of the tallest possible stack in pixels.
    pub stack_height: f64,
}

impl Default for LogoOptions {
    /// Uncorrected information against all letters alike, in the classic colours; columns of 32 by 140 pixels.
    fn default() -> Self {
        Self {
            height: LogoHeight::Information,
            background: None,
            sites: None,
            colours: LogoColours::Classic,
            title: None,
            first_position: 1,
            column_width: 32.0,
            stack_height: 140.0,
        }
    }
}

/// A motif as a sequence logo: an SVG document without scripts, fonts of its own or references to anything outside, and
/// without `id`s, so that several fit into one page.
///
/// The letter `a` of a column of height `R` is `µ_a R` high. The axis reaches to `log2 |A|` bits, or to the tallest column where
/// a background lets one be taller. Letters less than a twentieth of a pixel high are left out. In the title, characters that
/// XML does not allow, and those that turn the direction of text, become `U+FFFD`.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{LogoOptions, Probabilities, logo_svg};
///
/// let probabilities = Probabilities::new(Alphabet::Dna, vec![0.0, 0.0, 0.5, 0.5, 1.0, 0.0, 0.0, 0.0])?;
/// let options = LogoOptions { title: Some("a <motif>".into()), ..LogoOptions::default() };
/// let svg = logo_svg(&probabilities, &options)?;
/// assert!(svg.starts_with("<svg ") && svg.contains("<title>a &lt;motif&gt;</title>"));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`MotifError::Alphabets`] for a background of another alphabet; [`MotifError::LogoSize`] for a size that is not a number of
/// pixels between 1 and 10,000.
pub fn logo_svg(probabilities: &Probabilities, options: &LogoOptions) -> Result<String, Error> {
    for (name, got) in [("column_width", options.column_width), ("stack_height", options.stack_height)] {
        if !(1.0..=10_000.0).contains(&got) {
            return Err(MotifError::LogoSize { name, got }.into());
        }
    }
    let heights = heights(probabilities, options)?;
    Ok(drawing::svg(probabilities, options, &heights))
}

/// Heights of all columns and the top of the axis, in bits or as probabilities.
struct Heights {
    columns: Vec<f64>,
    top: f64,
}

fn heights(probabilities: &Probabilities, options: &LogoOptions) -> Result<Heights, Error> {
    let alphabet = probabilities.alphabet();
    let letters = alphabet.letter_count() as f64;
    let uniform = Background::uniform(alphabet);
    let information = probabilities.information(options.background.as_ref().unwrap_or(&uniform))?;
    if options.height == LogoHeight::Probability {
        return Ok(Heights { columns: vec![1.0; probabilities.width()], top: 1.0 });
    }
    let sites = options.sites.filter(|&sites| sites.is_finite() && sites > 0.0);
    let correction = sites.map_or(0.0, |sites| (letters - 1.0) / (2.0 * sites * std::f64::consts::LN_2));
    let columns: Vec<f64> = information.into_iter().map(|bits| (bits - correction).max(0.0)).collect();
    let top = columns.iter().copied().fold(letters.log2(), f64::max);
    Ok(Heights { columns, top })
}
