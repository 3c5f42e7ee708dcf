//! The list of servers.

use super::Lang;

/// Words of the list of servers.
pub(crate) struct Servers {
    pub(crate) stop: &'static str,
    pub(crate) ask_quiet: fn(&str) -> String,
    pub(crate) ask_resume: fn(&str) -> String,
    pub(crate) ask_stop: fn(&str) -> String,
    pub(crate) too_late: &'static str,
    pub(crate) title: &'static str,
    pub(crate) caption: fn(alive: i64, slots: i64) -> String,
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) version: &'static str,
    pub(crate) queues: &'static str,
    pub(crate) slots: &'static str,
    pub(crate) slots_used: fn(running: i64, slots: i64) -> String,
    pub(crate) lost: fn(lost: i64) -> String,
    pub(crate) started: &'static str,
    pub(crate) beat: &'static str,
    pub(crate) runs: &'static str,
    pub(crate) dead: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) stopping: &'static str,
    pub(crate) resizing: fn(slots: i64) -> String,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: &'static str,
}

pub(super) const ENGLISH: Servers = Servers {
    stop: "Stop",
    ask_quiet: |name| format!("{name} takes no further jobs. What it runs goes on."),
    ask_resume: |name| format!("{name} takes jobs again."),
    ask_stop: |name| {
        format!(
            "{name} takes no further jobs, waits for those that run as long as it was told to, and ends. It does not start again by itself."
        )
    },
    too_late: "Nothing was done: it was not paused.",
    title: "Servers",
    caption: |alive, slots| match alive {
        1 => format!("1 server runs, with {} slots.", en(slots)),
        alive => format!("{} servers run, with {} slots.", en(alive), en(slots)),
    },
    name: "Server",
    state: "State",
    version: "Version",
    queues: "Queues",
    slots: "Slots",
    slots_used: |running, slots| format!("{} of {}", en(running), en(slots)),
    lost: |lost| match lost {
        1 => "1 held by a job that does not end".to_owned(),
        lost => format!("{} held by jobs that do not end", en(lost)),
    },
    started: "Started",
    beat: "Last sign of life",
    runs: "runs",
    dead: "does not answer",
    paused: "paused",
    stopping: "stopping",
    resizing: |slots| format!("to be resized to {}", en(slots)),
    empty: "No server runs",
    empty_how: "Jobs wait in the database until one does. Start a server in your program:",
};

fn en(number: i64) -> String {
    Lang::English.count(number)
}

pub(super) const TURKISH: Servers = Servers {
    stop: "Durdur",
    ask_quiet: |name| format!("{name} artık iş almaz. Çalıştırdıkları sürer."),
    ask_resume: |name| format!("{name} yeniden iş alır."),
    ask_stop: |name| {
        format!(
            "{name} artık iş almaz, çalışanları kendisine söylendiği kadar bekler ve kapanır. Kendiliğinden yeniden başlamaz."
        )
    },
    too_late: "Hiçbir şey yapılmadı: duraklatılmamıştı.",
    title: "Sunucular",
    caption: |alive, slots| format!("{} sunucu çalışıyor, toplam {} yer.", tr(alive), tr(slots)),
    name: "Sunucu",
    state: "Durum",
    version: "Sürüm",
    queues: "Kuyruklar",
    slots: "Yerler",
    slots_used: |running, slots| format!("{} / {}", tr(running), tr(slots)),
    lost: |lost| format!("{} yeri bitmeyen işler tutuyor", tr(lost)),
    started: "Başladı",
    beat: "Son yaşam belirtisi",
    runs: "çalışıyor",
    dead: "yanıt vermiyor",
    paused: "duraklatıldı",
    stopping: "duruyor",
    resizing: |slots| format!("{} yere ayarlanacak", tr(slots)),
    empty: "Çalışan sunucu yok",
    empty_how: "Biri çalışana dek işler veritabanında bekler. Programınızda bir sunucu başlatın:",
};

fn tr(number: i64) -> String {
    Lang::Turkish.count(number)
}
