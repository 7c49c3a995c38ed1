//! What of the mail that is not needed readers do not want: people of the records, and accounts that belong to nobody there.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::schema::{account_mail_refusals, mail_refusals};
use super::types::{Stamp, Word};
use super::{AccountId, Db, PersonId, StoreResult};
use crate::domain::MailClass;

/// Somebody who gets mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// A person of the records.
    Person(PersonId),
    /// An account that belongs to nobody there.
    Account(AccountId),
}

impl Reader {
    /// The reader behind an account, and behind the person that it belongs to, if it does.
    pub fn of(account: AccountId, person: Option<PersonId>) -> Self {
        person.map_or(Self::Account(account), Self::Person)
    }

    /// The id.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Person(person) => person.uuid(),
            Self::Account(account) => account.uuid(),
        }
    }
}

impl From<PersonId> for Reader {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}

/// What a reader does not want.
///
/// # Errors
/// When the database cannot be read.
pub fn refused(db: &mut Db, reader: Reader) -> StoreResult<Vec<MailClass>> {
    let rows: Vec<Word<MailClass>> = match reader {
        Reader::Person(person) => mail_refusals::table
            .filter(mail_refusals::person.eq(person))
            .order(mail_refusals::class)
            .select(mail_refusals::class)
            .load(db)?,
        Reader::Account(account) => account_mail_refusals::table
            .filter(account_mail_refusals::account.eq(account))
            .order(account_mail_refusals::class)
            .select(account_mail_refusals::class)
            .load(db)?,
    };
    Ok(rows.into_iter().map(|class| class.0).collect())
}

/// Which of some readers do not want a class.
///
/// # Errors
/// When the database cannot be read.
pub fn unwilling(db: &mut Db, readers: &[Reader], class: MailClass) -> StoreResult<HashSet<Reader>> {
    let people = readers.iter().filter_map(|reader| if let Reader::Person(id) = reader { Some(*id) } else { None });
    let accounts = readers.iter().filter_map(|reader| if let Reader::Account(id) = reader { Some(*id) } else { None });
    let people: Vec<PersonId> = mail_refusals::table
        .filter(mail_refusals::class.eq(class.as_str()).and(mail_refusals::person.eq_any(people)))
        .select(mail_refusals::person)
        .load(db)?;
    let accounts: Vec<AccountId> = account_mail_refusals::table
        .filter(account_mail_refusals::class.eq(class.as_str()).and(account_mail_refusals::account.eq_any(accounts)))
        .select(account_mail_refusals::account)
        .load(db)?;
    Ok(people.into_iter().map(Reader::Person).chain(accounts.into_iter().map(Reader::Account)).collect())
}

/// Notes that a reader does not want a class; says whether that is new.
///
/// # Errors
/// When the database cannot be written, or there is no such reader.
pub fn refuse(db: &mut Db, reader: Reader, class: MailClass, now: Stamp) -> StoreResult<bool> {
    macro_rules! insert {
        ($table:ident, $column:ident, $id:expr) => {{
            let row = row!($table { $column: $id, class: class.as_str(), refused_at: now });
            let insert = diesel::insert_into($table::table).values(row);
            match db {
                Db::Pg(pg) => insert.on_conflict_do_nothing().execute(pg)?,
                Db::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
            }
        }};
    }
    let new = match reader {
        Reader::Person(id) => insert!(mail_refusals, person, id),
        Reader::Account(id) => insert!(account_mail_refusals, account, id),
    };
    Ok(new == 1)
}

/// Notes that a reader wants a class after all; says whether that is new.
///
/// # Errors
/// When the database cannot be written.
pub fn want(db: &mut Db, reader: Reader, class: MailClass) -> StoreResult<bool> {
    let gone = match reader {
        Reader::Person(id) => diesel::delete(mail_refusals::table.find((id, class.as_str()))).execute(db)?,
        Reader::Account(id) => diesel::delete(account_mail_refusals::table.find((id, class.as_str()))).execute(db)?,
    };
    Ok(gone == 1)
}
