//! The list of queues.

use super::Lang;

/// Words of the list of queues.
pub(crate) struct Queues {
    pub(crate) title: &'static str,
    pub(crate) caption: fn(count: i64) -> String,
    pub(crate) oldest: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) waits: &'static str,
    pub(crate) nobody_reads: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) ask_pause: fn(&str) -> String,
    pub(crate) ask_resume: fn(&str) -> String,
    pub(crate) ask_clear: fn(&str) -> String,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: &'static str,
}

pub(super) const ENGLISH: Queues = Queues {
    title: "Queues",
    caption: |count| match count {
        1 => "1 queue".to_owned(),
        count => format!("{} queues, the one that waits longest first", Lang::English.count(count)),
    },
    oldest: "Oldest wait",
    hour: "Last hour",
    waits: "Waits of the last hour",
    nobody_reads: "no server reads it",
    clear: "Clear",
    ask_pause: |queue| format!("No server claims a job of the queue {queue} any more. What runs goes on."),
    ask_resume: |queue| format!("Servers claim jobs of the queue {queue} again."),
    ask_clear: |queue| {
        format!("All jobs of the queue {queue} that wait are deleted, in the background. What runs goes on.")
    },
    empty: "No queue yet",
    empty_how: "A queue is there as soon as a job is put into it, or a server reads it:",
};

pub(super) const TURKISH: Queues = Queues {
    title: "Kuyruklar",
    caption: |count| match count {
        1 => "1 kuyruk".to_owned(),
        count => format!("{} kuyruk, en uzun bekleyen önce", Lang::Turkish.count(count)),
    },
    oldest: "En uzun bekleyen",
    hour: "Son bir saat",
    waits: "Son bir saatte beklemeler",
    nobody_reads: "hiçbir sunucu okumuyor",
    clear: "Boşalt",
    ask_pause: |queue| format!("Sunucular {queue} kuyruğundan artık iş almaz. Çalışan işler sürer."),
    ask_resume: |queue| format!("Sunucular {queue} kuyruğundan yeniden iş alır."),
    ask_clear: |queue| format!("{queue} kuyruğunda bekleyen bütün işler arka planda silinir. Çalışan işler sürer."),
    empty: "Henüz kuyruk yok",
    empty_how: "İçine bir iş konduğunda ya da bir sunucu okuduğunda kuyruk burada görünür:",
};
