//! What a person may ask about what is held about them: to see it, to agree or not, to have it corrected or erased.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::act::{Text, text};
use super::context::note;
use super::passwords::confirmed;
use super::session_notes;
use super::{Caller, Context, Denial, Refusal, Right, ServiceError, ServiceResult};
use crate::auth::Vault;
use crate::domain::{DataRequestStatus, DataWish, Purpose};
use crate::store::data_requests::{self, Consent, DataRequest};
use crate::store::types::{Stamp, Word};
use crate::store::{DataRequestId, Db, numbers, personal};

const WISH: Text = Text { pointer: "/wish", most: 2000, expected: "error.field.long_text" };
const REASON: Text = Text { pointer: "/reason", most: 2000, expected: "error.field.long_text" };
const ANSWER: Text = Text { pointer: "/answer", most: 2000, expected: "error.field.long_text" };

/// All that is held about somebody: by the names of the tables, rows with their columns.
pub type Held = BTreeMap<&'static str, Vec<Map<String, Value>>>;

/// All that is held about the caller, also what lies encrypted: the own notes and those that both of a pair share.
/// Secrets and copies of what stands elsewhere are left out.
///
/// # Errors
/// Those of the store, and when something sealed cannot be opened.
pub fn held(db: &mut Db, vault: &Vault, caller: &Caller) -> ServiceResult<Held> {
    let who = personal::somebody(db, caller.account)?;
    let mut held = Held::new();
    for table in personal::TABLES {
        let mut rows = Vec::new();
        for line in personal::rows(db, table, &who)? {
            let row: Map<String, Value> =
                serde_json::from_str(&line).map_err(|why| ServiceError::Internal(why.to_string()))?;
            rows.push(row.into_iter().filter(|(_, value)| !value.is_null()).collect());
        }
        held.insert(table.name, rows);
    }
    for row in held.get_mut("session_notes").into_iter().flatten() {
        session_notes::open_row(vault, row)?;
    }
    let number = match who.person {
        Some(person) => numbers::of(db, person)?,
        None => None,
    };
    if let (Some(number), Some(row)) = (number, held.get_mut("identity_numbers").and_then(|rows| rows.first_mut())) {
        row.insert("number".into(), number.number().into());
    }
    held.retain(|_, rows| !rows.is_empty());
    Ok(held)
}

/// Where each purpose stands: the newest word, if there is one.
///
/// # Errors
/// Those of the store.
pub fn consents(db: &mut Db, caller: &Caller) -> ServiceResult<(BTreeMap<Purpose, bool>, Vec<Consent>)> {
    let ledger = data_requests::consents_of(db, caller.account)?;
    let newest = |purpose: &Purpose| ledger.iter().find(|entry| entry.purpose.0 == *purpose);
    let stands = |purpose: &Purpose| newest(purpose).is_some_and(|one| one.given && one.version == purpose.version());
    let now = Purpose::ALL.iter().map(|purpose| (*purpose, stands(purpose))).collect();
    Ok((now, ledger))
}

/// Agrees to a purpose, or takes that back. The earlier word stays in the ledger.
///
/// # Errors
/// Those of the store.
pub fn consent(db: &mut Db, caller: &Caller, purpose: Purpose, given: bool, now: Stamp) -> ServiceResult<()> {
    data_requests::consent(db, caller.account, purpose, given, now)?;
    let facts = json!({ "purpose": purpose, "version": purpose.version(), "given": given });
    note(db, caller.account, "consent.noted", ("account", caller.account.uuid()), &facts, now)
}

/// The caller's own requests about their data, the oldest first, those younger than `after`.
///
/// # Errors
/// Those of the store.
pub fn own_requests(
    db: &mut Db,
    caller: &Caller,
    after: Option<DataRequestId>,
    limit: i64,
) -> ServiceResult<Vec<DataRequest>> {
    Ok(data_requests::list(db, Some(caller.account), None, after, limit)?)
}

/// Asks that something that comes from official records be corrected. An admin of all answers.
///
/// # Errors
/// [`Denial::Invalid`] for texts that are none.
pub fn ask_correction(
    db: &mut Db,
    caller: &Caller,
    wish: &str,
    reason: &str,
    now: Stamp,
) -> ServiceResult<DataRequest> {
    let new = DataRequest {
        wish: Some(text(&WISH, wish)?),
        reason: Some(text(&REASON, reason)?),
        ..asked(caller, DataWish::Correction, None, now)
    };
    data_requests::create(db, &new)?;
    noted(db, caller, &new, "asked", now)?;
    Ok(new)
}

