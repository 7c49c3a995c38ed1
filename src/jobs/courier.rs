//! The courier: takes letters from the outbox, hands them over, and notes what became of each.
//!
//! Letters are taken and noted a batch at a time, because a transaction for each would cost more than
//! the handing over. Nothing is sent inside a transaction. When this process dies, the lease of its
//! batch runs out and another courier sends what was left: a letter that was handed over but not yet
//! noted goes out twice, with the same Message-ID.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::backoff::Backoff;
use super::stop::Stop;
use crate::mail::{Office, Parcel, Transport, Verdict};
use crate::services::letters::{self, Draft, SECRET};
use crate::services::ServiceResult;
use crate::store::delivery::{self, Claimed, Fate};
use crate::store::types::Stamp;
use crate::store::{ClaimId, OutboxId, Store, StoreResult};

/// How long a batch stays with a courier that is not heard of. Prolonged while it works, so that what
/// a dead one held is free again soon.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How often the lease is prolonged: in time even if it fails twice.
const PROLONG: Duration = Duration::from_secs(8);

/// What a courier goes by.
#[derive(Debug, Clone, Copy)]
pub struct CourierRules {
    /// Most letters in a batch.
    pub batch: i64,
    /// How often a letter that is put off is tried.
    pub tries: i16,
}

impl CourierRules {
    /// The usual batch: large enough that taking and noting cost little beside handing over.
    pub const BATCH: i64 = 400;
}

/// What became of the letters of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Letters taken from the outbox.
    pub taken: usize,
    /// Handed over.
    pub sent: usize,
    /// Put off.
    pub later: usize,
    /// Given up.
    pub dead: usize,
    /// Overtaken by events.
    pub void: usize,
    /// Put back as they were.
    pub waiting: usize,
}

/// A courier. Any number of them may work on one database.
pub struct Courier {
    store: Store,
    office: Office,
    transport: Transport,
    rules: CourierRules,
    backoff: Backoff,
    stop: Stop,
    /// How often in a row the mail server could not be reached, and until when to leave it alone.
    away: u32,
    pause_until: Option<Stamp>,
}

impl Courier {
    /// A courier that stops between two letters when told to.
    pub fn new(
        store: Store,
        office: Office,
        transport: Transport,
        rules: CourierRules,
        backoff: Backoff,
        stop: Stop,
    ) -> Self {
        Self { store, office, transport, rules, backoff, stop, away: 0, pause_until: None }
    }

    /// Sends one batch of what is due at a time, and says what became of it. Nothing taken: there is
    /// nothing due, or the mail server is left alone for a while.
    ///
    /// # Errors
    /// Those of the store. What was taken is then free again when its lease is over.
    pub fn run_once(&mut self, now: Stamp) -> ServiceResult<Tally> {
        if self.pause_until.is_some_and(|until| now < until) {
            return Ok(Tally::default());
        }
        let claim = ClaimId::new();
        let batch = self.store.queue(|db| delivery::claim(db, claim, now, self.rules.batch, LEASE))?;
        if batch.is_empty() {
            self.transport.rest();
            return Ok(Tally::default());
        }
        let drafts = self.store.snapshot(|db| letters::draft(db, &batch, now))?;
        let (letters, mut fates) = self.pack(&batch, drafts);
        let (messages, parcels): (Vec<&Claimed>, Vec<Parcel>) = letters.into_iter().unzip();
        let verdicts = self.hand_over(claim, &parcels);
        self.mind_the_server(&verdicts, now);
        for (message, verdict) in messages.into_iter().zip(verdicts) {
            fates.push((message.id, self.fate(message, verdict, now)));
        }
        let kept = self.store.queue(|db| -> StoreResult<usize> { delivery::settle(db, claim, &fates, now) })?;
        if kept < fates.len() {
            tracing::warn!(lost = fates.len() - kept, "letters went to another courier before they were noted");
        }
        let tally = tally(&fates);
        tracing::info!(
            sent = tally.sent,
            later = tally.later,
            dead = tally.dead,
            void = tally.void,
            waiting = tally.waiting,
            "letters"
        );
        Ok(tally)
    }

    /// Writes the letters of a batch; of those that cannot be written, says what becomes of them.
    fn pack<'a>(&self, batch: &'a [Claimed], drafts: Vec<Draft>) -> (Vec<(&'a Claimed, Parcel)>, Vec<(OutboxId, Fate)>) {
        let (mut letters, mut fates) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for (message, draft) in batch.iter().zip(drafts) {
            match draft {
                Draft::Letter(letter) => match self.office.write(&letter) {
                    Ok(written) => letters.push((message, Parcel::new(letter.id, &written))),
                    Err(why) => fates.push((message.id, Fate::Dead(why.to_string()))),
                },
                Draft::Overtaken(why) => fates.push((message.id, Fate::Void(why.to_owned()))),
                Draft::Unsendable(why) => fates.push((message.id, Fate::Dead(why.to_owned()))),
            }
        }
        (letters, fates)
    }

    fn hand_over(&mut self, claim: ClaimId, parcels: &[Parcel]) -> Vec<Verdict> {
        let (store, stop) = (&self.store, &self.stop);
        let mut prolonged = Instant::now();
        let mut go_on = || {
            if prolonged.elapsed() >= PROLONG {
                prolonged = Instant::now();
                if let Err(why) = store.queue(|db| delivery::prolong(db, claim, LEASE)) {
                    tracing::warn!(%why, "the lease of letters could not be prolonged");
                }
            }
            !stop.is_told()
        };
        self.transport.deliver(parcels, &mut go_on)
    }

    /// Leaves a server alone for a while that nobody could reach.
    fn mind_the_server(&mut self, verdicts: &[Verdict], now: Stamp) {
        let unreached = verdicts.iter().find_map(|verdict| match verdict {
            Verdict::Unreached(why) => Some(why),
            _ => None,
        });
        let reached = |verdict: &Verdict| matches!(verdict, Verdict::Sent | Verdict::Later(_) | Verdict::Refused(_));
        match unreached {
            Some(why) if !verdicts.iter().any(reached) => {
                let pause = self.backoff.server(self.away);
                self.away = self.away.saturating_add(1);
                self.pause_until = Some(Stamp::new(now.time() + pause));
                tracing::warn!(why, "{} cannot be reached; letters wait", self.transport);
            }
            _ => (self.away, self.pause_until) = (0, None),
        }
    }

    fn fate(&mut self, message: &Claimed, verdict: Verdict, now: Stamp) -> Fate {
        match verdict {
            Verdict::Sent => Fate::Sent(message.data.without(SECRET)),
            Verdict::Refused(why) => Fate::Dead(why),
            Verdict::Later(why) if message.tries + 1 >= self.rules.tries => {
                Fate::Dead(format!("given up after {} tries: {why}", message.tries + 1))
            }
            Verdict::Later(why) => {
                Fate::Later(Stamp::new(now.time() + self.backoff.letter(message.tries)), why)
            }
            Verdict::Unreached(why) => Fate::Waits(Some(why)),
            Verdict::Untouched => Fate::Waits(None),
        }
    }
}

fn tally(fates: &[(OutboxId, Fate)]) -> Tally {
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|(_, fate)| wanted(fate)).count();
    Tally {
        taken: fates.len(),
        sent: count(|fate| matches!(fate, Fate::Sent(_))),
        later: count(|fate| matches!(fate, Fate::Later(..))),
        dead: count(|fate| matches!(fate, Fate::Dead(_))),
        void: count(|fate| matches!(fate, Fate::Void(_))),
        waiting: count(|fate| matches!(fate, Fate::Waits(_))),
    }
}
