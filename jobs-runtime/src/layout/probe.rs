//! Probing: giving each part of a type made-up values until all of it has been seen.

use std::any::type_name;

use serde::de::{DeserializeOwned, Visitor};

use super::shape::{Node, Progress, Shape, short_name};

/// How many questions of a type are answered in all; a type with more parts counts by those seen until then.
pub(super) const QUESTIONS: usize = 100_000;

/// How deep a type may nest before its deeper parts no longer count.
const DEPTH: usize = 100;

/// Texts that are tried in turn. The first is one that every type takes which means any text.
pub(super) const TEXTS: [&str; 12] = [
    "a",
    "1970-01-01T00:00:00Z",
    "1970-01-01",
    "00:00:00",
    "1970-01-01T00:00:00",
    "1970-01-01T00:00:00+00:00[UTC]",
    "PT1S",
    "1",
    "http://localhost/",
    "127.0.0.1",
    "a@example.org",
    "UTC",
];

/// Bytes that are tried in turn: the first for types that take any, then a UUID's and a key's lengths.
pub(super) const BYTES: [&[u8]; 5] = [&[1, 2, 3], &[0; 16], &[0; 32], &[0; 12], &[0; 8]];

/// The layout of `T` in words, and why bincode cannot read it, where it cannot.
pub(super) fn explore<T: DeserializeOwned>() -> (String, Option<String>) {
    let mut root = Node::default();
    let mut trail = Trail::default();
    while root.is_open() && trail.questions < QUESTIONS {
        let before = trail.steps;
        // The value is of no use; whether there was one is noted in the nodes.
        let _ = part(&mut root, &mut trail, type_name::<T>(), |probe| T::deserialize(probe));
        if trail.steps == before {
            break;
        }
    }
    (root.to_string(), trail.unreadable)
}

/// What is noted across all nodes.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The types that the probe is inside of, each with what it asked for.
    inside: Vec<(&'static str, &'static str)>,
    questions: usize,
    /// Counts whatever a probe found out; a probe that finds nothing out is the last.
    steps: usize,
    /// Whether this is the second look at a type that contains itself.
    again: bool,
    unreadable: Option<String>,
}

/// The type did not take what it was given, or there was nothing to give.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// The field that it had been given before, under another name.
    pub(super) twice: Option<&'static str>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a made-up value was refused")
    }
}

impl std::error::Error for Refused {}

impl serde::de::Error for Refused {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self { twice: Some(field) }
    }
}

impl Node {
    pub(super) fn close(&mut self, progress: Progress, trail: &mut Trail) {
        if self.progress != progress {
            self.progress = progress;
            trail.steps += 1;
        }
    }

    /// Goes on to the next of `ways` to give a value, for `by` has refused this one.
    fn refuse(&mut self, by: &'static str, ways: usize, trail: &mut Trail) {
        self.refused_by.get_or_insert(by);
        self.tries += 1;
        trail.steps += 1;
        self.progress = if self.tries < ways { Progress::Open } else { Progress::Dead };
    }

    /// In how many ways a value can be given.
    fn ways(&self) -> usize {
        match self.shape {
            Shape::Leaf("string") => TEXTS.len(),
            Shape::Leaf("bytes") => BYTES.len(),
            Shape::Leaf("()") => 1,
            Shape::Leaf(_) | Shape::Struct(_) => 2,
            _ => 1,
        }
    }

    /// Notes what was asked for, or finds that it is not what was asked for in an earlier probe.
    fn note(&mut self, shape: Shape, trail: &mut Trail) -> Result<(), Refused> {
        trail.questions += 1;
        if trail.questions > QUESTIONS {
            return Err(Refused::default());
        }
        let same = match (&self.shape, &shape) {
            (Shape::Unknown, _) => {
                self.shape = shape;
                trail.steps += 1;
                return Ok(());
            }
            (Shape::Leaf(before), Shape::Leaf(now)) => before == now,
            (Shape::Tuple(before), Shape::Tuple(now)) => before.len() == now.len(),
            (Shape::Struct(before) | Shape::Enum(before), Shape::Struct(now) | Shape::Enum(now)) => {
                before.len() == now.len()
            }
            (before, now) => std::mem::discriminant(before) == std::mem::discriminant(now),
        };
        if same {
            return Ok(());
        }
        trail
            .unreadable
            .get_or_insert_with(|| "the form of one of its parts depends on the value of another".to_owned());
        self.close(Progress::Dead, trail);
        Err(Refused::default())
    }
}

