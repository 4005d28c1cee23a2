//! Uniform random Euler paths.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use crate::error::Error;
use crate::shuffle::words::number_words;

/// A uniformly random sequence with the k-let counts of `tokens` and its first and last `k - 1` tokens.
///
/// `k = 1` is a plain shuffle, `k = 2` keeps dinucleotides. A sequence that is the only one of its counts (a homopolymer, one
/// of `k` tokens or fewer when `k > 1`) is returned as it is.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, shuffle::shuffle_klets};
/// use ckn_core::seed::Seed;
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGTTGCAAGGT")?;
/// let shuffled = shuffle_klets(sequences.sequence(0), 2, &mut Seed(1).stream("shuffle"))?;
/// let count = |tokens: &[u8], pair: [u8; 2]| tokens.windows(2).filter(|window| *window == pair).count();
/// assert_eq!(count(&shuffled, [2, 3]), count(sequences.sequence(0), [2, 3]));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for `k = 0`.
///
/// # Source
/// Altschul and Erickson 1985, with the tree of Wilson 1996 (algorithm `RandomTreeWithRoot`).
pub fn shuffle_klets(tokens: &[u8], k: usize, rng: &mut impl Rng) -> Result<Vec<u8>, Error> {
    if k == 0 {
        return Err(Error::Parameter { name: "k", got: 0.0, expected: "at least 1" });
    }
    let mut shuffled = tokens.to_vec();
    if k == 1 {
        shuffled.shuffle(rng);
    } else if tokens.len() > k {
        let mut graph = Graph::new(tokens, k - 1);
        graph.choose_last_edges(rng);
        graph.order_other_edges(rng);
        graph.walk(&mut shuffled, k - 1);
    }
    Ok(shuffled)
}

/// Words as vertices, steps from one word to the next as edges.
struct Graph {
    /// Edges that leave vertex `v` are `starts[v]..starts[v + 1]`.
    starts: Vec<usize>,
    /// The vertex that each edge leads to.
    targets: Vec<usize>,
    /// The last token of each vertex's word.
    last_tokens: Vec<u8>,
    first: usize,
    end: usize,
}

impl Graph {
    fn new(tokens: &[u8], width: usize) -> Self {
        let (path, vertices) = number_words(tokens, width);
        let mut starts = vec![0; vertices + 1];
        for &vertex in &path[..path.len() - 1] {
            starts[vertex + 1] += 1;
        }
        for vertex in 0..vertices {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; path.len() - 1];
        for step in path.windows(2) {
            targets[next[step[0]]] = step[1];
            next[step[0]] += 1;
        }
        let mut last_tokens = vec![0; vertices];
        for (&vertex, &token) in path.iter().zip(&tokens[width - 1..]) {
            last_tokens[vertex] = token;
        }
        Self { starts, targets, last_tokens, first: path[0], end: path[path.len() - 1] }
    }

    fn vertices(&self) -> usize {
        self.last_tokens.len()
    }

    /// Draws a uniform tree towards the end, and moves its edge to the end of the edges of each vertex.
    fn choose_last_edges(&mut self, rng: &mut impl Rng) {
        let mut in_tree = vec![false; self.vertices()];
        in_tree[self.end] = true;
        let mut chosen = vec![0; self.vertices()];
        for start in 0..self.vertices() {
            // A random walk to the tree; choosing an edge anew on each visit erases the loops.
            let mut vertex = start;
            while !in_tree[vertex] {
                chosen[vertex] = rng.random_range(self.starts[vertex]..self.starts[vertex + 1]);
                vertex = self.targets[chosen[vertex]];
            }
            let mut vertex = start;
            while !in_tree[vertex] {
                in_tree[vertex] = true;
                vertex = self.targets[chosen[vertex]];
            }
        }
        for vertex in (0..self.vertices()).filter(|&vertex| vertex != self.end) {
            self.targets.swap(chosen[vertex], self.starts[vertex + 1] - 1);
        }
    }

    fn order_other_edges(&mut self, rng: &mut impl Rng) {
        for vertex in 0..self.vertices() {
            let fixed = usize::from(vertex != self.end);
            self.targets[self.starts[vertex]..self.starts[vertex + 1] - fixed].shuffle(rng);
        }
    }

    /// Follows the edges in their order; the first word of `tokens` is there already.
    fn walk(&mut self, tokens: &mut [u8], width: usize) {
        let mut vertex = self.first;
        for token in &mut tokens[width..] {
            let edge = self.starts[vertex];
            self.starts[vertex] += 1;
            vertex = self.targets[edge];
            *token = self.last_tokens[vertex];
        }
    }
}
