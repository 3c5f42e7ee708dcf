//! The shop's own database and folder. Jobs are kept elsewhere: see `outbox.rs` beside this folder for one file with both.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use jobs::Timestamp;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::seed::Person;

/// The shop's data. Cheap to clone; jobs borrow it as `#[state] shop: &Shop`.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) pool: SqlitePool,
    folder: PathBuf,
}

pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) email: String,
}

pub(crate) struct Order {
    pub(crate) customer: Customer,
    pub(crate) product: String,
    pub(crate) quantity: i64,
    pub(crate) total: i64,
}

impl Shop {
    /// Opens the database in the folder, and makes both where they are missing.
    pub(crate) async fn open(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = folder.join("shop.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10));
        let opened = SqlitePool::connect_with(options).await;
        let pool = opened.with_context(|| format!("cannot open the shop's database {}", path.display()))?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        Ok(Self { pool, folder: folder.to_owned() })
    }

    /// A folder inside the shop's; it is made where it is missing.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder)
    }

    /// Stores a customer and returns the number; who registers again keeps the old one.
    pub(crate) async fn register(&self, person: &Person) -> sqlx::Result<i64> {
        sqlx::query_scalar(
            "INSERT INTO customer (name, email, city) VALUES (?1, ?2, ?3)
             ON CONFLICT (email) DO UPDATE SET name = excluded.name, city = excluded.city RETURNING id",
        )
        .bind(&person.name)
        .bind(&person.email)
        .bind(&person.city)
        .fetch_one(&self.pool)
        .await
    }

    /// Stores an order of one product and returns the new number.
    pub(crate) async fn place_order(&self, customer: i64, product: i64, quantity: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar(
            "INSERT INTO orders (customer, product, quantity, total, placed_at)
             SELECT ?1, id, ?3, price * ?3, ?4 FROM product WHERE id = ?2 RETURNING id",
        )
        .bind(customer)
        .bind(product)
        .bind(quantity)
        .bind(Timestamp::now().as_second())
        .fetch_one(&self.pool)
        .await
    }

    pub(crate) async fn customer(&self, id: i64) -> anyhow::Result<Customer> {
        let row = sqlx::query_as("SELECT name, email FROM customer WHERE id = ?1").bind(id).fetch_one(&self.pool).await;
        let (name, email) = row.with_context(|| format!("cannot read customer {id}"))?;
        Ok(Customer { name, email })
    }

    pub(crate) async fn order(&self, id: i64) -> anyhow::Result<Order> {
        let row = sqlx::query_as(
            "SELECT customer.name, customer.email, product.name, quantity, total FROM orders
             JOIN customer ON customer.id = orders.customer JOIN product ON product.id = orders.product
             WHERE orders.id = ?1",
        );
        let row = row.bind(id).fetch_one(&self.pool).await;
        let (name, email, product, quantity, total) = row.with_context(|| format!("cannot read order {id}"))?;
        Ok(Order { customer: Customer { name, email }, product, quantity, total })
    }

    /// The customers who have spent most, by number.
    pub(crate) async fn best_customers(&self, limit: u32) -> sqlx::Result<Vec<i64>> {
        sqlx::query_scalar("SELECT customer FROM orders GROUP BY customer ORDER BY sum(total) DESC, customer LIMIT ?1")
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    /// How many orders were placed from one instant to another, the last not included, and what they came to.
    pub(crate) async fn sales(&self, from: Timestamp, to: Timestamp) -> sqlx::Result<(i64, i64)> {
        sqlx::query_as("SELECT count(*), coalesce(sum(total), 0) FROM orders WHERE placed_at >= ?1 AND placed_at < ?2")
            .bind(from.as_second())
            .bind(to.as_second())
            .fetch_one(&self.pool)
            .await
    }

    /// Sets how many of each of a supplier's products there are, and returns how many products those are.
    pub(crate) async fn set_stock(&self, supplier: i64, stock: i64) -> sqlx::Result<u64> {
        let query = sqlx::query("UPDATE product SET stock = ?2 WHERE supplier = ?1").bind(supplier).bind(stock);
        Ok(query.execute(&self.pool).await?.rows_affected())
    }
}

/// An amount as people read it.
pub(crate) fn lira(kurus: i64) -> String {
    format!("{}.{:02} TRY", kurus / 100, kurus % 100)
}
