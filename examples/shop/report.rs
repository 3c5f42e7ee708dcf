//! The month-end report: sales by month as a CSV file.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use jobs::{
    jiff::{ToSpan, Zoned},
    prelude::*,
};

use crate::data::{Shop, amount};

const ZONE: &str = "Europe/Istanbul";
const MONTHS: i32 = 12;

struct Month {
    name: String,
    orders: i64,
    total: i64,
}

/// Reports the last twelve months, at 00:00 on the last day (`L`) of each month in Istanbul, summer time or not. The expression is
/// checked when the program is compiled. When no server runs at that time, the report is made once by the next that starts.
///
/// Everything is reckoned from the occurrence, the time for which the job was made, and not from the time at which it happens to
/// run: so a second attempt writes the same report.
#[recurring("0 0 L * *", tz = "Europe/Istanbul", misfire = "once", id = "month-end-report")]
#[job(timeout = "5m")]
pub(crate) async fn month_end_report(ctx: &JobContext, #[state] shop: &Shop) -> anyhow::Result<String> {
    let end = ctx.occurrence().unwrap_or_else(Timestamp::now).in_tz(ZONE)?;
    let first = end.first_of_month()?.start_of_day()?.checked_sub((MONTHS - 1).months())?;
    let mut months = Vec::new();
    for number in 0..MONTHS {
        let from = first.checked_add(number.months())?;
        let to = first.checked_add((number + 1).months())?.min(end.clone());
        let (orders, total) = shop.sales(from.timestamp(), to.timestamp()).await?;
        ctx.progress(f64::from(number + 1) / f64::from(MONTHS), from.strftime("%B %Y").to_string());
        months.push(Month { name: from.strftime("%Y-%m").to_string(), orders, total });
    }
    check(shop, &first, &end, &months).await?;

    let path = shop.folder("reports")?.join(format!("month-end-{}.csv", end.date()));
    // Whoever looks sees the whole report, or nothing yet.
    let unfinished = path.with_extension(format!("{}.unfinished", ctx.id()));
    write(&unfinished, &months)
        .and_then(|()| Ok(fs::rename(unfinished, &path)?))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.display().to_string())
}

/// The months must add up to what the whole time came to.
async fn check(shop: &Shop, from: &Zoned, to: &Zoned, months: &[Month]) -> anyhow::Result<()> {
    let (orders, total) = shop.sales(from.timestamp(), to.timestamp()).await?;
    let sum = |number: fn(&Month) -> i64| months.iter().map(number).sum::<i64>();
    ensure!(sum(|month| month.orders) == orders, "the months do not add up to {orders} orders");
    ensure!(sum(|month| month.total) == total, "the months do not add up to {total} kuruş");
    Ok(())
}

fn write(path: &Path, months: &[Month]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["month", "orders", "total"])?;
    for month in months {
        writer.write_record([month.name.clone(), month.orders.to_string(), amount(month.total)])?;
    }
    let orders: i64 = months.iter().map(|month| month.orders).sum();
    let total: i64 = months.iter().map(|month| month.total).sum();
    writer.write_record(["together".to_owned(), orders.to_string(), amount(total)])?;
    Ok(writer.flush()?)
}
