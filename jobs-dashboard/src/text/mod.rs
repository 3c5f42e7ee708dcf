//! All words of the pages, in English and Turkish. Each page has a struct of its own, with one field a message, in a file of its
//! own: a message that a language lacks does not compile.

mod act;
mod audit;
mod batches;
mod errors;
mod fault;
mod flow;
mod frame;
mod glance;
mod job;
mod jobs;
mod kinds;
mod number;
mod operations;
mod overview;
mod part;
mod queues;
mod recurring;
mod retries;
mod schedule;
mod servers;
mod system;
mod time;
mod why;

pub(crate) use self::{frame::Frame, operations::MANY, time::exact};

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Lang {
    #[default]
    English,
    Turkish,
}

/// All messages of one language.
pub(crate) struct Text {
    pub(crate) frame: frame::Frame,
    pub(crate) fault: fault::Fault,
    pub(crate) flow: flow::Flow,
    pub(crate) part: part::Part,
    pub(crate) act: act::Act,
    pub(crate) overview: overview::Overview,
    pub(crate) jobs: jobs::Jobs,
    pub(crate) job: job::Job,
    pub(crate) why: why::Why,
    pub(crate) operations: operations::Operations,
    pub(crate) batches: batches::Batches,
    pub(crate) glance: glance::Glance,
    pub(crate) queues: queues::Queues,
    pub(crate) kinds: kinds::Kinds,
    pub(crate) errors: errors::Errors,
    pub(crate) system: system::System,
    pub(crate) audit: audit::Audit,
    pub(crate) recurring: recurring::Recurring,
    pub(crate) schedule: schedule::Schedule,
    pub(crate) retries: retries::Retries,
    pub(crate) servers: servers::Servers,
}

static ENGLISH: Text = Text {
    frame: frame::ENGLISH,
    fault: fault::ENGLISH,
    flow: flow::ENGLISH,
    part: part::ENGLISH,
    act: act::ENGLISH,
    overview: overview::ENGLISH,
    jobs: jobs::ENGLISH,
    job: job::ENGLISH,
    why: why::ENGLISH,
    operations: operations::ENGLISH,
    batches: batches::ENGLISH,
    glance: glance::ENGLISH,
    queues: queues::ENGLISH,
    kinds: kinds::ENGLISH,
    errors: errors::ENGLISH,
    system: system::ENGLISH,
    audit: audit::ENGLISH,
    recurring: recurring::ENGLISH,
    schedule: schedule::ENGLISH,
    retries: retries::ENGLISH,
    servers: servers::ENGLISH,
};

static TURKISH: Text = Text {
    frame: frame::TURKISH,
    fault: fault::TURKISH,
    flow: flow::TURKISH,
    part: part::TURKISH,
    act: act::TURKISH,
    overview: overview::TURKISH,
    jobs: jobs::TURKISH,
    job: job::TURKISH,
    why: why::TURKISH,
    operations: operations::TURKISH,
    batches: batches::TURKISH,
    glance: glance::TURKISH,
    queues: queues::TURKISH,
    kinds: kinds::TURKISH,
    errors: errors::TURKISH,
    system: system::TURKISH,
    audit: audit::TURKISH,
    recurring: recurring::TURKISH,
    schedule: schedule::TURKISH,
    retries: retries::TURKISH,
    servers: servers::TURKISH,
};

impl Lang {
    /// All of them, in the order of the switch.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Turkish];

    /// Its messages.
    pub(crate) fn text(self) -> &'static Text {
        match self {
            Self::English => &ENGLISH,
            Self::Turkish => &TURKISH,
        }
    }

    /// Its code, for the page, the cookie and the browser.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Turkish => "tr",
        }
    }

    /// Its name in itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Turkish => "Türkçe",
        }
    }

    /// The language of a code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The language of schedules in words.
    pub(crate) fn of_schedules(self) -> jobs_schedule::Language {
        match self {
            Self::English => jobs_schedule::Language::English,
            Self::Turkish => jobs_schedule::Language::Turkish,
        }
    }

    /// The first of the languages that a browser likes best, by the header `Accept-Language`.
    pub(crate) fn accepted(header: &str) -> Self {
        let mut best = (0, Self::default());
        for item in header.split(',').take(20) {
            let (tag, weight) = item.split_once(';').unwrap_or((item, ""));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let Some(lang) = Self::parse(&primary) else { continue };
            let weight = thousandths(weight);
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The weight `q=0.8` as 800; 1,000 where none is written, 0 where it is no weight.
fn thousandths(weight: &str) -> u32 {
    match weight.trim().strip_prefix("q=") {
        None => 1_000,
        Some(number) => {
            let number: f32 = number.trim().parse().unwrap_or(0.0);
            // It is between 0 and 1,000 after the clamp, and not-a-number becomes 0.
            (number.clamp(0.0, 1.0) * 1_000.0) as u32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_a_browser_likes_best_is_taken() {
        let cases = [
            ("tr", Lang::Turkish),
            ("tr-TR,tr;q=0.9,en;q=0.8", Lang::Turkish),
            ("en;q=0.5, tr;q=0.7", Lang::Turkish),
            ("en, tr", Lang::English),
            ("de, tr;q=0.2", Lang::Turkish),
            ("tr;q=0", Lang::English),
            ("tr;q=NaN", Lang::English),
            ("de", Lang::English),
            ("", Lang::English),
            ("*", Lang::English),
        ];
        for (header, expected) in cases {
            assert_eq!(Lang::accepted(header), expected, "{header}");
        }
    }
}
