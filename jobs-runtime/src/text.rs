//! Texts of handlers and operators as every database stores them and every terminal may show them. Pure.

use std::{iter::Peekable, str::Chars};

/// The longest text that is kept, in bytes.
pub(crate) const LIMIT: usize = 8 * 1024;

/// What stands at the end of a text that was longer.
const CUT: &str = " [cut]";

/// The text without a terminal's colours, with a mark for every other control character but line breaks and tabs, and cut at
/// the limit.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(LIMIT));
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\u{1b}' => skip_sequence(&mut letters),
            '\n' | '\t' => clean.push(letter),
            _ if letter.is_control() => clean.push(char::REPLACEMENT_CHARACTER),
            _ => clean.push(letter),
        }
        if clean.len() > LIMIT {
            clean.truncate(clean.floor_char_boundary(LIMIT - CUT.len()));
            clean.push_str(CUT);
            break;
        }
    }
    clean
}

/// Takes what follows an escape character: the parameters and the final letter of a control sequence (ECMA-48, 5.4). Never more
/// than belongs to it, so that a lone escape character does not take the text away.
fn skip_sequence(letters: &mut Peekable<Chars<'_>>) {
    if letters.next_if_eq(&'[').is_some() {
        while letters.next_if(|letter| matches!(letter, ' '..='?')).is_some() {}
        letters.next_if(|letter| matches!(letter, '@'..='~'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(clean(text), expected);
        assert_eq!(clean(expected), expected, "what is clean stays as it is");
    }

    #[test]
    fn control_characters_are_marked_and_lines_kept() {
        check("a\0b\u{7}c\u{9b}d\u{7f}", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}");
        check("one\r\ntwo\n\tthree\rfour", "one\ntwo\n\tthree\u{fffd}four");
        check("plain ünïcödé \u{1f600}", "plain ünïcödé \u{1f600}");
    }

    #[test]
    fn colours_are_taken_away_and_nothing_with_them() {
        check("\u{1b}[1;31merror\u{1b}[0m: \u{1b}[38;5;9mno paper\u{1b}[m", "error: no paper");
        check("\u{1b}", "");
        check("\u{1b}[", "");
        check("\u{1b}[12", "");
        check("\u{1b}[12ünder", "ünder");
        check("\u{1b}]0;title\u{7}text", "]0;title\u{fffd}text");
    }

    #[test]
    fn long_texts_are_cut_at_a_letter() {
        let exact = "x".repeat(LIMIT);
        check(&exact, &exact);
        let cut = clean(&"ü".repeat(LIMIT));
        assert!(cut.len() <= LIMIT && cut.len() > LIMIT - 10 && cut.ends_with("ü [cut]"), "{} bytes", cut.len());
    }
}
