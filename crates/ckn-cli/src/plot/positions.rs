//! Where in the sequences a motif lies: a small plot.

use super::{add, escaped, px};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 96.0;
const FLOOR: f64 = 74.0;
const TOP: f64 = 6.0;
const LEFT: f64 = 4.0;

/// Bars of the hits in equal parts of the sequences, from their first letter to their last, and the height they would have if
/// all positions were alike.
pub fn positions(name: &str, counts: &[usize]) -> String {
    let (hits, parts) = (counts.iter().sum::<usize>(), counts.len().max(1));
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let width = (WIDTH - 2.0 * LEFT) / parts as f64;
    let name = escaped(name);
    let mut out = String::new();
    add(
        &mut out,
        format_args!(
            "<svg class=\"positions\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n<title>Positions of {name}</title>\n\
             <desc>Number of best hits in {parts} equal parts of the sequences, from start to end: {}.</desc>\n",
            counts.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        ),
    );
    for (at, &count) in counts.iter().enumerate() {
        let tall = count as f64 / most * (FLOOR - TOP);
        let (x, y) = (px(LEFT + at as f64 * width + 0.5), px(FLOOR - tall));
        let (wide, tall) = (px(width - 1.0), px(tall));
        add(
            &mut out,
            format_args!("<rect class=\"bar first\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\"/>"),
        );
    }
    let even = px(FLOOR - hits as f64 / parts as f64 / most * (FLOOR - TOP));
    let right = WIDTH - LEFT;
    add(
        &mut out,
        format_args!(
            "\n<line class=\"guide\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{even}\" y2=\"{even}\"/>\n\
             <line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{FLOOR}\" y2=\"{FLOOR}\"/>\n"
        ),
    );
    let words = [(LEFT, "start", "start"), (WIDTH / 2.0, "middle", "centre"), (right, "end", "end")];
    for (x, anchor, word) in words {
        add(&mut out, format_args!("<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{word}</text>", FLOOR + 16.0));
    }
    out.push_str("\n</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_counts() {
        let svg = positions("a", &[0, 2, 4]);
        for tall in ["height=\"0\"", "height=\"34\"", "height=\"68\""] {
            assert!(svg.contains(tall), "no {tall} in {svg}");
        }
        assert!(svg.contains("start to end: 0, 2, 4."));
        // Two hits a part, if all positions were alike: half of the highest bar.
        assert!(svg.contains("class=\"guide\" x1=\"4\" x2=\"236\" y1=\"40\" y2=\"40\""), "{svg}");
    }
}
