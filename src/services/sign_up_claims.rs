//! Who says that they are a coachee of whom the records have no address waits for an admin who knows them.

use serde_json::json;

use super::context::note;
use super::sign_ups::{self, SignUp};
use super::{Caller, Context, Denial, ServiceResult};
use crate::domain::{ClaimStatus, Email};
use crate::store::accounts;
use crate::store::sign_up_claims::{self as claims, Listed, SignUpClaim};
use crate::store::types::{Stamp, Word};
use crate::store::{Db, PersonId, SignUpClaimId, StoreError};

/// Who a claim comes from, in the audit log: nobody whom the service knows.
const ANYBODY: &str = "anybody";
/// How long the link of a confirmed claim can be used, in hours: it is not asked for at the moment when it comes.
const HOURS: i64 = 14 * 24;

/// Puts a claim into the queue of the admins. A second one with the same address adds nothing.
pub(super) fn keep(db: &mut Db, person: PersonId, sign_up: &SignUp, now: Stamp) -> ServiceResult<()> {
    let claim = SignUpClaim {
        id: SignUpClaimId::new(),
        person,
        email: Word(sign_up.email.clone()),
        language: sign_up.language.clone(),
        status: Word(ClaimStatus::Pending),
        decided_by: None,
        decided_at: None,
        created_at: now,
    };
    if claims::create(db, &claim)? {
        note(db, ANYBODY, "sign_up_claim.made", ("sign_up_claim", claim.id.uuid()), &json!({}), now)?;
    }
    Ok(())
}

/// Claims that are the caller's affair, the oldest first.
///
/// # Errors
/// Those of the store.
pub fn list(
    db: &mut Db,
    caller: &Caller,
    status: Option<ClaimStatus>,
    after: Option<SignUpClaimId>,
    limit: i64,
) -> ServiceResult<Vec<Listed>> {
    Ok(claims::list(db, caller.agency(), status, after, limit)?)
}

/// Confirms that the address is the coachee's: the link to open the account goes there. Other claims about the
/// coachee that wait are refused with it.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not the caller's affair, [`Denial::Decided`], or [`Denial::AccountExists`] when
/// the coachee or the address has an account by now.
pub fn confirm(db: &mut Db, cx: &Context, caller: &Caller, id: SignUpClaimId) -> ServiceResult<Listed> {
    let listed = decide(db, cx, caller, id, ClaimStatus::Confirmed)?;
    let (person, email): (_, &Email) = (listed.claim.person, &listed.claim.email.0);
    if accounts::of_person(db, person)?.is_some() || accounts::by_email(db, email.as_str())?.is_some() {
        return Err(Denial::AccountExists.into());
    }
    for other in claims::pending_of(db, person)? {
        decide(db, cx, caller, other, ClaimStatus::Refused)?;
    }
    sign_ups::send_link(db, cx, Some((person, &listed.name)), email, &listed.claim.language, HOURS)?;
    Ok(listed)
}

/// Refuses a claim. Nothing is sent to an address of which nobody knows whose it is.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not the caller's affair, or [`Denial::Decided`].
pub fn refuse(db: &mut Db, cx: &Context, caller: &Caller, id: SignUpClaimId) -> ServiceResult<Listed> {
    decide(db, cx, caller, id, ClaimStatus::Refused)
}

fn decide(db: &mut Db, cx: &Context, caller: &Caller, id: SignUpClaimId, status: ClaimStatus) -> ServiceResult<Listed> {
    let agency = claims::get(db, id)?.agency.0;
    caller.check_admin_of(Some(&agency)).map_err(|_| StoreError::NotFound)?;
    if !claims::decide(db, id, status, caller.account, cx.now)? {
        return Err(Denial::Decided.into());
    }
    let action = format!("sign_up_claim.{status}");
    note(db, caller.account, &action, ("sign_up_claim", id.uuid()), &json!({}), cx.now)?;
    Ok(claims::get(db, id)?)
}
