//! Names for databases and schemas that no other test has, and secrets that nobody guesses.

use std::hash::{BuildHasher, RandomState};

/// What every engine takes as an identifier without quotes and without cutting it.
const LONGEST: usize = 40;

/// A name for a database or a schema: unique over all processes, of small letters, digits and `_`, at most 40 long.
///
/// It begins with what can be kept of `prefix`.
pub fn fresh_name(prefix: &str) -> String {
    let suffix = format!("_{:016x}", random());
    let mut name: String = prefix
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .take(LONGEST - suffix.len())
        .collect();
    if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        name.insert(0, 't');
        name.truncate(LONGEST - suffix.len());
    }
    name + &suffix
}

pub(crate) fn secret() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// The standard library draws the keys of its hash maps from the system, anew for each thread and process, and counts
/// on from there.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn names_are_identifiers() {
        for prefix in ["claim", "", "9 lives", "Grüße", "storage::claim::two servers, one job, and a very long story"]
        {
            let name = fresh_name(prefix);
            assert!(name.len() <= LONGEST, "{name}");
            assert!(name.starts_with(|letter: char| letter.is_ascii_lowercase()), "{name}");
            let is_legal = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            assert!(name.chars().all(is_legal), "{name}");
        }
        assert!(fresh_name("Claim-Two").starts_with("claim_two_"));
    }

    #[test]
    fn names_are_unique_over_threads() {
        let threads: Vec<_> =
            (0..4).map(|_| thread::spawn(|| (0..500).map(|_| fresh_name("a")).collect::<Vec<_>>())).collect();
        let names: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(names.len(), 2000);
    }
}
