//! Plots as SVG elements for a page: no scripts, no fonts, no references to anything outside. Colours are classes, which the
//! page's style sheet defines for light, dark and paper.

mod axis;
mod glyphs;
mod logo_pair;
mod marks;
mod positions;
mod track;

pub use self::axis::Axis;
pub use self::glyphs::Glyphs;
pub use self::logo_pair::logo_pair;
pub use self::positions::positions;
pub use self::track::track;

use std::fmt::{Arguments, Write};

/// Size of the drawing, in pixels of its own.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 330.0;
/// Room around the frame: numbers and names of the axes.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 14.0;
const ABOVE: f64 = 12.0;
const BELOW: f64 = 48.0;

/// A plot of two axes.
pub struct Plot {
    title: String,
    description: String,
    x: Axis,
    y: Axis,
    marks: String,
}

impl Plot {
    /// An empty plot; screen readers read its title and description out.
    pub fn new(title: impl Into<String>, description: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), description: description.into(), x, y, marks: String::new() }
    }

    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let (title, description) = (escaped(&self.title), escaped(&self.description));
        let mut out = String::new();
        add(
            &mut out,
            format_args!(
                "<svg class=\"plot\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n<title>{title}</title>\n\
                 <desc>{description}</desc>\n"
            ),
        );
        self.draw_axes(&mut out);
        out.push_str(&self.marks);
        out.push_str("</svg>\n");
        out
    }

    fn draw_axes(&self, out: &mut String) {
        let (bottom, right) = (HEIGHT - BELOW, WIDTH - RIGHT);
        for (value, label) in self.y.ticks() {
            let y = px(self.up(*value));
            add(out, format_args!("<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y}\" y2=\"{y}\"/>"));
            let text = px(self.up(*value) + 4.0);
            add(out, format_args!("<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{label}</text>\n", LEFT - 8.0));
        }
        for (value, label) in self.x.ticks() {
            let x = px(self.across(*value));
            add(
                out,
                format_args!("<line class=\"tick\" x1=\"{x}\" x2=\"{x}\" y1=\"{bottom}\" y2=\"{}\"/>", bottom + 4.0),
            );
            add(out, format_args!("<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>\n", bottom + 18.0));
        }
        add(out, format_args!("<line class=\"axis\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\n"));
        let (middle, below) = (px(0.5 * (LEFT + right)), HEIGHT - 8.0);
        let (x, y) = (escaped(self.x.label()), escaped(self.y.label()));
        add(
            out,
            format_args!("<text class=\"label\" x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{x}</text>\n"),
        );
        let middle = px(0.5 * (ABOVE + bottom));
        add(
            out,
            format_args!(
                "<text class=\"label\" transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{y}</text>\n"
            ),
        );
    }

    fn across(&self, value: f64) -> f64 {
        LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)
    }

    fn up(&self, value: f64) -> f64 {
        HEIGHT - BELOW - self.y.share(value) * (HEIGHT - ABOVE - BELOW)
    }
}

/// Appends text. Writing to a string does not fail.
fn add(out: &mut String, text: Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Pixels, to a hundredth.
fn px(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Text for a page.
fn escaped(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html).map_or_else(|_| String::new(), |text| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_says_what_it_shows_and_is_well_formed() {
        let mut plot = Plot::new("a <b>", "of \"x\" & y", Axis::shares("x < 1"), Axis::linear("y", 0.0, 8.0));
        plot.line("first", &[(0.0, 0.0), (0.5, 8.0), (1.0, 4.0)]);
        plot.band("first", &[(0.0, 0.0, 1.0), (1.0, 2.0, 3.0)]);
        plot.bar("second", (0.2, 0.4), 3.0);
        plot.point("first", (0.5, 4.0), Some((3.0, 5.0)));
        plot.diagonal();
        let svg = plot.svg();
        for part in ["role=\"img\"", "<title>a &#60;b&#62;</title>", "x &#60; 1", "&#38; y"] {
            assert!(svg.contains(part), "no {part} in {svg}");
        }
        // The middle of the frame: 56 + 370/2, and 282 − 270/2.
        assert!(svg.contains("<circle class=\"first\" cx=\"241\" cy=\"147\""), "{svg}");
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    }
}
