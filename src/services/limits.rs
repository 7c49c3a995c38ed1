//! How often something may be tried. Kept in the database, so that all processes count together.
//!
//! A bucket fills by one with every try and empties evenly. Of a limit of `burst` tries, one more
//! every `every`, no window of time `T` sees more than `burst + T / every`.

use chrono::TimeDelta;

use super::{Context, Denial, ServiceResult};
use crate::auth::digest;
use crate::store::types::Stamp;
use crate::store::{Db, PersonId, limits};

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited.
    pub name: &'static str,
    /// So many at once.
    pub burst: i32,
    /// And one more after each such time.
    pub every: TimeDelta,
}

impl Limit {
    /// So many at once, and as many again in such a time, evenly.
    pub fn of(name: &'static str, times: u32, within: TimeDelta) -> Self {
        let burst = i32::try_from(times.max(1)).unwrap_or(i32::MAX);
        Self { name, burst, every: within / burst }
    }
}

/// How often what reaches others may be done in a day: editable settings.
#[derive(Debug, Clone, Copy)]
pub struct Daily {
    /// Questions that one person may ask before deciding.
    pub questions: u32,
    /// How often one coachee may choose coaches.
    pub choices: u32,
}

impl Daily {
    /// Counts a question, in the transaction that asks it.
    pub(super) fn question(self, db: &mut Db, by: PersonId, now: Stamp) -> ServiceResult<()> {
        once_today(db, Limit::of("question", self.questions, TimeDelta::days(1)), by, now)
    }

    /// Counts a choice, in the transaction that makes it.
    pub(super) fn choice(self, db: &mut Db, by: PersonId, now: Stamp) -> ServiceResult<()> {
        once_today(db, Limit::of("choice", self.choices, TimeDelta::days(1)), by, now)
    }
}

/// What is refused leaves no trace, so only what is done counts. The id of a person is as good as random: its digest
/// tells nothing.
fn once_today(db: &mut Db, limit: Limit, by: PersonId, now: Stamp) -> ServiceResult<()> {
    let name = format!("{} {}", limit.name, digest(&by.to_string()));
    let free_at = limits::free_at(db, &name)?;
    let free_at = admit(limit, free_at, now, 1).map_err(Denial::TooMany)?;
    Ok(limits::set_free_at(db, &name, free_at)?)
}

/// Passwords: at most 10 in any minute.
pub(super) const PASSWORDS: Limit = Limit { name: "password", burst: 5, every: TimeDelta::seconds(12) };
/// One-time codes for one account: at most 10 in any quarter of an hour.
pub(super) const CODES: Limit = Limit { name: "code", burst: 5, every: TimeDelta::minutes(3) };
/// Mails to one address, asked for by whoever knows it.
pub(super) const MAILS: Limit = Limit { name: "mail", burst: 3, every: TimeDelta::minutes(20) };
/// Requests of one network address that send mails.
pub(super) const MAILS_FROM: Limit = Limit { name: "mail-from", burst: 20, every: TimeDelta::seconds(30) };
/// Tries of one network address to use links sent by mail.
pub(super) const LINKS: Limit = Limit { name: "link", burst: 20, every: TimeDelta::seconds(6) };

/// Certificates that one network address looks up.
pub(super) const CERTIFICATES: Limit = Limit { name: "certificate", burst: 30, every: TimeDelta::seconds(2) };

/// A bucket: a limit, and for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket<'a>(pub(super) Limit, pub(super) &'a str);

impl Bucket<'_> {
    /// Whom a bucket is for stays unknown to who reads the database.
    fn name(&self, cx: &Context) -> String {
        format!("{} {}", self.0.name, cx.auth.vault.fingerprint(self.1))
    }
}

/// Counts a try in every bucket, or in none.
///
/// # Errors
/// [`Denial::TooMany`] when a bucket is full.
pub(super) fn take(db: &mut Db, cx: &Context, buckets: &[Bucket]) -> ServiceResult<()> {
    let mut filled = Vec::new();
    for bucket in buckets {
        let name = bucket.name(cx);
        let free_at = limits::free_at(db, &name)?;
        filled.push((name, admit(bucket.0, free_at, cx.now, 1).map_err(Denial::TooMany)?));
    }
    for (name, free_at) in filled {
        limits::set_free_at(db, &name, free_at)?;
    }
    Ok(())
}

/// Takes a try back that was none: the password was right.
pub(super) fn give_back(db: &mut Db, cx: &Context, buckets: &[Bucket]) -> ServiceResult<()> {
    for bucket in buckets {
        let name = bucket.name(cx);
        if let Some(free_at) = limits::free_at(db, &name)? {
            limits::set_free_at(db, &name, Stamp::new(free_at.time() - bucket.0.every))?;
        }
    }
    Ok(())
}

/// Counts several tries in a bucket, or none of them. Gives when it will be empty.
///
/// # Errors
/// [`Denial::TooMany`] when there is no room for all of them.
pub(super) fn take_many(db: &mut Db, cx: &Context, bucket: Bucket, tries: i32) -> ServiceResult<Stamp> {
    let name = bucket.name(cx);
    let free_at = limits::free_at(db, &name)?;
    let free_at = admit(bucket.0, free_at, cx.now, tries).map_err(Denial::TooMany)?;
    limits::set_free_at(db, &name, free_at)?;
    Ok(free_at)
}

/// When a bucket will be empty after so many tries more; or how long until there is room.
pub(super) fn admit(limit: Limit, free_at: Option<Stamp>, now: Stamp, tries: i32) -> Result<Stamp, TimeDelta> {
    let empty_at = free_at.unwrap_or(now).max(now).time() + limit.every * tries;
    let over = empty_at - now.time() - limit.every * limit.burst;
    if over > TimeDelta::zero() { Err(over) } else { Ok(Stamp::new(empty_at)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Stamp {
        Stamp::new(chrono::DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap())
    }

    /// Tries as fast as it goes, in every second, and counts what is let through per minute.
    #[test]
    fn no_minute_sees_more_than_ten_passwords() {
        let (mut free_at, mut admitted) = (None, Vec::new());
        for second in 0..600 {
            for _ in 0..3 {
                if let Ok(next) = admit(PASSWORDS, free_at, at(second), 1) {
                    free_at = Some(next);
                    admitted.push(second);
                }
            }
        }
        let most = (0..540).map(|from| admitted.iter().filter(|at| (from..from + 60).contains(*at)).count()).max();
        assert_eq!(most, Some(9));
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_back() {
        let mut free_at = None;
        for _ in 0..PASSWORDS.burst {
            free_at = Some(admit(PASSWORDS, free_at, at(0), 1).unwrap());
        }
        let wait = admit(PASSWORDS, free_at, at(0), 1).unwrap_err();
        assert_eq!(wait, TimeDelta::seconds(12));
        assert!(admit(PASSWORDS, free_at, at(11), 1).is_err());
        assert!(admit(PASSWORDS, free_at, at(12), 1).is_ok());
    }
}
