//! What a clock makes the programme say to people: reminders, questions after a session, nudges.
//!
//! Each job looks for what is due and was not said, a batch at a time, and says it: the note that it was said and the
//! message are one transaction, so that any number of processes, killed anywhere, say it once.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};

use super::context::doc;
use super::{Act, ServiceResult, attendance};
use crate::domain::{Notice, PROPOSAL_LIVES_DAYS, Zone};
use crate::store::notices::{self, Due};
use crate::store::outbox::{self, Message};
use crate::store::types::Stamp;
use crate::store::{Db, Store, StoreResult, session_letters};

/// How many are looked up, and said in one transaction.
const AT_A_TIME: i64 = 200;
/// How long before a session people are reminded the first time, and the second.
const DAY: TimeDelta = TimeDelta::days(1);
const HOUR: TimeDelta = TimeDelta::hours(1);
/// How long before a proposed session whoever has not said yes is reminded.
const TWO_DAYS: TimeDelta = TimeDelta::days(2);
/// So near to a session the first reminder has no point any more.
const TOO_NEAR: TimeDelta = TimeDelta::hours(3);
/// How long after a session its questions may still come, if nobody worked before.
const LATE: TimeDelta = TimeDelta::days(14);

/// Gives up proposals of sessions whose time has come without a yes, and tells both; says how many.
///
/// # Errors
/// Those of the store; what was given up by then stays so.
pub fn give_up_proposals(store: &Store, act: &Act) -> ServiceResult<usize> {
    let mut all = 0;
    loop {
        let given_up = store.write(|db| attendance::give_up_due(db, act, AT_A_TIME))?;
        all += given_up;
        if given_up == 0 {
            return Ok(all);
        }
    }
}

/// Reminds both of a session, a day before and an hour before; says how often. A time that was agreed on after a
/// reminder of it would have gone out is not reminded of: its invitation has just come.
///
/// # Errors
/// Those of the store; what was said by then stays so.
pub fn of_sessions(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let agreed_before = |lead: TimeDelta| move |due: &Due| due.known_since.time() <= due.at.time() - lead;
    let day = Kind { name: "session_reminder.day", notice: Notice::SessionReminder, facts: sequence };
    let near = |db: &mut Db| notices::sessions_near(db, day.name, after(now, TOO_NEAR), after(now, DAY), AT_A_TIME);
    let first = say(store, day, now, near, agreed_before(DAY))?;
    let hour = Kind { name: "session_reminder.hour", ..day };
    let near = |db: &mut Db| notices::sessions_near(db, hour.name, now, after(now, HOUR), AT_A_TIME);
    Ok(first + say(store, hour, now, near, agreed_before(HOUR))?)
}

/// Reminds whoever has not said yes to a proposed session, two days before it, or half-way to it if it was proposed
/// later; says how often.
///
/// # Errors
/// Those of the store; what was said by then stays so.
pub fn of_proposals(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let kind = Kind { name: "session_unanswered", notice: Notice::SessionUnanswered, facts: sequence };
    let near = |db: &mut Db| notices::proposals_near(db, kind.name, now, after(now, TWO_DAYS), AT_A_TIME);
    say(store, kind, now, near, |_| true)
}

/// Reminds whoever has an offer or a proposal to answer, a day before the time is over; says how often.
///
/// # Errors
/// Those of the store; what was said by then stays so.
pub fn of_offers(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let kind = Kind { name: "offer_reminder", notice: Notice::OfferReminder, facts: nothing };
    let put_before = Stamp::new(now.time() - DAY);
    let near = |db: &mut Db| notices::offers_near(db, kind.name, put_before, now, after(now, DAY), AT_A_TIME);
    say(store, kind, now, near, |_| true)
}

/// Asks after a session: both how it was, if it was held, and each who has not said whether it was, whatever the other
/// says. Says how often.
///
/// # Errors
/// Those of the store; what was said by then stays so.
pub fn after_sessions(store: &Store, now: Stamp) -> ServiceResult<usize> {
    let since = Stamp::new(now.time() - LATE);
    let feedback = Kind { name: "feedback_asked", notice: Notice::FeedbackAsked, facts: nothing };
    let held = |db: &mut Db| notices::without_feedback(db, feedback.name, since, now, AT_A_TIME);
    let asked = say(store, feedback, now, held, |_| true)?;
    let attendance = Kind { name: "attendance_asked", notice: Notice::AttendanceAsked, facts: nothing };
    let silent = |db: &mut Db| notices::without_word(db, attendance.name, since, now, AT_A_TIME);
    Ok(asked + say(store, attendance, now, silent, |_| true)?)
}

/// Nudges both of a pair that has not met for so many days and has agreed on no session, at most once in as many days, by
/// day; says how often.
///
/// # Errors
/// Those of the store; what was said by then stays so.
pub fn of_quiet_pairs(store: &Store, now: Stamp, days: u16) -> ServiceResult<usize> {
    if !(8..17).contains(&Zone::Wib.clock(now.time()).hour()) {
        return Ok(0);
    }
    let kind = Kind { name: "pair_quiet", notice: Notice::PairQuiet, facts: nothing };
    let since = Stamp::new(now.time() - TimeDelta::days(days.into()));
    let proposed_since = Stamp::new(now.time() - TimeDelta::days(PROPOSAL_LIVES_DAYS));
    let mark = Zone::Wib.day(now.time()).to_string();
    let quiet = |db: &mut Db| notices::quiet(db, kind.name, since, proposed_since, &mark, AT_A_TIME);
    say(store, kind, now, quiet, |_| true)
}

/// A kind of thing to say: the word by which it is remembered, the message, and what the message holds.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) notice: Notice,
    pub(super) facts: fn(&Due) -> Value,
}

pub(super) fn nothing(due: &Due) -> Value {
    json!({ "about": due.about })
}

fn sequence(due: &Due) -> Value {
    json!({ "about": due.about, "sequence": due.mark.parse::<i32>().ok() })
}

fn after(now: Stamp, time: TimeDelta) -> Stamp {
    let at: DateTime<Utc> = now.time() + time;
    Stamp::new(at)
}

/// Says all that is due; says how much was said. What is not worth it is remembered as said.
pub(super) fn say(
    store: &Store,
    kind: Kind,
    now: Stamp,
    find: impl Fn(&mut Db) -> StoreResult<Vec<Due>>,
    is_worth_it: impl Fn(&Due) -> bool,
) -> ServiceResult<usize> {
    let mut said = 0;
    loop {
        let due = store.read(&find)?;
        if due.is_empty() {
            return Ok(said);
        }
        said += store.write(|db| say_some(db, kind, now, &due, &is_worth_it))?;
    }
}

fn say_some(
    db: &mut Db,
    kind: Kind,
    now: Stamp,
    due: &[Due],
    is_worth_it: impl Fn(&Due) -> bool,
) -> ServiceResult<usize> {
    let people: Vec<_> = due.iter().map(|one| one.person).collect();
    let refusals = session_letters::refusals(db, &people)?;
    let wanted = |one: &Due| kind.notice.class().is_none_or(|class| !refusals.contains(&(one.person, class)));
    let mut messages = Vec::new();
    for one in due {
        // Whoever else has said it since it was looked up has told the reader too.
        if notices::give(db, kind.name, one, now)? && wanted(one) && is_worth_it(one) {
            messages.push(Message {
                kind: kind.notice,
                person: one.person,
                data: doc(&(kind.facts)(one))?,
                not_before: None,
            });
        }
    }
    outbox::queue(db, &messages, now)?;
    Ok(messages.len())
}
