//! Mutations of files.

use ckn::core::seed::Random;
use rand::{Rng, RngExt};

/// Longest input, in bytes.
const LONGEST: usize = 64 << 10;
/// Numbers that readers get wrong.
const NUMBERS: [&str; 16] = [
    "0",
    "-1",
    "1",
    "65536",
    "2147483648",
    "4294967296",
    "1099511627776",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "0.0000001",
];
/// Pieces that formats give a meaning to.
const PIECES: [&[u8]; 22] = [
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b"\0",
    b">",
    b"@",
    b"+",
    b"#",
    b"\"",
    b",",
    b";",
    b"=",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\x1b[31m",
    b"\xff",
    b"\xe2\x80\xae",
    b"\x1f\x8b",
    b"null",
];

/// A mutation of one of some seeds.
pub(crate) fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let pick = |random: &mut Random| seeds[random.random_range(0..seeds.len())].clone();
    let mut bytes = pick(random);
    let changes = if random.random_bool(0.5) { 1 } else { random.random_range(2..=8) };
    for _ in 0..changes {
        match random.random_range(0..12) {
            0 => at(&mut bytes, random, |byte, random| *byte ^= 1 << random.random_range(0..8)),
            1 => at(&mut bytes, random, |byte, random| *byte = random.random()),
            2 => at(&mut bytes, random, |byte, _| *byte = byte.wrapping_add(1)),
            3 => {
                let range = range(&bytes, random);
                bytes.drain(range);
            }
            4 => {
                let range = range(&bytes, random);
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, copy);
            }
            5 => {
                let place = random.random_range(0..=bytes.len());
                let piece = PIECES[random.random_range(0..PIECES.len())];
                bytes.splice(place..place, piece.iter().copied());
            }
            6 | 7 => replace_number(&mut bytes, random),
            8 => {
                let other = pick(random);
                let (here, there) = (random.random_range(0..=bytes.len()), random.random_range(0..=other.len()));
                bytes.truncate(here);
                bytes.extend_from_slice(&other[there..]);
            }
            9 => swap_lines(&mut bytes, random),
            10 => bytes.truncate(random.random_range(0..=bytes.len())),
            _ => {
                let range = range(&bytes, random);
                let value: u8 = random.random();
                bytes[range].fill(value);
            }
        }
        bytes.truncate(LONGEST);
    }
    // A file with a length in front is more than refused only if that is right.
    if let Some(fixed) = with_length(&bytes).filter(|_| random.random_bool(0.8)) {
        return fixed;
    }
    bytes
}

fn at(bytes: &mut [u8], random: &mut Random, change: impl Fn(&mut u8, &mut Random)) {
    if !bytes.is_empty() {
        let place = random.random_range(0..bytes.len());
        change(&mut bytes[place], random);
    }
}

/// A short stretch.
fn range(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let start = random.random_range(0..=bytes.len());
    let longest = 1usize << random.random_range(0..10);
    start..(start + random.random_range(0..=longest)).min(bytes.len())
}

/// Replaces one of the numbers that are written in digits.
fn replace_number(bytes: &mut Vec<u8>, random: &mut Random) {
    let is_digit = |place: &usize| bytes[*place].is_ascii_digit();
    let starts: Vec<usize> =
        (0..bytes.len()).filter(|place| is_digit(place) && (*place == 0 || !is_digit(&(place - 1)))).collect();
    if starts.is_empty() {
        return;
    }
    let start = starts[random.random_range(0..starts.len())];
    let end = (start..bytes.len()).find(|place| !is_digit(place)).unwrap_or(bytes.len());
    let number = NUMBERS[random.random_range(0..NUMBERS.len())];
    bytes.splice(start..end, number.bytes());
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    if lines.len() > 1 {
        let (first, second) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
        lines.swap(first, second);
        *bytes = lines.concat();
    }
}

/// A file of safetensors whose length in front is that of its header again.
fn with_length(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = bytes.get(8..).filter(|rest| rest.starts_with(b"{\"__metadata__\""))?;
    let mut depth = 0usize;
    let (mut quoted, mut escaped) = (false, false);
    for (place, &byte) in header.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let spaces = header[place + 1..].iter().take_while(|&&byte| byte == b' ').count();
                    let length = (place + 1 + spaces) as u64;
                    return Some([&length.to_le_bytes(), header].concat());
                }
            }
            _ => {}
        }
    }
    None
}

/// Random bytes as a whole.
pub(crate) fn noise(length: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use ckn::core::seed::Seed;

    use super::*;

    #[test]
    fn lengths_in_front_are_those_of_headers() {
        let header = br#"{"__metadata__":{"ckn":"{\"a\":{}}"},"t":{}}  "#;
        let file = [&999u64.to_le_bytes()[..], header, b"data"].concat();
        let fixed = with_length(&file).unwrap();
        assert_eq!(u64::from_le_bytes(fixed[..8].try_into().unwrap()), header.len() as u64);
        assert_eq!(&fixed[8..], &file[8..]);
        assert!(with_length(b">a\nACGT\n").is_none());
    }

    #[test]
    fn mutations_are_those_of_their_number_and_differ() {
        let seeds = vec![b">a 12\nACGT\n>b\nAC\n".to_vec(), b"x\t1\n".to_vec()];
        let draw = |number| mutated(&seeds, &mut Seed(0).stream_at("mutations", number));
        assert_eq!(draw(7), draw(7));
        let different: std::collections::BTreeSet<Vec<u8>> = (0..200).map(draw).collect();
        assert!(different.len() > 150);
    }
}
