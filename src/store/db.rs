//! The store: where connections come from, and the only ways to use one.
//!
//! - [`Store::read`]: single statements, on a connection that refuses to write.
//! - [`Store::snapshot`]: several statements that must agree with each other.
//! - [`Store::write`]: reads and writes as if nobody else were there.
//! - [`Store::queue`]: takes rows from a queue that others take from too; [`Store::queue_relaxed`], where a loss of power
//!   may undo it.
//!
//! A plain transaction must not be used. With eight threads that read a counter and
//! write it back, it fails at once on SQLite ("database is locked", in spite of the
//! busy timeout) and silently loses most updates on PostgreSQL. `write` takes the
//! write lock first on SQLite and runs serializable, with retries, on PostgreSQL.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use parking_lot::FairMutex;
use r2d2::{Pool, PooledConnection};

use super::connect::{Access, Manager, connect};
use super::engine::Purpose;
pub use super::engine::{Db, MultiBackend};
use super::safe;
use super::target::Target;
use super::{Failure, StoreError, StoreResult};
use crate::domain::NumberSafe;

/// Sizes and patience of a store.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Most connections in the pool, 1 or more.
    pub pool_size: u32,
    /// How long a caller waits for a connection of the pool.
    pub pool_wait: Duration,
    /// How long a writer stands in the queue for SQLite's one writer connection.
    pub writer_wait: Duration,
    /// How long SQLite waits for another process that writes.
    pub busy_timeout: Duration,
    /// How long a statement may run on PostgreSQL.
    pub statement_timeout: Duration,
    /// How long PostgreSQL may take to answer a new connection, in whole seconds.
    pub connect_timeout: Duration,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            pool_size: 8,
            pool_wait: Duration::from_secs(2),
            writer_wait: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// A database, ready for use. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    safe: Option<Arc<dyn NumberSafe>>,
}

struct Shared {
    target: Target,
    settings: StoreSettings,
    pool: Pool<Manager>,
    /// Who waits for a connection. The pool hands one that becomes free to whoever comes first, and under load that
    /// is somebody new, while others wait for a second; so only the first in this line asks the pool.
    line: FairMutex<()>,
    manager: Manager,
    writer: Option<Writer>,
}

/// SQLite's one writer connection. The mutex hands it on in the order of arrival, so
/// that under load no writer starves. Empty until the first use, and after a failure
/// that may have left the connection in a state nobody wants to inherit.
struct Writer {
    slot: FairMutex<Option<Db>>,
}

/// How often a write on PostgreSQL is tried before it counts as busy.
const TRIES: u32 = 20;
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(128);

impl Store {
    /// Opens the database behind a URL (see [`Target::parse`]) and checks that it can be used. A
    /// SQLite file that is not there yet is created. The schema is not touched: see [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] says what is in the way.
    pub fn open(url: &str, settings: StoreSettings) -> StoreResult<Self> {
        let target = Target::parse(url)?;
        let manager = Manager::new(target.clone(), settings.clone());
        let first = connect(&target, &settings, Access::Writer)?;
        let writer = match first {
            Db::Sqlite(_) => Some(Writer { slot: FairMutex::new(Some(first)) }),
            Db::Pg(_) => None,
        };
        let pool = Pool::builder()
            .max_size(settings.pool_size.max(1))
            .min_idle(Some(0))
            .connection_timeout(settings.pool_wait)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(manager.clone());
        Ok(Self {
            shared: Arc::new(Shared { target, settings, pool, line: FairMutex::new(()), manager, writer }),
            safe: None,
        })
    }

    /// The same database with what seals and opens identity numbers. Without, nothing that holds one is written or read.
    #[must_use]
    pub fn with_safe(self, safe: Arc<dyn NumberSafe>) -> Self {
        Self { safe: Some(safe), ..self }
    }

    /// Which database this is, for messages; never shows a password.
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// Runs single statements on a connection that refuses to write.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no connection is free in time, [`StoreError::Unavailable`] when none
    /// can be made, and whatever the body returns.
    pub fn read<T, E: From<StoreError>>(&self, body: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let mut db = self.pooled()?;
        safe::with(self.safe.as_ref(), || body(&mut db))
    }

