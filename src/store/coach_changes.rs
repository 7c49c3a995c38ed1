//! Which coaches have changed since one looked last: for whoever keeps coaches in memory.
//!
//! The rows are written by triggers on the profiles of coaches. The lists of a coach (strengths, regions,
//! conflicts) have none: [`coaches`](super::coaches) writes them in the transaction that writes the profile.
//!
//! No change is missed, however long the transaction takes that makes it: a [`Mark`] is a place in the order of
//! the commits and not a time. On PostgreSQL, where later transactions may end earlier, a change may be told twice.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::coach_changes;
use super::types::sql;
use super::{Db, PersonId, StoreResult};

/// A state of the database, as far as changes of coaches go: all that comes after it is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(i64);

/// When a coach was changed last. Of one coach, the later change has the greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(i64);

/// What is new since a mark.
#[derive(Debug, Clone)]
pub struct News {
    /// Where to go on the next time.
    pub next: Mark,
    /// The coaches who have changed, are new or have gone; [`REFERENCE`] among them when the reference data
    /// may have changed.
    pub changes: Vec<(PersonId, Change)>,
}

/// What stands for the reference data among coaches.
pub const REFERENCE: PersonId = PersonId::NIL;

impl Change {
    /// Whether it is part of the state that a mark stands for.
    pub const fn is_before(self, mark: Mark) -> bool {
        self.0 < mark.0
    }
}

/// The bounds of the present snapshot on PostgreSQL: all numbers below the first are over, and none from the
/// second on was given out. Rows with such a number came from another server, by a dump.
#[derive(QueryableByName)]
struct Bounds {
    #[diesel(sql_type = BigInt)]
    over: i64,
    #[diesel(sql_type = BigInt)]
    unborn: i64,
}

fn bounds(db: &mut PgConnection) -> QueryResult<Bounds> {
    diesel::sql_query(
        "SELECT pg_snapshot_xmin(now)::text::bigint AS over, pg_snapshot_xmax(now)::text::bigint AS unborn \
         FROM pg_current_snapshot() now",
    )
    .get_result(db)
}

/// The present state. Call it in the [snapshot](super::Store::snapshot) in which the coaches are read.
///
/// # Errors
/// When the database cannot be read.
pub fn mark(db: &mut Db) -> StoreResult<Mark> {
    if let Db::Pg(pg) = db {
        return Ok(Mark(bounds(pg)?.over));
    }
    let newest: Option<i64> = coach_changes::table.select(diesel::dsl::max(coach_changes::changed)).get_result(db)?;
    Ok(Mark(newest.unwrap_or(0) + 1))
}

/// What is new since a mark, in the present snapshot.
///
/// # Errors
/// When the database cannot be read.
pub fn since(db: &mut Db, mark: Mark) -> StoreResult<News> {
    let bounds = match db {
        Db::Pg(pg) => Some(bounds(pg)?),
        Db::Sqlite(_) => None,
    };
    let end = bounds.as_ref().map_or(i64::MAX, |bounds| bounds.unborn);
    let new = coach_changes::table.filter(coach_changes::changed.ge(mark.0).and(coach_changes::changed.lt(end)));
    let rows: Vec<(PersonId, i64)> = on_engine!(db, connection => new.load(connection))?;
    let next = match bounds {
        Some(bounds) => bounds.over,
        None => rows.iter().map(|(_, changed)| changed + 1).max().unwrap_or(mark.0),
    };
    Ok(News { next: Mark(next), changes: rows.into_iter().map(|(coach, at)| (coach, Change(at))).collect() })
}

/// Notes that the reference data have changed.
///
/// # Errors
/// When the database cannot be written.
pub(super) fn note_reference(db: &mut Db) -> StoreResult<()> {
    let note = match db {
        Db::Pg(_) => {
            "INSERT INTO coach_changes (coach, changed) VALUES ($1, pg_current_xact_id()::text::bigint) \
             ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed"
        }
        Db::Sqlite(_) => {
            "INSERT INTO coach_changes (coach, changed) \
             VALUES (?, (SELECT coalesce(max(changed), 0) + 1 FROM coach_changes)) \
             ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed"
        }
    };
    diesel::sql_query(note).bind::<sql::Id, _>(REFERENCE).execute(db)?;
    Ok(())
}
