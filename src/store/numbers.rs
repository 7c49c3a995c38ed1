//! Identity numbers at rest: sealed, each for its person, beside a blind index by which a number is found again.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use rayon::prelude::*;

use super::schema::{identity_numbers, persons, sealing_keys};
use super::types::Word;
use super::{CHUNK, Db, PersonId, StoreError, StoreResult, safe};
use crate::domain::{Identity, IdentityKind, NumberSafe, PersonCode};

/// What a number is sealed for.
fn place(person: PersonId) -> String {
    format!("identity_numbers.sealed {person}")
}

/// A number of a person, as it is kept.
struct Kept {
    person: PersonId,
    kind: IdentityKind,
    sealed: String,
    blind_index: String,
}

fn sealed(safe: &dyn NumberSafe, person: PersonId, identity: &Identity) -> StoreResult<Kept> {
    let digits = identity.number();
    let blind_index = safe.blind_indexes(digits).into_iter().next();
    let blind_index = blind_index.ok_or_else(|| StoreError::Internal("a safe without keys".into()))?;
    Ok(Kept { person, kind: identity.kind(), sealed: safe.seal(digits, &place(person)), blind_index })
}

/// Keeps numbers of persons who have none.
pub(super) fn add(db: &mut Db, numbers: &[(PersonId, &Identity)]) -> StoreResult<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let safe = safe::at_hand()?;
    vouch(db, &*safe)?;
    let kept: Vec<Kept> =
        numbers.par_iter().map(|(person, identity)| sealed(&*safe, *person, identity)).collect::<StoreResult<_>>()?;
    let rows = kept.iter().map(|kept| {
        row!(identity_numbers {
            person: kept.person,
            kind: kept.kind.as_str(),
            sealed: &kept.sealed,
            blind_index: &kept.blind_index,
        })
    });
    insert_all!(db, identity_numbers::table, rows.collect())
}

/// Keeps the number of a person in place of an earlier one.
///
/// # Errors
/// When there are no keys, somebody else has the number, or the database cannot be written.
pub fn replace(db: &mut Db, person: PersonId, identity: &Identity) -> StoreResult<()> {
    forget(db, person)?;
    add(db, &[(person, identity)])
}

/// Takes the number of a person away.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(db: &mut Db, person: PersonId) -> StoreResult<()> {
    diesel::delete(identity_numbers::table.find(person)).execute(db)?;
    Ok(())
}

/// A number as it was found beside its person.
pub(super) type Found = (PersonId, Option<Word<IdentityKind>>, Option<String>);

/// Opens numbers, on all cores.
pub(super) fn open(found: &[Found]) -> StoreResult<Vec<Option<Identity>>> {
    if found.iter().all(|(_, _, sealed)| sealed.is_none()) {
        return Ok(vec![None; found.len()]);
    }
    let safe = safe::at_hand()?;
    found
        .par_iter()
        .with_min_len(64)
        .map(|(person, kind, sealed)| {
            let Some((kind, sealed)) = kind.zip(sealed.as_deref()) else { return Ok(None) };
            let digits = safe.open(sealed, &place(*person)).ok_or_else(|| unreadable(*person))?;
            // A number was checked against the calendar when it came in; now only its form is.
            let identity = Identity::parse(kind.0, &digits, NaiveDate::MAX);
            identity.map(Some).map_err(|_| unreadable(*person))
        })
        .collect()
}

/// Says whose number it is and nothing of what stands there.
fn unreadable(person: PersonId) -> StoreError {
    StoreError::Internal(format!(
        "the identity number of the person {person} cannot be opened; is its key still among the settings?"
    ))
}

