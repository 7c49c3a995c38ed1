//! The audit log as a chain: entries are sealed in order, and anybody can check that none was changed,
//! taken out, put in or moved since.

use std::str::FromStr;

use chrono::DateTime;
use uuid::Uuid;

use super::monitoring::stuck::BadPlace;
use super::{Act, Actor, Right, ServiceResult};
use crate::domain::{ChainDigest, ChainHead, ChainedEntry};
use crate::store::audit::{self, Filter, Logged};
use crate::store::seals::{self, Seal};
use crate::store::types::Stamp;
use crate::store::{AuditId, Db, Store};

/// Times that both engines can be asked for, in microseconds since 1970.
const SANE: std::ops::RangeInclusive<i64> = 0..=4_000_000_000_000_000;

/// A place in the log: the time of an entry, then its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(Stamp, AuditId);

impl Place {
    /// The place of an entry.
    pub fn of(entry: &Logged) -> Self {
        Self(entry.at, entry.id)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.time().timestamp_micros(), self.1)
    }
}

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let (micros, id) = text.split_once('.').ok_or(BadPlace)?;
        let micros: i64 = micros.parse().map_err(|_| BadPlace)?;
        let time = DateTime::from_timestamp_micros(micros).ok_or(BadPlace)?;
        if !SANE.contains(&micros) {
            return Err(BadPlace);
        }
        Ok(Self(Stamp::new(time), id.parse().map_err(|_| BadPlace)?))
    }
}

/// Entries of the log, the newest first, to whoever oversees the service. They tell by ids, names of columns and
/// values that say nothing about a person.
///
/// # Errors
/// When it is neither an admin of all nor an auditor.
pub fn list(db: &mut Db, act: &Act, filter: &Filter, behind: Option<Place>, limit: i64) -> ServiceResult<Vec<Logged>> {
    if let Actor::Caller(caller) = &act.actor {
        caller.check(Right::Overseer)?;
    }
    Ok(audit::list(db, filter, behind.map(|Place(at, id)| (at, id)), limit)?)
}

/// Entries sealed in one transaction.
const BATCH: i64 = 1000;

/// Seals what is not sealed yet, whatever its time says: an entry that was written late gets a late place. Returns
/// how many. Of several who do so at once, one seals and the others find nothing to do.
///
/// # Errors
/// Those of the store; what was sealed before stays sealed.
pub fn seal(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let mut all = 0;
    loop {
        let sealed = store.queue(|db| seal_some(db, now))?;
        all += sealed;
        if (sealed as i64) < BATCH {
            return Ok(all);
        }
    }
}

fn seal_some(db: &mut Db, now: Stamp) -> ServiceResult<usize> {
    let Some(ChainHead { mut sequence, mut digest }) = seals::take_head(db)? else { return Ok(0) };
    let mut sealed = Vec::new();
    for entry in seals::unsealed(db, BATCH)? {
        sequence += 1;
        digest = digest.followed_by(&chained(sequence, &entry));
        sealed.push(Seal { entry: entry.id, sequence, digest });
    }
    seals::keep(db, &sealed, now)?;
    Ok(sealed.len())
}

fn chained(sequence: i64, entry: &Logged) -> ChainedEntry<'_> {
    ChainedEntry {
        sequence,
        id: entry.id.uuid(),
        at: entry.at.time().timestamp_micros(),
        actor: &entry.actor,
        action: &entry.action,
        subject_kind: &entry.subject_kind,
        subject: entry.subject,
        changes: entry.changes.as_str(),
    }
}

text_enum! {
    /// What is wrong with a place of the chain.
    ChainFault {
        /// No entry has this place, though one had.
        Missing = "missing",
        /// The entry is not the one that was sealed here.
        Altered = "altered",
        /// There are entries behind the noted end of the chain, or the noted end is another.
        End = "end",
        /// The note of the end of the chain is gone.
        NoEnd = "no_end",
        /// The entry is not the one that was noted elsewhere.
        NotAsNoted = "not_as_noted",
    }
}

/// The first place where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The place.
    pub sequence: i64,
    /// The entry that is there, if one is.
    pub entry: Option<Uuid>,
    /// What is wrong.
    pub fault: ChainFault,
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The last entry that is as it was sealed.
    pub whole_to: ChainHead,
    /// Where it is broken first; none when it is whole.
    pub broken: Option<Break>,
    /// Entries that are not sealed yet, of which the chain says nothing.
    pub unsealed: i64,
    /// When the oldest of them happened.
    pub oldest_unsealed: Option<Stamp>,
}

/// Walks the whole chain, and compares it with its end as noted here and, if given, as noted elsewhere. Call it in a
/// [snapshot](Store::snapshot).
///
/// # Errors
/// Those of the store.
pub fn check(db: &mut Db, noted: Option<ChainHead>) -> ServiceResult<Checked> {
    db.expect_long_reading().map_err(crate::store::StoreError::from)?;
    let end = seals::head(db)?;
    let (whole_to, mut broken) = walk(db, noted)?;
    if broken.is_none() {
        broken = missing_end(whole_to, end, noted);
    }
    let (unsealed, oldest_unsealed) = seals::waiting(db)?;
    Ok(Checked { whole_to, broken, unsealed, oldest_unsealed })
}

fn walk(db: &mut Db, noted: Option<ChainHead>) -> ServiceResult<(ChainHead, Option<Break>)> {
    let mut head = ChainHead::START;
    loop {
        let entries = seals::after(db, head.sequence, BATCH)?;
        let last = (entries.len() as i64) < BATCH;
        for (sequence, digest, entry) in entries {
            let next = head.sequence + 1;
            let right = head.digest.followed_by(&chained(next, &entry));
            if let Some(fault) = fault(next, sequence, digest, right, noted) {
                let entry = (sequence == next).then(|| entry.id.uuid());
                return Ok((head, Some(Break { sequence: next, entry, fault })));
            }
            head = ChainHead { sequence, digest: right };
        }
        if last {
            return Ok((head, None));
        }
    }
}

fn fault(
    next: i64,
    found: i64,
    digest: Option<ChainDigest>,
    right: ChainDigest,
    noted: Option<ChainHead>,
) -> Option<ChainFault> {
    if found != next {
        Some(ChainFault::Missing)
    } else if digest != Some(right) {
        Some(ChainFault::Altered)
    } else {
        noted.filter(|noted| noted.sequence == next && noted.digest != right).map(|_| ChainFault::NotAsNoted)
    }
}

/// Whether the entries that were walked are all there were.
fn missing_end(walked: ChainHead, end: Option<ChainHead>, noted: Option<ChainHead>) -> Option<Break> {
    let at = |sequence, fault| Some(Break { sequence, entry: None, fault });
    let behind = walked.sequence + 1;
    if noted.is_some_and(|noted| noted.sequence > walked.sequence) {
        return at(behind, ChainFault::Missing);
    }
    match end {
        None => at(behind, ChainFault::NoEnd),
        Some(end) if end.sequence > walked.sequence => at(behind, ChainFault::Missing),
        Some(end) if end != walked => at(end.sequence + 1, ChainFault::End),
        Some(_) => None,
    }
}

/// The end of the chain, to be noted elsewhere.
///
/// # Errors
/// Those of the store.
pub fn head(db: &mut Db) -> ServiceResult<Option<ChainHead>> {
    Ok(seals::head(db)?)
}
