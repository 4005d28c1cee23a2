//! Letters of logos, each drawn once for a whole page.

use super::add;

/// Letters lower than so many pixels are not seen.
const SEEN: f64 = 0.4;
/// Height of a letter before it is scaled.
const TALL: f64 = 100.0;

/// The letters that the logos of a page are made of: a motif has some dozens, of a few kinds.
#[derive(Debug, Default)]
pub struct Glyphs {
    /// Attributes of each: colour and outline.
    kinds: Vec<String>,
}

impl Glyphs {
    /// A logo whose letters refer to those of the page, without those that are too low to be seen.
    pub fn compact(&mut self, svg: &str) -> String {
        let mut out = String::with_capacity(svg.len() / 2);
        for line in svg.lines() {
            match letter(line) {
                Some((_, height, _)) if height * TALL < SEEN => {}
                Some((place, _, kind)) => {
                    let number = self.number(kind);
                    add(&mut out, format_args!("<use href=\"#letter-{number}\" transform=\"{place}\"/>\n"));
                }
                None => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        out
    }

    /// The letters themselves, which take no room; nothing where there are none.
    pub fn svg(&self) -> String {
        let mut out = String::new();
        if self.kinds.is_empty() {
            return out;
        }
        out.push_str("<svg class=\"letters-of-logos\" width=\"0\" height=\"0\" aria-hidden=\"true\">\n<defs>\n");
        for (number, kind) in self.kinds.iter().enumerate() {
            add(&mut out, format_args!("<path id=\"letter-{number}\" {kind}/>\n"));
        }
        out.push_str("</defs>\n</svg>\n");
        out
    }

    fn number(&mut self, kind: &str) -> usize {
        self.kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
            self.kinds.push(kind.to_owned());
            self.kinds.len() - 1
        })
    }
}

/// Place, height and kind of a letter; `None` of a line that draws something else.
fn letter(line: &str) -> Option<(&str, f64, &str)> {
    let (place, kind) = line.strip_prefix("<path transform=\"")?.strip_suffix("/>")?.split_once("\" ")?;
    let height = place.strip_suffix(')')?.rsplit(' ').next()?.parse().ok()?;
    Some((place, height, kind))
}

#[cfg(test)]
mod tests {
    use ckn::bio::Alphabet;
    use ckn::bio::motif::{LogoOptions, Probabilities, logo_svg};

    use super::*;

    #[test]
    fn letters_are_drawn_once_and_low_ones_not_at_all() {
        let values = vec![0.98, 0.02, 0.0, 0.0, 0.9, 0.1, 0.0, 0.0, 0.499, 0.499, 0.001, 0.001];
        let matrix = Probabilities::new(Alphabet::Dna, values).unwrap();
        let svg = logo_svg(&matrix, &LogoOptions::default()).unwrap();
        let mut glyphs = Glyphs::default();
        let compact = glyphs.compact(&svg);
        // A and C in all columns; what is a thousandth of a bit high is left out.
        assert_eq!((compact.matches("<use ").count(), compact.matches("<path transform").count()), (6, 0), "{compact}");
        assert_eq!(glyphs.svg().matches("<path id=").count(), 2);
        let again = glyphs.compact(&svg);
        assert!(again == compact && glyphs.svg().matches("<path id=").count() == 2 && compact.len() < svg.len());
        assert!(Glyphs::default().svg().is_empty());
    }
}
