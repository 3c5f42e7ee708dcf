//! The list of kinds.

use super::Lang;

/// Words of the list of kinds.
pub(crate) struct Kinds {
    pub(crate) title: &'static str,
    pub(crate) caption: fn(count: i64) -> String,
    pub(crate) day: &'static str,
    pub(crate) waits: &'static str,
    pub(crate) runs: &'static str,
    pub(crate) nobody_knows: &'static str,
    pub(crate) errors: &'static str,
    pub(crate) ask_pause: fn(&str) -> String,
    pub(crate) ask_resume: fn(&str) -> String,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: &'static str,
}

pub(super) const ENGLISH: Kinds = Kinds {
    title: "Kinds",
    caption: |count| match count {
        1 => "1 kind of jobs".to_owned(),
        count => format!("{} kinds of jobs", Lang::English.count(count)),
    },
    day: "Last 24 hours",
    waits: "Waited",
    runs: "Ran",
    nobody_knows: "no server knows it",
    errors: "errors",
    ask_pause: |kind| {
        format!("No server claims a job of the kind {kind} any more, from whatever queue. What runs goes on.")
    },
    ask_resume: |kind| format!("Servers claim jobs of the kind {kind} again."),
    empty: "No kind yet",
    empty_how: "A kind is there as soon as a job of it is stored, or a server runs that knows it:",
};

pub(super) const TURKISH: Kinds = Kinds {
    title: "Türler",
    caption: |count| format!("{} iş türü", Lang::Turkish.count(count)),
    day: "Son 24 saat",
    waits: "Bekleme",
    runs: "Çalışma",
    nobody_knows: "hiçbir sunucu tanımıyor",
    errors: "hatalar",
    ask_pause: |kind| {
        format!("Sunucular, kuyruğu ne olursa olsun, {kind} türünden artık iş almaz. Çalışan işler sürer.")
    },
    ask_resume: |kind| format!("Sunucular {kind} türünden yeniden iş alır."),
    empty: "Henüz tür yok",
    empty_how: "Bir türden iş kaydedildiğinde ya da onu tanıyan bir sunucu çalıştığında tür burada görünür:",
};
