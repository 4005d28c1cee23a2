//! What each letter of a sequence contributes to its score.

use ckn::bio::Alphabet;
use ckn::bio::motif::LogoColours;

use super::{add, escaped, px};

/// Width of a letter, and height of the strongest contribution, in pixels.
const LETTER: f64 = 12.0;
const TALL: f64 = 64.0;

/// Letters of a sequence as high as what they contribute to its score, below the line where they lower it.
///
/// # Shapes
/// letters `[length]`, contributions `[length]`; what has no letter or no finite contribution is left out.
pub fn track(name: &str, alphabet: Alphabet, letters: &str, contributions: &[f64]) -> String {
    let finite = || contributions.iter().copied().filter(|value| value.is_finite());
    let (highest, lowest) = (finite().fold(0.0, f64::max), finite().fold(0.0, f64::min));
    let strongest = highest.max(-lowest);
    let scale = if strongest > 0.0 { TALL / strongest } else { 0.0 };
    let (line, height) = (px(highest * scale + 2.0), px((highest - lowest) * scale + 4.0));
    let width = LETTER * contributions.len() as f64;
    let name = escaped(name);
    let mut out = String::new();
    add(
        &mut out,
        format_args!(
            "<svg class=\"track\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <title>What each letter of {name} contributes</title>\n\
             <desc>From {lowest:.3} to {highest:.3}; letters below the line lower the score.</desc>\n\
             <line class=\"axis\" x1=\"0\" x2=\"{width}\" y1=\"{line}\" y2=\"{line}\"/>\n"
        ),
    );
    for (at, (letter, &value)) in letters.chars().zip(contributions).enumerate() {
        // Capitals are about 0.72 of a font's size; flatter than a pixel they are a smudge.
        let stretch = value * scale / (0.72 * LETTER);
        if !value.is_finite() || (value * scale).abs() < 1.0 {
            continue;
        }
        let (x, stretch, colour) =
            (px((at as f64 + 0.5) * LETTER), px(stretch), LogoColours::Classic.of(alphabet, letter));
        add(
            &mut out,
            format_args!(
                "<text transform=\"translate({x} {line}) scale(1 {stretch})\" text-anchor=\"middle\" \
                 font-size=\"{LETTER}\" font-weight=\"700\" style=\"fill:{colour}\">{}</text>\n",
                escaped(letter.encode_utf8(&mut [0; 4]))
            ),
        );
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_high_as_their_contributions() {
        let svg = track("a < b", Alphabet::Dna, "ACG", &[0.5, -0.25, f64::NAN]);
        // 64 pixels for the strongest, of 8.64 that a letter has: 7.41 times; half as much, and below the line.
        assert!(
            svg.contains("translate(6 66) scale(1 7.41)") && svg.contains("translate(18 66) scale(1 -3.7)"),
            "{svg}"
        );
        assert!(svg.contains("a &#60; b") && !svg.contains("NaN") && svg.matches("<text").count() == 2, "{svg}");
        // Nothing to draw is no reason to fail.
        assert!(!track("", Alphabet::Dna, "", &[]).contains("<text"));
        assert!(!track("", Alphabet::Dna, "AC", &[0.0, 0.0]).contains("<text"));
    }
}
