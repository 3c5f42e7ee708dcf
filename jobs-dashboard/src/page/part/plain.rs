//! Texts of others, which may be anything, and texts of ours around nothing.

use maud::{Markup, html};

use crate::web::Settings;

/// So many characters of a name are shown.
const CLIP: usize = 200;

/// A text of others as far as a line takes it.
pub(crate) fn shown(text: &str) -> Markup {
    let (start, rest) = clip(text, CLIP);
    html! { bdi { (start) @if rest > 0 { "\u{2026}" } } }
}

/// The same for where there can be no elements: in attributes, in the title, within a sentence.
pub(crate) fn line(text: &str) -> String {
    let (mut start, rest) = clip(text, CLIP);
    if rest > 0 {
        start.push('\u{2026}');
    }
    start
}

/// The beginning of a text as the field of a form takes it.
pub(crate) fn field(text: &str, most: usize) -> String {
    clip(text, most).0
}

/// A longer text of others, with the number of characters that are left out.
pub(crate) fn clipped(settings: &Settings, text: &str, most: usize) -> Markup {
    let (start, rest) = clip(text, most);
    html! {
        bdi { (start) }
        @if rest > 0 { " \u{2026} " ((settings.text().part.clipped)(rest)) }
    }
}

/// The beginning of a text with nothing in it that changes how the rest of the page reads, and how many characters follow.
fn clip(text: &str, most: usize) -> (String, usize) {
    let Some((end, _)) = text.char_indices().nth(most) else { return (text.chars().map(visible).collect(), 0) };
    (text[..end].chars().map(visible).collect(), text[end..].chars().count())
}

/// A character that can be seen. Control characters have pictures; those that turn the direction of the text around, with which one
/// name can look like another, have none.
fn visible(character: char) -> char {
    match character {
        '\n' | '\t' => character,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        character => character,
    }
}

/// What a list shows that has nothing to show: a title, what to do, and its code.
pub(crate) fn empty(title: &str, how: &str, code: Option<&str>) -> Markup {
    html! {
        div.empty {
            h2 { (title) }
            p { (how) }
            @if let Some(code) = code { (snippet(code)) }
        }
    }
}

/// Code of ours.
pub(crate) fn snippet(code: &str) -> Markup {
    html! { pre tabindex="0" { code { (code) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_changes_what_stands_around_it() {
        let cases = [
            ("mail", "<bdi>mail</bdi>"),
            ("\"><img src=x onerror=alert(1)>", "<bdi>&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</bdi>"),
            ("a\0b\u{1b}[31m\u{7f}", "<bdi>a\u{2400}b\u{241b}[31m\u{2421}</bdi>"),
            ("\u{202e}gnp.exe\u{2066}", "<bdi>\u{fffd}gnp.exe\u{fffd}</bdi>"),
            ("çay ☕ 中文 🦀", "<bdi>çay ☕ 中文 🦀</bdi>"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text).into_string(), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let long = "ç".repeat(1_000_000);
        let (start, rest) = clip(&long, CLIP);
        assert_eq!((start.chars().count(), rest), (CLIP, 1_000_000 - CLIP));
        assert_eq!(clip(&"a".repeat(CLIP), CLIP).1, 0);
    }
}
