//! One `word = value` or `word(values)` of an attribute, and the kinds of value that it may hold.

use std::time::Duration;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::{
    Expr, ExprLit, ExprPath, ExprUnary, Ident, Lit, LitStr, Path, Token, UnOp,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::{
    diagnostics::{Problems, listed, nearest},
    words::{Vocabulary, Word},
};

/// The longest duration that storage takes.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// A known word with what was written behind it.
pub(crate) struct Entry {
    pub(crate) word: &'static Word,
    pub(crate) span: Span,
    value: Value,
}

enum Value {
    Missing,
    Is(Expr),
    List(TokenStream),
}

/// What the attribute says: every mistake in it is noted, and what is left has known words, each once.
pub(crate) fn entries(
    pieces: impl IntoIterator<Item = TokenStream>,
    vocabulary: &'static Vocabulary,
    problems: &mut Problems,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for piece in pieces {
        let parse = |input: ParseStream<'_>| {
            let name = Ident::parse_any(input)?;
            let value = if input.is_empty() {
                Value::Missing
            } else if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                if input.is_empty() { Value::Missing } else { Value::Is(input.parse()?) }
            } else if input.peek(syn::token::Paren) {
                let list;
                syn::parenthesized!(list in input);
                Value::List(list.parse()?)
            } else {
                return Err(input.error(format!("expected `{name} = ..` or `{name}(..)`")));
            };
            Ok((name, value))
        };
        let (name, value) = match parse.parse2(piece) {
            Ok(parsed) => parsed,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        let Some(word) = known(&name, vocabulary, problems) else { continue };
        if entries.iter().any(|entry| entry.word.name == word.name) {
            problems.at(
                name.span(),
                format!("`{name}` stands twice in `#[{}(..)]`; keep one of them", vocabulary.attribute),
            );
            continue;
        }
        entries.push(Entry { word, span: name.span(), value });
    }
    entries
}

