//! The overview.

use super::Lang;

/// Words of the overview.
pub(crate) struct Overview {
    pub(crate) oldest_wait: &'static str,
    pub(crate) slow_kinds: &'static str,
    pub(crate) no_slow_kinds: &'static str,
    pub(crate) title: &'static str,
    pub(crate) healthy: fn(servers: i64, running: i64) -> String,
    pub(crate) healthy_queues: fn(running: i64) -> String,
    pub(crate) idle: &'static str,
    pub(crate) troubled: fn(problems: i64) -> String,
    pub(crate) no_server: fn(waiting: i64) -> String,
    pub(crate) nobody_reads: fn(queue: &str, waiting: i64) -> String,
    pub(crate) failing: fn(percent: &str, failed: i64) -> String,
    pub(crate) lost_server: fn(name: &str) -> String,
    pub(crate) lost_slots: fn(name: &str, slots: i64) -> String,
    pub(crate) versions: fn(versions: &str) -> String,
    pub(crate) enqueued: &'static str,
    pub(crate) processing: &'static str,
    pub(crate) of_slots: fn(slots: i64) -> String,
    pub(crate) scheduled: &'static str,
    pub(crate) awaiting: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) failed_hour: fn(failed: i64) -> String,
    pub(crate) succeeded: &'static str,
    pub(crate) succeeded_hour: fn(succeeded: i64) -> String,
    pub(crate) now: &'static str,
    pub(crate) now_note: &'static str,
    pub(crate) chart: &'static str,
    pub(crate) chart_table: &'static str,
    pub(crate) chart_time: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) range: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) day: &'static str,
    pub(crate) week: &'static str,
    pub(crate) month: &'static str,
    pub(crate) year: &'static str,
    pub(crate) queues: &'static str,
    pub(crate) no_queues: &'static str,
    pub(crate) failing_kinds: &'static str,
    pub(crate) no_failing_kinds: fn(succeeded: i64) -> String,
    pub(crate) share: &'static str,
    pub(crate) first_steps: &'static str,
    pub(crate) first_steps_how: &'static str,
}

pub(super) const ENGLISH: Overview = Overview {
    oldest_wait: "Oldest wait",
    slow_kinds: "Slowest kinds in 24 hours",
    no_slow_kinds: "Nothing has run in the last 24 hours.",
    title: "Overview",
    healthy: |servers, running| match servers {
        1 => format!("Healthy: 1 server, {} running.", (super::part::ENGLISH.jobs)(running)),
        servers => format!("Healthy: {} servers, {} running.", en(servers), (super::part::ENGLISH.jobs)(running)),
    },
    healthy_queues: |running| format!("Healthy: {} running.", (super::part::ENGLISH.jobs)(running)),
    idle: "Nothing waits, and no server runs.",
    troubled: |problems| match problems {
        1 => "One thing needs attention.".to_owned(),
        problems => format!("{} things need attention.", en(problems)),
    },
    no_server: |waiting| match waiting {
        1 => "No server runs, and 1 job waits.".to_owned(),
        waiting => format!("No server runs, and {} jobs wait.", en(waiting)),
    },
    nobody_reads: |queue, waiting| {
        format!(
            "No server reads the queue \u{201c}{queue}\u{201d}, which holds {}.",
            (super::part::ENGLISH.jobs)(waiting)
        )
    },
    failing: |percent, failed| {
        format!("{percent} of what ended in the last hour failed: {}.", (super::part::ENGLISH.jobs)(failed))
    },
    lost_server: |name| format!("The server \u{201c}{name}\u{201d} has stopped answering."),
    lost_slots: |name, slots| match slots {
        1 => format!("On the server \u{201c}{name}\u{201d} 1 slot is held by a job that does not end."),
        slots => format!("On the server \u{201c}{name}\u{201d} {} slots are held by jobs that do not end.", en(slots)),
    },
    versions: |versions| format!("Servers run different versions: {versions}."),
    enqueued: "Enqueued",
    processing: "Processing",
    of_slots: |slots| format!("on {} slots", en(slots)),
    scheduled: "Scheduled",
    awaiting: "Awaiting",
    failed: "Failed",
    failed_hour: |failed| format!("{} in the last hour", en(failed)),
    succeeded: "Succeeded",
    succeeded_hour: |succeeded| format!("{} in the last hour", en(succeeded)),
    now: "What ended in the last minute",
    now_note: "Counted while somebody watches, from the jobs that are kept.",
    chart: "What ended",
    chart_table: "As a table",
    chart_time: "From",
    deleted: "Deleted",
    range: "Time range",
    hour: "1 hour",
    day: "1 day",
    week: "1 week",
    month: "30 days",
    year: "1 year",
    queues: "Queues",
    no_queues: "No queue holds a job.",
    failing_kinds: "Kinds that failed",
    no_failing_kinds: |succeeded| {
        format!("Nothing failed in this range; {} succeeded.", (super::part::ENGLISH.jobs)(succeeded))
    },
    share: "Share",
    first_steps: "No job yet",
    first_steps_how: "Put #[job] on a function, call it, and start a server:",
};

