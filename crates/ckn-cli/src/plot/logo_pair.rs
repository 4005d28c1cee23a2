//! A motif above the known motif that it resembles.

use ckn::bio::Error;
use ckn::bio::motif::compare::Match;
use ckn::bio::motif::{LogoOptions, Motif, Probabilities, logo_svg};
use ckn::bio::simulate::Strand;

use super::{add, escaped, px};

/// Width of a column and height of a stack, in pixels.
const COLUMN: f64 = 28.0;
const STACK: f64 = 92.0;
/// Room above each logo for its name.
const NAME: f64 = 18.0;

/// The logo of a motif, and below it that of the known motif, on the strand and at the offset at which they match.
///
/// Names are printed by the page beside it: here, they would have to be cut to the width of the drawing.
pub fn logo_pair(name: &str, found: &Probabilities, known: Option<(&Motif, &Match)>) -> Result<String, Error> {
    let ours = Placed::new(logo(name, found)?, "found", known.map_or(0, |(_, found)| found.offset.max(0)), 0.0);
    let theirs = known
        .map(|(motif, found)| {
            let below = ours.height + NAME + 6.0;
            let (matrix, strand) = match found.strand {
                Strand::Forward => (motif.probabilities.clone(), "known"),
                Strand::Reverse => (motif.probabilities.reverse_complement()?, "known, reverse complement"),
            };
            Ok::<_, Error>(Placed::new(logo("The known motif", &matrix)?, strand, (-found.offset).max(0), below))
        })
        .transpose()?;
    let placed = || std::iter::once(&ours).chain(&theirs);
    let right = placed().map(|logo| logo.x + logo.width).fold(0.0, f64::max);
    let bottom = placed().map(|logo| logo.y + logo.height).fold(0.0, f64::max);
    let mut out = String::new();
    let (right, bottom) = (px(right), px(bottom));
    add(
        &mut out,
        format_args!(
            "<svg class=\"logos\" role=\"group\" aria-label=\"{}\" width=\"{right}\" height=\"{bottom}\" \
             viewBox=\"0 0 {right} {bottom}\">\n",
            escaped(&format!("Logos of {name}"))
        ),
    );
    for logo in placed() {
        let (x, y, label, edge) = (px(logo.x), px(logo.y), logo.label, px(logo.x + 52.0));
        if theirs.is_some() {
            add(&mut out, format_args!("<text x=\"{edge}\" y=\"{}\">{label}</text>\n", px(logo.y - 4.0)));
        }
        add(&mut out, format_args!("<g transform=\"translate({x} {y})\">{}</g>\n", logo.svg));
    }
    out.push_str("</svg>\n");
    Ok(out)
}

/// A logo and its place in the drawing.
struct Placed {
    svg: String,
    label: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Placed {
    fn new((svg, width, height): (String, f64, f64), label: &'static str, columns: isize, below: f64) -> Self {
        Self { svg, label, x: columns as f64 * COLUMN, y: below + NAME, width, height }
    }
}

/// The logo of a matrix, its width and its height.
fn logo(title: &str, matrix: &Probabilities) -> Result<(String, f64, f64), Error> {
    let options = LogoOptions { column_width: COLUMN, stack_height: STACK, ..LogoOptions::default() };
    let svg = logo_svg(matrix, &options)?;
    let size = |name: &str| -> Option<f64> {
        let (_, rest) = svg.split_once(name)?;
        rest.split('"').next()?.parse().ok()
    };
    let (width, height) = (size(" width=\"").unwrap_or(0.0), size(" height=\"").unwrap_or(0.0));
    // A page names its elements itself, and needs no namespace; the title would be printed, were it given as one.
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    let svg = svg.replacen("<title>Sequence logo</title>", &format!("<title>{}</title>", escaped(title)), 1);
    Ok((svg, width, height))
}

#[cfg(test)]
mod tests {
    use ckn::bio::Alphabet;
    use ckn::bio::motif::compare::Database;

    use super::*;

    fn motif(name: &str, letters: &str) -> Motif {
        let column = |letter| "ACGT".chars().map(move |other| if other == letter { 0.97 } else { 0.01 });
        let values = letters.chars().flat_map(column).collect();
        Motif::new(name, Probabilities::new(Alphabet::Dna, values).unwrap())
    }

    #[test]
    fn the_known_motif_is_turned_and_moved_to_where_it_matches() {
        let known = motif("known", "TTGACCT");
        let database = Database::new(std::slice::from_ref(&known), true).unwrap();
        // The reverse complement of the known motif is AGGTCAA: the query starts at its third column.
        let query = motif("query", "GTCAA");
        let found = database.search(&query.probabilities).unwrap().remove(0);
        assert_eq!((found.strand, found.offset), (Strand::Reverse, 2));
        let svg = logo_pair("query", &query.probabilities, Some((&known, &found))).unwrap();
        assert!(svg.contains("reverse complement") && !svg.contains("http"), "{svg}");
        assert!(svg.contains("translate(56 18)") && svg.contains("translate(0 172)"), "{svg}");
        assert!(svg.contains("letters AGGTCAA") && svg.contains("letters GTCAA"), "{svg}");
        let alone = logo_pair("<b>", &query.probabilities, None).unwrap();
        assert!(alone.contains("Logos of &#60;b&#62;") && !alone.contains("reverse"), "{alone}");
    }
}
