//! The page between a button and what cannot be taken back. It works without JavaScript.

use maud::{Markup, html};

use super::Tone;
use crate::web::{Link, Settings};

/// A question before an act.
pub(crate) struct Confirm<'c> {
    /// Where the form goes.
    pub(crate) action: Link,
    /// Where "back" leads.
    pub(crate) back: Link,
    /// What will happen, in a sentence.
    pub(crate) what: Markup,
    /// The word on the button.
    pub(crate) word: &'c str,
    /// [`Tone::Bad`] for what destroys.
    pub(crate) tone: Tone,
    /// What the form carries beside the reason, by name.
    pub(crate) fields: Vec<(&'c str, String)>,
}

impl Confirm<'_> {
    /// The form, with a field for the reason.
    pub(crate) fn html(&self, settings: &Settings) -> Markup {
        let text = &settings.text().part;
        html! {
            form.panel method="post" action=(self.action) {
                div.body {
                    p { (self.what) }
                    @for (name, value) in &self.fields { input type="hidden" name=(name) value=(value); }
                    div.field {
                        label for="reason" { (text.reason) }
                        input #reason name="reason" maxlength="500" autocomplete="off" aria-describedby="reason-hint";
                        span #reason-hint.muted.small { (text.reason_hint) }
                    }
                    div.actions {
                        button.main[self.tone != Tone::Bad].danger[self.tone == Tone::Bad] name="confirmed" value="yes" { (self.word) }
                        a.button href=(self.back) { (text.back) }
                    }
                }
            }
        }
    }
}
