//! Shuffles that keep the composition of a sequence: the usual negatives for a motif search.
//!
//! A shuffle of order `k` keeps the number of every k-let (word of `k` letters), the first and the last `k - 1` letters, and
//! nothing else: every such sequence is equally likely.
//!
//! Words of `k - 1` letters are the vertices of a graph, each k-let is an edge, and the sequence is a path over all edges
//! (Euler). Such a path is given by the order in which edges leave each vertex, where the *last* edges of all vertices but
//! the final one must form a tree that leads to the final vertex. A uniform tree with uniform orders of the other edges is a
//! uniform path.
//!
//! Source: S. F. Altschul and B. W. Erickson, Mol. Biol. Evol. 2 (1985) 526; trees by D. B. Wilson, STOC 1996, 296, in
//! place of their rejection, as in M. Jiang et al., BMC Bioinformatics 9 (2008) 192 (uShuffle).

mod euler;
mod negatives;
mod words;

pub use euler::shuffle_klets;
pub use negatives::shuffled_negatives;