    /// Runs several reading statements that all see the same state of the database.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn snapshot<T, E: From<StoreError>>(&self, body: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let mut db = self.pooled()?;
        safe::with(self.safe.as_ref(), || transact(&mut db, Purpose::Snapshot, body))
    }

    /// The same where nothing but the file itself has to be waited for: the database is embedded, and a connection to it
    /// is at hand. Else it gives the body back.
    ///
    /// # Errors
    /// Whatever the body returns.
    pub fn glance<T, E, B>(&self, body: B) -> Result<Result<T, E>, B>
    where
        E: From<StoreError>,
        B: FnOnce(&mut Db) -> Result<T, E>,
    {
        let shared = &self.shared;
        let embedded = matches!(shared.target, Target::Sqlite(_));
        // Whoever stands in the line comes first.
        let at_hand = || shared.line.try_lock().and_then(|_| shared.pool.try_get());
        match embedded.then(at_hand).flatten() {
            Some(mut db) => Ok(safe::with(self.safe.as_ref(), || transact(&mut db, Purpose::Snapshot, body))),
            None => Err(body),
        }
    }

    /// Runs a transaction that reads and writes as if alone. On PostgreSQL the body may run several
    /// times, so it must have no effect but through the connection it is given.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when others were first too often or too long, and whatever the body
    /// returns; nothing is written then.
    pub fn write<T, E: Failure>(&self, body: impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
        self.change(Purpose::Write, body)
    }

    /// Runs a transaction on rows that are one worker's while it has them: taking them from a queue, and
    /// saying what became of them. On PostgreSQL it does not see the table as of one moment, so that
    /// workers who take at once do not trip over each other; the statements themselves must make sure
    /// that a row is taken once (`SKIP LOCKED`), and given back by who took it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn queue<T, E: Failure>(&self, body: impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
        self.change(Purpose::Queue, body)
    }

    /// As [`Store::queue`], for what may be done anew after a loss of power. What is committed is there for all, and
    /// stays when this process dies; in a SQLite file it is on disk no later than the change that
    /// [`Store::queue`] or [`Store::write`] commits next. On PostgreSQL it is on disk at once.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn queue_relaxed<T, E: Failure>(&self, body: impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
        self.change(Purpose::Relaxed, body)
    }

    fn change<T, E: Failure>(&self, purpose: Purpose, body: impl FnMut(&mut Db) -> Result<T, E>) -> Result<T, E> {
        safe::with(self.safe.as_ref(), || self.change_with_safe(purpose, body))
    }

    fn change_with_safe<T, E: Failure>(
        &self,
        purpose: Purpose,
        mut body: impl FnMut(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(writer) = &self.shared.writer {
            return self.write_in_turn(writer, purpose, body);
        }
        let mut tries = 0;
        loop {
            let result = {
                let mut db = self.pooled()?;
                transact(&mut db, purpose, &mut body)
            };
            tries += 1;
            match result {
                Err(error) if tries < TRIES && matches!(error.store_error(), Some(StoreError::Busy(_))) => {
                    std::thread::sleep(pause_after(tries));
                }
                result => return result,
            }
        }
    }

    /// The connection leaves its slot for the time of the transaction: if the body
    /// panics it is dropped, and SQLite rolls back.
    fn write_in_turn<T, E: Failure>(
        &self,
        writer: &Writer,
        purpose: Purpose,
        body: impl FnMut(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(mut slot) = writer.slot.try_lock_for(self.shared.settings.writer_wait) else {
            return Err(StoreError::Busy("too many writers are waiting".into()).into());
        };
        let mut db = match slot.take() {
            Some(db) => db,
            None => self.connect(Access::Writer)?,
        };
        let result = transact(&mut db, purpose, body);
        let is_strict = purpose != Purpose::Relaxed || db.sync_again().is_ok();
        if is_strict && !db.is_broken() {
            *slot = Some(db);
        }
        result
    }

    /// Lets nothing of what was deleted stay in a SQLite file or its log. What is deleted is overwritten at once, but
    /// when rows moved between pages before, copies of them may lie in the gaps: only writing the file anew takes
    /// those away. That takes a while on a large file, and others wait.
    ///
    /// # Errors
    /// [`Busy`](StoreError::Busy) when others were at work for too long; the traces stay until the next time.
    pub fn forget_traces(&self) -> StoreResult<()> {
        match self.connect(Access::Writer)? {
            Db::Sqlite(mut sqlite) => Ok(sqlite.batch_execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?),
            Db::Pg(_) => Ok(()),
        }
    }

    pub(super) fn connect(&self, access: Access) -> StoreResult<Db> {
        connect(&self.shared.target, &self.shared.settings, access)
    }

    fn pooled(&self) -> StoreResult<PooledConnection<Manager>> {
        let shared = &self.shared;
        let until = Instant::now() + shared.settings.pool_wait;
        let first = shared.line.try_lock_until(until);
        let found = first.and_then(|_| shared.pool.get_timeout(until.saturating_duration_since(Instant::now())).ok());
        found.ok_or_else(|| match shared.manager.last_failure() {
            Some(why) if shared.pool.state().connections < shared.pool.max_size() => StoreError::Unavailable(why),
            _ => StoreError::Busy("all connections are in use".into()),
        })
    }
}

/// One transaction on one connection, rolled back when the body fails.
pub(super) fn transact<T, E: From<StoreError>>(
    db: &mut Db,
    purpose: Purpose,
    body: impl FnOnce(&mut Db) -> Result<T, E>,
) -> Result<T, E> {
    db.begin(purpose).map_err(StoreError::from)?;
    match body(db) {
        Ok(value) => {
            db.commit().map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // A connection that cannot roll back is found broken and not used again;
            // what ended the body says more.
            let _ = db.roll_back();
            Err(error)
        }
    }
}

/// A random time below a bound that doubles with every try, so that those who
/// collided do not meet again.
fn pause_after(tries: u32) -> Duration {
    let bound = LONGEST_PAUSE.min(SHORTEST_PAUSE * 2_u32.saturating_pow(tries.min(16)));
    let random = RandomState::new().hash_one(tries);
    bound.mul_f64(random as f64 / u64::MAX as f64)
}
