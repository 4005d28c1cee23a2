//! How much each letter of a window adds to a function of its kernel values.
//!
//! On the straight way from the window of unknown letters to the window itself, `z(τ) = n + τ (x − n)`, a function
//! `c(z) = Σ_i v_i ‖z‖ κ(⟨z_i, z⟩/‖z‖)` rises by `∫ ⟨∇c(z(τ)), x − n⟩ dτ = c(x) − c(n)`, a sum over positions. (Integrated
//! gradients: M. Sundararajan, A. Taly and Q. Yan, ICML 2017.) Letters that a window shares with an anchor raise it, others
//! lower it, and an unknown letter adds nothing.

use ckn_core::LetterSpace;
use ckn_core::kernel::DotProductKernel;

/// Points of the quadrature: exact to rounding for every bandwidth in use; what is left is spread, too.
const POINTS: usize = 24;

/// Anchor points in the order in which they are read here, and points and weights of the quadrature.
#[derive(Debug)]
pub(crate) struct PathIntegral {
    kernel: DotProductKernel,
    filters: usize,
    /// Products of anchors and letters, `[width, letters, filters]`.
    products: Vec<f64>,
    nodes: Vec<(f64, f64)>,
}

/// A function of one window at the window itself, and where its letters are unknown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rise {
    pub(crate) value: f64,
    pub(crate) neutral: f64,
}

impl PathIntegral {
    /// # Shapes
    /// products of anchors and letters `[filters, letters, width]`.
    pub(crate) fn new(
        kernel: DotProductKernel,
        products: &[f64],
        filters: usize,
        letters: usize,
        width: usize,
    ) -> Self {
        let products = by_place(products, filters, letters, width);
        Self { kernel, filters, products, nodes: gauss_legendre(POINTS) }
    }

    /// Adds what each position contributes to `c(x) − c(n)`.
    ///
    /// # Shapes
    /// letters: place in the window and token of those that are in the sequence; weights `v` `[filters]`; contributions one
    /// a letter.
    pub(crate) fn add(
        &self,
        space: &LetterSpace,
        letters: &[(usize, u8)],
        weights: &[f64],
        contributions: &mut [f64],
    ) -> Rise {
        let table = space.table();
        let (filters, size) = (self.filters, table.letters());
        let even = 1.0 / size as f64;
        // ⟨z_i, n⟩ and, for each position, ⟨z_i, x − n⟩.
        let mut from = vec![0.0; filters];
        let mut by_position = vec![0.0; letters.len() * filters];
        // ⟨n, x − n⟩ and ‖x − n‖² of each position. The first is 0 where letters have nothing in common.
        let mut crosses = Vec::with_capacity(letters.len());
        let mut squares = Vec::with_capacity(letters.len());
        for (&(place, token), slopes) in letters.iter().zip(by_position.chunks_exact_mut(filters)) {
            let rows = self.products[place * size * filters..][..size * filters].chunks_exact(filters);
            for (row, &weight) in rows.zip(table.vector(token)) {
                for filter in 0..filters {
                    from[filter] += even * row[filter];
                    slopes[filter] += (weight - even) * row[filter];
                }
            }
            let cross = space.product_with_unknown(token) - space.unknown_squared_norm();
            crosses.push(cross);
            squares.push(space.squared_norm(token) - space.unknown_squared_norm() - 2.0 * cross);
        }
        let mut to = vec![0.0; filters];
        by_position.chunks_exact(filters).for_each(|slopes| add(&mut to, slopes));
        let norm = letters.len() as f64 * space.unknown_squared_norm();
        let (crossed, added) = (crosses.iter().sum::<f64>(), squares.iter().sum::<f64>());
        let at = |step: f64| {
            let length = (norm + 2.0 * step * crossed + step * step * added).sqrt();
            let cosine = move |from: f64, to: f64| (from + step * to) / length;
            (length, cosine)
        };
        let value = |step: f64| -> f64 {
            let (length, cosine) = at(step);
            let terms = weights.iter().zip(from.iter().zip(&to));
            terms.map(|(weight, (&from, &to))| weight * length * self.kernel.value(cosine(from, to))).sum()
        };
        let rise = Rise { value: value(1.0), neutral: value(0.0) };
        let mut by_anchor = vec![0.0; filters];
        // By ‖z(τ)‖: what multiplies ⟨n, x − n⟩ and ‖x − n‖² of a position.
        let (mut by_cross, mut by_square) = (0.0, 0.0);
        for &(step, share) in &self.nodes {
            let (length, cosine) = at(step);
            for filter in 0..filters {
                let cosine = cosine(from[filter], to[filter]);
                let slope: f64 = self.kernel.derivative(cosine);
                by_anchor[filter] += share * weights[filter] * slope;
                let radial = self.kernel.value(cosine) - cosine * slope;
                let by_length = share * weights[filter] * radial / length;
                by_cross += by_length;
                by_square += by_length * step;
            }
        }
        let mut parts: Vec<f64> = by_position
            .chunks_exact(filters)
            .zip(crosses.iter().zip(&squares))
            .map(|(slopes, (cross, square))| {
                let sum: f64 = slopes.iter().zip(&by_anchor).map(|(slope, anchor)| slope * anchor).sum();
                sum + cross * by_cross + square * by_square
            })
            .collect();
        spread(&mut parts, rise.value - rise.neutral, &squares);
        add(contributions, &parts);
        rise
    }
}

