//! A Rust file as the rules see it: tokens with their lines; comments and documentation are gone.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};

pub(crate) struct Source {
    /// From the workspace's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// As written; of a string, what is between the quotes, escapes as written.
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
    /// Whether it stands in an item under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Mark,
    Text,
    Open,
    Close,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self> {
        let stream: TokenStream = text
            .parse()
            .map_err(|error: proc_macro2::LexError| anyhow!("{path}:{}: {error}", error.span().start().line))?;
        let mut tokens = Vec::new();
        walk(stream, false, &mut tokens);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), tokens })
    }

    /// Whether the file is part of a library or program, rather than a test, an example or a compile-fail case.
    pub(crate) fn is_product(&self) -> bool {
        let parts: Vec<_> = self.path.split('/').collect();
        let in_src = parts[0] == "src" || parts.get(1) == Some(&"src");
        in_src && !["ui-tests", "bench", "fuzz"].contains(&parts[0]) && !self.is_test_module()
    }

    /// `tests.rs` or a file under `tests/`, in `src`: declared as `#[cfg(test)] mod tests;`.
    pub(crate) fn is_test_module(&self) -> bool {
        self.path
            .split_once("src/")
            .is_some_and(|(_, inner)| inner.split('/').any(|part| part == "tests" || part == "tests.rs"))
    }

    /// Tokens of the product, with those of its test modules left out.
    pub(crate) fn product_tokens(&self) -> impl Iterator<Item = &Token> {
        let is_product = self.is_product();
        self.tokens.iter().filter(move |token| is_product && !token.in_test)
    }

    /// Where `pattern` stands, by index of its first token. A string never matches.
    pub(crate) fn find<'a>(&'a self, pattern: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
        let windows = self.tokens.windows(pattern.len()).enumerate();
        windows.filter_map(move |(index, window)| {
            let same = |(token, text): (&Token, &&str)| token.kind != Kind::Text && token.text == *text;
            window.iter().zip(pattern).all(same).then_some(index)
        })
    }

    /// Lines that hold code: no comment, no blank line, no documentation, nothing under `#[cfg(test)]`.
    pub(crate) fn lines_of_code(&self) -> usize {
        if self.is_test_module() {
            return 0;
        }
        let mut count = 0;
        let mut counted_to = 0;
        for token in self.tokens.iter().filter(|token| !token.in_test) {
            let first = token.line.max(counted_to + 1);
            count += (token.last_line + 1).saturating_sub(first);
            counted_to = counted_to.max(token.last_line);
        }
        count
    }
}

/// How far a `#[cfg(test)]` reaches: to the end of the item, or of the field or arm, that it stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Undecided,
    Item,
}

fn walk(stream: TokenStream, mut in_test: bool, out: &mut Vec<Token>) {
    let mut reach: Option<Reach> = None;
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if is_mark(&tree, '#') {
            let inner = trees.next_if(|next| is_mark(next, '!'));
            if let Some(TokenTree::Group(group)) = trees.next_if(is_bracket) {
                if is_documentation(&group) {
                    continue;
                }
                if is_cfg_test(&group) {
                    match inner {
                        Some(_) => in_test = true,
                        None => reach = Some(Reach::Undecided),
                    }
                }
                let in_test = in_test || reach.is_some();
                emit(tree, in_test, out);
                if let Some(inner) = inner {
                    emit(inner, in_test, out);
                }
                emit(group.into(), in_test, out);
                continue;
            }
            emit(tree, in_test || reach.is_some(), out);
            if let Some(inner) = inner {
                emit(inner, in_test || reach.is_some(), out);
            }
            continue;
        }
        let in_test = in_test || reach.is_some();
        if reach == Some(Reach::Undecided) && starts_item(&tree) {
            reach = Some(Reach::Item);
        }
        if ends(&tree, reach) {
            reach = None;
        }
        emit(tree, in_test, out);
    }
}

fn emit(tree: TokenTree, in_test: bool, out: &mut Vec<Token>) {
    let mut push = |kind, text: String, span: Span| {
        out.push(Token { kind, text, line: span.start().line, last_line: span.end().line, in_test });
    };
    match tree {
        TokenTree::Ident(word) => push(Kind::Word, word.to_string(), word.span()),
        TokenTree::Punct(mark) => push(Kind::Mark, mark.as_char().to_string(), mark.span()),
        TokenTree::Literal(literal) => match string(&literal) {
            Some(text) => push(Kind::Text, text, literal.span()),
            None => push(Kind::Mark, literal.to_string(), literal.span()),
        },
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            push(Kind::Open, open.to_owned(), group.span_open());
            let close_span = group.span_close();
            walk(group.stream(), in_test, out);
            out.push(Token {
                kind: Kind::Close,
                text: close.to_owned(),
                line: close_span.start().line,
                last_line: close_span.end().line,
                in_test,
            });
        }
    }
}

