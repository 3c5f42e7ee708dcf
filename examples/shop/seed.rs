//! Makes the shop's data on the first run: the same on every machine, because the seed is fixed.

use std::path::Path;

use anyhow::bail;
use fake::{
    Fake,
    faker::name::raw::{FirstName, LastName},
    locales::TR_TR,
    rand::{RngExt, SeedableRng, rngs::ChaCha8Rng},
};
use jobs::Timestamp;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::{data::Shop, import};

const SEED: u64 = 2026;
const CUSTOMERS: u64 = 5_000;
const ORDERS: usize = 50_000;
/// How many products there are, numbered from 1.
pub(crate) const PRODUCTS: i64 = 200;
/// How many suppliers the products come from.
pub(crate) const SUPPLIERS: i64 = 6;
const CITIES: [&str; 8] = ["İstanbul", "Ankara", "İzmir", "Bursa", "Antalya", "Konya", "Gaziantep", "Eskişehir"];
const GOODS: [&str; 10] = ["Kettle", "Lamp", "Chair", "Rug", "Mirror", "Kilim", "Teapot", "Vase", "Clock", "Shelf"];
const YEAR: i64 = 365 * 24 * 60 * 60;
/// Rows in one statement: SQLite takes 32,766 values at most.
const ROWS: usize = 5_000;

/// Somebody who may become a customer.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) city: String,
}

impl Person {
    /// Makes somebody up: always the same for the same number.
    pub(crate) fn make_up(number: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(SEED ^ number.rotate_left(32));
        let first: &str = FirstName(TR_TR).fake_with_rng(&mut random);
        let last: &str = LastName(TR_TR).fake_with_rng(&mut random);
        let city = CITIES[random.random_range(0..CITIES.len())].to_owned();
        Self { name: format!("{first} {last}"), email: format!("customer{number}@example.org"), city }
    }
}

/// Takes over the customers of the file, and makes up what is missing, all in one transaction: a run that is interrupted leaves
/// nothing half done.
pub(crate) async fn fill(shop: &Shop, file: Option<&Path>) -> anyhow::Result<()> {
    let mut tx = shop.pool.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(file) = file {
        import::customers(&mut tx, file).await?;
    }
    if count(&mut tx, "SELECT count(*) FROM customer").await? == 0 {
        if let Some(file) = file {
            bail!("{} holds no customer", file.display());
        }
        let people: Vec<Person> = (1..=CUSTOMERS).map(Person::make_up).collect();
        insert(&mut tx, "INSERT INTO customer (name, email, city) ", people, |mut row, person| {
            row.push_bind(person.name).push_bind(person.email).push_bind(person.city);
        })
        .await?;
        println!("shop: made up {CUSTOMERS} customers");
    }
    if count(&mut tx, "SELECT count(*) FROM orders").await? == 0 {
        make_up_orders(&mut tx).await?;
        println!("shop: made up {ORDERS} orders");
    }
    tx.commit().await?;
    Ok(())
}

async fn make_up_orders(connection: &mut SqliteConnection) -> anyhow::Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let prices: Vec<i64> = (0..PRODUCTS).map(|_| random.random_range(50..5_000) * 100 - 10).collect();
    let products = (1..=PRODUCTS).zip(prices.clone());
    insert(connection, "INSERT INTO product (id, name, supplier, price, stock) ", products, |mut row, (id, price)| {
        let name = format!("{} no. {id}", GOODS[id as usize % GOODS.len()]);
        row.push_bind(id).push_bind(name).push_bind(1 + id % SUPPLIERS).push_bind(price).push_bind(0_i64);
    })
    .await?;

    let customers: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM customer ORDER BY id").fetch_all(&mut *connection).await?;
    let now = Timestamp::now().as_second();
    let orders = (0..ORDERS).map(|_| {
        let customer = customers[random.random_range(0..customers.len())];
        let product = random.random_range(1..=PRODUCTS);
        let quantity = random.random_range(1..=4);
        (customer, product, quantity, now - random.random_range(0..YEAR))
    });
    let into = "INSERT INTO orders (customer, product, quantity, total, placed_at) ";
    insert(connection, into, orders, |mut row, (customer, product, quantity, placed_at)| {
        let total = prices[product as usize - 1] * quantity;
        row.push_bind(customer).push_bind(product).push_bind(quantity).push_bind(total).push_bind(placed_at);
    })
    .await
}

/// Inserts rows, many with one statement.
async fn insert<T>(
    connection: &mut SqliteConnection,
    into: &str,
    rows: impl IntoIterator<Item = T>,
    mut bind: impl FnMut(sqlx::query_builder::Separated<'_, Sqlite, &'static str>, T),
) -> anyhow::Result<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut query = QueryBuilder::<Sqlite>::new(into);
        query.push_values(rows.by_ref().take(ROWS), &mut bind);
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

async fn count(connection: &mut SqliteConnection, query: &'static str) -> sqlx::Result<i64> {
    sqlx::query_scalar(query).fetch_one(connection).await
}
