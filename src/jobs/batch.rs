//! Letters taken from the outbox and written, ready to be handed over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::courier::{CourierRules, LEASE};
use crate::auth::Auth;
use crate::mail::{Office, Parcel};
use crate::services::ServiceResult;
use crate::services::letters::{self, Draft};
use crate::store::delivery::{self, Claimed, Fate};
use crate::store::types::Stamp;
use crate::store::{ClaimId, OutboxId, Store};

/// How long a batch may lie ready: well within its lease, and not so long that its letters tell how things stood.
const FRESH: Duration = Duration::from_secs(5);

/// Letters under one claim.
pub(super) struct Batch {
    pub(super) claim: ClaimId,
    /// The messages that became letters, and in the same order the letters.
    pub(super) messages: Vec<Claimed>,
    pub(super) parcels: Vec<Parcel>,
    /// What becomes of the others.
    pub(super) others: Vec<(OutboxId, Fate)>,
    /// Since when: its lease runs from then.
    pub(super) taken: Instant,
}

impl Batch {
    /// How many letters were taken.
    pub(super) fn len(&self) -> usize {
        self.messages.len() + self.others.len()
    }

    /// Whether it may still be handed over as it is.
    pub(super) fn is_fresh(&self) -> bool {
        self.taken.elapsed() < FRESH
    }
}

/// Who takes letters and writes them.
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) auth: Arc<Auth>,
    pub(super) office: Office,
    pub(super) rules: CourierRules,
}

impl Writer {
    /// Takes what is due, up to a batch, and writes it; none when nothing is due.
    ///
    /// # Errors
    /// Those of the store. What was taken is put back then.
    pub(super) fn take(&self, now: Stamp) -> ServiceResult<Option<Batch>> {
        let (claim, taken) = (ClaimId::new(), Instant::now());
        let claimed = self.store.queue_relaxed(|db| delivery::claim(db, claim, now, self.rules.batch, LEASE))?;
        if claimed.is_empty() {
            return Ok(None);
        }
        let drafted =
            self.store.snapshot(|db| letters::draft(db, &self.auth.vault, &self.rules.setting, &claimed, now));
        let drafts = drafted.inspect_err(|_| self.put_back(claim))?;
        let mut batch = Batch { claim, messages: Vec::new(), parcels: Vec::new(), others: Vec::new(), taken };
        for (message, draft) in claimed.into_iter().zip(drafts) {
            match self.write(draft) {
                Ok(parcel) => {
                    batch.messages.push(message);
                    batch.parcels.push(parcel);
                }
                Err(fate) => batch.others.push((message.id, fate)),
            }
        }
        Ok(Some(batch))
    }

    /// Writes a letter, or says what becomes of one that cannot be written.
    fn write(&self, draft: Draft) -> Result<Parcel, Fate> {
        match draft {
            Draft::Letter(letter) => match self.office.write(&letter) {
                Ok(written) => Ok(Parcel::new(letter.id, &written)),
                Err(why) => Err(Fate::Dead(why.to_string())),
            },
            Draft::Overtaken(why) => Err(Fate::Void(why.to_owned())),
            Draft::Unsendable(why) => Err(Fate::Dead(why.to_owned())),
        }
    }

    /// Puts back what a claim holds, which nobody has begun with.
    pub(super) fn put_back(&self, claim: ClaimId) {
        if let Err(why) = self.store.queue(|db| delivery::release(db, claim)) {
            tracing::warn!(%why, "letters could not be put back; they are free again when their lease is over");
        }
    }
}
