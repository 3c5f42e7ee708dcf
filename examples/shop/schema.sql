CREATE TABLE IF NOT EXISTS customer (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    city TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS account (
    customer INTEGER PRIMARY KEY REFERENCES customer,
    voucher TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS product (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    supplier INTEGER NOT NULL,
    price INTEGER NOT NULL, -- in kuruş, a hundredth of a lira
    stock INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customer,
    product INTEGER NOT NULL REFERENCES product,
    quantity INTEGER NOT NULL,
    total INTEGER NOT NULL, -- in kuruş
    placed_at INTEGER NOT NULL -- in seconds since 1970-01-01 UTC
);
CREATE INDEX IF NOT EXISTS orders_by_time ON orders (placed_at);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer);
