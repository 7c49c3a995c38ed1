//! The courier: takes letters from the outbox, hands them over, and notes what became of each.
//!
//! Letters are taken a batch at a time, and noted as many together as come in while the database is
//! at work: a transaction for each would cost more than the handing over. Nothing is sent inside a
//! transaction. When this process dies, the lease of its batch runs out and another courier sends what
//! was left. Of each connection one letter may have been handed over and not noted: it goes out twice,
//! with the same Message-ID.

use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;

use super::backoff::Backoff;
use super::books::Books;
use super::stop::Stop;
use crate::auth::Auth;
use crate::mail::{Office, Parcel, Transport};
use crate::services::ServiceResult;
use crate::services::letters::{self, Draft, Setting};
use crate::store::delivery::{self, Claimed, Fate};
use crate::store::types::Stamp;
use crate::store::{ClaimId, OutboxId, Store};

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
    /// What letters go by.
    pub setting: Setting,
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

/// A batch that is ready to be handed over.
#[derive(Default)]
struct Packed<'a> {
    /// The messages that became letters, and in the same order the letters.
    messages: Vec<&'a Claimed>,
    parcels: Vec<Parcel>,
    /// What becomes of the others.
    others: Vec<(OutboxId, Fate)>,
}

/// A courier. Any number of them may work on one database.
pub struct Courier {
    store: Store,
    auth: Arc<Auth>,
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
        Self { store, auth, office, transport, rules, backoff, stop, away: 0, pause_until: None }
    }

    /// Sends one batch of what is due at a time, and says what became of it. Nothing taken: there is
    /// nothing due, or the mail server is left alone for a while.
    ///
    /// # Errors
    /// Those of the store. What was taken is then free again when its lease is over.
    pub fn run_once(&mut self, now: Stamp) -> ServiceResult<Tally> {
        if self.pause_until.is_some_and(|until| now < until) {
            return Ok(Tally { away: true, ..Tally::default() });
        }
        let claim = ClaimId::new();
        let batch = self.store.queue(|db| delivery::claim(db, claim, now, self.rules.batch, LEASE))?;
        if batch.is_empty() {
            self.transport.rest();
            return Ok(Tally::default());
        }
        let drafts =
            self.store.snapshot(|db| letters::draft(db, &self.auth.vault, &self.rules.setting, &batch, now))?;
        let Packed { messages, parcels, others } = self.pack(&batch, drafts);
        let mut books = Books {
            store: &self.store,
            stop: &self.stop,
            backoff: &mut self.backoff,
            rules: self.rules,
            claim,
            now,
            messages,
            tally: Tally::default(),
            reached: false,
            unreached: None,
            unsettled: others,
            prolonged: Instant::now(),
            overtaken: false,
        };
        self.transport.deliver(&parcels, &mut books);
        books.close()?;
        let (tally, reached, unreached) = (books.tally, books.reached, books.unreached);
        let away = unreached.filter(|_| !reached);
        let tally = Tally { away: away.is_some(), ..tally };
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

    /// Writes the letters of a batch; of those that cannot be written, says what becomes of them.
    fn pack<'a>(&self, batch: &'a [Claimed], drafts: Vec<Draft>) -> Packed<'a> {
        let mut packed = Packed::default();
        for (message, draft) in batch.iter().zip(drafts) {
            let fate = match draft {
                Draft::Letter(letter) => match self.office.write(&letter) {
                    Ok(written) => {
                        packed.messages.push(message);
                        packed.parcels.push(Parcel::new(letter.id, &written));
                        continue;
                    }
                    Err(why) => Fate::Dead(why.to_string()),
                },
                Draft::Overtaken(why) => Fate::Void(why.to_owned()),
                Draft::Unsendable(why) => Fate::Dead(why.to_owned()),
            };
            packed.others.push((message.id, fate));
        }
        packed
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
