//! The courier: takes letters from the outbox, hands them over, and notes what became of each.
//!
//! Letters are taken a batch at a time, and noted as many together as come in while the database is
//! at work: a transaction for each would cost more than the handing over. Nothing is sent inside a
//! transaction. When this process dies, the lease of its batch runs out and another courier sends what
//! was left. Of each connection one letter may have been handed over and not noted: it goes out twice,
//! with the same Message-ID.
//!
//! Where letters leave quickly, the next batch is taken and written while one is handed over: the mail server is not
//! kept waiting.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::backoff::Backoff;
use super::batch::{Batch, Writer};
use super::books::Books;
use super::stop::Stop;
use crate::auth::Auth;
use crate::mail::{Office, Transport};
use crate::services::ServiceResult;
use crate::services::letters::Setting;
use crate::store::Store;
use crate::store::delivery::Fate;
use crate::store::types::Stamp;

/// How long a batch stays with a courier that is not heard of. Prolonged while it works, so that what
/// a dead one held is free again soon.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(30);

/// What a courier goes by.
#[derive(Debug, Clone, Copy)]
pub struct CourierRules {
    /// Most letters in a batch.
    pub batch: i64,
    /// How often a letter that is put off is tried.
    pub tries: i16,
    /// A full batch that left in this time is followed by one that lies ready. Where letters leave more slowly, writing
    /// them takes little of the time, and they had better stay with whoever is free first.
    pub quick: Duration,
    /// What letters go by.
    pub setting: Setting,
}

impl CourierRules {
    /// The usual batch: large enough that taking and noting cost little beside handing over.
    pub const BATCH: i64 = 400;
    /// The usual time of a batch that left quickly.
    pub const QUICK: Duration = Duration::from_secs(2);
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
    /// Whether the mail server could not be reached, or is left alone because of that.
    pub away: bool,
}

impl Tally {
    pub(super) fn count(&mut self, fate: &Fate) {
        self.taken += 1;
        *match fate {
            Fate::Sent(_) => &mut self.sent,
            Fate::Later(..) => &mut self.later,
            Fate::Dead(_) => &mut self.dead,
            Fate::Void(_) => &mut self.void,
            Fate::Waits(_) => &mut self.waiting,
        } += 1;
    }
}

/// A courier. Any number of them may work on one database.
pub struct Courier {
    writer: Writer,
    transport: Transport,
    backoff: Backoff,
    stop: Stop,
    /// Whether the last batch was full, and left quickly.
    quick: bool,
    /// The next batch, if it lies ready, or why it could not be taken.
    ahead: ServiceResult<Option<Batch>>,
    /// How often in a row the mail server could not be reached, and until when to leave it alone.
    away: u32,
    pause_until: Option<Stamp>,
}

impl Courier {
    /// A courier that stops between two letters when told to. By its keys are known the links by which readers say
    /// that they want no more of a kind of mail.
    pub fn new(
        store: Store,
        auth: Arc<Auth>,
        office: Office,
        transport: Transport,
        rules: CourierRules,
        backoff: Backoff,
        stop: Stop,
    ) -> Self {
        let writer = Writer { store, auth, office, rules };
        Self { writer, transport, backoff, stop, quick: false, ahead: Ok(None), away: 0, pause_until: None }
    }

    /// Sends one batch of what is due at a time, and says what became of it. Nothing taken: there is
    /// nothing due, or the mail server is left alone for a while.
    ///
    /// # Errors
    /// Those of the store. What cannot be put back then is free again when its lease is over.
    pub fn run_once(&mut self, now: Stamp) -> ServiceResult<Tally> {
        if self.pause_until.is_some_and(|until| now < until) {
            return Ok(Tally { away: true, ..Tally::default() });
        }
        let Some(batch) = self.next(now)? else {
            self.transport.rest();
            return Ok(Tally::default());
        };
        let (number, began) = (batch.len(), Instant::now());
        let is_full = i64::try_from(number).is_ok_and(|number| number >= self.writer.rules.batch);
        let Batch { claim, messages, parcels, others, taken } = batch;
        let mut books = Books {
            store: &self.writer.store,
            stop: &self.stop,
            backoff: &mut self.backoff,
            rules: self.writer.rules,
            claim,
            now,
            taken: number,
            messages,
            tally: Tally::default(),
            reached: false,
            unreached: None,
            unsettled: others,
            prolonged: taken,
            on_disk: taken,
            behind: false,
            overtaken: false,
        };
        let (writer, transport) = (&self.writer, &mut self.transport);
        let look_ahead = is_full && self.quick && !self.stop.is_told();
        let (closed, ahead) = std::thread::scope(|scope| {
            let ahead = look_ahead.then(|| scope.spawn(|| writer.take(now)));
            transport.deliver(&parcels, &mut books);
            (books.close(), ahead.map(ScopedJoinHandle::join))
        });
        self.ahead = ahead.transpose().unwrap_or_else(|panic| resume_unwind(panic)).unwrap_or(Ok(None));
        closed?;
        let (tally, reached, unreached) = (books.tally, books.reached, books.unreached);
        let overtaken = books.overtaken;
        let away = unreached.filter(|_| !reached);
        let tally = Tally { away: away.is_some(), ..tally };
        if tally.away || overtaken {
            self.put_back();
        }
        self.quick = is_full && began.elapsed() < self.writer.rules.quick;
        self.mind_the_server(away, now);
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

    /// The batch to hand over now: the one that lies ready, unless it has lain for too long.
    fn next(&mut self, now: Stamp) -> ServiceResult<Option<Batch>> {
        match std::mem::replace(&mut self.ahead, Ok(None))? {
            Some(batch) if batch.is_fresh() => Ok(Some(batch)),
            late => {
                if let Some(batch) = late {
                    self.writer.put_back(batch.claim);
                }
                self.writer.take(now)
            }
        }
    }

    /// Puts back what lies ready.
    fn put_back(&mut self) {
        if let Ok(Some(batch)) = &self.ahead {
            self.writer.put_back(batch.claim);
            self.ahead = Ok(None);
        }
    }

    /// Leaves a server alone for a while that could not be reached, and why.
    fn mind_the_server(&mut self, away: Option<String>, now: Stamp) {
        match away {
            Some(why) => {
                let pause = self.backoff.server(self.away);
                self.away = self.away.saturating_add(1);
                self.pause_until = Some(Stamp::new(now.time() + pause));
                tracing::warn!(why, "{} cannot be reached; letters wait", self.transport);
            }
            None => (self.away, self.pause_until) = (0, None),
        }
    }
}

/// A courier that ends leaves to others what it had not begun with.
impl Drop for Courier {
    fn drop(&mut self) {
        self.put_back();
    }
}