/// The number of a person, if there is one.
///
/// # Errors
/// When it cannot be opened, or the database cannot be read.
pub fn of(db: &mut Db, person: PersonId) -> StoreResult<Option<Identity>> {
    let row: Option<(Word<IdentityKind>, String)> = identity_numbers::table
        .find(person)
        .select((identity_numbers::kind, identity_numbers::sealed))
        .get_result(db)
        .optional()?;
    let found = row.map_or((person, None, None), |(kind, sealed)| (person, Some(kind), Some(sealed)));
    Ok(open(&[found])?.pop().flatten())
}

/// Who has numbers with these digits: by kind and digits, the code of the person.
///
/// # Errors
/// When there are no keys, or the database cannot be read.
pub fn holders(db: &mut Db, numbers: &[&str]) -> StoreResult<HashMap<(IdentityKind, String), PersonCode>> {
    let mut holders = HashMap::new();
    if numbers.is_empty() {
        return Ok(holders);
    }
    let safe = safe::at_hand()?;
    for chunk in numbers.chunks(CHUNK) {
        let digits: HashMap<String, &str> = chunk
            .par_iter()
            .flat_map_iter(|digits| safe.blind_indexes(digits).into_iter().map(|one| (one, *digits)))
            .collect();
        let rows: Vec<(Word<IdentityKind>, String, Word<PersonCode>)> = identity_numbers::table
            .inner_join(persons::table.on(persons::id.eq(identity_numbers::person)))
            .filter(identity_numbers::blind_index.eq_any(digits.keys()))
            .select((identity_numbers::kind, identity_numbers::blind_index, persons::code))
            .load(db)?;
        let known = |(kind, index, code): (Word<_>, String, Word<_>)| {
            Some(((kind.0, (*digits.get(&index)?).to_owned()), code.0))
        };
        holders.extend(rows.into_iter().filter_map(known));
    }
    Ok(holders)
}

/// The blind indexes under which a number may lie.
///
/// # Errors
/// When there are no keys.
pub(super) fn indexes(digits: &str) -> StoreResult<Vec<String>> {
    Ok(safe::at_hand()?.blind_indexes(digits))
}

/// Fails unless the present key is the one that this database knows by its id. A file of keys that was made anew
/// in another folder would seal numbers that nobody else can open, and find none of those that are here.
///
/// # Errors
/// [`StoreError::Unavailable`] says which key is missing.
fn vouch(db: &mut Db, safe: &dyn NumberSafe) -> StoreResult<()> {
    let ours = safe.keys();
    let known = known_keys(db, &ours)?;
    let Some((id, mark)) = ours.first().filter(|key| !known.contains(key)) else { return Ok(()) };
    upsert!(db, sealing_keys by id, { id: id, mark: mark })
}

/// The keys that this database knows, all of which are to be among ours.
fn known_keys(db: &mut Db, ours: &[(String, String)]) -> StoreResult<Vec<(String, String)>> {
    let known: Vec<(String, String)> = sealing_keys::table.order(sealing_keys::id).load(db)?;
    match known.iter().find(|key| !ours.contains(key)) {
        None => Ok(known),
        Some((id, _)) => Err(StoreError::Unavailable(format!(
            "identity numbers in this database are sealed with a key {id} that is not among those of the settings \
             (secrets.keys, secrets.file)"
        ))),
    }
}

/// Fails unless the keys at hand open all numbers that are here.
///
/// # Errors
/// [`StoreError::Unavailable`] says which key is missing.
pub fn keys_fit(db: &mut Db) -> StoreResult<()> {
    let ours = safe::at_hand().map(|safe| safe.keys()).unwrap_or_default();
    known_keys(db, &ours).map(drop)
}

/// Whether numbers of earlier versions lie here unsealed.
///
/// # Errors
/// When the database cannot be read.
pub fn plain_left(db: &mut Db) -> StoreResult<bool> {
    let plain = persons::table.filter(persons::identity_kind.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(plain)).get_result(db)?)
}

