//! Files that a page holds: links that save them, without a request to anywhere.

/// A file inside of the page.
pub struct Download {
    /// What it is saved as.
    pub file: String,
    /// What it holds, in a word or two.
    pub what: String,
    /// Its address, which is its text.
    pub href: String,
}

impl Download {
    pub fn new(file: impl Into<String>, what: impl Into<String>, text: &[u8]) -> Self {
        Self { file: file.into(), what: what.into(), href: address(text) }
    }
}

/// A text as an address: what is no letter or digit is written as its number, but for a few signs that mean nothing there.
fn address(text: &[u8]) -> String {
    let mut address = String::with_capacity(text.len() + text.len() / 2 + 40);
    address.push_str("data:text/plain;charset=utf-8,");
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b',' | b'-' | b'_' | b'=' | b'+' | b'(' | b')' => {
                address.push(char::from(byte));
            }
            other => {
                let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase();
                address.extend(['%', digit(other >> 4), digit(other & 15)]);
            }
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_address_of_plain_letters() {
        let file = Download::new("a.txt", "a", "A C\t<b>\"'&\n%#é:/".as_bytes());
        assert_eq!(file.href, "data:text/plain;charset=utf-8,A%20C%09%3Cb%3E%22%27%26%0A%25%23%C3%A9%3A%2F");
    }
}
