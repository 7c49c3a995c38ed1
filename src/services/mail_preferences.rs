//! What of the mail that is not needed somebody wants: said when signed in, or by the link in such a mail, which
//! needs no signing in and is kept nowhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;

use super::context::note;
use super::{Act, Actor, Refusal, ServiceResult};
use crate::auth::Vault;
use crate::domain::MailClass;
use crate::store::types::Stamp;
use crate::store::{Db, PersonId, mail_preferences};

/// The classes of mail that whoever acts does not want.
///
/// # Errors
/// When the database cannot be read.
pub fn refused(db: &mut Db, act: &Act) -> ServiceResult<Vec<MailClass>> {
    let Ok(person) = act.person() else { return Ok(Vec::new()) };
    Ok(mail_preferences::refused(db, person)?)
}

/// Sets the classes of mail that whoever acts does not want.
///
/// # Errors
/// [`Refusal::NotInRecords`] when it is nobody of the records.
pub fn set(db: &mut Db, act: &Act, refused: &[MailClass]) -> ServiceResult<()> {
    let Actor::Caller(caller) = &act.actor else { return Err(Refusal::NotInRecords.into()) };
    let person = caller.person.ok_or(Refusal::NotInRecords)?;
    for &class in MailClass::ALL {
        let unwanted = refused.contains(&class);
        let changed = if unwanted {
            mail_preferences::refuse(db, person, class, act.now)?
        } else {
            mail_preferences::want(db, person, class)?
        };
        if changed {
            noted(db, &caller.account.to_string(), person, class, unwanted, act.now)?;
        }
    }
    Ok(())
}

/// Keeps that the reader of a mail wants no more of its class. Twice is as good as once.
///
/// # Errors
/// When the database cannot be written.
pub fn refuse_by_link(db: &mut Db, reader: PersonId, class: MailClass, now: Stamp) -> ServiceResult<()> {
    if mail_preferences::refuse(db, reader, class, now)? {
        noted(db, "mail_link", reader, class, true, now)?;
    }
    Ok(())
}

fn noted(db: &mut Db, actor: &str, person: PersonId, class: MailClass, refused: bool, now: Stamp) -> ServiceResult<()> {
    let action = if refused { "mail_class.refused" } else { "mail_class.wanted" };
    note(db, actor, action, ("mail_class", person.uuid()), &json!({ "class": class }), now)
}

/// Bytes of a token before its seal: a person and a class.
const PLAIN: usize = 17;

/// What the link of a mail of a class to a person is known by; none only without any key.
pub fn token(vault: &Vault, person: PersonId, class: MailClass) -> Option<String> {
    let at = MailClass::ALL.iter().position(|known| *known == class)?;
    let mut plain = [0; PLAIN];
    plain[..16].copy_from_slice(person.uuid().as_bytes());
    plain[16] = u8::try_from(at).ok()?;
    let plain = URL_SAFE_NO_PAD.encode(plain);
    let seal = vault.successors(&sealed(&plain)).next()?;
    Some(plain + &seal)
}

/// The person and the class that a token is for; none when it is not of ours.
pub fn read(vault: &Vault, token: &str) -> Option<(PersonId, MailClass)> {
    let (plain, seal) = token.split_at_checked((PLAIN * 4).div_ceil(3))?;
    if !vault.successors(&sealed(plain)).any(|known| same(known.as_bytes(), seal.as_bytes())) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(plain).ok()?;
    let (person, class) = bytes.split_first_chunk::<16>()?;
    let class = MailClass::ALL.get(usize::from(*class.first()?))?;
    Some((Uuid::from_bytes(*person).into(), *class))
}

/// Of this purpose alone: no other secret of ours has a space in it.
fn sealed(plain: &str) -> String {
    format!("unsubscribe {plain}")
}

/// Compares without telling by the time it takes where two differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{AccessSettings, Auth, Effort, Keys};

    fn auth(keys: &[&str]) -> Auth {
        let access =
            AccessSettings { issuer: "test".into(), audience: "test".into(), lifetime: chrono::TimeDelta::minutes(5) };
        Auth::new(&Keys::parse(keys.iter().copied()).unwrap(), Effort { memory_kib: 8, passes: 1 }, access)
    }

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn a_token_is_for_one_person_and_one_class() {
        let person = PersonId::new();
        let vault = auth(&[OLD]).vault;
        for &class in MailClass::ALL {
            let token = token(&vault, person, class).unwrap();
            assert_eq!(read(&vault, &token), Some((person, class)));
            for at in 0..token.len() {
                let mut other = token.clone().into_bytes();
                other[at] = if other[at] == b'A' { b'B' } else { b'A' };
                assert_eq!(read(&vault, &String::from_utf8(other).unwrap()), None, "{at}");
            }
            assert_eq!(read(&vault, &token[..token.len() - 1]), None);
        }
        for nonsense in ["", "x", "é".repeat(40).as_str()] {
            assert_eq!(read(&vault, nonsense), None);
        }
    }

    #[test]
    fn links_outlive_a_change_of_keys() {
        let person = PersonId::new();
        let before = token(&auth(&[OLD]).vault, person, MailClass::Nudges).unwrap();
        assert_eq!(read(&auth(&[NEW, OLD]).vault, &before), Some((person, MailClass::Nudges)));
        assert_eq!(read(&auth(&[NEW]).vault, &before), None);
    }
}
