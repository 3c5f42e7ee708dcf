//! Claims jobs for the free slots of the whole server, one claim at a time, or two while there is a lot of work, and starts them.

use std::{
    future::pending,
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{
    error::{Error, Result},
    server::{
        desk::Desk,
        executor,
        lease::Trust,
        line::NEVER,
        looker::{QUIET, Viewer},
        means::DEEPEST,
        outage::{Outage, error_chain},
        panics::panic_text,
        shared::Shared,
        stage::Stage,
    },
    storage::{Chunk, ClaimRequest, End},
};

/// A job that has not started so long after its claim goes back, for a server that is free.
const START_WITHIN: Duration = Duration::from_secs(1);
/// After jobs went back unstarted, none are taken in advance for so long.
const NO_ADVANCE: Duration = Duration::from_secs(5);

/// So many jobs in a claim are a lot.
const MANY: usize = 100;
/// At most so many claims ask for nothing in advance after one that was given nothing.
const BARE: u32 = 15;

/// The one claiming loop of a server.
pub(crate) struct Fetcher {
    shared: Arc<Shared>,
    trust: Trust,
    /// Takes the jobs that this process stores while nothing is to be claimed.
    desk: Arc<Desk>,
    work: watch::Receiver<u64>,
    views: Viewer,
    stage: watch::Receiver<Stage>,
    random: fastrand::Rng,
    /// How many jobs were to wait at most when that was last reckoned.
    depth: usize,
    claim: Option<Claim>,
    /// A second one, while there is more work than a claim takes.
    beside: Option<Claim>,
    /// Whether the last claim brought all that it asked for, and that was a lot.
    deep: bool,
    /// Whether there may be work that a claim would find.
    look: bool,
    /// Whether there may be work that a claim finds once a slot is free or the suspect is gone.
    look_when_freed: bool,
    /// Whether the server's looks say that there may be work, or nothing.
    told: bool,
    /// Whether the last claim found nothing, and asked for everything.
    settled: bool,
    /// When to look though nobody in this process said that there is work; much later, when the looks say that there is none.
    poll_at: Instant,
    /// Not before, because the storage failed.
    retry_at: Option<Instant>,
    no_advance_until: Option<Instant>,
    /// How many claims still ask for nothing in advance: what stands first in the queues may not be taken so, and a storage has to lock
    /// all that it was asked for to see that.
    bare: u32,
    /// How many that were after the last claim that got nothing in advance: more with each in a row.
    patience: u32,
    outage: Outage,
}

/// A claim on its way.
struct Claim {
    answer: BoxFuture<'static, Result<Vec<Chunk>>>,
    /// How many hints of work had come when it began.
    hints: u64,
    /// For how many jobs to start at once it asked, and not only in advance.
    slots: usize,
    /// Whether it asked for suspects.
    suspects: bool,
    /// For how many jobs it asked.
    asked: usize,
    /// Whether no other was on its way meanwhile, which hides what it has locked.
    alone: bool,
}

impl Fetcher {
    pub(crate) fn new(shared: Arc<Shared>, trust: Trust, desk: Arc<Desk>) -> Self {
        let work = shared.storage().hub().on_work();
        let (stage, views) = (shared.stages.listen(), shared.views.listen());
        let poll_at = Instant::now() + shared.options.poll;
        Self {
            shared,
            trust,
            desk,
            work,
            views,
            stage,
            random: fastrand::Rng::new(),
            depth: 0,
            claim: None,
            beside: None,
            deep: false,
            look: true,
            look_when_freed: false,
            told: false,
            settled: false,
            poll_at,
            retry_at: None,
            no_advance_until: None,
            bare: 0,
            patience: 0,
            outage: Outage::new("claim jobs"),
        }
    }

    /// Claims until the server drains; returns when nothing waits here any more.
    pub(crate) async fn run(mut self) {
        while self.shared.stages.now() < Stage::Draining {
            executor::start_waiting(&self.shared);
            self.listen_for_slots();
            self.claim_if_useful();
            let next_poll = self.next_poll();
            let too_late = self.shared.line.first_came().map(|came| came + START_WITHIN);
            tokio::select! {
                _ = self.stage.changed() => {}
                (claim, answer) = answer(&mut self.claim) => self.take(&claim, answer),
                (claim, answer) = answer(&mut self.beside) => self.take_beside(&claim, answer),
                // The hub lives as long as the storage, which this server holds.
                _ = self.work.changed() => self.look = true,
                _ = self.views.changed() => {
                    let view = self.views.borrow_and_update();
                    self.told = view.as_ref().is_none_or(|view| view.outlook.ready);
                }
                () = self.shared.slots.freed() => self.look |= mem::take(&mut self.look_when_freed),
                () = self.trust.renewed() => {}
                () = at(too_late) => self.hand_back_late(),
                () = at(self.retry_at) => self.retry_at = None,
                () = sleep_until(next_poll) => self.poll(),
            }
        }
        self.hand_back_all().await;
    }

    /// Says which freed slots are worth waking this task for. While a claim is on its way, none: its answer does.
    fn listen_for_slots(&self) {
        let cares = self.claim.is_none() && (self.look || self.look_when_freed);
        self.shared.line.want_at(if cares { self.depth / 2 } else { NEVER });
    }

    fn claim_if_useful(&mut self) {
        let shared = &self.shared;
        let may = self.retry_at.is_none()
            && shared.stages.now() == Stage::Running
            && self.trust.holds()
            && !shared.finishes.are_full();
        if !may {
            return;
        }
        if self.look
            && self.claim.is_none()
            && let Some(request) = self.request()
        {
            (self.look, self.look_when_freed) = (false, false);
            self.work.mark_unchanged();
            // What was seen before is claimed now.
            self.views.mark_unchanged();
            self.told = false;
            self.shared.line.want_at(NEVER);
            self.claim = Some(self.send(request));
        }
        self.claim_beside();
    }

    /// A claim of many jobs keeps the database busy with one connection: another one takes the next ones meanwhile. Where jobs run one at a
    /// time they keep their order.
    fn claim_beside(&mut self) {
        let Some(claim) = self.claim.as_mut().filter(|_| self.deep && self.beside.is_none()) else { return };
        let level = self.depth.saturating_sub(claim.asked);
        // First said, then looked, so that no freed slot is missed.
        self.shared.line.want_at(level);
        if self.shared.line.len() > level {
            return;
        }
        self.shared.line.want_at(NEVER);
        claim.alone = false;
        let slow = self.shared.means.advance(&self.shared.kinds, self.shared.slots.total()).slow;
        let request = self.asking(0, self.depth / 2, slow);
        self.beside = Some(self.send(ClaimRequest { beside: true, ..request }));
    }

    fn send(&self, request: ClaimRequest) -> Claim {
        let (storage, hints) = (self.shared.storage().clone(), self.shared.hints());
        let (slots, suspects, asked) = (request.slots, request.suspects, request.slots + request.prefetch);
        let answer = Box::pin(async move {
            let claim = AssertUnwindSafe(async { storage.claim(request).await });
            claim.catch_unwind().await.unwrap_or_else(|panic| Err(panicked(panic_text(panic))))
        });
        Claim { answer, hints, slots, suspects, asked, alone: self.beside.is_none() }
    }

    /// A request for no suspects.
    fn asking(&mut self, slots: usize, prefetch: usize, slow: Vec<Arc<str>>) -> ClaimRequest {
        let shared = &self.shared;
        ClaimRequest {
            server: shared.id,
            queues: shared.options.queues.order(&mut self.random),
            kinds: shared.kinds.clone(),
            slots,
            prefetch,
            slow: slow.into(),
            suspects: false,
            beside: false,
        }
    }

    /// What to ask for; `None` when there is no room.
    fn request(&mut self) -> Option<ClaimRequest> {
        let shared = &self.shared;
        let waiting = shared.line.len();
        let slots = shared.slots.free().saturating_sub(waiting);
        if slots == 0 && waiting > DEEPEST / 2 {
            return None;
        }
        let may_advance = self.no_advance_until.is_none_or(|until| Instant::now() >= until);
        let advance = shared.means.advance(&shared.kinds, shared.slots.total());
        self.depth = if may_advance && self.bare == 0 { advance.depth } else { 0 };
        self.deep &= self.depth >= MANY;
        let coming = self.beside.as_ref().map_or(0, |claim| claim.asked);
        let prefetch = if self.deep {
            // Two claims share what is wanted.
            let wanted = waiting + coming <= self.depth;
            if wanted { (self.depth / 2).saturating_sub(slots) } else { 0 }
        } else if waiting + coming <= self.depth / 2 {
            // Refilled from half, so that claims stay large.
            self.depth - waiting - coming
        } else {
            0
        };
        if slots + prefetch == 0 {
            let level = if self.deep { self.depth.saturating_sub(coming) } else { self.depth / 2 };
            self.shared.line.want_at(level);
            return None;
        }
        let suspects = !self.shared.live.has_suspect();
        Some(ClaimRequest { suspects, ..self.asking(slots, prefetch, advance.slow) })
    }

    fn take(&mut self, claim: &Claim, answer: Result<Vec<Chunk>>) {
        self.poll_at = Instant::now() + jittered(self.shared.options.poll);
        self.settled = false;
        match answer {
            Ok(chunks) => {
                self.outage.recovered();
                let came: usize = chunks.iter().map(|chunk| chunk.jobs.len()).sum();
                // Read by `is_idle`, which also looks at the jobs held: these come first.
                self.admit(chunks);
                let conclusive = claim.slots > 0 && claim.suspects && claim.alone;
                self.deep = self.is_deep(claim, came);
                self.learn(claim, came);
                // What it could not ask for may be possible by now, and nobody has said so.
                let freed = claim.slots == 0 && self.shared.slots.free() > 0
                    || !claim.suspects && !self.shared.live.has_suspect();
                self.look |= came > 0 || freed || !claim.alone;
                self.look_when_freed |= !conclusive;
                self.settled = came == 0 && conclusive;
                let nothing_at = if self.settled { claim.hints } else { 0 };
                self.shared.nothing_at.store(nothing_at, Ordering::Release);
            }
            Err(error) => {
                self.look = true;
                self.retry_at = Some(Instant::now() + self.outage.failed(&error));
            }
        }
    }

    fn take_beside(&mut self, claim: &Claim, answer: Result<Vec<Chunk>>) {
        // Whatever it brings, it says nothing of what else there is.
        self.look = true;
        match answer {
            Ok(chunks) => {
                self.outage.recovered();
                let came = chunks.iter().map(|chunk| chunk.jobs.len()).sum();
                self.admit(chunks);
                self.deep &= self.is_deep(claim, came);
            }
            Err(error) => {
                self.deep = false;
                self.retry_at = Some(Instant::now() + self.outage.failed(&error));
            }
        }
    }

    /// Whether there is so much work that two claims find enough.
    fn is_deep(&self, claim: &Claim, came: usize) -> bool {
        let shared = &self.shared;
        came >= claim.asked && came >= MANY && shared.slots.total() > 1 && shared.storage().lanes() > 1
    }

    /// Learns from what a claim brought whether it is worth asking in advance.
    fn learn(&mut self, claim: &Claim, came: usize) {
        if came != claim.slots {
            // Something was had in advance, or there is nothing left.
            (self.bare, self.patience) = (0, 0);
        } else if claim.asked > claim.slots {
            // The first time it may be that the queue was empty just now.
            self.patience = (2 * self.patience + 1).min(BARE);
            self.bare = self.patience;
        } else {
            self.bare = self.bare.saturating_sub(1);
        }
    }

    fn admit(&mut self, chunks: Vec<Chunk>) {
        for Chunk { fence, claimed_at, suspect, jobs } in chunks {
            let shared = &self.shared;
            shared.live.wait(jobs.iter().map(|job| (job.id, fence)), suspect);
            shared.line.extend(jobs.into_iter().filter_map(|job| executor::admit(shared, job, fence, claimed_at)));
        }
    }

    /// A claim that was not settled is made again, so that the server knows when it is idle.
    fn next_poll(&self) -> Instant {
        if self.told || !self.settled { self.poll_at } else { self.poll_at + QUIET }
    }

    fn poll(&mut self) {
        self.look = true;
        self.poll_at = Instant::now() + jittered(self.shared.options.poll);
    }

    fn hand_back_late(&mut self) {
        let now = Instant::now();
        let Some(latest) = now.checked_sub(START_WITHIN) else { return };
        while let Some(waiting) = self.shared.line.take_from(latest) {
            waiting.end(&self.shared, End::HandedBack);
            self.no_advance_until = Some(now + NO_ADVANCE);
        }
    }

    /// Gives back what has not started, and then what comes of claims and offers that are still out, unless nothing is waited for any more.
    async fn hand_back_all(mut self) {
        // Before any wait, so that none of them is lost when this task is given up.
        self.hand_back_waiting();
        for claim in [self.claim.take(), self.beside.take()].into_iter().flatten() {
            let answer = tokio::select! {
                biased;
                answer = claim.answer => answer,
                () = self.shared.stages.reached(Stage::Stopping) => {
                    tracing::warn!("the last claim is not waited for; what it brings is rescued");
                    return;
                }
            };
            match answer {
                Ok(chunks) => self.admit(chunks),
                Err(error) => tracing::warn!(error = %error_chain(&error), "the last claim failed"),
            }
            self.hand_back_waiting();
        }
        tokio::select! {
            biased;
            () = self.desk.closed() => {}
            () = self.shared.stages.reached(Stage::Stopping) => {
                tracing::warn!("jobs that are being stored are not waited for; what was claimed of them is released at the end");
            }
        }
    }

    fn hand_back_waiting(&mut self) {
        for waiting in self.shared.line.close() {
            waiting.end(&self.shared, End::HandedBack);
        }
    }
}

/// The claim on its way and its answer; never, when there is none.
async fn answer(claim: &mut Option<Claim>) -> (Claim, Result<Vec<Chunk>>) {
    let answer = match claim {
        Some(claim) => (&mut claim.answer).await,
        None => pending().await,
    };
    match claim.take() {
        // Taken only now, so that a caller who stops waiting loses nothing.
        Some(claim) => (claim, answer),
        None => pending().await,
    }
}

fn panicked(text: String) -> Error {
    Error::Unavailable { what: "claim jobs".to_owned(), source: text.into() }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}

/// A little shorter at random, so that servers do not look all at once.
fn jittered(period: Duration) -> Duration {
    period.mul_f64(0.9 + fastrand::f64() / 10.0)
}
