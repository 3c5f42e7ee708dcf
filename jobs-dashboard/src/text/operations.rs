//! Operations: one act on all jobs that match a filter.

use jobs_runtime::storage::OperationState;

use super::Lang;

/// Words of operations.
pub(crate) struct Operations {
    pub(crate) title: &'static str,
    pub(crate) new: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: &'static str,
    pub(crate) state: fn(OperationState) -> &'static str,
    pub(crate) act: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) begun: &'static str,
    pub(crate) by: &'static str,
    pub(crate) status: &'static str,
    pub(crate) done: fn(done: i64, expected: Option<i64>) -> String,
    pub(crate) looked: fn(i64) -> String,
    pub(crate) skipped: fn(i64) -> String,
    pub(crate) failed: fn(i64) -> String,
    pub(crate) stop: &'static str,
    pub(crate) matching: fn(i64) -> String,
    pub(crate) matching_least: fn(jobs: i64, looked: i64) -> String,
    pub(crate) matching_none: &'static str,
    pub(crate) how: &'static str,
    pub(crate) what: &'static str,
    pub(crate) begin: &'static str,
    pub(crate) to_jobs: &'static str,
    pub(crate) confirm_count: fn(i64) -> String,
    pub(crate) wrong_count: fn(i64) -> String,
    pub(crate) created: &'static str,
    pub(crate) error: &'static str,
    pub(crate) text: &'static str,
}

/// From so many jobs on, the number has to be typed.
pub(crate) const MANY: i64 = 100;

fn en(number: i64) -> String {
    Lang::English.count(number)
}

fn tr(number: i64) -> String {
    Lang::Turkish.count(number)
}

pub(super) const ENGLISH: Operations = Operations {
    title: "Operations",
    new: "Act on all that match",
    empty: "No operation yet",
    empty_how: "Filter a list of jobs and choose to act on all that match. What you begin there is carried out by the servers, also when this page is closed.",
    state: |state| match state {
        OperationState::Running => "running",
        OperationState::Done => "done",
        OperationState::Cancelled => "stopped",
        OperationState::Failed => "failed",
    },
    act: "Act",
    filter: "Jobs",
    progress: "Progress",
    begun: "Begun",
    by: "By",
    status: "State",
    done: |done, expected| match expected {
        Some(expected) if expected > done => format!("{} of some {}", en(done), en(expected)),
        _ => format!("{} done", en(done)),
    },
    looked: |jobs| format!("{} looked at", en(jobs)),
    skipped: |jobs| format!("{} in another state by then", en(jobs)),
    failed: |jobs| format!("{} refused", en(jobs)),
    stop: "Stop",
    matching: |jobs| match jobs {
        1 => "1 job matches now.".to_owned(),
        jobs => format!("{} jobs match now.", en(jobs)),
    },
    matching_least: |jobs, looked| {
        format!("Of the {} jobs that were looked at, {} match. There are more.", en(looked), en(jobs))
    },
    matching_none: "No job matches now.",
    how: "The servers carry it out in small steps, in the background. It can be stopped; what it has done by then stays.",
    what: "What is to be done",
    begin: "Begin",
    to_jobs: "Back to the jobs",
    confirm_count: |jobs| format!("Type {jobs} to confirm"),
    wrong_count: |jobs| format!("the number of jobs was not confirmed; type {jobs}"),
    created: "stored",
    error: "error",
    text: "text",
};

pub(super) const TURKISH: Operations = Operations {
    title: "Toplu işlemler",
    new: "Eşleşenlerin hepsine uygula",
    empty: "Henüz toplu işlem yok",
    empty_how: "Bir iş listesini süzün ve eşleşenlerin hepsine uygulamayı seçin. Orada başlattığınızı, bu sayfa kapansa da sunucular yürütür.",
    state: |state| match state {
        OperationState::Running => "sürüyor",
        OperationState::Done => "bitti",
        OperationState::Cancelled => "durduruldu",
        OperationState::Failed => "başarısız",
    },
    act: "İşlem",
    filter: "İşler",
    progress: "İlerleme",
    begun: "Başladı",
    by: "Kim",
    status: "Durum",
    done: |done, expected| match expected {
        Some(expected) if expected > done => format!("yaklaşık {} işten {}", tr(expected), tr(done)),
        _ => format!("{} yapıldı", tr(done)),
    },
    looked: |jobs| format!("{} işe bakıldı", tr(jobs)),
    skipped: |jobs| format!("{} iş o sırada başka durumdaydı", tr(jobs)),
    failed: |jobs| format!("{} iş reddedildi", tr(jobs)),
    stop: "Durdur",
    matching: |jobs| format!("Şu anda {} iş eşleşiyor.", tr(jobs)),
    matching_least: |jobs, looked| {
        format!("Bakılan {} işten {} tanesi eşleşiyor. Daha fazlası var.", tr(looked), tr(jobs))
    },
    matching_none: "Şu anda eşleşen iş yok.",
    how: "Sunucular bunu arka planda küçük adımlarla yürütür. Durdurulabilir; o zamana dek yapılan kalır.",
    what: "Ne yapılsın",
    begin: "Başlat",
    to_jobs: "İşlere dön",
    confirm_count: |jobs| format!("Onaylamak için {jobs} yazın"),
    wrong_count: |jobs| format!("iş sayısı onaylanmadı; {jobs} yazın"),
    created: "kayıt",
    error: "hata",
    text: "metin",
};
