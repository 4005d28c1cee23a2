//! How much memory the program may hold.

use std::fs;

/// Part of the free memory that is taken by default.
const SHARE: (u64, u64) = (3, 4);
/// Where the system does not say what is free.
const UNKNOWN: u64 = 8 << 30;

/// Parses a number of bytes: `512M`, `8G`, `2.5GB`, or plain bytes.
pub fn parse(text: &str) -> Result<u64, String> {
    let wrong = || "an amount of memory is a number and a unit, such as 512M or 8G".to_owned();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit: f64 = match text[number.len()..].to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "" => 1.0,
        "K" => 1024.0,
        "M" => 1024f64.powi(2),
        "G" => 1024f64.powi(3),
        "T" => 1024f64.powi(4),
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<f64>().map_err(|_| wrong())? * unit;
    if bytes.is_finite() && bytes >= 1.0 { Ok(bytes as u64) } else { Err(wrong()) }
}

/// Three quarters of what is free: of the machine, of the group of processes, and of this one.
pub fn default_limit() -> u64 {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let machine = field(&read("/proc/meminfo"), "MemAvailable:").map(|kilobytes| kilobytes << 10);
    let group = read("/sys/fs/cgroup/memory.max").trim().parse().ok();
    let process = field(&read("/proc/self/limits"), "Max address space");
    let free = [machine, group, process].into_iter().flatten().min().unwrap_or(UNKNOWN);
    free / SHARE.1 * SHARE.0
}

/// The first number after a word at the beginning of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units() {
        for (text, bytes) in [("1", 1), ("512M", 512 << 20), ("8G", 8 << 30), ("8gb", 8 << 30), ("2.5KiB", 2560)] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "G", "0", "-1G", "nan", "1e999", "8X", "8 G"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn fields_are_found_at_the_beginning_of_lines() {
        let text = "MemTotal:       24000 kB\nMemAvailable:    9000 kB\nMax address space         unlimited            bytes\n";
        assert_eq!(field(text, "MemAvailable:"), Some(9000));
        assert_eq!(field(text, "Max address space"), None);
        assert_eq!(field(text, "kB"), None);
    }
}
