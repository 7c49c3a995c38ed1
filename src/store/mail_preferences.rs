//! What of the mail that is not needed people do not want.

use diesel::prelude::*;

use super::schema::mail_refusals;
use super::types::{Stamp, Word};
use super::{Db, PersonId, StoreResult};
use crate::domain::MailClass;

/// What a person does not want.
///
/// # Errors
/// When the database cannot be read.
pub fn refused(db: &mut Db, person: PersonId) -> StoreResult<Vec<MailClass>> {
    let rows: Vec<Word<MailClass>> = mail_refusals::table
        .filter(mail_refusals::person.eq(person))
        .order(mail_refusals::class)
        .select(mail_refusals::class)
        .load(db)?;
    Ok(rows.into_iter().map(|class| class.0).collect())
}

/// Notes that a person does not want a class; says whether that is new.
///
/// # Errors
/// When the database cannot be written, or there is no such person.
pub fn refuse(db: &mut Db, person: PersonId, class: MailClass, now: Stamp) -> StoreResult<bool> {
    let row = row!(mail_refusals { person: person, class: class.as_str(), refused_at: now });
    let insert = diesel::insert_into(mail_refusals::table).values(row);
    let new = match db {
        Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
        Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(new == 1)
}

/// Notes that a person wants a class after all; says whether that is new.
///
/// # Errors
/// When the database cannot be written.
pub fn want(db: &mut Db, person: PersonId, class: MailClass) -> StoreResult<bool> {
    Ok(diesel::delete(mail_refusals::table.find((person, class.as_str()))).execute(db)? == 1)
}
