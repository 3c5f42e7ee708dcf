//! Files of the front end.

use std::io::Read;

use axum::http::{StatusCode, header};
use flate2::read::GzDecoder;

use super::site::{Site, ask, get, select};
use crate::asset;

#[tokio::test]
async fn files_are_kept_for_good_under_the_name_of_their_content() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let page = ask(&router, get("/", &[])).await.page();
    let links: Vec<_> = select(&page, "link[rel=stylesheet], script")
        .iter()
        .filter_map(|element| element.attr("href").or(element.attr("src")))
        .map(str::to_owned)
        .collect();
    assert_eq!(links.len(), asset::ALL.len(), "{links:?}");
    for link in links {
        let plain = ask(&router, get(&link, &[])).await;
        assert_eq!(plain.status, StatusCode::OK, "{link}");
        assert_eq!(plain.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        let zipped = ask(&router, get(&link, &[("accept-encoding", "br, gzip")])).await;
        assert_eq!((zipped.header(header::CONTENT_ENCODING), plain.header(header::CONTENT_ENCODING)), ("gzip", ""));
        let mut content = Vec::new();
        GzDecoder::new(zipped.body.as_slice()).read_to_end(&mut content).expect("a stream");
        assert_eq!(content, plain.body, "{link}");
    }
}

#[tokio::test]
async fn a_file_of_another_version_is_not_kept() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let other = ask(&router, get("/assets/app.00000000.css", &[])).await;
    assert_eq!((other.status, other.header(header::CACHE_CONTROL)), (StatusCode::OK, "no-store"));
    for path in ["/assets/nothing.css", "/assets/..%2f..%2fCargo.toml", "/assets/"] {
        assert_eq!(ask(&router, get(path, &[])).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
