//! A sweep as a plot: AUROC of each set and their mean over the values of one setting.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

/// Height of a line of text, in pixels.
const LINE: i32 = 14;

/// Draws one thin line a set, and a thick one for their mean.
///
/// # Shapes
/// values `[points]`, each set `[points]`.
pub(crate) fn draw(
    path: &Path,
    (title, axis): (&str, &str),
    values: &[f64],
    sets: &[(&str, Vec<f64>)],
) -> anyhow::Result<()> {
    let failed = |error: String| anyhow!("cannot draw {}: {error}", path.display());
    let all = || sets.iter().flat_map(|(_, aurocs)| aurocs.iter().copied());
    let (low, high) = all().fold((1.0f64, 0.0f64), |(low, high), auroc| (low.min(auroc), high.max(auroc)));
    let (first, last) = (values[0], values[values.len() - 1]);
    let area = SVGBackend::new(path, (760, 480)).into_drawing_area();
    area.fill(&WHITE).map_err(|error| failed(error.to_string()))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .margin_right(122)
        .x_label_area_size(40)
        .y_label_area_size(54)
        .build_cartesian_2d(first..last, low - 0.01..(high + 0.01).min(1.0))
        .map_err(|error| failed(error.to_string()))?;
    let mut mesh = chart.configure_mesh();
    let x_label = |x: &f64| format!("{}", (x * 10.0).round() / 10.0);
    mesh.x_desc(axis)
        .y_desc("test AUROC")
        .light_line_style(WHITE)
        .x_label_formatter(&x_label)
        .draw()
        .map_err(|error| failed(error.to_string()))?;
    let means: Vec<f64> = (0..values.len())
        .map(|at| sets.iter().map(|(_, aurocs)| aurocs[at]).sum::<f64>() / sets.len() as f64)
        .collect();
    let lines = sets.iter().map(|(name, aurocs)| (*name, aurocs.as_slice(), 1)).chain([("mean", means.as_slice(), 4)]);
    let mut names = Vec::new();
    for (number, (name, aurocs, width)) in lines.enumerate() {
        let colour = if name == "mean" { BLACK.to_rgba() } else { Palette99::pick(number).to_rgba() };
        let points = values.iter().copied().zip(aurocs.iter().copied());
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(width)))
            .map_err(|error| failed(error.to_string()))?;
        let (x, y) = chart.backend_coord(&(last, aurocs[aurocs.len() - 1]));
        names.push((y, x, name, colour));
    }
    // From top to bottom, each below the one before it.
    names.sort_by_key(|(y, ..)| *y);
    let mut free = i32::MIN;
    for (y, x, name, colour) in names {
        let style = ("sans-serif", 12).into_font().color(&colour);
        let place = (y - 7).max(free);
        area.draw_text(name, &style, (x + 8, place)).map_err(|error| failed(error.to_string()))?;
        free = place + LINE;
    }
    area.present().map_err(|error| failed(error.to_string()))
}
