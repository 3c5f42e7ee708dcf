//! The list of jobs that wait for their next attempt.

/// Words of the list of retries.
pub(crate) struct Retries {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) all_scheduled: &'static str,
    pub(crate) error: &'static str,
    pub(crate) group: &'static str,
    pub(crate) no_error: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_how: &'static str,
}

pub(super) const ENGLISH: Retries = Retries {
    title: "Retries",
    about: "These jobs have failed and wait for their next attempt, the next due first.",
    all_scheduled: "All scheduled jobs",
    error: "Last error",
    group: "Errors like this",
    no_error: "no error was noted",
    none: "No job waits for another attempt",
    none_how: "A job that fails stands here until its next attempt is due. One that has no attempt left is among the failed.",
};

pub(super) const TURKISH: Retries = Retries {
    title: "Yeniden denemeler",
    about: "Bu işler başarısız oldu ve bir sonraki denemelerini bekliyor; zamanı ilk gelecek olan başta.",
    all_scheduled: "Zamanlanmış bütün işler",
    error: "Son hata",
    group: "Benzer hatalar",
    no_error: "hata kaydedilmedi",
    none: "Yeniden denenmeyi bekleyen iş yok",
    none_how: "Başarısız olan bir iş, sonraki denemesinin zamanı gelene dek burada durur. Deneme hakkı kalmayan başarısızlar arasındadır.",
};
