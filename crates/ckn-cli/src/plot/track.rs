//! What each letter of a sequence contributes to its score.

use ckn::bio::Alphabet;
use ckn::bio::motif::LogoColours;

use super::{add, escaped, px};

/// Width of a letter's place, size of its font, and height of the strongest contribution, in pixels.
const LETTER: f64 = 9.0;
const FONT: f64 = 12.0;
const TALL: f64 = 64.0;
/// How wide letters are drawn, of what their font says: the widest of proteins fit into a place.
const NARROW: f64 = 0.85;
/// Height of the numbers below.
const NUMBERS: f64 = 14.0;
/// Letters of a piece: pieces stand side by side as the page has room for them.
const PIECE: usize = 10;

/// Letters of a sequence as high as what they contribute to its score, below the line where they lower it; in pieces, below each
/// the place of its first letter, counted from 0.
///
/// # Shapes
/// letters `[length]`, contributions `[length]`; what has no letter or no finite contribution is left out.
pub fn track(alphabet: Alphabet, letters: &str, contributions: &[f64]) -> String {
    let finite = || contributions.iter().copied().filter(|value| value.is_finite());
    let (highest, lowest) = (finite().fold(0.0, f64::max), finite().fold(0.0, f64::min));
    let strongest = highest.max(-lowest);
    let scale = if strongest > 0.0 { TALL / strongest } else { 0.0 };
    let (line, height) = (highest * scale + 2.0, (highest - lowest) * scale + 4.0 + NUMBERS);
    let (baseline, line, height) = (px(height - 3.0), px(line), px(height));
    let mut out = String::new();
    add(
        &mut out,
        format_args!(
            "<div class=\"track\" role=\"img\" aria-label=\"What each letter contributes, from {lowest:.3} to {highest:.3}; \
             letters below the line lower the score.\">\n"
        ),
    );
    let letters: Vec<char> = letters.chars().collect();
    for (number, piece) in contributions.chunks(PIECE).enumerate() {
        let (first, width) = (number * PIECE, LETTER * piece.len() as f64);
        add(
            &mut out,
            format_args!(
                "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
                 <line class=\"axis\" x1=\"0\" x2=\"{width}\" y1=\"{line}\" y2=\"{line}\"/>\n\
                 <text class=\"place\" x=\"0\" y=\"{baseline}\">{first}</text>\n"
            ),
        );
        for (at, (letter, &value)) in letters.iter().skip(first).zip(piece).enumerate() {
            // Capitals are about 0.72 of a font's size; flatter than a pixel they are a smudge.
            let stretch = value * scale / (0.72 * FONT);
            if !value.is_finite() || (value * scale).abs() < 1.0 {
                continue;
            }
            let (x, stretch) = (px((at as f64 + 0.5) * LETTER), px(stretch));
            let colour = LogoColours::Classic.of(alphabet, *letter);
            add(
                &mut out,
                format_args!(
                    "<text transform=\"translate({x} {line}) scale({NARROW} {stretch})\" text-anchor=\"middle\" \
                     font-size=\"{FONT}\" font-weight=\"700\" style=\"fill:{colour}\">{}</text>\n",
                    escaped(letter.encode_utf8(&mut [0; 4]))
                ),
            );
        }
        out.push_str("</svg>\n");
    }
    out.push_str("</div>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_high_as_their_contributions() {
        let svg = track(Alphabet::Dna, "ACG", &[0.5, -0.25, f64::NAN]);
        // 64 pixels for the strongest, of 8.64 that a letter has: 7.41 times; half as much, and below the line.
        assert!(
            svg.contains("translate(4.5 66) scale(0.85 7.41)") && svg.contains("translate(13.5 66) scale(0.85 -3.7)"),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && svg.matches("<text transform").count() == 2, "{svg}");
        // Nothing to draw is no reason to fail.
        assert!(!track(Alphabet::Dna, "", &[]).contains("<text"));
        assert!(!track(Alphabet::Dna, "AC", &[0.0, 0.0]).contains("<text transform"));
    }

    #[test]
    fn long_tracks_are_pieces_that_know_where_they_start() {
        let svg = track(Alphabet::Dna, &"ACGTA".repeat(5), &[1.0; 25]);
        let starts: Vec<&str> =
            svg.split("class=\"place\"").skip(1).filter_map(|text| text.split(['>', '<']).nth(1)).collect();
        assert_eq!(starts, ["0", "10", "20"]);
        assert_eq!(svg.matches("<svg width=\"90\"").count(), 2);
        assert_eq!((svg.matches("<svg width=\"45\"").count(), svg.matches("<text transform").count()), (1, 25));
    }
}
