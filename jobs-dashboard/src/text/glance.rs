//! What the lists of queues and of kinds have in common.

use super::Lang;

/// Words of both lists.
pub(crate) struct Glance {
    pub(crate) per_minute: fn(most: i64) -> String,
    pub(crate) states: &'static str,
    pub(crate) parked: fn(jobs: i64) -> String,
    pub(crate) servers: &'static str,
    pub(crate) ended: fn(jobs: i64) -> String,
    pub(crate) failed: fn(jobs: i64, share: &str) -> String,
    pub(crate) paused: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) until: &'static str,
    pub(crate) too_late: &'static str,
}

pub(super) const ENGLISH: Glance = Glance {
    per_minute: |most| format!("at most {} a minute", Lang::English.count(most)),
    states: "Jobs",
    parked: |jobs| format!("{} set aside", Lang::English.count(jobs)),
    servers: "Servers",
    ended: |jobs| format!("{} ended", Lang::English.count(jobs)),
    failed: |jobs, share| format!("{} failed ({share})", Lang::English.count(jobs)),
    paused: "paused",
    pause: "Pause",
    resume: "Resume",
    until: "Until (UTC); empty: until it is resumed",
    too_late: "Nothing has changed: it was not paused any more, or the end of the pause lies in the past.",
};

pub(super) const TURKISH: Glance = Glance {
    per_minute: |most| format!("dakikada en çok {}", Lang::Turkish.count(most)),
    states: "İşler",
    parked: |jobs| format!("{} kenara konmuş", Lang::Turkish.count(jobs)),
    servers: "Sunucular",
    ended: |jobs| format!("{} bitti", Lang::Turkish.count(jobs)),
    failed: |jobs, share| format!("{} başarısız ({share})", Lang::Turkish.count(jobs)),
    paused: "duraklatıldı",
    pause: "Duraklat",
    resume: "Sürdür",
    until: "Bitiş zamanı (UTC); boşsa sürdürülene dek",
    too_late: "Hiçbir şey değişmedi: artık duraklatılmış değildi ya da duraklatmanın sonu geçmişte kalıyor.",
};
