//! Components by themselves.

use jiff::Timestamp;
use jobs_runtime::State;
use maud::html;
use scraper::Html;

use super::*;
use crate::{
    Access, Role,
    tests::site::{Site, select, words},
    web::Visit,
};

async fn visit() -> Visit {
    let site = Site::new().await;
    Visit::for_tests(&site.shared(), Access::new("ann", Role::Admin))
}

fn parsed(markup: &maud::Markup) -> Html {
    Html::parse_fragment(&markup.0)
}

#[tokio::test]
async fn a_state_is_a_word_and_an_icon_too() {
    let visit = visit().await;
    for (one, word) in [(State::Failed, "failed"), (State::Enqueued, "enqueued")] {
        let page = parsed(&state(&visit, one));
        assert_eq!(words(&page, "span.badge"), word);
        assert_eq!(select(&page, "svg[aria-hidden=true] use")[0].attr("href"), Some(format!("#i-{word}").as_str()));
    }
}

#[tokio::test]
async fn shares_fill_the_bar() {
    let visit = visit().await;
    let counts = [(State::Enqueued, 1), (State::Failed, 0), (State::Succeeded, 3)];
    let page = parsed(&bar(&visit, &counts));
    let pieces: Vec<_> = select(&page, "rect").iter().map(|piece| (piece.attr("x"), piece.attr("width"))).collect();
    assert_eq!(pieces, [(Some("0.0"), Some("250.0")), (Some("250.0"), Some("750.0"))]);
    assert_eq!(select(&page, "svg[role=img]")[0].attr("aria-label"), Some("enqueued 1, succeeded 3"));
    let nothing = parsed(&bar(&visit, &[]));
    assert_eq!((select(&nothing, "rect").len(), select(&nothing, "svg[aria-hidden=true]").len()), (0, 1));
}

#[tokio::test]
async fn a_table_names_its_rows_and_cells() {
    let columns = [Column::words("Name"), Column::numbers("Jobs")];
    let mut table = Table::new(&columns).caption(html! { "All" });
    assert!(table.is_empty());
    table.row([shown("mail"), html! { "12" }]);
    let page = parsed(&table.html());
    assert_eq!(words(&page, "tbody th[scope=row]"), "mail");
    assert_eq!(words(&page, "tbody td.number[data-label=Jobs]"), "12");
    assert_eq!((words(&page, "caption"), select(&page, "thead th[scope=col]").len()), ("All".into(), 2));
}

#[tokio::test]
async fn a_list_is_paged_both_ways() {
    let visit = visit().await;
    assert_eq!(Pager::default().html(&visit).0, "");
    let pager = Pager { newer: None, older: Some(visit.base.to("/jobs").query("at", "a b")) };
    let page = parsed(&pager.html(&visit));
    let links: Vec<_> = select(&page, "a").iter().map(|link| (link.attr("href"), link.attr("rel"))).collect();
    assert_eq!(links, [(Some("/jobs?at=a+b"), Some("next"))]);
}

#[tokio::test]
async fn a_question_is_a_form_that_needs_no_script() {
    let visit = visit().await;
    let question = Confirm {
        action: visit.base.to("/jobs").segment("7").segment("delete"),
        back: visit.base.to("/jobs").segment("7"),
        what: html! { "It goes." },
        word: "Delete",
        tone: Tone::Bad,
        fields: vec![("version", "\"3\"".to_owned())],
    };
    let page = parsed(&question.html(&visit));
    let form = select(&page, "form[method=post]")[0];
    assert_eq!(form.attr("action"), Some("/jobs/7/delete"));
    assert_eq!(select(&page, "input[name=version]")[0].attr("value"), Some("\"3\""));
    assert_eq!(words(&page, "button.danger[name=confirmed][value=yes]"), "Delete");
    assert_eq!(select(&page, "label[for=reason]").len(), 1);
}

#[tokio::test]
async fn times_are_for_people_and_machines() {
    let mut visit = visit().await;
    let at: Timestamp = "2026-11-23T04:30:00Z".parse().expect("an instant");
    visit.settings.now = at + jiff::SignedDuration::from_mins(5);
    let page = parsed(&ago(&visit, at));
    let time = select(&page, "time")[0];
    assert_eq!(
        (time.attr("datetime"), time.attr("title")),
        (Some("2026-11-23T04:30:00.000Z"), Some("2026-11-23 04:30:00 UTC"))
    );
    assert_eq!(words(&page, "time"), "5 min ago");
    assert_eq!(words(&parsed(&exact(at)), "time.exact"), "2026-11-23 04:30:00 UTC");
    assert_eq!(words(&parsed(&span(&visit, std::time::Duration::from_secs(90))), "span"), "1 min 30 s");
}

#[tokio::test]
async fn a_chart_has_a_drawing_and_a_table_of_its_numbers() {
    let visit = visit().await;
    let at: Vec<Timestamp> = (0..3).map(|minute| Timestamp::from_second(minute * 60).expect("an instant")).collect();
    let series = vec![
        Series { label: "Good", class: "s-succeeded", values: vec![0, 2, 6] },
        Series { label: "Bad", class: "s-failed", values: vec![1, 0, 2] },
    ];
    let page = parsed(&Chart { title: "Ends", at, series }.html(&visit));
    assert_eq!(select(&page, "svg.still rect").len(), 4);
    assert_eq!(words(&page, "tbody tr"), "1970-01-01 00:02:00 UTC 6 2");
    assert_eq!(words(&page, ".legend"), "Good 8 Bad 3");
    let numbers = select(&page, "figure")[0].attr("data-chart");
    let expected = r#"{"at":[0,60,120],"series":[{"label":"Good","class":"s-succeeded","values":[0,2,6]},{"label":"Bad","class":"s-failed","values":[1,0,2]}]}"#;
    assert_eq!(numbers, Some(expected));
}

#[tokio::test]
async fn regions_are_asked_for_anew_together() {
    let mut visit = visit().await;
    visit.settings.here = "/?range=1d".into();
    assert_eq!(words(&parsed(&region("counts", html! { "7" })), "#counts"), "7");
    let page = parsed(&updates(&visit, Topic::Any, &["counts", "health"]));
    let element = select(&page, "div[hidden]")[0];
    assert_eq!((element.attr("hx-get"), element.attr("hx-swap")), (Some("/?range=1d"), Some("none")));
    assert_eq!(element.attr("hx-select-oob"), Some("#counts:outerMorph,#health:outerMorph"));
    let triggers = "live:any from:body throttle:3s";
    assert_eq!(element.attr("hx-trigger"), Some(triggers));
    assert_eq!(clipped(&visit, "abcdef", 2).0, "<bdi>ab</bdi> \u{2026} and 4 more characters");
    assert_eq!(words(&parsed(&spark(&[1, 2], "up")), "svg[role=img][aria-label=up]"), "");
    assert_eq!(words(&parsed(&super::plain::snippet("let a;")), "pre code"), "let a;");
}
