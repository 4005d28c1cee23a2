//! The non-linearity of a network after 2014 beside the rectified unit.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::*;

/// Points of a curve on [-1, 1].
const POINTS: u32 = 200;

/// `exp((2/σ²)(u − 1))`: what a filter makes of its inner product with a patch (2014, section 3.1).
fn response(sigma: f64, u: f64) -> f64 {
    (2.0 / (sigma * sigma) * (u - 1.0)).exp()
}

fn places() -> impl Iterator<Item = f64> + Clone {
    (0..=POINTS).map(|point| 2.0 * f64::from(point) / f64::from(POINTS) - 1.0)
}

/// How far the response is from the rectified unit at most, for each bandwidth.
pub(crate) fn said(sigmas: &[f64]) -> String {
    let furthest = |sigma: f64| {
        let distances = places().map(|u| (response(sigma, u) - u.max(0.0)).abs());
        distances.fold(0.0, f64::max)
    };
    let each: Vec<String> = sigmas.iter().map(|&sigma| format!("σ {sigma} {:.2}", furthest(sigma))).collect();
    format!("Largest distance from max(u, 0) on [−1, 1]: {}.", each.join(", "))
}

/// Draws the responses, and the rectified unit in red.
pub(crate) fn draw(path: &Path, sigmas: &[f64]) -> anyhow::Result<()> {
    curves(path, sigmas).map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))
}

fn curves(path: &Path, sigmas: &[f64]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(path, (520, 380)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(54)
        .build_cartesian_2d(-1.0..1.0, 0.0..1.0)?;
    chart.configure_mesh().light_line_style(WHITE).x_desc("u").y_desc("response").draw()?;
    for &sigma in sigmas {
        chart.draw_series(LineSeries::new(places().map(|u| (u, response(sigma, u))), BLUE))?;
    }
    chart.draw_series(LineSeries::new(places().map(|u| (u, u.max(0.0))), RED.stroke_width(2)))?;
    Ok(area.present()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_that_is_the_filter_has_the_response_of_the_rectified_unit() {
        assert_eq!(response(0.5, 1.0), 1.0);
        assert!(response(0.5, 0.0) < 1e-3 && response(2.0, 0.0) > 0.5);
        assert_eq!(said(&[0.01]), "Largest distance from max(u, 0) on [−1, 1]: σ 0.01 0.99.");
    }
}
