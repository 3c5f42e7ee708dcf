//! The small integers that stand for kinds and queues.

use std::{collections::HashMap, sync::Arc};

use super::{
    statement::{Sql, Statements},
    value::args,
    write::Write,
};

/// What has a name and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Noun {
    Kind,
    Queue,
}

impl Noun {
    fn insert(self, sql: &Statements) -> &Sql {
        match self {
            Self::Kind => &sql.kind_insert,
            Self::Queue => &sql.queue_insert,
        }
    }

    fn find(self, sql: &Statements) -> &Sql {
        match self {
            Self::Kind => &sql.kind_find,
            Self::Queue => &sql.queue_find,
        }
    }

    fn list(self, sql: &Statements) -> &Sql {
        match self {
            Self::Kind => &sql.kind_list,
            Self::Queue => &sql.queue_list,
        }
    }
}

/// Names and numbers that are known to be committed. Rows are never removed or renamed, so what is known stays true.
#[derive(Debug, Default)]
pub(crate) struct Names {
    kinds: Book,
    queues: Book,
}

#[derive(Debug, Default)]
struct Book {
    numbers: HashMap<Arc<str>, i64>,
    names: HashMap<i64, Arc<str>>,
}

impl Names {
    const fn book(&self, noun: Noun) -> &Book {
        match noun {
            Noun::Kind => &self.kinds,
            Noun::Queue => &self.queues,
        }
    }

    pub(super) fn number(&self, noun: Noun, name: &str) -> Option<i64> {
        self.book(noun).numbers.get(name).copied()
    }

    pub(super) fn name(&self, noun: Noun, number: i64) -> Option<Arc<str>> {
        self.book(noun).names.get(&number).cloned()
    }

    pub(super) fn add(&mut self, noun: Noun, number: i64, name: Arc<str>) {
        let book = match noun {
            Noun::Kind => &mut self.kinds,
            Noun::Queue => &mut self.queues,
        };
        book.names.insert(number, Arc::clone(&name));
        book.numbers.insert(name, number);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kinds.names.is_empty() && self.queues.names.is_empty()
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (noun, book) in [(Noun::Kind, other.kinds), (Noun::Queue, other.queues)] {
            for (number, name) in book.names {
                self.add(noun, number, name);
            }
        }
    }
}

/// Makes sure that a name has a row.
pub(super) async fn insert(write: &mut Write<'_>, noun: Noun, name: &str) -> sqlx::Result<()> {
    write.execute(noun.insert(write.sql), args![name]).await?;
    Ok(())
}

/// The number of a name, if it has a row.
pub(super) async fn find(write: &mut Write<'_>, noun: Noun, name: &str) -> sqlx::Result<Option<i64>> {
    let row = write.optional(noun.find(write.sql), args![name]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Reads all names.
pub(super) async fn load(write: &mut Write<'_>, noun: Noun) -> sqlx::Result<Names> {
    let mut names = Names::default();
    for row in write.rows(noun.list(write.sql), args![]).await? {
        names.add(noun, row.int(0)?, Arc::from(row.text(1)?));
    }
    Ok(names)
}
