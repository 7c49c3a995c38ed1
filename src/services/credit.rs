//! Learning hours (JP) of a coachee, and the dated rules that say what counts.

use chrono::{Datelike, NaiveDate};
use serde_json::json;
use uuid::Uuid;

use super::act::{Text, text};
use super::{Act, Denial, Fault, ServiceError, ServiceResult};
use crate::domain::credit::{Credit, Meeting, credit};
use crate::domain::{CreditRule, Zone};
use crate::store::credit::{self as stored, StoredRule};
use crate::store::sessions::Session;
use crate::store::{Db, PersonId, calendars};

const SOURCE: Text = Text { pointer: "/source", most: 500, expected: "credit.field.source" };

/// A session, and whether it counts.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The session.
    pub session: Session,
    /// Whether it counts.
    pub credit: Credit,
}

/// The learning hours of a coachee in a year.
#[derive(Debug, Clone)]
pub struct Year {
    /// Which year, by the coachee's calendar.
    pub year: i32,
    /// Those that count.
    pub jp: u32,
    /// Those wanted in the year, from all that a coachee learns, coaching or not.
    pub target: u32,
    /// The coachee's zone.
    pub zone: Zone,
    /// The sessions of the year whose time has come, in order of time.
    pub sessions: Vec<Judged>,
}

impl Year {
    /// Learning hours that coaching alone leaves to be learned otherwise.
    pub fn missing(&self) -> u32 {
        self.target.saturating_sub(self.jp)
    }
}

/// The learning hours of the coachee who acts, in a year, or in the present one of their calendar.
///
/// # Errors
/// When it is no coachee of the records.
pub fn own(db: &mut Db, act: &Act, year: Option<i32>) -> ServiceResult<Year> {
    let coachee = act.person()?;
    let zone = calendars::zone_of_coachee(db, coachee).map_err(|error| ServiceError::from(error).about("coachee"))?;
    let year = year.unwrap_or_else(|| zone.day(act.now.time()).year());
    let mut sessions = judged(db, act, coachee, zone)?;
    sessions.retain(|judged| judged.credit.day.year() == year);
    let target = u32::from(stored::book(db)?.target(year));
    let jp = sessions.iter().map(|judged| u32::from(judged.credit.jp())).sum();
    Ok(Year { year, jp, target, zone, sessions })
}

/// All sessions of a coachee whose time has come, of all pairings, and whether they count.
pub(super) fn judged(db: &mut Db, act: &Act, coachee: PersonId, zone: Zone) -> ServiceResult<Vec<Judged>> {
    let rules = stored::book(db)?;
    let sessions = stored::sessions_of(db, coachee, act.now)?;
    let meetings: Vec<Meeting> = sessions.iter().map(meeting).collect();
    let credits = credit(&rules, zone, &meetings);
    Ok(sessions.into_iter().zip(credits).map(|(session, credit)| Judged { session, credit }).collect())
}

pub(super) fn meeting(session: &Session) -> Meeting {
    Meeting { starts_at: session.starts_at.time(), status: session.status.0, said: session.said() }
}

/// All rules, the oldest first, to anybody.
///
/// # Errors
/// When the database cannot be read.
pub fn rules(db: &mut Db) -> ServiceResult<Vec<StoredRule>> {
    Ok(stored::rules(db)?)
}

/// Sets what sessions count for from a day on until the next rule, by the programme, in place of a rule with
/// the same first day. The day may lie in the past: learning hours are counted anew, certificates that were
/// issued stay as they are.
///
/// # Errors
/// When it is not the programme for all agencies, or a number cannot be.
pub fn set_rule(db: &mut Db, act: &Act, rule: CreditRule, source: &str) -> ServiceResult<StoredRule> {
    act.allow(act.by_programme())?;
    check(&rule)?;
    let stored_rule = StoredRule { rule, source: text(&SOURCE, source)? };
    act.record(db, "credit rule", |db, journal| {
        stored::save_rule(db, &stored_rule, act.now)?;
        let facts = json!({
            "first_day": rule.first_day,
            "jp_per_session": rule.jp_per_session,
            "sessions_per_month": rule.sessions_per_month,
            "yearly_target": rule.yearly_target,
        });
        journal.note("credit_rule", Uuid::nil(), "set", &facts)?;
        Ok(stored_rule.clone())
    })
}

/// Takes a rule away, by the programme: the one before holds on.
///
/// # Errors
/// When it is not the programme for all agencies, or there is no rule with this first day.
pub fn remove_rule(db: &mut Db, act: &Act, first_day: NaiveDate) -> ServiceResult<()> {
    act.allow(act.by_programme())?;
    act.record(db, "credit rule", |db, journal| {
        stored::remove_rule(db, first_day)?;
        journal.note("credit_rule", Uuid::nil(), "removed", &json!({ "first_day": first_day }))
    })
}

fn check(rule: &CreditRule) -> ServiceResult<()> {
    let bounds = [
        ("/jp_per_session", rule.jp_per_session, CreditRule::MOST_JP, "credit.field.jp_per_session"),
        ("/sessions_per_month", rule.sessions_per_month, CreditRule::MOST_A_MONTH, "credit.field.sessions_per_month"),
        ("/yearly_target", rule.yearly_target, CreditRule::MOST_A_YEAR, "credit.field.yearly_target"),
    ];
    let faults: Vec<Fault> = bounds
        .into_iter()
        .filter(|(_, number, most, _)| number > most)
        .map(|(pointer, _, _, expected)| Fault { pointer, expected })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Denial::Invalid(faults).into()) }
}
