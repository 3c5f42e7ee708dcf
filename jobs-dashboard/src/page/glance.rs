//! What the lists of queues and of kinds have in common: counts, what went through, and pauses.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use jobs_runtime::{
    Histogram, State, StateCounts, Throughput,
    storage::{Due, Measure, Pause, PauseTarget, StatPoint},
};
use maud::{Markup, html};

use super::{
    jobs::{self, Query},
    part::{self, Icon, Tone, ago, badge, shown},
};
use crate::{
    act::{Told, operator},
    live::Range,
    web::{Fault, Params, Visit},
};

/// How many jobs stand where; those that are set aside are enqueued.
pub(super) fn states(counts: &StateCounts) -> [(State, i64); 7] {
    [
        (State::Scheduled, counts.scheduled),
        (State::Awaiting, counts.awaiting),
        (State::Enqueued, ready(counts)),
        (State::Processing, counts.processing),
        (State::Succeeded, counts.succeeded),
        (State::Failed, counts.failed),
        (State::Deleted, counts.deleted),
    ]
}

/// How many jobs wait for nothing but a server.
pub(crate) fn ready(counts: &StateCounts) -> i64 {
    counts.enqueued + counts.parked
}

/// The counts as a bar and in words, each with a link to its list, with what is set aside.
pub(super) fn bar(visit: &Visit, counts: &StateCounts, list: impl Fn(State) -> Query) -> Markup {
    let text = &visit.text().glance;
    let states = states(counts);
    if states.iter().all(|(_, count)| *count == 0) {
        return html! { span.muted { "\u{2013}" } };
    }
    html! {
        (part::bar(visit, &states))
        ul.chips.small {
            @for (state, count) in states.into_iter().filter(|(_, count)| *count > 0) {
                li { a href=(list(state).link(&visit.base)) { (visit.lang.count(count)) " " ((visit.text().part.state)(state)) } }
            }
        }
        @if counts.parked > 0 { div.small.muted { ((text.parked)(counts.parked)) } }
    }
}

/// How many ended, and how many of these failed.
pub(super) fn ended(visit: &Visit, throughput: &Throughput) -> Markup {
    let text = &visit.text().glance;
    let (failed, all) = (throughput.failed, throughput.succeeded + throughput.failed);
    html! {
        div { ((text.ended)(all)) }
        @if failed > 0 {
            (badge(Tone::Bad, Icon::Failed, &(text.failed)(failed, &visit.lang.percent(failed, all))))
        }
    }
}

/// How many ended in each minute of the last hour, of the points that are meant.
pub(super) fn hour(visit: &Visit, points: &[StatPoint], is_meant: impl Fn(&StatPoint) -> bool) -> Markup {
    let ended = |point: &&StatPoint| matches!(point.measure, Measure::Succeeded | Measure::Failed) && is_meant(point);
    let mut minutes: BTreeMap<_, i64> = Range::Hour.times(visit.now).into_iter().map(|at| (at, 0)).collect();
    for point in points.iter().filter(ended) {
        if let Some(count) = minutes.get_mut(&point.at) {
            *count += point.count;
        }
    }
    let values: Vec<_> = minutes.into_values().collect();
    let most = values.iter().copied().max().unwrap_or_default();
    html! { @if most > 0 { (part::spark(&values, &(visit.text().glance.per_minute)(most))) } }
}

/// Quantiles of durations, each by its percent.
pub(super) fn quantiles(visit: &Visit, histogram: &Histogram, percents: &[u8]) -> Markup {
    let found =
        |percent: &u8| -> Option<(u8, Duration)> { Some((*percent, histogram.quantile(f64::from(*percent) / 100.0)?)) };
    html! {
        @if histogram.count() == 0 {
            span.muted { "\u{2013}" }
        } @else {
            ul.quantiles {
                @for (percent, duration) in percents.iter().filter_map(found) {
                    li { span.small.muted { "p" (percent) " " } (part::span(visit, duration)) }
                }
            }
        }
    }
}

/// A pause in force, with its reason and its end.
pub(super) fn paused(visit: &Visit, pause: &Pause) -> Markup {
    html! {
        div { (badge(Tone::Warn, Icon::Pause, visit.text().glance.paused)) }
        @if !pause.reason.is_empty() { div.small { (shown(&pause.reason)) } }
        @if let Some(until) = pause.until { div.small.muted { (ago(visit, until)) } }
    }
}

/// What is done to a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Pause,
    Resume,
}

impl Hold {
    /// The one that makes sense.
    pub(super) fn next(pause: Option<&Pause>) -> Self {
        if pause.is_some() { Self::Resume } else { Self::Pause }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Pause, Self::Resume].into_iter().find(|hold| hold.word() == word)
    }

    /// Its word in forms.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// The word on its button.
    pub(super) fn label(self, visit: &Visit) -> &'static str {
        match self {
            Self::Pause => visit.text().glance.pause,
            Self::Resume => visit.text().glance.resume,
        }
    }

    /// What is asked before it, of a thing by its name, with the tone of the question.
    pub(super) fn asked(self, visit: &Visit, sentence: [fn(&str) -> String; 2], name: &str) -> (Markup, Tone) {
        let [pause, resume] = sentence;
        match self {
            Self::Pause => (self.ask(visit, &pause(name)), Tone::Warn),
            Self::Resume => (self.ask(visit, &resume(name)), Tone::Good),
        }
    }

    /// What is asked before it, behind a sentence that says what happens: a pause may have an end.
    pub(super) fn ask(self, visit: &Visit, sentence: &str) -> Markup {
        html! {
            (sentence)
            @if self == Self::Pause {
                label.field { (visit.text().glance.until) input type="datetime-local" name="until"; }
            }
        }
    }

    /// Does it. It has no effect where nothing was paused, or where the end of the pause has passed.
    ///
    /// # Errors
    /// [`Fault::Bad`] for an end that is no time, and for a name that is none; else what the client says.
    pub(super) async fn carry_out(self, visit: &Visit, target: PauseTarget, form: &Params) -> Result<Told, Fault> {
        let until = match self {
            Self::Pause => form.text("until").map(jobs::read).transpose()?,
            Self::Resume => None,
        };
        let done = self.put(visit, target, form.text("reason").unwrap_or_default(), until).await?;
        Ok(Told::One { done })
    }

    /// The same for a reason and an end that have been read; `false` where it had no effect.
    ///
    /// # Errors
    /// [`Fault::Bad`] for a name that is none; else what the client says.
    pub(crate) async fn put(
        self,
        visit: &Visit,
        target: PauseTarget,
        reason: &str,
        until: Option<Timestamp>,
    ) -> Result<bool, Fault> {
        let operator = operator(visit, reason);
        Ok(match self {
            Self::Resume => operator.resume(target).await?,
            Self::Pause => operator.pause(target, until.map(Due::At)).await?,
        })
    }
}

/// The name that an act is about. It stands in the address of the form, where no character of it does anything.
///
/// # Errors
/// [`Fault::Bad`] where there is none.
pub(super) fn named<'p>(params: &'p Params, name: &str) -> Result<&'p str, Fault> {
    let nothing =
        || Fault::Bad(format!("the address names nothing to act on; write `?{name}=` and its name behind it"));
    params.text(name).ok_or_else(nothing)
}

/// That a form asks for none of these.
pub(super) fn unknown(form: &Params, words: &str) -> Fault {
    let word = form.text("act").unwrap_or_default();
    Fault::Bad(format!("`{}` is nothing that can be done here; there are {words}", part::line(word).escape_debug()))
}
