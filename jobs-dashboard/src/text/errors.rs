//! The list of errors.

use super::Lang;

/// Words of the list of errors.
pub(crate) struct Errors {
    pub(crate) title: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) error: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) count: &'static str,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) failed_jobs: &'static str,
    pub(crate) last_job: &'static str,
    pub(crate) act_on_all: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: fn(succeeded: i64) -> String,
    pub(crate) none_fits: &'static str,
    pub(crate) none_fits_how: &'static str,
}

pub(super) const ENGLISH: Errors = Errors {
    title: "Errors",
    caption: "Errors that are alike, those that happened last first. Attempts that were followed by another count too.",
    error: "Error",
    whole: "All of it",
    count: "Count",
    first: "First",
    last: "Last",
    failed_jobs: "Failed jobs",
    last_job: "Last job",
    act_on_all: "Act on all\u{a0}…",
    empty: "Nothing has failed",
    empty_how: |succeeded| match succeeded {
        0 => "No job has ended yet, well or badly.".to_owned(),
        1 => "1 job that succeeded is kept.".to_owned(),
        succeeded => format!("{} jobs that succeeded are kept.", Lang::English.count(succeeded)),
    },
    none_fits: "No error fits",
    none_fits_how: "This kind has none here. Look at all errors, or at a newer page.",
};

pub(super) const TURKISH: Errors = Errors {
    title: "Hatalar",
    caption: "Benzer hatalar bir arada, en son olan önce. Ardından yeniden denenen denemeler de sayılır.",
    error: "Hata",
    whole: "Tamamı",
    count: "Sayı",
    first: "İlk",
    last: "Son",
    failed_jobs: "Başarısız işler",
    last_job: "Son iş",
    act_on_all: "Hepsine uygula\u{a0}…",
    empty: "Hiç hata olmadı",
    empty_how: |succeeded| match succeeded {
        0 => "Henüz iyi ya da kötü biten bir iş yok.".to_owned(),
        succeeded => format!("Başarıyla bitmiş {} iş saklanıyor.", Lang::Turkish.count(succeeded)),
    },
    none_fits: "Eşleşen hata yok",
    none_fits_how: "Bu türün burada hatası yok. Bütün hatalara ya da daha yeni bir sayfaya bakın.",
};
