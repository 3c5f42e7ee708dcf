//! The page between a button of a list and what it does.

use std::sync::Arc;

use maud::{Markup, html};

use super::{
    Page, Place,
    part::{Confirm, Tone},
};
use crate::{
    live::Pulse,
    web::{Link, Params, Visit},
};

/// What is asked before an act on one thing of a list.
pub(super) struct Asked {
    /// The list.
    pub(super) place: Place,
    /// The act as forms name it, and as its button does.
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    /// Where the form goes, and where the list is.
    pub(super) action: Link,
    pub(super) back: Link,
    /// What will happen.
    pub(super) what: Markup,
    pub(super) tone: Tone,
}

impl Asked {
    /// Whether a form brings the answer.
    pub(super) fn is_answered(form: &Params) -> bool {
        form.text("confirmed") == Some("yes")
    }

    /// The page with the question.
    pub(super) fn page(self, visit: &Visit, pulse: &Arc<Pulse>) -> Markup {
        let page = Page::new(visit, self.label).at(self.place).pulse(pulse);
        let confirm = Confirm {
            action: self.action,
            back: self.back,
            what: self.what,
            word: self.label,
            tone: self.tone,
            fields: vec![("act", self.word.to_owned())],
        };
        let content = html! { (page.heading(html! {})) (confirm.html(visit)) };
        page.html(content)
    }
}
