//! The browser installed here opens a page for a test, and leaves nothing behind.

#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "a test that this machine cannot run says so")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use jobs_test_servers::{Driver, find_chromium};

/// How long a fact that must come is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request to the driver, and what it answers.
fn ask(driver: &Driver, path: &str, body: &str) -> String {
    let host = driver.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while answer.read_line(&mut line).unwrap() > 2 {
        let header = line.to_ascii_lowercase();
        length = header.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
        line.clear();
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

/// How many processes have a word on their command line.
fn processes_with(word: &str) -> usize {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

#[test]
fn a_browser_opens_a_page_and_leaves_nothing_behind() {
    let Some(chromium) = find_chromium() else {
        println!(
            "LEFT OUT: a_browser_opens_a_page_and_leaves_nothing_behind: no chromium with chromedriver is installed"
        );
        return;
    };
    let driver = chromium.start().unwrap();
    let arguments = driver.arguments().unwrap();
    let profile = arguments.iter().find_map(|argument| argument.strip_prefix("--user-data-dir=")).unwrap().to_owned();
    let quoted: Vec<_> = arguments.iter().map(|argument| format!("\"{argument}\"")).collect();
    let body = format!(
        r#"{{"capabilities":{{"alwaysMatch":{{"goog:chromeOptions":{{"binary":"{}","args":[{}]}}}}}}}}"#,
        driver.browser().display(),
        quoted.join(",")
    );
    let answer = ask(&driver, "/session", &body);
    let (_, rest) = answer.split_once("\"sessionId\":\"").unwrap_or_else(|| panic!("no session: {answer}"));
    let session = rest.split('"').next().unwrap();
    let answer = ask(&driver, &format!("/session/{session}/url"), r#"{"url":"data:text/html,<title>hello</title>"}"#);
    assert_eq!(answer, r#"{"value":null}"#);
    if Path::new("/proc/self/cmdline").exists() {
        assert!(processes_with(&profile) > 0);
    }

    drop(driver);
    let start = Instant::now();
    while Path::new(&profile).exists() || (Path::new("/proc/self/cmdline").exists() && processes_with(&profile) > 0) {
        assert!(start.elapsed() < PATIENCE, "{profile} is still there, with {} processes", processes_with(&profile));
        thread::sleep(Duration::from_millis(20));
    }
}
