//! Style sheets and scripts: part of the program, served under names that hold a checksum of the content, so that browsers keep them
//! for good and still get the new ones at once.

use std::{io::Write, sync::OnceLock};

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

use crate::web::{Base, Fault, Link, Missing, Segment};

/// Where they are.
pub(crate) const PATH: &str = "/assets/{name}";

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the front end.
pub(crate) struct Asset {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    content: &'static [u8],
    made: OnceLock<Made>,
}

/// What is worked out once a process.
struct Made {
    name: String,
    zipped: Vec<u8>,
}

pub(crate) static APP_CSS: Asset = Asset::new("app", "css", CSS, include_bytes!("../assets/app.css"));
pub(crate) static APP_JS: Asset = Asset::new("app", "js", SCRIPT, include_bytes!("../assets/app.js"));
pub(crate) static HTMX: Asset = Asset::new("htmx", "js", SCRIPT, include_bytes!("../assets/htmx.min.js"));
pub(crate) static UPLOT_CSS: Asset = Asset::new("uplot", "css", CSS, include_bytes!("../assets/uplot.min.css"));
pub(crate) static UPLOT: Asset = Asset::new("uplot", "js", SCRIPT, include_bytes!("../assets/uplot.min.js"));

/// All of them.
pub(crate) static ALL: [&Asset; 5] = [&APP_CSS, &APP_JS, &HTMX, &UPLOT_CSS, &UPLOT];

impl Asset {
    const fn new(stem: &'static str, extension: &'static str, kind: &'static str, content: &'static [u8]) -> Self {
        Self { stem, extension, kind, content, made: OnceLock::new() }
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| Made {
            name: format!("{}.{:08x}.{}", self.stem, crc32fast::hash(self.content), self.extension),
            zipped: zipped(self.content),
        })
    }

    /// The link to it.
    pub(crate) fn link(&self, base: &Base) -> Link {
        base.to("/assets").segment_as_is(&self.made().name)
    }

    /// Whether a name is of some version of this file.
    fn is_of(&self, name: &str) -> bool {
        let middle = name.strip_prefix(self.stem).and_then(|rest| rest.strip_suffix(self.extension));
        middle.is_some_and(|middle| middle.len() > 2 && middle.starts_with('.') && middle.ends_with('.'))
    }
}

fn zipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail; were it to, an empty answer says that there is no compressed form.
    let written = encoder.write_all(content);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Serves one.
pub(crate) async fn serve(Segment(name): Segment, headers: HeaderMap) -> Result<Response, Fault> {
    let found = ALL.iter().find(|asset| asset.is_of(&name)).ok_or(Fault::Missing(Missing::Page))?;
    let made = found.made();
    // While two versions of a program run, a page of one may ask the other. It gets what is there, and does not keep it.
    let keep = match name == made.name {
        true => "public, max-age=31536000, immutable",
        false => "no-store",
    };
    let mut response = match !made.zipped.is_empty() && takes_gzip(&headers) {
        true => ([(header::CONTENT_ENCODING, "gzip")], made.zipped.as_slice()).into_response(),
        false => found.content.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0_f32));
        coding.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    /// The limit that the project has set itself for all that a browser loads.
    const LIMIT: usize = 64 * 1024;

    #[test]
    fn the_front_end_is_small() {
        let sizes: Vec<_> = ALL.iter().map(|asset| (asset.made().name.as_str(), asset.made().zipped.len())).collect();
        let total: usize = sizes.iter().map(|(_, size)| size).sum();
        assert!(total <= LIMIT, "{total} bytes: {sizes:?}");
    }

    #[test]
    fn what_is_compressed_is_the_same() {
        for asset in ALL {
            let mut content = Vec::new();
            GzDecoder::new(asset.made().zipped.as_slice()).read_to_end(&mut content).expect("a stream");
            assert_eq!(content, asset.content, "{}", asset.stem);
        }
    }

    #[test]
    fn names_of_other_versions_are_known_and_others_are_not() {
        for (name, expected) in [
            ("app.00000000.css", true),
            ("app.css", false),
            ("app..css", false),
            ("app.00000000.map", false),
            ("../app.00000000.css", false),
            ("apps.00000000.css", false),
        ] {
            assert_eq!(APP_CSS.is_of(name), expected, "{name}");
        }
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (value, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("deflate", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(takes_gzip(&headers), expected, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn files_of_others_are_as_they_were_published() {
        let known = [(&HTMX, 37_448, 0xec38_cd8c), (&UPLOT, 51_081, 0x7466_0a92), (&UPLOT_CSS, 1_857, 0x3261_a45f)];
        for (asset, length, checksum) in known {
            assert_eq!((asset.content.len(), crc32fast::hash(asset.content)), (length, checksum), "{}", asset.stem);
        }
    }
}
