//! Small text files: manifests, networks, tables of numbers.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::exit::Input;

/// Longest such file, in bytes.
const LONGEST: u64 = 16 << 20;

/// Reads a text file, or standard input if the path is `-`: not more of it than such a file has.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let failed = |cause: io::Error| Input(format!("{name} cannot be read: {cause}"));
    let mut bytes = Vec::new();
    let reader: Box<dyn Read> =
        if is_input { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    reader.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        let message = format!(
            "{name} has more than {} MiB, too many for such a file: check that it is the right one",
            LONGEST >> 20
        );
        return Err(Input(message).into());
    }
    let text = String::from_utf8(bytes).map_err(|_| Input(format!("{name} is not text: give a text file in UTF-8")))?;
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(Input(format!("{name}, line {line} holds a zero byte: give a text file in UTF-8")).into());
    }
    Ok(text)
}
