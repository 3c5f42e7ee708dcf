//! The policy of development: only who sits at the same machine.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, header, request::Parts, uri::Authority},
};

use super::Refusal;

/// Headers by which a proxy says that the visitor is somebody else than the peer.
const FORWARDED: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// The visitor's address, for [`DashboardService`](crate::DashboardService) in other frameworks than axum: put it among a request's
/// extensions. With axum, `into_make_service_with_connect_info::<SocketAddr>()` does the same.
///
/// ```
/// use jobs_dashboard::{Peer, axum::http::Request};
/// let mut request = Request::new(());
/// request.extensions_mut().insert(Peer(([127, 0, 0, 1], 50_000).into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Whether the visitor is at this machine; else why not.
pub(super) fn check(parts: &Parts) -> Result<(), Refusal> {
    if FORWARDED.iter().any(|name| parts.headers.contains_key(name)) {
        return Err(Refusal::Forwarded);
    }
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let peer = peer.or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0));
    match peer {
        None => return Err(Refusal::UnknownPeer),
        Some(peer) if !peer.ip().to_canonical().is_loopback() => return Err(Refusal::Remote),
        Some(_) => {}
    }
    // A page of another site can make a browser of this machine ask here under a name that it lets point to 127.0.0.1. The header
    // then still has that name.
    match host(parts).is_some_and(|host| is_local(&host)) {
        true => Ok(()),
        false => Err(Refusal::Host),
    }
}

fn host(parts: &Parts) -> Option<String> {
    let authority = match parts.uri.authority() {
        Some(authority) => authority.clone(),
        None => only_host(&parts.headers)?.parse::<Authority>().ok()?,
    };
    Some(authority.host().to_ascii_lowercase())
}

fn only_host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() { None } else { host.to_str().ok() }
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(peer: Option<&str>, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(ConnectInfo::<SocketAddr>(peer.parse().expect("an address")));
        }
        parts
    }

    #[test]
    fn only_this_machine_by_a_local_name_passes() {
        let near = Some("127.0.0.1:5000");
        let cases = [
            (near, "localhost:8080", Ok(())),
            (Some("[::1]:5000"), "[::1]:8080", Ok(())),
            (Some("[::ffff:127.0.0.1]:5000"), "127.0.0.2", Ok(())),
            (near, "jobs.localhost", Ok(())),
            (near, "LOCALHOST.", Ok(())),
            (near, "rebind.example.org", Err(Refusal::Host)),
            (near, "localhost.example.org", Err(Refusal::Host)),
            (near, "127.0.0.1.example.org", Err(Refusal::Host)),
            (near, "notlocalhost", Err(Refusal::Host)),
            (near, "", Err(Refusal::Host)),
            (Some("192.168.1.7:5000"), "localhost", Err(Refusal::Remote)),
            (Some("[2001:db8::1]:5000"), "localhost", Err(Refusal::Remote)),
            (None, "localhost", Err(Refusal::UnknownPeer)),
        ];
        for (peer, host, expected) in cases {
            assert_eq!(check(&parts(peer, &[("host", host)])), expected, "{peer:?} {host}");
        }
        assert_eq!(check(&parts(near, &[])), Err(Refusal::Host), "no host at all");
        let two = [("host", "localhost"), ("host", "rebind.example.org")];
        assert_eq!(check(&parts(near, &two)), Err(Refusal::Host), "two hosts");
    }

    #[test]
    fn what_comes_through_a_proxy_is_remote() {
        for name in FORWARDED {
            let headers = [("host", "localhost"), (name.as_str(), "127.0.0.1")];
            assert_eq!(check(&parts(Some("127.0.0.1:5000"), &headers)), Err(Refusal::Forwarded), "{name}");
        }
    }

    #[test]
    fn a_peer_of_another_framework_counts() {
        let mut parts = parts(None, &[("host", "localhost")]);
        parts.extensions.insert(Peer(([10, 0, 0, 1], 1).into()));
        assert_eq!(check(&parts), Err(Refusal::Remote));
        parts.extensions.insert(Peer(([127, 0, 0, 1], 1).into()));
        assert_eq!(check(&parts), Ok(()));
    }
}
