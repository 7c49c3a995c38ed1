//! What `write`, `read` and `snapshot` promise when many want something at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use coachnet::store::{Db, Store, StoreError, StoreResult, StoreSettings, Target};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::support::{TestDb, on_both_engines, settings};

#[derive(QueryableByName)]
struct Counter {
    #[diesel(sql_type = Integer)]
    n: i32,
}

fn value<C>(connection: &mut C) -> i32
where
    C: diesel::connection::LoadConnection,
    diesel::query_builder::SqlQuery: for<'a> diesel::query_dsl::LoadQuery<'a, C, Counter>,
{
    diesel::sql_query("SELECT n FROM counter").get_result::<Counter>(connection).expect("the counter").n
}

fn make_counter(store: &Store) {
    store
        .write(|db| {
            Ok::<_, StoreError>(db.batch_execute("CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)")?)
        })
        .expect("a counter");
}

fn add_one(db: &mut Db) -> StoreResult<()> {
    let n = diesel::sql_query("SELECT n FROM counter").get_result::<Counter>(db)?.n;
    diesel::sql_query(format!("UPDATE counter SET n = {}", n + 1)).execute(db)?;
    Ok(())
}

on_both_engines!(
    no_write_is_lost,
    a_plain_transaction_loses_or_fails,
    a_failed_body_writes_nothing,
    a_panic_leaves_the_store_usable,
    reading_cannot_write,
    a_snapshot_sees_one_moment,
    an_exhausted_pool_says_busy,
    a_glance_waits_for_nothing,
);

fn no_write_is_lost(db: &TestDb) {
    make_counter(&db.store);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| db.store.write(add_one).expect("a write")));
        }
    });
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 400);
}

/// Why `write` is needed: two who read, then write, in the transactions that an
/// engine begins by itself, with the steps laid one between the other.
fn a_plain_transaction_loses_or_fails(db: &TestDb) {
    make_counter(&db.store);
    let both_wrote = if db.is_postgres() {
        let connect = || {
            let mut connection = PgConnection::establish(&db.url).expect("a connection");
            connection.batch_execute("BEGIN").expect("a transaction");
            connection
        };
        read_read_write_write(connect(), connect())
    } else {
        let path = db.url.strip_prefix("sqlite:").expect("a path");
        let connect = || {
            let mut connection = SqliteConnection::establish(path).expect("a connection");
            connection.batch_execute("PRAGMA busy_timeout = 60000; BEGIN").expect("a transaction");
            connection
        };
        read_read_write_write(connect(), connect())
    };
    let counted = db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap();
    assert_eq!(counted, 1, "one of two is lost");
    assert_eq!(both_wrote, db.is_postgres(), "silently on PostgreSQL, with an error at once on SQLite");
}

fn read_read_write_write<C>(mut a: C, mut b: C) -> bool
where
    C: diesel::connection::LoadConnection,
    diesel::query_builder::SqlQuery: for<'q> diesel::query_dsl::LoadQuery<'q, C, Counter>,
{
    let (seen_by_a, seen_by_b) = (value(&mut a), value(&mut b));
    a.batch_execute(&format!("UPDATE counter SET n = {}; COMMIT", seen_by_a + 1)).expect("the first");
    b.batch_execute(&format!("UPDATE counter SET n = {}; COMMIT", seen_by_b + 1)).is_ok()
}

fn a_failed_body_writes_nothing(db: &TestDb) {
    make_counter(&db.store);
    let failed = db.store.write(|db| {
        add_one(db)?;
        Err::<(), _>(StoreError::NotFound)
    });
    assert!(matches!(failed, Err(StoreError::NotFound)));
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 0);
}

fn a_panic_leaves_the_store_usable(db: &TestDb) {
    make_counter(&db.store);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        db.store.write::<(), StoreError>(|db| {
            add_one(db)?;
            panic!("in the middle of a write");
        })
    }));
    assert!(panicked.is_err());
    db.store.write(add_one).expect("the next write");
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 1);
}

fn reading_cannot_write(db: &TestDb) {
    make_counter(&db.store);
    assert!(db.store.read(add_one).is_err());
    assert!(db.store.snapshot(add_one).is_err());
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 0);
}

fn a_snapshot_sees_one_moment(db: &TestDb) {
    make_counter(&db.store);
    let seen = db.store.snapshot(|snapshot| {
        let before = value(snapshot);
        db.store.write(add_one)?;
        Ok::<_, StoreError>((before, value(snapshot)))
    });
    assert_eq!(seen.unwrap(), (0, 0));
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 1);
}

