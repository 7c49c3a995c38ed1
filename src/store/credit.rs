//! Rules of learning hours, and the sessions that they are asked about.

use diesel::prelude::*;

use super::schema::{credit_rules, pairings, sessions};
use super::sessions::Session;
use super::types::{Day, Stamp};
use super::{Db, PersonId, StoreError, StoreResult};
use crate::domain::{CreditRule, CreditRules, SessionStatus};
use chrono::NaiveDate;

/// A rule as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRule {
    /// The rule.
    pub rule: CreditRule,
    /// Where it comes from, in words.
    pub source: String,
}

/// All rules, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn rules(db: &mut Db) -> StoreResult<Vec<StoredRule>> {
    type Row = (Day, i16, i16, i16, String);
    let rows: Vec<Row> = credit_rules::table
        .order(credit_rules::first_day)
        .select((
            credit_rules::first_day,
            credit_rules::jp_per_session,
            credit_rules::sessions_per_month,
            credit_rules::yearly_target,
            credit_rules::source,
        ))
        .load(db)?;
    let read = |(first_day, jp, a_month, target, source): Row| {
        let rule = CreditRule {
            first_day: first_day.0,
            jp_per_session: number(jp)?,
            sessions_per_month: number(a_month)?,
            yearly_target: number(target)?,
        };
        Ok(StoredRule { rule, source })
    };
    rows.into_iter().map(read).collect()
}

fn number(cell: i16) -> StoreResult<u16> {
    u16::try_from(cell).map_err(|why| StoreError::damaged("credit_rules", why))
}

/// The same as the rules of the field know them.
///
/// # Errors
/// When the database cannot be read.
pub fn book(db: &mut Db) -> StoreResult<CreditRules> {
    Ok(CreditRules::new(rules(db)?.into_iter().map(|stored| stored.rule).collect()))
}

/// Keeps a rule, in place of one with the same first day.
///
/// # Errors
/// When the database cannot be written.
pub fn save_rule(db: &mut Db, stored: &StoredRule, now: Stamp) -> StoreResult<()> {
    let rule = stored.rule;
    let cell = |number: u16| i16::try_from(number).unwrap_or(i16::MAX);
    upsert!(db, credit_rules by first_day, {
        first_day: Day(rule.first_day),
        jp_per_session: cell(rule.jp_per_session),
        sessions_per_month: cell(rule.sessions_per_month),
        yearly_target: cell(rule.yearly_target),
        source: &stored.source,
        changed_at: now,
    })
}

/// Takes a rule away.
///
/// # Errors
/// [`StoreError::NotFound`]
pub fn remove_rule(db: &mut Db, first_day: NaiveDate) -> StoreResult<()> {
    let removed = diesel::delete(credit_rules::table.find(Day(first_day))).execute(db)?;
    if removed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The sessions of a coachee, of all pairings, whose time has come and that were agreed on, in order of time.
///
/// # Errors
/// When the database cannot be read.
pub fn sessions_of(db: &mut Db, coachee: PersonId, now: Stamp) -> StoreResult<Vec<Session>> {
    let own = pairings::table.filter(pairings::coachee.eq(coachee)).select(pairings::id);
    let agreed = [SessionStatus::Scheduled, SessionStatus::Held, SessionStatus::Missed].map(SessionStatus::as_str);
    let past = sessions::starts_at.le(now).and(sessions::status.eq_any(agreed));
    let found = sessions::table.filter(sessions::pairing.eq_any(own)).filter(past);
    Ok(found.order((sessions::starts_at, sessions::id)).load(db)?)
}
