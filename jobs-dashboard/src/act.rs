//! What visitors do to jobs: the one place where the words of a form or of a program become an act, the policy is asked, and the act is
//! carried out through the client's gateway, which writes the audit.

use jobs_runtime::{
    Actor, Error, Operator, State,
    state::{Event, transition},
    storage::{Change, Due, JobRecord},
};
use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::{
    page::{
        jobs,
        part::{Icon, Tone, badge},
    },
    policy::Role,
    text::Text,
    web::{Fault, Link, Params, Visit},
};

/// Fields of a form that hold an arg begin so, followed by its name.
pub(crate) const ARG: &str = "arg.";

/// Something to be done to a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Act {
    what: What,
    reason: String,
}

/// What it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Requeue,
    Delete,
    Cancel,
    RunNow,
    Reschedule(Due),
    Move(String),
    Prioritize(i16),
    /// The args by name, and the fence of the job as it was shown.
    Edit(Map<String, Value>, String),
}

/// The words of all acts, in the order of their buttons.
pub(crate) const WORDS: [&str; 8] =
    ["requeue", "run_now", "cancel", "delete", "reschedule", "move", "prioritize", "edit"];

impl Act {
    /// An act, and why.
    pub(crate) fn new(what: What, reason: impl Into<String>) -> Self {
        Self { what, reason: reason.into() }
    }

    /// What a form asks for.
    ///
    /// # Errors
    /// [`Fault::Bad`] for an act that is none, and for a field that is missing or cannot be read.
    pub(crate) fn parse(form: &Params) -> Result<Self, Fault> {
        let wanted = |name: &str, example: &str| {
            form.text(name)
                .ok_or_else(|| Fault::Bad(format!("the field `{name}` is empty; write for example {example}")))
        };
        let what = match form.text("act") {
            Some("requeue") => What::Requeue,
            Some("delete") => What::Delete,
            Some("cancel") => What::Cancel,
            Some("run_now") => What::RunNow,
            Some("reschedule") => What::Reschedule(Due::At(jobs::read(wanted("due", "2026-11-23T04:30")?)?)),
            Some("move") => What::Move(wanted("to_queue", "mail")?.to_owned()),
            Some("prioritize") => {
                let text = wanted("priority", "10")?;
                let number = text.parse().map_err(|_| {
                    Fault::Bad(format!("`{}` is no priority; write a number from -32768 to 32767", text.escape_debug()))
                });
                What::Prioritize(number?)
            }
            Some("edit") => What::Edit(args(form)?, wanted("fence", "0")?.to_owned()),
            word => {
                let word = word.unwrap_or_default().escape_debug().to_string();
                let words = WORDS.join(", ");
                return Err(Fault::Bad(format!("`{word}` is nothing that can be done; there are {words}")));
            }
        };
        Ok(Self::new(what, form.text("reason").unwrap_or_default()))
    }

    /// Whether a job in this state takes the act of a word.
    pub(crate) fn of_word(word: &str, state: State) -> bool {
        let event = match (word, state) {
            // What waits for its time is run now, and what runs is not run beside itself.
            ("requeue", State::Scheduled | State::Processing) | ("reschedule", State::Processing) => return false,
            ("requeue", _) => Event::Requeue,
            ("run_now", State::Scheduled) | ("reschedule", _) => Event::Reschedule,
            ("cancel", State::Processing) | ("delete", _) => Event::Delete,
            ("move", _) => Event::Move,
            ("prioritize", _) => Event::Prioritize,
            ("edit", _) => Event::Edit,
            _ => return false,
        };
        transition(state, event).is_ok()
    }

    /// The word of a button.
    pub(crate) fn label(text: &Text, word: &str) -> &'static str {
        let text = &text.act;
        match word {
            "requeue" => text.requeue,
            "run_now" => text.run_now,
            "cancel" => text.cancel,
            "delete" => text.delete,
            "reschedule" => text.reschedule,
            "move" => text.move_to,
            "prioritize" => text.prioritize,
            _ => text.edit,
        }
    }

    /// Does it, if the visitor may; `false` where the job is in no state for it by now.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] where the visitor may not act on the job's queue, or on the one it is to be moved to; else what the client
    /// says.
    pub(crate) async fn carry_out(&self, visit: &Visit, job: &JobRecord) -> Result<bool, Fault> {
        visit.gate.must(Role::Operate, &job.queue)?;
        let operator = operator(visit, &self.reason);
        let id = job.id;
        Ok(match &self.what {
            What::Requeue => operator.change(id, Change::Requeue, fitting("requeue")).await?,
            What::Delete => operator.delete(id).await?,
            What::Cancel => operator.cancel(id).await?,
            What::RunNow => operator.run_now(id).await?,
            What::Reschedule(due) => operator.change(id, Change::Reschedule(*due), fitting("reschedule")).await?,
            What::Move(queue) => {
                visit.gate.must(Role::Operate, queue)?;
                operator.move_to(id, queue).await?
            }
            What::Prioritize(priority) => operator.change(id, Change::Prioritize(*priority), None).await?,
            // What was shown was of another life of the job.
            What::Edit(_, fence) if *fence != job.fence.to_string() => false,
            What::Edit(args, _) => operator.edit_args(job, Value::Object(args.clone())).await.map_err(unfit)?,
        })
    }
}

/// Args that do not fit the job are a matter of the form.
fn unfit(error: Error) -> Fault {
    match &error {
        Error::Decode { .. } | Error::Encode { .. } | Error::TooLarge { .. } => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            Fault::Bad(format!("{error}{}", source.unwrap_or_default()))
        }
        _ => error.into(),
    }
}

