//! Who acts, and the frame that every change of the workflow runs in: one transaction with
//! the change, its audit entries and its messages.

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use uuid::Uuid;

use super::{Caller, Denial, Refusal, Right, ServiceError, ServiceResult, eligible};
use crate::domain::{AgencyCode, Notice};
use crate::store::outbox::{self, Message};
use crate::store::types::{Doc, Stamp};
use crate::store::{AccountId, CohortId, Db, PersonId, audit, cohort_terms, people};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is signed in: as the person that they are, and as one who runs the programme if they do.
    Caller(Caller),
    /// A part of the program, by its name in the audit log.
    System(&'static str),
}

/// One act: who does it, when, and what they had before their eyes.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Stamp,
    /// The version of the thing that they saw, if they say so; it must be the present one.
    pub seen: Option<i32>,
}

impl Act {
    /// An act of somebody who does not say what they saw.
    pub const fn new(actor: Actor, now: Stamp) -> Self {
        Self { actor, now, seen: None }
    }

    /// An act of a caller, who may say which version they saw.
    pub fn of(caller: &Caller, now: Stamp, seen: Option<i32>) -> Self {
        Self { actor: Actor::Caller(caller.clone()), now, seen }
    }

    /// The same act, of somebody who saw this version.
    #[must_use]
    pub fn having_seen(self, version: i32) -> Self {
        Self { seen: Some(version), ..self }
    }

    /// The same act, of somebody who does not say what they saw.
    #[must_use]
    pub fn whatever_was_seen(&self) -> Self {
        Self { seen: None, ..self.clone() }
    }

    /// Whether it is this person, on their own behalf.
    pub(super) fn by(&self, person: PersonId) -> bool {
        matches!(&self.actor, Actor::Caller(caller) if caller.person == Some(person))
    }

    /// Whether who acts is this person: what a page is written for.
    pub fn is(&self, person: PersonId) -> bool {
        self.by(person)
    }

    /// Whether it is whoever runs the programme for all agencies.
    pub(super) fn by_programme(&self) -> bool {
        match &self.actor {
            Actor::Caller(caller) => caller.check(Right::NationalAdmin).is_ok(),
            Actor::System(_) => true,
        }
    }

    /// Whether it is whoever runs the programme for all agencies, or for the agency of this person.
    pub(super) fn by_programme_of(&self, db: &mut Db, person: PersonId) -> ServiceResult<bool> {
        match &self.actor {
            Actor::Caller(caller) if caller.check(Right::Admin).is_ok() => match caller.agency() {
                None => Ok(true),
                Some(own) => Ok(people::is_of(db, person, own)?),
            },
            Actor::Caller(_) => Ok(false),
            Actor::System(_) => Ok(true),
        }
    }

    /// Whether it is whoever runs the programme for all agencies, or for the one that a cohort is for.
    pub(super) fn by_programme_of_cohort(&self, db: &mut Db, cohort: CohortId) -> ServiceResult<bool> {
        match &self.actor {
            Actor::Caller(caller) if caller.check(Right::Admin).is_ok() => match caller.agency() {
                None => Ok(true),
                Some(own) => Ok(cohort_terms::is_of_agency(db, cohort, own)?),
            },
            Actor::Caller(_) => Ok(false),
            Actor::System(_) => Ok(true),
        }
    }

    /// The day it is for the programme.
    pub fn today(&self) -> NaiveDate {
        eligible::today(self.now)
    }

    /// The agency to which whoever runs the programme is confined; none: all.
    pub(super) fn agency(&self) -> ServiceResult<Option<AgencyCode>> {
        match &self.actor {
            Actor::Caller(caller) => {
                caller.check(Right::Admin)?;
                Ok(caller.agency().cloned())
            }
            Actor::System(_) => Ok(None),
        }
    }

    /// Whoever runs the programme, for all agencies or for one.
    pub(super) fn admin(&self) -> ServiceResult<&Caller> {
        match &self.actor {
            Actor::Caller(caller) => {
                caller.check(Right::Admin)?;
                Ok(caller)
            }
            Actor::System(_) => Err(ServiceError::Forbidden),
        }
    }

    /// The agency to which what may be watched is confined, of whoever runs the programme or audits it; none: all.
    pub(super) fn watched_agency(&self) -> ServiceResult<Option<AgencyCode>> {
        match &self.actor {
            Actor::Caller(caller) => {
                caller.check(Right::Watcher)?;
                Ok(caller.watched_agency().cloned())
            }
            Actor::System(_) => Ok(None),
        }
    }

    /// The account that acts; none: a part of the program.
    pub(super) fn account(&self) -> Option<AccountId> {
        match &self.actor {
            Actor::Caller(caller) => Some(caller.account),
            Actor::System(_) => None,
        }
    }

