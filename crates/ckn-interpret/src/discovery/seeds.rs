//! Words that stand in more positives than negatives.

use ckn_bio::EncodedSequences;
use rayon::prelude::*;

/// Most words of a shape, so that their counts stay in the caches.
const MOST_WORDS: usize = 1 << 20;
/// Letters of a word on either side of a gap, and the widest gap.
const HALF: usize = 4;
const WIDEST_GAP: usize = 10;
/// Fewest positives with a word.
const FEWEST: u32 = 4;
/// Of a motif, words that lie on one another by all letters but so many are one.
const SHIFT: usize = 3;

/// A word, with a gap or without.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seed {
    /// Letters; none in the gap.
    pub(super) letters: Vec<Option<u8>>,
}

/// Where the letters of a word stand.
#[derive(Debug, Clone, Copy)]
struct Shape {
    letters: usize,
    /// After the first half; 0 for none.
    gap: usize,
}

impl Shape {
    fn width(self) -> usize {
        self.letters + self.gap
    }

    /// Places of the letters.
    fn places(self) -> impl Iterator<Item = usize> + Clone {
        (0..self.letters).map(move |at| if self.gap > 0 && at >= self.letters / 2 { at + self.gap } else { at })
    }
}

/// The words with the most support, the best first, those of one motif once.
pub(super) fn seeds(
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    both_strands: bool,
    most: usize,
) -> Vec<Seed> {
    let letters = positives.alphabet().letter_count();
    let fits = |&count: &usize| letters.checked_pow(count as u32).is_some_and(|words| words <= MOST_WORDS);
    let whole = [3, 4, 6, 8, 10].into_iter().filter(|&count| letters.pow(count as u32) >= 4096).filter(fits);
    let mut shapes: Vec<Shape> = whole.map(|letters| Shape { letters, gap: 0 }).collect();
    if fits(&(2 * HALF)) {
        shapes.extend((1..=WIDEST_GAP).map(|gap| Shape { letters: 2 * HALF, gap }));
    }
    let best_of = |shape: &Shape| best_words(positives, negatives, both_strands, *shape, 8 * most);
    let mut words: Vec<(f64, Seed)> = shapes.par_iter().flat_map_iter(best_of).collect();
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut chosen: Vec<Seed> = Vec::new();
    for (_, seed) in words {
        if chosen.len() == most {
            break;
        }
        let turned = both_strands.then(|| turned(&seed, positives));
        let alike =
            |other: &Seed| overlap(&seed, other) || turned.as_ref().is_some_and(|turned| overlap(turned, other));
        // Two of a kind are tried: a shape may fit where another does not.
        if chosen.iter().filter(|other| alike(other)).count() < 2 {
            chosen.push(seed);
        }
    }
    chosen
}

/// The other strand of a word.
fn turned(seed: &Seed, sequences: &EncodedSequences) -> Seed {
    let complement = sequences.alphabet().table().complement().unwrap_or(&[]);
    let letters = seed.letters.iter().rev();
    Seed { letters: letters.map(|letter| letter.map(|letter| complement[usize::from(letter)])).collect() }
}

/// Whether two words agree, shifted a little, wherever both have a letter, in most of their letters.
fn overlap(first: &Seed, second: &Seed) -> bool {
    let known = |seed: &Seed| seed.letters.iter().flatten().count();
    let needed = known(first).min(known(second)).saturating_sub(SHIFT);
    let reach = SHIFT as isize;
    (-reach..=reach).any(|shift| {
        let mut same = 0;
        for (at, letter) in first.letters.iter().enumerate() {
            let Some(place) = at.checked_add_signed(shift) else { continue };
            let (Some(letter), Some(Some(other))) = (letter, second.letters.get(place)) else { continue };
            if letter != other {
                return false;
            }
            same += 1;
        }
        same >= needed
    })
}

/// Words of a shape by their support, less what the best of so many has by chance.
fn best_words(
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    both_strands: bool,
    shape: Shape,
    most: usize,
) -> Vec<(f64, Seed)> {
    let letters = positives.alphabet().letter_count();
    let (with, without) =
        (sequences_with(positives, both_strands, shape), sequences_with(negatives, both_strands, shape));
    let share = positives.len() as f64 / (positives.len() + negatives.len()) as f64;
    let chance = (with.len() as f64).ln();
    let supported = with.iter().zip(&without).enumerate().filter(|(_, (with, _))| **with >= FEWEST);
    let supported = supported.map(|(code, (&with, &without))| (support(with, without, share) - chance, code));
    let mut words: Vec<(f64, usize)> = supported.collect();
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    words.truncate(most);
    let seed = |code: usize| {
        let mut seed = vec![None; shape.width()];
        let mut rest = code;
        for place in shape.places().collect::<Vec<_>>().into_iter().rev() {
            seed[place] = Some((rest % letters) as u8);
            rest /= letters;
        }
        Seed { letters: seed }
    };
    words.into_iter().map(|(support, code)| (support, seed(code))).collect()
}