fn en(number: i64) -> String {
    Lang::English.count(number)
}

pub(super) const TURKISH: Overview = Overview {
    oldest_wait: "En uzun bekleme",
    slow_kinds: "Son 24 saatin en yavaş türleri",
    no_slow_kinds: "Son 24 saatte hiçbir şey çalışmadı.",
    title: "Genel bakış",
    healthy: |servers, running| format!("Sağlıklı: {} sunucu, {} iş çalışıyor.", tr(servers), tr(running)),
    healthy_queues: |running| format!("Sağlıklı: {} iş çalışıyor.", tr(running)),
    idle: "Bekleyen iş yok, çalışan sunucu da yok.",
    troubled: |problems| format!("{} konu ilgi bekliyor.", tr(problems)),
    no_server: |waiting| format!("Hiç sunucu çalışmıyor, {} iş bekliyor.", tr(waiting)),
    nobody_reads: |queue, waiting| {
        format!("\u{201c}{queue}\u{201d} kuyruğunu okuyan sunucu yok; içinde {} iş var.", tr(waiting))
    },
    failing: |percent, failed| format!("Son saatte bitenlerin {percent} kadarı başarısız: {} iş.", tr(failed)),
    lost_server: |name| format!("\u{201c}{name}\u{201d} sunucusu yanıt vermiyor."),
    lost_slots: |name, slots| format!("\u{201c}{name}\u{201d} sunucusunda {} yeri bitmeyen işler tutuyor.", tr(slots)),
    versions: |versions| format!("Sunucular farklı sürümlerde: {versions}."),
    enqueued: "Kuyrukta",
    processing: "Çalışıyor",
    of_slots: |slots| format!("{} yerde", tr(slots)),
    scheduled: "Zamanlanmış",
    awaiting: "Bekliyor",
    failed: "Başarısız",
    failed_hour: |failed| format!("son saatte {}", tr(failed)),
    succeeded: "Başarılı",
    succeeded_hour: |succeeded| format!("son saatte {}", tr(succeeded)),
    now: "Son dakikada bitenler",
    now_note: "Biri izlerken, saklanan işlerden sayılır.",
    chart: "Bitenler",
    chart_table: "Tablo olarak",
    chart_time: "Başlangıç",
    deleted: "Silinen",
    range: "Zaman aralığı",
    hour: "1 saat",
    day: "1 gün",
    week: "1 hafta",
    month: "30 gün",
    year: "1 yıl",
    queues: "Kuyruklar",
    no_queues: "Hiçbir kuyrukta iş yok.",
    failing_kinds: "Başarısız olan türler",
    no_failing_kinds: |succeeded| format!("Bu aralıkta başarısız olan yok; {} iş başarılı.", tr(succeeded)),
    share: "Pay",
    first_steps: "Henüz iş yok",
    first_steps_how: "Bir işleve #[job] koyun, çağırın ve bir sunucu başlatın:",
};

fn tr(number: i64) -> String {
    Lang::Turkish.count(number)
}
