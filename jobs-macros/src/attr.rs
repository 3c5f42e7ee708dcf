//! The arguments of `#[job(..)]` and `#[recurring(..)]` as plain values; each is checked by itself.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::{Expr, ExprPath, Ident, LitStr};

use crate::{
    crate_path::CratePath,
    diagnostics::Problems,
    entry::{Entry, entries, pieces},
    words,
};

/// The longest name of a queue or of a recurring job, in characters.
const NAME_LIMIT: usize = 100;

/// The longest name of a kind, in characters.
const KIND_LIMIT: usize = 200;

/// The arguments of `#[job(..)]`; `None` and empty mean that nothing was written.
#[derive(Default)]
pub(crate) struct JobAttr {
    pub(crate) root: CratePath,
    pub(crate) name: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) queue: Option<LitStr>,
    pub(crate) priority: Option<i16>,
    pub(crate) attempts: Option<u16>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) expires: Option<Duration>,
    pub(crate) retain: Option<Duration>,
    pub(crate) retry_if: Option<ExprPath>,
    pub(crate) fatal: Option<ExprPath>,
    pub(crate) delete_exhausted: bool,
    pub(crate) summary: Option<LitStr>,
    pub(crate) secret: Vec<Ident>,
    pub(crate) codec: Codec,
    pub(crate) version: Option<u16>,
    pub(crate) upgrade: Option<ExprPath>,
}

/// How long to wait between attempts.
pub(crate) enum Backoff {
    Constant(Duration),
    Linear(Duration, Duration),
    Exponential(Duration, Duration),
    Custom(ExprPath),
}

/// How args and output are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Codec {
    #[default]
    Bincode,
    Json,
}

/// The arguments of one `#[recurring(..)]`.
pub(crate) struct RecurringAttr {
    pub(crate) span: Span,
    pub(crate) cron: LitStr,
    pub(crate) zone: Option<LitStr>,
    pub(crate) misfire: Misfire,
    pub(crate) skip_overlap: bool,
    pub(crate) id: Option<LitStr>,
    /// Values for the stored parameters; `None` where what was written is wrong.
    pub(crate) args: Option<Vec<Expr>>,
}

/// What becomes of missed occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfire {
    Once,
    Skip,
    All(u32),
}

impl JobAttr {
    /// Reads the arguments and notes every mistake; a word with a mistake counts as not written.
    pub(crate) fn parse(tokens: TokenStream, problems: &mut Problems) -> Self {
        let mut attr = Self::default();
        for entry in entries(pieces(tokens), &words::JOB, problems) {
            attr.take(&entry, problems);
        }
        attr
    }

    fn take(&mut self, entry: &Entry, problems: &mut Problems) {
        match entry.word.name {
            "name" => self.name = entry.name(KIND_LIMIT, problems),
            "alias" => self.aliases = entry.names(KIND_LIMIT, problems),
            "queue" => self.queue = entry.name(NAME_LIMIT, problems),
            "priority" => self.priority = priority(entry, problems),
            "attempts" => self.attempts = unsigned(entry, problems),
            "backoff" => self.backoff = backoff(entry, problems),
            "timeout" => self.timeout = entry.duration(problems),
            "expires" => self.expires = entry.duration(problems),
            "retain" => self.retain = entry.duration(problems),
            "retry_if" => self.retry_if = entry.path(problems),
            "fatal" => self.fatal = entry.path(problems),
            "on_exhausted" => {
                self.delete_exhausted =
                    entry.choice(&[("fail", false), ("delete", true)], problems).unwrap_or_default();
            }
            "summary" => self.summary = entry.text(problems),
            "secret" => self.secret = entry.idents(problems),
            "codec" => {
                let choices = [("bincode", Codec::Bincode), ("json", Codec::Json)];
                self.codec = entry.choice(&choices, problems).unwrap_or_default();
            }
            "version" => self.version = unsigned(entry, problems),
            "upgrade" => self.upgrade = entry.path(problems),
            "crate" => self.root = entry.path_text(problems).map(CratePath::new).unwrap_or_default(),
            word => unreachable!("`{word}` is in the vocabulary but nobody takes it"),
        }
    }
}

