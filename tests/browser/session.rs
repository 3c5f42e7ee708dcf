//! A browser's window: what a test does with it, and what must never happen in it.

use std::{fmt, fs, path::PathBuf, time::Duration};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    wd::{WebDriverCompatibleCommand, WindowHandle},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use jobs_test_servers::Driver;
use serde_json::{Map, Value, json};
use url::{ParseError, Url};

/// How long what must come is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The rules by which a page is judged: WCAG 2.2 at level AA, and what its makers hold to be good practice.
const AXE: &str = include_str!("axe.min.js");
const AXE_RUN: &str = "const done = arguments[arguments.length - 1];
axe.run({ resultTypes: ['violations'] }).then(
    found => done(found.violations.map(rule => rule.id + ': ' + rule.nodes.map(node => node.target + ' ' + node.failureSummary).join('; '))),
    error => done(['axe failed: ' + error]));";

/// A window of its own browser.
pub(crate) struct Session {
    client: Client,
    base: String,
}

/// A command of ChromeDriver that no standard knows.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Session {
    /// A new browser, of a screen's size, whose paths begin at `base`.
    pub(crate) async fn open(driver: &Driver, base: impl Into<String>) -> Self {
        let arguments = driver.arguments().expect("a folder for the browser");
        let mut capabilities = Map::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "binary": driver.browser(), "args": arguments, "prefs": { "intl.accept_languages": "en-GB" } }),
        );
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .expect("a session");
        let session = Self { client, base: base.into() };
        session.size(1280, 900).await;
        session
    }

    async fn tell(&self, path: &'static str, body: Value) -> Value {
        let command = Command { path, body };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A command of the browser's own protocol.
    pub(crate) async fn browser(&self, command: &str, parameters: Value) {
        self.tell("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    /// As wide and high as a screen of so many points.
    pub(crate) async fn size(&self, width: u32, height: u32) {
        let mobile = width < 600;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.browser("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// What the reader's system prefers, such as `prefers-color-scheme` and `dark`.
    pub(crate) async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.browser("Emulation.setEmulatedMedia", features).await;
    }

    /// Sends a header with every request, such as `Accept-Language`.
    pub(crate) async fn header(&self, name: &str, value: &str) {
        self.browser("Network.enable", json!({})).await;
        self.browser("Network.setExtraHTTPHeaders", json!({ "headers": { name: value } })).await;
    }

    /// Runs no script of any page.
    pub(crate) async fn without_scripts(&self) {
        self.browser("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    pub(crate) async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// The path where it is, with its question.
    pub(crate) async fn place(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.base).unwrap_or(url.as_str()).to_owned()
    }

    /// The element, once it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("`{css}` is not on {}: {error}\n{}", self.place().await, self.text().await),
        }
    }

    /// How many elements there are now.
    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("an answer").len()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("`{css}` takes no click: {error}"));
    }

    /// Clicks on the link or button that is called so.
    pub(crate) async fn press(&self, name: &str) {
        let path = format!("//*[(self::a or self::button or self::summary) and normalize-space(.)='{name}']");
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        match found {
            Ok(element) => element.click().await.unwrap_or_else(|error| panic!("`{name}` takes no click: {error}")),
            Err(error) => panic!("`{name}` is not on {}: {error}\n{}", self.place().await, self.text().await),
        }
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        element.clear().await.expect("a field");
        element.send_keys(text).await.expect("a field");
    }

    /// Everything that is to be read on the page.
    pub(crate) async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await;
        match body {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until a text is to be read on the page.
    pub(crate) async fn until(&self, wanted: &str) {
        self.until_that(wanted, |text| text.contains(wanted)).await;
    }

    /// Waits until what is to be read on the page is as it should be.
    pub(crate) async fn until_that(&self, what: impl fmt::Display, is_so: impl Fn(&str) -> bool) {
        let start = tokio::time::Instant::now();
        loop {
            let text = self.text().await;
            if is_so(&text) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{} never shows: {what}\n{text}", self.place().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        // What is pressed before a page is drawn for the first time is thrown away.
        self.ask_later("requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))").await;
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.expect("a keyboard");
    }

    /// The id of what has the focus.
    pub(crate) async fn focused(&self) -> String {
        self.ask("return document.activeElement.id").await.as_str().unwrap_or_default().to_owned()
    }

    /// Presses the tabulator on a page that has just come, where nothing has the focus, until something does: a key that comes before the page
    /// listens goes nowhere. Gives the class of what is reached first.
    pub(crate) async fn first_stop(&self) -> String {
        let start = tokio::time::Instant::now();
        loop {
            self.keys("\u{E004}").await;
            let reached =
                self.ask("return document.activeElement === document.body ? null : document.activeElement.className");
            if let Some(class) = reached.await.as_str() {
                return class.to_owned();
            }
            assert!(start.elapsed() < PATIENCE, "the tabulator reaches nothing on {}", self.place().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses the tabulator until the first of these elements has the focus.
    pub(crate) async fn tab_to(&self, css: &str) {
        self.find(css).await;
        let is_there = format!("return document.activeElement === document.querySelector({})", json!(css));
        for _ in 0..200 {
            if self.ask(&is_there).await == json!(true) {
                return;
            }
            self.keys("\u{E004}").await;
        }
        panic!("the tabulator never reaches `{css}` on {}", self.place().await);
    }

    /// Goes on in another tab.
    pub(crate) async fn new_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a tab");
        self.client.switch_to_window(tab.handle).await.expect("it is there");
    }

    /// Goes on in another window, beside which the others stay in sight.
    pub(crate) async fn new_window(&self) {
        let window = self.client.new_window(false).await.expect("a window");
        self.client.switch_to_window(window.handle).await.expect("it is there");
    }

    /// All tabs and windows.
    pub(crate) async fn windows(&self) -> Vec<WindowHandle> {
        self.client.windows().await.expect("an answer")
    }

    /// Goes on in this one.
    pub(crate) async fn switch(&self, window: &WindowHandle) {
        self.client.switch_to_window(window.clone()).await.expect("it is there");
    }

    /// What a script hands to the function that is its last argument.
    pub(crate) async fn ask_later(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// What a script gives back.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Everybody can use the page, and it has complained of nothing: no error of a script, no breach of the content security policy,
    /// nothing asked of another host.
    pub(crate) async fn is_sound(&self) {
        let place = self.place().await;
        let complaints = self.tell("se/log", json!({ "type": "browser" })).await;
        let complaints: Vec<_> =
            complaints.as_array().into_iter().flatten().filter(|entry| entry["level"] != "INFO").collect();
        assert!(complaints.is_empty(), "{place}: {complaints:#?}");
        // By the debugger's hand, because the policy of the page lets no other script in.
        self.client.execute(AXE, Vec::new()).await.expect("axe is a script");
        let found = self.client.execute_async(AXE_RUN, Vec::new()).await.expect("axe answers");
        assert_eq!(found, json!([]), "{place}");
        let hosts = "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)
            .filter(origin => origin !== location.origin)";
        assert_eq!(self.ask(hosts).await, json!([]), "{place}");
        let wide = self.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wide, json!(0), "{place} is wider than the screen");
        // On a phone a table is a list of cards, none of which is cut off.
        let cut = "return innerWidth > 640 ? [] : [...document.querySelectorAll('.scroll')]
            .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText.slice(0, 200))";
        assert_eq!(self.ask(cut).await, json!([]), "{place} cuts a table off");
    }

    /// Forgets what the browser has complained of: to it a page that says what is wrong is an error.
    pub(crate) async fn forgive(&self) {
        self.tell("se/log", json!({ "type": "browser" })).await;
    }

    /// Writes what is to be seen, from the top of the page to its end, into `target/screenshots`.
    pub(crate) async fn picture(&self, name: &str) {
        let height = self.ask("return document.documentElement.scrollHeight").await.as_u64().unwrap_or(900);
        let width = self.ask("return document.documentElement.clientWidth").await.as_u64().unwrap_or(1280);
        self.size(width as u32, height.clamp(600, 4000) as u32).await;
        let picture = self.client.screenshot().await.expect("a picture");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        fs::create_dir_all(&folder).expect("a folder for pictures");
        fs::write(folder.join(format!("{name}.png")), picture).expect("room for a picture");
    }

    pub(crate) async fn close(self) {
        self.client.close().await.expect("the window closes");
    }
}
