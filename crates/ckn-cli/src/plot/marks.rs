//! What is drawn between the axes.

use super::{ABOVE, BELOW, HEIGHT, Plot, add, px};

/// Points of a line that are closer to the last one, in pixels, are left out.
const CLOSE: f64 = 0.4;

impl Plot {
    /// A line through points.
    pub fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let path = self.path(points);
        add(&mut self.marks, format_args!("<path class=\"line {class}\" d=\"{path}\"/>\n"));
    }

    /// What lies between a low and a high value at each place.
    pub fn band(&mut self, class: &str, points: &[(f64, f64, f64)]) {
        let above = points.iter().map(|&(x, _, high)| (x, high));
        let below = points.iter().rev().map(|&(x, low, _)| (x, low));
        let path = self.path(&above.chain(below).collect::<Vec<_>>());
        add(&mut self.marks, format_args!("<path class=\"band {class}\" d=\"{path}Z\"/>\n"));
    }

    /// The outline of a histogram: heights between edges, one edge more than heights.
    pub fn steps(&mut self, class: &str, edges: &[f64], heights: &[f64]) {
        let mut points = Vec::with_capacity(2 * heights.len() + 2);
        points.extend(edges.first().map(|&edge| (edge, 0.0)));
        for (ends, &height) in edges.windows(2).zip(heights) {
            points.extend([(ends[0], height), (ends[1], height)]);
        }
        points.extend(edges.last().map(|&edge| (edge, 0.0)));
        let corners: Vec<String> =
            points.iter().map(|&(x, y)| format!("{} {}", px(self.across(x)), px(self.up(y)))).collect();
        add(&mut self.marks, format_args!("<path class=\"steps {class}\" d=\"M{}Z\"/>\n", corners.join("L")));
    }

    /// A bar from the floor up.
    pub fn bar(&mut self, class: &str, (from, to): (f64, f64), height: f64) {
        let (left, right, top) = (self.across(from), self.across(to), self.up(height));
        let (x, width, y, tall) =
            (px(left + 0.5), px((right - left - 1.0).max(0.5)), px(top), px(HEIGHT - BELOW - top));
        add(
            &mut self.marks,
            format_args!("<rect class=\"bar {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{tall}\"/>\n"),
        );
    }

    /// A point, with an interval above and below it.
    pub fn point(&mut self, class: &str, (x, y): (f64, f64), interval: Option<(f64, f64)>) {
        let (across, up) = (px(self.across(x)), px(self.up(y)));
        if let Some((low, high)) = interval {
            let (low, high) = (px(self.up(low)), px(self.up(high)));
            add(
                &mut self.marks,
                format_args!(
                    "<line class=\"whisker {class}\" x1=\"{across}\" x2=\"{across}\" y1=\"{low}\" y2=\"{high}\"/>"
                ),
            );
        }
        add(&mut self.marks, format_args!("<circle class=\"{class}\" cx=\"{across}\" cy=\"{up}\" r=\"3.5\"/>\n"));
    }

    /// A small point, one of many.
    pub fn dot(&mut self, class: &str, (x, y): (f64, f64)) {
        let (x, y) = (px(self.across(x)), px(self.up(y)));
        add(&mut self.marks, format_args!("<circle class=\"dot {class}\" cx=\"{x}\" cy=\"{y}\" r=\"2\"/>\n"));
    }

    /// A dashed line at a height, all across.
    pub fn level(&mut self, y: f64) {
        let (low, high) = self.x.span();
        self.guide((low, y), (high, y));
    }

    /// A dashed line at a place, from floor to ceiling.
    pub fn upright(&mut self, x: f64) {
        let x = px(self.across(x));
        let floor = HEIGHT - BELOW;
        add(
            &mut self.marks,
            format_args!("<line class=\"guide\" x1=\"{x}\" x2=\"{x}\" y1=\"{ABOVE}\" y2=\"{floor}\"/>\n"),
        );
    }

    /// The dashed line on which both axes have the same value.
    pub fn diagonal(&mut self) {
        let ((left, right), (bottom, top)) = (self.x.span(), self.y.span());
        let (low, high) = (left.max(bottom), right.min(top));
        self.guide((low, low), (high, high));
    }

    fn guide(&mut self, from: (f64, f64), to: (f64, f64)) {
        let [x1, x2] = [from.0, to.0].map(|x| px(self.across(x)));
        let [y1, y2] = [from.1, to.1].map(|y| px(self.up(y)));
        add(&mut self.marks, format_args!("<line class=\"guide\" x1=\"{x1}\" x2=\"{x2}\" y1=\"{y1}\" y2=\"{y2}\"/>\n"));
    }

    /// A path through points, without those that cannot be told from the one before; the last stays.
    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        let mut before: Option<(f64, f64)> = None;
        for (at, &(x, y)) in points.iter().enumerate() {
            let place = (self.across(x), self.up(y));
            let is_close = before.is_some_and(|before| {
                (place.0 - before.0).abs() < CLOSE && (place.1 - before.1).abs() < CLOSE && at + 1 < points.len()
            });
            if !is_close {
                let step = if path.is_empty() { 'M' } else { 'L' };
                add(&mut path, format_args!("{step}{} {}", px(place.0), px(place.1)));
                before = Some(place);
            }
        }
        path
    }
}
