//! Where fits start.

use std::f64::consts::TAU;

use super::wave::Wave;

/// Frequencies along one axis, from 0 to half a cycle a pixel.
const STEPS: usize = 16;
/// Peaks of the spectrum that are tried.
const PEAKS: usize = 4;

/// Starts: the highest peaks of the power spectrum, each with two widths, at the centroid of the energy and at the centre of
/// the strongest neighbourhood.
pub(super) fn starts(filter: &[f64], side: usize) -> Vec<Wave> {
    let peaks = peaks(filter, side);
    let (centroid, strongest) = (centroid(filter, side), strongest(filter, side));
    let widths = [side as f64 / 8.0, side as f64 / 4.0].map(|width| width.max(0.6).ln());
    let mut starts = Vec::with_capacity(4 * peaks.len());
    for [x, y] in peaks {
        for centre in [centroid, strongest] {
            for width in widths {
                let (orientation, frequency) = (y.atan2(x), x.hypot(y).min(0.5));
                starts.push(Wave { centre, orientation, frequency, log_sigmas: [width; 2] });
            }
        }
    }
    starts
}

/// Frequencies, in cycles a pixel along columns and rows, at which the power is higher than at all neighbours; highest first.
fn peaks(filter: &[f64], side: usize) -> Vec<[f64; 2]> {
    let power = spectrum(filter, side);
    let at = |row: isize, column: isize| -> f64 {
        // A real filter has equal powers at opposite frequencies.
        let (row, column) = if column < 0 { (-row, -column) } else { (row, column) };
        let row = row + STEPS as isize;
        let inside = (0..=2 * STEPS as isize).contains(&row) && column <= STEPS as isize;
        if inside { power[row as usize * (STEPS + 1) + column as usize] } else { f64::NEG_INFINITY }
    };
    let mut found = Vec::new();
    for row in -(STEPS as isize)..=STEPS as isize {
        for column in 0..=STEPS as isize {
            // Of two opposite frequencies on the axis one is enough.
            if column == 0 && row < 0 {
                continue;
            }
            let here = at(row, column);
            let around = (-1..=1).flat_map(|i| (-1..=1).map(move |j| (i, j))).filter(|&step| step != (0, 0));
            if around.map(|(i, j)| at(row + i, column + j)).all(|other| here >= other) {
                let scale = 0.5 / STEPS as f64;
                found.push((here, [column as f64 * scale, row as f64 * scale]));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(PEAKS).map(|(_, frequency)| frequency).collect()
}

/// Power, `[2 STEPS + 1, STEPS + 1]`: frequencies of rows from −1/2 to 1/2, of columns from 0 to 1/2.
fn spectrum(filter: &[f64], side: usize) -> Vec<f64> {
    let wave = |step: f64, place: usize| (TAU * 0.5 / STEPS as f64 * step * place as f64).sin_cos();
    // Along the rows first.
    let mut rows = vec![[0.0; 2]; side * (STEPS + 1)];
    for (row, line) in filter.chunks_exact(side).enumerate() {
        for step in 0..=STEPS {
            for (column, value) in line.iter().enumerate() {
                let (sine, cosine) = wave(step as f64, column);
                let sum = &mut rows[row * (STEPS + 1) + step];
                *sum = [sum[0] + value * cosine, sum[1] - value * sine];
            }
        }
    }
    let mut power = Vec::with_capacity((2 * STEPS + 1) * (STEPS + 1));
    for step in 0..=2 * STEPS {
        let waves: Vec<(f64, f64)> = (0..side).map(|row| wave(step as f64 - STEPS as f64, row)).collect();
        for column in 0..=STEPS {
            let mut sum = [0.0; 2];
            for (row, (sine, cosine)) in waves.iter().enumerate() {
                let [real, imaginary] = rows[row * (STEPS + 1) + column];
                sum = [sum[0] + real * cosine + imaginary * sine, sum[1] + imaginary * cosine - real * sine];
            }
            power.push(sum[0] * sum[0] + sum[1] * sum[1]);
        }
    }
    power
}

/// Column and row of the centroid of the squared values.
fn centroid(filter: &[f64], side: usize) -> [f64; 2] {
    let (mut total, mut centre) = (0.0, [0.0; 2]);
    for (pixel, value) in filter.iter().enumerate() {
        let energy = value * value;
        total += energy;
        centre = [centre[0] + energy * (pixel % side) as f64, centre[1] + energy * (pixel / side) as f64];
    }
    centre.map(|sum| sum / total)
}

/// Column and row with the most energy within two pixels.
fn strongest(filter: &[f64], side: usize) -> [f64; 2] {
    let (mut best, mut place) = (-1.0, [0.0; 2]);
    for row in 0..side {
        for column in 0..side {
            let rows = row.saturating_sub(2)..(row + 3).min(side);
            let columns = column.saturating_sub(2)..(column + 3).min(side);
            let parts = rows.map(|row| &filter[row * side + columns.start..row * side + columns.end]);
            let energy: f64 = parts.flatten().map(|value| value * value).sum();
            if energy > best {
                (best, place) = (energy, [column as f64, row as f64]);
            }
        }
    }
    place
}
