//! Guests of a demo: a coachee and a coach who can sign in.

use serde_json::json;

use super::context::note;
use super::{Context, ServiceError, ServiceResult, accounts, people};
use crate::auth::random_token;
use crate::domain::{AccountName, Email, PersonCode, Role};
use crate::store::accounts::{self as stored, Grant, NewAccount};
use crate::store::{Db, RunId, pairs};

/// Characters of a guest's password: more than anybody could try.
const PASSWORD_LENGTH: usize = 20;

/// Somebody of a demo who can sign in.
pub struct Guest {
    /// As what.
    pub role: Role,
    /// Who they are in the records.
    pub person: PersonCode,
    /// With which address.
    pub email: Email,
    /// With which password.
    pub password: String,
}

/// Lets the first coachee whom a run has paired, and the coach of that pair, sign in: with new passwords at
/// every call, so that none has to be kept anywhere.
///
/// # Errors
/// When the run has no pair, or those of the store.
pub fn invite(cx: &Context, run: RunId) -> ServiceResult<Vec<Guest>> {
    let first = cx.store.read(|db| pairs::page(db, run, None, 1))?.items.into_iter().next();
    let Some(pair) = first else { return Ok(Vec::new()) };
    let wanted = [(Role::Coachee, pair.coachee.code), (Role::Coach, pair.coach.code)];
    wanted.into_iter().map(|(role, person)| guest(cx, role, person)).collect()
}

fn guest(cx: &Context, role: Role, person: PersonCode) -> ServiceResult<Guest> {
    let unreadable = |why: &dyn std::fmt::Display| ServiceError::Internal(why.to_string());
    let email: Email = format!("{role}@demo.test").parse().map_err(|why| unreadable(&why))?;
    let name: AccountName = format!("Demo {role}").parse().map_err(|why| unreadable(&why))?;
    let password: String = random_token().chars().take(PASSWORD_LENGTH).collect();
    let hash = cx.auth.passwords.hash(&password);
    let open = |db: &mut Db| {
        if let Some(known) = stored::by_email(db, email.as_str())? {
            stored::set_password(db, known.id, &hash, cx.now)?;
            return note(db, "demo", "password.reset", ("account", known.id.uuid()), &json!({}), cx.now);
        }
        let person = Some(people::id(db, &person)?);
        let new = NewAccount { person, email: &email, name: &name, language: "id", password_hash: &hash };
        accounts::open(db, &new, &[Grant { role, agency: None }], cx.now).map(drop)
    };
    cx.store.write(open)?;
    Ok(Guest { role, person, email, password })
}
