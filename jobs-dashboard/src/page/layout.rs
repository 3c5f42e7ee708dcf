//! What stands around every page: landmarks, navigation, switches.

use std::sync::Arc;

use maud::{DOCTYPE, Markup, html};

use super::part::{Icon, line, shown, sprite};
use crate::{
    asset::{self, Asset},
    dashboard::TITLE,
    gate::Right,
    live::Pulse,
    policy::Role,
    text::{Frame, Lang},
    web::{Settings, Theme, Visit},
};

/// What htmx is told: no styles or scripts of its own, nothing is exchanged for a page of a fault, and what a visitor has opened stays
/// open.
const HTMX: &str =
    r#"{"includeIndicatorCSS":false,"noSwap":[204,304,"4xx","5xx"],"morphIgnore":["data-htmx-powered","open"]}"#;

/// A page of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Jobs,
    Retries,
    Errors,
    Recurring,
    Queues,
    Kinds,
    Batches,
    Servers,
    Operations,
    Audit,
    System,
}

impl Place {
    pub(crate) const ALL: [Self; 12] = [
        Self::Overview,
        Self::Jobs,
        Self::Retries,
        Self::Errors,
        Self::Recurring,
        Self::Queues,
        Self::Kinds,
        Self::Batches,
        Self::Servers,
        Self::Operations,
        Self::Audit,
        Self::System,
    ];

    /// Its path, its icon, and the key that goes there after `g`.
    fn looks(self) -> (&'static str, Icon, char) {
        match self {
            Self::Overview => ("/", Icon::Overview, 'o'),
            Self::Jobs => ("/jobs", Icon::Enqueued, 'j'),
            Self::Retries => ("/retries", Icon::Retry, 't'),
            Self::Errors => ("/errors", Icon::Failed, 'e'),
            Self::Recurring => ("/recurring", Icon::Recurring, 'r'),
            Self::Queues => ("/queues", Icon::Queue, 'q'),
            Self::Kinds => ("/kinds", Icon::Kind, 'k'),
            Self::Batches => ("/batches", Icon::Batch, 'b'),
            Self::Servers => ("/servers", Icon::Server, 'w'),
            Self::Operations => ("/operations", Icon::Operation, 'p'),
            Self::Audit => ("/audit", Icon::Audit, 'a'),
            Self::System => ("/system", Icon::System, 's'),
        }
    }

    /// What it takes to see it. What shows queues shows only those that the visitor sees.
    pub(crate) fn right(self) -> Right {
        match self {
            Self::Overview
            | Self::Jobs
            | Self::Retries
            | Self::Errors
            | Self::Recurring
            | Self::Queues
            | Self::Kinds => Right::READ.of_queue(),
            Self::Batches | Self::Servers | Self::Operations | Self::Audit | Self::System => Right::READ,
        }
    }

    fn name(self, text: &Frame) -> &'static str {
        match self {
            Self::Overview => text.overview,
            Self::Jobs => text.jobs,
            Self::Retries => text.retries,
            Self::Errors => text.errors,
            Self::Recurring => text.recurring,
            Self::Queues => text.queues,
            Self::Kinds => text.kinds,
            Self::Batches => text.batches,
            Self::Servers => text.servers,
            Self::Operations => text.operations,
            Self::Audit => text.audit,
            Self::System => text.system_page,
        }
    }
}

/// A page before it is put into its frame.
pub(crate) struct Page<'v> {
    visit: &'v Visit,
    place: Option<Place>,
    title: String,
    pulse: Option<Arc<Pulse>>,
    with_charts: bool,
}

impl<'v> Page<'v> {
    /// A page by its title, which is its only `h1`.
    pub(crate) fn new(visit: &'v Visit, title: impl Into<String>) -> Self {
        Self { visit, place: None, title: title.into(), pulse: None, with_charts: false }
    }

    /// Where it is in the navigation.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The counts of the navigation.
    pub(crate) fn pulse(mut self, pulse: &Arc<Pulse>) -> Self {
        self.pulse = Some(pulse.clone());
        self
    }

    /// The page has a chart of time.
    pub(crate) fn with_charts(mut self) -> Self {
        self.with_charts = true;
        self
    }

    /// The whole page around its content. The content begins with its `h1`, made by [`heading`](Self::heading).
    pub(crate) fn html(self, content: Markup) -> Markup {
        let page =
            Shell { title: &self.title, visit: Some(self.visit), place: self.place, pulse: self.pulse.as_deref() };
        page.html(self.visit, self.with_charts, content)
    }

    /// The page's heading, with what stands beside it.
    pub(crate) fn heading(&self, beside: Markup) -> Markup {
        html! { div.head { h1 { (self.title) } (beside) } }
    }
}

/// A page for anybody, or for a visitor.
pub(super) struct Shell<'v> {
    pub(super) title: &'v str,
    pub(super) visit: Option<&'v Visit>,
    pub(super) place: Option<Place>,
    pub(super) pulse: Option<&'v Pulse>,
}

