//! The drawing of a logo.

use std::fmt::Write;

use super::glyphs::outline;
use super::{Heights, LogoHeight, LogoOptions};
use crate::motif::Probabilities;

/// Room for the axis of heights, left of the stacks.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
/// Room for the numbers of positions, below the stacks.
const BELOW: f64 = 26.0;
const ABOVE: f64 = 12.0;
/// Room for the title, above all.
const TITLE: f64 = 24.0;
/// Share of a column that its letters leave free.
const GAP: f64 = 0.08;
/// The side of the boxes that outlines are drawn in.
const BOX: f64 = 100.0;
/// Letters that are less high are left out, in pixels.
const LEAST: f64 = 0.05;
/// About the width of a digit of 12 pixels.
const DIGIT: f64 = 7.5;
const INK: &str = "#1a1a1a";

pub(super) fn svg(probabilities: &Probabilities, options: &LogoOptions, heights: &Heights) -> String {
    let mut page = Page::new(probabilities.width(), options, heights);
    page.head(probabilities);
    page.axes();
    for (at, (column, &height)) in probabilities.columns().zip(&heights.columns).enumerate() {
        page.stack(probabilities, at, column, height);
    }
    page.text.push_str("</svg>\n");
    page.text
}

struct Page<'a> {
    text: String,
    options: &'a LogoOptions,
    columns: usize,
    /// The top of the axis in bits or as a probability, and pixels for one of them.
    top: f64,
    scale: f64,
    /// Pixels from the top of the page to the feet of the stacks.
    floor: f64,
}

impl<'a> Page<'a> {
    fn new(columns: usize, options: &'a LogoOptions, heights: &Heights) -> Self {
        let above = if options.title.is_some() { ABOVE + TITLE } else { ABOVE };
        let (top, floor) = (heights.top, above + options.stack_height);
        Self { text: String::new(), options, columns, top, scale: options.stack_height / top, floor }
    }

    /// Appends text. Writing to a string does not fail.
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
    }

    fn width(&self) -> f64 {
        LEFT + self.columns as f64 * self.options.column_width + RIGHT
    }

    fn head(&mut self, probabilities: &Probabilities) {
        let (width, height) = (px(self.width()), px(self.floor + BELOW));
        let title = escaped(self.options.title.as_deref().unwrap_or("Sequence logo"));
        let what = match self.options.height {
            LogoHeight::Information => "information in bits",
            LogoHeight::Probability => "probability",
        };
        let (columns, consensus) = (self.columns, probabilities.consensus());
        let positions = if columns == 1 { "position" } else { "positions" };
        self.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n<title>{title}</title>\n<desc>Sequence logo of {columns} {positions}, \
             height by {what}; most probable letters {consensus}.</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        ));
        if self.options.title.is_some() {
            let middle = px((LEFT + self.width() - RIGHT) / 2.0);
            self.add(format_args!(
                "<text x=\"{middle}\" y=\"20\" text-anchor=\"middle\" font-family=\"Helvetica,Arial,sans-serif\" \
                 font-size=\"15\" font-weight=\"bold\" fill=\"{INK}\">{title}</text>\n"
            ));
        }
    }

    fn axes(&mut self) {
        let (unit, step) = match self.options.height {
            LogoHeight::Probability => ("probability", 0.5),
            LogoHeight::Information if self.top <= 2.0 => ("bits", 0.5),
            LogoHeight::Information => ("bits", 1.0),
        };
        let (axis, floor, ceiling) = (px(LEFT - 6.0), self.floor, self.floor - self.options.stack_height);
        self.add(format_args!(
            "<g font-family=\"Helvetica,Arial,sans-serif\" font-size=\"12\" fill=\"{INK}\" stroke=\"none\">\n\
             <path d=\"M{axis} {}V{}\" stroke=\"{INK}\" fill=\"none\"/>\n",
            px(ceiling),
            px(floor)
        ));
        let ticks = (self.top / step + 1e-9) as usize;
        // As many labels as fit; every tick has its line.
        let room = self.options.stack_height / (ticks.max(1) as f64);
        let every = if step < 1.0 && unit == "bits" { 2 } else { 1 }.max((14.0 / room).ceil() as usize);
        for tick in 0..=ticks {
            let (value, y) = (tick as f64 * step, floor - tick as f64 * step * self.scale);
            let is_labelled = tick % every == 0;
            let from = px(LEFT - if is_labelled { 12.0 } else { 9.0 });
            self.add(format_args!("<path d=\"M{from} {0}H{axis}\" stroke=\"{INK}\" fill=\"none\"/>\n", px(y)));
            if is_labelled {
                let (x, y) = (px(LEFT - 15.0), px(y + 4.2));
                self.add(format_args!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{value}</text>\n"));
            }
        }
        let middle = px((floor + ceiling) / 2.0);
        self.add(format_args!(
            "<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\">{unit}</text>\n"
        ));
        self.positions();
        self.text.push_str("</g>\n");
    }

    /// Numbers below the stacks, as many as fit.
    fn positions(&mut self) {
        let (first, width) = (self.options.first_position, self.options.column_width);
        let last = first.saturating_add(self.columns as i64);
        let digits = first.to_string().len().max(last.to_string().len());
        let needed = (digits as f64 + 0.8) * DIGIT / width;
        let every = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|&every| every as f64 >= needed).unwrap_or(200);
        for column in 0..self.columns {
            let number = first.saturating_add(column as i64);
            if every == 1 || number.rem_euclid(every) == 0 {
                let (x, y) = (px(LEFT + (column as f64 + 0.5) * width), px(self.floor + 17.0));
                self.add(format_args!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{number}</text>\n"));
            }
        }
    }

    fn stack(&mut self, probabilities: &Probabilities, at: usize, column: &[f64], height: f64) {
        let mut letters: Vec<(char, f64)> =
            probabilities.alphabet().letters().chars().zip(column.iter().copied()).collect();
        // From the foot up; of equals, the first letter of the alphabet on top.
        letters.reverse();
        letters.sort_by(|a, b| a.1.total_cmp(&b.1));
        let width = self.options.column_width;
        let x = LEFT + (at as f64 + GAP / 2.0) * width;
        let mut y = self.floor;
        for (letter, probability) in letters {
            let tall = probability * height * self.scale;
            if tall < LEAST {
                continue;
            }
            y -= tall;
            let colour = self.options.colours.of(probabilities.alphabet(), letter);
            let (across, up) = (fine(width * (1.0 - GAP) / BOX), fine(tall / BOX));
            self.add(format_args!(
                "<path transform=\"translate({} {}) scale({across} {up})\" fill=\"{colour}\" d=\"{}\"/>\n",
                px(x),
                px(y),
                outline(letter)
            ));
        }
    }
}

/// Pixels, to a thousandth.
fn px(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A scale, so that a box is right to a ten thousandth of a pixel.
fn fine(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Text for an XML document.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What turns the direction of the text around it, and what XML 1.0 does not allow.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
            }
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