/// Anchor points `[filters, letters, width]` as `[width, letters, filters]`.
pub(crate) fn by_place(anchors: &[f64], filters: usize, letters: usize, width: usize) -> Vec<f64> {
    let mut turned = vec![0.0; anchors.len()];
    for (place, &value) in anchors.iter().enumerate() {
        let (filter, rest) = (place / (letters * width), place % (letters * width));
        turned[((rest % width) * letters + rest / width) * filters + filter] = value;
    }
    turned
}

fn add(sums: &mut [f64], values: &[f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// Makes parts sum to a total: what the quadrature missed is spread by their sizes, or by what is known of their letters.
pub(crate) fn spread(parts: &mut [f64], total: f64, known: &[f64]) {
    if parts.iter().any(|part| !part.is_finite()) {
        parts.fill(0.0);
    }
    let missing = total - parts.iter().sum::<f64>();
    let sizes: Vec<f64> = match parts.iter().any(|part| *part != 0.0) {
        true => parts.iter().map(|part| part.abs()).collect(),
        false => known.to_vec(),
    };
    let size: f64 = sizes.iter().sum();
    if size > 0.0 {
        parts.iter_mut().zip(sizes).for_each(|(part, share)| *part += missing * share / size);
    }
}

/// Points in (0, 1) and weights of the quadrature of Gauss and Legendre: roots of the Legendre polynomial by Newton's method.
pub(crate) fn gauss_legendre(points: usize) -> Vec<(f64, f64)> {
    let degree = points as f64;
    (0..points)
        .map(|index| {
            let mut root = (std::f64::consts::PI * (index as f64 + 0.75) / (degree + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut last, mut value) = (1.0, root);
                for order in 2..=points {
                    let order = order as f64;
                    (last, value) = (value, ((2.0 * order - 1.0) * root * value - (order - 1.0) * last) / order);
                }
                slope = degree * (root * value - last) / (root * root - 1.0);
                let step = value / slope;
                root -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (0.5 * (1.0 + root), 1.0 / ((1.0 - root * root) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ckn_core::LetterTable;
    use ckn_core::network::NetworkConfig;

    #[test]
    fn the_quadrature_integrates_polynomials_up_to_twice_its_points() {
        for points in [2, 5, POINTS] {
            let nodes = gauss_legendre(points);
            for power in 0..2 * points as i32 {
                let sum: f64 = nodes.iter().map(|(at, weight)| weight * at.powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-14, "{points} points, power {power}: {sum}");
            }
        }
    }

    #[test]
    fn letters_that_agree_with_the_anchor_add_more_than_others_and_all_sum_to_the_rise() {
        // The anchors hold one letter a position; the function is one kernel value.
        let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
        let space = NetworkConfig::of_one_layer(4, 1, 6).check().unwrap().letter_space(&table).unwrap();
        let width = 6;
        let mut anchors = vec![0.0; 4 * width];
        (0..width).for_each(|at| anchors[(at % 4) * width + at] = 1.0 / (width as f64).sqrt());
        let letters: Vec<(usize, u8)> = (0..width).map(|at| (at, (at % 3) as u8)).collect();
        for sigma in [0.1, 0.3, 1.0] {
            let integral = PathIntegral::new(DotProductKernel::Exponential { sigma }, &anchors, 1, 4, width);
            let mut parts = vec![0.0; width];
            let rise = integral.add(&space, &letters, &[1.0], &mut parts);
            assert!((parts.iter().sum::<f64>() - (rise.value - rise.neutral)).abs() < 1e-12, "{sigma}");
            // Positions 0 to 2 agree with the anchor, 3 does not, 4 and 5 do not either.
            for agrees in 0..3 {
                assert!((3..6).all(|other| parts[agrees] > parts[other]), "{sigma} {parts:?}");
            }
        }
    }

    /// The definition: the derivative by each position along the way, from differences of the function, summed over the way.
    #[test]
    fn parts_are_integrals_of_derivatives_where_letters_have_something_in_common() {
        let alike = [1.0, 0.1, 0.6, 0.2, 0.1, 1.0, 0.2, 0.5, 0.6, 0.2, 1.0, 0.1, 0.2, 0.5, 0.1, 1.0];
        let (sigma, width, filters) = (0.7, 3, 2);
        let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
        let config = NetworkConfig { letter_similarity: alike.to_vec(), ..NetworkConfig::of_one_layer(4, 2, 3) };
        let space = config.check().unwrap().letter_space(&table).unwrap();
        let products: Vec<f64> = (0..filters * 4 * width).map(|at| 0.5 * (at as f64 * 2.3).sin()).collect();
        let (word, weights) = ([0u8, 3, 1], [1.0, -0.6]);
        let kernel = DotProductKernel::Exponential { sigma };
        // Of a window as weights of the letters at each place, [width, letters].
        let function = |window: &[f64]| -> f64 {
            let square = |column: &[f64]| -> f64 {
                let pairs = (0..16).map(|at| column[at / 4] * alike[at] * column[at % 4]);
                pairs.sum()
            };
            let norm = window.chunks(4).map(square).sum::<f64>().sqrt();
            let product = |filter: usize, at: usize| products[(filter * 4 + at % 4) * width + at / 4] * window[at];
            let cosine = |filter: usize| (0..12).map(|at| product(filter, at)).sum::<f64>() / norm;
            (0..filters).map(|filter| weights[filter] * norm * kernel.value(cosine(filter))).sum()
        };
        let away: Vec<f64> = (0..12).map(|at| f64::from(usize::from(word[at / 4]) == at % 4) - 0.25).collect();
        let along = |step: f64, place: usize| -> f64 {
            let moved = |by: f64| {
                let at = |at: usize| 0.25 + away[at] * (step + if at / 4 == place { by } else { 0.0 });
                function(&(0..12).map(at).collect::<Vec<f64>>())
            };
            (moved(1e-5) - moved(-1e-5)) / 2e-5
        };
        let mut parts = vec![0.0; width];
        let letters: Vec<(usize, u8)> = word.into_iter().enumerate().collect();
        PathIntegral::new(kernel, &products, filters, 4, width).add(&space, &letters, &weights, &mut parts);
        for (place, part) in parts.iter().enumerate() {
            // The midpoint rule: errors of the square of the step.
            let expected = (0..2000).map(|at| along((f64::from(at) + 0.5) / 2000.0, place)).sum::<f64>() / 2000.0;
            assert!((part - expected).abs() < 1e-6, "{place}: {part} {expected}");
        }
    }
}
