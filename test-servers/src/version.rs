//! The version of an installed server, read from what its `--version` prints.

use std::fmt;

/// Compares as versions do: 9.6 is older than 15.18.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u32>);

impl Version {
    /// The first word that begins with a digit, as far as it consists of numbers and dots.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let word = line.split_whitespace().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))?;
        let end = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(word.len());
        let numbers = word[..end].trim_end_matches('.').split('.').map(str::parse);
        numbers.collect::<Result<_, _>>().ok().map(Self)
    }

    /// The first number.
    pub fn major(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_from_what_servers_print() {
        for (line, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"),
            ("postgres (PostgreSQL) 18.6", "18.6"),
            ("postgres (PostgreSQL) 19beta1", "19"),
            ("mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)", "10.11.14"),
            ("mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)", "8.0.36"),
        ] {
            assert_eq!(Version::parse(line).unwrap().to_string(), expected);
        }
        assert_eq!(Version::parse("cannot open shared object file"), None);
        assert_eq!(Version::parse("99999999999 bottles"), None);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("9.6") < version("15.2"));
        assert!(version("15.2") < version("15.18"));
        assert_eq!(version("10.11.14").major(), 10);
    }
}