/// Seals some numbers of earlier versions, at most `limit`, and takes the plain ones away. Returns how many; 0 when
/// none are left. May end between any two calls, and be gone on with.
///
/// # Errors
/// When there are no keys, a number is damaged, or the database cannot be written.
pub fn seal_plain(db: &mut Db, limit: i64) -> StoreResult<usize> {
    type Plain = (PersonId, Option<Word<IdentityKind>>, Option<String>);
    let rows: Vec<Plain> = persons::table
        .filter(persons::identity_kind.is_not_null())
        .order((persons::identity_kind, persons::identity_number))
        .limit(limit)
        .select((persons::id, persons::identity_kind, persons::identity_number))
        .load(db)?;
    let mut numbers = Vec::with_capacity(rows.len());
    for (person, kind, number) in rows {
        let Some((kind, number)) = kind.zip(number) else { continue };
        let identity = Identity::parse(kind.0, &number, NaiveDate::MAX);
        numbers.push((person, identity.map_err(|_| StoreError::damaged("persons", person))?));
    }
    let ids: Vec<PersonId> = numbers.iter().map(|(person, _)| *person).collect();
    // An older version beside this one may have brought a number in anew.
    diesel::delete(identity_numbers::table.filter(identity_numbers::person.eq_any(&ids))).execute(db)?;
    add(db, &numbers.iter().map(|(person, identity)| (*person, identity)).collect::<Vec<_>>())?;
    diesel::update(persons::table.filter(persons::id.eq_any(&ids)))
        .set((persons::identity_kind.eq(None::<&str>), persons::identity_number.eq(None::<&str>)))
        .execute(db)?;
    Ok(ids.len())
}

/// What sealing some numbers anew did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resealed {
    /// The last person who was looked at; none when there are no more.
    pub last: Option<PersonId>,
    /// How many numbers had another key.
    pub resealed: usize,
}

/// Seals numbers with the present key that were sealed with another: those of persons behind `after`, looking at most
/// at `limit`. May end between any two calls, and be gone on with.
///
/// # Errors
/// When there are no keys, a number cannot be opened, or the database cannot be written.
pub fn reseal(db: &mut Db, after: Option<PersonId>, limit: i64) -> StoreResult<Resealed> {
    let rows: Vec<(PersonId, Word<IdentityKind>, String)> = identity_numbers::table
        .filter(identity_numbers::person.gt(after.unwrap_or(PersonId::NIL)))
        .order(identity_numbers::person)
        .limit(limit)
        .select((identity_numbers::person, identity_numbers::kind, identity_numbers::sealed))
        .load(db)?;
    let last = rows.last().map(|(person, ..)| *person);
    if rows.is_empty() {
        return Ok(Resealed { last, resealed: 0 });
    }
    let safe = safe::at_hand()?;
    let old: Vec<Found> = rows
        .into_iter()
        .filter(|(_, _, sealed)| !safe.is_current(sealed))
        .map(|(person, kind, sealed)| (person, Some(kind), Some(sealed)))
        .collect();
    let opened = open(&old)?;
    let numbers: Vec<(PersonId, &Identity)> =
        old.iter().zip(&opened).filter_map(|((person, ..), identity)| Some((*person, identity.as_ref()?))).collect();
    let ids: Vec<PersonId> = numbers.iter().map(|(person, _)| *person).collect();
    diesel::delete(identity_numbers::table.filter(identity_numbers::person.eq_any(&ids))).execute(db)?;
    add(db, &numbers)?;
    Ok(Resealed { last, resealed: ids.len() })
}

/// Forgets the keys that no number is sealed with any more: all but the present one. After [`reseal`] has found
/// nothing to do, in the same transaction.
///
/// # Errors
/// When there are no keys, or the database cannot be written.
pub fn forget_old_keys(db: &mut Db) -> StoreResult<()> {
    let present = safe::at_hand()?.keys().into_iter().next().map(|(id, _)| id).unwrap_or_default();
    diesel::delete(sealing_keys::table.filter(sealing_keys::id.ne(present))).execute(db)?;
    Ok(())
}
