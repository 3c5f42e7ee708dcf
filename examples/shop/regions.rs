//! The sales of each region, added up side by side, and one report of all of them.

use std::fs;

use anyhow::Context;
use jobs::prelude::*;
use serde::{Deserialize, Serialize};

use crate::data::{Shop, amount};

/// At most so many regions are reported, those with most customers.
const MOST: u32 = 50;

/// Stores a job for each region and one after all of them; returns how many those are.
pub(crate) async fn begin(shop: &Shop) -> anyhow::Result<usize> {
    let regions: Vec<add_up> = shop.cities(MOST).await?.into_iter().map(add_up::new).collect();
    let jobs = regions.len() + 1;
    // It fans out and comes together again. What a few different jobs return is joined by a tuple: `join((a, b)).then(c)`.
    join(regions).then(report_regions::new()).enqueue().await?;
    Ok(jobs)
}

/// What was sold in a region.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Region {
    city: String,
    orders: i64,
    total: i64,
}

/// Adds up the sales of a region, on whichever server has time.
#[job(attempts = 3, timeout = "1m", summary = "{city}")]
pub(crate) async fn add_up(#[state] shop: &Shop, city: String) -> anyhow::Result<Region> {
    let (orders, total) = shop.sales_in(&city).await?;
    Ok(Region { city, orders, total })
}

/// Writes what all of them returned into one file, and returns where that is.
///
/// `#[parents]` are the outputs of all jobs before it, in the order in which those were named.
#[job(attempts = 3, timeout = "1m")]
pub(crate) async fn report_regions(
    ctx: &JobContext,
    #[state] shop: &Shop,
    #[parents] regions: Vec<Region>,
) -> anyhow::Result<String> {
    let path = shop.folder("reports")?.join("regions.csv");
    let unfinished = path.with_extension(format!("{}.unfinished", ctx.id()));
    write(&unfinished, &regions)
        .and_then(|()| Ok(fs::rename(&unfinished, &path)?))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.display().to_string())
}

fn write(path: &std::path::Path, regions: &[Region]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["region", "orders", "total"])?;
    for region in regions {
        writer.write_record([region.city.clone(), region.orders.to_string(), amount(region.total)])?;
    }
    let orders: i64 = regions.iter().map(|region| region.orders).sum();
    let total: i64 = regions.iter().map(|region| region.total).sum();
    writer.write_record(["together".to_owned(), orders.to_string(), amount(total)])?;
    Ok(writer.flush()?)
}
