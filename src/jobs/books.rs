//! What a courier notes about a batch while it hands it over.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::backoff::Backoff;
use super::courier::{CourierRules, LEASE, Tally};
use super::stop::Stop;
use crate::mail::{Clerk, Verdict};
use crate::services::letters::SECRET;
use crate::store::delivery::{self, Claimed, Fate};
use crate::store::types::Stamp;
use crate::store::{ClaimId, Db, OutboxId, Store, StoreResult};

/// How often the lease is prolonged: in time even if it fails twice.
const PROLONG: Duration = Duration::from_secs(8);
/// How often what is noted is brought to disk while letters leave quickly. A loss of power has those go out twice whose
/// notes were not there yet. Where letters leave more slowly, each note is on disk before its connection goes on.
const TO_DISK: Duration = Duration::from_millis(50);
/// How long a database that is away is waited for: what was sent and cannot be noted would be sent again.
const WAIT_FOR_STORE: Duration = Duration::from_secs(20);
const PAUSE_FOR_STORE: Duration = Duration::from_millis(500);

/// The books of one batch.
pub(super) struct Books<'a> {
    pub(super) store: &'a Store,
    pub(super) stop: &'a Stop,
    pub(super) backoff: &'a mut Backoff,
    pub(super) rules: CourierRules,
    pub(super) claim: ClaimId,
    pub(super) now: Stamp,
    /// How many letters the batch has.
    pub(super) taken: usize,
    /// The messages that are handed over, in their order.
    pub(super) messages: Vec<Claimed>,
    pub(super) tally: Tally,
    /// Whether the mail server said anything about any message.
    pub(super) reached: bool,
    /// Why it could not be reached, if so.
    pub(super) unreached: Option<String>,
    /// What could not be noted yet.
    pub(super) unsettled: Vec<(OutboxId, Fate)>,
    pub(super) prolonged: Instant,
    /// When what was noted was last brought to disk, and whether something was noted since.
    pub(super) on_disk: Instant,
    pub(super) behind: bool,
    /// Whether another courier has what is left of the batch.
    pub(super) overtaken: bool,
}

impl Clerk for Books<'_> {
    fn note(&mut self, verdicts: Vec<(usize, Verdict)>) -> bool {
        for (at, verdict) in verdicts {
            let fate = self.fate(at, verdict);
            self.unsettled.push((self.messages[at].id, fate));
        }
        match self.settle() {
            Ok(()) => !self.overtaken,
            Err(why) => {
                tracing::warn!(%why, "what became of letters could not be noted; no more are sent for now");
                false
            }
        }
    }

    fn go_on(&mut self) -> bool {
        if self.behind || self.prolonged.elapsed() >= PROLONG {
            self.prolonged = Instant::now();
            match self.store.queue(|db| delivery::prolong(db, self.claim, LEASE)) {
                // Nothing is held any more, or all of it is noted: either way there is nothing to go on with.
                Ok(0) => self.overtaken = true,
                Ok(_) => (self.on_disk, self.behind) = (Instant::now(), false),
                Err(why) => tracing::warn!(%why, "the lease of letters could not be prolonged"),
            }
        }
        !self.stop.is_told() && !self.overtaken
    }
}

impl Books<'_> {
    /// Notes what is not noted yet.
    ///
    /// # Errors
    /// When the database cannot be written; it stays to be noted.
    fn settle(&mut self) -> StoreResult<()> {
        if self.unsettled.is_empty() {
            return Ok(());
        }
        let (claim, now, fates) = (self.claim, self.now, &self.unsettled);
        let settle = |db: &mut Db| delivery::settle(db, claim, fates, now);
        let is_last = self.tally.taken + fates.len() == self.taken;
        let may_wait = !is_last && self.on_disk.elapsed() < TO_DISK;
        let kept = if may_wait { self.store.queue_relaxed(settle) } else { self.store.queue(settle) }?;
        self.behind = may_wait;
        if !may_wait {
            self.on_disk = Instant::now();
        }
        if kept < fates.len() {
            // Whoever was away for longer than the lease, as when its machine was put to sleep, must not send what
            // another sends as well.
            self.overtaken = true;
            tracing::warn!(lost = fates.len() - kept, "letters went to another courier before they were noted");
        }
        for (_, fate) in std::mem::take(&mut self.unsettled) {
            self.tally.count(&fate);
        }
        Ok(())
    }

    /// Closes the books, with patience for a database that is away.
    ///
    /// # Errors
    /// When it stays away.
    pub(super) fn close(&mut self) -> StoreResult<()> {
        let since = Instant::now();
        loop {
            match self.settle() {
                Err(_) if since.elapsed() < WAIT_FOR_STORE => std::thread::sleep(PAUSE_FOR_STORE),
                result => return result,
            }
        }
    }

    fn fate(&mut self, at: usize, verdict: Verdict) -> Fate {
        let message = &self.messages[at];
        self.reached |= matches!(verdict, Verdict::Sent | Verdict::Later(_) | Verdict::Refused(_));
        match verdict {
            Verdict::Sent => Fate::Sent(message.data.without(SECRET)),
            Verdict::Refused(why) => Fate::Dead(why),
            Verdict::Later(why) if message.tries + 1 >= self.rules.tries => {
                Fate::Dead(format!("given up after {} tries: {why}", message.tries + 1))
            }
            Verdict::Later(why) => {
                let wait: TimeDelta = self.backoff.letter(message.tries);
                Fate::Later(Stamp::new(self.now.time() + wait), why)
            }
            Verdict::Unreached(why) => {
                self.unreached = Some(why.clone());
                Fate::Waits(Some(why))
            }
            Verdict::Untouched => Fate::Waits(None),
        }
    }
}
