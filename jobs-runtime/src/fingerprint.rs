//! Which errors are alike: the first line of an error with everything made alike that differs from one job to the next. Pure.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::id::ParseIdError;

/// What the ids of groups are made with; never change it.
const GROUPS: Uuid = Uuid::from_u128(0x6a6f_6273_2e65_4572_8373_0000_6772_6f75);
/// So many letters of a first line count.
const LETTERS: usize = 300;

/// A group of errors of one kind that are alike. The same errors have the same id in every database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorId(Uuid);

impl ErrorId {
    /// The group of a job of this kind that ended with this text.
    ///
    /// ```
    /// # use jobs::ErrorId;
    /// let one = ErrorId::of("shop::mail", "no mailbox 17 at 10.0.0.7:25");
    /// assert_eq!(one, ErrorId::of("shop::mail", "no mailbox 4711 at 10.0.1.9:587\ncaused by: ..."));
    /// assert_ne!(one, ErrorId::of("shop::mail", "no such host"));
    /// ```
    pub fn of(kind: &str, text: &str) -> Self {
        Self::titled(kind, &title(text))
    }

    pub(crate) fn titled(kind: &str, title: &str) -> Self {
        // A kind has no control characters, so no two pairs make one text.
        Self(Uuid::new_v5(&GROUPS, format!("{kind}\0{title}").as_bytes()))
    }

    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id that these 16 bytes stand for.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for ErrorId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorId({})", self.0)
    }
}

/// What all errors of a group have in common: the first line, with `#` for numbers, `<id>` for ids and long hexadecimal digits, `<path>`
/// for paths and addresses, and `"…"` for what is quoted.
pub(crate) fn title(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line: Vec<char> = line.chars().take(LETTERS).collect();
    let mut title = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(&letter) = line.get(at) {
        if let Some(end) = quoted(&line, at) {
            title.push_str("\"…\"");
            at = end;
        } else if is_word(letter) {
            let end = line[at..].iter().position(|letter| !is_word(*letter)).map_or(line.len(), |length| at + length);
            let word: String = line[at..end].iter().collect();
            // What ends a sentence or a clause is no part of a word.
            let bare = word.trim_end_matches(['.', ':']);
            title.push_str(&word_alike(bare));
            title.push_str(&word[bare.len()..]);
            at = end;
        } else {
            if !(letter.is_whitespace() && title.ends_with(' ')) {
                title.push(if letter.is_whitespace() { ' ' } else { letter });
            }
            at += 1;
        }
    }
    title
}

/// Letters that numbers, names, paths and addresses are made of.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-./\\:@%+~&?=".contains(letter)
}

