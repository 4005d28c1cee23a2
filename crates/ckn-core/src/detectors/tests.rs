//! Detectors: values and gradients against their definition.

use super::*;

fn table() -> LetterTable {
    LetterTable::new(4, &[0.25; 4], Some(&[3, 2, 1, 0, 4])).unwrap()
}

/// Filters whose numbers are small multiples of 1/8, so that sums are exact.
fn filters(count: usize, width: usize) -> Vec<f32> {
    (0..count * 4 * width).map(|index| ((index * 37 + index / 7 * 11) % 31) as f32 / 8.0 - 1.5).collect()
}

/// From vectors, letter by letter.
fn by_definition(filter: &[f32], width: usize, tokens: &[u8], bias: f32) -> f32 {
    let table = table();
    let value = |letter: usize, at: isize| match usize::try_from(at).ok().and_then(|at| tokens.get(at)) {
        Some(&token) => table.vector(token)[letter] as f32,
        None => 0.25,
    };
    let windows = 1 - width as isize..tokens.len() as isize;
    let responses = windows.map(|start| {
        let terms = (0..4 * width).map(|i| filter[i] * value(i / width, start + (i % width) as isize));
        bias + terms.sum::<f32>()
    });
    responses.fold(f32::NEG_INFINITY, f32::max)
}

#[test]
fn best_responses_equal_their_definition_on_both_strands_and_on_short_sequences() {
    let (count, width) = (19, 5);
    let filters = filters(count, width);
    let biases: Vec<f32> = (0..count).map(|k| k as f32 / 4.0).collect();
    let detectors = Detectors::new(&filters, &biases, width, &table()).unwrap();
    let mut responses = Responses::default();
    for tokens in [&[0u8, 1, 2, 3, 4, 3, 3, 0, 1][..], &[2, 4], &[1]] {
        let complement: Vec<u8> = tokens.iter().rev().map(|&token| [3, 2, 1, 0, 4][usize::from(token)]).collect();
        for (reverse, strand) in [(false, tokens), (true, &complement[..])] {
            detectors.respond(tokens, reverse, &mut responses).unwrap();
            for k in 0..count {
                let filter = &filters[k * 4 * width..][..4 * width];
                let expected = by_definition(filter, width, strand, biases[k]);
                assert_eq!(responses.values[k], expected, "{tokens:?} {reverse} {k}");
            }
        }
    }
}

#[test]
fn so_many_filters_that_rows_are_those_of_letters_respond_alike() {
    let (count, width) = (15_000, 5);
    let filters = filters(count, width);
    let (many, few) = (Detectors::new(&filters, &vec![0.5; count], width, &table()).unwrap(), 40);
    let few = Detectors::new(&filters[..few * 4 * width], &vec![0.5; few], width, &table()).unwrap();
    assert_eq!((many.span, few.span), (1, 2));
    let (mut of_many, mut of_few) = (Responses::default(), Responses::default());
    for reverse in [false, true] {
        many.respond(&[0, 3, 4, 1, 2, 2, 0], reverse, &mut of_many).unwrap();
        few.respond(&[0, 3, 4, 1, 2, 2, 0], reverse, &mut of_few).unwrap();
        assert_eq!(of_many.values[..40], of_few.values);
        assert_eq!(of_many.places[..40], of_few.places);
    }
}

#[test]
fn the_gradient_is_the_window_of_each_maximum() {
    let (count, width) = (3, 4);
    let mut weights = filters(count, width);
    let table = table();
    let detectors = Detectors::new(&weights, &[0.0; 3], width, &table).unwrap();
    let (tokens, upstream) = ([0u8, 4, 2, 3, 1, 0], [1.0f32, 0.0, -2.0]);
    let mut responses = Responses::default();
    detectors.respond(&tokens, false, &mut responses).unwrap();
    let mut gradient = vec![0.0; weights.len()];
    detectors.pull_back(&responses, &upstream, &mut gradient).unwrap();
    let objective = |weights: &[f32]| {
        let mut responses = Responses::default();
        let detectors = Detectors::new(weights, &[0.0; 3], width, &table).unwrap();
        detectors.respond(&tokens, false, &mut responses).unwrap();
        responses.values.iter().zip(&upstream).map(|(value, slope)| value * slope).sum::<f32>()
    };
    // Exact in these numbers, and small enough not to change a maximum.
    let step = 1.0 / 1024.0;
    for index in 0..weights.len() {
        let before = weights[index];
        weights[index] = before + step;
        let above = objective(&weights);
        weights[index] = before - step;
        let below = objective(&weights);
        weights[index] = before;
        assert_eq!((above - below) / (2.0 * step), gradient[index], "{index}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (table, one) = (table(), filters(1, 2));
    assert!(Detectors::new(&one, &[0.0; 2], 2, &table).is_err());
    assert!(Detectors::new(&[], &[], 2, &table).is_err());
    let mut detectors = Detectors::new(&one, &[0.0], 2, &table).unwrap();
    assert!(detectors.set(&one[1..], &[0.0]).is_err());
    assert!(detectors.respond(&[], false, &mut Responses::default()).is_err());
    let forward = LetterTable::new(4, &[], None).unwrap();
    let detectors = Detectors::new(&one, &[0.0], 2, &forward).unwrap();
    assert_eq!(detectors.respond(&[0], true, &mut Responses::default()), Err(Error::NoComplement));
}
