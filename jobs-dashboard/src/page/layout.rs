//! What stands around every page: landmarks, navigation, switches.

use std::sync::Arc;

use maud::{DOCTYPE, Markup, html};

use super::part::{Icon, line, shown, sprite};
use crate::{
    asset::{self, Asset},
    gate::Right,
    live::Pulse,
    policy::Role,
    text::Lang,
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
    Recurring,
    Servers,
}

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Overview, Self::Recurring, Self::Servers];
}

/// What the navigation knows of a place.
struct Entry {
    place: Place,
    path: &'static str,
    name: &'static str,
    icon: Icon,
    key: char,
    right: Right,
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
        html! {
            (DOCTYPE)
            html lang=(settings.lang.code()) data-theme=[settings.theme.map(Theme::word)] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="htmx-config" content=(HTMX);
                    title { (self.title) " · " (line(&settings.shared.title)) }
                    link rel="icon" href="data:,";
                    @if with_charts { (style(&asset::UPLOT_CSS, settings)) }
                    (style(&asset::APP_CSS, settings))
                    (script(&asset::HTMX, settings))
                    @if with_charts { (script(&asset::UPLOT, settings)) }
                    (script(&asset::APP_JS, settings))
                }
                body data-live=[live] {
                    a.skip href="#main" { (text.skip) }
                    (sprite())
                    header.top {
                        a.brand href=(base.to("/")) { (Icon::Logo) span { (shown(&settings.shared.title)) } }
                        @if let Some(name) = &settings.shared.environment { (environment(name, text.environment)) }
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
    let all = Right::READ.of_queue();
    let entries = [
        Entry { place: Place::Overview, path: "/", name: text.overview, icon: Icon::Overview, key: 'o', right: all },
        Entry {
            place: Place::Recurring,
            path: "/recurring",
            name: text.recurring,
            icon: Icon::Recurring,
            key: 'r',
            right: all,
        },
        Entry {
            place: Place::Servers,
            path: "/servers",
            name: text.servers,
            icon: Icon::Server,
            key: 'w',
            right: Right::READ,
        },
    ];
    html! {
        nav.nav aria-label=(text.menu) {
            ul {
                @for entry in entries.iter().filter(|entry| visit.gate.may(entry.right)) {
                    li {
                        a href=(visit.base.to(entry.path)) data-key=(entry.key) aria-current=[(here == Some(entry.place)).then_some("page")] {
                            (entry.icon) span { (entry.name) }
                            @if let Some((name, count)) = pulse.and_then(|pulse| pulse.count(entry.place, &visit.gate)) {
                                span.count data-count=(name) { (visit.lang.count(count)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
