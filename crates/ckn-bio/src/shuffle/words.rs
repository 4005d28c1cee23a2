//! Numbers for the words of a sequence.

/// The words of `width` tokens at every position of a sequence, numbered from 0 without gaps.
///
/// Returns the number of the word at each position, and how many words there are. Needs `1 <= width <= tokens.len()`.
pub(crate) fn number_words(tokens: &[u8], width: usize) -> (Vec<usize>, usize) {
    let base = tokens.iter().max().map_or(1, |&token| usize::from(token) + 1);
    // A table of all possible words is faster than sorting while filling it with zeros costs no more than reading.
    let dense = u32::try_from(width).ok().and_then(|width| base.checked_pow(width));
    match dense.filter(|&words| words <= 256.max(4 * tokens.len())) {
        Some(words) => number_by_code(tokens, width, base, words),
        None => number_by_order(tokens, width),
    }
}

fn number_by_code(tokens: &[u8], width: usize, base: usize, words: usize) -> (Vec<usize>, usize) {
    const UNSEEN: usize = usize::MAX;
    let mut number_of = vec![UNSEEN; words];
    let mut count = 0;
    let mut code = 0;
    let mut numbers = Vec::with_capacity(tokens.len());
    for (index, &token) in tokens.iter().enumerate() {
        code = (code * base + usize::from(token)) % words;
        if index + 1 >= width {
            if number_of[code] == UNSEEN {
                number_of[code] = count;
                count += 1;
            }
            numbers.push(number_of[code]);
        }
    }
    (numbers, count)
}

fn number_by_order(tokens: &[u8], width: usize) -> (Vec<usize>, usize) {
    let positions = tokens.len() + 1 - width;
    let word = |position: usize| &tokens[position..position + width];
    let mut order: Vec<usize> = (0..positions).collect();
    order.sort_unstable_by(|&a, &b| word(a).cmp(word(b)));
    let mut numbers = vec![0; positions];
    let mut count = 0;
    for (rank, &position) in order.iter().enumerate() {
        if rank > 0 && word(order[rank - 1]) != word(position) {
            count += 1;
        }
        numbers[position] = count;
    }
    (numbers, count + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numberings_tell_the_same_words_apart() {
        let tokens: Vec<u8> = (0..200u32).map(|i| ((i * i * 7 + i / 3) % 4) as u8).collect();
        for width in 1..6 {
            let (by_code, codes) = number_by_code(&tokens, width, 4, 4usize.pow(width as u32));
            let (by_order, ranks) = number_by_order(&tokens, width);
            assert_eq!(codes, ranks);
            for a in 0..by_code.len() {
                for b in 0..a {
                    assert_eq!(by_code[a] == by_code[b], by_order[a] == by_order[b]);
                    assert_eq!(by_code[a] == by_code[b], tokens[a..a + width] == tokens[b..b + width]);
                }
            }
        }
    }
}