fn is_mark(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_bracket(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)
}

/// `#[doc = ..]`, which is also what `///` and `//!` become.
fn is_documentation(attribute: &Group) -> bool {
    let mut trees = attribute.stream().into_iter();
    matches!(trees.next(), Some(TokenTree::Ident(word)) if word == "doc")
        && trees.next().is_some_and(|next| is_mark(&next, '='))
}

/// `#[cfg(test)]` or `#[cfg(all(test, ..))]`. An `any(test, ..)` is also compiled for users.
fn is_cfg_test(attribute: &Group) -> bool {
    let text: String = attribute.to_string().split_whitespace().collect();
    text == "[cfg(test)]" || text.starts_with("[cfg(all(test,")
}

fn starts_item(tree: &TokenTree) -> bool {
    const WORDS: &[&str] = &[
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "let",
        "macro_rules",
        "mod",
        "static",
        "struct",
        "trait",
        "type",
        "union",
        "unsafe",
        "use",
    ];
    matches!(tree, TokenTree::Ident(word) if WORDS.contains(&word.to_string().as_str()))
}

fn ends(tree: &TokenTree, reach: Option<Reach>) -> bool {
    match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';' || (mark.as_char() == ',' && reach == Some(Reach::Undecided)),
        _ => false,
    }
}

/// What is between the quotes of a string of any sort.
fn string(literal: &Literal) -> Option<String> {
    let written = literal.to_string();
    let unquoted = written.trim_start_matches(['b', 'c', 'r']);
    if !unquoted.starts_with(['"', '#']) {
        return None;
    }
    let text = unquoted.trim_matches('#');
    Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::parse("jobs-runtime/src/client.rs", text).unwrap()
    }

    fn product(text: &str) -> String {
        let source = source(text);
        let texts: Vec<_> = source.product_tokens().map(|token| token.text.as_str()).collect();
        texts.join(" ")
    }

    #[test]
    fn comments_and_documentation_are_gone() {
        let text = "//! a\n#![doc = \"b\"]\n/// c\n/* d */\nfn f() {} // e\n";
        assert_eq!(product(text), "fn f ( ) { }");
    }

    #[test]
    fn strings_lose_their_quotes() {
        let source = source(r####"(b"a", r#"b"#, c"c", "d", 'e', 1u8)"####);
        let texts: Vec<_> =
            source.tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| token.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c", "d"]);
    }

    #[test]
    fn what_is_under_cfg_test_is_known() {
        for (text, rest) in [
            ("#[cfg(test)] mod tests { fn a() {} } fn b() {}", "fn b ( ) { }"),
            ("#[cfg(test)] pub(crate) mod tests; const B: u8 = 1;", "const B : u8 = 1 ;"),
            ("#[cfg(test)] #[path = \"x\"] mod tests; const B: u8 = 1;", "const B : u8 = 1 ;"),
            ("#[cfg(all(test, unix))] fn a(b: u8, c: u8) {} fn d() {}", "fn d ( ) { }"),
            ("struct S { #[cfg(test)] a: u8, b: u8 }", "struct S { b : u8 }"),
            ("#![cfg(test)] fn a() {}", "# ! [ cfg ( test ) ] fn a ( ) { }"),
            ("#[cfg(any(test, feature = \"x\"))] fn a() {}", "# [ cfg ( any ( test , feature = x ) ) ] fn a ( ) { }"),
        ] {
            if text.starts_with("#!") {
                assert_eq!(product(text), "");
            } else {
                assert_eq!(product(text), rest, "{text}");
            }
        }
    }

    #[test]
    fn lines_of_code_are_counted_once() {
        let text = "//! doc\n\nuse a;\n// note\nfn f() {\n    g(\"x\n    y\"); h();\n}\n\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";
        assert_eq!(source(text).lines_of_code(), 5);
    }

    #[test]
    fn product_is_src_without_tests() {
        for (path, expected) in [
            ("src/lib.rs", true),
            ("jobs-runtime/src/server/mod.rs", true),
            ("xtask/src/main.rs", true),
            ("jobs-runtime/src/server/tests.rs", false),
            ("jobs-runtime/src/server/tests/crash.rs", false),
            ("tests/retry.rs", false),
            ("examples/shop.rs", false),
            ("ui-tests/src/lib.rs", false),
            ("jobs-schedule/tests/table.rs", false),
        ] {
            assert_eq!(Source::parse(path, "").unwrap().is_product(), expected, "{path}");
        }
    }
}
