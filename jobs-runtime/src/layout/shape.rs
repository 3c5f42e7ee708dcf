//! What is known of a type after some probes, and its text.

use std::fmt::{self, Write as _};

/// A part of a type, at one place of it.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) shape: Shape,
    pub(super) progress: Progress,
    /// The type that refused a made-up value here.
    pub(super) refused_by: Option<&'static str>,
    /// Which of the made-up values, or ways to give them, is next.
    pub(super) tries: usize,
    /// Whether the last probe got a value out of the deserializer here; a type around it may have refused that still.
    pub(super) answered: Option<bool>,
}

/// How far a part has been explored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to see.
    #[default]
    Open,
    /// All has been seen, and there is a value that the type takes.
    Alive,
    /// All has been seen that can be, and no value was taken.
    Dead,
}

/// The form of a part.
#[derive(Debug, Default)]
pub(super) enum Shape {
    /// Not seen yet.
    #[default]
    Unknown,
    /// A value without parts, by serde's word for it.
    Leaf(&'static str),
    Option(Box<Node>),
    Seq(Box<Node>),
    Map(Box<Node>, Box<Node>),
    Tuple(Vec<Node>),
    Struct(Vec<(&'static str, Node)>),
    Enum(Vec<(&'static str, Node)>),
    /// The same type as so many levels further up, and a second look at it, which only serves to make a value.
    Back(usize, Box<Node>),
    /// Whatever comes.
    Any,
    /// A second name of the field or variant before.
    Absent,
}

impl Node {
    pub(super) fn is_open(&self) -> bool {
        self.progress == Progress::Open
    }

    pub(super) fn is_dead(&self) -> bool {
        self.progress == Progress::Dead
    }

    /// Whether nothing is left to be seen below.
    pub(super) fn is_explored(&self) -> bool {
        match &self.shape {
            Shape::Unknown => false,
            Shape::Leaf(_) | Shape::Back(..) | Shape::Any | Shape::Absent => !self.is_open(),
            Shape::Option(part) | Shape::Seq(part) => !part.is_open(),
            Shape::Map(key, value) => !key.is_open() && (key.is_dead() || !value.is_open()),
            Shape::Tuple(parts) => parts.iter().all(|part| !part.is_open()),
            Shape::Struct(parts) | Shape::Enum(parts) => parts.iter().all(|(_, part)| !part.is_open()),
        }
    }

    /// The parts that an accepted value never asked for are none.
    pub(super) fn close_unasked(&mut self) {
        let close = |part: &mut Self| {
            if matches!(part.shape, Shape::Unknown) && part.is_open() {
                part.shape = Shape::Absent;
                part.progress = Progress::Dead;
            }
        };
        match &mut self.shape {
            Shape::Tuple(parts) => parts.iter_mut().for_each(close),
            Shape::Struct(parts) => parts.iter_mut().for_each(|(_, part)| close(part)),
            _ => {}
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refused_by {
            Some(name) => write!(f, "{}({})", short_name(name), self.shape),
            None => self.shape.fmt(f),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown | Self::Absent => f.write_char('_'),
            Self::Leaf(word) => f.write_str(word),
            Self::Option(part) => write!(f, "{part}?"),
            Self::Seq(part) => write!(f, "[{part}]"),
            Self::Map(key, value) => write!(f, "{{{key} => {value}}}"),
            Self::Tuple(parts) => write_tuple(f, parts),
            Self::Struct(fields) => {
                f.write_char('{')?;
                let present = fields.iter().filter(|(_, part)| !matches!(part.shape, Self::Absent));
                write_separated(f, present, ", ", |f, (name, part)| write!(f, "{name}: {part}"))?;
                f.write_char('}')
            }
            Self::Enum(variants) => {
                f.write_char('<')?;
                write_separated(f, variants, " | ", |f, (name, part)| match &part.shape {
                    Self::Leaf("()") => f.write_str(name),
                    Self::Struct(_) | Self::Tuple(_) if part.refused_by.is_none() => write!(f, "{name}{part}"),
                    _ => write!(f, "{name}({part})"),
                })?;
                f.write_char('>')
            }
            Self::Back(levels, _) => write!(f, "^{levels}"),
            Self::Any => f.write_str("any"),
        }
    }
}

/// Writes `(A, B)`, and runs of equal parts, as arrays have them, short: `(u8 x 32)`.
fn write_tuple(f: &mut fmt::Formatter<'_>, parts: &[Node]) -> fmt::Result {
    let texts: Vec<String> = parts.iter().map(Node::to_string).collect();
    f.write_char('(')?;
    write_separated(f, texts.chunk_by(|a, b| a == b), ", ", |f, run| match run.len() {
        1 => f.write_str(&run[0]),
        length => write!(f, "{} x {length}", run[0]),
    })?;
    f.write_char(')')
}

fn write_separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    separator: &str,
    write: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            f.write_str(separator)?;
        }
        write(f, item)?;
    }
    Ok(())
}

/// A type's name without the modules, which may move between releases, and without what serde wraps round it.
pub(super) fn short_name(full: &str) -> String {
    if full.contains("__DeserializeWith") {
        // A field with `#[serde(with = "..")]`: the name of serde's wrapper holds that of the whole struct.
        return "with".to_owned();
    }
    let inner = ["core::marker::PhantomData<", "core::option::Option<"]
        .into_iter()
        .fold(full, |name, wrapper| name.strip_prefix(wrapper).and_then(|name| name.strip_suffix('>')).unwrap_or(name));
    let mut short = String::with_capacity(inner.len());
    let mut word = 0;
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        if c == ':' && rest.next_if_eq(&':').is_some() {
            short.truncate(word);
        } else {
            short.push(c);
            if !(c.is_alphanumeric() || c == '_') {
                word = short.len();
            }
        }
    }
    // Some compilers write lifetimes and some do not.
    short.replace("<'_>", "").replace("'_, ", "").replace("&'_ ", "&")
}
