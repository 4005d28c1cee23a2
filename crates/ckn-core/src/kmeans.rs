//! Spherical k-means: where anchor points start (CKN-seq, section 2.2).

mod dense;
mod windows;

use rand::RngExt;
use rayon::prelude::*;

use crate::Error;
use crate::seed::Random;

pub use dense::DensePatches;
pub use windows::WindowPatches;

/// Unit-norm patches that can be compared with unit-norm centres without being materialised.
pub trait Patches: Sync {
    /// Number of patches.
    fn len(&self) -> usize;

    /// Whether there is no patch.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers of a patch.
    fn dimension(&self) -> usize;

    /// One patch, of unit norm, `[dimension]`.
    fn patch(&self, index: usize) -> Vec<f64>;

    /// For every patch the centre of the largest cosine (the first of equals) and that cosine.
    ///
    /// # Shapes
    /// centres `[count, dimension]` → `[patches]`.
    ///
    /// # Errors
    /// Failures of the preparation of the centres.
    fn assign(&self, centres: &[f64], count: usize) -> Result<Vec<(u32, f32)>, Error>;

    /// Sum of the patches of each cluster, in an order that does not depend on the number of threads.
    ///
    /// # Shapes
    /// `[count, dimension]`.
    fn sums(&self, assignment: &[(u32, f32)], count: usize) -> Vec<f64>;
}

/// Settings of [`spherical_kmeans`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KMeansConfig {
    /// Number of centres.
    pub centres: usize,
    /// Most iterations.
    pub max_iterations: usize,
    /// Stop when the mean cosine rises by less than this fraction.
    pub tolerance: f64,
}

/// Centres and how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// Unit-norm centres, `[centres, dimension]`.
    pub centres: Vec<f64>,
    /// Mean cosine of patches and their centres, after each iteration.
    pub objective: Vec<f64>,
}

/// Spherical k-means with a k-means++ start.
///
/// A cluster that loses its last patch takes the patch that fits its own centre worst; each such patch is taken once.
///
/// ```
/// use ckn_core::kmeans::{DensePatches, KMeansConfig, spherical_kmeans};
/// use ckn_core::seed::Seed;
/// // Two directions, whatever the length.
/// let patches = DensePatches::new(&[1.0, 0.0, 0.0, 1.0, 5.0, 0.0, 0.0, 0.2], 2);
/// let config = KMeansConfig { centres: 2, max_iterations: 10, tolerance: 1e-6 };
/// let found = spherical_kmeans(&patches, &config, &mut Seed(0).stream("kmeans"))?;
/// assert!(found.centres == [1.0, 0.0, 0.0, 1.0] || found.centres == [0.0, 1.0, 1.0, 0.0]);
/// assert_eq!(found.objective.last(), Some(&1.0));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without patches or centres.
pub fn spherical_kmeans(patches: &impl Patches, config: &KMeansConfig, random: &mut Random) -> Result<KMeans, Error> {
    if patches.is_empty() {
        return Err(Error::Empty { what: "the set of patches" });
    }
    if config.centres == 0 {
        return Err(Error::Empty { what: "the set of centres" });
    }
    let (count, dimension) = (config.centres, patches.dimension());
    let mut centres = plus_plus(patches, count, random)?;
    let mut objective: Vec<f64> = Vec::new();
    for _ in 0..config.max_iterations {
        let assignment = patches.assign(&centres, count)?;
        let mean = assignment.iter().map(|(_, cosine)| f64::from(*cosine)).sum::<f64>() / patches.len() as f64;
        let stalled = objective.last().is_some_and(|&before| mean - before <= config.tolerance * before.abs());
        objective.push(mean);
        if stalled {
            break;
        }
        let sums = patches.sums(&assignment, count);
        let mut worst = None;
        for (cluster, (centre, sum)) in
            centres.chunks_exact_mut(dimension).zip(sums.chunks_exact(dimension)).enumerate()
        {
            let norm = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
            let inhabited = norm > 1e-9;
            if inhabited {
                centre.iter_mut().zip(sum).for_each(|(slot, value)| *slot = value / norm);
            } else {
                let order = worst.get_or_insert_with(|| worst_first(&assignment));
                // Fewer patches than centres: some centres share a patch.
                let index = order.get(cluster).or(order.first()).copied().unwrap_or(0);
                centre.copy_from_slice(&patches.patch(index as usize));
            }
        }
    }
    Ok(KMeans { centres, objective })
}

/// Indices of patches, those with the smallest cosine first.
fn worst_first(assignment: &[(u32, f32)]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..assignment.len() as u32).collect();
    order.sort_by(|&a, &b| assignment[a as usize].1.total_cmp(&assignment[b as usize].1).then(a.cmp(&b)));
    order
}

/// k-means++ (Arthur and Vassilvitskii 2007): each centre is a patch drawn with probability proportional to its squared
/// distance `2 − 2 cos` from the nearest centre so far.
fn plus_plus(patches: &impl Patches, count: usize, random: &mut Random) -> Result<Vec<f64>, Error> {
    let mut centres = patches.patch(random.random_range(0..patches.len()));
    let mut distances = vec![f64::INFINITY; patches.len()];
    for _ in 1..count {
        let newest = &centres[centres.len() - patches.dimension()..];
        let to_newest = patches.assign(newest, 1)?;
        distances.par_iter_mut().zip(&to_newest).for_each(|(distance, (_, cosine))| {
            *distance = distance.min((2.0 - 2.0 * f64::from(*cosine)).max(0.0));
        });
        let total: f64 = distances.iter().sum();
        let mut left = random.random_range(0.0..1.0) * total;
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        // All patches equal a centre already: any will do.
        let index = drawn.unwrap_or_else(|| random.random_range(0..patches.len()));
        centres.extend(patches.patch(index));
    }
    Ok(centres)
}

#[cfg(test)]
mod tests;