/// Behind the end of what is quoted from here on; an apostrophe is no quote.
fn quoted(line: &[char], at: usize) -> Option<usize> {
    let closing = match line[at] {
        '"' => '"',
        '`' => '`',
        '\'' if at == 0 || !line[at - 1].is_alphanumeric() => '\'',
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    let is_end = |end: &usize| {
        line[*end] == closing && (closing != '\'' || line.get(end + 1).is_none_or(|next| !next.is_alphanumeric()))
    };
    (at + 1..line.len()).find(is_end).map(|end| end + 1)
}

/// A word with what differs made alike.
fn word_alike(word: &str) -> String {
    let slashes = word.matches(['/', '\\']).count();
    let rooted = word.starts_with(['/', '~', '\\']) && slashes > 0 && word.len() > 1 || word.get(1..3) == Some(":\\");
    if rooted || word.contains("://") || slashes > 1 {
        return "<path>".to_owned();
    }
    if Uuid::try_parse(word).is_ok() {
        return "<id>".to_owned();
    }
    let mut alike = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        if length == 0 {
            alike.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let (part, behind) = rest.split_at(length);
        part_alike(part, &mut alike);
        rest = behind;
    }
    // A time, an address or a decimal number is one number.
    for joint in ["#.#", "#:#", "#-#", "#+#"] {
        while alike.contains(joint) {
            alike = alike.replace(joint, "#");
        }
    }
    alike
}

/// Letters and digits without a sign between them.
fn part_alike(part: &str, alike: &mut String) {
    let has_digit = part.chars().any(|letter| letter.is_ascii_digit());
    let digits_only = part.chars().all(|letter| letter.is_ascii_digit());
    let hexadecimal = part.strip_prefix("0x").unwrap_or(part).chars().all(|letter| letter.is_ascii_hexdigit());
    let is_id = has_digit && !digits_only && (hexadecimal && part.len() >= 6 || part.len() >= 16);
    if is_id || part.starts_with("0x") && hexadecimal {
        alike.push_str("<id>");
        return;
    }
    let mut in_number = false;
    for letter in part.chars() {
        let digit = letter.is_ascii_digit();
        match (digit, in_number) {
            (true, false) => alike.push('#'),
            (true, true) => {}
            (false, _) => alike.push(letter),
        }
        in_number = digit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_job_to_job_is_made_alike() {
        let cases = [
            ("no answer", "no answer"),
            ("", ""),
            ("\n\n  first \n second", "first"),
            ("user 42 not found", "user # not found"),
            ("took 12.5s, limit 3s", "took #s, limit #s"),
            ("connect to 10.0.0.7:5432: refused", "connect to #: refused"),
            ("at 2026-11-23T01:14:39Z", "at #T#Z"),
            ("order 018f6b1e-7c1a-7000-8000-0000deadbeef is closed.", "order <id> is closed."),
            ("object deadbeef01 (0xFF) is gone", "object <id> (<id>) is gone"),
            ("no file /var/lib/shop/7.csv: denied", "no file <path>: denied"),
            ("D:\\data\\7.csv is locked", "<path> is locked"),
            ("GET https://api.test/v1/users/7?x=1 gave 503", "GET <path> gave #"),
            ("either/or", "either/or"),
            ("field \"name\" of 'Ada''s' `x`", "field \"…\" of \"…\"\"…\" \"…\""),
            ("can't read the customer's row", "can't read the customer's row"),
            ("said “hello” and «goodbye»", "said \"…\" and \"…\""),
            ("an unclosed \" stays", "an unclosed \" stays"),
            ("worker-17 on host_3", "worker-# on host_#"),
            ("token eyJhbGciOiJIUzI1NiIsInR5cCI6 expired", "token <id> expired"),
            ("spaces   and\ttabs", "spaces and tabs"),
            ("kötü değer 7 ü", "kötü değer # ü"),
        ];
        for (text, expected) in cases {
            assert_eq!(title(text), expected, "{text}");
        }
    }

    #[test]
    fn a_title_is_its_own_title_s_like_and_bounded() {
        let mut random = fastrand::Rng::with_seed(5);
        let letters: Vec<char> = "aé7f0x-./\\:'\"`“” #\u{202e}\u{1f600}\0\t".chars().collect();
        for _ in 0..5_000 {
            let text: String = (0..random.usize(0..80)).map(|_| letters[random.usize(..letters.len())]).collect();
            let made = title(&text);
            assert!(made.chars().count() <= 3 * LETTERS, "{text:?}");
            assert!(!made.contains('\n') && !made.chars().any(|letter| letter.is_ascii_digit()), "{text:?}: {made:?}");
        }
        assert!(title(&"9 ".repeat(100_000)).len() <= 2 * LETTERS);
    }

    #[test]
    fn ids_of_groups_are_stable() {
        let id = ErrorId::of("mail::send", "no mailbox 17");
        assert_eq!(id, ErrorId::of("mail::send", "no mailbox 18\nand more"));
        assert_ne!(id, ErrorId::of("mail::receive", "no mailbox 17"));
        assert_eq!(id.to_string().parse::<ErrorId>().ok(), Some(id));
        assert!("17".parse::<ErrorId>().is_err());
        assert_eq!(ErrorId::from_bytes(*id.as_bytes()), id);
    }
}
