//! Two sides as the paper draws them: the AUROC of one against that of the other, set by set, and a box for each.

use std::path::Path;

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::statistics::mean;
use super::table::Table;

/// Colour of the sides after the first, in both halves.
fn colour(side: usize) -> RGBAColor {
    if side == 0 { BLACK.to_rgba() } else { Palette99::pick(side - 1).to_rgba() }
}

/// Draws every other side over the first, and the boxes of all.
pub(crate) fn draw(path: &Path, title: &str, table: &Table) -> anyhow::Result<()> {
    let area = SVGBackend::new(path, (860, 420)).into_drawing_area();
    halves(&area, title, table).map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn halves(area: &Area<'_>, title: &str, table: &Table) -> Outcome {
    area.fill(&WHITE)?;
    let lowest = (0..table.sides.len()).flat_map(|side| table.means(side)).fold(1.0, f64::min);
    let low = (lowest - 0.01).max(0.0);
    let (left, right) = area.titled(title, ("sans-serif", 16))?.split_horizontally(440);
    scatter(&left, low, table)?;
    boxes(&right, low, table)?;
    Ok(area.present()?)
}

/// One point a set, and the line on which both sides are alike.
fn scatter(area: &Area<'_>, low: f64, table: &Table) -> Outcome {
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(54)
        .build_cartesian_2d(low..1.0, low..1.0)?;
    let others = table.sides[1..].join(" (colours), ");
    chart.configure_mesh().light_line_style(WHITE).x_desc(&table.sides[0]).y_desc(others).draw()?;
    chart.draw_series(LineSeries::new([(low, low), (1.0, 1.0)], BLACK.mix(0.4)))?;
    let first = table.means(0);
    for side in 1..table.sides.len() {
        let points = first.iter().copied().zip(table.means(side));
        chart.draw_series(points.map(|point| Circle::new(point, 4, colour(side).filled())))?;
    }
    Ok(())
}

/// Quartiles of each side over sets, with lines to the lowest and highest set, and a dot for their mean.
fn boxes(area: &Area<'_>, low: f64, table: &Table) -> Outcome {
    let sides = table.sides.len();
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(54)
        .build_cartesian_2d(-0.5..sides as f64 - 0.5, low..1.0)?;
    chart.configure_mesh().disable_x_mesh().disable_x_axis().light_line_style(WHITE).y_desc("test AUROC").draw()?;
    for side in 0..sides {
        let (at, aurocs) = (side as f64, table.means(side));
        let [_, first, median, third, _] = Quartiles::new(&aurocs).values().map(f64::from);
        let (lowest, highest) =
            aurocs.iter().fold((1.0f64, 0.0f64), |(low, high), &auroc| (low.min(auroc), high.max(auroc)));
        let line = |points: [(f64, f64); 2]| PathElement::new(points, colour(side));
        chart.draw_series([Rectangle::new([(at - 0.15, first), (at + 0.15, third)], colour(side))])?;
        chart.draw_series([
            line([(at - 0.15, median), (at + 0.15, median)]),
            line([(at, lowest), (at, first)]),
            line([(at, third), (at, highest)]),
        ])?;
        chart.draw_series([Circle::new((at, mean(&aurocs)), 4, colour(side).filled())])?;
        let (x, y) = chart.backend_coord(&(at - 0.4, low));
        let (left, top) = area.get_base_pixel();
        let style = ("sans-serif", 12).into_font().color(&colour(side));
        area.draw_text(&table.sides[side], &style, (x - left, y - top + 12))?;
    }
    Ok(())
}
