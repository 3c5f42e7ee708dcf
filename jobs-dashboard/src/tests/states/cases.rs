//! The table of all pages, with what each shows in each state.

use super::PAGE;

/// A page, and what it shows in each state. `{batch}` and the names of states stand for the ids of what is stored.
pub(crate) struct Case {
    /// As it stands in the table of routes.
    pub(crate) route: &'static str,
    pub(crate) path: &'static str,
    /// What is said where there is nothing.
    pub(super) empty: &'static str,
    /// What is counted.
    pub(super) rows: &'static str,
    /// How many there are with one of everything, and with many.
    pub(super) one: usize,
    pub(super) many: usize,
    /// What is said where there is something.
    pub(super) says: &'static str,
}

/// The beginnings of routes that are no pages.
pub(super) const NO_PAGES: [&str; 6] = ["/assets/", "/api", "/healthz", "/readyz", "/metrics", "/live"];

const fn case(route: &'static str, path: &'static str, empty: &'static str) -> Case {
    Case { route, path, empty, rows: "h1", one: 1, many: 1, says: "" }
}

impl Case {
    /// What is counted, how many there are with one of everything, and with many.
    const fn rows(mut self, rows: &'static str, one: usize, many: usize) -> Self {
        (self.rows, self.one, self.many) = (rows, one, many);
        self
    }

    const fn says(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }

    /// Whether it is a list whose first page is full.
    pub(super) const fn is_paged(&self) -> bool {
        self.many == PAGE
    }
}

const JOBS: &str = "#jobs tbody tr";
const TIMELINE: &str = ".timeline li";

/// All pages.
pub(crate) const CASES: &[Case] = &[
    case("/", "/", "No job yet").rows("#queues tbody tr", 3, 8).says("which holds"),
    case("/", "/?range=1y", "No job yet").rows("figure.chart", 1, 1).says("Succeeded"),
    case("/jobs", "/jobs", "No job is enqueued").rows(JOBS, 1, PAGE).says("password"),
    case("/jobs", "/jobs?state=scheduled", "No job is scheduled").rows(JOBS, 1, PAGE).says("priority 7"),
    case("/jobs", "/jobs?state=awaiting", "No job is awaiting").rows(JOBS, 1, PAGE).says("plain still"),
    case("/jobs", "/jobs?state=processing", "No job is processing").rows(JOBS, 1, PAGE).says("plain work"),
    case("/jobs", "/jobs?state=succeeded", "No job is succeeded").rows(JOBS, 1, PAGE).says("plain work"),
    case("/jobs", "/jobs?state=failed", "No job is failed").rows(JOBS, 1, PAGE).says("plain x"),
    case("/jobs", "/jobs?state=deleted", "No job is deleted").rows(JOBS, 1, PAGE).says("plain still"),
    case("/jobs", "/jobs?state=failed&q=nobody", "No job fits").rows(JOBS, 0, 0).says("No job fits"),
    case("/retries", "/retries", "No job waits for another attempt")
        .rows("#retries tbody tr", 0, 0)
        .says("No job waits for another attempt"),
    case("/jobs/{id}", "/jobs/{scheduled}", "there is no job").rows(TIMELINE, 1, 1).says("scheduled"),
    case("/jobs/{id}", "/jobs/{awaiting}", "there is no job").rows(TIMELINE, 1, 1).says("It waits"),
    case("/jobs/{id}", "/jobs/{enqueued}", "there is no job").rows(TIMELINE, 1, 1).says("paused"),
    case("/jobs/{id}", "/jobs/{processing}", "there is no job").rows(TIMELINE, 2, 2).says("Progress"),
    case("/jobs/{id}", "/jobs/{succeeded}", "there is no job").rows(TIMELINE, 3, 3).says("with 16 letters"),
    case("/jobs/{id}", "/jobs/{failed}", "there is no job").rows(TIMELINE, 4, 4).says("It has ended: failed."),
    case("/jobs/{id}", "/jobs/{deleted}", "there is no job").rows(TIMELINE, 2, 2).says("It has ended: deleted."),
    case("/errors", "/errors", "Nothing has failed").rows("#errors tbody tr", 1, PAGE).says("plain x"),
    case("/recurring", "/recurring", "No recurring job").rows("main tbody tr", 1, 51).says("paused"),
    case("/recurring/{id}", "/recurring/{recurring}", "there is no recurring job")
        .rows("#recurring-next tbody tr", 10, 10)
        .says("paused"),
    case("/queues", "/queues", "No queue yet").rows("#queues tbody tr", 3, 53).says("paused"),
    case("/kinds", "/kinds", "No kind yet").rows("#kinds tbody tr", 4, 4).says("paused"),
    case("/batches", "/batches", "No batch").rows("#batches tbody tr", 1, PAGE).says("0 of 1 ended"),
    case("/batches/{id}", "/batches/{batch}", "there is no batch").rows("#members tbody tr", 1, PAGE).says("enqueued"),
    case("/servers", "/servers", "No server runs").rows("#servers tbody tr", 1, 3).says("plain work"),
    case("/operations", "/operations", "No operation yet").rows("#operations tbody tr", 1, PAGE).says("stopped"),
    case("/operations/new", "/operations/new?state=failed", "No job matches")
        .rows("input[type=radio]", 2, 2)
        .says("match"),
    case("/audit", "/audit", "Nobody has done anything yet").rows("main tbody tr", 6, PAGE).says("plain"),
    case("/system", "/system", "No server").rows("#versions tbody tr", 1, 1).says("sqlite"),
];
