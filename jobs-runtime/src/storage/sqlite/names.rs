//! The small integers that stand for kinds and queues.

use std::{collections::HashMap, sync::Arc};

use sqlx::{Row, SqliteConnection};

/// What has a name and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Noun {
    Kind,
    Queue,
}

impl Noun {
    const fn insert(self) -> &'static str {
        match self {
            Self::Kind => include_str!("sql/kind_insert.sql"),
            Self::Queue => include_str!("sql/queue_insert.sql"),
        }
    }

    const fn find(self) -> &'static str {
        match self {
            Self::Kind => include_str!("sql/kind_find.sql"),
            Self::Queue => include_str!("sql/queue_find.sql"),
        }
    }

    const fn list(self) -> &'static str {
        match self {
            Self::Kind => include_str!("sql/kind_list.sql"),
            Self::Queue => include_str!("sql/queue_list.sql"),
        }
    }
}

/// Names and numbers that are known to be committed. Rows are never removed or renamed, so what is known stays true.
#[derive(Debug, Default)]
pub(super) struct Names {
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

    pub(super) fn merge(&mut self, other: Self) {
        for (noun, book) in [(Noun::Kind, other.kinds), (Noun::Queue, other.queues)] {
            for (number, name) in book.names {
                self.add(noun, number, name);
            }
        }
    }
}

/// Makes sure that a name has a row.
pub(super) async fn insert(connection: &mut SqliteConnection, noun: Noun, name: &str) -> sqlx::Result<()> {
    sqlx::query(noun.insert()).bind(name.to_owned()).execute(connection).await?;
    Ok(())
}

/// The number of a name, if it has a row.
pub(super) async fn find(connection: &mut SqliteConnection, noun: Noun, name: &str) -> sqlx::Result<Option<i64>> {
    let row = sqlx::query(noun.find()).bind(name.to_owned()).fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// Reads all names into `names`.
pub(super) async fn load(connection: &mut SqliteConnection, noun: Noun, names: &mut Names) -> sqlx::Result<()> {
    for row in sqlx::query(noun.list()).fetch_all(connection).await? {
        names.add(noun, row.try_get(0)?, Arc::from(row.try_get::<String, _>(1)?));
    }
    Ok(())
}
