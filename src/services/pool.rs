//! The coaches in memory, for shortlists: a pool for each policy in use.
//!
//! A pool is built of the database when it is first asked for. From then on whoever asks brings it up to the
//! state of the database that they see themselves: one query by an index tells who has changed, in this process
//! or another, and nearly always that is nobody. So nobody is ever shown an older state than the database has,
//! and no clock or background work decides how fresh a list is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::directory::{self, Coach};
use super::{ServiceError, ServiceResult};
use crate::domain::{PersonCode, Policy, Reference};
use crate::matching::live::{Change as PoolChange, CoachPool, OVERLAY_BOUND, Snapshot};
use crate::store::coach_changes::{self, Change, Mark, News, REFERENCE};
use crate::store::read_coaches::CoachFilter;
use crate::store::{Db, PersonId, Store, StoreError, records, reference};

/// Pools kept at a time: each holds all coaches once. The one that was asked the longest ago goes first.
const MOST: usize = 4;
/// How long a request waits for a pool that another one builds.
const PATIENCE: Duration = Duration::from_secs(2);
/// Changed coaches up to which a pool is brought up to date; of more, as after an import, a new one is built.
const MANY: usize = 2 * OVERLAY_BOUND;
/// Coaches whose words are kept for showing: those whom people see. When there are more, all are read anew.
const MOST_SHOWN: usize = 20_000;
/// Breaks ties between coaches for a coachee, the same way for everybody and at any time.
pub(super) const SEED: u64 = 0;

/// The pools of a process. Cheap to clone; clones share everything.
#[derive(Clone, Default)]
pub struct Pools(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Who was asked last stands last.
    kept: Mutex<Vec<Arc<Kept>>>,
    /// Held by whoever builds one.
    building: Mutex<()>,
}

/// A pool, and how far it has followed the database.
struct Kept {
    policy: Policy,
    reference: Arc<Reference>,
    pool: CoachPool,
    feed: Mutex<Feed>,
    /// Coaches as they are shown, of those whom somebody has seen since they changed last.
    shown: Mutex<HashMap<PersonCode, Arc<Coach>>>,
}

/// All coaches as of a state of the database, or a later one.
pub(super) struct Present {
    pub coaches: Arc<Snapshot>,
    pub reference: Arc<Reference>,
    kept: Arc<Kept>,
    /// What this state of the database had to tell.
    news: News,
}

