//! The seals of the audit log: which entries have their place in the chain, and where it ends.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::audit::{ENTRY, Logged, Row, logged};
use super::schema::{audit, audit_head};
use super::types::{Stamp, sql};
use super::{AuditId, Db, StoreError, StoreResult};
use crate::domain::{ChainDigest, ChainHead};

/// The end of the chain as it is noted here; none when the note is gone, which no part of the program does.
///
/// # Errors
/// When the database cannot be read.
pub fn head(db: &mut Db) -> StoreResult<Option<ChainHead>> {
    let row: Option<(i64, String)> =
        audit_head::table.select((audit_head::sequence, audit_head::digest)).get_result(db).optional()?;
    // A digest that is none is that of no entry.
    Ok(row.map(|(sequence, digest)| ChainHead { sequence, digest: digest.parse().unwrap_or(ChainDigest::START) }))
}

/// The end of the chain, which is the caller's alone until the transaction is over; none when another has it.
/// Runs in [`Store::queue`](super::Store::queue).
///
/// # Errors
/// When the database cannot be written.
pub fn take_head(db: &mut Db) -> StoreResult<Option<ChainHead>> {
    let query = audit_head::table.select((audit_head::sequence, audit_head::digest));
    let row: Option<(i64, String)> = match db {
        Db::Pg(pg) => query.for_update().skip_locked().first(pg).optional()?,
        // Whoever writes is alone.
        Db::Sqlite(sqlite) => query.first(sqlite).optional()?,
    };
    row.map(|(sequence, digest)| {
        let digest = digest.parse().map_err(|why| StoreError::damaged("audit_head", why))?;
        Ok(ChainHead { sequence, digest })
    })
    .transpose()
}

/// Entries without a place in the chain, the oldest id first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn unsealed(db: &mut Db, limit: i64) -> StoreResult<Vec<Logged>> {
    let rows: Vec<Row> =
        audit::table.filter(audit::sequence.is_null()).order(audit::id).limit(limit).select(ENTRY).load(db)?;
    Ok(rows.into_iter().map(logged).collect())
}

/// How many entries have no place in the chain, and when the oldest of them happened.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db) -> StoreResult<(i64, Option<Stamp>)> {
    let unsealed = audit::table.filter(audit::sequence.is_null());
    let oldest = unsealed.order(audit::id).select(audit::at).first(db).optional()?;
    Ok((unsealed.count().get_result(db)?, oldest))
}

/// An entry and its place.
#[derive(Debug, Clone)]
pub struct Seal {
    /// The entry.
    pub entry: AuditId,
    /// The place.
    pub sequence: i64,
    /// The digest.
    pub digest: ChainDigest,
}

/// Gives entries their places, and moves the end of the chain behind them. After [`take_head`], in the same transaction.
///
/// # Errors
/// [`Conflict`](StoreError::Conflict) when an entry has a place already; or when the database cannot be written.
pub fn keep(db: &mut Db, seals: &[Seal], now: Stamp) -> StoreResult<()> {
    let Some(last) = seals.last() else { return Ok(()) };
    let sealed = match db {
        Db::Pg(pg) => {
            let ids: Vec<AuditId> = seals.iter().map(|seal| seal.entry).collect();
            let sequences: Vec<i64> = seals.iter().map(|seal| seal.sequence).collect();
            let digests: Vec<String> = seals.iter().map(|seal| seal.digest.to_string()).collect();
            diesel::sql_query(
                "UPDATE audit SET sequence = s.sequence, digest = s.digest \
                 FROM unnest($1, $2, $3) AS s (id, sequence, digest) WHERE audit.id = s.id AND audit.sequence IS NULL",
            )
            .bind::<Array<sql::Id>, _>(ids)
            .bind::<Array<BigInt>, _>(sequences)
            .bind::<Array<Text>, _>(digests)
            .execute(pg)?
        }
        Db::Sqlite(sqlite) => {
            let mut sealed = 0;
            for seal in seals {
                sealed += diesel::update(audit::table.filter(audit::id.eq(seal.entry).and(audit::sequence.is_null())))
                    .set((audit::sequence.eq(seal.sequence), audit::digest.eq(seal.digest.to_string())))
                    .execute(sqlite)?;
            }
            sealed
        }
    };
    let before = seals[0].sequence - 1;
    let moved = diesel::update(audit_head::table.filter(audit_head::sequence.eq(before)))
        .set(row!(audit_head { sequence: last.sequence, digest: last.digest.to_string(), sealed_at: now }))
        .execute(db)?;
    if (sealed, moved) == (seals.len(), 1) {
        Ok(())
    } else {
        Err(StoreError::Conflict("another has sealed entries of the audit log".into()))
    }
}

/// Entries with their places, those after a place, in order, at most `limit`. A digest that is none is as none.
///
/// # Errors
/// When the database cannot be read.
pub fn after(db: &mut Db, sequence: i64, limit: i64) -> StoreResult<Vec<(i64, Option<ChainDigest>, Logged)>> {
    type Sealed = (Option<i64>, Option<String>, Row);
    let rows: Vec<Sealed> = audit::table
        .filter(audit::sequence.gt(sequence))
        .order(audit::sequence)
        .limit(limit)
        .select((audit::sequence, audit::digest, ENTRY))
        .load(db)?;
    let sealed = rows.into_iter().map(|(sequence, digest, row)| {
        (sequence.unwrap_or_default(), digest.and_then(|digest| digest.parse().ok()), logged(row))
    });
    Ok(sealed.collect())
}
