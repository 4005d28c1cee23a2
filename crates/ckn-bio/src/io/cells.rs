//! The cells of one line of a table.

/// Cells of the last line that was split, in memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A quote that was not closed at the end of its cell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpenQuote;

impl Cells {
    /// Splits a line. A cell that starts with `"` ends with `"`, and holds `""` for a quote (RFC 4180, without line ends in
    /// cells).
    pub(crate) fn split(&mut self, line: &[u8], delimiter: u8) -> Result<(), OpenQuote> {
        self.text.clear();
        self.ends.clear();
        let mut rest = line;
        loop {
            let after = match rest.strip_prefix(b"\"") {
                Some(quoted) => self.take_quoted(quoted)?,
                None => {
                    let end = rest.iter().position(|&byte| byte == delimiter).unwrap_or(rest.len());
                    self.text.extend_from_slice(&rest[..end]);
                    &rest[end..]
                }
            };
            self.ends.push(self.text.len());
            match after.split_first() {
                None => return Ok(()),
                Some((byte, next)) if *byte == delimiter => rest = next,
                Some(_) => return Err(OpenQuote),
            }
        }
    }

    fn take_quoted<'a>(&mut self, mut rest: &'a [u8]) -> Result<&'a [u8], OpenQuote> {
        loop {
            let end = rest.iter().position(|&byte| byte == b'"').ok_or(OpenQuote)?;
            self.text.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix(b"\"") {
                Some(next) => {
                    self.text.push(b'"');
                    rest = next;
                }
                None => return Ok(rest),
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One cell, without spaces around it; empty if there is none.
    pub(crate) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        match (start, self.ends.get(index)) {
            (Some(start), Some(&end)) => self.text[start..end].trim_ascii(),
            _ => &[],
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_split_into_cells_as_rfc_4180_says() {
        let table: [(&str, &[&str]); 7] = [
            ("a,b", &["a", "b"]),
            ("a,,", &["a", "", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"hi\"\"\",1", &["say \"hi\"", "1"]),
            ("\"\",x", &["", "x"]),
            ("a\"b, c ", &["a\"b", "c"]),
            ("one", &["one"]),
        ];
        for (line, expected) in table {
            let mut cells = Cells::default();
            assert_eq!(cells.split(line.as_bytes(), b','), Ok(()), "{line}");
            assert!(cells.iter().eq(expected.iter().map(|cell| cell.as_bytes())), "{line}");
        }
        for line in ["\"open", "\"a\"b,c", "\"a\"\"", "x,\"y"] {
            assert_eq!(Cells::default().split(line.as_bytes(), b','), Err(OpenQuote), "{line}");
        }
    }
}
