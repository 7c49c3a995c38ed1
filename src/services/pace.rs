//! How often changes may be asked for: by one account, and from one network address by those who are not signed in.
//!
//! Every process counts what passes it, in memory, and tells the others of every few tries through the database, so
//! that a person who changes a thing now and then costs no query. So many processes may let through as many tries
//! more as they have not told of yet: at most nine each.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use parking_lot::Mutex;

use super::limits::{Bucket, Limit, admit, take_many};
use super::{Context, Denial, ServiceError, ServiceResult, sign_ins};
use crate::store::AccountId;
use crate::store::types::Stamp;

/// After how many tries the others are told.
const TOLD_AFTER: i32 = 10;
/// Most that are remembered.
const MOST: usize = 50_000;

/// Whose tries are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Asker {
    /// An account.
    Account(AccountId),
    /// Everybody at a network address; of IPv6, in the network of its subscriber.
    Address(String),
}

impl Asker {
    /// Everybody at this network address.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(sign_ins::network(address))
    }

    fn name(&self) -> String {
        match self {
            Asker::Account(account) => account.to_string(),
            Asker::Address(network) => network.clone(),
        }
    }
}

/// The count of this process. Cheap to clone.
#[derive(Clone)]
pub struct Pace {
    account: Limit,
    address: Limit,
    known: Arc<Mutex<HashMap<Asker, Known>>>,
}

#[derive(Clone, Copy)]
struct Known {
    empty_at: Stamp,
    untold: i32,
}

impl Pace {
    /// A count with so many changes a minute for an account, and for an address.
    pub fn new(account: u32, address: u32) -> Self {
        let limit = |name, times| Limit::of(name, times, TimeDelta::minutes(1));
        Self { account: limit("account", account), address: limit("address", address), known: Arc::default() }
    }

    fn limit(&self, asker: &Asker) -> Limit {
        match asker {
            Asker::Account(_) => self.account,
            Asker::Address(_) => self.address,
        }
    }

    /// Counts a try. Gives how many the others are to be told of by [`Pace::tell`], if any.
    ///
    /// # Errors
    /// [`Denial::TooMany`] when it is one too many.
    pub fn count(&self, asker: &Asker, now: Stamp) -> Result<Option<i32>, Denial> {
        let limit = self.limit(asker);
        let mut all = self.known.lock();
        let known = all.get(asker).copied();
        let empty_at = admit(limit, known.map(|known| known.empty_at), now, 1).map_err(Denial::TooMany)?;
        let untold = known.map_or(0, |known| known.untold) + 1;
        let told = (untold >= told_after(limit)).then_some(untold);
        if known.is_none() && all.len() >= MOST {
            // Whoever has been quiet for long enough is as good as unknown.
            all.retain(|_, known| known.empty_at > now);
            if all.len() >= MOST {
                all.clear();
            }
        }
        all.insert(asker.clone(), Known { empty_at, untold: if told.is_some() { 0 } else { untold } });
        Ok(told)
    }

    /// Tells the others of tries, and learns of theirs.
    ///
    /// # Errors
    /// [`Denial::TooMany`] when they are too many with those of the others.
    pub fn tell(&self, cx: &Context, asker: &Asker, tries: i32) -> ServiceResult<()> {
        let (limit, name) = (self.limit(asker), asker.name());
        let told = cx.store.write(|db| take_many(db, cx, Bucket(limit, &name), tries));
        let empty_at = match &told {
            Ok(empty_at) => *empty_at,
            // Until then the count of this process alone refuses, at no cost.
            Err(ServiceError::Denied(Denial::TooMany(wait))) => {
                Stamp::new(cx.now.time() + *wait + limit.every * (limit.burst - 1))
            }
            Err(_) => return told.map(drop),
        };
        if let Some(known) = self.known.lock().get_mut(asker) {
            known.empty_at = known.empty_at.max(empty_at);
        }
        told.map(drop)
    }
}

/// A limit of few is told of at once.
fn told_after(limit: Limit) -> i32 {
    (limit.burst / 4).clamp(1, TOLD_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Stamp {
        Stamp::new(chrono::DateTime::from_timestamp_millis(1_000_000_000 + milliseconds).unwrap())
    }

    #[test]
    fn a_process_counts_exactly_and_tells_of_every_tenth() {
        let pace = Pace::new(120, 300);
        let asker = Asker::Account(AccountId::new());
        let told: Vec<i32> = (0..120).filter_map(|_| pace.count(&asker, at(0)).unwrap()).collect();
        assert_eq!(told, [10; 12]);
        assert_eq!(pace.count(&asker, at(0)), Err(Denial::TooMany(TimeDelta::milliseconds(500))));
        assert_eq!(pace.count(&asker, at(500)), Ok(None));
        assert!(pace.count(&asker, at(999)).is_err());
        assert!(pace.count(&Asker::Account(AccountId::new()), at(0)).is_ok(), "another is another");
        assert!(pace.count(&Asker::at("203.0.113.1".parse().unwrap()), at(0)).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let pace = Pace::new(120, 300);
        for n in 0..=MOST {
            pace.count(&Asker::Address(n.to_string()), at(0)).unwrap();
        }
        assert!(pace.known.lock().len() <= MOST);
    }
}
