//! Hints between processes: who commits tells the others by a notification, after the commit and never in the caller's
//! transaction. Notifications may be lost; the servers' poll is the truth.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, select_biased};
use sqlx::{
    Executor as _, PgConnection,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{error::own, pool, transact::Core};
use crate::{
    JobId,
    error::Result,
    storage::{
        Revocation,
        sql::{connection::Connection, value::args, write::Effects},
    },
    wake,
};

/// The shortest time between two notifications of one process: what comes between goes with the next.
const GAP: Duration = Duration::from_millis(5);
/// How many revoked jobs one notification names: the server takes 8,000 bytes.
const NAMED: usize = 150;
/// How long a quiet listener goes without a look at whether the server is still there.
const QUIET: Duration = Duration::from_secs(30);
/// The pause before a lost listener connects again: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Waits, on the engine's thread.
pub(super) async fn pause(length: Duration) {
    sleep(length).await;
}

/// What the others are to be told.
pub(super) struct Teller {
    on: bool,
    /// Tells this engine's notifications from those of others.
    token: String,
    news: Mutex<Effects>,
    any: Notify,
}

impl Teller {
    pub(super) fn new(on: bool) -> Self {
        Self { on, token: format!("{:016x}", fastrand::u64(..)), news: Mutex::default(), any: Notify::new() }
    }

    /// Tells the others of a commit, soon.
    pub(super) fn tell(&self, effects: &Effects) {
        if !self.on || !(effects.work || effects.ended || !effects.revoked.is_empty()) {
            return;
        }
        let mut news = self.locked();
        news.work |= effects.work;
        news.ended |= effects.ended;
        news.revoked.extend_from_slice(&effects.revoked);
        drop(news);
        self.any.notify_one();
    }

    /// The texts of the notifications to be sent now.
    fn take(&self) -> Vec<String> {
        let news = std::mem::take(&mut *self.locked());
        let mut texts: Vec<_> = news.revoked.chunks(NAMED).map(|revoked| text(&self.token, &news, revoked)).collect();
        if texts.is_empty() && (news.work || news.ended) {
            texts.push(text(&self.token, &news, &[]));
        }
        texts
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Effects> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Three words: who tells, what (`w`ork, `e`nds), and the jobs that must stop (`l`ost, `c`ancelled).
fn text(token: &str, news: &Effects, revoked: &[(JobId, Revocation)]) -> String {
    let what = match (news.work, news.ended) {
        (true, true) => "we",
        (true, false) => "w",
        (false, true) => "e",
        (false, false) => "-",
    };
    let jobs: Vec<_> = revoked
        .iter()
        .map(|(job, why)| match why {
            Revocation::Lost => format!("l{job}"),
            Revocation::Cancel => format!("c{job}"),
        })
        .collect();
    format!("{token} {what} {}", jobs.join(","))
}

/// What a notification says; nothing, if it is our own or not of ours.
fn heard(text: &str, token: &str) -> Option<Effects> {
    let mut words = text.split(' ');
    let (who, what, jobs) = (words.next()?, words.next()?, words.next()?);
    if who == token {
        return None;
    }
    let revoked = jobs.split(',').filter_map(|job| {
        let why = match job.get(..1)? {
            "l" => Revocation::Lost,
            "c" => Revocation::Cancel,
            _ => return None,
        };
        Some((job.get(1..)?.parse().ok()?, why))
    });
    Some(Effects { work: what.contains('w'), ended: what.contains('e'), steps: false, revoked: revoked.collect() })
}

/// Sends notifications until the engine closes, and then what is left.
pub(super) async fn tell(core: Arc<Core>, closing: CancellationToken) {
    let mut connection = None;
    let mut open = true;
    while open {
        select_biased! {
            () = core.teller.any.notified().fuse() => {}
            () = closing.cancelled().fuse() => open = false,
        }
        for text in core.teller.take() {
            if let Err(error) = send(&core, &mut connection, &text).await {
                tracing::debug!(%error, "other processes were not told of a commit; they find it by looking");
            }
        }
        if open {
            pause(GAP).await;
        }
    }
}

/// Sends one, over a new connection where the one before is lost.
async fn send(core: &Core, connection: &mut Option<PgConnection>, text: &str) -> Result<()> {
    const WHAT: &str = "telling other processes of a commit";
    let channel = core.address.channel();
    if let Some(mut used) = connection.take()
        && let Some(Ok(_)) = wake::within(pool::WAIT, used.rows(&core.own.notify, args![&*channel, text])).await
    {
        *connection = Some(used);
        return Ok(());
    }
    let mut new = pool::connect(&core.address.to_tell(), WHAT).await?;
    if let Some(sent) = wake::within(pool::WAIT, new.rows(&core.own.notify, args![&*channel, text])).await {
        sent.map_err(|error| own(error, WHAT))?;
        *connection = Some(new);
    }
    Ok(())
}

/// Hears the others until the engine closes.
pub(super) async fn listen(core: Arc<Core>, closing: CancellationToken) {
    let mut length = FIRST_PAUSE;
    loop {
        let mut heard = false;
        let listening = async {
            let lost = listen_until_lost(&core, &mut heard).await;
            if let Err(error) = lost {
                tracing::debug!(%error, "other processes are not heard; servers find their work by looking");
            }
        };
        select_biased! {
            () = closing.cancelled().fuse() => return,
            () = listening.fuse() => {}
        }
        length = if heard { FIRST_PAUSE } else { (length * 2).min(LONGEST_PAUSE) };
        select_biased! {
            () = closing.cancelled().fuse() => return,
            () = pause(length).fuse() => {}
        }
    }
}

/// One connection's life. `heard` is set once it listens.
async fn listen_until_lost(core: &Core, heard_any: &mut bool) -> sqlx::Result<()> {
    // The driver listens by a pool only. Nothing of it is needed but its one connection.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(pool::WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(core.address.to_tell());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(&core.address.channel()).await?;
    *heard_any = true;
    // What was told before is missed.
    Effects { work: true, ended: true, steps: true, revoked: Vec::new() }.announce(&core.shared.hub);
    loop {
        match wake::within(QUIET, listener.try_recv()).await {
            Some(Ok(Some(notification))) => {
                if let Some(effects) = heard(notification.payload(), &core.teller.token) {
                    effects.announce(&core.shared.hub);
                }
            }
            Some(Ok(None)) => return Ok(()),
            Some(Err(error)) => return Err(error),
            None => {
                let ping = listener.execute(sqlx::raw_sql(include_str!("sql/ping.sql")));
                wake::within(pool::WAIT, ping).await.ok_or(sqlx::Error::PoolTimedOut)??;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_heard_by_others_alone() {
        let revoked = vec![(JobId::new(), Revocation::Lost), (JobId::new(), Revocation::Cancel)];
        let told = Effects { work: true, ended: false, steps: false, revoked: revoked.clone() };
        let said = text("me", &told, &revoked);
        assert!(heard(&said, "me").is_none());
        let effects = heard(&said, "you").expect("it is another's");
        assert_eq!((effects.work, effects.ended, effects.revoked), (true, false, revoked));
    }

    #[test]
    fn what_others_say_on_the_channel_is_ignored() {
        for noise in ["", "hello", "a b", "a  x", "a w é,l,lx"] {
            let effects = heard(noise, "me").unwrap_or_default();
            assert!(effects.revoked.is_empty() && !effects.ended, "{noise:?}: {effects:?}");
        }
    }

    #[test]
    fn many_revocations_go_in_several_notifications_that_the_server_takes() {
        let teller = Teller::new(true);
        let revoked = (0..1_000).map(|_| (JobId::new(), Revocation::Lost)).collect();
        teller.tell(&Effects { work: true, ended: true, steps: true, revoked });
        let texts = teller.take();
        assert_eq!(texts.len(), 7);
        assert!(texts.iter().all(|text| text.len() < 8_000));
        assert!(teller.take().is_empty());
    }
}
