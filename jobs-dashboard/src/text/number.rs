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
    fn small_shares_are_not_nothing() {
        let cases =
            [(1, 200, "0.5%"), (0, 200, "0%"), (1, 0, "0%"), (199, 200, "100%"), (99, 1_000, "9.9%"), (3, 20, "15%")];
        for (part, whole, expected) in cases {
            assert_eq!(Lang::English.percent(part, whole), expected, "{part} of {whole}");
        }
        assert_eq!(Lang::Turkish.percent(1, 200), "%0,5");
    }
}