/// Probes the part at `node` by `deserialize`. `name` is the type that it makes.
pub(super) fn part<'t, T>(
    node: &'t mut Node,
    trail: &'t mut Trail,
    name: &'static str,
    deserialize: impl FnOnce(Probe<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    if node.is_dead() {
        return Err(Refused::default());
    }
    node.answered = None;
    let result = deserialize(Probe { node: &mut *node, trail: &mut *trail });
    match (result.is_ok(), node.answered) {
        // The type asked for nothing.
        (true, None) => {
            node.shape = Shape::Leaf("()");
            node.close(Progress::Alive, trail);
        }
        (false, None) => node.refuse(name, 0, trail),
        // What came was good, and the type made of it was not: `try_from` and the like. While there is more to see inside,
        // another value may be taken yet.
        (false, Some(true)) if !node.is_open() => node.refuse(name, node.ways(), trail),
        _ => {}
    }
    if result.is_err() {
        node.answered = Some(false);
    }
    result
}

/// Gives a value to one part of a type.
pub(super) struct Probe<'t> {
    pub(super) node: &'t mut Node,
    pub(super) trail: &'t mut Trail,
}

impl Probe<'_> {
    /// A value without parts.
    pub(super) fn leaf<'de, V: Visitor<'de>>(
        self,
        word: &'static str,
        visitor: V,
        give: impl FnOnce(V, usize) -> Result<V::Value, Refused>,
    ) -> Result<V::Value, Refused> {
        let Self { node, trail } = self;
        node.answered = Some(false);
        node.note(Shape::Leaf(word), trail)?;
        let result = give(visitor, node.tries);
        match result {
            Ok(_) => node.close(Progress::Alive, trail),
            Err(_) => node.refuse(type_name::<V::Value>(), node.ways(), trail),
        }
        node.answered = Some(result.is_ok());
        result
    }

    /// A value with parts, which `give` gives.
    pub(super) fn parts<'de, V: Visitor<'de>>(
        self,
        asked: &'static str,
        shape: Shape,
        visitor: V,
        give: impl FnOnce(V, &mut Node, &mut Trail) -> Result<V::Value, Refused>,
    ) -> Result<V::Value, Refused> {
        let name = type_name::<V::Value>();
        self.inside(name, asked, |Probe { node, trail }| {
            let noted = node.note(shape, trail);
            let explored = node.is_explored();
            let before = trail.steps;
            let result = noted.and_then(|()| give(visitor, node, trail));
            match result {
                Ok(_) => {
                    node.close_unasked();
                    if node.is_explored() {
                        node.close(Progress::Alive, trail);
                    }
                }
                // Nothing is left to try inside, so it is this type that refuses.
                Err(_) if explored || trail.steps == before => {
                    if node.is_explored() && node.parts_are_dead() {
                        node.close(Progress::Dead, trail);
                    } else {
                        node.refuse(name, node.ways(), trail);
                    }
                }
                Err(_) => {}
            }
            node.answered = Some(result.is_ok());
            result
        })
    }

    /// Goes into the type `name`, which `asked` for this form. Where the probe is inside of it already, the type contains itself:
    /// that is noted, and `give` goes over it once more, without note, for the sake of a value.
    pub(super) fn inside<T>(
        self,
        name: &'static str,
        asked: &'static str,
        give: impl FnOnce(Probe<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let Self { node, trail } = self;
        node.answered = Some(false);
        let levels = trail.inside.iter().rev().position(|inside| *inside == (name, asked));
        if levels.is_none() && trail.inside.len() < DEPTH {
            trail.inside.push((name, asked));
            let result = give(Probe { node, trail: &mut *trail });
            trail.inside.pop();
            return result;
        }
        node.note(Shape::Back(levels.map_or(DEPTH, |levels| levels + 1), Box::default()), trail)?;
        let Shape::Back(_, again) = &mut node.shape else { return Err(Refused::default()) };
        if levels.is_none() || trail.again {
            node.close(Progress::Dead, trail);
            return Err(Refused::default());
        }
        let outside = std::mem::replace(&mut trail.inside, vec![(name, asked)]);
        trail.again = true;
        let result = give(Probe { node: &mut *again, trail: &mut *trail });
        trail.again = false;
        trail.inside = outside;
        (node.answered, node.progress) = (again.answered, again.progress);
        result
    }

    pub(super) fn unreadable<V>(self, asks: &str) -> Result<V, Refused> {
        let Self { node, trail } = self;
        trail.questions += 1;
        trail.unreadable.get_or_insert_with(|| format!("`{}` {asks}", short_name(type_name::<V>())));
        node.shape = Shape::Any;
        node.close(Progress::Dead, trail);
        node.answered = Some(false);
        Err(Refused::default())
    }
}

impl Node {
    /// Whether the parts, not the whole, are why there is no value: they are named already.
    fn parts_are_dead(&self) -> bool {
        match &self.shape {
            Shape::Tuple(parts) => parts.iter().any(Self::is_dead),
            Shape::Struct(parts) => parts.iter().any(|(_, part)| part.is_dead()),
            Shape::Enum(parts) => parts.iter().all(|(_, part)| part.is_dead()),
            _ => false,
        }
    }
}