    /// The person who acts on their own behalf.
    pub(super) fn person(&self) -> ServiceResult<PersonId> {
        match &self.actor {
            Actor::Caller(caller) => Ok(caller.person()?),
            Actor::System(_) => Err(ServiceError::Forbidden),
        }
    }

    /// Lets pass who is allowed.
    pub(super) fn allow(&self, allowed: bool) -> ServiceResult<()> {
        if allowed { Ok(()) } else { Err(ServiceError::Forbidden) }
    }

    /// Lets pass who has seen the present version, or does not say.
    pub(super) fn saw(&self, version: i32) -> ServiceResult<()> {
        if self.seen.is_none_or(|seen| seen == version) { Ok(()) } else { Err(Refusal::Stale.into()) }
    }

    /// Makes a change within a transaction: what the body does, and what it puts into the journal.
    pub(super) fn record<T>(
        &self,
        db: &mut Db,
        thing: &str,
        body: impl FnOnce(&mut Db, &mut Journal) -> ServiceResult<T>,
    ) -> ServiceResult<T> {
        let mut journal = Journal { act: self.clone(), events: Vec::new(), messages: Vec::new() };
        let done = body(db, &mut journal).map_err(|error| error.about(thing))?;
        journal.keep(db)?;
        Ok(done)
    }
}

/// What is to be remembered and told about a change.
pub(super) struct Journal {
    act: Act,
    events: Vec<audit::Event>,
    messages: Vec<Message>,
}

impl Journal {
    /// When the change happens.
    pub(super) const fn now(&self) -> Stamp {
        self.act.now
    }

    /// Notes what was done to what: exactly once for each change of a version.
    pub(super) fn note(
        &mut self,
        subject_kind: &'static str,
        subject: Uuid,
        done: &str,
        changes: &impl Serialize,
    ) -> ServiceResult<()> {
        let action = format!("{subject_kind}.{done}");
        self.events.push(audit::Event { action, subject_kind, subject, changes: doc(changes)? });
        Ok(())
    }

    /// Lets a person know, with the id of what it is about.
    pub(super) fn tell(&mut self, kind: Notice, person: PersonId, about: Uuid) -> ServiceResult<()> {
        self.tell_with(kind, person, about, &serde_json::json!({}))
    }

    /// The same with facts that are gone when the letter is written, such as the time before a change: an
    /// object, without personal data.
    pub(super) fn tell_with(
        &mut self,
        kind: Notice,
        person: PersonId,
        about: Uuid,
        facts: &serde_json::Value,
    ) -> ServiceResult<()> {
        let mut data = facts.clone();
        data["about"] = serde_json::json!(about);
        self.messages.push(Message { kind, person, data: doc(&data)?, not_before: None });
        Ok(())
    }

    /// Lets a person know after a while what may have changed by then: the letter says how things stand when it
    /// is sent, or is not sent at all.
    pub(super) fn tell_after(
        &mut self,
        wait: TimeDelta,
        kind: Notice,
        person: PersonId,
        about: Uuid,
    ) -> ServiceResult<()> {
        let data = doc(&serde_json::json!({ "about": about }))?;
        let not_before = Some(Stamp::new(self.act.now.time() + wait));
        self.messages.push(Message { kind, person, data, not_before });
        Ok(())
    }

    fn keep(self, db: &mut Db) -> ServiceResult<()> {
        let actor = match &self.act.actor {
            Actor::Caller(caller) => caller.account.to_string(),
            Actor::System(name) => (*name).to_owned(),
        };
        audit::append_all(db, &actor, &self.events, self.act.now)?;
        outbox::queue(db, &self.messages, self.act.now)?;
        Ok(())
    }
}

fn doc(value: &impl Serialize) -> ServiceResult<Doc> {
    Doc::of(value).map_err(|why| ServiceError::Internal(why.to_string()))
}

/// A text that somebody wrote, without white space at its ends.
pub(super) fn text(wanted: &Text, text: &str) -> ServiceResult<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > wanted.most {
        return Err(Denial::fault(wanted.pointer, wanted.expected).into());
    }
    Ok(text.to_owned())
}

/// The same where nothing need be written; white space is nothing.
pub(super) fn optional_text(wanted: &Text, given: Option<&str>) -> ServiceResult<Option<String>> {
    given.filter(|given| !given.trim().is_empty()).map(|given| text(wanted, given)).transpose()
}

/// What a text must be: where it stands, at most how many characters, and the key of the sentence that says so.
pub(super) struct Text {
    pub(super) pointer: &'static str,
    pub(super) most: usize,
    pub(super) expected: &'static str,
}
