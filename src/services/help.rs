//! A pair that asks for help: one of the two writes to those who run the programme, by mail.

use chrono::TimeDelta;
use serde_json::json;

use super::act::{Text, text};
use super::context::doc;
use super::limits::{self, Bucket, Limit};
use super::shown::PairingShown;
use super::{Act, Actor, Context, Denial, ServiceError, ServiceResult, pairings, sessions};
use crate::domain::{AccountStatus, MailStatus, Notice, Role, Side};
use crate::store::notices::{self, AdminAccount};
use crate::store::outbox::{self, Mail};
use crate::store::pairings::Pairing;
use crate::store::types::Word;
use crate::store::{Db, OutboxId, PairingId, people};

const TEXT: Text = Text { pointer: "/text", most: 1000, expected: "error.field.question" };
/// Three at once, and one more every eight hours.
const CALLS: Limit = Limit { name: "help", burst: 3, every: TimeDelta::hours(8) };

/// A pairing, to either of the two who may ask for help with it.
///
/// # Errors
/// When it is neither of them.
pub fn pairing(db: &mut Db, act: &Act, id: PairingId) -> ServiceResult<PairingShown> {
    let shown = pairings::get(db, act, id)?.shown;
    sessions::side(act, &shown.pairing).ok_or(ServiceError::Forbidden)?;
    Ok(shown)
}

/// Sends what one of the two says to those who run the programme for the coachee's agency, and to those who run all of
/// it; not to the other of the two, who may be one of them. Says how many are written to.
///
/// # Errors
/// When it is neither of the two, nothing is said or too much, it was done too often of late, or there is nobody who
/// could help.
pub fn ask(db: &mut Db, cx: &Context, act: &Act, id: PairingId, says: &str) -> ServiceResult<usize> {
    let says = text(&TEXT, says)?;
    act.record(db, "pairing", |db, journal| {
        let pairing = pairing(db, act, id)?.pairing;
        let side = sessions::side(act, &pairing).ok_or(ServiceError::Forbidden)?;
        let helpers = helpers(db, &pairing, side)?;
        if helpers.is_empty() {
            return Err(Denial::fault("/text", "error.field.nobody_helps").into());
        }
        if let Actor::Caller(caller) = &act.actor {
            limits::take(db, cx, &[Bucket(CALLS, &caller.account.to_string())])?;
        }
        for helper in &helpers {
            let facts = json!({ "about": id, "by": pairing.person(side), "name": helper.name, "says": says });
            outbox::add(
                db,
                &Mail {
                    id: OutboxId::new(),
                    kind: Notice::HelpAsked.to_string(),
                    person: None,
                    address: Some(Word(helper.email.clone())),
                    language: Some(helper.language.clone()),
                    data: doc(&facts)?,
                    status: Word(MailStatus::Queued),
                    not_before: act.now,
                    created_at: act.now,
                },
            )?;
        }
        journal.note("help", id.uuid(), "asked", &json!({ "side": side, "letters": helpers.len() }))?;
        Ok(helpers.len())
    })
}

/// Who runs the programme for a pairing, and is not the other of the two.
fn helpers(db: &mut Db, pairing: &Pairing, side: Side) -> ServiceResult<Vec<AdminAccount>> {
    let other = match side {
        Side::Coachee => pairing.coach,
        Side::Coach => pairing.coachee,
    };
    let agencies = people::agencies_of(db, pairing.coachee)?;
    let mut admins = notices::admins(db, None)?;
    admins.retain(|admin| {
        let of_agency = admin.agency.as_ref().is_some_and(|own| agencies.contains(own));
        let in_charge = admin.role == Role::NationalAdmin || of_agency;
        in_charge && admin.status == AccountStatus::Active && admin.person != Some(other)
    });
    Ok(admins)
}