fn asked(caller: &Caller, kind: DataWish, due_at: Option<Stamp>, now: Stamp) -> DataRequest {
    DataRequest {
        id: DataRequestId::new(),
        account: caller.account,
        kind: Word(kind),
        status: Word(DataRequestStatus::Open),
        wish: None,
        reason: None,
        answer: None,
        due_at,
        decided_by: None,
        decided_at: None,
        created_at: now,
    }
}

fn noted(db: &mut Db, caller: &Caller, request: &DataRequest, done: &str, now: Stamp) -> ServiceResult<()> {
    let facts = json!({ "kind": request.kind.0 });
    note(db, caller.account, &format!("data_request.{done}"), ("data_request", request.id.uuid()), &facts, now)
}

/// Lets pass who gives the password of the account once more, and is no admin: who runs the programme hands that over
/// first, so that it is never without anybody.
///
/// # Errors
/// [`Denial::WrongCredentials`], [`Denial::TooMany`], or [`Refusal::RunsProgramme`].
pub fn may_be_erased(cx: &Context, caller: &Caller, password: &str) -> ServiceResult<()> {
    if caller.grants.iter().any(|grant| grant.role.needs_second_factor()) {
        return Err(Refusal::RunsProgramme.into());
    }
    confirmed(cx, caller, password).map(drop)
}

/// Asks to be erased, after the password was [given once more](may_be_erased). It is done after so many days, or by an
/// admin of all before, and may be taken back until then.
///
/// # Errors
/// [`Refusal::ErasureAsked`] when it was asked for before.
pub fn ask_erasure(db: &mut Db, caller: &Caller, days: u16, now: Stamp) -> ServiceResult<DataRequest> {
    if open_erasure(db, caller)?.is_some() {
        return Err(Refusal::ErasureAsked.into());
    }
    let due_at = Stamp::new(now.time() + TimeDelta::days(days.into()));
    let new = asked(caller, DataWish::Erasure, Some(due_at), now);
    data_requests::create(db, &new)?;
    noted(db, caller, &new, "asked", now)?;
    Ok(new)
}

fn open_erasure(db: &mut Db, caller: &Caller) -> ServiceResult<Option<DataRequest>> {
    let open = data_requests::list(db, Some(caller.account), Some(DataRequestStatus::Open), None, 200)?;
    Ok(open.into_iter().find(|request| request.kind.0 == DataWish::Erasure))
}

/// Takes the wish to be erased back.
///
/// # Errors
/// When there is none.
pub fn withdraw_erasure(db: &mut Db, caller: &Caller, now: Stamp) -> ServiceResult<()> {
    let open = open_erasure(db, caller)?;
    let open = open.ok_or_else(|| ServiceError::Missing("there is no wish to be erased".into()))?;
    data_requests::decide(db, open.id, DataRequestStatus::Withdrawn, None, None, now)?;
    noted(db, caller, &open, "withdrawn", now)
}

/// The queue of requests about data, the oldest first, for an admin of all.
///
/// # Errors
/// When it is none.
pub fn queue(
    db: &mut Db,
    caller: &Caller,
    status: Option<DataRequestStatus>,
    after: Option<DataRequestId>,
    limit: i64,
) -> ServiceResult<Vec<DataRequest>> {
    caller.check(Right::NationalAdmin)?;
    Ok(data_requests::list(db, None, status, after, limit)?)
}

/// Answers a correction: it was made in the records, or it is refused.
///
/// # Errors
/// [`Denial::Decided`], or when it is no correction or there is none such.
pub fn answer(
    db: &mut Db,
    caller: &Caller,
    id: DataRequestId,
    done: bool,
    answer: &str,
    now: Stamp,
) -> ServiceResult<DataRequest> {
    caller.check(Right::NationalAdmin)?;
    let answer = text(&ANSWER, answer)?;
    let request = data_requests::get(db, id).map_err(|why| ServiceError::from(why).about("request"))?;
    if request.kind.0 != DataWish::Correction {
        return Err(ServiceError::Missing("there is no such correction".into()));
    }
    let status = if done { DataRequestStatus::Done } else { DataRequestStatus::Refused };
    if !data_requests::decide(db, id, status, Some(&answer), Some(caller.account), now)? {
        return Err(Denial::Decided.into());
    }
    noted(db, caller, &request, status.as_str(), now)?;
    Ok(data_requests::get(db, id)?)
}
