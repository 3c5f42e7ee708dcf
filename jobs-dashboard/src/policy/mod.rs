//! Who may see the dashboard: closed unless the owner says otherwise.

mod access;
mod loopback;
mod secret;

use std::{fmt, future::Future, sync::Arc};

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{FutureExt, future::BoxFuture};
use jobs_runtime::Result;

use self::secret::Secret;
pub use self::{
    access::{Access, Role},
    loopback::Peer,
};

/// A token of fewer bytes can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Who may see the dashboard, and what each may do. Asked for every request, but not for style sheets and scripts.
///
/// ```
/// use jobs_dashboard::{Access, Policy, Role};
/// // The application's own login, in a layer before the dashboard, has left a user among the request's extensions.
/// #[derive(Clone)]
/// struct User { name: String, is_operator: bool }
/// let policy = Policy::by(|parts| match parts.extensions.get::<User>() {
///     Some(user) => Access::new(&user.name, if user.is_operator { Role::Operate } else { Role::Read }),
///     None => Access::none(),
/// });
/// ```
#[derive(Clone)]
pub struct Policy(Arc<Kind>);

enum Kind {
    Deny,
    Loopback,
    Open,
    Basic(Vec<Login>),
    Bearer(Vec<Login>),
    By(Box<Judge>),
}

type Judge = dyn Fn(&Parts) -> BoxFuture<'static, Access> + Send + Sync;

struct Login {
    name: Secret,
    secret: Secret,
    access: Access,
}

/// What a policy says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They may do what the access says.
    Granted(Access),
    /// They have to say who they are.
    Challenged(Challenge),
    /// They are not let in.
    Refused(Refusal),
}

/// How somebody is to say who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    Bearer,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No policy was set.
    NoPolicy,
    /// The request came through a proxy, and only this machine is let in.
    Forwarded,
    /// The address of the visitor is not known, and only this machine is let in.
    UnknownPeer,
    /// The visitor is at another machine.
    Remote,
    /// The request names a host that is not this machine.
    Host,
    /// The policy gives this visitor no role.
    NoRole,
}

impl Policy {
    /// Nobody. Every page says how to set a policy.
    pub fn deny_all() -> Self {
        Self::of(Kind::Deny)
    }

    /// Who sits at the same machine may do everything: for development. It lets in whose address is a loopback address, who names this
    /// machine as the host, and who does not come through a proxy.
    ///
    /// It must know the address: serve with `into_make_service_with_connect_info::<SocketAddr>()`, or see [`Peer`].
    pub fn loopback() -> Self {
        Self::of(Kind::Loopback)
    }

    /// Everybody who reaches it may do everything. Only where something else keeps strangers away, and the pages too that run in the
    /// browsers of those who reach it: it does not look at the host that a request names, as [`loopback`](Self::loopback) does.
    pub fn dangerously_open() -> Self {
        Self::of(Kind::Open)
    }

    /// Users with a name, a password and a role, whom the browser asks for it. Only over TLS: the browser sends the password with every
    /// request.
    ///
    /// # Errors
    /// [`Error::Config`](jobs_runtime::Error::Config) for an empty name or password, one of more than 256 bytes, and a name with a
    /// colon.
    ///
    /// ```
    /// use jobs_dashboard::{Policy, Role};
    /// let policy = Policy::basic([("ann", "correct horse", Role::Admin), ("bob", "battery staple", Role::Read)])?;
    /// assert!(Policy::basic([("ann", "", Role::Read)]).is_err());
    /// # Ok::<(), jobs_runtime::Error>(())
    /// ```
    pub fn basic<N: AsRef<str>, P: AsRef<str>>(users: impl IntoIterator<Item = (N, P, Role)>) -> Result<Self> {
        let mut logins = Vec::new();
        for (name, password, role) in users {
            let name = name.as_ref();
            if name.contains(':') {
                return Err(jobs_runtime::Error::Config(format!(
                    "the user `{name}` has a colon in the name, which basic authentication cannot carry; choose another name"
                )));
            }
            logins.push(Login {
                name: Secret::new("the name of a user", name, 1)?,
                secret: Secret::new(&format!("the password of `{name}`"), password.as_ref(), 1)?,
                access: Access::new(name, role),
            });
        }
        Ok(Self::of(Kind::Basic(logins)))
    }

