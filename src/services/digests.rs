//! Digests: for coaches what their week brings, for whoever runs the programme what stands still. What they say is
//! looked up when they are sent; one that would say nothing is not sent.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::reminders::{Kind, nothing, say};
use super::{ServiceResult, mails};
use crate::domain::{AccountStatus, MailClass, Notice, Zone};
use crate::store::notices::{self, AdminAccount};
use crate::store::outbox::{self, Mail};
use crate::store::types::Stamp;
use crate::store::{Db, OutboxId, Store, mail_preferences};

/// How many coaches are looked up at a time.
const AT_A_TIME: i64 = 200;
/// The hour of the morning from which the week is told, by the coach's clock.
const COACHES_FROM: u32 = 6;
/// How long it may still be told, if nobody worked before.
const COACHES_UNTIL: TimeDelta = TimeDelta::hours(36);
/// The hour from which the day is told to whoever runs the programme, by the clock of Jakarta.
const ADMINS_FROM: u32 = 7;
/// How long it may still be told.
const ADMINS_UNTIL: TimeDelta = TimeDelta::hours(12);

/// Tells coaches of their week, on Monday morning by their own clock; says how many.
///
/// # Errors
/// Those of the store; who was told by then stays so.
pub fn to_coaches(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let kind = Kind { name: "coach_digest", notice: Notice::CoachDigest, facts: nothing };
    let mut told = 0;
    for &zone in Zone::ALL {
        let today = zone.day(now.time());
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        if !is_time(now, zone, monday, COACHES_FROM, COACHES_UNTIL) {
            continue;
        }
        let mark = monday.to_string();
        let find = |db: &mut Db| notices::coaches_at_work(db, kind.name, zone, &mark, now, AT_A_TIME);
        told += say(store, kind, now, find, |_| true)?;
    }
    Ok(told)
}

/// Tells whoever runs the programme what stands still, every morning; says how many.
///
/// # Errors
/// Those of the store; who was told by then stays so.
pub fn to_admins(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let day = Zone::Wib.day(now.time());
    if !is_time(now, Zone::Wib, day, ADMINS_FROM, ADMINS_UNTIL) {
        return Ok(0);
    }
    let from = start(Zone::Wib, day, ADMINS_FROM);
    let missing = store.read(|db| not_told(db, from))?;
    if missing.is_empty() {
        return Ok(0);
    }
    store.write(|db| {
        let mut told = 0;
        for admin in &missing {
            told += usize::from(outbox::add_once(db, &mail(admin, from, now)?)?);
        }
        Ok(told)
    })
}

/// The accounts that have not got the digest of a morning, and may want it.
fn not_told(db: &mut Db, from: DateTime<Utc>) -> ServiceResult<Vec<AdminAccount>> {
    let admins = notices::admins(db, None)?;
    let readers: Vec<_> = admins.iter().map(AdminAccount::reader).collect();
    let unwilling = mail_preferences::unwilling(db, &readers, MailClass::Digests)?;
    let told = outbox::known(db, &admins.iter().map(|admin| id(admin, from)).collect::<Vec<_>>())?;
    let is_missing = |admin: &AdminAccount| {
        let wanted = admin.status == AccountStatus::Active && !unwilling.contains(&admin.reader());
        wanted && !told.contains(&id(admin, from))
    };
    Ok(admins.into_iter().filter(is_missing).collect())
}

fn mail(admin: &AdminAccount, from: DateTime<Utc>, now: Stamp) -> ServiceResult<Mail> {
    mails::to_admin(id(admin, from), Notice::AdminDigest, admin, &json!({ "about": admin.account }), now)
}

/// The id of the digest of an account for a morning: always the same, so that no two processes write two. Accounts
/// need not belong to anybody of whom it could be noted what was said.
fn id(admin: &AdminAccount, from: DateTime<Utc>) -> OutboxId {
    let digest = Sha256::digest([Notice::AdminDigest.as_str().as_bytes(), admin.account.uuid().as_bytes()].concat());
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(from.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().into()
}

/// Whether it is the time of a day to tell something.
fn is_time(now: Stamp, zone: Zone, day: NaiveDate, hour: u32, patience: TimeDelta) -> bool {
    let from = start(zone, day, hour);
    (from..from + patience).contains(&now.time())
}

/// An hour of a day on the clocks of a zone.
fn start(zone: Zone, day: NaiveDate, hour: u32) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(i64::from(hour) - zone.hours_ahead())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn monday_morning_comes_first_in_the_east() {
        let monday = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
        let at = |day, hour| Stamp::new(Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap());
        let open = |now| Zone::ALL.iter().filter(|zone| is_time(now, **zone, monday, 6, COACHES_UNTIL)).count();
        assert_eq!([at(29, 20), at(29, 21), at(29, 22), at(29, 23), at(30, 23)].map(open), [0, 1, 2, 3, 3]);
        assert_eq!(open(Stamp::new(at(30, 23).time() + TimeDelta::days(1))), 0);
    }
}
