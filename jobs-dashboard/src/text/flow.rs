//! Flows as drawings and tables.

use jobs_runtime::flow::Condition;

use super::Lang;

/// Words of flows.
pub(crate) struct Flow {
    pub(crate) title: &'static str,
    pub(crate) drawing: &'static str,
    pub(crate) label: fn(steps: i64) -> String,
    pub(crate) part: &'static str,
    pub(crate) folded: &'static str,
    pub(crate) hidden_how: &'static str,
    pub(crate) legend: &'static str,
    pub(crate) table: &'static str,
    pub(crate) step: &'static str,
    pub(crate) waits_for: &'static str,
    pub(crate) within: fn(batch: &str) -> String,
    pub(crate) batch: fn(description: &str) -> String,
    pub(crate) done: fn(percent: &str, failed: i64) -> String,
    pub(crate) removed: &'static str,
    pub(crate) condition: fn(Condition) -> &'static str,
}

pub(super) const ENGLISH: Flow = Flow {
    title: "Flow",
    drawing: "Drawing of the flow",
    label: |steps| match steps {
        1 => "Flow of 1 step; the table below says the same".to_owned(),
        steps => format!("Flow of {} steps; the table below says the same", Lang::English.count(steps)),
    },
    part: "Only a part is shown: the flow is larger.",
    folded: "Jobs of one kind that stand side by side are shown as one.",
    hidden_how: "Of jobs in queues that you do not see, only those next to yours are shown, without what they are.",
    legend: "An arrow without words: when it succeeds. A dotted line without an arrow: from a batch to its members.",
    table: "What waits for what",
    step: "Step",
    waits_for: "Waits for",
    within: |batch| format!("in {batch}"),
    batch: |description| format!("Batch {description}"),
    done: |percent, failed| match failed {
        0 => format!("{percent} done"),
        failed => format!("{percent} done, {} failed", Lang::English.count(failed)),
    },
    removed: "removed",
    condition: |condition| match condition {
        Condition::Success => "on success",
        Condition::Failure => "on failure",
        Condition::Deleted => "on deletion",
        _ => "on any end",
    },
};

pub(super) const TURKISH: Flow = Flow {
    title: "Akış",
    drawing: "Akışın çizimi",
    label: |steps| format!("{} adımlı akış; aşağıdaki tablo aynısını anlatır", Lang::Turkish.count(steps)),
    part: "Yalnızca bir bölümü gösteriliyor: akış daha büyük.",
    folded: "Yan yana duran, aynı türdeki işler tek bir adım olarak gösteriliyor.",
    hidden_how: "Görmediğiniz kuyruklardaki işlerden yalnızca sizinkilere komşu olanlar, ne oldukları belirtilmeden gösterilir.",
    legend: "Yazısız ok: başarılı olursa. Oksuz noktalı çizgi: iş grubundan üyelerine.",
    table: "Ne neyi bekliyor",
    step: "Adım",
    waits_for: "Şunu bekler",
    within: |batch| format!("içinde olduğu: {batch}"),
    batch: |description| format!("İş grubu {description}"),
    done: |percent, failed| match failed {
        0 => format!("{percent} bitti"),
        failed => format!("{percent} bitti, {} başarısız", Lang::Turkish.count(failed)),
    },
    removed: "kaldırıldı",
    condition: |condition| match condition {
        Condition::Success => "başarılı olursa",
        Condition::Failure => "başarısız olursa",
        Condition::Deleted => "silinirse",
        _ => "nasıl biterse bitsin",
    },
};
