//! What a job's life should be, in memory: the promises of the traits as a few pure rules.

use std::collections::BTreeMap;

use crate::{
    Fence, JobId, ServerId, State,
    state::{Event, transition},
    storage::{Accepted, Change, Chunk, End, Rescued},
};

/// Every job of one random history.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) jobs: BTreeMap<JobId, Life>,
}

/// One job's life so far.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) state: State,
    pub(super) attempt: u16,
    pub(super) crashes: u16,
    pub(super) max_attempts: u16,
    /// Who has the right to end its attempt.
    pub(super) holder: Option<Holder>,
    /// The greatest fence that was seen to have had a right.
    pub(super) fence: Fence,
    /// The verdict that ended it, while nobody has undone that.
    pub(super) ended_by: Option<(ServerId, Fence, End)>,
    /// How often it was claimed.
    pub(super) runs: u32,
    /// How often it was given leave to run once more.
    pub(super) leaves: u32,
}

/// The right to end an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) server: ServerId,
    pub(super) fence: Fence,
    pub(super) suspect: bool,
}

impl Life {
    pub(super) fn new(state: State, max_attempts: u16) -> Self {
        let (attempt, crashes, runs, leaves) = (0, 0, 0, 1);
        let fence = Fence(i64::MIN);
        Self { state, attempt, crashes, max_attempts, holder: None, fence, ended_by: None, runs, leaves }
    }

    fn step(&mut self, event: Event) {
        self.state = transition(self.state, event).unwrap_or_else(|error| panic!("{error}: {self:?}"));
    }

    fn holds(&self, server: ServerId, fence: Fence) -> bool {
        self.holder.is_some_and(|holder| (holder.server, holder.fence) == (server, fence))
    }

    /// Takes the holder's verdict.
    fn end(&mut self, end: &End) {
        let holder = self.holder.take();
        match end {
            End::Succeeded { .. } => self.step(Event::Succeed),
            End::Retry { .. } => self.step(Event::Retry),
            End::Failed { .. } => self.step(Event::Fail),
            End::Deleted { .. } => self.step(Event::Delete),
            End::Snoozed { .. } => self.step(Event::Snooze),
            End::HandedBack => self.step(Event::HandBack),
        }
        if !matches!(end, End::Snoozed { .. } | End::HandedBack | End::Deleted { error: None, .. }) {
            self.attempt += 1;
        }
        if !self.state.is_final() {
            self.leaves += 1;
        } else if let Some(holder) = holder {
            self.ended_by = Some((holder.server, holder.fence, end.clone()));
        }
    }
}

impl Model {
    /// Checks that a chunk may be claimed so, and books it.
    pub(super) fn claim(&mut self, server: ServerId, chunk: &Chunk) {
        assert!(!chunk.suspect || chunk.jobs.len() == 1, "a suspect is alone: {chunk:?}");
        for claimed in &chunk.jobs {
            let life = self.jobs.get_mut(&claimed.id).unwrap_or_else(|| panic!("{} was stored", claimed.id));
            assert_eq!((claimed.attempt, claimed.crashes), (life.attempt + 1, life.crashes), "{claimed:?}");
            assert_eq!(chunk.suspect, life.crashes > 0, "{claimed:?}");
            assert!(chunk.fence > life.fence, "fences of one job grow: {claimed:?} after {life:?}");
            life.step(Event::Claim);
            life.runs += 1;
            life.fence = chunk.fence;
            life.holder = Some(Holder { server, fence: chunk.fence, suspect: chunk.suspect });
            assert!(life.runs <= life.leaves, "more runs than leaves: {life:?}");
        }
    }

    /// Books a verdict; the answers that it may get.
    pub(super) fn finish(&mut self, server: ServerId, id: JobId, fence: Fence, end: &End) -> &'static [Accepted] {
        let Some(life) = self.jobs.get_mut(&id) else { return &[Accepted::Stale] };
        if life.holds(server, fence) {
            life.end(end);
            return &[Accepted::Yes];
        }
        match &life.ended_by {
            Some((by, with, as_)) if (*by, *with, as_) == (server, fence, end) => &[Accepted::Again],
            Some((by, with, _)) if (*by, *with) == (server, fence) => &[Accepted::Again, Accepted::Stale],
            _ => &[Accepted::Stale],
        }
    }

    /// Books an operator's act; whether it takes effect.
    pub(super) fn change(&mut self, id: JobId, change: &Change, guard: Option<&[State]>) -> bool {
        let Some(life) = self.jobs.get_mut(&id) else { return false };
        if guard.is_some_and(|guard| !guard.contains(&life.state)) {
            return false;
        }
        let event = match change {
            Change::Cancel { .. } if life.state == State::Processing => return true,
            change => change.event(),
        };
        if transition(life.state, event).is_err() {
            return false;
        }
        let was_final = life.state.is_final();
        life.step(event);
        life.holder = None;
        life.ended_by = None;
        if event != Event::Delete {
            life.leaves += 1;
        }
        // What has ended starts its life anew, whether now or at a time; only the time of a waiting job is set.
        if event == Event::Requeue || (event == Event::Reschedule && was_final) {
            (life.attempt, life.crashes) = (0, 0);
        }
        true
    }

    /// Books the rescue of all that servers hold which are not `alive`.
    pub(super) fn rescue(&mut self, alive: &[ServerId], crash_limit: u16) -> Rescued {
        let mut rescued = Rescued::default();
        for life in self.jobs.values_mut() {
            let Some(holder) = life.holder.filter(|holder| !alive.contains(&holder.server)) else { continue };
            life.holder = None;
            life.attempt += 1;
            life.crashes += u16::from(life.crashes == 0 || holder.suspect);
            if life.crashes >= crash_limit || life.attempt >= life.max_attempts {
                life.step(Event::Fail);
                rescued.failed += 1;
            } else {
                life.step(Event::Rescue);
                life.leaves += 1;
                rescued.requeued += 1;
            }
        }
        rescued
    }

    /// The fences under which servers that are not `alive` hold jobs.
    pub(super) fn orphans(&self, alive: &[ServerId]) -> Vec<Fence> {
        let held = self.jobs.values().filter_map(|life| life.holder);
        let mut fences: Vec<Fence> = held.filter(|held| !alive.contains(&held.server)).map(|held| held.fence).collect();
        fences.sort();
        fences.dedup();
        fences
    }

    /// The jobs in that state.
    pub(super) fn in_state(&self, state: State) -> Vec<JobId> {
        self.jobs.iter().filter(|(_, life)| life.state == state).map(|(id, _)| *id).collect()
    }
}
