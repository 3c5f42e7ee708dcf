//! Asks each second, in one statement, what there is to do, and lets the parts of the server know, which rest until then. While
//! nobody answers, they are told to ask for themselves.

use std::{pin::pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use crate::{
    server::{
        orders,
        outage::{Outage, driven},
        shared::Shared,
    },
    storage::{Look, Outlook},
};

/// The longest time between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// Without an answer for so long, the parts ask for themselves.
const LATE: Duration = Duration::from_secs(3);
/// How long a part rests that the looks have nothing for. They tell it earlier; it asks all the same, should one of them be wrong.
pub(crate) const QUIET: Duration = Duration::from_secs(5 * 60);
/// When the database's clock has moved on by more between two looks, this server was away, and much may have become of what it
/// thought to know.
pub(crate) const AWAY: SignedDuration = SignedDuration::from_secs(60);

const DOING: &str = "look for what there is to do";

/// What the last look has told.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// When it was answered.
    pub(crate) at: Instant,
    pub(crate) outlook: Outlook,
    /// Since when, by the database's clock, this server has looked without a break.
    pub(crate) since: Timestamp,
}

/// The views of a server, the last of which is kept; none, when nothing is known.
#[derive(Debug)]
pub(crate) struct Views(watch::Sender<Option<View>>);

/// Where a part of the server hears of the looks.
pub(crate) type Viewer = watch::Receiver<Option<View>>;

impl Default for Views {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Views {
    pub(crate) fn listen(&self) -> Viewer {
        self.0.subscribe()
    }

    /// Whether the last look saw that the server holds no chunk.
    pub(crate) fn hold_nothing(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(|view| !view.outlook.holds)
    }

    /// A look was answered.
    pub(crate) fn see(&self, outlook: Outlook) {
        self.0.send_modify(|view| {
            let before = view.as_ref().filter(|before| outlook.now.duration_since(before.outlook.now) <= AWAY);
            let since = before.map_or(outlook.now, |before| before.since);
            *view = Some(View { at: Instant::now(), outlook, since });
        });
    }

    /// A look was not answered.
    pub(crate) fn lose(&self) {
        self.0.send_replace(None);
    }
}

/// Looks until the task is dropped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let period = PERIOD.min(shared.options.poll).min(shared.options.sweep);
    let look =
        Look { server: shared.id, queues: shared.options.queues.names().into(), recurring: shared.recurring.clone() };
    let mut outage = Outage::new(DOING);
    // Servers that start together do not look all at once.
    let mut ticks = interval_at(Instant::now() + period.mul_f64(fastrand::f64()), period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (storage, look) = (shared.storage().clone(), look.clone());
        let mut answer = pin!(driven(DOING, async move { storage.server_look(look).await }));
        let answer = loop {
            match timeout(LATE, answer.as_mut()).await {
                Ok(answer) => break answer,
                Err(_) => shared.views.lose(),
            }
        };
        match answer {
            Ok(outlook) => {
                outage.recovered();
                orders::obey(&shared, outlook.orders);
                shared.views.see(outlook);
            }
            // The next tick asks again.
            Err(error) => {
                outage.failed(&error);
                shared.views.lose();
            }
        }
    }
}