impl Present {
    /// Coaches as they are shown, by code; `db` is in the state that this is of.
    pub(super) fn shown(
        &self,
        db: &mut Db,
        codes: impl Iterator<Item = PersonCode>,
    ) -> ServiceResult<HashMap<PersonCode, Arc<Coach>>> {
        let (mut found, mut unknown) = (HashMap::new(), Vec::new());
        {
            let known = self.kept.shown.lock();
            for code in codes {
                match known.get(&code) {
                    Some(coach) => drop(found.insert(code, Arc::clone(coach))),
                    None => unknown.push(code),
                }
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let names = unknown.iter().map(ToString::to_string).collect();
        let filter = CoachFilter { codes: Some(names), ..CoachFilter::default() };
        let read = directory::coaches(db, &filter, None, i64::MAX)?.into_iter();
        let mut read: HashMap<String, Coach> = read.map(|coach| (coach.code.clone(), coach)).collect();
        let read = unknown.into_iter().filter_map(|code| Some((Arc::new(read.remove(code.as_str())?), code)));
        let read: Vec<(PersonCode, Arc<Coach>)> = read.map(|(coach, code)| (code, coach)).collect();
        self.kept.keep_shown(&self.news, &read);
        found.extend(read);
        Ok(found)
    }
}

/// How a pool followed the database.
enum Followed {
    /// It is in the state wanted; what was new there.
    Here(News),
    /// It has more to follow than it was to.
    Behind,
    /// It cannot, and a new one is needed.
    Lost,
}

/// Which changes a pool has seen.
struct Feed {
    next: Mark,
    /// Those that the next news may tell again.
    seen: HashMap<PersonId, Change>,
}

impl Pools {
    /// All coaches for a policy, in no older state than `db` sees; none when there is no such pool, or it cannot
    /// follow: then [`Pools::build`] makes one. With more than `most` changes to follow there is none either, for now.
    pub(super) fn present(&self, db: &mut Db, policy: &Policy, most: usize) -> ServiceResult<Option<Present>> {
        let Some(kept) = self.find(policy) else { return Ok(None) };
        let news = match kept.follow(db, most)? {
            Followed::Here(news) => news,
            Followed::Behind => return Ok(None),
            Followed::Lost => {
                self.0.kept.lock().retain(|other| !Arc::ptr_eq(other, &kept));
                return Ok(None);
            }
        };
        Ok(Some(Present { coaches: kept.pool.snapshot(), reference: Arc::clone(&kept.reference), kept, news }))
    }

    /// Builds the pool for a policy, if it is not there. Of several at once, one builds and the others wait.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when that takes long.
    pub(super) fn build(&self, store: &Store, policy: &Policy) -> ServiceResult<()> {
        let Some(_turn) = self.0.building.try_lock_for(PATIENCE) else { return Err(busy()) };
        if self.find(policy).is_some() {
            return Ok(());
        }
        let built = Arc::new(Kept::load(store, what_counts(policy))?);
        let mut kept = self.0.kept.lock();
        kept.push(built);
        if kept.len() > MOST {
            kept.remove(0);
        }
        Ok(())
    }

    fn find(&self, policy: &Policy) -> Option<Arc<Kept>> {
        let policy = what_counts(policy);
        let mut kept = self.0.kept.lock();
        let at = kept.iter().position(|kept| kept.policy == policy)?;
        kept[at..].rotate_left(1);
        kept.last().cloned()
    }
}

/// The refusal when coaches are being read, and that takes long.
pub(super) fn busy() -> ServiceError {
    StoreError::Busy("the coaches are being read into memory".into()).into()
}

/// What of a policy decides about pairs of one coachee and one coach; who differs in the rest shares a pool.
fn what_counts(policy: &Policy) -> Policy {
    Policy { weights: policy.weights, rules: policy.rules, ..Policy::default() }
}

fn internal(why: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(why.to_string())
}

impl Kept {
    fn load(store: &Store, policy: Policy) -> ServiceResult<Self> {
        let begun = std::time::Instant::now();
        let (news, parts, coaches) = store.snapshot(|db| {
            let mark = coach_changes::mark(db)?;
            let news = coach_changes::since(db, mark)?;
            let parts = reference::load(db)?;
            db.expect_many_rows().map_err(StoreError::from)?;
            Ok::<_, StoreError>((news, parts, records::all_coaches(db)?))
        })?;
        let reference = Reference::new(parts).map_err(internal)?;
        let pool = CoachPool::new(reference.clone(), policy, SEED, &coaches).map_err(internal)?;
        tracing::info!(coaches = coaches.len(), seconds = begun.elapsed().as_secs_f32(), "coaches read into memory");
        let feed = Mutex::new(Feed { next: news.next, seen: news.changes.into_iter().collect() });
        Ok(Self { policy, reference: Arc::new(reference), pool, feed, shown: Mutex::default() })
    }

    /// Takes over what has changed up to the state that `db` sees, and tells what that was.
    fn follow(self: &Arc<Self>, db: &mut Db, most: usize) -> ServiceResult<Followed> {
        let next = self.feed.lock().next;
        let news = coach_changes::since(db, next)?;
        if news.changes.is_empty() && news.next == next {
            return Ok(Followed::Here(news));
        }
        if news.changes.len() > most {
            return Ok(Followed::Behind);
        }
        // Held while the changed coaches are read: who comes meanwhile needs them too.
        let mut feed = self.feed.lock();
        let changes = feed.unseen(&news);
        if changes.len() > MANY || changes.iter().any(|(coach, _)| *coach == REFERENCE) {
            return Ok(Followed::Lost);
        }
        let persons: Vec<PersonId> = changes.iter().map(|(coach, _)| *coach).collect();
        let coaches = records::coaches_of(db, &persons)?;
        if coaches.len() < persons.len() {
            tracing::info!("a coach has gone");
            return Ok(Followed::Lost);
        }
        if !coaches.is_empty() {
            let puts: Vec<PoolChange> = coaches.iter().map(PoolChange::Put).collect();
            if let Err(why) = self.pool.apply(&puts) {
                tracing::warn!(%why, "a changed coach does not fit");
                return Ok(Followed::Lost);
            }
            let mut shown = self.shown.lock();
            coaches.iter().for_each(|coach| drop(shown.remove(&coach.code)));
        }
        feed.take(&changes, news.next);
        drop(feed);
        if !changes.is_empty() && self.pool.is_rebuild_due() {
            self.rebuild();
        }
        Ok(Followed::Here(news))
    }

    /// Keeps coaches as they are shown in a state of the database, unless the pool has followed a later one: that a
    /// coach has changed is told once.
    fn keep_shown(&self, news: &News, coaches: &[(PersonCode, Arc<Coach>)]) {
        let feed = self.feed.lock();
        if feed.is_ahead_of(news) {
            return;
        }
        let mut shown = self.shown.lock();
        if shown.len() + coaches.len() > MOST_SHOWN {
            shown.clear();
        }
        shown.extend(coaches.iter().cloned());
    }

    /// Rebuilds the pool in the background; it answers meanwhile.
    fn rebuild(self: &Arc<Self>) {
        let kept = Arc::clone(self);
        rayon::spawn(move || {
            if kept.pool.is_rebuild_due() {
                kept.pool.rebuild();
            }
        });
    }
}

impl Feed {
    /// The news that are news. Whoever brings them may see an older state of the database than was seen here:
    /// of each coach only a later change counts.
    fn unseen(&self, news: &News) -> Vec<(PersonId, Change)> {
        let is_new = |(coach, at): &&(PersonId, Change)| {
            !at.is_before(self.next) && self.seen.get(coach).is_none_or(|seen| seen < at)
        };
        news.changes.iter().filter(is_new).copied().collect()
    }

    /// Whether changes were seen that are not among these news.
    fn is_ahead_of(&self, news: &News) -> bool {
        self.next > news.next || self.seen.iter().any(|(coach, at)| !news.changes.contains(&(*coach, *at)))
    }

    /// Notes changes as seen, and all that comes before a mark.
    fn take(&mut self, changes: &[(PersonId, Change)], next: Mark) {
        self.seen.extend(changes.iter().copied());
        self.next = self.next.max(next);
        let next = self.next;
        self.seen.retain(|_, at| !at.is_before(next));
    }
}
