//! What of the mail that is not needed somebody wants: said when signed in, or by the link in such a mail, which
//! needs no signing in and is kept nowhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;

use super::context::note;
use super::{Act, Actor, Caller, ServiceError, ServiceResult};
use crate::auth::Vault;
use crate::domain::MailClass;
use crate::store::types::Stamp;
use crate::store::{Db, mail_preferences};

pub use mail_preferences::Reader;

/// The classes of mail that whoever acts does not want.
///
/// # Errors
/// When the database cannot be read.
pub fn refused(db: &mut Db, act: &Act) -> ServiceResult<Vec<MailClass>> {
    let Actor::Caller(caller) = &act.actor else { return Ok(Vec::new()) };
    Ok(mail_preferences::refused(db, reader(caller))?)
}

/// Sets the classes of mail that whoever acts does not want.
///
/// # Errors
/// When the database cannot be written, or it is nobody who is signed in.
pub fn set(db: &mut Db, act: &Act, refused: &[MailClass]) -> ServiceResult<()> {
    let Actor::Caller(caller) = &act.actor else { return Err(ServiceError::Forbidden) };
    let reader = reader(caller);
    for &class in MailClass::ALL {
        let unwanted = refused.contains(&class);
        let changed = if unwanted {
            mail_preferences::refuse(db, reader, class, act.now)?
        } else {
            mail_preferences::want(db, reader, class)?
        };
        if changed {
            noted(db, &caller.account.to_string(), reader, class, unwanted, act.now)?;
        }
    }
    Ok(())
}

fn reader(caller: &Caller) -> Reader {
    Reader::of(caller.account, caller.person)
}

/// Keeps that the reader of a mail wants no more of its class. Twice is as good as once.
///
/// # Errors
/// When the database cannot be written.
pub fn refuse_by_link(db: &mut Db, reader: Reader, class: MailClass, now: Stamp) -> ServiceResult<()> {
    if mail_preferences::refuse(db, reader, class, now)? {
        noted(db, "mail_link", reader, class, true, now)?;
    }
    Ok(())
}

fn noted(db: &mut Db, actor: &str, reader: Reader, class: MailClass, refused: bool, now: Stamp) -> ServiceResult<()> {
    let action = if refused { "mail_class.refused" } else { "mail_class.wanted" };
    note(db, actor, action, ("mail_class", reader.uuid()), &json!({ "class": class }), now)
}

/// Bytes of a token before its seal: a reader and a class.
const PLAIN: usize = 17;
/// What stands before the class when the reader is an account.
const ACCOUNT: u8 = 0x80;

/// What the link of a mail of a class to a reader is known by; none only without any key.
pub fn token(vault: &Vault, reader: impl Into<Reader>, class: MailClass) -> Option<String> {
    let reader = reader.into();
    let at = MailClass::ALL.iter().position(|known| *known == class)?;
    let mut plain = [0; PLAIN];
    plain[..16].copy_from_slice(reader.uuid().as_bytes());
    plain[16] = u8::try_from(at).ok()? | if matches!(reader, Reader::Account(_)) { ACCOUNT } else { 0 };
    let plain = URL_SAFE_NO_PAD.encode(plain);
    let seal = vault.successors(&sealed(&plain)).next()?;
    Some(plain + &seal)
}

/// The reader and the class that a token is for; none when it is not of ours.
pub fn read(vault: &Vault, token: &str) -> Option<(Reader, MailClass)> {
    let (plain, seal) = token.split_at_checked((PLAIN * 4).div_ceil(3))?;
    if !vault.successors(&sealed(plain)).any(|known| same(known.as_bytes(), seal.as_bytes())) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(plain).ok()?;
    let (id, class) = bytes.split_first_chunk::<16>()?;
    let (id, class) = (Uuid::from_bytes(*id), *class.first()?);
    let reader = if class & ACCOUNT == 0 { Reader::Person(id.into()) } else { Reader::Account(id.into()) };
    Some((reader, *MailClass::ALL.get(usize::from(class & !ACCOUNT))?))
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
    use crate::store::{AccountId, PersonId};

    fn auth(keys: &[&str]) -> Auth {
        let access =
            AccessSettings { issuer: "test".into(), audience: "test".into(), lifetime: chrono::TimeDelta::minutes(5) };
        Auth::new(&Keys::parse(keys.iter().copied()).unwrap(), Effort { memory_kib: 8, passes: 1 }, access)
    }

    const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn a_token_is_for_one_reader_and_one_class() {
        let readers = [Reader::Person(PersonId::new()), Reader::Account(AccountId::new())];
        let vault = auth(&[OLD]).vault;
        for (reader, &class) in readers.into_iter().flat_map(|one| MailClass::ALL.iter().map(move |class| (one, class)))
        {
            let token = token(&vault, reader, class).unwrap();
            assert_eq!(read(&vault, &token), Some((reader, class)));
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
        assert_eq!(read(&auth(&[NEW, OLD]).vault, &before), Some((person.into(), MailClass::Nudges)));
        assert_eq!(read(&auth(&[NEW]).vault, &before), None);
    }
}
