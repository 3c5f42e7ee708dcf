//! Numbers as people of a language write them.

use super::Lang;

impl Lang {
    /// A count, in groups of three digits.
    pub(crate) fn count(self, number: i64) -> String {
        let separator = match self {
            Self::English => ',',
            Self::Turkish => '.',
        };
        let digits = number.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
        if number < 0 {
            text.push('\u{2212}');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// A number of bytes by its largest unit: `512 B`, `1.5 MB`, `23 GB`.
    pub(crate) fn bytes(self, number: i64) -> String {
        const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
        let (mut size, mut unit) = (number.max(0) as f64, 0);
        while size >= 999.5 && unit < UNITS.len() - 1 {
            size /= 1_000.0;
            unit += 1;
        }
        let text = if unit > 0 && size < 9.95 { format!("{size:.1}") } else { format!("{size:.0}") };
        match self {
            Self::English => format!("{text} {}", UNITS[unit]),
            Self::Turkish => format!("{} {}", text.replace('.', ","), UNITS[unit]),
        }
    }

    /// A number that is not whole, with one digit below ten: `0.5`, `1,205`.
    pub(crate) fn about(self, number: f64) -> String {
        if number < 9.95 {
            let text = format!("{number:.1}");
            return if self == Self::Turkish { text.replace('.', ",") } else { text };
        }
        // What is too large for a count is no number that people read.
        self.count(number.round() as i64)
    }

    /// A share in percent, with one digit below ten: `0.5 %` of 1 in 200.
    pub(crate) fn percent(self, part: i64, whole: i64) -> String {
        let share = if whole > 0 { part as f64 / whole as f64 * 100.0 } else { 0.0 };
        let number = if share > 0.0 && share < 9.95 { format!("{share:.1}") } else { format!("{share:.0}") };
        match self {
            Self::English => format!("{number}%"),
            Self::Turkish => format!("%{}", number.replace('.', ",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_whole_has_one_digit() {
        for (number, english, turkish) in
            [(0.04, "0.0", "0,0"), (9.94, "9.9", "9,9"), (9.96, "10", "10"), (1_204.6, "1,205", "1.205")]
        {
            assert_eq!((Lang::English.about(number), Lang::Turkish.about(number)), (english.into(), turkish.into()));
        }
    }

    #[test]
    fn counts_are_grouped() {
        let cases = [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1.000"),
            (1_234_567, "1,234,567", "1.234.567"),
            (-1_234, "\u{2212}1,234", "\u{2212}1.234"),
            (i64::MIN, "\u{2212}9,223,372,036,854,775,808", "\u{2212}9.223.372.036.854.775.808"),
        ];
        for (number, english, turkish) in cases {
            assert_eq!(
                (Lang::English.count(number).as_str(), Lang::Turkish.count(number).as_str()),
                (english, turkish)
            );
        }
    }

    #[test]
    fn sizes_have_one_unit() {
        let cases = [
            (0, "0 B"),
            (-1, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (23_400_000_000, "23 GB"),
            (i64::MAX, "9223 PB"),
        ];
        for (number, expected) in cases {
            assert_eq!(Lang::English.bytes(number), expected, "{number}");
        }
        assert_eq!(Lang::Turkish.bytes(1_500_000), "1,5 MB");
    }

    #[test]
    fn small_shares_are_not_nothing() {
        let cases =
            [(1, 200, "0.5%"), (0, 200, "0%"), (1, 0, "0%"), (199, 200, "100%"), (99, 1_000, "9.9%"), (3, 20, "15%")];
        for (part, whole, expected) in cases {
            assert_eq!(Lang::English.percent(part, whole), expected, "{part} of {whole}");
        }
        assert_eq!(Lang::Turkish.percent(1, 200), "%0,5");
    }
}
