//! `#[recurring]` above and below `#[job]`, with and without the crate's path, once and twice.

use jobs::{Job, job, recurring};

#[recurring("0 0 L * *", tz = "Europe/Istanbul", misfire = "once")]
#[job]
async fn above() {}

#[job]
#[jobs::recurring("*/5 * * * *", overlap = "skip", id = "five")]
async fn below() {}

#[recurring("0 8 * * MON", args(1, "weekly"))]
#[jobs::job(name = "report")]
#[recurring("0 8 1 * *", id = "monthly", misfire = "all", cap = 10, args(2, String::from("monthly")))]
fn both(level: u8, title: &str) -> Result<(), String> {
    let _ = (level, title);
    Ok(())
}

#[job]
#[cfg_attr(all(), recurring("@daily"))]
#[cfg_attr(any(), recurring("@hourly"))]
async fn conditional() {}

fn main() {
    assert_eq!(conditional::DESCRIPTOR.recurring.len(), 1);
    assert_eq!(above::DESCRIPTOR.recurring[0].zone, "Europe/Istanbul");
    assert!(above::DESCRIPTOR.recurring[0].id.ends_with("::above"));
    assert_eq!(below::DESCRIPTOR.recurring[0].id, "five");
    let ids: Vec<_> = both::DESCRIPTOR.recurring.iter().map(|recurring| recurring.id).collect();
    assert_eq!(ids, ["monthly", "report"]);
}