/// The pieces of an attribute between its commas, so that a mistake in one does not hide those in the others.
pub(crate) fn pieces(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = vec![];
    let mut piece = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(std::mem::take(&mut piece)),
            // What a `macro_rules!` variable stands for comes wrapped in an invisible group.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => piece.extend(group.stream()),
            token => piece.extend([token]),
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn known(name: &Ident, vocabulary: &'static Vocabulary, problems: &mut Problems) -> Option<&'static Word> {
    let text = name.unraw().to_string();
    let found = vocabulary.words.iter().find(|word| word.name == text);
    if found.is_none() {
        let attribute = vocabulary.attribute;
        if vocabulary.reserved.contains(&text.as_str()) {
            problems.at(name.span(), format!("`{text}` comes with a later version; take it out for now"));
            return None;
        }
        let words = || vocabulary.words.iter().map(|word| word.name);
        let meant = nearest(&text, words()).map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
        problems.at(
            name.span(),
            format!("`#[{attribute}(..)]` does not know `{text}`; {meant}it takes {}", listed(words())),
        );
    }
    found
}

impl Entry {
    /// Notes that the value is of the wrong kind.
    fn refuse<T>(&self, problems: &mut Problems) -> Option<T> {
        let Word { name, takes, example } = self.word;
        let text = format!("`{name}` takes {takes}; write `{example}`");
        match &self.value {
            Value::Missing => problems.at(self.span, text),
            Value::Is(value) => problems.on(value, text),
            Value::List(list) if list.is_empty() => problems.at(self.span, text),
            Value::List(list) => problems.on(list, text),
        }
        None
    }

    /// Notes what is wrong with a value of the right kind.
    pub(crate) fn wrong(&self, literal: &LitStr, why: impl std::fmt::Display, problems: &mut Problems) {
        problems.at(literal.span(), format!("`{}`: {why}", self.word.name));
    }

    fn value_text(&self) -> Option<&LitStr> {
        match &self.value {
            Value::Is(value) => literal(value).and_then(|lit| if let Lit::Str(text) = lit { Some(text) } else { None }),
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&self, problems: &mut Problems) -> Option<LitStr> {
        self.value_text().cloned().or_else(|| self.refuse(problems))
    }

    /// A text that is no longer than storage allows and that people can read.
    pub(crate) fn name(&self, limit: usize, problems: &mut Problems) -> Option<LitStr> {
        let text = self.text(problems)?;
        self.check_name(text, limit, problems)
    }

    fn check_name(&self, text: LitStr, limit: usize, problems: &mut Problems) -> Option<LitStr> {
        let name = text.value();
        let length = name.chars().count();
        if name.chars().any(char::is_control) {
            self.wrong(&text, "a name must not have control characters; take them out", problems);
        } else if name.trim().is_empty() {
            self.wrong(&text, format!("a name must not be empty; write `{}`", self.word.example), problems);
        } else if name.trim() != name {
            self.wrong(&text, "a name must not begin or end with a space; take it out", problems);
        } else if length > limit {
            self.wrong(&text, format!("a name may have {limit} characters, and this one has {length}"), problems);
        } else {
            return Some(text);
        }
        None
    }

    /// One name, or a list of them.
    pub(crate) fn names(&self, limit: usize, problems: &mut Problems) -> Vec<LitStr> {
        let texts = match &self.value {
            Value::List(list) => Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(list.clone()).ok(),
            _ => self.value_text().map(|text| Punctuated::from_iter([text.clone()])),
        };
        match texts {
            Some(texts) if !texts.is_empty() => {
                texts.into_iter().filter_map(|text| self.check_name(text, limit, problems)).collect()
            }
            _ => self.refuse::<Vec<_>>(problems).unwrap_or_default(),
        }
    }

    /// Names of parameters.
    pub(crate) fn idents(&self, problems: &mut Problems) -> Vec<Ident> {
        let idents = match &self.value {
            Value::List(list) => Punctuated::<Ident, Token![,]>::parse_terminated.parse2(list.clone()).ok(),
            _ => None,
        };
        match idents {
            Some(idents) if !idents.is_empty() => idents.into_iter().collect(),
            _ => self.refuse::<Vec<_>>(problems).unwrap_or_default(),
        }
    }

    /// A path, not as a text.
    pub(crate) fn path(&self, problems: &mut Problems) -> Option<ExprPath> {
        match &self.value {
            Value::Is(Expr::Path(path)) => Some(path.clone()),
            _ => self.refuse(problems),
        }
    }

    /// A path, written as a text.
    pub(crate) fn path_text(&self, problems: &mut Problems) -> Option<Path> {
        let text = self.text(problems)?;
        text.parse_with(Path::parse_mod_style).ok().or_else(|| self.refuse(problems))
    }

    /// A whole number between two bounds.
    pub(crate) fn number(&self, from: i64, to: i64, problems: &mut Problems) -> Option<i64> {
        let number = match &self.value {
            Value::Is(value) => whole(value).filter(|number| (from..=to).contains(number)),
            _ => None,
        };
        number.or_else(|| self.refuse(problems))
    }

    /// A text with a duration.
    pub(crate) fn duration(&self, problems: &mut Problems) -> Option<Duration> {
        let text = self.text(problems)?;
        self.duration_of(&text, &text.value(), problems)
    }

    /// The duration that a part of the text says.
    pub(crate) fn duration_of(&self, literal: &LitStr, part: &str, problems: &mut Problems) -> Option<Duration> {
        match jobs_schedule::parse_duration(part) {
            Ok(duration) if duration > LONGEST => {
                self.wrong(literal, format!("`{part}` is longer than 100 years; write a shorter one"), problems);
                None
            }
            Ok(duration) => Some(duration),
            Err(error) => {
                self.wrong(literal, error, problems);
                None
            }
        }
    }

    /// One of some words, each with its meaning.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.text(problems)?;
        let chosen = choices.iter().find(|(word, _)| *word == text.value()).map(|(_, meaning)| *meaning);
        chosen.or_else(|| self.refuse(problems))
    }

    /// Expressions in parentheses.
    pub(crate) fn expressions(&self, problems: &mut Problems) -> Option<Vec<Expr>> {
        match &self.value {
            Value::List(list) => match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(list.clone()) {
                Ok(values) => Some(values.into_iter().collect()),
                Err(error) => {
                    problems.push(error);
                    None
                }
            },
            _ => self.refuse(problems),
        }
    }

    /// Whether a text stands behind the word.
    pub(crate) fn is_text(&self) -> bool {
        self.value_text().is_some()
    }

    /// Notes that the value is of the wrong kind.
    pub(crate) fn wrong_kind(&self, problems: &mut Problems) {
        self.refuse::<()>(problems);
    }
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn whole(value: &Expr) -> Option<i64> {
    match value {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => whole(expr).map(|number| -number),
        value => match literal(value)? {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
    }
}