/// The states in which a button is offered: by the time that somebody presses it the job may run, and would run beside itself.
fn fitting(word: &str) -> Option<Vec<State>> {
    Some(State::ALL.into_iter().filter(|state| Act::of_word(word, *state)).collect())
}

/// The client's gateway in the name of a visitor.
pub(crate) fn operator(visit: &Visit, reason: &str) -> Operator {
    visit.shared.client.by(Actor::new(visit.gate.who(), visit.face.via())).because(reason)
}

/// The args of a form, each written as JSON.
fn args(form: &Params) -> Result<Map<String, Value>, Fault> {
    let named = form.iter().filter_map(|(name, text)| Some((name.strip_prefix(ARG)?, text)));
    let read = |(name, text): (&str, &str)| match serde_json::from_str(text) {
        Ok(value) => Ok((name.to_owned(), value)),
        Err(error) => {
            let name = name.escape_debug();
            Err(Fault::Bad(format!("the argument `{name}` is not JSON: {error}; texts stand in double quotes")))
        }
    };
    named.map(read).collect()
}

/// What became of an act, for the page after it: it stands in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// One thing was acted on, with effect or without.
    One { done: bool },
    /// Several jobs were.
    Many { done: i64, of: i64 },
}

impl Told {
    pub(crate) fn of(params: &Params) -> Option<Self> {
        match params.text("told")? {
            "done" => Some(Self::One { done: true }),
            "late" => Some(Self::One { done: false }),
            counts => {
                let (done, of) = counts.split_once('-')?;
                Some(Self::Many { done: done.parse().ok()?, of: of.parse().ok()? })
            }
        }
    }

    pub(crate) fn extend(self, link: Link) -> Link {
        match self {
            Self::One { done } => link.query("told", if done { "done" } else { "late" }),
            Self::Many { done, of } => link.query("told", format_args!("{done}-{of}")),
        }
    }

    /// The notice about jobs.
    pub(crate) fn html(self, visit: &Visit) -> Markup {
        self.notice(visit, visit.text().act.too_late)
    }

    /// The notice, where an act without effect has its own words.
    pub(crate) fn notice(self, visit: &Visit, too_late: &str) -> Markup {
        let (text, jobs) = (&visit.text().act, &visit.text().jobs);
        let (is_good, words) = match self {
            Self::One { done: true } => (true, text.took_effect.to_owned()),
            Self::One { done: false } => (false, too_late.to_owned()),
            Self::Many { of: 0, .. } => (false, jobs.nothing_ticked.to_owned()),
            Self::Many { done, of } => (done == of, (jobs.done)(done, of)),
        };
        let (tone, icon) = if is_good { (Tone::Good, Icon::Good) } else { (Tone::Warn, Icon::Warn) };
        html! { div.notice role="status" { (badge(tone, icon, &words)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(form: &str) -> Result<Act, Fault> {
        Act::parse(&Params::parse(form.as_bytes()))
    }

    #[test]
    fn forms_become_acts() {
        let what = |form: &str| parse(form).expect("an act").what;
        assert_eq!(what("act=requeue"), What::Requeue);
        assert_eq!(what("act=move&to_queue=mail"), What::Move("mail".into()));
        assert_eq!(what("act=prioritize&priority=-5"), What::Prioritize(-5));
        assert!(matches!(what("act=reschedule&due=2026-11-23T04:30"), What::Reschedule(Due::At(_))));
        let What::Edit(args, fence) = what("act=edit&fence=7&arg.name=%22Ada%22&arg.n=12345678901234567890") else {
            panic!("not an edit")
        };
        let number = args["n"].as_u64();
        assert_eq!((args["name"].as_str(), number, &*fence), (Some("Ada"), Some(12_345_678_901_234_567_890), "7"));
        assert_eq!(parse("act=delete&reason=+why+").expect("an act").reason, "why");
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (form, word) in [
            ("", "requeue"),
            ("act=explode", "`explode`"),
            ("act=move", "`to_queue`"),
            ("act=prioritize&priority=high", "`high`"),
            ("act=prioritize&priority=40000", "`40000`"),
            ("act=reschedule&due=soon", "`soon`"),
            ("act=edit&fence=1&arg.name=Ada", "`name`"),
        ] {
            let fault = parse(form);
            assert!(matches!(&fault, Err(Fault::Bad(text)) if text.contains(word)), "{form}: {fault:?}");
        }
    }

    #[test]
    fn buttons_fit_the_state() {
        let fitting = |state| WORDS.into_iter().filter(|word| Act::of_word(word, state)).collect::<Vec<_>>();
        assert_eq!(fitting(State::Processing), ["cancel", "delete"]);
        assert_eq!(fitting(State::Failed), ["requeue", "delete", "reschedule", "edit"]);
        let waiting = ["run_now", "delete", "reschedule", "move", "prioritize", "edit"];
        assert_eq!(fitting(State::Scheduled), waiting);
    }

    #[test]
    fn what_became_of_an_act_survives_the_address() {
        for told in [Told::One { done: true }, Told::One { done: false }, Told::Many { done: 3, of: 5 }] {
            let link = told.extend(crate::web::Base::default().to("/jobs")).to_string();
            let (_, query) = link.split_once('?').expect("a query");
            assert_eq!(Told::of(&Params::parse(query.as_bytes())), Some(told));
        }
        assert_eq!(Told::of(&Params::parse(b"told=%3Cb%3E")), None);
    }
}
