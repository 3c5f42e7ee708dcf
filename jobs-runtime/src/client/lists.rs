//! Pages of jobs, and the search for a text in their args.

use std::collections::HashMap;

use serde_json::Value;

use super::Client;
use crate::{
    ErrorId, JobId, Result,
    storage::{JobFilter, JobPage, JobRecord, JobTexts, ListPlace, Walked, Way},
};

/// A search for a text reads args, and looks at so many jobs at most.
const SEARCH: u32 = 5_000;
/// So many jobs' args are read at once.
const CHUNK: u32 = 500;
/// Longer args, in bytes, are not searched.
const LONGEST: u32 = 64 * 1024;

impl Client {
    /// One page of the jobs in one state. It reads a bounded number of rows whatever the filter: [`JobPage::stopped`] tells when that
    /// was not enough, and [`JobPage::next`] where to go on.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a filter that cannot be meant; what the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::{prelude::*, JobFilter};
    /// # #[job] async fn greet(name: String) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// for name in ["Ada", "Grace", "Adele"] {
    ///     greet::enqueue(name).queue("mail").on(&client).await?;
    /// }
    /// let waiting = JobFilter::new(State::Enqueued).queue("mail");
    /// let page = client.jobs(waiting.clone().limit(2)).await?;
    /// assert_eq!(page.jobs.len(), 2);
    /// let rest = client.jobs(waiting.clone().at(page.next.expect("there is one more"))).await?;
    /// assert_eq!(rest.jobs.len(), 1);
    ///
    /// let found = client.jobs(waiting.text("ada")).await?;
    /// assert_eq!((found.jobs.len(), found.looked, found.stopped), (1, 3, false));
    /// # Ok(()) }
    /// ```
    pub async fn jobs(&self, filter: JobFilter) -> Result<JobPage> {
        filter.check()?;
        if filter.text.is_none() && filter.error.is_none() {
            return self.storage().job_list(filter).await;
        }
        self.search(filter).await
    }

    /// Walks the list until the page is full, and reads the args of what it meets.
    async fn search(&self, filter: JobFilter) -> Result<JobPage> {
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        let (way, look) = (filter.way(), filter.look.min(SEARCH));
        let mut found: Vec<(JobId, ListPlace)> = Vec::new();
        let (mut at, mut first, mut looked, mut unread) = (filter.at, None, 0, 0);
        let mut full = false;
        while looked < look && !full {
            let left = look - looked;
            let chunk = JobFilter { at, limit: CHUNK.min(left), look: left, ..filter.clone() };
            let walked = self.storage().job_walk(chunk).await?;
            looked += walked.looked;
            let ids = walked.ids.iter().map(|(id, _)| *id).collect();
            let texts = self.storage().job_texts(ids, LONGEST).await?;
            let texts: HashMap<JobId, JobTexts> = texts.into_iter().map(|texts| (texts.id, texts)).collect();
            at = match way {
                Way::Onward => walked.next,
                Way::Back => walked.previous,
            };
            let mut met = walked.ids;
            if way == Way::Back {
                met.reverse();
            }
            for (id, place) in met {
                first = first.or(place.spot);
                match texts.get(&id).map(|texts| self.fits(texts, text.as_deref(), filter.error)) {
                    Some(Some(true)) if found.len() == filter.limit as usize => {
                        full = true;
                        at = found.last().map(|(_, place)| *place);
                        break;
                    }
                    Some(Some(true)) => found.push((id, place)),
                    Some(None) => unread += 1,
                    Some(Some(false)) | None => {}
                }
            }
            if at.is_none() {
                break;
            }
        }
        let first = found.first().map_or(first, |(_, place)| place.spot);
        let edge = at.and_then(|at| at.spot);
        if way == Way::Back {
            found.reverse();
        }
        let (previous, next) = filter.around(first, edge);
        let stopped = edge.is_some() && !full;
        let jobs = self.storage().job_records(found.iter().map(|(id, _)| *id).collect()).await?;
        let is_here =
            |job: &JobRecord| job.state == filter.state && filter.parked.is_none_or(|parked| parked == job.parked);
        let jobs = jobs.into_iter().filter(is_here).collect();
        Ok(JobPage { unread, ..JobPage::new(&Walked { ids: found, previous, next, looked, stopped }, jobs) })
    }

    /// Whether a job is what is searched for; `None` where that cannot be read.
    fn fits(&self, texts: &JobTexts, text: Option<&str>, error: Option<ErrorId>) -> Option<bool> {
        if !error.is_none_or(|error| texts.is_of(error)) {
            return Some(false);
        }
        text.map_or(Some(true), |text| self.mentions(texts, text))
    }

    /// Whether a text stands in what belongs to a job; `None` where it does not stand in what can be read, and not all can.
    fn mentions(&self, texts: &JobTexts, text: &str) -> Option<bool> {
        let has = |word: &String| word.to_lowercase().contains(text);
        let fact = |(name, value): (&String, &String)| !self.redaction().hides(name) && has(value);
        if texts.tags.iter().any(has) || texts.meta.iter().any(fact) {
            return Some(true);
        }
        let payload = texts.payload.as_ref()?;
        Some(mentions(&self.shown(&texts.kind, payload).ok()?, text))
    }
}

/// Whether a text, in small letters, stands in a value.
fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => flag.to_string().contains(text),
        Value::Number(number) => number.to_string().contains(text),
        Value::String(word) => word.to_lowercase().contains(text),
        Value::Array(values) => values.iter().any(|value| mentions(value, text)),
        Value::Object(fields) => fields.values().any(|value| mentions(value, text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_found_in_values_at_any_depth_and_not_in_names() {
        let args = json!({"user": {"name": "Ada Łukasiewicz", "tags": ["vip", null]}, "amount": 1205, "gift": true});
        for text in ["ada", "łuka", "vip", "205", "true"] {
            assert!(mentions(&args, text), "{text}");
        }
        for text in ["user", "amount", "null", "ada l"] {
            assert!(!mentions(&args, text), "{text}");
        }
    }
}
