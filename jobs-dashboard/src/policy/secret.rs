//! Secrets that are compared in the same time whatever is given.

use std::fmt;

use jobs_runtime::{Error, Result};
use subtle::{Choice, ConstantTimeEq};

/// The longest secret, in bytes.
const LIMIT: usize = 256;

/// A password, token or name, padded to one length, so that neither its length nor where a guess goes wrong shows in the time.
pub(super) struct Secret {
    bytes: [u8; LIMIT],
    length: u64,
}

impl Secret {
    /// A secret of at least `shortest` bytes.
    pub(super) fn new(what: &str, text: &str, shortest: usize) -> Result<Self> {
        let length = text.len();
        if length < shortest.max(1) {
            return Err(Error::Config(format!(
                "{what} has {length} bytes, which can be guessed; give it at least {}",
                shortest.max(1)
            )));
        }
        if length > LIMIT {
            return Err(Error::Config(format!("{what} has {length} bytes, and the limit is {LIMIT}; shorten it")));
        }
        Ok(Self { bytes: padded(text.as_bytes()), length: length as u64 })
    }

    /// Whether it is this.
    pub(super) fn is(&self, given: &[u8]) -> Choice {
        padded(given).ct_eq(&self.bytes) & (given.len() as u64).ct_eq(&self.length)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

fn padded(text: &[u8]) -> [u8; LIMIT] {
    let mut bytes = [0; LIMIT];
    let length = text.len().min(LIMIT);
    bytes[..length].copy_from_slice(&text[..length]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_secret() {
        let secret = Secret::new("a password", "correct horse", 1).expect("a secret");
        let cases = [("correct horse", true), ("correct horsf", false), ("correct horse\0", false), ("", false)];
        for (given, expected) in cases {
            assert_eq!(bool::from(secret.is(given.as_bytes())), expected, "{given:?}");
        }
        let longest = Secret::new("a password", &"a".repeat(LIMIT), 1).expect("a secret");
        assert!(!bool::from(longest.is("a".repeat(LIMIT + 1).as_bytes())));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_refused_by_name() {
        for (text, shortest, expected) in [
            (String::new(), 1, "a token has 0 bytes, which can be guessed; give it at least 1"),
            ("short".to_owned(), 16, "a token has 5 bytes, which can be guessed; give it at least 16"),
            ("a".repeat(257), 1, "a token has 257 bytes, and the limit is 256; shorten it"),
        ] {
            let error = Secret::new("a token", &text, shortest).expect_err("a refusal");
            assert_eq!(error.to_string(), expected);
        }
    }
}