    /// Programs with a token and a role, sent as `Authorization: Bearer …`; the name is for the audit. Browsers cannot send one: where people
    /// look too, decide with [`by`](Self::by), or mount a second dashboard for programs.
    ///
    /// # Errors
    /// [`Error::Config`](jobs_runtime::Error::Config) for a token of fewer than 16 or more than 256 bytes, and for an empty name.
    ///
    /// ```
    /// use jobs_dashboard::{Policy, Role};
    /// let policy = Policy::bearer([("deploy", "3b241101-e2bb-4255", Role::Operate)])?;
    /// assert!(Policy::bearer([("deploy", "guess me", Role::Operate)]).is_err());
    /// # Ok::<(), jobs_runtime::Error>(())
    /// ```
    pub fn bearer<N: AsRef<str>, T: AsRef<str>>(tokens: impl IntoIterator<Item = (N, T, Role)>) -> Result<Self> {
        let mut logins = Vec::new();
        for (name, token, role) in tokens {
            let name = name.as_ref();
            logins.push(Login {
                name: Secret::new("the name of a token", name, 1)?,
                secret: Secret::new(&format!("the token of `{name}`"), token.as_ref(), SHORTEST_TOKEN)?,
                access: Access::new(name, role),
            });
        }
        Ok(Self::of(Kind::Bearer(logins)))
    }

    /// The application decides, by the head of the request: what a layer before the dashboard has found out, a header of a trusted
    /// proxy, a session. A request with a bearer token and no cookie is not asked which site it comes from, so let a token that is none
    /// open nothing.
    pub fn by(judge: impl Fn(&Parts) -> Access + Send + Sync + 'static) -> Self {
        Self::of(Kind::By(Box::new(move |parts| std::future::ready(judge(parts)).boxed())))
    }

    /// Like [`by`](Self::by), for what takes a look into a store. It is asked with every request and every page waits for it.
    pub fn by_future<F>(judge: impl Fn(&Parts) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Access> + Send + 'static,
    {
        Self::of(Kind::By(Box::new(move |parts| judge(parts).boxed())))
    }

    /// Whether a token of a request may decide: the policy's own, or the application's.
    pub(crate) fn takes_tokens(&self) -> bool {
        matches!(&*self.0, Kind::Bearer(_) | Kind::By(_))
    }

    fn of(kind: Kind) -> Self {
        Self(Arc::new(kind))
    }

    /// What it says of a request.
    pub(crate) async fn judge(&self, parts: &Parts) -> Verdict {
        let access = match &*self.0 {
            Kind::Deny => return Verdict::Refused(Refusal::NoPolicy),
            Kind::Open => Access::new("anybody", Role::Admin),
            Kind::Loopback => match loopback::check(parts) {
                Ok(()) => Access::new("local", Role::Admin),
                Err(refusal) => return Verdict::Refused(refusal),
            },
            Kind::Basic(logins) => {
                match basic(&parts.headers).and_then(|(name, password)| user(logins, &name, &password)) {
                    Some(access) => access,
                    None => return Verdict::Challenged(Challenge::Basic),
                }
            }
            Kind::Bearer(logins) => match bearer(&parts.headers).and_then(|token| program(logins, token)) {
                Some(access) => access,
                None => return Verdict::Challenged(Challenge::Bearer),
            },
            Kind::By(judge) => judge(parts).await,
        };
        match access.best() {
            Role::None => Verdict::Refused(Refusal::NoRole),
            _ => Verdict::Granted(access),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &*self.0 {
            Kind::Deny => "deny_all",
            Kind::Loopback => "loopback",
            Kind::Open => "dangerously_open",
            Kind::Basic(_) => "basic",
            Kind::Bearer(_) => "bearer",
            Kind::By(_) => "by",
        };
        write!(f, "Policy::{name}")
    }
}

/// What follows the scheme in the header `Authorization`.
fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn basic(headers: &HeaderMap) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut name = STANDARD.decode(credentials(headers, "basic")?).ok()?;
    let colon = name.iter().position(|byte| *byte == b':')?;
    let password = name.split_off(colon + 1);
    name.truncate(colon);
    Some((name, password))
}

/// The token of a request that proves itself by one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "bearer")
}

/// All are compared, so that the time does not tell who exists.
fn user(logins: &[Login], name: &[u8], password: &[u8]) -> Option<Access> {
    let fits = |login: &&Login| bool::from(login.name.is(name) & login.secret.is(password));
    logins.iter().filter(fits).fold(None, |_, login| Some(login.access.clone()))
}

fn program(logins: &[Login], token: &str) -> Option<Access> {
    let fits = |login: &&Login| bool::from(login.secret.is(token.as_bytes()));
    logins.iter().filter(fits).fold(None, |_, login| Some(login.access.clone()))
}

#[cfg(test)]
mod tests;
