//! Where motifs go.

use rand::{Rng, RngExt};

use crate::error::Error;
use crate::motif::Motif;

/// The strand of a planted motif.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strand {
    /// As the motif is written.
    Forward,
    /// As its reverse complement.
    Reverse,
}

/// The strands that motifs are planted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PlantedStrands {
    /// The forward strand alone.
    Forward,
    /// Either, with probability ½.
    #[default]
    Both,
}

/// The positions that motifs are planted at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Positions {
    /// Any: every arrangement without overlap is equally likely.
    #[default]
    Uniform,
    /// One start for each motif, counted from 0.
    Given(Vec<usize>),
    /// One after the other with as many letters between them, all at any one place, and on the same strand: where they stand on the
    /// reverse strand, the last comes first.
    Spaced(usize),
}

/// One motif that was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Planted {
    /// The sequence, counted from 0.
    pub record: usize,
    /// The motif, counted from 0.
    pub motif: usize,
    /// First position of the site in the sequence, counted from 0.
    pub position: usize,
    /// The strand that the motif reads on.
    pub strand: Strand,
}

impl Positions {
    /// Checks that all motifs fit into `length` letters together.
    pub(crate) fn check(&self, motifs: &[Motif], length: usize) -> Result<(), Error> {
        match self {
            Self::Uniform => {
                let width = motifs.iter().map(Motif::width).sum();
                if width <= length { Ok(()) } else { Err(Error::MotifsTooWide { width, length }) }
            }
            Self::Spaced(gap) => {
                let width = spaced(motifs.iter(), *gap);
                if width.is_some_and(|width| width <= length) {
                    Ok(())
                } else {
                    Err(Error::MotifsTooWide { width: width.unwrap_or(usize::MAX), length })
                }
            }
            Self::Given(starts) if starts.len() != motifs.len() => Err(Error::Parameter {
                name: "number of positions",
                got: starts.len() as f64,
                expected: "one per motif",
            }),
            Self::Given(starts) => {
                let mut sites: Vec<(usize, &Motif)> = starts.iter().copied().zip(motifs).collect();
                sites.sort_by_key(|(start, _)| *start);
                let mut free = length;
                for &(position, motif) in sites.iter().rev() {
                    if position.checked_add(motif.width()).is_none_or(|end| end > free) {
                        return Err(Error::MotifPosition { motif: motif.name.clone(), position });
                    }
                    free = position;
                }
                Ok(())
            }
        }
    }

    /// The start of each chosen motif, and the strand that all stand on, where it is the same. Needs [`Self::check`].
    pub(crate) fn place(
        &self,
        motifs: &[Motif],
        chosen: &[usize],
        length: usize,
        strands: PlantedStrands,
        rng: &mut impl Rng,
    ) -> (Vec<(usize, usize)>, Option<Strand>) {
        match self {
            Self::Given(starts) => (chosen.iter().map(|&motif| (motif, starts[motif])).collect(), None),
            Self::Uniform => (place_without_overlap(motifs, chosen, length, rng), None),
            Self::Spaced(gap) => {
                let width = spaced(chosen.iter().map(|&motif| &motifs[motif]), *gap).unwrap_or(length);
                let mut position = rng.random_range(0..=length.saturating_sub(width));
                let strand = strands.draw(rng);
                let mut order = chosen.to_vec();
                if strand == Strand::Reverse {
                    order.reverse();
                }
                let place = |motif: usize| {
                    let start = position;
                    position += motifs[motif].width() + gap;
                    (motif, start)
                };
                (order.into_iter().map(place).collect(), Some(strand))
            }
        }
    }
}

impl PlantedStrands {
    pub(crate) fn draw(self, rng: &mut impl Rng) -> Strand {
        let reverse = self == Self::Both && rng.random_bool(0.5);
        if reverse { Strand::Reverse } else { Strand::Forward }
    }
}

/// Letters of motifs with a gap between each two; `None` if they are more than can be counted.
fn spaced<'m>(motifs: impl Iterator<Item = &'m Motif>, gap: usize) -> Option<usize> {
    let mut width: Option<usize> = None;
    for motif in motifs {
        let before = width.map_or(Some(0), |width| width.checked_add(gap))?;
        width = Some(before.checked_add(motif.width())?);
    }
    Some(width.unwrap_or(0))
}

/// Motifs in random order among the free letters: drawing which of `free + motifs` slots hold motifs is drawing one of all
/// arrangements.
fn place_without_overlap(motifs: &[Motif], chosen: &[usize], length: usize, rng: &mut impl Rng) -> Vec<(usize, usize)> {
    let width: usize = chosen.iter().map(|&motif| motifs[motif].width()).sum();
    let slots = length - width + chosen.len();
    let mut taken: Vec<(usize, usize)> = Vec::with_capacity(chosen.len());
    for &motif in chosen {
        let slot = loop {
            let slot = rng.random_range(0..slots);
            if taken.iter().all(|&(other, _)| other != slot) {
                break slot;
            }
        };
        taken.push((slot, motif));
    }
    taken.sort_unstable();
    let mut widened = 0;
    let sites = taken.iter().map(|&(slot, motif)| {
        let position = slot + widened;
        widened += motifs[motif].width() - 1;
        (motif, position)
    });
    sites.collect()
}