impl Shell<'_> {
    pub(super) fn html(&self, settings: &Settings, with_charts: bool, content: Markup) -> Markup {
        let text = &settings.text().frame;
        let base = &settings.base;
        let live = self.visit.map(|_| base.to("/live"));
        // Who has not passed the gate is not told whose dashboard it is.
        let (brand, environment_name) = match self.visit {
            Some(_) => (settings.shared.title.as_str(), settings.shared.environment.as_deref()),
            None => (TITLE, None),
        };
        html! {
            (DOCTYPE)
            html lang=(settings.lang.code()) data-theme=[settings.theme.map(Theme::word)] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="htmx-config" content=(HTMX);
                    title { (self.title) " · " (line(brand)) }
                    link rel="icon" href="data:,";
                    @if with_charts { (style(&asset::UPLOT_CSS, settings)) }
                    (style(&asset::APP_CSS, settings))
                    (script(&asset::HTMX, settings))
                    @if with_charts { (script(&asset::UPLOT, settings)) }
                    (script(&asset::APP_JS, settings))
                }
                body data-live=[live] data-versions=[self.visit.map(|visit| visit.versions.map(|version| version.to_string()).join(","))] {
                    a.skip href="#main" { (text.skip) }
                    (sprite())
                    header.top {
                        a.brand href=(base.to("/")) { (Icon::Logo) span { (shown(brand)) } }
                        @if let Some(name) = environment_name { (environment(name, text.environment)) }
                        span.space {}
                        @if let Some(visit) = self.visit {
                            (live_switch(visit))
                            span.muted.small.wide title=((text.signed_in)(&line(visit.gate.who()))) {
                                (shown(visit.gate.who())) " · " ((text.role)(visit.gate.best()))
                            }
                            (switches(settings))
                        }
                    }
                    @match self.visit {
                        Some(visit) => (navigation(visit, self.place, self.pulse)),
                        None => nav.nav aria-label=(text.menu) {},
                    }
                    main #main tabindex="-1" {
                        @if self.visit.is_some_and(|visit| visit.gate.best() == Role::Read) {
                            p.visually-hidden { (text.read_only) }
                        }
                        (content)
                    }
                }
            }
        }
    }
}

fn style(asset: &Asset, settings: &Settings) -> Markup {
    html! { link rel="stylesheet" href=(asset.link(&settings.base)); }
}

fn script(asset: &Asset, settings: &Settings) -> Markup {
    html! { script defer src=(asset.link(&settings.base)) {} }
}

fn environment(name: &str, label: &str) -> Markup {
    let is_production = name.to_ascii_lowercase().starts_with("prod");
    html! {
        span.environment.production[is_production] {
            span.visually-hidden { (label) ": " }
            (shown(name))
        }
    }
}

fn live_switch(visit: &Visit) -> Markup {
    let text = &visit.text().frame;
    html! {
        button.live.only-js type="button" data-live-switch data-on=(text.live_on) data-off=(text.live_off) data-lost=(text.live_lost)
            title=(text.live) {
            (Icon::Live) span.word {}
        }
    }
}

/// The switches of language and theme: forms, which work without JavaScript.
fn switches(settings: &Settings) -> Markup {
    let text = &settings.text().frame;
    let themes = [
        (Some(Theme::Light), text.light, Icon::Sun),
        (Some(Theme::Dark), text.dark, Icon::Moon),
        (None, text.system, Icon::Screen),
    ];
    html! {
        form method="post" action=(settings.base.to("/preferences")) {
            input type="hidden" name="back" value=(settings.here);
            div.choices role="group" aria-label=(text.language) {
                @for lang in Lang::ALL {
                    button name="language" value=(lang.code()) lang=(lang.code()) title=(lang.name())
                        aria-pressed=(word(settings.lang == lang)) {
                        (lang.code().to_uppercase())
                    }
                }
            }
        }
        form method="post" action=(settings.base.to("/preferences")) {
            input type="hidden" name="back" value=(settings.here);
            div.choices role="group" aria-label=(text.theme) {
                @for (theme, name, icon) in themes {
                    button name="theme" value=(theme.map_or("system", Theme::word)) title=(name) aria-label=(name)
                        aria-pressed=(word(settings.theme == theme)) {
                        (icon)
                    }
                }
            }
        }
    }
}

/// How an attribute says yes or no.
fn word(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

fn navigation(visit: &Visit, here: Option<Place>, pulse: Option<&Pulse>) -> Markup {
    let text = &visit.text().frame;
    html! {
        nav.nav aria-label=(text.menu) {
            ul {
                @for place in Place::ALL.into_iter().filter(|place| visit.gate.may(place.right())) {
                    @let (path, icon, key) = place.looks();
                    li {
                        a href=(visit.base.to(path)) data-key=(key) aria-current=[(here == Some(place)).then_some("page")] {
                            (icon) span { (place.name(text)) }
                            @if let Some((name, count)) = pulse.and_then(|pulse| pulse.count(place, &visit.gate)) {
                                span.count data-count=(name) { (visit.lang.count(count)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