impl RecurringAttr {
    /// Reads the arguments and notes every mistake; `None` where even the expression is missing.
    pub(crate) fn parse(span: Span, tokens: TokenStream, problems: &mut Problems) -> Option<Self> {
        let mut pieces = pieces(tokens);
        let first = if pieces.is_empty() { TokenStream::new() } else { pieces.remove(0) };
        let Ok(cron) = syn::parse2::<LitStr>(first.clone()) else {
            let text =
                "the first argument of `#[recurring(..)]` is a cron expression; write `#[recurring(\"0 0 * * *\")]`";
            if first.is_empty() {
                problems.at(span, text);
            } else {
                problems.on(first, text);
            }
            return None;
        };
        if let Err(error) = jobs_schedule::Cron::parse(&cron.value()) {
            problems.at(cron.span(), error);
        }
        let mut attr =
            Self { span, cron, zone: None, misfire: Misfire::Once, skip_overlap: false, id: None, args: Some(vec![]) };
        let mut cap = None;
        let mut misfire_was_wrong = false;
        for entry in entries(pieces, &words::RECURRING, problems) {
            match entry.word.name {
                "tz" => attr.zone = zone(&entry, problems),
                "misfire" => {
                    let choices = [
                        ("once", Misfire::Once),
                        ("skip", Misfire::Skip),
                        ("all", Misfire::All(jobs_schedule::Misfire::DEFAULT_CAP)),
                    ];
                    let chosen = entry.choice(&choices, problems);
                    misfire_was_wrong = chosen.is_none();
                    attr.misfire = chosen.unwrap_or(attr.misfire);
                }
                "cap" => cap = entry.number(1, u32::MAX.into(), problems).map(|number| (entry.span, number)),
                "overlap" => {
                    attr.skip_overlap = entry.choice(&[("allow", false), ("skip", true)], problems).unwrap_or_default();
                }
                "id" => attr.id = entry.name(NAME_LIMIT, problems),
                "args" => attr.args = entry.expressions(problems),
                word => unreachable!("`{word}` is in the vocabulary but nobody takes it"),
            }
        }
        match (cap, &mut attr.misfire) {
            (Some((_, number)), Misfire::All(cap)) => *cap = u32::try_from(number).unwrap_or(u32::MAX),
            (Some((span, _)), _) if !misfire_was_wrong => {
                problems.at(span, "`cap` bounds how many missed occurrences run; write it with `misfire = \"all\"`");
            }
            _ => {}
        }
        Some(attr)
    }
}

fn unsigned(entry: &Entry, problems: &mut Problems) -> Option<u16> {
    entry.number(1, u16::MAX.into(), problems).and_then(|number| u16::try_from(number).ok())
}

fn priority(entry: &Entry, problems: &mut Problems) -> Option<i16> {
    if entry.is_text() {
        return entry.choice(&[("high", 10), ("normal", 0), ("low", -10)], problems);
    }
    entry.number(i16::MIN.into(), i16::MAX.into(), problems).and_then(|number| i16::try_from(number).ok())
}

fn zone(entry: &Entry, problems: &mut Problems) -> Option<LitStr> {
    let text = entry.text(problems)?;
    match jobs_schedule::parse_zone(&text.value()) {
        Ok(_) => Some(text),
        Err(error) => {
            entry.wrong(&text, error, problems);
            None
        }
    }
}

fn backoff(entry: &Entry, problems: &mut Problems) -> Option<Backoff> {
    if !entry.is_text() {
        return entry.path(problems).map(Backoff::Custom);
    }
    let literal = entry.text(problems)?;
    let text = literal.value();
    let call = text.trim().strip_suffix(')').and_then(|call| call.split_once('('));
    let Some((policy, durations)) = call else {
        entry.wrong_kind(problems);
        return None;
    };
    let count = durations.split(',').count();
    let mut durations = durations.split(',').map(|part| entry.duration_of(&literal, part.trim(), problems));
    let policy = match (policy.trim(), count) {
        ("constant", 1) => Backoff::Constant(durations.next()??),
        ("linear", 2) => Backoff::Linear(durations.next()??, durations.next()??),
        ("exponential", 2) => Backoff::Exponential(durations.next()??, durations.next()??),
        _ => {
            drop(durations);
            entry.wrong_kind(problems);
            return None;
        }
    };
    if let Backoff::Linear(base, cap) | Backoff::Exponential(base, cap) = policy
        && base > cap
    {
        entry.wrong(&literal, "the first wait is longer than the longest; write the shorter one first", problems);
        return None;
    }
    Some(policy)
}