/// How surprising it is that so many of the sequences with something are positive, `K·KL(k/K ‖ share)` in nats; 0 where they are not
/// more than their share.
pub(super) fn support(with: u32, without: u32, share: f64) -> f64 {
    let all = f64::from(with) + f64::from(without);
    let rate = f64::from(with) / all.max(1.0);
    if rate <= share {
        return 0.0;
    }
    let term = |rate: f64, share: f64| if rate > 0.0 { rate * (rate / share).ln() } else { 0.0 };
    all * (term(rate, share) + term(1.0 - rate, 1.0 - share))
}

/// In how many sequences each word of a shape stands, on either strand the word of the smaller code.
fn sequences_with(sequences: &EncodedSequences, both_strands: bool, shape: Shape) -> Vec<u32> {
    let alphabet = sequences.alphabet();
    let letters = alphabet.letter_count();
    let words = letters.pow(shape.letters as u32);
    let (mut counts, mut last) = (vec![0u32; words], vec![u32::MAX; words]);
    let complement = alphabet.table().complement().filter(|_| both_strands);
    let places: Vec<usize> = shape.places().collect();
    for (record, tokens) in (0..u32::MAX).zip(sequences.iter()) {
        for window in tokens.windows(shape.width()) {
            let code = |token: &dyn Fn(usize) -> usize| {
                places.iter().try_fold(0, |code, &place| {
                    let token = token(place);
                    (token < letters).then_some(code * letters + token)
                })
            };
            let Some(forward) = code(&|place| usize::from(window[place])) else { continue };
            let width = window.len();
            let reverse = complement
                .and_then(|complement| code(&|place| usize::from(complement[usize::from(window[width - 1 - place])])));
            let code = reverse.map_or(forward, |reverse| forward.min(reverse));
            if last[code] != record {
                last[code] = record;
                counts[code] += 1;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use ckn_bio::Alphabet;

    use super::*;

    fn of(letters: &[&str]) -> EncodedSequences {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        for (at, letters) in letters.iter().enumerate() {
            sequences.push(&format!("s{at}"), letters.as_bytes()).unwrap();
        }
        sequences
    }

    #[test]
    fn words_are_counted_once_a_sequence_on_either_strand() {
        let shape = Shape { letters: 2, gap: 0 };
        // AC, CA, AC | GT, which is AC on the other strand | nothing: unknown.
        let counts = sequences_with(&of(&["ACAC", "GT", "ANC"]), true, shape);
        assert_eq!((counts[1], counts.iter().sum::<u32>()), (2, 3));
        let counts = sequences_with(&of(&["ACAC", "GT", "ANC"]), false, shape);
        assert_eq!((counts[1], counts[11]), (1, 1));
        // A gap is passed over, whatever stands in it.
        let gapped = sequences_with(&of(&["ANC", "AAC"]), false, Shape { letters: 2, gap: 1 });
        assert_eq!(gapped[1], 2);
    }

    #[test]
    fn support_is_that_of_the_formula() {
        // 30 of 40 where half are expected: 40 (0.75 ln 1.5 + 0.25 ln 0.5).
        assert!((support(30, 10, 0.5) - 40.0 * (0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln())).abs() < 1e-12);
        assert!((support(10, 0, 0.5) - 10.0 * 2f64.ln()).abs() < 1e-12);
        assert_eq!(support(10, 10, 0.5), 0.0);
        assert_eq!(support(0, 0, 0.5), 0.0);
    }

    #[test]
    fn words_of_one_motif_are_chosen_twice_at_most() {
        let positives: Vec<String> =
            (0..40).map(|at| format!("{}TGACTCAT", ["AC", "GT", "CC", "AG"][at % 4])).collect();
        let negatives: Vec<String> =
            (0..40).map(|at| format!("{}CCGGAACC", ["AC", "GT", "CC", "AG"][at % 4])).collect();
        let texts = |texts: &[String]| of(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let found = seeds(&texts(&positives), &texts(&negatives), true, 8);
        assert!(!found.is_empty() && found.len() <= 8);
        let word = |seed: &Seed| {
            seed.letters
                .iter()
                .map(|letter| letter.map_or('.', |letter| ['A', 'C', 'G', 'T'][usize::from(letter)]))
                .collect::<String>()
        };
        let first = word(&found[0]);
        assert!("TGACTCAT ATGAGTCA".split(' ').any(|site| site.contains(&first)), "{first}");
    }
}
