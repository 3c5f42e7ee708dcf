//! The list of recurring jobs.

use super::Lang;

/// Words of the list of recurring jobs.
pub(crate) struct Recurring {
    pub(crate) title: &'static str,
    pub(crate) caption: fn(count: i64) -> String,
    pub(crate) id: &'static str,
    pub(crate) schedule: &'static str,
    pub(crate) next: &'static str,
    pub(crate) last: &'static str,
    pub(crate) state: &'static str,
    pub(crate) fires: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) orphaned: &'static str,
    pub(crate) orphaned_why: &'static str,
    pub(crate) never_again: &'static str,
    pub(crate) of_code: &'static str,
    pub(crate) of_runtime: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_how: &'static str,
}

pub(super) const ENGLISH: Recurring = Recurring {
    title: "Recurring jobs",
    caption: |count| match count {
        1 => "1 recurring job".to_owned(),
        count => format!("{} recurring jobs", Lang::English.count(count)),
    },
    id: "Id",
    schedule: "Schedule",
    next: "Next runs",
    last: "Last run",
    state: "State",
    fires: "fires",
    paused: "paused",
    orphaned: "orphaned",
    orphaned_why: "It is declared in code, and no server that runs declares it, so that it does not fire.",
    never_again: "It never fires again.",
    of_code: "in code",
    of_runtime: "made at run time",
    empty: "No recurring job",
    empty_how: "Declare one in code, and it fires as long as a server runs that knows it:",
};

pub(super) const TURKISH: Recurring = Recurring {
    title: "Yinelenen işler",
    caption: |count| format!("{} yinelenen iş", Lang::Turkish.count(count)),
    id: "Kimlik",
    schedule: "Zamanlama",
    next: "Sonraki çalışmalar",
    last: "Son çalışma",
    state: "Durum",
    fires: "işliyor",
    paused: "duraklatıldı",
    orphaned: "sahipsiz",
    orphaned_why: "Kodda tanımlı, ama çalışan hiçbir sunucu onu tanımlamıyor; bu yüzden işlemiyor.",
    never_again: "Bir daha işlemeyecek.",
    of_code: "kodda",
    of_runtime: "çalışırken kuruldu",
    empty: "Yinelenen iş yok",
    empty_how: "Kodda bir tane tanımlayın; onu bilen bir sunucu çalıştıkça işler:",
};
