//! What nobody who looks at jobs is shown: values that their kind calls secret, and values whose name says that they are. Pages, commands,
//! the search and the audit all ask here. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

/// What stands where a secret would.
pub(super) const REDACTED: &str = "[redacted]";

/// Which values are kept from whoever looks at jobs, by their names.
///
/// By default these are values named `password`, `passwd`, `secret`, `token`, `authorization`, `api_key`, `private_key`, `credential` or
/// `credentials`, at any depth of args and outputs and among a job's own facts. Case does not matter, nor do hyphens, underscores and
/// humps, and words may stand before: `Api-Key`, `apiKey`, `user_password` and `X-Access-Token` are such names, `token_count` is none.
/// What a kind declares `secret(..)` is redacted whatever is said here.
///
/// The values are stored and given to handlers as they are. They are left out of lists, pages, forms, the audit and the search, so that
/// nobody finds one by guessing.
///
/// ```
/// # use jobs_runtime::{Client, Redaction};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs_runtime::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// let redaction = Redaction::default().also("iban").except("page_token");
/// let client = Client::options().redaction(redaction).connect(&url).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a redaction holds for the client that it is given to with `Client::options().redaction(..)`"]
pub struct Redaction {
    /// Names without hyphens, underscores and case.
    hidden: Vec<String>,
    shown: Vec<String>,
}

impl Redaction {
    /// The names that are redacted by default.
    pub const NAMES: [&'static str; 9] = [
        "password",
        "passwd",
        "secret",
        "token",
        "authorization",
        "api_key",
        "private_key",
        "credential",
        "credentials",
    ];

    /// No name is redacted: only what a kind declares `secret(..)` is.
    pub fn declared_only() -> Self {
        Self { hidden: Vec::new(), shown: Vec::new() }
    }

    /// Values of this name are redacted too. A name without a letter or a digit stands for nothing.
    pub fn also(mut self, name: &str) -> Self {
        self.hidden.push(words(name).concat());
        self.hidden.retain(|name| !name.is_empty());
        self
    }

    /// Values of exactly this name are shown, whatever else is said: `except("page_token")` leaves `token` redacted.
    pub fn except(mut self, name: &str) -> Self {
        self.shown.push(words(name).concat());
        self
    }

    /// Whether a value of this name is redacted.
    pub fn hides(&self, name: &str) -> bool {
        let words = words(name);
        if self.hidden.is_empty() || self.shown.contains(&words.concat()) {
            return false;
        }
        (0..words.len()).any(|first| self.hidden.contains(&words[first..].concat()))
    }

    /// A value without what its names say is secret.
    pub(super) fn covered(&self, value: Value) -> Value {
        Cover { names: self, secret: &[] }.covered(value)
    }

    /// The same of the caller's own facts about a job.
    pub(super) fn covered_facts(&self, facts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let covered = |name: &str, value: &String| if self.hides(name) { REDACTED.to_owned() } else { value.clone() };
        facts.iter().map(|(name, value)| (name.clone(), covered(name, value))).collect()
    }
}

impl Default for Redaction {
    fn default() -> Self {
        Self::NAMES.into_iter().fold(Self::declared_only(), Self::also)
    }
}

/// The words of a name in small letters. The Turkish letters that a capital I becomes by a Turkish keyboard count as `i`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut before, mut letters) = (None::<char>, name.chars().peekable());
    while let Some(letter) = letters.next() {
        // `apiKey` and `APIKey` are two words.
        let is_hump = letter.is_uppercase()
            && before
                .is_some_and(|before| !before.is_uppercase() || letters.peek().is_some_and(|next| next.is_lowercase()));
        if is_hump || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            match letter {
                'İ' | 'ı' => word.push('i'),
                letter => word.extend(letter.to_lowercase()),
            }
        }
        before = Some(letter);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What is redacted of the args of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cover<'a> {
    pub(super) names: &'a Redaction,
    /// The parameters that the kind declares secret.
    pub(super) secret: &'a [&'a str],
}

/// A redacted value that an edit has left as it was, and that cannot be told from what is stored. It names the place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lost(pub(super) String);

impl Cover<'_> {
    /// The args without what is secret.
    pub(super) fn covered(&self, mut args: Value) -> Value {
        self.cover(&mut args, true);
        args
    }

    fn hides(&self, name: &str, at_top: bool) -> bool {
        (at_top && self.secret.contains(&name)) || self.names.hides(name)
    }

    fn cover(&self, value: &mut Value, at_top: bool) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if self.hides(name, at_top) {
                        *value = Value::from(REDACTED);
                    } else {
                        self.cover(value, false);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.cover(item, false)),
            _ => {}
        }
    }

    /// Puts back what was shown redacted and was left so.
    ///
    /// # Errors
    /// [`Lost`] for a value whose place is not in what is stored.
    pub(super) fn restore(&self, args: &mut Value, stored: Option<&Value>) -> Result<(), Lost> {
        self.put_back(args, stored, true, "")
    }

    fn put_back(&self, value: &mut Value, stored: Option<&Value>, at_top: bool, path: &str) -> Result<(), Lost> {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let stored = stored.and_then(|stored| stored.get(name));
                    if !self.hides(name, at_top) {
                        self.put_back(value, stored, false, &path)?;
                    } else if value.as_str() == Some(REDACTED) {
                        *value = stored.ok_or(Lost(path))?.clone();
                    }
                }
                Ok(())
            }
            Value::Array(items) => {
                let stored = stored.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let shown: Vec<Value> = stored.iter().map(|item| self.names.covered(item.clone())).collect();
                let edited = items.clone();
                for (index, item) in items.iter_mut().enumerate() {
                    let path = format!("{path}[{index}]");
                    let place = if self.is_covered(item) { origin(&edited, &shown, index) } else { Some(index) };
                    let place = place.ok_or_else(|| Lost(path.clone()))?;
                    self.put_back(item, stored.get(place), false, &path)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether something in a value has been left redacted.
    fn is_covered(&self, value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.iter().any(|(name, value)| match self.hides(name, false) {
                true => value.as_str() == Some(REDACTED),
                false => self.is_covered(value),
            }),
            Value::Array(items) => items.iter().any(|item| self.is_covered(item)),
            _ => false,
        }
    }
}

/// Which item of a list, as it was shown, an edited one was. `None` where items may have been moved about in such a way that one would get the
/// secret of another.
fn origin(edited: &[Value], shown: &[Value], index: usize) -> Option<usize> {
    let item = &edited[index];
    let is_as_long = edited.len() == shown.len();
    if is_as_long && shown[index] == *item {
        return Some(index);
    }
    let mut alike = shown.iter().enumerate().filter(|(_, shown)| *shown == item).map(|(place, _)| place);
    match (alike.next(), alike.next()) {
        (Some(place), None) => Some(place),
        // It was changed where it stands, as long as what stood there has not gone elsewhere.
        (None, _) if is_as_long && !edited.contains(&shown[index]) => Some(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
