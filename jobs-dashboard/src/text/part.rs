//! Words that several pages use: states, tables, forms.

use jobs_runtime::State;

use super::Lang;

/// Words of the components.
pub(crate) struct Part {
    pub(crate) state: fn(State) -> &'static str,
    pub(crate) jobs: fn(i64) -> String,
    pub(crate) queue: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) newer: &'static str,
    pub(crate) older: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) back: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) reason_hint: &'static str,
    pub(crate) clipped: fn(usize) -> String,
    pub(crate) never: &'static str,
}

pub(super) const ENGLISH: Part = Part {
    state: |state| match state {
        State::Scheduled => "scheduled",
        State::Awaiting => "awaiting",
        State::Enqueued => "enqueued",
        State::Processing => "processing",
        State::Succeeded => "succeeded",
        State::Failed => "failed",
        State::Deleted => "deleted",
    },
    jobs: |count| match count {
        1 => "1 job".to_owned(),
        count => format!("{} jobs", Lang::English.count(count)),
    },
    queue: "Queue",
    kind: "Kind",
    newer: "Newer",
    older: "Older",
    pages: "Pages of this list",
    back: "Back",
    reason: "Reason",
    reason_hint: "It stands in the audit.",
    clipped: |more| format!("and {} more characters", Lang::English.count(more.try_into().unwrap_or(i64::MAX))),
    never: "never",
};

pub(super) const TURKISH: Part = Part {
    state: |state| match state {
        State::Scheduled => "zamanlandı",
        State::Awaiting => "bekliyor",
        State::Enqueued => "kuyrukta",
        State::Processing => "çalışıyor",
        State::Succeeded => "başarılı",
        State::Failed => "başarısız",
        State::Deleted => "silindi",
    },
    jobs: |count| format!("{} iş", Lang::Turkish.count(count)),
    queue: "Kuyruk",
    kind: "Tür",
    newer: "Daha yeni",
    older: "Daha eski",
    pages: "Bu listenin sayfaları",
    back: "Geri",
    reason: "Neden",
    reason_hint: "Denetim kaydında görünür.",
    clipped: |more| format!("ve {} karakter daha", Lang::Turkish.count(more.try_into().unwrap_or(i64::MAX))),
    never: "hiç",
};