fn an_exhausted_pool_says_busy(db: &TestDb) {
    let settings = StoreSettings { pool_size: 1, pool_wait: Duration::from_millis(50), ..settings() };
    let store = Store::open(&db.url, settings).unwrap();
    let inner = store.read(|_| Ok::<_, StoreError>(store.read(|_| Ok::<_, StoreError>(())))).unwrap();
    assert!(matches!(inner, Err(StoreError::Busy(_))), "{inner:?}");
    store.read(|_| Ok::<_, StoreError>(())).expect("the connection is free again");
}

/// Nothing is waited for: neither a connection that is to be opened, nor one that others have, nor another machine.
fn a_glance_waits_for_nothing(db: &TestDb) {
    make_counter(&db.store);
    let store = Store::open(&db.url, StoreSettings { pool_size: 1, ..settings() }).unwrap();
    let glance = || store.glance(|db| Ok::<_, StoreError>(value(db))).map_err(drop);
    assert!(glance().is_err(), "no connection is open");
    let meanwhile = store.read(|_| Ok::<_, StoreError>(glance())).unwrap();
    assert!(meanwhile.is_err(), "the only connection is in use");
    match glance() {
        Ok(found) => assert!(found.unwrap() == 0 && matches!(db.store.target(), Target::Sqlite(_))),
        Err(()) => assert!(matches!(db.store.target(), Target::Postgres { .. })),
    }
    let refused = store.glance(add_one);
    assert!(!matches!(refused, Ok(Ok(()))), "a glance cannot write");
}

#[derive(QueryableByName)]
struct Level {
    #[diesel(sql_type = Integer)]
    synchronous: i32,
}

/// How a change reaches the disk: 1, with the next one; 2, before it is done.
fn level(db: &mut Db) -> StoreResult<i32> {
    Ok(diesel::sql_query("PRAGMA synchronous").get_result::<Level>(db)?.synchronous)
}

/// Whatever becomes of a change that may wait for the disk, the next one does not.
#[test]
fn sqlite_waits_for_the_disk_but_where_it_need_not() {
    let quick = StoreSettings { busy_timeout: Duration::from_millis(50), ..settings() };
    let db = TestDb::sqlite_with(quick);
    make_counter(&db.store);
    let stays_strict = || assert_eq!(db.store.write(level).unwrap(), 2);
    stays_strict();
    assert_eq!(db.store.queue_relaxed(|db| add_one(db).and_then(|()| level(db))).unwrap(), 1);
    stays_strict();
    let failed = db.store.queue_relaxed(|_| Err::<(), _>(StoreError::Busy("on purpose".into())));
    assert!(failed.is_err());
    stays_strict();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        db.store.queue_relaxed::<(), StoreError>(|_| panic!("in the middle of a change"))
    }));
    assert!(panicked.is_err());
    stays_strict();
    let busy = db.another_store().write(|_| Ok::<_, StoreError>(db.store.queue_relaxed(add_one)));
    assert!(matches!(busy, Ok(Err(StoreError::Busy(_)))), "{busy:?}");
    stays_strict();
    assert_eq!(db.store.read(|db| Ok::<_, StoreError>(value(db))).unwrap(), 1);
}

#[test]
fn sqlite_writers_do_not_wait_for_ever() {
    let db = TestDb::sqlite_with(StoreSettings { writer_wait: Duration::from_millis(50), ..settings() });
    let waited = db.store.write(|_| Ok::<_, StoreError>(db.store.write(|_| Ok::<_, StoreError>(()))));
    assert!(matches!(waited, Ok(Err(StoreError::Busy(_)))), "{waited:?}");
}

/// Writers are served in the order in which they came. Each next one is sent only
/// when the one before is seen to sleep in the queue.
#[test]
#[cfg(target_os = "linux")]
fn sqlite_writers_are_served_in_turn() {
    let db = TestDb::sqlite();
    let store = &db.store;
    let (served, order) = mpsc::channel();
    let (came, arrivals) = mpsc::channel();
    std::thread::scope(|scope| {
        store
            .write(|_| {
                for turn in 0..10 {
                    let (served, came) = (served.clone(), came.clone());
                    scope.spawn(move || {
                        came.send(std::fs::read_link("/proc/thread-self").expect("its own name")).expect("told");
                        let serve = |_: &mut Db| {
                            served.send(turn).expect("told");
                            Ok::<_, StoreError>(())
                        };
                        store.write(serve).expect("a write");
                    });
                    let thread = arrivals.recv().expect("a thread");
                    let state = std::path::Path::new("/proc").join(thread).join("stat");
                    while !std::fs::read_to_string(&state).expect("a live thread").contains(") S ") {
                        std::thread::yield_now();
                    }
                }
                Ok::<_, StoreError>(())
            })
            .expect("the first write");
    });
    drop(served);
    assert_eq!(order.into_iter().collect::<Vec<i32>>(), (0..10).collect::<Vec<_>>());
}
