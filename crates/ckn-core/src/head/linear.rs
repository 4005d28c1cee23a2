//! From embeddings to a score.

use crate::pooling::Strands;
use crate::{Error, Scalar};

/// A linear function of embeddings: `f = ⟨w, ψ⟩ + b`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearHead {
    weights: Vec<f64>,
    intercept: f64,
}

impl LinearHead {
    /// A head of given weights `w` and intercept `b`.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a number is NaN or infinite.
    pub fn new(weights: Vec<f64>, intercept: f64) -> Result<Self, Error> {
        let all = || weights.iter().chain([&intercept]);
        if let Some(first) = all().position(|value| !value.is_finite()) {
            let count = all().filter(|value| !value.is_finite()).count();
            return Err(Error::NotFinite { what: "head weights", count, first });
        }
        Ok(Self { weights, intercept })
    }

    /// Weights `w`, one for each coordinate of an embedding.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Intercept `b`.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Score of one strand's embedding.
    ///
    /// # Shapes
    /// embedding `[dimension]`.
    pub fn strand_score<S: Scalar>(&self, embedding: &[S]) -> f64 {
        let dot: f64 = self.weights.iter().zip(embedding).map(|(weight, value)| weight * value.wide()).sum();
        dot + self.intercept
    }

    /// Score of a record: its strand's, or the largest or mean of both (CKN-seq, section 2.2).
    ///
    /// # Shapes
    /// embeddings `[strands, dimension]`.
    pub fn score<S: Scalar>(&self, embeddings: &[S], strands: Strands) -> f64 {
        let scores = embeddings.chunks_exact(self.weights.len().max(1)).map(|strand| self.strand_score(strand));
        strands.join(scores).unwrap_or(self.intercept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_are_joined_as_asked() {
        let head = LinearHead::new(vec![1.0, -2.0], 0.5).unwrap();
        let embeddings = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(head.score(&embeddings[..2], Strands::Forward), 1.5);
        assert_eq!(head.score(&embeddings, Strands::Max), 1.5);
        assert_eq!(head.score(&embeddings, Strands::Mean), 0.0);
    }

    #[test]
    fn weights_that_are_not_numbers_are_refused() {
        assert!(LinearHead::new(vec![1.0, f64::NAN], 0.0).is_err());
        assert!(LinearHead::new(vec![1.0], f64::INFINITY).is_err());
    }
}
