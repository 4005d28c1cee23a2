//! Numbers as people read them.

/// A p-value or another small number: `0.032`, `4.3 × 10⁻⁹⁴`.
pub fn small(value: f64) -> String {
    if value >= 0.001 {
        return format!("{value:.3}");
    }
    let text = format!("{value:.1e}");
    let Some((digits, power)) = text.split_once('e') else { return text };
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        other => other.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(other),
    };
    if value <= 0.0 {
        "0".to_owned()
    } else {
        format!("{digits}\u{a0}×\u{a0}10{}", power.chars().map(raised).collect::<String>())
    }
}

/// A share in percent.
pub fn percent(part: usize, of: usize) -> String {
    let share = 100.0 * part as f64 / of.max(1) as f64;
    if share > 0.0 && share < 10.0 { format!("{share:.1}\u{a0}%") } else { format!("{share:.0}\u{a0}%") }
}

/// A whole number, its thousands apart.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            // Narrow, and no place to break a line.
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A duration: `below 0.1 s`, `0.4 s`, `12 min 5 s`, `3 h 7 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        _ if seconds < 0.1 => "below 0.1 s".to_owned(),
        0..=59 => format!("{seconds:.1} s"),
        60..=3599 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// A number with its sign, the true minus.
pub fn signed(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(
            [small(0.032), small(4.314e-94), small(1e-4), small(0.0)],
            ["0.032", "4.3\u{a0}×\u{a0}10⁻⁹⁴", "1.0\u{a0}×\u{a0}10⁻⁴", "0"]
        );
        assert_eq!([percent(1, 30), percent(223, 250), percent(0, 0)], ["3.3\u{a0}%", "89\u{a0}%", "0\u{a0}%"]);
        assert_eq!(
            [count(999), count(5084), count(10168), count(1_234_567)],
            ["999", "5084", "10\u{202f}168", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!([0.04, 0.42, 725.0, 11_220.0].map(duration), ["below 0.1 s", "0.4 s", "12 min 5 s", "3 h 7 min"]);
        assert_eq!(signed(-0.25, 1), "−0.2");
    }
}
