//! How often something may be tried. Kept in the database, so that all processes count together.
//!
//! A bucket fills by one with every try and empties evenly. Of a limit of `burst` tries, one more
//! every `every`, no window of time `T` sees more than `burst + T / every`.

use chrono::TimeDelta;

use super::{Context, Denial, ServiceResult};
use crate::store::types::Stamp;
use crate::store::{Db, limits};

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited.
    pub name: &'static str,
    /// So many at once.
    pub burst: i32,
    /// And one more after each such time, in seconds.
    pub every: i64,
}

/// Passwords: at most 10 in any minute.
pub(super) const PASSWORDS: Limit = Limit { name: "password", burst: 5, every: 12 };
/// One-time codes for one account: at most 10 in any quarter of an hour.
pub(super) const CODES: Limit = Limit { name: "code", burst: 5, every: 180 };
/// Mails to one address, asked for by whoever knows it.
pub(super) const MAILS: Limit = Limit { name: "mail", burst: 3, every: 1_200 };
/// Requests of one network address that send mails.
pub(super) const MAILS_FROM: Limit = Limit { name: "mail-from", burst: 20, every: 30 };
/// Tries of one network address to use links sent by mail.
pub(super) const LINKS: Limit = Limit { name: "link", burst: 20, every: 6 };

/// Certificates that one network address looks up.
pub(super) const CERTIFICATES: Limit = Limit { name: "certificate", burst: 30, every: 2 };

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
        filled.push((name, admit(bucket.0, free_at, cx.now).map_err(Denial::TooMany)?));
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
            limits::set_free_at(db, &name, Stamp::new(free_at.time() - TimeDelta::seconds(bucket.0.every)))?;
        }
    }
    Ok(())
}

/// When a bucket will be empty after one more try; or how long until there is room.
fn admit(limit: Limit, free_at: Option<Stamp>, now: Stamp) -> Result<Stamp, TimeDelta> {
    let every = TimeDelta::seconds(limit.every);
    let empty_at = free_at.unwrap_or(now).max(now).time() + every;
    let over = empty_at - now.time() - every * limit.burst;
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
                if let Ok(next) = admit(PASSWORDS, free_at, at(second)) {
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
            free_at = Some(admit(PASSWORDS, free_at, at(0)).unwrap());
        }
        let wait = admit(PASSWORDS, free_at, at(0)).unwrap_err();
        assert_eq!(wait, TimeDelta::seconds(12));
        assert!(admit(PASSWORDS, free_at, at(11)).is_err());
        assert!(admit(PASSWORDS, free_at, at(12)).is_ok());
    }
}
