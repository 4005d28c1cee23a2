//! The background of a MEME file.

use crate::error::{Error, MotifError};
use crate::motif::Background;
use crate::motif::io::letters::Letters;
use crate::motif::io::lines::Lines;
use crate::motif::io::numbers::{number, words};
use crate::place::shown;

/// Reads letters and frequencies from the lines after the current one, up to one that does not start with a letter of its own
/// or until all letters of the file have their frequency. Without an alphabet the letters say which it is.
pub(super) fn read(lines: &mut Lines, known: Option<&Letters>) -> Result<(Letters, Background), Error> {
    let start = lines.number();
    let (mut letters, mut frequencies) = (Vec::new(), Vec::new());
    while known.is_none_or(|known| letters.len() < known.len()) && lines.advance()? {
        let text = lines.text();
        if !words(text).next().is_some_and(|word| word.len() == 1 && word[0].is_ascii_alphabetic()) {
            lines.again();
            break;
        }
        let mut words = words(text);
        while let Some(letter) = words.next() {
            let value = words.next().unwrap_or_default();
            match (letter, number(value)) {
                ([letter], Some(frequency)) => {
                    letters.push(*letter);
                    frequencies.push(frequency);
                }
                _ => {
                    return Err(MotifError::Field {
                        at: lines.at(),
                        field: "a frequency of the background",
                        got: shown(&[letter, b" ", value].concat()),
                        expected: "a letter and a number: correct the line",
                    }
                    .into());
                }
            }
        }
    }
    let unknown = || MotifError::Letters { at: lines.place(start), got: shown(&letters) };
    let found = Letters::of(&letters).ok_or_else(unknown)?;
    if known.is_some_and(|known| known.alphabet() != found.alphabet()) {
        return Err(MotifError::Field {
            at: lines.place(start),
            field: "the list of letters of the background",
            got: shown(&letters),
            expected: "the letters of the alphabet: correct either",
        }
        .into());
    }
    found.sort(&mut frequencies);
    let background = Background::new(found.alphabet(), &frequencies).map_err(|error| match error {
        Error::Motif(cause) => MotifError::AtLine { at: lines.place(start), cause: Box::new(cause) }.into(),
        other => other,
    })?;
    Ok((Letters::sorted(found.alphabet()), background))
}
