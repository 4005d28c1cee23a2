//! Steps of anchors on their spheres.

use super::Optimiser;
use crate::adam::Adam;

const MOMENTUM: f64 = 0.9;

/// What an optimiser remembers of the anchors of one layer.
#[derive(Debug, Clone)]
pub(super) enum Descent {
    Sgd(Vec<f64>),
    Adam(Adam),
}

impl Descent {
    pub(super) fn new(optimiser: Optimiser, parameters: usize) -> Self {
        match optimiser {
            Optimiser::Sgd => Self::Sgd(vec![0.0; parameters]),
            Optimiser::Adam => Self::Adam(Adam::new(parameters)),
        }
    }

    /// One step against the gradient along the spheres; anchors stay of unit norm.
    ///
    /// # Shapes
    /// anchors and gradient `[filters, size]`.
    pub(super) fn step(&mut self, anchors: &mut [f32], gradient: &[f64], size: usize, learning_rate: f64) {
        let mut along: Vec<f32> = Vec::with_capacity(gradient.len());
        for (anchor, gradient) in anchors.chunks_exact(size).zip(gradient.chunks_exact(size)) {
            let outward: f64 = anchor.iter().zip(gradient).map(|(&a, g)| f64::from(a) * g).sum();
            along.extend(anchor.iter().zip(gradient).map(|(&a, g)| (g - outward * f64::from(a)) as f32));
        }
        match self {
            Self::Adam(adam) => adam.step(anchors, &along, learning_rate),
            Self::Sgd(velocity) => {
                for ((anchor, &gradient), velocity) in anchors.iter_mut().zip(&along).zip(velocity) {
                    *velocity = MOMENTUM * *velocity + f64::from(gradient);
                    *anchor = (f64::from(*anchor) - learning_rate * *velocity) as f32;
                }
            }
        }
        for anchor in anchors.chunks_exact_mut(size) {
            let norm = anchor.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
            anchor.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_on_the_sphere_and_go_downhill() {
        for optimiser in [Optimiser::Sgd, Optimiser::Adam] {
            let mut anchors = [1.0f32, 0.0];
            let mut descent = Descent::new(optimiser, 2);
            // Downhill of −y is towards (0, 1).
            for _ in 0..200 {
                descent.step(&mut anchors, &[0.0, -1.0], 2, 0.05);
                assert!((anchors[0].hypot(anchors[1]) - 1.0).abs() < 1e-6);
            }
            assert!(anchors[1] > 0.99, "{optimiser:?} {anchors:?}");
        }
    }
}
