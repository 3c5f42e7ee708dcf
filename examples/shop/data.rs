//! The shop's own database and folder. Jobs are kept elsewhere: see `outbox.rs` beside this folder for one file with both.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use jobs::Timestamp;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::seed::{self, Person};

/// Locked while customers come.
const DAY: &str = "day.lock";

/// The shop's data. Cheap to clone; jobs borrow it as `#[state] shop: &Shop`.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) pool: SqlitePool,
    folder: PathBuf,
}

pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) city: String,
}

pub(crate) struct Order {
    pub(crate) customer: Customer,
    pub(crate) product: String,
    pub(crate) quantity: i64,
    pub(crate) total: i64,
}

impl Shop {
    /// Opens the database in the folder, and makes and fills what is missing, with the customers of the file if there is one.
    pub(crate) async fn open(folder: &Path, customers: Option<&Path>) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        // Processes that start together take turns: the first makes everything, the others find it there.
        let turn = lock_file(folder, "shop.lock")?;
        turn.lock().context("cannot lock the shop's folder")?;
        let path = folder.join("shop.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10));
        let opened = SqlitePool::connect_with(options).await;
        let pool = opened.with_context(|| format!("cannot open the shop's database {}", path.display()))?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        let shop = Self { pool, folder: folder.to_owned() };
        seed::fill(&shop, customers).await?;
        Ok(shop)
    }

    /// Says to all processes that customers come from now on, until the file is closed, by a crash too.
    pub(crate) fn begin_day(&self) -> anyhow::Result<File> {
        let day = lock_file(&self.folder, DAY)?;
        day.lock_shared().context("cannot lock the shop's folder")?;
        Ok(day)
    }

    /// Whether there has been a day, and none is going on in any process.
    pub(crate) fn day_is_over(&self) -> anyhow::Result<bool> {
        let day = match File::open(self.folder.join(DAY)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        match day.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// A folder inside the shop's; it is made where it is missing.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder)
    }

    /// Stores somebody new and returns the number.
    pub(crate) async fn register_somebody(&self) -> sqlx::Result<i64> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let known: i64 = sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM customer").fetch_one(&mut *tx).await?;
        let person = Person::make_up(known.unsigned_abs() + 1);
        // Who is in the list under this address already registers again, and keeps the number.
        let customer = sqlx::query_scalar(
            "INSERT INTO customer (name, email, city) VALUES (?1, ?2, ?3)
             ON CONFLICT (email) DO UPDATE SET name = excluded.name, city = excluded.city RETURNING id",
        );
        let id = customer.bind(person.name).bind(person.email).bind(person.city).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Opens a customer's account, if there is none yet, and returns the voucher in it.
    pub(crate) async fn open_account(&self, customer: i64, voucher: &str) -> sqlx::Result<String> {
        let query = sqlx::query_scalar(
            "INSERT INTO account (customer, voucher) VALUES (?1, ?2)
             ON CONFLICT (customer) DO UPDATE SET voucher = voucher RETURNING voucher",
        );
        query.bind(customer).bind(voucher).fetch_one(&self.pool).await
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
        let row = sqlx::query_as("SELECT name, email, city FROM customer WHERE id = ?1").bind(id);
        let row = row.fetch_one(&self.pool).await;
        let (name, email, city) = row.with_context(|| format!("cannot read customer {id}"))?;
        Ok(Customer { name, email, city })
    }

    pub(crate) async fn order(&self, id: i64) -> anyhow::Result<Order> {
        let row = sqlx::query_as(
            "SELECT customer.name, customer.email, customer.city, product.name, quantity, total FROM orders
             JOIN customer ON customer.id = orders.customer JOIN product ON product.id = orders.product
             WHERE orders.id = ?1",
        );
        let row = row.bind(id).fetch_one(&self.pool).await;
        let (name, email, city, product, quantity, total) = row.with_context(|| format!("cannot read order {id}"))?;
        Ok(Order { customer: Customer { name, email, city }, product, quantity, total })
    }

    /// The customers, or those who have spent most, by number.
    pub(crate) async fn best_customers(&self, limit: Option<u32>) -> sqlx::Result<Vec<i64>> {
        let query = sqlx::query_scalar(
            "SELECT customer.id FROM customer LEFT JOIN orders ON orders.customer = customer.id
             GROUP BY customer.id ORDER BY sum(orders.total) DESC, customer.id LIMIT ?1",
        );
        // To SQLite, less than nothing is no limit.
        query.bind(limit.map_or(-1, i64::from)).fetch_all(&self.pool).await
    }

    /// The cities with most customers.
    pub(crate) async fn cities(&self, limit: u32) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT city FROM customer GROUP BY city ORDER BY count(*) DESC, city LIMIT ?1")
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    /// How many orders came from a city, and what they came to.
    pub(crate) async fn sales_in(&self, city: &str) -> sqlx::Result<(i64, i64)> {
        sqlx::query_as(
            "SELECT count(*), coalesce(sum(total), 0) FROM orders
             JOIN customer ON customer.id = orders.customer WHERE city = ?1",
        )
        .bind(city)
        .fetch_one(&self.pool)
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

fn lock_file(folder: &Path, name: &str) -> anyhow::Result<File> {
    let path = folder.join(name);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    opened.with_context(|| format!("cannot open {}", path.display()))
}

/// An amount in a table, in lira.
pub(crate) fn amount(kurus: i64) -> String {
    format!("{}.{:02}", kurus / 100, kurus % 100)
}

/// An amount as people read it.
pub(crate) fn lira(kurus: i64) -> String {
    format!("{} TRY", amount(kurus))
}
